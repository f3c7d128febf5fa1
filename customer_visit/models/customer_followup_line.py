from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .customer_followup import FOLLOWUP_DOOR
from .customer_followup_template_step import DELAY_UNITS
from .customer_visit import METHODS

# What whoever keeps the card may make individual, as long as the step is to come.
FREE_FIELDS = {
    "name",
    "method",
    "purpose_id",
    "note",
    "delay",
    "delay_unit",
    "letter_template_id",
    "mail_template_id",
    "sms_template_id",
}


class CustomerFollowupLine(models.Model):
    """One step of a running cycle. A copy of the template's step, so that it can speak
    of this customer, and does not change under the feet of whoever works on it."""

    _name = "customer.followup.line"
    _description = "Step of a Follow-up"
    _inherit = ["customer.card.read.log.mixin", "customer.card.gate.mixin"]
    _order = "followup_id, sequence, id"
    _allow_sudo_commands = False
    # whom a refusal must not name
    _card_customer_field = "partner_id"

    followup_id = fields.Many2one(
        "customer.followup", required=True, index=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(
        related="followup_id.partner_id", string="Customer", store=True, index=True
    )
    card_root_id = fields.Many2one(
        related="followup_id.card_root_id",
        string="Customer Card",
        store=True,
        index="btree_not_null",
    )
    step_id = fields.Many2one(
        "customer.followup.template.step",
        "Step of the Template",
        index="btree_not_null",
        ondelete="set null",
    )
    sequence = fields.Integer(default=10)
    name = fields.Char("Step", required=True)
    method = fields.Selection(METHODS, default="phone", required=True)
    purpose_id = fields.Many2one("customer.visit.purpose", ondelete="restrict")
    note = fields.Text("What to Say")
    delay = fields.Integer("After")
    delay_unit = fields.Selection(DELAY_UNITS, default="days", required=True)
    letter_template_id = fields.Many2one(
        "customer.card.letter.template", "Letter", ondelete="set null"
    )
    mail_template_id = fields.Many2one(
        "mail.template",
        "Email",
        ondelete="set null",
        domain=[("model", "=", "res.partner")],
    )
    sms_template_id = fields.Many2one(
        "sms.template",
        "Text Message",
        ondelete="set null",
        domain=[("model", "=", "res.partner")],
    )
    # what became of it
    state = fields.Selection(
        [
            ("waiting", "To Come"),
            ("planned", "Planned"),
            ("to_plan", "To Plan Again"),
            ("done", "Done"),
            ("skipped", "Skipped"),
            ("dropped", "Not Done"),
        ],
        "Status",
        default="waiting",
        required=True,
        readonly=True,
    )
    date_due = fields.Date("Due On", readonly=True)
    date_done = fields.Date("Done On", readonly=True)
    skip_reason = fields.Char("Why Skipped", readonly=True)
    visit_id = fields.Many2one(
        "customer.visit", readonly=True, index="btree_not_null", ondelete="set null"
    )

    _delay_positive = models.Constraint(
        "CHECK (delay >= 0)", "A step cannot be due before the one that it follows."
    )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """:raise AccessError: when a client calls it: a cycle has the steps of its
        template"""
        self.env["customer.followup"].with_env(self.env)._check_followup_door()
        return super().create(vals_list)

    def write(self, vals):
        """:raise AccessError: when a client writes what only the buttons write
        :raise UserError: when a step that is not to come any more is changed"""
        if self.env.context.get("followup_door") is not FOLLOWUP_DOOR:
            if vals.keys() - FREE_FIELDS:
                self.env["customer.followup"].with_env(self.env)._check_followup_door()
            self._check_to_come()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_by_client(self):
        """:raise AccessError: when a client deletes: a step is skipped, and says why"""
        if self.env.context.get("followup_door") is not FOLLOWUP_DOOR:
            raise AccessError(
                self.env._("A step is not deleted but skipped, with a reason.")
            )

    def _check_to_come(self):
        for line in self:
            if line.state != "waiting":
                raise UserError(
                    self.env._(
                        "%(step)s is no longer to come: change its visit instead.",
                        step=line.name,
                    )
                )
