from odoo import api, models

# what a meeting was made for
DOCUMENT_FIELDS = {"opportunity_id", "res_id", "res_model", "res_model_id"}


class CalendarEvent(models.Model):
    """A meeting made for a document plans visits at its customer: only for documents
    that the user may open. A bare id is no document."""

    _inherit = "calendar.event"
    # whom a refusal must not name
    _card_customer_field = "partner_ids"

    @api.model_create_multi
    def create(self, vals_list):
        """:raise AccessError: for a meeting on a document that the user may not open"""
        events = super().create(vals_list)
        events._check_documents()
        return events

    def write(self, vals):
        """:raise AccessError: as for ``create``"""
        result = super().write(vals)
        if DOCUMENT_FIELDS & vals.keys():
            self._check_documents()
        return result

    def _check_documents(self):
        if self.env.su:
            return
        # sudo: which documents they are made for
        for event in self.sudo():
            if event.opportunity_id:
                event.opportunity_id.sudo(False).check_access("read")
            if event.res_id and event.res_model in self.env:
                document = self.env[event.res_model].browse(event.res_id)
                document.exists().check_access("read")
