from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .customer_approval_mixin import APPROVAL_DOOR

# what a client writes on a line, and who: all else is written by methods
PROPOSER_FIELDS = {"new_text"}
DECIDER_FIELDS = {"decision", "decision_reason"}


class CustomerCardChangeLine(models.Model):
    """One thing that should change: a field of the customer, of one of his contacts or
    of an entry of his card; an entry to add; an entry to strike out.

    ``partner_id`` is the customer or contact concerned (empty: the new customer of a
    report); ``part_model`` and ``part_id`` say which entry. The values are stored as
    JSON, dates as text, links as ids (see ``customer_card_change_value.py``), and are
    out of every client's reach: what a user may see of them the ``*_text`` fields
    compute for him.
    """

    _name = "customer.card.change.line"
    _description = "Proposed Change"
    _inherit = ["customer.card.gate.mixin"]
    _order = "change_id, sequence, id"
    # an x2many command inside a privileged write runs with the client's own rights
    _allow_sudo_commands = False
    # old and present values are data of the card
    _card_gate_path = "change_id.partner_id"
    _card_gate_names = frozenset({"card_change_ids"})

    change_id = fields.Many2one(
        "customer.card.change",
        "Proposal",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    sequence = fields.Integer(default=10, readonly=True)
    # what
    operation = fields.Selection(
        [("set", "Change"), ("add", "Add"), ("strike", "Strike Out")],
        required=True,
        readonly=True,
    )
    partner_id = fields.Many2one(
        "res.partner",
        "Contact",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    part_model = fields.Char(readonly=True)
    part_id = fields.Many2oneReference("Entry", model_field="part_model", readonly=True)
    field_name = fields.Char("Technical Name", readonly=True)
    label = fields.Char("What", compute="_compute_label", compute_sudo=True)
    contact_name = fields.Char("Whose", compute="_compute_contact_name")
    # values
    old_value = fields.Json(readonly=True, groups=fields.NO_ACCESS)
    new_value = fields.Json(readonly=True, groups=fields.NO_ACCESS)
    decided_on = fields.Json(readonly=True, groups=fields.NO_ACCESS)
    old_text = fields.Text("Before", compute="_compute_card_texts")
    present_text = fields.Text("Now", compute="_compute_card_texts")
    new_text = fields.Text(
        "Proposed", compute="_compute_new_text", inverse="_inverse_new_text"
    )
    status = fields.Selection(
        [
            ("open", "As It Was"),
            ("conflict", "Changed Meanwhile"),
            ("done", "Already So"),
            ("gone", "No Longer There"),
        ],
        "Check",
        compute="_compute_card_texts",
        help="Changed meanwhile: the card no longer holds what whoever proposed saw.",
    )
    # decision
    state = fields.Selection(related="change_id.state")
    can_decide = fields.Boolean(related="change_id.can_decide", related_sudo=False)
    can_remove = fields.Boolean(compute="_compute_can_remove")
    decision = fields.Selection(
        [
            ("accept", "Accepted"),
            ("overwrite", "Accepted Over the Present Value"),
            ("reject", "Rejected"),
        ],
        copy=False,
    )
    decision_reason = fields.Char("Remark", copy=False)
    result = fields.Selection(
        [("applied", "Applied"), ("rejected", "Not Applied")],
        readonly=True,
        copy=False,
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("operation", "part_model", "field_name")
    def _compute_label(self):
        """Which field, or which entry: no value of the card is in it."""
        for line in self:
            model = line.env.get(line._get_model_name())
            if model is None:
                line.label = line.field_name or line.part_model
                continue
            part = (
                line.env["ir.model"]._get(model._name).name if line.part_model else ""
            )
            if line.part_model == "res.partner":
                part = line.env._("Contact")
            name = ""
            if field := model._fields.get(line.field_name):
                name = field._description_string(line.env)
            text = " – ".join(filter(None, (part, name)))
            if line.operation == "add":
                text = line.env._("New: %(entry)s", entry=text)
            elif line.operation == "strike":
                text = line.env._("Strike out: %(entry)s", entry=text)
            line.label = text

    @api.depends_context("uid")
    @api.depends("partner_id", "part_id", "part_model", "change_id.customer_name")
    def _compute_contact_name(self):
        """Whose entry: for readers of the card with the name of the entry."""
        targets = self._get_visible_targets()
        for line in self:
            # sudo: the plain name of a customer is no secret
            contact = line.sudo().partner_id
            names = [contact.name or contact.display_name or ""]
            if not contact:
                names = [line.sudo().change_id.customer_name]
            if line.part_id and (target := targets.get(line.id)):
                names.append(target.display_name)
            line.contact_name = " › ".join(filter(None, names))

    @api.depends_context("uid")
    @api.depends("state")
    def _compute_can_remove(self):
        mine = self.change_id._approval_filter_mine()
        for line in self:
            line.can_remove = line.change_id in mine and line.state == "draft"

    def _get_model_name(self):
        """:return: the model of what the line changes"""
        return self.part_model or "res.partner"

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def _door_open(self):
        return self.env.context.get("approval_door") is APPROVAL_DOOR

    def _approval_through_door(self):
        """:return: the same lines, writable by a method that has checked who asks"""
        # sudo: the values are out of every client's reach
        return self.sudo().with_context(approval_door=APPROVAL_DOOR)

    @api.model_create_multi
    def create(self, vals_list):
        """:raise UserError: unless called by ``customer.card.change.propose``"""
        if not self._door_open():
            raise UserError(
                self.env._(
                    "What should change is typed into the card itself: open the card "
                    "and use Propose a Change."
                )
            )
        return super().create(vals_list)

    def write(self, vals):
        """Whoever proposed writes the proposed values of a draft, whoever decides his
        decisions on what was submitted; nobody anything else."""
        if self._door_open():
            return super().write(vals)
        names = set(vals)
        if not names <= PROPOSER_FIELDS | DECIDER_FIELDS:
            raise UserError(
                self.env._(
                    "%(changes)s: what a line is about is set by the system. Write the "
                    "proposed value, or decide on the line.",
                    changes=self.change_id._approval_names(),
                )
            )
        changes = self.change_id
        if names & PROPOSER_FIELDS:
            self._check_draft()
        if names & DECIDER_FIELDS:
            self._check_deciding()
        changes._approval_check_edit({"line_ids"})
        result = super().write(vals)
        if "decision" in vals:
            self._remember_present()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        if not self.env.su:
            self._check_draft()

    def _check_draft(self):
        """:raise AccessError: for proposals of somebody else
        :raise UserError: for what is submitted already"""
        self.change_id._approval_check_mine()
        for change in self.change_id:
            if change.state != "draft":
                raise UserError(
                    self.env._(
                        "%(change)s has been submitted. Take it back to draft to "
                        "change it.",
                        change=change._approval_names(),
                    )
                )

    def _check_deciding(self):
        """:raise AccessError: for lines that this user may not decide
        :raise UserError: for what is not submitted"""
        for change in self.change_id:
            if change.state != "submitted":
                raise UserError(
                    self.env._(
                        "%(change)s does not wait for a decision.",
                        change=change._approval_names(),
                    )
                )
        self.change_id._approval_check_decider()

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_accept(self):
        """Accept lines; those whose value has moved meanwhile over the present one.

        :raise AccessError: for lines that this user may not decide
        """
        conflicts = self.filtered(lambda line: line.status == "conflict")
        conflicts.write({"decision": "overwrite"})
        (self - conflicts).write({"decision": "accept"})
        return True

    def action_reject(self):
        """Reject lines: the card stays as it is there.

        :raise AccessError: for lines that this user may not decide
        """
        self.write({"decision": "reject"})
        return True

    def action_remove(self):
        """Take lines out of a draft.

        :raise AccessError: for proposals of somebody else
        """
        self.unlink()
        return True

    # ------------------------------------------------------------
    # TARGETS
    # ------------------------------------------------------------

    def _get_targets(self):
        """What each line writes on: the contact (which gets an entry to add), or the
        entry. Read as the user.

        :return: ``{line id: record}``, without the lines whose target does not exist
            any more, has left the card, or is out of the user's sight
        """
        by_model = {}
        # sudo: ids of the line; the targets themselves are filtered as the user
        for line in self.sudo():
            if line.operation == "add" or line._get_model_name() == "res.partner":
                by_model.setdefault("res.partner", {})[line.id] = line.partner_id.id
            else:
                by_model.setdefault(line.part_model, {})[line.id] = line.part_id
        targets = {}
        for model_name, ids in by_model.items():
            model = self.env.get(model_name)
            if model is None:
                continue
            records = model.with_context(active_test=False).browse(
                {target_id for target_id in ids.values() if target_id}
            )
            # an entry struck out is there still
            records = records.exists()._filtered_access("read")
            found = {record.id: record for record in records.with_prefetch(records.ids)}
            # sudo: what is proposed is read, not the card
            for line in self.sudo():
                target = found.get(ids.get(line.id))
                if target and line._is_of_card(target):
                    targets[line.id] = target
        return targets

    def _is_of_card(self, target):
        """:return: whether ``target`` still belongs to the card of the proposal"""
        # sudo: only where it hangs is read
        card = self.sudo().change_id.partner_id
        return target.sudo().card_root_id == card

    def _get_visible_targets(self):
        """Like ``_get_targets``, of new lines too (a form that is not saved yet)."""
        return self._origin._get_targets()

    def _check_targets(self):
        """:raise UserError: naming the first line whose contact or entry is gone, or is
        out of the user's sight"""
        targets = self._get_targets()
        for line in self:
            if line.id in targets or line._is_for_new_customer():
                continue
            raise UserError(
                self.env._(
                    "%(change)s, %(line)s: the contact or entry is not, or no longer, "
                    "on this card. Reject or remove the line.",
                    change=line.change_id._approval_names(),
                    line=line.label,
                )
            )

    def _is_for_new_customer(self):
        # sudo: what is proposed is read, not the card
        line = self.sudo()
        return line.change_id.kind == "new" and not line.change_id.partner_id

    def _get_name_line(self):
        """:return: the line with the name of a new customer"""
        return self.filtered(
            lambda line: line.operation == "set" and line.field_name == "name"
        )[:1]

    def _raise_hidden_link(self):
        raise AccessError(
            self.env._(
                "%(line)s: you chose something that you may not see, or that is no "
                "longer there. Choose another value.",
                line=", ".join(self.mapped("label")) or self._description,
            )
        )
