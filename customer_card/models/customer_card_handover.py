from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .customer_approval_mixin import CustomerApprovalMixin

# states in which the cards of a handover are spoken for
RUNNING = ("submitted", "approved", "accepted")
# what decides which cards are handed over: fixed when the handover is submitted
SELECTION_FIELDS = {"kind", "custodian_id", "card_domain", "rule_ids"}


class CustomerCardHandover(models.Model):
    """Cards change hands: somebody leaves, moves to another department, or a region
    is divided anew.

    The custodian or a manager prepares it, the managers of the departments concerned
    approve, the successor accepts; then custody and everything that is open moves in
    one transaction. Which cards it is about is fixed at submission, as lines written
    by one statement; with several successors it is divided, one handover for each.
    """

    _name = "customer.card.handover"
    _description = "Handover of Cards"
    _inherit = ["customer.approval.mixin"]
    _order = "id DESC"

    _approval_cancel_from = ("draft", "submitted", "approved")
    _approval_reset_from = ("submitted", "refused", "declined", "cancelled")
    _approval_folded_states = ("refused", "declined", "cancelled")
    _approval_guarded_fields = CustomerApprovalMixin._approval_guarded_fields | {
        "name",
        "line_ids",
        "accept_date",
        "done_date",
        "decline_reason",
    }

    name = fields.Char("Reference", readonly=True, copy=False, index="trigram")
    # why
    kind = fields.Selection(
        [
            ("resignation", "Resignation"),
            ("transfer", "Transfer"),
            ("region", "Re-distribution"),
        ],
        "Occasion",
        default="transfer",
        required=True,
        tracking=True,
        help="Re-distribution: cards of several custodians at once, by rules.",
    )
    reason = fields.Text(help="What managers and the successor should know.")
    # which cards
    custodian_id = fields.Many2one(
        "res.users",
        "From",
        default=lambda self: self.env.user,
        index=True,
        ondelete="restrict",
        domain=[("share", "=", False)],
        tracking=True,
        help="Whose cards. Only a manager hands over cards of somebody else.",
    )
    card_domain = fields.Char(
        "Which Cards",
        default="[]",
        help="Empty: all of them, closed and archived ones included. The filter also "
        "counts contacts; they go with the card that they belong to.",
    )
    line_ids = fields.One2many(
        "customer.card.handover.line", "handover_id", "Cards", readonly=True
    )
    card_count = fields.Integer("Cards to Hand Over", compute="_compute_card_count")
    left_out_count = fields.Integer("Left Out", compute="_compute_card_count")
    unassigned_count = fields.Integer(
        "Cards without a Successor", compute="_compute_unassigned_count"
    )
    # to whom
    successor_id = fields.Many2one(
        "res.users",
        index=True,
        ondelete="restrict",
        domain=lambda self: self._get_successor_domain(),
        tracking=True,
        help="Gets the cards that no rule below gives to somebody else.",
    )
    rule_ids = fields.One2many(
        "customer.card.handover.rule",
        "handover_id",
        "Divide by Rules",
        copy=True,
        help="The first rule that a card matches names its successor.",
    )
    team_id = fields.Many2one(
        "crm.team",
        "New Department",
        index=True,
        ondelete="restrict",
        tracking=True,
        help="Empty: the cards stay in their departments.",
    )
    move_salesperson = fields.Boolean(
        "Also the Salesperson",
        default=True,
        help="Where the former custodian is the salesperson of a customer or of a "
        "contact, the successor becomes it.",
    )
    # when
    date_effective = fields.Date(
        "Effective On",
        tracking=True,
        help="Empty: as soon as the successor accepts. A later day: the cards pass on "
        "that day, where the successor is.",
    )
    accept_date = fields.Datetime("Accepted On", readonly=True, copy=False)
    done_date = fields.Datetime("Handed Over On", readonly=True, copy=False)
    decline_reason = fields.Text("Why Declined", readonly=True, copy=False)
    # what is open on the cards
    open_summary = fields.Char(compute="_compute_open_summary")
    # what the user may do
    can_accept = fields.Boolean(
        "To Accept by Me", compute="_compute_can_accept", search="_search_can_accept"
    )
    can_call_off = fields.Boolean(compute="_compute_can_call_off")

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.model
    def _get_approval_states(self):
        labels = {
            "draft": self.env._("Draft"),
            "submitted": self.env._("To Approve"),
            "approved": self.env._("To Accept"),
            "accepted": self.env._("Waiting for Its Day"),
            "done": self.env._("Handed Over"),
            "refused": self.env._("Refused"),
            "declined": self.env._("Declined"),
            "cancelled": self.env._("Cancelled"),
        }
        return list(labels.items())

    @api.model
    def _get_successor_domain(self):
        group = self.env.ref("customer_card.customer_card_group_user", False)
        return [
            ("share", "=", False),
            ("all_group_ids", "in", group.ids if group else []),
        ]

    @api.depends("kind", "custodian_id", "card_domain", "state", "successor_id")
    def _compute_card_count(self):
        """A draft counts what it would hand over, later the lines are counted."""
        drafts = self.filtered(lambda handover: handover.state == "draft")
        for handover in drafts:
            handover.card_count = (
                self.env["res.partner"]
                .with_context(active_test=False)
                .search_count(handover._get_card_domain())
            )
            handover.left_out_count = 0
        counts = (self - drafts)._count_lines()
        for handover in self - drafts:
            outcomes = counts.get(handover._origin.id, {})
            going = outcomes.get("planned", 0) + outcomes.get("moved", 0)
            handover.card_count = going
            handover.left_out_count = sum(outcomes.values()) - going

    def _count_lines(self):
        """:return: ``{handover id: {outcome: number of lines}}``, all lines, whatever
        cards the user may read"""
        counts = {}
        # sudo: a number; the rule of this model has shown the user the handover
        for handover, outcome, count in (
            self.env["customer.card.handover.line"]
            .sudo()
            ._read_group(
                [("handover_id", "in", self.ids)],
                ["handover_id", "outcome"],
                ["__count"],
            )
        ):
            counts.setdefault(handover.id, {})[outcome] = count
        return counts

    @api.depends("kind", "custodian_id", "card_domain", "state", "successor_id")
    @api.depends("rule_ids.domain", "rule_ids.successor_id", "rule_ids.sequence")
    def _compute_unassigned_count(self):
        Partner = self.env["res.partner"].with_context(active_test=False)
        for handover in self:
            if handover.state != "draft" or handover.successor_id:
                handover.unassigned_count = 0
                continue
            domain = handover._get_card_domain()
            for rule in handover.rule_ids:
                domain &= ~rule._get_domain()
            handover.unassigned_count = Partner.search_count(domain)

    @api.depends_context("uid")
    @api.depends("state", "successor_id")
    def _compute_can_accept(self):
        for handover in self:
            handover.can_accept = (
                handover.state == "approved" and handover.successor_id == self.env.user
            )

    def _search_can_accept(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = Domain("state", "=", "approved") & Domain(
            "successor_id", "=", self.env.uid
        )
        return domain if True in value else ~domain

    @api.depends_context("uid")
    @api.depends("state")
    def _compute_can_call_off(self):
        waiting = self.filtered(lambda one: one.state in ("approved", "accepted"))
        deciders = waiting._approval_deciders()
        for handover in self:
            handover.can_call_off = handover in waiting and (
                self.env.user in deciders[handover.id] or self.env.user._is_card_admin()
            )

    @api.depends("state")
    def _compute_open_summary(self):
        """What is open on the cards that go, added up by kind. Of a draft, what is
        open on the cards that the user sees."""
        Partner = self.env["res.partner"].with_context(active_test=False)
        planned = self._get_cards(("planned",))
        for handover in self:
            if handover.state == "draft":
                cards = Partner.search(handover._get_card_domain())
            else:
                cards = planned[handover.id]
            handover.open_summary = cards._get_card_open_summary()

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        handovers = super().create(vals_list)
        sequence = self.env["ir.sequence"]
        for handover in handovers:
            handover._approval_through_door().write(
                {"name": sequence.next_by_code("customer.card.handover")}
            )
        return handovers

    def write(self, vals):
        if not self._approval_door_open() and SELECTION_FIELDS & vals.keys():
            self._check_selection_open()
        return super().write(vals)

    def _check_selection_open(self):
        """:raise UserError: when somebody changes which cards a submitted handover is
        about: they stand in its lines"""
        if fixed := self.filtered(lambda handover: handover.state != "draft"):
            raise UserError(
                self.env._(
                    "%(handover)s: which cards are handed over was fixed when it was "
                    "submitted. Whoever prepared it can take it back to draft.",
                    handover=fixed._approval_names(),
                )
            )

    # ------------------------------------------------------------
    # CARDS
    # ------------------------------------------------------------

    def _get_card_domain(self):
        """:return: Domain on res.partner (search without active_test): the cards that
        this draft is about, of those that the user may hand over
        :raise UserError: when the typed filter cannot be read"""
        self.ensure_one()
        domain = Domain("card_state", "!=", False) & self._get_reach_domain()
        if self.custodian_id:
            domain &= Domain("card_custodian_id", "=", self.custodian_id.id)
        elif self.kind != "region":
            return Domain.FALSE
        return domain & self._read_domain(self.card_domain)

    @api.model
    def _get_reach_domain(self):
        """:return: Domain on res.partner: what this user may prepare a handover for:
        his own cards, and those of the departments that he manages. A deputy may
        not: he looks after cards, he does not give them away."""
        user = self.env.user
        if self.env.su or user._is_card_admin():
            return Domain.TRUE
        own = Domain("card_custodian_id", "=", user.id)
        return own | Domain("card_team_id", "in", list(user._card_managed_team_ids()))

    @api.model
    def _read_domain(self, text):
        """:return: Domain on res.partner as typed with the filter editor
        :raise UserError: when it cannot be read"""
        try:
            return Domain(literal_eval(text or "[]"))
        except (ValueError, SyntaxError, TypeError) as error:
            raise UserError(
                self.env._(
                    "This is not a filter on cards: %(domain)s. Build it with the "
                    "filter editor.",
                    domain=text,
                )
            ) from error

    def _get_cards(self, outcomes):
        """:param outcomes: of the lines
        :return: ``{handover id: res.partner (sudo)}`` with a key for every handover"""
        # sudo: the successor may not read the cards yet; callers show numbers
        Partner = self.env["res.partner"].sudo()
        ids = {handover.id: [] for handover in self}
        if self._origin:
            self.env["customer.card.handover.line"].flush_model()
            for handover_id, card_id in self.env.execute_query(
                SQL(
                    "SELECT handover_id, partner_id FROM customer_card_handover_line "
                    "WHERE handover_id = ANY(%s) AND outcome = ANY(%s) "
                    "ORDER BY partner_id",
                    self._origin.ids,
                    list(outcomes),
                )
            ):
                ids[handover_id].append(card_id)
        return {key: Partner.browse(card_ids) for key, card_ids in ids.items()}

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_show_cards(self):
        """:return: the action that shows the cards of one handover, with what is open
        on each; of a draft, the cards that it would hand over"""
        self.ensure_one()
        if self.state == "draft":
            action = self.env["ir.actions.actions"]._for_xml_id(
                "customer_card.res_partner_action_card"
            )
            return {
                **action,
                "domain": list(self._get_card_domain()),
                "context": {"active_test": False},
            }
        action = self.env["ir.actions.actions"]._for_xml_id(
            "customer_card.customer_card_handover_line_action"
        )
        return {**action, "domain": [("handover_id", "=", self.id)]}

    @api.model
    def _get_new_action(self, context):
        """:param context: defaults of the new handover
        :return: the action that opens it"""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Handover"),
            "res_model": self._name,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "current",
            "context": context,
        }
