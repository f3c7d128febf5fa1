from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..models.customer_segment_change import DIMENSIONS
from ..models.customer_segment_change_class import CLASS_NAMES, CLASSES

DIRECTIONS = [
    ("same", "Same Class"),
    ("up", "Better"),
    ("down", "Worse"),
    ("first", "First Class"),
]
# keys of the context: the two days
DATE_FROM = "migration_date_from"
DATE_TO = "migration_date_to"


class CustomerSegmentMigration(models.Model):
    """From which class to which one the customers went between two days: a row per
    company, customer and kind of class.

    The two days stand in the context, ``migration_date_from`` and
    ``migration_date_to`` (ISO text). Without them: three months ago, and today. The
    classes are those that were recorded: what the first change after a day changed,
    else what the customer has now. Of a day before the first computation it is what
    that computation found.
    """

    _name = "customer.segment.migration"
    _description = "Migration Between Classes"
    _inherit = ["customer.figures.mixin"]
    _auto = False
    _order = "amount desc, id"
    _rec_name = "partner_id"
    _depends = {
        "customer.metrics": [
            "partner_id",
            "company_id",
            "amount",
            "abc_class",
            "abc_class_team",
            "loyalty_class",
            "lifecycle_stage",
            "is_key_customer",
            "defection_risk",
        ],
        "customer.segment.change": [
            "partner_id",
            "company_id",
            "date",
            "dimension",
            "value_from",
        ],
        "res.partner": ["card_custodian_id", "card_team_id"],
    }

    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    custodian_id = fields.Many2one("res.users", readonly=True)
    team_id = fields.Many2one("crm.team", "Department", readonly=True)
    dimension = fields.Selection(DIMENSIONS, "What", readonly=True)
    class_from = fields.Selection(CLASS_NAMES, "From", readonly=True)
    class_to = fields.Selection(CLASS_NAMES, "To", readonly=True)
    direction = fields.Selection(DIRECTIONS, readonly=True)
    customer_count = fields.Integer("Customers", readonly=True)
    amount = fields.Monetary(
        "Net Sales", readonly=True, help="Of the last computation."
    )

    @property
    def _table_query(self):
        date_from, date_to = self._get_migration_dates()
        return SQL(" UNION ALL ").join(
            self._get_migration_query(place, field_name, dimension, date_from, date_to)
            for place, (field_name, dimension) in enumerate(
                self.env["customer.metrics"]._get_history_fields().items()
            )
        )

    @api.model
    def _get_migration_dates(self):
        """:return: the two days of the context, the earlier one first; three months ago
        and today for what is missing or no date"""
        today = self.env.user._card_today()
        days = []
        for key, default in (
            (DATE_FROM, today - relativedelta(months=3)),
            (DATE_TO, today),
        ):
            try:
                days.append(fields.Date.to_date(self.env.context.get(key)) or default)
            except (TypeError, ValueError):
                days.append(default)
        return sorted(days)

    @api.model
    def _get_migration_query(self, place, field_name, dimension, date_from, date_to):
        """:return: SQL of the rows of one kind of class"""
        names = [f"{dimension}_{code}" for code, _label in CLASSES[dimension]]
        before = self._get_class_sql(field_name, dimension, "change_from")
        after = self._get_class_sql(field_name, dimension, "change_to")
        return SQL(
            """
            SELECT metrics.id::bigint * 16 + %(place)s AS id,
                   metrics.partner_id, metrics.company_id, metrics.amount,
                   card.card_custodian_id AS custodian_id,
                   card.card_team_id AS team_id,
                   %(dimension)s AS dimension,
                   %(before)s AS class_from, %(after)s AS class_to,
                   CASE WHEN %(before)s = %(after)s THEN 'same'
                        WHEN %(before)s = 'new' THEN 'first'
                        WHEN ARRAY_POSITION(%(names)s, %(after)s)
                             < ARRAY_POSITION(%(names)s, %(before)s) THEN 'up'
                        ELSE 'down' END AS direction,
                   1 AS customer_count
              FROM customer_metrics metrics
              JOIN res_partner card ON card.id = metrics.partner_id
         LEFT JOIN (%(changes_from)s) change_from
                ON change_from.partner_id = metrics.partner_id
               AND change_from.company_id = metrics.company_id
         LEFT JOIN (%(changes_to)s) change_to
                ON change_to.partner_id = metrics.partner_id
               AND change_to.company_id = metrics.company_id
            """,
            place=place,
            dimension=dimension,
            before=before,
            after=after,
            names=names,
            changes_from=self._get_first_changes_query(dimension, date_from),
            changes_to=self._get_first_changes_query(dimension, date_to),
        )

    @api.model
    def _get_first_changes_query(self, dimension, date):
        """:return: SQL of the first change of each customer after a day: what it
        changed is the class that he had on that day"""
        return SQL(
            """SELECT DISTINCT ON (company_id, partner_id)
                      company_id, partner_id, value_from
                 FROM customer_segment_change
                WHERE dimension = %s AND date > %s
             ORDER BY company_id, partner_id, date, id""",
            dimension,
            date,
        )

    @api.model
    def _get_class_sql(self, field_name, dimension, change):
        return SQL(
            """COALESCE(%(prefix)s || CASE
                   WHEN %(changed)s IS NOT NULL THEN NULLIF(%(value)s, '')
                   WHEN metrics.remembered IS NOT NULL
                   THEN metrics.remembered ->> %(name)s
                   ELSE %(now)s::varchar END, 'new')""",
            prefix=f"{dimension}_",
            name=field_name,
            changed=SQL.identifier(change, "partner_id"),
            now=SQL.identifier("metrics", field_name),
            value=SQL.identifier(change, "value_from"),
        )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_customers(self):
        """:return: the action that opens the customers of these rows"""
        customers = self.partner_id
        if len(customers) == 1:
            return customers.get_formview_action()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_card.res_partner_action_card"
        )
        action["domain"] = [("id", "in", customers.ids)]
        action["context"] = {"create": False}
        return action
