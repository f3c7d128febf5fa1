from odoo import models


class CustomerMetrics(models.Model):
    """What a row of figures leads to."""

    _inherit = "customer.metrics"

    def action_open_card(self):
        """:return: the action that opens the customer: his card, where he has one
        :raise AccessError: for a customer whose figures the user may not see
        """
        self.ensure_one()
        self.check_access("read")
        # sudo: whether there is a card; the form asks for the rights of the user
        customer = self.sudo().partner_id
        action = {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": customer.id,
            "views": [(False, "form")],
        }
        if customer.card_state:
            action["context"] = {
                "form_view_ref": "customer_card.res_partner_view_form_card"
            }
        return action

    def action_open_purchases(self):
        """:return: the action that opens what the customer bought from the company
        :raise AccessError: for a customer whose figures the user may not see
        """
        self.ensure_one()
        self.check_access("read")
        return self.env["customer.trade.report"]._get_purchases_action(
            self.partner_id, self.company_id
        )
