from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import LazyTranslate

from .customer_visit import METHODS

_lt = LazyTranslate(__name__)

# stage of Odoo, days, method, purpose, what to do
SHIPPED = [
    (
        "crm.stage_lead1",
        2,
        "phone",
        "prospecting",
        _lt("Find out what the customer needs, who decides, and when."),
    ),
    (
        "crm.stage_lead2",
        7,
        "visit",
        "help_buying",
        _lt("Show what fits the need; agree on the next step."),
    ),
    (
        "crm.stage_lead3",
        3,
        "phone",
        "negotiation",
        _lt("Ask what is still open in the offer; agree on a date for the signing."),
    ),
]


class CustomerStageContact(models.Model):
    """What comes next with a customer whose opportunity reaches a stage: after how many
    days, how, and what for."""

    _name = "customer.stage.contact"
    _description = "Next Contact of a Stage"
    _order = "stage_id, sequence, id"

    stage_id = fields.Many2one(
        "crm.stage", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    delay_days = fields.Integer(
        "After",
        default=3,
        required=True,
        help="Days after the opportunity has reached the stage. What falls on a day "
        "off is planned for the next working day.",
    )
    method = fields.Selection(METHODS, default="phone", required=True)
    purpose_id = fields.Many2one("customer.visit.purpose", ondelete="restrict")
    objective = fields.Text(
        "What to Do", translate=True, help="Written into the planned visit."
    )

    @api.constrains("delay_days")
    def _check_delay_days(self):
        for contact in self:
            if contact.delay_days < 0:
                raise ValidationError(
                    self.env._(
                        "%(stage)s: the next contact comes after the stage is reached. "
                        "Enter 0 days or more.",
                        stage=contact.stage_id.name,
                    )
                )

    @api.depends("method", "delay_days")
    def _compute_display_name(self):
        methods = dict(self._fields["method"]._description_selection(self.env))
        for contact in self:
            contact.display_name = self.env._(
                "%(method)s after %(days)s days",
                method=methods.get(contact.method),
                days=contact.delay_days,
            )

    @api.model
    def _set_up_stages(self):
        """At installation: the usual next contacts, for the stages that Odoo ships, as
        far as they were not deleted."""
        vals_list = []
        for xmlid, days, method, code, objective in SHIPPED:
            stage = self.env.ref(xmlid, raise_if_not_found=False)
            if stage and not stage.contact_ids:
                vals_list.append(
                    {
                        "stage_id": stage.id,
                        "delay_days": days,
                        "method": method,
                        "purpose_id": self.env["customer.visit"]._get_purpose(code).id,
                        "objective": str(objective),
                    }
                )
        self.create(vals_list)
