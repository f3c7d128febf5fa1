from odoo import models


class CustomerLinkGuardMixin(models.AbstractModel):
    """Opportunities and visits are named after their customers, and what they are
    about."""

    _inherit = "customer.link.guard.mixin"

    _guarded_document_models = frozenset({"crm.lead", "customer.visit"})


class CrmLead(models.Model):
    """Leads: their computed fields copy phone and e-mail of the customer."""

    _name = "crm.lead"
    _inherit = ["crm.lead", "customer.link.guard.mixin"]
    # whom a refusal must not name
    _card_customer_field = "partner_id"


class EventRegistration(models.Model):
    """Registrations: name, e-mail and phone are copied from who books."""

    _name = "event.registration"
    _inherit = ["event.registration", "customer.link.guard.mixin"]
    # whom a refusal must not name
    _card_customer_field = "partner_id"


class SurveyUserInput(models.Model):
    """Answers of surveys: e-mail and name are copied from who is asked."""

    _name = "survey.user_input"
    _inherit = ["survey.user_input", "customer.link.guard.mixin"]
    # whom a refusal must not name
    _card_customer_field = "partner_id"
