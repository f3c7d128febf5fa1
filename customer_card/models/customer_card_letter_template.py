from odoo import api, fields, models


class CustomerCardLetterTemplate(models.Model):
    """A letter to start from. Its placeholders are those of ``customer.card.letter``."""

    _name = "customer.card.letter.template"
    _description = "Letter Template"
    _inherit = ["customer.card.letter.text"]
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    @api.model
    def _get_text_fields(self):
        """:return: fields that a letter takes over, with their translations"""
        return ("subject", "body")
