from odoo import api, fields, models
from odoo.tools import SQL


class CustomerTradeReport(models.Model):
    """What a customer buys, as it happens: one row for each product line of a posted
    customer invoice, receipt or credit note (negative).

    * customer: the card of the partner on the document, else his commercial partner,
      of today, as for ``customer.metrics``;
    * amount: untaxed, in the company's currency; quantity: in the product's unit;
    * brand: the value of the attribute that the company calls its brand (settings);
    * payment date: the day of the last payment of a document that is paid;
    * contract: of the customer's contracts in force on that day the one that covers
      the product (see ``customer.card.contract``);
    * promotion: the campaign of the order.

    What costs something to find out is found for the rows that are read only: brand,
    contract and payment are subselects of single columns.
    """

    _name = "customer.trade.report"
    _description = "Trade Figures"
    _inherit = ["customer.card.read.log.mixin", "customer.card.gate.mixin"]
    _auto = False
    _order = "date DESC, id DESC"
    _rec_name = "product_id"
    _card_gate_names = frozenset({"metrics_ids"})
    _depends = {
        "account.move": [
            "campaign_id",
            "company_id",
            "invoice_date",
            "invoice_date_due",
            "invoice_user_id",
            "move_type",
            "partner_id",
            "payment_state",
            "state",
        ],
        "account.move.line": [
            "balance",
            "discount",
            "display_type",
            "move_id",
            "product_id",
            "product_uom_id",
            "quantity",
        ],
        "account.partial.reconcile": ["debit_move_id", "credit_move_id", "max_date"],
        "customer.card.contract": [
            "categ_ids",
            "company_id",
            "date_end",
            "card_root_id",
            "date_start",
            "product_ids",
        ],
        "product.product": ["product_tmpl_id"],
        "product.template": ["categ_id", "attribute_line_ids", "uom_id"],
        "res.company": ["trade_brand_attribute_id"],
        "res.partner": [
            "card_custodian_id",
            "card_root_id",
            "card_team_id",
            "commercial_partner_id",
        ],
    }

    date = fields.Date(readonly=True)
    move_id = fields.Many2one("account.move", "Document", readonly=True)
    move_type = fields.Selection(
        [
            ("out_invoice", "Invoice"),
            ("out_refund", "Credit Note"),
            ("out_receipt", "Receipt"),
        ],
        "Kind",
        readonly=True,
    )
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    card_root_id = fields.Many2one("res.partner", "Customer Card", readonly=True)
    contact_id = fields.Many2one("res.partner", "Bought By", readonly=True)
    custodian_id = fields.Many2one("res.users", readonly=True)
    team_id = fields.Many2one("crm.team", "Department", readonly=True)
    user_id = fields.Many2one("res.users", "Sold By", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    # what
    product_id = fields.Many2one("product.product", readonly=True)
    brand_id = fields.Many2one("product.attribute.value", readonly=True)
    categ_id = fields.Many2one("product.category", readonly=True)
    quantity = fields.Float(
        digits="Product Unit", readonly=True, help="In the unit of the product."
    )
    amount = fields.Monetary(
        readonly=True, help="Untaxed; what was credited is negative."
    )
    price = fields.Monetary(
        "Price Paid",
        readonly=True,
        aggregator="avg",
        help="For one unit of the product, untaxed, after discount.",
    )
    discount = fields.Float("Discount (%)", readonly=True, aggregator="avg")
    # on which terms
    campaign_id = fields.Many2one("utm.campaign", "Promotion", readonly=True)
    contract_id = fields.Many2one(
        "customer.card.contract", "Supply Contract", readonly=True
    )
    # how it was paid
    payment_state = fields.Selection(
        lambda self: (
            self.env["account.move"]
            ._fields["payment_state"]
            ._description_selection(self.env)
        ),
        "Payment",
        readonly=True,
    )
    due_date = fields.Date(readonly=True)
    payment_date = fields.Date(
        "Paid On", readonly=True, help="The day of the last payment, once it is paid."
    )
    days_late = fields.Integer(
        readonly=True,
        aggregator="avg",
        help="From the due date to the payment. Negative: paid before it was due.",
    )

    @property
    def _table_query(self):
        return SQL(
            "SELECT %s FROM %s WHERE %s",
            SQL(", ").join(
                SQL("%s AS %s", column, SQL.identifier(name))
                for name, column in self._get_trade_columns().items()
            ),
            self._get_trade_from(),
            self._get_trade_where(),
        )

    @api.model
    def _get_customer_domain(self, customer):
        """:return: list: domain on this report: what one customer buys. By his
        contacts: their documents are found by an index"""
        # sudo: whether he has a card; the rules of the report decide who sees what
        path = (
            "card_root_id" if customer.sudo().card_root_id else "commercial_partner_id"
        )
        return [
            ("partner_id", "=", customer.id),
            (f"contact_id.{path}", "=", customer.id),
        ]

    @api.model
    def _get_purchases_action(self, customer, company=None):
        """:return: the action that opens what one customer buys"""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_segmentation.customer_trade_report_action"
        )
        action["domain"] = self._get_customer_domain(customer) + (
            [("company_id", "=", company.id)] if company else []
        )
        return action

    def _get_trade_columns(self):
        """:return: ``{field: SQL}``, of the tables of ``_get_trade_from``"""
        quantity = SQL(
            "(line.quantity * COALESCE(unit.factor, 1)"
            " / COALESCE(NULLIF(product_unit.factor, 0), 1))"
        )
        paid = self._get_payment_date_sql()
        return {
            "id": SQL("line.id"),
            "date": SQL("move.invoice_date"),
            "move_id": SQL("move.id"),
            "move_type": SQL("move.move_type"),
            "partner_id": self.env["customer.metrics"]._get_customer_sql("contact"),
            "card_root_id": SQL("contact.card_root_id"),
            "contact_id": SQL("contact.id"),
            "custodian_id": SQL("contact.card_custodian_id"),
            "team_id": SQL("contact.card_team_id"),
            "user_id": SQL("move.invoice_user_id"),
            "company_id": SQL("move.company_id"),
            "currency_id": SQL("company.currency_id"),
            "product_id": SQL("line.product_id"),
            "brand_id": self._get_brand_sql(),
            "categ_id": SQL("template.categ_id"),
            "quantity": SQL(
                "%s * CASE WHEN move.move_type = 'out_refund' THEN -1 ELSE 1 END",
                quantity,
            ),
            "amount": SQL("-line.balance"),
            "price": SQL("ABS(line.balance) / NULLIF(ABS(%s), 0)", quantity),
            "discount": SQL("line.discount"),
            "campaign_id": SQL("move.campaign_id"),
            "contract_id": self._get_contract_sql(),
            "payment_state": SQL("move.payment_state"),
            "due_date": SQL("move.invoice_date_due"),
            "payment_date": paid,
            "days_late": SQL("%s - move.invoice_date_due", paid),
        }

    def _get_trade_from(self):
        return SQL(
            """account_move move
               JOIN account_move_line line ON line.move_id = move.id
               JOIN res_partner contact ON contact.id = move.partner_id
               JOIN res_company company ON company.id = move.company_id
          LEFT JOIN product_product product ON product.id = line.product_id
          LEFT JOIN product_template template ON template.id = product.product_tmpl_id
          LEFT JOIN uom_uom unit ON unit.id = line.product_uom_id
          LEFT JOIN uom_uom product_unit ON product_unit.id = template.uom_id"""
        )

    def _get_trade_where(self):
        return SQL(
            """move.state = 'posted'
               AND move.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
               AND line.display_type = 'product'
               AND COALESCE(contact.commercial_partner_id, contact.id) <> ALL(%s)""",
            self.env["customer.metrics"]._get_own_partner_ids(),
        )

    def _get_brand_sql(self):
        """:return: SQL: what the product has of the attribute that is the brand; of a
        product that comes in several brands, what the variant has"""
        return SQL(
            """(SELECT COALESCE(
                           (SELECT value.product_attribute_value_id
                              FROM product_variant_combination variant
                              JOIN product_template_attribute_value value
                                ON value.id = variant.product_template_attribute_value_id
                             WHERE variant.product_product_id = product.id
                               AND value.attribute_line_id = brand.id
                             LIMIT 1),
                           (SELECT MIN(named.product_attribute_value_id)
                              FROM product_attribute_value_product_template_attribute_line_rel
                                   named
                             WHERE named.product_template_attribute_line_id = brand.id
                            HAVING COUNT(*) = 1))
                  FROM product_template_attribute_line brand
                 WHERE brand.product_tmpl_id = template.id
                   AND brand.attribute_id = company.trade_brand_attribute_id
                   AND brand.active
                 LIMIT 1)"""
        )

    def _get_payment_date_sql(self):
        """:return: SQL: the day of the last payment or credit note that the document
        was settled with, once nothing is open"""
        return SQL(
            """(SELECT MAX(settled.max_date)
                  FROM account_move_line receivable
                  JOIN account_partial_reconcile settled
                    ON settled.debit_move_id = receivable.id
                    OR settled.credit_move_id = receivable.id
                 WHERE receivable.move_id = move.id
                   AND receivable.display_type = 'payment_term'
                   AND move.payment_state IN ('paid', 'in_payment', 'reversed'))"""
        )

    def _get_contract_sql(self):
        """:return: SQL: the contract that covers the line: of those in force on the day
        the one that names the product, else its category, else one for everything; of
        several the youngest"""
        return SQL(
            """(SELECT contract.id
                  FROM customer_card_contract contract
            CROSS JOIN LATERAL (
                       SELECT EXISTS (
                                  SELECT FROM customer_card_contract_product_rel named
                                   WHERE named.contract_id = contract.id) AS products,
                              EXISTS (
                                  SELECT FROM customer_card_contract_categ_rel named
                                   WHERE named.contract_id = contract.id) AS categories,
                              EXISTS (
                                  SELECT FROM customer_card_contract_product_rel named
                                   WHERE named.contract_id = contract.id
                                     AND named.product_id = product.id) AS names_product,
                              EXISTS (
                                  SELECT
                                    FROM customer_card_contract_categ_rel named
                                    JOIN product_category above
                                      ON above.id = named.categ_id
                                    JOIN product_category own
                                      ON own.id = template.categ_id
                                   WHERE named.contract_id = contract.id
                                     AND own.parent_path LIKE above.parent_path || '%%'
                              ) AS names_category) covers
                 WHERE contract.card_root_id = contact.card_root_id
                   AND contract.company_id = move.company_id
                   AND contract.active
                   AND contract.date_start <= move.invoice_date
                   AND (contract.date_end IS NULL
                        OR contract.date_end >= move.invoice_date)
                   AND (covers.names_product OR covers.names_category
                        OR NOT (covers.products OR covers.categories))
              ORDER BY covers.names_product DESC, covers.names_category DESC,
                       contract.date_start DESC, contract.id DESC
                 LIMIT 1)"""
        )
