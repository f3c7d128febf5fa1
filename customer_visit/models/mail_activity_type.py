from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .customer_visit import METHODS

# Odoo's own types by which one gets in touch
ODOO_TYPES = {
    "mail.mail_activity_data_call": "phone",
    "mail.mail_activity_data_email": "email",
    "mail.mail_activity_data_meeting": "meeting",
}


class MailActivityType(models.Model):
    """Activities by which one gets in touch with a customer: scheduled on a card they
    plan a visit, done they are a visit."""

    _inherit = "mail.activity.type"

    is_communication = fields.Boolean(
        "Contact with a Customer",
        help="An activity of this type, scheduled for a customer with a card or for his "
        "opportunity, plans a visit; marked as done, it records one.",
    )
    visit_method = fields.Selection(
        METHODS, "How", help="By which method the customer is contacted."
    )
    visit_purpose_id = fields.Many2one(
        "customer.visit.purpose",
        "What For",
        ondelete="restrict",
        help="The purpose of the visits that come of these activities.",
    )

    @api.constrains("is_communication", "visit_method")
    def _check_visit_method(self):
        for kind in self:
            if kind.is_communication and not kind.visit_method:
                raise ValidationError(
                    self.env._(
                        "%(kind)s is a contact with a customer: say how he is "
                        "contacted.",
                        kind=kind.name,
                    )
                )

    @api.model
    def _set_up_communication(self):
        """At installation: calls, e-mails and meetings are contacts, as far as these
        types were not deleted."""
        for xmlid, method in ODOO_TYPES.items():
            kind = self.env.ref(xmlid, raise_if_not_found=False)
            if kind:
                kind.write({"is_communication": True, "visit_method": method})
