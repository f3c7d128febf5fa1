from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.customer_visit.models.customer_visit import METHODS

from .customer_defection_write import DEFECTION_DOOR

STEP_METHODS = [*METHODS, ("promise", "Promise"), ("todo", "To-Do")]
VISIT_METHODS = frozenset(method for method, _label in METHODS)
VISIT_STATES = {
    "report_due": "done",
    "reported": "done",
    "reviewed": "done",
    "missed": "dropped",
    "cancelled": "dropped",
}
PROMISE_STATES = {"kept": "done", "released": "dropped", "broken": "dropped"}
LINK_FIELDS = frozenset({"visit_id", "promise_id", "activity_id", "is_dropped"})


class CustomerDefectionStep(models.Model):
    """One step of a win-back plan. When the plan starts it becomes a visit, a promise
    or a to-do of whoever is to make it; what becomes of that is the state of the step.
    """

    _name = "customer.defection.step"
    _description = "Step to Win Back"
    _inherit = ["customer.card.read.log.mixin", "customer.card.gate.mixin"]
    _order = "date_due, sequence, id"
    _allow_sudo_commands = False
    _card_gate_partner = "defection_id.partner_id"
    _card_gate_path = "defection_id.card_root_id"
    _card_gate_names = frozenset({"defection_ids"})

    defection_id = fields.Many2one(
        "customer.defection", required=True, index=True, ondelete="cascade"
    )
    card_root_id = fields.Many2one(
        related="defection_id.card_root_id",
        string="Customer Card",
        store=True,
        index="btree_not_null",
    )
    sequence = fields.Integer(default=10)
    name = fields.Char("What", required=True)
    method = fields.Selection(STEP_METHODS, "How", default="visit", required=True)
    user_id = fields.Many2one(
        "res.users",
        "By",
        default=lambda self: self.env.user,
        required=True,
        ondelete="restrict",
        domain=[("share", "=", False)],
    )
    date_due = fields.Date("Until", required=True)
    # what it has become
    visit_id = fields.Many2one(
        "customer.visit", readonly=True, copy=False, ondelete="set null", index=True
    )
    promise_id = fields.Many2one(
        "customer.promise", readonly=True, copy=False, ondelete="set null", index=True
    )
    activity_id = fields.Many2one(
        "mail.activity", "To-Do", readonly=True, copy=False, ondelete="set null"
    )
    is_dropped = fields.Boolean(readonly=True, copy=False)
    state = fields.Selection(
        [
            ("draft", "To Start"),
            ("open", "Planned"),
            ("done", "Done"),
            ("dropped", "Dropped"),
        ],
        "Status",
        compute="_compute_state",
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends(
        "visit_id.state",
        "promise_id.state",
        "activity_id.active",
        "is_dropped",
    )
    def _compute_state(self):
        # sudo: what became of a step, whoever makes it; nothing else of it is shown
        for step, own in zip(self.sudo(), self, strict=True):
            if step.is_dropped:
                own.state = "dropped"
            elif step.visit_id:
                own.state = VISIT_STATES.get(step.visit_id.state, "open")
            elif step.promise_id:
                own.state = PROMISE_STATES.get(step.promise_id.state, "open")
            elif step.activity_id:
                own.state = "open" if step.activity_id.active else "done"
            else:
                own.state = "draft"

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self._is_door_open():
            vals_list = [
                {**vals, **dict.fromkeys(LINK_FIELDS, False)} for vals in vals_list
            ]
        return super().create(vals_list)

    def write(self, vals):
        """:raise AccessError: when a client writes what the plan writes
        :raise UserError: for a step that has started"""
        if not self._is_door_open():
            if LINK_FIELDS & vals.keys() or "defection_id" in vals:
                raise AccessError(
                    self.env._(
                        "What a step has become is said by its visit, promise or to-do."
                    )
                )
            self._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_draft(self):
        if not self._is_door_open():
            self._check_draft()

    def _check_draft(self):
        for step in self:
            if step.state != "draft":
                raise UserError(
                    self.env._(
                        "%(step)s has been started. Change its visit, promise or to-do "
                        "instead.",
                        step=step.name,
                    )
                )

    def _through_defection_door(self):
        """:return: ``self`` with the right to write what only methods write. For
        methods that have checked who calls them."""
        return self.with_context(defection_door=DEFECTION_DOOR)

    def _is_door_open(self):
        return self.env.context.get("defection_door") is DEFECTION_DOOR

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open(self):
        """:return: the action that opens what the step has become"""
        self.ensure_one()
        record = self.visit_id or self.promise_id or self.defection_id
        return record.get_formview_action()
