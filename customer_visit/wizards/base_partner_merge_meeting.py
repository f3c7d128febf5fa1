from odoo import models
from odoo.tools import SQL


class MergePartnerAutomatic(models.TransientModel):
    """Odoo forgets the meetings that were made from a contact: after a merge they would
    point at nothing, and nobody would know any more whose card they are on."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_reference_fields(self, src_partners, dst_partner):
        super()._update_reference_fields(src_partners, dst_partner)
        self.env["calendar.event"].flush_model(["res_id", "res_model"])
        self.env.execute_query(
            SQL(
                """
                UPDATE calendar_event
                   SET res_id = %s
                 WHERE res_model = 'res.partner'
                   AND res_id = ANY(%s)
             RETURNING id
                """,
                dst_partner.id,
                src_partners.ids,
            )
        )
        self.env["calendar.event"].invalidate_model(["res_id"])
