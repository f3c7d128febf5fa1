from odoo import fields, models

WEEKDAYS = [
    ("0", "Monday"),
    ("1", "Tuesday"),
    ("2", "Wednesday"),
    ("3", "Thursday"),
    ("4", "Friday"),
    ("5", "Saturday"),
    ("6", "Sunday"),
]


class CustomerVisitWeekday(models.Model):
    """The days of the week, so that a customer can prefer several of them."""

    _name = "customer.visit.weekday"
    _description = "Day of the Week"
    _order = "number"

    name = fields.Char(required=True, translate=True)
    number = fields.Integer(required=True, help="0 for Monday, 6 for Sunday.")

    _number_unique = models.Constraint(
        "UNIQUE (number)", "Each day of the week is listed once."
    )
    _number_of_a_week = models.Constraint(
        "CHECK (number BETWEEN 0 AND 6)", "A week has seven days."
    )
