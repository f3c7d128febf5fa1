from odoo import api, fields, models
from odoo.exceptions import UserError

DIMENSIONS = [
    ("abc", "ABC Class"),
    ("abc_team", "ABC Class Within the Department"),
    ("loyalty", "Loyalty"),
    ("lifecycle", "Life Cycle Stage"),
    ("key", "Key Customer"),
    ("risk", "Risk of Defection"),
]


class CustomerSegmentChange(models.Model):
    """One change of one class of one customer in one company, with the figures that
    stood behind it at that time. Written by the statement that changes the class, never
    by hand, and never changed.

    The first classes of a company are no changes: they stand in ``customer.metrics``.
    So the class on a past day is ``value_from`` of the first change after it, else the
    class of today.
    """

    _name = "customer.segment.change"
    _description = "Change of Class"
    _inherit = ["customer.card.gate.mixin"]
    _card_gate_path = "partner_id.card_root_id"
    _card_gate_names = frozenset({"metrics_ids"})
    _order = "date desc, id desc"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    custodian_id = fields.Many2one(related="partner_id.card_custodian_id")
    team_id = fields.Many2one(related="partner_id.card_team_id")
    date = fields.Date(required=True, index=True)
    dimension = fields.Selection(DIMENSIONS, "What", required=True)
    value_from = fields.Char("From (Code)")
    value_to = fields.Char("To (Code)", help="Empty: he has no class any more.")

    amount = fields.Monetary("Net Sales")
    share = fields.Float("Share (%)", digits=(16, 4), aggregator="max")
    share_before = fields.Float(
        "Share of Larger Customers (%)", digits=(16, 4), aggregator="max"
    )
    rank = fields.Integer(aggregator="min")
    purchase_days = fields.Integer("Purchases")
    last_purchase = fields.Date()
    reason = fields.Char(help="Why, when somebody decided it by hand.")

    _place_idx = models.Index("(company_id, dimension, partner_id, date, id)")

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        """History goes with its customer or company only, by the database.

        :raise UserError: always"""
        self._raise_history()

    def write(self, vals):  # pylint: disable=method-required-super
        """:raise UserError: always"""
        self._raise_history()

    def _raise_history(self):
        raise UserError(
            self.env._(
                "A change of class is history and cannot be changed. Correct the "
                "documents, or the limits of the classes, and compute anew."
            )
        )
