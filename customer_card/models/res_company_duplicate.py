from odoo import fields, models


class ResCompany(models.Model):
    """What happens to a contact that is a customer already."""

    _inherit = "res.company"

    card_duplicate_policy = fields.Selection(
        [("warn", "Warn"), ("block", "Refuse")],
        "Contacts Like an Existing Card",
        default="warn",
        required=True,
        help="A new contact with the tax ID, e-mail or phone number of a customer card: "
        "warn whoever creates it, or refuse it. A name that is only similar is never "
        "refused.",
    )
