from odoo import api, fields, models
from odoo.tools import SQL


class CustomerPromiseReport(models.Model):
    """How many promises are kept, and in time: a promise counts as soon as it is
    settled, or its day has passed. What the customer let us off counts for nothing."""

    _name = "customer.promise.report"
    _description = "Promises Kept in Time"
    _auto = False
    _order = "date_due DESC, id DESC"
    _rec_name = "promise_id"
    _inherit = ["customer.card.read.log.mixin", "customer.card.gate.mixin"]
    _depends = {
        "customer.promise": [
            "date_closed",
            "date_due",
            "in_time",
            "is_postponed",
            "partner_id",
            "state",
            "user_id",
        ],
        "res.partner": ["card_team_id"],
    }
    _card_gate_names = frozenset({"promise_ids"})

    promise_id = fields.Many2one("customer.promise", readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    card_root_id = fields.Many2one("res.partner", "Customer Card", readonly=True)
    user_id = fields.Many2one("res.users", "To Be Kept By", readonly=True)
    team_id = fields.Many2one("crm.team", "Department", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    state = fields.Selection(
        lambda self: self.env["customer.promise"]._fields["state"].selection,
        "Status",
        readonly=True,
    )
    date_promised = fields.Date("Promised On", readonly=True)
    date_due = fields.Date("Until", readonly=True)
    kept_rate = fields.Float(
        "Kept in Time (%)",
        readonly=True,
        aggregator="avg",
        help="Of the promises that are settled or whose day has passed.",
    )
    days_late = fields.Integer(readonly=True, aggregator="avg")
    postponed_count = fields.Integer("Put Off", readonly=True)

    @property
    def _table_query(self):
        return SQL("%s %s", self._select(), self._from())

    @api.model
    def _select(self):
        today = self.env.user._card_today()
        return SQL(
            """
            SELECT promise.id,
                   promise.id AS promise_id,
                   promise.partner_id,
                   promise.card_root_id,
                   promise.user_id,
                   card.card_team_id AS team_id,
                   promise.company_id,
                   promise.state,
                   promise.date_promised,
                   promise.date_due,
                   CASE WHEN promise.in_time = 'yes' THEN 100.0
                        WHEN promise.in_time IS NOT NULL THEN 0.0
                        WHEN promise.state = 'open' AND promise.date_due < %(today)s
                        THEN 0.0
                    END AS kept_rate,
                   CASE WHEN promise.state IN ('kept', 'open')
                        THEN GREATEST(
                            COALESCE(promise.date_closed, %(today)s) - promise.date_due,
                            0)
                    END AS days_late,
                   CASE WHEN promise.is_postponed THEN 1 ELSE 0 END AS postponed_count
            """,
            today=today,
        )

    @api.model
    def _from(self):
        return SQL(
            """
              FROM customer_promise promise
              JOIN res_partner card ON card.id = promise.partner_id
            """
        )
