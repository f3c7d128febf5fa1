from odoo import fields, models


class CustomerVisitPurpose(models.Model):
    """What a visit is for: thanks, satisfaction, collection …"""

    _name = "customer.visit.purpose"
    _description = "Purpose of a Visit"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        index=True,
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

    _code_unique = models.Constraint(
        "UNIQUE (code)", "Two purposes cannot have the same technical name."
    )
