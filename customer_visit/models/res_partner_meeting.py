from odoo import models


class ResPartner(models.Model):
    """When colleagues are busy: also in meetings that the user may not open."""

    _inherit = "res.partner"

    def _get_busy_calendar_events(self, start_datetime, end_datetime):
        # sudo: colleagues alone; only that the hours are taken is told, not by what
        colleagues = self.sudo().filtered(lambda partner: not partner.partner_share)
        busy = super(ResPartner, self - colleagues.sudo(False))
        result = busy._get_busy_calendar_events(start_datetime, end_datetime)
        if colleagues:
            result |= super(ResPartner, colleagues)._get_busy_calendar_events(
                start_datetime, end_datetime
            )
        return result
