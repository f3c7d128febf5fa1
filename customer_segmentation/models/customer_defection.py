from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .customer_metrics import RISKS

KINDS = [
    ("price", "Price"),
    ("product", "Product"),
    ("market", "Market"),
    ("service", "Service"),
    ("technology", "Technology"),
    ("organisation", "Organisation"),
]
STATES = [
    ("suggested", "Suggested"),
    ("confirmed", "Confirmed"),
    ("winback", "Winning Back"),
    ("won", "Won Back"),
    ("returned", "Came Back"),
    ("lost", "Lost for Good"),
    ("dismissed", "No Defection"),
]
OPEN_STATES = ("suggested", "confirmed", "winback")
CLOSED_STATES = ("won", "returned", "lost", "dismissed")
# states whose kind is known
KIND_STATES = ("confirmed", "winback", "won", "lost")


class CustomerDefection(models.Model):
    """A customer who buys no longer: why, to whom we lost him, what he is worth, the
    plan to win him back, and what became of it (O05).

    Suggested by the figures or recorded by whoever keeps the card; confirmed when its
    kind is known; won back, come back by himself, lost for good, or no defection after
    all. Six kinds:

    * price: he went to whoever is cheaper;
    * product: to a better product;
    * service: because of poor service;
    * market: he left the market, or the need for such products is gone;
    * technology: to another technology;
    * organisation: for reasons inside the customer, or between the two firms.

    A customer has one open defection in a company. Whoever sees the card sees it,
    whoever keeps the card works on it. Nobody deletes one.
    """

    _name = "customer.defection"
    _description = "Defection"
    _inherit = [
        # before the thread: it filters what that returns
        "customer.follower.guard.mixin",
        "mail.thread",
        "mail.activity.mixin",
        "customer.link.guard.mixin",
        "customer.card.read.log.mixin",
        "customer.card.gate.mixin",
    ]
    _order = "date DESC, id DESC"
    _rec_name = "partner_id"
    _allow_sudo_commands = False
    # whom a refusal must not name
    _card_customer_field = "partner_id"
    _guarded_document_models = frozenset({"customer.card.competitor"})

    # whose
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        required=True,
        index=True,
        ondelete="cascade",
        domain=[("card_state", "!=", False)],
    )
    card_root_id = fields.Many2one(
        related="partner_id.card_root_id",
        string="Customer Card",
        store=True,
        index="btree_not_null",
    )
    custodian_id = fields.Many2one(related="partner_id.card_custodian_id")
    team_id = fields.Many2one(related="partner_id.card_team_id")
    company_id = fields.Many2one(
        "res.company", default=lambda self: self.env.company, required=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    # what
    state = fields.Selection(
        STATES,
        "Status",
        default="confirmed",
        required=True,
        readonly=True,
        index=True,
        copy=False,
        tracking=True,
        group_expand=True,
    )
    origin = fields.Selection(
        [("figures", "Found by the Figures"), ("manual", "Recorded by Hand")],
        "Noticed By",
        default="manual",
        required=True,
        readonly=True,
        copy=False,
    )
    kind = fields.Selection(
        KINDS,
        "Why He Left",
        index=True,
        tracking=True,
        help="Price: somebody is cheaper. Product: somebody has a better one. Service: "
        "he was served badly. Market: he gave up that business. Technology: he changed "
        "to another technology. Organisation: reasons within his firm or between both.",
    )
    reason = fields.Text(
        "What Happened", help="In his own words, and what we know of it."
    )
    # to whom
    competitor_id = fields.Many2one(
        "customer.card.competitor",
        "Lost To",
        index="btree_not_null",
        ondelete="set null",
        domain="[('card_root_id', '=', partner_id)]",
        help="One of the competing brands on his card.",
    )
    # since when, and how much
    date = fields.Date(
        "Noticed On",
        default=lambda self: self.env.user._card_today(),
        required=True,
        index=True,
    )
    date_since = fields.Date(
        "Gone Since", tracking=True, help="At first the day of his last purchase."
    )
    last_purchase = fields.Date(readonly=True, copy=False)
    risk = fields.Selection(
        RISKS,
        "Risk When Noticed",
        readonly=True,
        copy=False,
    )
    amount = fields.Monetary(
        "Money at Stake",
        tracking=True,
        help="Net sales of the last window with him, when it was noticed.",
    )
    # win back
    user_id = fields.Many2one(
        "res.users",
        "Responsible",
        index="btree_not_null",
        ondelete="set null",
        domain=[("share", "=", False)],
        tracking=True,
        help="Who wins him back; at first whoever looks after the card.",
    )
    goal = fields.Char(help="What would bring him back: in one sentence.")
    step_ids = fields.One2many("customer.defection.step", "defection_id", "Plan")
    step_count = fields.Integer("Steps", compute="_compute_progress")
    progress = fields.Integer(compute="_compute_progress", help="Steps done, in %.")
    next_date = fields.Date("Next Step On", compute="_compute_progress")
    has_draft_steps = fields.Boolean("Has Steps to Start", compute="_compute_progress")
    # result
    date_confirmed = fields.Date("Confirmed On", readonly=True, copy=False)
    confirmed_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="set null"
    )
    date_start = fields.Date("Plan Started On", readonly=True, copy=False)
    date_closed = fields.Date("Closed On", readonly=True, copy=False)
    closed_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="set null"
    )
    close_reason = fields.Char("Reason", readonly=True, copy=False, tracking=True)
    date_back = fields.Date(
        "Bought Again On",
        readonly=True,
        copy=False,
        help="The first purchase found after the defection was noticed.",
    )
    can_edit = fields.Boolean("I May Edit This", compute="_compute_can_edit")

    _open_uniq = models.UniqueIndex(
        "(company_id, partner_id) WHERE state IN ('suggested', 'confirmed', 'winback')",
        "This customer has an open defection already: go on with that one.",
    )
    _amount_positive = models.Constraint(
        "CHECK (amount >= 0)", "The money at stake cannot be negative."
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("step_ids.state", "step_ids.date_due")
    def _compute_progress(self):
        for defection in self:
            steps = defection.step_ids
            counted = steps.filtered(lambda step: step.state != "dropped")
            done = counted.filtered(lambda step: step.state == "done")
            ahead = steps.filtered(lambda step: step.state in ("draft", "open"))
            defection.step_count = len(counted)
            defection.progress = 100 * len(done) // len(counted) if counted else 0
            defection.has_draft_steps = any(step.state == "draft" for step in steps)
            defection.next_date = min(
                (step.date_due for step in ahead if step.date_due), default=False
            )

    @api.depends_context("uid")
    @api.depends("partner_id")
    def _compute_can_edit(self):
        """Whether the rules let the user work on it."""
        allowed = set(self._origin._filtered_access("write").ids)
        for defection in self:
            defection.can_edit = (
                not defection._origin or defection._origin.id in allowed
            )

    @api.depends_context("uid")
    @api.depends("partner_id")
    def _compute_display_name(self):
        """Whoever may not read it does not learn by its number who has left."""
        readable = self if self.env.su else self._origin._filtered_access("read")
        for defection in self:
            if defection._origin and defection._origin not in readable:
                defection.display_name = self._description
                continue
            # sudo: the name of a customer is shown on every document that links him
            name = defection.sudo().partner_id.display_name or ""
            defection.display_name = name

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("partner_id", "competitor_id")
    def _check_card(self):
        # sudo: whether the parts belong together does not depend on who asks
        for defection in self.sudo():
            if defection.card_root_id != defection.partner_id:
                raise ValidationError(
                    self.env._(
                        "%(customer)s has no customer card. Open a card first.",
                        customer=defection.partner_id._get_card_names(),
                    )
                )
            competitor = defection.competitor_id
            if competitor and competitor.card_root_id != defection.partner_id:
                raise ValidationError(
                    self.env._(
                        "%(customer)s: this brand is on the card of another customer. "
                        "Add it to his own competing brands first.",
                        customer=defection.partner_id._get_card_names(),
                    )
                )

    @api.constrains("state", "kind")
    def _check_kind(self):
        for defection in self:
            if defection.state in KIND_STATES and not defection.kind:
                raise ValidationError(
                    self.env._(
                        "%(customer)s: say why he left, one of the six kinds.",
                        customer=defection.partner_id._get_card_names(),
                    )
                )
