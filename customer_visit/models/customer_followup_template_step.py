from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

from .customer_visit import METHODS

DELAY_UNITS = [("days", "Days"), ("weeks", "Weeks"), ("months", "Months")]


class CustomerFollowupTemplateStep(models.Model):
    """One step of a follow-up: how, what for, how long after the step before, and what
    to say or to send."""

    _name = "customer.followup.template.step"
    _description = "Step of a Follow-up Template"
    _order = "sequence, id"

    template_id = fields.Many2one(
        "customer.followup.template", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    name = fields.Char("Step", required=True, translate=True)
    # how and what for
    method = fields.Selection(METHODS, default="phone", required=True)
    purpose_id = fields.Many2one("customer.visit.purpose", ondelete="restrict")
    note = fields.Text(
        "What to Say",
        translate=True,
        help="Becomes the objective of the visit that is planned for the step.",
    )
    # when
    delay = fields.Integer(
        default=7,
        help="Counted from the day on which the step before was done, for the first "
        "step from the start.",
    )
    delay_unit = fields.Selection(DELAY_UNITS, default="days", required=True)
    # with which text
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

    _delay_positive = models.Constraint(
        "CHECK (delay >= 0)", "A step cannot be due before the one that it follows."
    )

    @api.model
    def _add_delay(self, day, delay, unit):
        """:return: the day ``delay`` days, weeks or months after ``day``"""
        return day + relativedelta(**{unit: delay})
