from odoo import fields, models


class CustomerCardRelative(models.Model):
    """A member of the family of a customer or of one of his contacts."""

    _name = "customer.card.relative"
    _description = "Relative"
    _inherit = ["customer.card.line.mixin", "customer.birthday.mixin"]
    _order = "active DESC, partner_id, relation, birthdate_date, id"

    name = fields.Char(required=True)
    relation = fields.Selection(
        [
            ("spouse", "Spouse"),
            ("child", "Child"),
            ("parent", "Parent"),
            ("sibling", "Sibling"),
            ("other", "Other"),
        ],
        required=True,
        default="spouse",
    )
    gender = fields.Selection(
        [("male", "Male"), ("female", "Female"), ("other", "Other")]
    )
    occupation = fields.Char(help="What he or she does: profession, school, studies.")
    hobbies = fields.Char()
    note = fields.Char()
