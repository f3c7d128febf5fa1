from odoo import api, fields, models
from odoo.fields import Domain


class CrmLead(models.Model):
    """The star of a key customer on his opportunities, for those who may open his
    card."""

    _inherit = "crm.lead"

    is_key_customer = fields.Boolean(
        "Key Customer",
        compute="_compute_is_key_customer",
        search="_search_is_key_customer",
        groups="base.group_user",
    )
    key_reason = fields.Char(
        "Why Key Customer", compute="_compute_is_key_customer", groups="base.group_user"
    )
    key_partner_id = fields.Many2one(
        "res.partner", compute="_compute_is_key_customer", groups="base.group_user"
    )

    @api.depends_context("company", "uid")
    @api.depends("partner_id")
    def _compute_is_key_customer(self):
        # sudo: which customer it is; his figures are read as the user reads them
        customer_of = {
            lead: lead.sudo().partner_id.card_root_id
            or lead.sudo().partner_id.commercial_partner_id
            for lead in self
        }
        customers = self.env["res.partner"].browse(
            {customer.id for customer in customer_of.values() if customer}
        )
        keys = {
            row.partner_id.id: row
            for row in self.env["customer.metrics"].search_fetch(
                [
                    ("partner_id", "in", customers.ids),
                    ("company_id", "=", self.env.company.id),
                ],
                ["partner_id", "is_key_customer", "key_source", "key_rule_id"],
            )
        }
        empty = self.env["customer.metrics"]
        for lead in self:
            row = keys.get(customer_of[lead].id, empty)
            lead.is_key_customer = row.is_key_customer
            lead.key_reason = row.key_reason
            lead.key_partner_id = row.partner_id

    def _search_is_key_customer(self, operator, value):
        if operator != "in":
            return NotImplemented
        rows = self.env["customer.metrics"]._search(
            [("company_id", "=", self.env.company.id), ("is_key_customer", "=", True)]
        )
        customers = rows.subselect("partner_id")
        domain = Domain("partner_id.card_root_id", "in", customers) | (
            Domain("partner_id.card_root_id", "=", False)
            & Domain("partner_id.commercial_partner_id", "in", customers)
        )
        return domain if True in value else ~domain
