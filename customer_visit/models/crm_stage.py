from odoo import fields, models


class CrmStage(models.Model):
    """The next contact follows the stage reached (K07)."""

    _inherit = "crm.stage"

    contact_ids = fields.One2many(
        "customer.stage.contact", "stage_id", "Next Contacts", copy=True
    )
    signing_papers = fields.Text(
        "Papers to Bring",
        translate=True,
        help="One on each line: written on an opportunity that reaches this stage, and "
        "told to the customer before the signing.",
    )
