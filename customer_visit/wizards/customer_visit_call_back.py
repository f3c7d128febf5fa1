from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError


class CustomerVisitCallBack(models.TransientModel):
    """Somebody is to be called back at a set time (K10): a planned call with a reminder
    in the calendar."""

    _name = "customer.visit.call.back"
    _inherit = ["customer.link.guard.mixin"]
    _description = "Call Back"

    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        required=True,
        ondelete="cascade",
        domain=[("card_state", "!=", False)],
    )
    contact_id = fields.Many2one(
        "res.partner",
        "Whom",
        ondelete="cascade",
        domain="[('card_root_id', '=', partner_id), ('id', '!=', partner_id)]",
    )
    user_id = fields.Many2one(
        "res.users",
        "Who Calls",
        required=True,
        ondelete="cascade",
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
    )
    date = fields.Datetime(
        "When", required=True, default=lambda self: self._get_next_full_hour()
    )
    subject = fields.Char("What About")

    @api.model
    def _get_next_full_hour(self):
        soon = fields.Datetime.now() + timedelta(hours=1)
        return soon.replace(minute=0, second=0, microsecond=0)

    def action_call_back(self):
        """Plan the call.

        :return: a message that tells when, and closes the dialog
        :raise UserError: for a time that is over
        """
        self.ensure_one()
        if self.date < fields.Datetime.now():
            raise UserError(
                self.env._(
                    "%(customer)s: this time is over. Choose when to call back.",
                    customer=self.partner_id.display_name,
                )
            )
        visit = self.env["customer.visit"].create(self._get_visit_values())
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("Planned: %(visit)s", visit=visit.display_name),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _get_visit_values(self):
        """:return: values of the planned call"""
        self.ensure_one()
        Visit = self.env["customer.visit"]
        contact = self.contact_id or self.partner_id
        return {
            **Visit._get_target_values(contact),
            "user_id": self.user_id.id,
            "company_id": Visit._get_contact_company(self.user_id).id,
            "method": "phone",
            "date_planned": self.date,
            "duration_planned": 0.25,
            "objective": self.subject or self.env._("Call back"),
        }
