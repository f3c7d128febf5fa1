from collections import defaultdict

from odoo import api, models
from odoo.tools import SQL, format_amount, format_date

VALUE = (
    "amount",
    "amount_previous",
    "amount_lifetime",
    "purchase_days",
    "first_purchase",
    "last_purchase",
)
STANDING = (
    "abc_class",
    "loyalty_class",
    "lifecycle_stage",
    "defection_risk",
    "receivable_open",
    "receivable_overdue",
)
# products on the print of a card
PRODUCTS_LENGTH = 6


class CardPrint(models.AbstractModel):
    """The section *Trade* of a card: value, classes, open money and what he buys most,
    in the current company."""

    _inherit = "report.customer_card.card_print"

    @api.model
    def _get_section_trade(self, cards):
        company = self.env.company
        Metrics = self.env["customer.metrics"].with_env(cards.env)
        # an extract is read past the rules: these are the cards that are printed
        rows = Metrics.search(
            [("partner_id", "in", cards.ids), ("company_id", "=", company.id)]
        )
        products = self._get_trade_products(cards, company)
        return {
            row.partner_id.id: {
                "rows": self._get_rows(row, VALUE) + self._get_rows(row, STANDING),
                "products": products[row.partner_id.id],
                "as_of": format_date(self.env, row.as_of),
            }
            for row in rows
            if row.amount_lifetime or row.receivable_open
        }

    def _get_trade_products(self, cards, company):
        """:return: ``{id of the card: what he buys most}``"""
        Product = self.env["customer.metrics.product"]
        Product.flush_model()
        ids = self.env.execute_query(
            SQL(
                """
                SELECT most.id
                  FROM unnest(%(cards)s) card (id)
            CROSS JOIN LATERAL (
                    SELECT product.id
                      FROM customer_metrics_product product
                     WHERE product.partner_id = card.id
                       AND product.company_id = %(company)s
                       AND product.amount > 0
                  ORDER BY product.amount DESC, product.id
                     LIMIT %(length)s) most
                """,
                cards=cards.ids,
                company=company.id,
                length=PRODUCTS_LENGTH,
            )
        )
        # a search: which of them the user may read is for their rules to say
        lines = Product.with_env(cards.env).search(
            [("id", "in", [row[0] for row in ids])]
        )
        result = defaultdict(list)
        for line in lines:
            result[line.partner_id.id].append(
                {
                    # sudo: the name of a product on a card that is printed
                    "name": line.sudo().product_id.display_name,
                    "quantity": self._format_number(line.quantity),
                    "amount": format_amount(self.env, line.amount, company.currency_id),
                    "last": format_date(self.env, line.last_purchase),
                }
            )
        return result
