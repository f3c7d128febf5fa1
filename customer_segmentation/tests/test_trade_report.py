from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CustomerSegmentationCommon, CustomerSegmentationHttp


class TestTradeReport(CustomerSegmentationCommon):
    """A13: date, product, brand, amount, quantity, payment, contract, promotion."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.brand = cls.env["product.attribute"].create(
            {
                "name": "Maker",
                "create_variant": "no_variant",
                "value_ids": [
                    Command.create({"name": "Red"}),
                    Command.create({"name": "Blue"}),
                ],
            }
        )
        cls.red, cls.blue = cls.brand.value_ids
        cls.company.trade_brand_attribute_id = cls.brand
        cls.category = cls.env["product.category"].create({"name": "Tools"})
        cls.sub_category = cls.env["product.category"].create(
            {"name": "Saws", "parent_id": cls.category.id}
        )
        cls.saw = cls.env["product.product"].create(
            {
                "name": "Saw",
                "categ_id": cls.sub_category.id,
                "taxes_id": False,
                "attribute_line_ids": [
                    Command.create(
                        {
                            "attribute_id": cls.brand.id,
                            "value_ids": [Command.set(cls.red.ids)],
                        }
                    )
                ],
            }
        )

    def make_line(self, product, quantity, price, **values):
        return Command.create(
            {
                "product_id": product.id,
                "quantity": quantity,
                "price_unit": price,
                "tax_ids": [Command.clear()],
                **values,
            }
        )

    def get_lines(self, partner=None, user=None):
        Report = self.env["customer.trade.report"]
        self.env.flush_all()
        Report.invalidate_model()
        return Report.with_user(user or self.env.user).search(
            [("partner_id", "=", (partner or self.card_east).id)]
        )

    def make_contract(self, name, amount=1000.0, **values):
        return self.env["customer.card.contract"].create(
            {
                "partner_id": self.card_east.id,
                "company_id": self.company.id,
                "name": name,
                "date_start": "2026-01-01",
                "date_end": "2026-12-31",
                "amount": amount,
                **values,
            }
        )

    def test_line(self):
        campaign = self.env["utm.campaign"].create({"title": "Spring"})
        invoice = self.make_invoice(
            self.contact_east,
            0,
            "2026-03-10",
            campaign_id=campaign.id,
            invoice_line_ids=[self.make_line(self.saw, 4, 25, discount=10.0)],
        )
        line = self.get_lines()
        self.assertEqual(len(line), 1)
        self.assertEqual(str(line.date), "2026-03-10")
        self.assertEqual(line.partner_id, self.card_east)
        self.assertEqual(line.contact_id, self.contact_east)
        self.assertEqual(line.move_id, invoice)
        self.assertEqual(line.brand_id, self.red)
        self.assertEqual(line.categ_id, self.sub_category)
        self.assertEqual((line.quantity, line.amount), (4.0, 90.0))
        self.assertEqual((line.price, line.discount), (22.5, 10.0))
        self.assertEqual(line.campaign_id, campaign)
        self.assertEqual(line.custodian_id, self.custodian_east)
        self.assertEqual(line.team_id, self.team_east)
        self.assertFalse(line.payment_date)
        self.assertEqual(line.payment_state, "not_paid")

    def test_credit_note_and_draft(self):
        self.make_invoice(
            self.card_east,
            -1,
            "2026-03-10",
            invoice_line_ids=[self.make_line(self.saw, 2, 25)],
        )
        draft = self.make_invoice(self.card_east, 70, "2026-03-11")
        draft.button_draft()
        line = self.get_lines()
        self.assertEqual((line.quantity, line.amount), (-2.0, -50.0))
        self.assertEqual(line.move_type, "out_refund")

    def test_other_unit(self):
        """Quantity and price are in the unit of the product."""
        dozen = self.env.ref("uom.product_uom_dozen")
        self.make_invoice(
            self.card_east,
            0,
            "2026-03-10",
            invoice_line_ids=[
                self.make_line(self.saw, 2, 120, product_uom_id=dozen.id)
            ],
        )
        line = self.get_lines()
        self.assertEqual((line.quantity, line.price, line.amount), (24.0, 10.0, 240.0))

    def test_paid_by_entry(self):
        """Settled by an entry of the bank: its day, and how late that was."""
        invoice = self.make_invoice(
            self.card_east, 100, "2026-03-10", invoice_date_due="2026-03-20"
        )
        self.pay(invoice, 40, "2026-03-18")
        self.assertFalse(self.get_lines().payment_date)
        self.pay(invoice, 60, "2026-03-27")
        line = self.get_lines()
        self.assertEqual(str(line.payment_date), "2026-03-27")
        self.assertEqual(line.days_late, 7)

    def pay(self, invoice, amount, date):
        bank = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.company.id)], limit=1
        )
        receivable = invoice.line_ids.filtered(
            lambda line: line.display_type == "payment_term"
        )
        entry = (
            self.env["account.move"]
            .with_company(self.company)
            .create(
                {
                    "move_type": "entry",
                    "journal_id": bank.id,
                    "date": date,
                    "line_ids": [
                        Command.create(
                            {
                                "account_id": bank.default_account_id.id,
                                "debit": amount,
                            }
                        ),
                        Command.create(
                            {
                                "account_id": receivable.account_id.id,
                                "partner_id": invoice.partner_id.id,
                                "credit": amount,
                            }
                        ),
                    ],
                }
            )
        )
        entry.action_post()
        lines = entry.line_ids.filtered("credit") | receivable
        lines.filtered(lambda line: not line.reconciled).reconcile()

    def test_brand_of_variants(self):
        """A product that comes in several brands: the one of the variant sold."""
        attribute = self.env["product.attribute"].create(
            {
                "name": "Make",
                "create_variant": "always",
                "value_ids": [
                    Command.create({"name": "One"}),
                    Command.create({"name": "Two"}),
                ],
            }
        )
        self.company.trade_brand_attribute_id = attribute
        template = self.env["product.template"].create(
            {
                "name": "Drill",
                "taxes_id": False,
                "attribute_line_ids": [
                    Command.create(
                        {
                            "attribute_id": attribute.id,
                            "value_ids": [Command.set(attribute.value_ids.ids)],
                        }
                    )
                ],
            }
        )
        self.make_invoice(
            self.card_east,
            0,
            "2026-03-10",
            invoice_line_ids=[
                self.make_line(variant, 1, 10)
                for variant in template.product_variant_ids
            ],
        )
        self.assertEqual(
            sorted(self.get_lines().brand_id.mapped("name")), ["One", "Two"]
        )
        self.company.trade_brand_attribute_id = False
        self.assertFalse(self.get_lines().brand_id)

    def test_contract(self):
        """The contract that names the product wins over its category and over
        everything; outside the term there is none."""
        anything = self.make_contract("Anything")
        tools = self.make_contract("Tools", categ_ids=[Command.set(self.category.ids)])
        for date in ("2026-03-10", "2025-12-31"):
            self.make_invoice(
                self.contact_east,
                0,
                date,
                invoice_line_ids=[
                    self.make_line(self.saw, 1, 300),
                    self.make_line(self.product, 1, 50),
                ],
            )
        inside, outside = (
            self.get_lines().filtered(lambda line, year=year: line.date.year == year)
            for year in (2026, 2025)
        )
        self.assertFalse(outside.contract_id)
        self.assertEqual(
            inside.filtered(lambda line: line.product_id == self.saw).contract_id, tools
        )
        self.assertEqual(
            inside.filtered(lambda line: line.product_id != self.saw).contract_id,
            anything,
        )
        saws = self.make_contract("Saws", product_ids=[Command.set(self.saw.ids)])
        inside.invalidate_recordset()
        self.assertEqual(
            inside.filtered(lambda line: line.product_id == self.saw).contract_id, saws
        )

    def test_contract_performance(self):
        contract = self.make_contract("Anything")
        self.make_invoice(self.card_east, 300, "2026-03-10")
        self.make_invoice(self.card_east, -50, "2026-03-12")
        self.make_invoice(self.card_west, 70, "2026-03-12")
        self.env.flush_all()
        contract.invalidate_recordset()
        with freeze_time("2026-03-31"):
            self.assertEqual(contract.amount_bought, 250.0)
            self.assertEqual(contract.bought_rate, 25.0)
            self.assertEqual(contract.elapsed_rate, 24.7)
            self.assertEqual(contract.supply_state, "on_track")
        contract.invalidate_recordset()
        with freeze_time("2026-09-30"):
            self.assertEqual(contract.supply_state, "behind")
            contract.amount = 100
            self.assertEqual(contract.supply_state, "ahead")
        nothing = self.make_contract(
            "Saws only", product_ids=[Command.set(self.saw.ids)]
        )
        with freeze_time("2026-03-31"):
            self.assertEqual(nothing.supply_state, "unused")

    def test_contract_purchases_open(self):
        """A custodian opens what was bought under his contract; of another's he does
        not even see the contract."""
        contract = self.make_contract("Anything")
        self.make_invoice(self.card_east, 300, "2026-03-10")
        action = contract.with_user(self.custodian_east).action_open_purchases()
        self.env.flush_all()
        lines = (
            self.env["customer.trade.report"]
            .with_user(self.custodian_east)
            .search(action["domain"])
        )
        self.assertEqual(lines.amount, 300.0)
        with (
            self.assertRaises(AccessError),
            mute_logger("odoo.addons.base.models.ir_rule"),
        ):
            contract.with_user(self.custodian_west).action_open_purchases()

    def test_own_companies_are_no_customers(self):
        other = self.env["res.company"].create({"name": "Sister"})
        self.make_invoice(other.partner_id, 300, "2026-03-10")
        self.assertFalse(self.get_lines(other.partner_id))

    def test_queries(self):
        """As many queries for a hundred contracts as for one."""
        contracts = self.env["customer.card.contract"]
        for number in range(100):
            contracts |= self.make_contract(f"Contract {number}")
        self.env.flush_all()

        def count(records):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            records.with_user(self.custodian_east).mapped("supply_state")
            return self.env.cr.sql_log_count - before

        count(contracts[:1])
        self.assertEqual(count(contracts[:1]), count(contracts))


@tagged("-at_install", "post_install")
class TestTradeReportHttp(CustomerSegmentationHttp):
    """P04: trade figures follow the card, whichever way they are asked for."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_invoice(cls.contact_east, 300, "2026-03-10")
        cls.make_invoice(cls.card_west, 70, "2026-03-10")

    def rpc(self, user, method, *args, **kwargs):
        """:return: what the server answers to the report's method"""
        return self.call(
            getattr(self, user),
            "customer.trade.report",
            method,
            *args,
            context={"allowed_company_ids": self.company.ids},
            **kwargs,
        )

    def get_sum(self, user, domain=()):
        groups = self.rpc(
            user,
            "formatted_read_group",
            list(domain),
            groupby=[],
            aggregates=["amount:sum"],
        )
        return groups[0]["amount:sum"] or 0

    def test_statistics(self):
        """Each sees the sum of his own customers, the reader of all."""
        self.assertEqual(self.get_sum("custodian_east"), 300)
        self.assertEqual(self.get_sum("manager_east"), 300)
        self.assertEqual(self.get_sum("custodian_west"), 70)
        self.assertEqual(self.get_sum("regional_manager"), 370)
        self.assertEqual(self.get_sum("reader"), 370)
        self.assertEqual(self.get_sum("employee"), 0)

    def test_dotted_path(self):
        """Filters on the contact or the document of another's customer find nothing."""
        for path in ("contact_id.name", "partner_id.name"):
            with self.subTest(path=path):
                rows = self.rpc(
                    "custodian_west",
                    "search_read",
                    [[path, "ilike", "al"]],
                    fields=["amount"],
                )
                self.assertFalse(rows)
        self.assertTrue(
            self.get_refusal(
                self.custodian_west,
                "customer.trade.report",
                "search_read",
                [["move_id.amount_total", ">", 0]],
            ),
            "who may not open invoices finds nothing out through them",
        )
        self.assertTrue(
            self.rpc(
                "custodian_east",
                "search_read",
                [["partner_id.name", "ilike", "alpha"]],
                fields=["amount"],
            )
        )

    def test_read_by_id(self):
        own = self.rpc("custodian_east", "search", [])
        self.assertTrue(self.rpc("custodian_east", "read", own, ["amount"]))
        refusal = self.get_refusal(
            self.custodian_west, "customer.trade.report", "read", own, ["partner_id"]
        )
        self.assertTrue(refusal)
        self.assertNotIn("Alpha", refusal)

    def test_nobody_writes(self):
        own = self.rpc("custodian_east", "search", [])
        for user in (self.custodian_east, self.card_admin):
            self.assertTrue(
                self.get_refusal(
                    user, "customer.trade.report", "write", own, {"amount": 1}
                )
            )

    def test_loan(self):
        """A borrower sees the trade of the lent card, no longer than it is lent."""
        self.assertEqual(self.get_sum("custodian_west"), 70)
        loan = self.env["customer.card.loan"].create(
            {
                "borrower_id": self.custodian_west.id,
                "card_ids": [Command.set(self.card_east.ids)],
                "mode": "screen",
                "purpose": "Holiday",
            }
        )
        loan.with_user(self.custodian_west).action_submit()
        loan.with_user(self.manager_east).action_approve()
        self.assertEqual(self.get_sum("custodian_west"), 370)
        loan.with_user(self.manager_east).action_revoke()
        self.assertEqual(self.get_sum("custodian_west"), 70)
