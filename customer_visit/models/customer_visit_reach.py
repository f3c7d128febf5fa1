from odoo import api, fields, models


class CustomerVisit(models.Model):
    """How to reach the customer, for a visitor who may read his card."""

    _inherit = "customer.visit"

    customer_phone = fields.Char("Phone", compute="_compute_customer_reach")
    customer_address = fields.Char("Where", compute="_compute_customer_reach")

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
            there = [
                partner.sudo(False)
                for partner in (
                    *visit.sudo().contact_ids,
                    visit.sudo().address_id,
                    visit.sudo().partner_id,
                )
                if partner.id in readable
            ]
            visit.customer_phone = next((p.phone for p in there if p.phone), False)
            place = next((p for p in reversed(there) if p.id == visit.address_id.id), None)
            place = place or (there[-1] if there else None)
            visit.customer_address = (
                ", ".join(
                    part.strip()
                    for part in place._display_address(without_company=True).split("\n")
                    if part.strip()
                )
                if place
                else False
            )
