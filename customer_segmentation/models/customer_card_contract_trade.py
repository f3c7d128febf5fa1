from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

# percent of the amount by which the purchases may lag behind the calendar
LAG = 15


class CustomerCardContract(models.Model):
    """What was bought of what was agreed.

    A contract covers the products and categories it names; one that names none covers
    everything. A purchase counts for one contract only: see ``customer.trade.report``.
    """

    _inherit = "customer.card.contract"

    # what it covers
    product_ids = fields.Many2many(
        "product.product",
        "customer_card_contract_product_rel",
        "contract_id",
        "product_id",
        "Products",
        help="What is bought of these counts for the contract.",
    )
    categ_ids = fields.Many2many(
        "product.category",
        "customer_card_contract_categ_rel",
        "contract_id",
        "categ_id",
        "Product Categories",
        help="What is bought of these and the categories below counts for the contract. "
        "Neither products nor categories: everything counts.",
    )
    # what came of it
    amount_bought = fields.Monetary(
        "Bought",
        compute="_compute_amount_bought",
        help="Untaxed invoices less credit notes, within the term.",
    )
    bought_rate = fields.Float(
        "Bought (%)",
        compute="_compute_amount_bought",
        digits=(16, 1),
        aggregator=None,
        help="Of the agreed amount.",
    )
    elapsed_rate = fields.Float(
        "Term Elapsed (%)",
        compute="_compute_elapsed_rate",
        digits=(16, 1),
        aggregator=None,
    )
    supply_state = fields.Selection(
        [
            ("ahead", "Ahead"),
            ("on_track", "On Track"),
            ("behind", "Behind"),
            ("unused", "Nothing Bought"),
        ],
        "Purchases",
        compute="_compute_supply_state",
        help="Behind: the share bought is more than 15 points below the share of the "
        "term that has passed; ahead: above it.",
    )

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends(
        "amount", "currency_id", "date_end", "date_start", "product_ids", "categ_ids"
    )
    def _compute_amount_bought(self):
        bought = self._get_amounts_bought()
        for contract in self:
            currency = contract.company_id.currency_id
            amount = bought.get(contract._origin.id, 0.0)
            if currency and contract.currency_id and currency != contract.currency_id:
                amount = currency._convert(
                    amount,
                    contract.currency_id,
                    contract.company_id,
                    self.env.user._card_today(),
                )
            contract.amount_bought = amount
            contract.bought_rate = (
                100 * amount / contract.amount if contract.amount else 0.0
            )

    def _get_amounts_bought(self):
        """:return: ``{id: amount in the currency of the company}``, of the purchases
        that the user may see"""
        if not self.ids:
            return {}
        groups = self.env["customer.trade.report"]._read_group(
            Domain("contract_id", "in", self.ids)
            # the contacts of these cards: the planner finds their documents by index
            & Domain("contact_id.card_root_id", "in", self.card_root_id.ids),
            ["contract_id"],
            ["amount:sum"],
        )
        return {contract.id: amount for contract, amount in groups}

    @api.depends_context("uid")
    @api.depends("date_start", "date_end")
    def _compute_elapsed_rate(self):
        today = self.env.user._card_today()
        for contract in self:
            start, end = contract.date_start, contract.date_end
            if not start or not end or end < start:
                contract.elapsed_rate = 0.0
                continue
            passed = (min(today, end) - start).days + 1
            contract.elapsed_rate = max(0.0, 100 * passed / ((end - start).days + 1))

    @api.depends("amount", "bought_rate", "elapsed_rate")
    def _compute_supply_state(self):
        for contract in self:
            lead = contract.bought_rate - contract.elapsed_rate
            if (
                not contract.amount
                or not contract.date_end
                or not contract.elapsed_rate
            ):
                contract.supply_state = False
            elif contract.amount_bought <= 0:
                contract.supply_state = "unused"
            elif lead < -LAG:
                contract.supply_state = "behind"
            elif lead > LAG:
                contract.supply_state = "ahead"
            else:
                contract.supply_state = "on_track"

    def action_open_purchases(self):
        """Show what was bought under this contract.

        :return: the action that opens the trade figures
        :raise AccessError: for a contract of a card that the user may not open
        """
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_segmentation.customer_trade_report_action"
        )
        action["domain"] = [
            ("contract_id", "=", self.id),
            ("contact_id.card_root_id", "=", self.card_root_id.id),
        ]
        action["context"] = {"show_attribute": False}
        action["name"] = self.env._("Bought: %(contract)s", contract=self.name)
        return action

    def _auto_init(self):
        result = super()._auto_init()
        # the contract of a purchase is looked up by card
        self.env.cr.execute(
            SQL(
                "CREATE INDEX IF NOT EXISTS customer_card_contract_term_idx"
                " ON customer_card_contract (card_root_id, company_id, date_start)"
            )
        )
        return result
