from odoo import api, fields, models


class CustomerVisit(models.Model):
    """How to reach the customer, for a visitor who may read his card."""

    _inherit = "customer.visit"

    customer_phone = fields.Char("Phone", compute="_compute_customer_reach")
    customer_address = fields.Char("Where", compute="_compute_customer_reach")
    customer_map_url = fields.Char("Way There", compute="_compute_customer_reach")

    @api.depends_context("uid")
    @api.depends("partner_id", "address_id", "contact_ids")
    def _compute_customer_reach(self):
        """Phone and address are part of the card: whoever may not open it does not
        see them on the visit either."""
        # sudo: which partners they are; what is shown of them is read as the user
        partners = self.sudo().partner_id | self.sudo().address_id
        partners |= self.sudo().contact_ids
        readable = set(partners.sudo(False)._filtered_access("read").ids)
        for visit in self:
            # sudo: as above
            people, address, card = (
                records.filtered(lambda one: one.id in readable).sudo(False)
                for records in (
                    visit.sudo().contact_ids,
                    visit.sudo().address_id,
                    visit.sudo().partner_id,
                )
            )
            place = address or card
            visit.customer_phone = next(
                (one.phone for one in (*people, *place, *card) if one.phone), False
            )
            visit.customer_address = place._get_visit_address()
            visit.customer_map_url = place._get_visit_map_url()
