from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .res_partner_cadence import STATUSES


class CustomerCoverageWeek(models.Model):
    """How many cards were covered, in each week: for each person, department and
    policy, as it was last night. The last night of a week stays, so that the weeks can
    be compared; who had to contact whom in the past cannot be found out afterwards.
    """

    _name = "customer.coverage.week"
    _description = "Coverage of a Week"
    _order = "week_start DESC, team_id, user_id, policy_id"
    _rec_name = "user_id"

    week_start = fields.Date("Week", required=True, readonly=True, index=True)
    user_id = fields.Many2one(
        "res.users", "Responsible", readonly=True, index=True, ondelete="cascade"
    )
    team_id = fields.Many2one(
        "crm.team", "Department", readonly=True, index=True, ondelete="cascade"
    )
    policy_id = fields.Many2one(
        "customer.contact.policy", readonly=True, index=True, ondelete="cascade"
    )
    card_count = fields.Integer("Cards", readonly=True)
    due_count = fields.Integer("Due", readonly=True)
    planned_count = fields.Integer("Planned", readonly=True)
    covered_count = fields.Integer("Covered", readonly=True)
    overdue_count = fields.Integer("Overdue", readonly=True)
    coverage = fields.Float(
        "Coverage (%)",
        compute="_compute_coverage",
        store=True,
        aggregator="avg",
        digits=(4, 1),
        help="Share of the cards that are covered, or due with a visit planned.",
    )

    _week_unique = models.UniqueIndex(
        "(week_start, COALESCE(user_id, 0), COALESCE(team_id, 0), policy_id)",
        "The coverage of a week is noted once for each person.",
    )

    @api.depends("card_count", "covered_count", "planned_count")
    def _compute_coverage(self):
        for week in self:
            week.coverage = (
                100 * (week.covered_count + week.planned_count) / week.card_count
                if week.card_count
                else 0
            )

    def _read_group_select(self, aggregate_spec, query):
        """The average coverage of many: a person with many cards counts for more."""
        if aggregate_spec != "coverage:avg":
            return super()._read_group_select(aggregate_spec, query)
        return SQL(
            "100.0 * SUM(%(covered)s + %(planned)s) / NULLIF(SUM(%(cards)s), 0)",
            covered=self._field_to_sql(self._table, "covered_count", query),
            planned=self._field_to_sql(self._table, "planned_count", query),
            cards=self._field_to_sql(self._table, "card_count", query),
        )

    @api.model
    def _note_week(self):
        """Note how the cards stand now, in place of what was noted before in this
        week: two statements, whatever the number of cards."""
        today = self.env.user._card_today()
        week_start = today - timedelta(days=today.weekday())
        self.env.flush_all()
        self.env.cr.execute(
            SQL("DELETE FROM customer_coverage_week WHERE week_start = %s", week_start)
        )
        counts = SQL(", ").join(
            SQL("COUNT(*) FILTER (WHERE %s = %s)", SQL.identifier("status"), status)
            for status, _label in STATUSES
        )
        columns = SQL(", ").join(
            SQL.identifier(f"{status}_count") for status, _label in STATUSES
        )
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO customer_coverage_week (
                    week_start, user_id, team_id, policy_id, card_count, %(columns)s,
                    coverage, create_uid, create_date, write_uid, write_date)
                SELECT %(week_start)s, user_id, team_id, policy_id, COUNT(*), %(counts)s,
                       100.0 * COUNT(*) FILTER (
                           WHERE status IN ('covered', 'planned')) / COUNT(*),
                       %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM (%(cards)s) card
              GROUP BY user_id, team_id, policy_id
                    ON CONFLICT DO NOTHING
                """,
                columns=columns,
                counts=counts,
                week_start=week_start,
                uid=self.env.uid,
                now=fields.Datetime.now(),
                cards=self.env["res.partner"]._get_coverage_query(),
            )
        )
        self.invalidate_model(flush=False)
