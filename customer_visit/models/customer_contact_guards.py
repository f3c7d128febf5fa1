from odoo import models


class CrmLead(models.Model):
    """Leads: their computed fields copy phone and e-mail of the customer."""

    _name = "crm.lead"
    _inherit = ["crm.lead", "customer.link.guard.mixin"]


class EventRegistration(models.Model):
    """Registrations: name, e-mail and phone are copied from who books."""

    _name = "event.registration"
    _inherit = ["event.registration", "customer.link.guard.mixin"]


class SurveyUserInput(models.Model):
    """Answers of surveys: e-mail and name are copied from who is asked."""

    _name = "survey.user_input"
    _inherit = ["survey.user_input", "customer.link.guard.mixin"]
