from odoo import api, fields, models

PERIODS = [("month", "Month"), ("quarter", "Quarter")]
FINDINGS = [
    ("too_little", "Too Little"),
    ("too_much", "Too Much"),
    ("fits", "Fits"),
    ("prospect", "Does Not Buy Yet"),
]
DECISIONS = [
    ("more", "Visit More"),
    ("less", "Visit Less"),
    ("keep", "Leave as It Is"),
]


class CustomerRouteAdjustment(models.Model):
    """Does the time spent on a customer fit what he is worth? A row per company, period
    and card that somebody keeps, made at the end of each month and quarter; the manager
    decides, and his decision becomes a to-do of the custodian.

    Compared are shares within the cards of one custodian: the customer's share of the
    hours of all contacts of the period, and his share of the net sales of the window
    (``customer.metrics``). A contact without a recorded duration counts as the average
    of the custodian's others in the period, or an hour where none has one.

    * too much: share of the time >= factor x share of the sales, with two contacts or
      more, and more than would be in proportion;
    * too little: share of the sales >= factor x share of the time, and fewer contacts
      than would be in proportion;
    * does not buy yet: nothing sold, so there is nothing to compare.
    """

    _name = "customer.route.adjustment"
    _description = "Route Adjustment"
    _inherit = ["customer.card.gate.mixin"]
    _card_gate_path = "partner_id.card_root_id"
    _card_gate_names = frozenset({"metrics_ids", "visit_ids"})
    _order = "date_to desc, gap desc, id"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    custodian_id = fields.Many2one(
        "res.users",
        required=True,
        ondelete="cascade",
        help="Who kept the card when the period ended: his time is compared.",
    )
    team_id = fields.Many2one(related="partner_id.card_team_id")
    period = fields.Selection(PERIODS, required=True)
    date_from = fields.Date("From", required=True)
    date_to = fields.Date("Until", required=True, index=True)

    # what was spent, and what he is worth
    visits = fields.Integer("Contacts", help="Of all kinds, that took place.")
    hours = fields.Float(
        help="With the customer. A contact without a recorded duration counts as the "
        "average of the others."
    )
    amount = fields.Monetary("Net Sales", help="Of the window of the figures.")
    time_share = fields.Float(
        "Share of Time (%)",
        aggregator=None,
        digits=(16, 1),
        help="Of the hours spent on all cards of the custodian.",
    )
    value_share = fields.Float(
        "Share of Sales (%)",
        aggregator=None,
        digits=(16, 1),
        help="Of the sales of all cards of the custodian.",
    )
    gap = fields.Float(
        "Difference",
        aggregator=None,
        digits=(16, 1),
        help="How far the two shares lie apart, in points.",
    )
    finding = fields.Selection(FINDINGS, required=True)
    visits_wanted = fields.Integer(
        "Contacts in Proportion",
        help="How many of the custodian's contacts of the period would fall to this "
        "customer by his share of the sales.",
    )

    # what follows
    decision = fields.Selection(DECISIONS, readonly=True)
    decided_by_id = fields.Many2one("res.users", readonly=True, ondelete="set null")
    decided_date = fields.Date("Decided On", readonly=True)
    can_decide = fields.Boolean("I May Decide This", compute="_compute_can_decide")

    _period_uniq = models.UniqueIndex(
        "(company_id, partner_id, period, date_from)",
        "A customer has one row per period.",
    )

    @api.depends_context("uid")
    @api.depends("partner_id")
    def _compute_can_decide(self):
        managed = self.partner_id._card_managed_by(self.env.user)
        for row in self:
            row.can_decide = row.partner_id in managed
