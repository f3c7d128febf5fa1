from odoo import fields, models


class CustomerVisitPurpose(models.Model):
    """What a visit is for: thanks, satisfaction, collection … with what to ask and what
    to bring home."""

    _name = "customer.visit.purpose"
    _description = "Purpose of a Visit"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        index=True,
        copy=False,
        help="A short technical name by which other parts of the system find the "
        "purpose.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    color = fields.Integer()
    objective = fields.Text(
        "Usual Objectives",
        translate=True,
        help="Written into each new visit with this purpose.",
    )
    # what the report has to have
    check_ids = fields.One2many(
        "customer.visit.check", "purpose_id", "Checklist", copy=True
    )
    check_count = fields.Integer("Questions", compute="_compute_check_count")
    ask_listening = fields.Boolean(
        "Listen and Restate",
        help="The report has to say what the customer said, how you restated it, and "
        "whether he confirmed it.",
    )
    ask_photo = fields.Boolean("Photo Required")
    ask_signature = fields.Boolean("Signature Required")

    _code_unique = models.Constraint(
        "UNIQUE (code)", "Two purposes cannot have the same technical name."
    )

    def _compute_check_count(self):
        for purpose in self:
            purpose.check_count = len(purpose.check_ids)
