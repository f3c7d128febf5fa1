from odoo import api, fields, models
from odoo.tools import SQL

from .customer_defection import KINDS


class CustomerDefectionRate(models.Model):
    """How many leave, and why: a row per company, custodian, department, calendar month
    and kind, written by the scheduled action (O05).

    * *Customers* of a month: cards that purchased in one of the ``metrics_months``
      calendar months before it. They are the same on the rows of all six kinds, and
      counted once in a group.
    * *Defections* of a month: those confirmed (whatever became of them since, but *No
      Defection*) that were noticed in it.
    * *Defection rate* = defections / customers. *Win-back rate* = won back or come
      back / these and those lost for good.

    The custodian and the department are those of today.
    """

    _name = "customer.defection.rate"
    _description = "Defection Rates"
    _inherit = ["customer.ratio.mixin"]
    _order = "month DESC, team_id, custodian_id, kind, id"
    _rec_name = "month"
    _ratio_fields = {
        "defection_rate": ("defections", "customers"),
        "winback_rate": ("won", "decided"),
    }

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    custodian_id = fields.Many2one("res.users", readonly=True, ondelete="cascade")
    team_id = fields.Many2one(
        "crm.team", "Department", readonly=True, ondelete="cascade"
    )
    month = fields.Date(required=True, readonly=True, index=True)
    kind = fields.Selection(KINDS, "Why They Left", required=True, readonly=True)
    customers = fields.Integer(
        readonly=True,
        help="Who bought in the window before this month: any of them might leave.",
    )
    defections = fields.Integer(readonly=True, help="Confirmed, by the day noticed.")
    open_count = fields.Integer("Still Open", readonly=True)
    won = fields.Integer(
        "Won Back", readonly=True, help="By a plan, or come back by themselves."
    )
    lost = fields.Integer("Lost for Good", readonly=True)
    decided = fields.Integer(
        "Decided", readonly=True, help="Won back, come back or lost for good."
    )
    amount = fields.Monetary(
        "Money at Stake", readonly=True, help="Of the defections of the month."
    )
    amount_won = fields.Monetary(
        "Money Won Back", readonly=True, help="Of those won back or come back."
    )
    defection_rate = fields.Float(
        "Defection Rate (%)",
        digits=(16, 2),
        readonly=True,
        aggregator="avg",
        help="Defections of the month, of its customers.",
    )
    winback_rate = fields.Float(
        "Win-Back Rate (%)",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        help="Won back, of those decided.",
    )

    def _read_group_select(self, aggregate_spec, query):
        if aggregate_spec == "customers:sum":
            return self._get_whole_sql("customers", query)
        return super()._read_group_select(aggregate_spec, query)

    @api.model
    def _get_whole_sql(self, name, query):
        """The customers of a month stand on the rows of all kinds alike."""
        whole = super()._get_whole_sql(name, query)
        if name != "customers":
            return whole
        kind = self._field_to_sql(self._table, "kind", query)
        return SQL("(%s / NULLIF(COUNT(DISTINCT %s), 0))", whole, kind)
