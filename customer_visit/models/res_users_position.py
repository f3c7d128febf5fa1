from odoo import fields, models


class ResUsers(models.Model):
    """Whether somebody lets his device say where he is: his own decision."""

    _inherit = "res.users"

    visit_share_position = fields.Boolean(
        "Share My Position",
        default=True,
        help="When I check in and out at a customer, and my company asks for it.",
    )

    @property
    def SELF_READABLE_FIELDS(self):
        return super().SELF_READABLE_FIELDS + ["visit_share_position"]

    @property
    def SELF_WRITEABLE_FIELDS(self):
        return super().SELF_WRITEABLE_FIELDS + ["visit_share_position"]
