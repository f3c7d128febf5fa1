from odoo import fields, models
from odoo.tools import SQL

from ..models.customer_visit import METHODS
from ..models.res_users_visit import DONE_STATES

# later than this after the planned time a visitor is late
GRACE_MINUTES = 15


class CustomerVisitReport(models.Model):
    """The figures of the salespeople: one row for each visit, and one for each note of
    a week's coverage, so that all of them stand side by side by week, person and team.

    * on time: of the contacts that were planned before they began, the share that began
      at most 15 minutes after their time; a missed one was not. Recorded on its day
      without a check-in, a visit counts as begun when it was planned;
    * report lead time: hours from the end of a contact until its report;
    * intention: none = 0, decided = 100, and by how much it differs from the one that
      was last found at the same customer;
    * coverage: see ``customer.coverage.week``.
    """

    _name = "customer.visit.report"
    _description = "Visit Figures"
    _inherit = ["customer.card.read.log.mixin", "customer.card.gate.mixin"]
    _auto = False
    _order = "date DESC, id DESC"
    _rec_name = "partner_id"
    _card_gate_names = frozenset({"visit_ids"})
    _depends = {
        "customer.visit": [
            "company_id",
            "create_date",
            "date_end",
            "date_planned",
            "date_reported",
            "date_start",
            "duration",
            "method",
            "move_count",
            "origin",
            "partner_id",
            "purchase_intention",
            "purpose_id",
            "state",
            "team_id",
            "user_id",
            "visit_date",
        ],
        "customer.coverage.week": [
            "card_count",
            "coverage",
            "team_id",
            "user_id",
            "week_start",
        ],
    }

    # what
    visit_id = fields.Many2one("customer.visit", readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    card_root_id = fields.Many2one("res.partner", "Customer Card", readonly=True)
    user_id = fields.Many2one("res.users", "Person", readonly=True)
    team_id = fields.Many2one("crm.team", "Department", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    date = fields.Date("Day", readonly=True)
    method = fields.Selection(METHODS, readonly=True)
    purpose_id = fields.Many2one("customer.visit.purpose", readonly=True)
    state = fields.Selection(
        lambda self: (
            self.env["customer.visit"]._fields["state"]._description_selection(self.env)
        ),
        "Status",
        readonly=True,
    )
    # how many
    contact_count = fields.Integer(
        "Contacts Made", readonly=True, help="Those that have taken place."
    )
    visit_count = fields.Integer(
        "Visits Made", readonly=True, help="Those for which the visitor went out."
    )
    missed_count = fields.Integer("Missed", readonly=True)
    cancelled_count = fields.Integer("Cancelled", readonly=True)
    owed_count = fields.Integer("Reports Due", readonly=True)
    move_count = fields.Integer("Times Moved", readonly=True)
    # how well
    duration = fields.Float("Hours at the Customer", readonly=True, aggregator="avg")
    on_time = fields.Float(
        "On Time (%)",
        readonly=True,
        aggregator="avg",
        digits=(4, 1),
        help="Share of the planned contacts that began within 15 minutes of their "
        "time. A missed one did not.",
    )
    report_hours = fields.Float(
        "Report Lead Time (Hours)",
        readonly=True,
        aggregator="avg",
        digits=(6, 1),
        help="From the end of a contact until its report.",
    )
    intention = fields.Float(
        "Purchase Intention (%)",
        readonly=True,
        aggregator="avg",
        digits=(4, 1),
        help="What the reports say, from none (0) to decided (100).",
    )
    intention_change = fields.Float(
        "Change of Intention",
        readonly=True,
        aggregator="avg",
        digits=(4, 1),
        help="By how many points the intention lies above the one that was last "
        "found at the same customer.",
    )
    coverage = fields.Float(
        "Coverage (%)",
        readonly=True,
        aggregator="avg",
        digits=(4, 1),
        help="Share of the cards that were covered, or due with a visit planned, at the "
        "end of the week.",
    )
    coverage_cards = fields.Integer("Cards That Coverage Counts", readonly=True)

    @property
    def _table_query(self):
        return SQL(
            "SELECT %s FROM customer_visit visit UNION ALL %s",
            SQL(", ").join(
                SQL("%s AS %s", column, SQL.identifier(name))
                for name, column in self._get_visit_columns().items()
            ),
            self._get_coverage_rows(),
        )

    def _read_group_select(self, aggregate_spec, query):
        """The average coverage of many: a person with many cards counts for more."""
        if aggregate_spec != "coverage:avg":
            return super()._read_group_select(aggregate_spec, query)
        cards = self._field_to_sql(self._table, "coverage_cards", query)
        return SQL(
            "SUM(%s * %s) / NULLIF(SUM(%s), 0)",
            self._field_to_sql(self._table, "coverage", query),
            cards,
            cards,
        )

    def _get_visit_columns(self):
        """:return: ``{name of a field: SQL of it for a row of customer_visit}``, all
        fields in the order of the columns"""
        done = SQL("visit.state = ANY(%s)", list(DONE_STATES))
        intention = self._get_intention("visit")
        return {
            "id": SQL("visit.id"),
            "visit_id": SQL("visit.id"),
            "partner_id": SQL("visit.partner_id"),
            "card_root_id": SQL("visit.partner_id"),
            "user_id": SQL("visit.user_id"),
            "team_id": SQL("visit.team_id"),
            "company_id": SQL("visit.company_id"),
            "date": SQL("visit.visit_date"),
            "method": SQL("visit.method"),
            "purpose_id": SQL("visit.purpose_id"),
            "state": SQL("visit.state"),
            "contact_count": SQL("(%s)::int", done),
            "visit_count": SQL("(%s AND visit.method = 'visit')::int", done),
            "missed_count": SQL("(visit.state = 'missed')::int"),
            "cancelled_count": SQL("(visit.state = 'cancelled')::int"),
            "owed_count": SQL("(visit.state = 'report_due')::int"),
            "move_count": SQL("visit.move_count"),
            "duration": SQL("CASE WHEN %s THEN NULLIF(visit.duration, 0) END", done),
            "on_time": self._get_on_time(done),
            # nobody reports who came to an event
            "report_hours": SQL(
                "CASE WHEN visit.origin != 'event' THEN EXTRACT("
                "EPOCH FROM visit.date_reported - visit.date_end) / 3600 END"
            ),
            "intention": intention,
            "intention_change": self._get_intention_change(intention),
            "coverage": SQL("NULL::numeric"),
            "coverage_cards": SQL("NULL::int"),
        }

    def _get_on_time(self, done):
        return SQL(
            """CASE WHEN visit.state = 'missed' THEN 0.0
                    WHEN %s AND visit.create_date < visit.date_start
                    THEN CASE WHEN visit.date_start <= visit.date_planned
                                   + %s * INTERVAL '1 minute' THEN 100.0 ELSE 0.0 END
                     END""",
            done,
            GRACE_MINUTES,
        )

    def _get_intention(self, alias):
        """:return: SQL: 0 for the first of the answers to choose from, 100 for the last,
        those between at equal distances"""
        answers = list(
            dict(self.env["customer.visit"]._fields["purchase_intention"].selection)
        )
        return SQL(
            "CASE %s %s END",
            SQL.identifier(alias, "purchase_intention"),
            SQL(" ").join(
                SQL("WHEN %s THEN %s", answer, 100.0 * place / (len(answers) - 1))
                for place, answer in enumerate(answers)
            ),
        )

    def _get_intention_change(self, intention):
        return SQL(
            """%s - (SELECT %s
                       FROM customer_visit last
                      WHERE last.partner_id = visit.partner_id
                        AND last.purchase_intention IS NOT NULL
                        AND (last.visit_date, last.id) < (visit.visit_date, visit.id)
                   ORDER BY last.visit_date DESC, last.id DESC
                      LIMIT 1)""",
            intention,
            self._get_intention("last"),
        )

    def _get_coverage_rows(self):
        """:return: SQL of one row for each note of a week, with the same columns"""
        values = {
            "id": SQL("-week.id"),
            "user_id": SQL("week.user_id"),
            "team_id": SQL("week.team_id"),
            "company_id": SQL("team.company_id"),
            "date": SQL("week.week_start"),
            "coverage": SQL("week.coverage"),
            "coverage_cards": SQL("week.card_count"),
        }
        return SQL(
            "SELECT %s FROM customer_coverage_week week"
            " LEFT JOIN crm_team team ON team.id = week.team_id",
            SQL(", ").join(
                values.get(name, SQL("NULL")) for name in self._get_visit_columns()
            ),
        )
