from odoo import models
from odoo.exceptions import UserError

from .customer_next_sale import NEXT_SALE_DOOR


class CustomerNextSale(models.Model):
    """What becomes of an offer: one click puts it on a quotation; what is not for him
    does not come back."""

    _inherit = "customer.next.sale"

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_quote(self):
        """Put the products on quotations, one for each customer: the user's latest one
        that is still a draft, else a new one. Everything with the rights of the user on
        orders.

        :return: the action that shows the quotations
        :raise AccessError: for cards that the user does not see, or without the right
            to make quotations
        :raise UserError: when there is nothing left to offer
        """
        self.check_access("read")
        self.env["sale.order"].check_access("create")
        offers = self.filtered(lambda offer: offer.state == "open")
        if not offers:
            raise UserError(
                self.env._("These products are on a quotation already, or not for him.")
            )
        orders = self.env["sale.order"]
        for (partner, company), found in offers.grouped(
            lambda offer: (offer.partner_id, offer.company_id)
        ).items():
            order = found._get_quotation(partner, company)
            orders |= order
            for offer, line in zip(
                found, found._add_quotation_lines(order), strict=True
            ):
                # sudo: whoever may quote says so on the offer, and nothing else
                offer.sudo()._through_next_sale_door().write(
                    {"state": "quoted", "order_line_id": line.id}
                )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sale.action_quotations_with_onboarding"
        )
        if len(orders) == 1:
            return {
                **action,
                "views": [(False, "form")],
                "view_mode": "form",
                "res_id": orders.id,
                "context": {},
            }
        return {**action, "domain": [("id", "in", orders.ids)], "context": {}}

    def action_dismiss(self):
        """Not for this customer: it is not offered to him again.

        :raise AccessError: for cards that the user does not keep
        """
        self._check_kept()
        # sudo: offers are the system's; that he keeps the card has been checked
        self.sudo()._through_next_sale_door().write(
            {"state": "dismissed", "order_line_id": False}
        )
        return True

    def action_reopen(self):
        """Offer it to him after all.

        :raise AccessError: for cards that the user does not keep
        """
        self._check_kept()
        # sudo: as above
        self.sudo()._through_next_sale_door().write({"state": "open"})
        return True

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _check_kept(self):
        """:raise AccessError: unless the user keeps all the cards"""
        self.check_access("read")
        self.partner_id._check_card_maintained()

    def _get_quotation(self, partner, company):
        """:return: the quotation to add to, in the company of the offer"""
        Order = self.env["sale.order"].with_company(company)
        draft = Order.search(
            [
                ("partner_id", "=", partner.id),
                ("company_id", "=", company.id),
                ("user_id", "=", self.env.uid),
                ("state", "=", "draft"),
            ],
            order="id DESC",
            limit=1,
        )
        return draft or Order.create(
            {
                "partner_id": partner.id,
                "company_id": company.id,
                "user_id": self.env.uid,
            }
        )

    def _add_quotation_lines(self, order):
        return (
            self.env["sale.order.line"]
            .with_company(order.company_id)
            .create(
                [
                    {
                        "order_id": order.id,
                        "product_id": offer.product_id.id,
                        "product_uom_qty": offer.quantity,
                    }
                    for offer in self
                ]
            )
        )

    def _through_next_sale_door(self):
        """:return: ``self`` with the right to write. For methods that have checked who
        calls them."""
        return self.with_context(next_sale_door=NEXT_SALE_DOOR)
