from odoo import models


class CalendarAttendee(models.Model):
    """An attendee shows the name, e-mail and phone of a customer: invited is only whom
    one may see."""

    _name = "calendar.attendee"
    _inherit = ["calendar.attendee", "customer.link.guard.mixin"]
