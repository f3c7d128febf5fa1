from odoo import api, fields, models
from odoo.exceptions import UserError

from .customer_approval_mixin import CustomerApprovalMixin

# Said once, when a proposal is made, and never again.
SUBJECT_FIELDS = {"kind", "partner_id"}


class CustomerCardChange(models.Model):
    """What somebody who may not edit a card says should be changed on it, or a new
    customer whom somebody reports.

    The lines say what, each with the value at the time of proposing and the proposed
    one; ``propose`` makes them from what was typed into a copy of the card. Whoever
    decides accepts or rejects line by line; what is accepted is written in one
    transaction with *his* rights, never with those of the system.

    Whoever proposed goes on seeing what he proposed. The values of the card itself, old
    and present, he sees as long as he may read the card, and not a second longer.
    """

    _name = "customer.card.change"
    _description = "Change Proposal"
    _inherit = ["customer.approval.mixin"]
    _order = "id DESC"

    _approval_guarded_fields = CustomerApprovalMixin._approval_guarded_fields | {"name"}
    _approval_event_kinds = {
        "draft": "request_withdrawn",
        "submitted": "change_proposed",
        # an approval is entered with what came of it, see _approval_on_approved
        "refused": "change_refused",
        "cancelled": "request_cancelled",
    }

    name = fields.Char("Reference", readonly=True, copy=False, index="trigram")
    kind = fields.Selection(
        [("change", "Change of a Card"), ("new", "New Customer")],
        "Proposal",
        default="change",
        required=True,
        readonly=True,
    )
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="cascade",
        help="Of a new customer: the contact that the approval created.",
    )
    customer_name = fields.Char(compute="_compute_customer_name", compute_sudo=True)
    line_ids = fields.One2many("customer.card.change.line", "change_id", "Changes")
    summary = fields.Char("What Changes", compute="_compute_summary", compute_sudo=True)
    note = fields.Text(
        "Reason", help="How you know, and what whoever decides should know about it."
    )
    # a new customer
    is_company = fields.Boolean("Company", default=True)
    card_kind = fields.Selection(
        selection=lambda self: self._get_customer_kinds(),
        string="Customer Kind",
        default="prospect",
    )
    custodian_id = fields.Many2one(
        "res.users",
        "Suggested Custodian",
        domain=[("share", "=", False)],
        index="btree_not_null",
        ondelete="set null",
        help="Who should look after this customer. The manager decides.",
    )
    team_id = fields.Many2one(
        "crm.team",
        "Department",
        default=lambda self: self._default_team_id(),
        index="btree_not_null",
        ondelete="set null",
        help="Whose manager decides on a new customer.",
    )
    # what the user sees
    can_see_card = fields.Boolean(compute="_compute_can_see_card")
    conflict_count = fields.Integer("Conflicts", compute="_compute_conflict_count")

    _change_has_card = models.Constraint(
        "CHECK (kind = 'new' OR partner_id IS NOT NULL)",
        "Say whose card should change.",
    )

    @api.model
    def _default_team_id(self):
        # sudo: a colleague outside sales may not read departments
        user = self.env.user.sudo()
        return user.sale_team_id.id or (user._card_managed_team_ids() or (False,))[0]

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.model
    def _get_customer_kinds(self):
        return (
            self.env["res.partner"]
            ._fields["card_kind"]
            ._description_selection(self.env)
        )

    @api.depends("kind", "partner_id", "line_ids.field_name")
    def _compute_customer_name(self):
        """The plain name of a customer is no secret to whoever proposed (see README)."""
        for change in self:
            name = change.line_ids.filtered(
                lambda line: line.field_name == "name" and not line.partner_id
            )[:1]
            change.customer_name = (
                change.partner_id.display_name
                if change.partner_id
                else name.new_value or self.env._("New customer")
            )

    @api.depends("line_ids.label")
    def _compute_summary(self):
        for change in self:
            labels = list(dict.fromkeys(change.line_ids.mapped("label")))
            change.summary = ", ".join(label for label in labels if label) or False

    @api.depends_context("uid")
    @api.depends("partner_id")
    def _compute_can_see_card(self):
        # sudo: which customers; the next step asks for their access
        visible = set(self.sudo().partner_id.sudo(False)._filtered_access("read").ids)
        for change in self:
            # sudo: compared with those that the user may see
            change.can_see_card = change.sudo().partner_id.id in visible

    @api.depends_context("uid")
    @api.depends("line_ids.status")
    def _compute_conflict_count(self):
        for change in self:
            change.conflict_count = len(
                change.line_ids.filtered(lambda line: line.status == "conflict")
            )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """:raise AccessError: for a card that the user may not read
        :raise UserError: for a customer without a card, whom everybody may edit"""
        sequence = self.env["ir.sequence"]
        for vals in vals_list:
            vals.setdefault("kind", "change")
            if vals["kind"] == "new" and not self._approval_door_open():
                vals["partner_id"] = False
        self._check_subjects(
            self.env["res.partner"].browse(
                vals["partner_id"] for vals in vals_list if vals.get("partner_id")
            )
        )
        changes = super().create(vals_list)
        for change in changes:
            change._approval_through_door().write(
                # sudo: everybody takes the next number
                {"name": sequence.sudo().next_by_code("customer.card.change")}
            )
        return changes

    def write(self, vals):
        if not self._approval_door_open() and SUBJECT_FIELDS & vals.keys():
            raise UserError(
                self.env._(
                    "%(changes)s: whom a proposal is about is said when it is made. "
                    "Make a new one for the other customer.",
                    changes=self._approval_names(),
                )
            )
        return super().write(vals)

    def copy_data(self, default=None):
        """:raise UserError: always: old values are those of the moment of proposing"""
        raise UserError(
            self.env._(
                "A proposal cannot be copied, because the card may have changed since. "
                "Propose the change on the card again."
            )
        )

    @api.model
    def _check_subjects(self, partners):
        """:raise AccessError: for cards that the user may not read
        :raise UserError: for contacts without a card"""
        partners.check_access("read")
        for partner in partners:
            # sudo: only whether there is a card is read
            if partner.sudo().card_root_id != partner.sudo():
                raise UserError(
                    self.env._(
                        "%(partner)s has no customer card of its own: changes are "
                        "proposed on the card of the customer.",
                        partner=partner.display_name,
                    )
                )

    def _get_form_action(self):
        """:return: the action that opens this proposal"""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Change Proposal"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "current",
        }

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_edit(self):
        """Propose more on the same card: opens the editor again.

        :return: the action that opens it
        :raise AccessError: for proposals of somebody else
        """
        self.ensure_one()
        self._approval_check_mine()
        return self.env["res.partner"]._get_propose_action(self.partner_id, self)

    def action_open_card(self):
        """:return: the action that opens the card that the proposal is about"""
        self.ensure_one()
        self.partner_id.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Customer Card"),
            "res_model": "res.partner",
            "res_id": self.partner_id.id,
            "views": [
                (
                    self.env.ref("customer_card.res_partner_view_form_card").id,
                    "form",
                )
            ],
        }

    def action_accept_all(self):
        """Accept what is not decided yet and does not conflict.

        :raise AccessError: for proposals that this user may not decide
        """
        self.line_ids.filtered(
            lambda line: not line.decision and line.status != "conflict"
        ).action_accept()
        return True
