from odoo import models
from odoo.fields import Domain

# who sees in Odoo itself what all customers without a card buy and owe
TRADE_GROUPS = (
    "sales_team.group_sale_salesman_all_leads",
    "account.group_account_readonly",
    "account.group_account_invoice",
)


class ResUsers(models.Model):
    """Who sees figures about customers."""

    _inherit = "res.users"

    def _metrics_read_domain(self):
        """:return: Domain on a model with ``partner_id``: figures of the cards that the
        user sees; of customers without a card for whoever sees their orders or
        invoices in Odoo anyway"""
        self.ensure_one()
        domain = Domain("partner_id", "any", self._card_seen_domain())
        if any(self._has_group(group) for group in TRADE_GROUPS):
            domain |= Domain("partner_id.card_root_id", "=", False)
        return domain
