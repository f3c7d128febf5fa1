from odoo import models


class ResPartner(models.Model):
    """The figures of a customer, on demand."""

    _inherit = "res.partner"

    def action_refresh_metrics(self):
        """Compute the figures of these customers in the current company anew, as of
        today.

        :raise CardAccessError: for a card that the user does not see
        """
        self.check_access("read")
        Metrics = self.env["customer.metrics"]
        Metrics.check_access("read")
        # sudo: the customer of a contact that the user sees
        customers = self.sudo()._get_metrics_customers()
        Metrics._refresh(self.env.company, partners=customers)
        return Metrics._notify_refreshed()

    def _get_metrics_customers(self):
        """:return: res.partner: whose figures the documents of these partners are in"""
        customers = self.browse()
        for partner in self:
            customers |= (
                partner.card_root_id or partner.commercial_partner_id or partner
            )
        return customers
