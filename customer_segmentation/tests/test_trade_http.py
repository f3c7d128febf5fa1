import json

from odoo import Command
from odoo.http import Request
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CustomerSegmentationHttp
from .test_trade_access import TradeAccessWorld

# what identifies the hidden customer, and what he has bought
SECRETS = (
    "Alpha",
    "290 34 9",
    "alpha.example.com",
    "Hidden Street",
    "1234.5",
    "1,234",
    # with the document of the other customer
    "1244.5",
)


@tagged("post_install", "-at_install")
class TestTradeHttp(TradeAccessWorld, CustomerSegmentationHttp):
    """P04, A07, A10: what a clever salesperson might try with orders and invoices. Each
    attack has its twin: the custodian of the card does the same with success."""

    @classmethod
    def make_documents(cls):  # pylint: disable=missing-return
        super().make_documents()
        cls.card_east.street = "Hidden Street 1"

    def assert_mine_alone(self, model, method, *args, **kwargs):
        """Custodian East may, custodian West is refused and told nothing.

        :return: what East got"""
        result = self.call(self.custodian_east, model, method, *args, **kwargs)
        told = self.get_refusal(self.custodian_west, model, method, *args, **kwargs)
        self.assertTrue(told, (model, method, args))
        self.assertIn("CardAccessError", told, (model, method))
        for secret in SECRETS:
            self.assertNotIn(secret, told)
        return result

    def assert_nothing_found(self, model, method, *args, **kwargs):
        """West is answered, with nothing of the customer in it; East is."""
        theirs = json.dumps(
            self.call(self.custodian_east, model, method, *args, **kwargs)
        )
        self.assertTrue(any(secret in theirs for secret in SECRETS), (model, method))
        told = json.dumps(
            self.call(self.custodian_west, model, method, *args, **kwargs)
        )
        for secret in SECRETS:
            self.assertNotIn(secret, told, (model, method))

    # ------------------------------------------------------------
    # LINKING
    # ------------------------------------------------------------

    def test_no_order_for_a_hidden_customer(self):
        spec = {
            "partner_id": {"fields": {"display_name": {}}},
            "partner_invoice_id": {"fields": {"display_name": {}}},
            "partner_shipping_id": {"fields": {"display_name": {}}},
            "payment_term_id": {},
        }
        for name in ("partner_id", "partner_shipping_id", "partner_invoice_id"):
            values = {name: self.card_east.id}
            self.assert_mine_alone("sale.order", "onchange", [], values, [name], spec)
        self.assert_mine_alone(
            "sale.order",
            "onchange",
            [],
            {},
            [],
            spec,
            context={"default_partner_id": self.card_east.id},
        )
        self.assert_mine_alone(
            "sale.order", "create", {"partner_id": self.card_east.id}
        )
        self.assert_mine_alone(
            "sale.order",
            "web_save",
            [],
            {
                "partner_id": self.free_partner.id,
                "partner_shipping_id": self.address_east.id,
            },
            specification=spec,
        )
        draft = self.env["sale.order"].create({"partner_id": self.free_partner.id})
        self.env.flush_all()
        self.assert_mine_alone(
            "sale.order", "write", draft.ids, {"partner_id": self.contact_east.id}
        )

    def test_no_document_is_taken_over_by_a_list(self):
        self.assertTrue(
            self.get_refusal(
                self.custodian_west,
                "res.partner",
                "write",
                self.card_west.ids,
                {"sale_order_ids": [Command.link(self.order.id)]},
            )
        )
        self.assertEqual(self.order.partner_id, self.card_east)
        line = {"name": "x", "order_partner_id": self.card_west.id}
        for order, refused in ((self.order, True), (self.free_order, False)):
            told = self.get_refusal(
                self.custodian_west,
                "sale.order.line",
                "create",
                {**line, "order_id": order.id, "display_type": "line_note"},
            )
            self.assertEqual(bool(told), refused, told)

    def test_assistants_work_on_what_one_may_open(self):
        for model, values in (
            ("sale.advance.payment.inv", {"sale_order_ids": [(6, 0, self.order.ids)]}),
            ("sale.mass.cancel.orders", {"sale_order_ids": [(6, 0, self.order.ids)]}),
            ("sale.order.discount", {"sale_order_id": self.order.id}),
            ("account.move.send.wizard", {"move_id": self.invoice.id}),
            ("portal.wizard", {"partner_ids": [(6, 0, self.card_east.ids)]}),
            (
                "payment.link.wizard",
                {
                    "res_model": "sale.order",
                    "res_id": self.order.id,
                    "amount": 1,
                    "currency_id": self.order.currency_id.id,
                },
            ),
            (
                "payment.link.wizard",
                {
                    "res_model": "sale.order",
                    "res_id": self.free_order.id,
                    "amount": 1,
                    "partner_id": self.card_east.id,
                },
            ),
        ):
            with self.subTest(model=model, values=values):
                spec = {name: {} for name in values}
                self.assert_mine_alone(
                    model, "onchange", [], values, list(values), spec
                )
                self.assert_mine_alone(model, "create", values)

    def test_assistants_take_nothing_from_the_context(self):
        for model, spec in (
            ("sale.advance.payment.inv", {"sale_order_ids": {}, "amount_invoiced": {}}),
            ("portal.wizard", {"user_ids": {"fields": {"email": {}}}}),
        ):
            record = self.card_east if model == "portal.wizard" else self.order
            context = {"active_model": record._name, "active_ids": record.ids}
            with self.subTest(model=model):
                self.assert_mine_alone(
                    model, "onchange", [], {}, [], spec, context=context
                )

    def test_an_assistant_of_somebody_else(self):
        """What it shows was worked out for whoever opened it."""
        wizard = self.call(
            self.custodian_east,
            "account.move.send.wizard",
            "create",
            {"move_id": self.invoice.id},
        )
        self.assertTrue(
            self.get_refusal(
                self.custodian_west, "account.move.send.wizard", "read", [wizard], []
            )
        )

    # ------------------------------------------------------------
    # READING
    # ------------------------------------------------------------

    def test_reading(self):
        for record, names in (
            (self.order, ["name", "amount_total", "partner_id"]),
            (self.order.order_line, ["name", "price_subtotal", "order_partner_id"]),
            (self.invoice, ["name", "amount_total", "invoice_partner_display_name"]),
            (self.invoice.invoice_line_ids, ["name", "price_subtotal"]),
        ):
            model = record._name
            with self.subTest(model=model):
                self.assert_mine_alone(model, "read", record.ids, names)
                self.assert_mine_alone(
                    model,
                    "web_read",
                    record.ids,
                    specification={name: {} for name in names},
                )
                self.assert_mine_alone(model, "export_data", record.ids, ["name"])

    def test_searching(self):
        company = [("company_id", "=", self.company.id)]
        for domain in (
            company,
            [*company, ("partner_id.phone", "ilike", "290")],
            [*company, ("partner_id", "child_of", self.card_east.id)],
            [*company, ("amount_untaxed", "=", 1234.5)],
        ):
            for model in ("sale.order", "account.move"):
                with self.subTest(model=model, domain=domain):
                    self.assert_nothing_found(
                        model, "search_read", domain, ["partner_id", "amount_total"]
                    )
                    self.assert_nothing_found(
                        model,
                        "web_search_read",
                        domain,
                        specification={
                            "partner_id": {"fields": {"display_name": {}}},
                            "amount_total": {},
                        },
                    )
        self.assert_nothing_found(
            "res.partner",
            "search_read",
            [("sale_order_ids.amount_untaxed", "=", 1234.5)],
            ["name"],
        )

    def test_grouping(self):
        company = [("company_id", "=", self.company.id)]
        for model, aggregate in (
            ("sale.order", "amount_untaxed:sum"),
            ("sale.order.line", "price_subtotal:sum"),
            ("sale.report", "price_subtotal:sum"),
            ("account.move", "amount_untaxed:sum"),
            ("account.invoice.report", "price_subtotal:sum"),
        ):
            customer = (
                "order_partner_id" if model == "sale.order.line" else "partner_id"
            )
            for groupby in ([customer], [f"{customer}.phone"], []):
                with self.subTest(model=model, groupby=groupby):
                    self.assert_nothing_found(
                        model,
                        "formatted_read_group",
                        company,
                        groupby,
                        [aggregate],
                    )

    def test_prints_and_pages(self):
        for url in (
            f"/report/html/sale.report_saleorder/{self.order.id}",
            f"/report/html/account.report_invoice/{self.invoice.id}",
            f"/my/orders/{self.order.id}",
            f"/my/invoices/{self.invoice.id}",
        ):
            with self.subTest(url=url):
                for user, sees in (
                    (self.custodian_east, True),
                    (self.custodian_west, False),
                ):
                    self.authenticate(user.login, user.login)
                    self.logged_in = user
                    with mute_logger("odoo.http", "odoo.addons.base.models.ir_rule"):
                        page = self.url_open(url, timeout=60)
                    told = any(secret in page.text for secret in SECRETS)
                    self.assertEqual(told, sees)

    def test_exports(self):
        """``/web/export/csv``: one's own rows, and none of the others."""
        for user, sees in ((self.custodian_east, True), (self.custodian_west, False)):
            self.authenticate(user.login, user.login)
            self.logged_in = user
            data = {
                "model": "sale.order",
                "fields": [{"name": "name", "label": "Name", "type": "char"}],
                "ids": False,
                "domain": [("company_id", "=", self.company.id)],
                "import_compat": False,
            }
            page = self.url_open(
                "/web/export/csv",
                data={
                    "data": json.dumps(data),
                    "csrf_token": Request.csrf_token(self),
                },
            )
            self.assertEqual(page.status_code, 200, page.text[:300])
            self.assertEqual(self.order.name in page.text, sees)
            self.assertIn(self.free_order.name, page.text)

    def test_what_is_done_with_an_order(self):
        for method in ("action_quotation_send", "action_view_invoice", "copy"):
            with self.subTest(method=method):
                self.assert_mine_alone("sale.order", method, self.order.ids)
        for model, method in (
            ("customer.metrics", "_refresh"),
            ("account.move", "_after_first_posted"),
            ("res.partner", "_get_card_open_items"),
        ):
            self.assertTrue(
                self.get_refusal(self.custodian_east, model, method, [self.company.id])
            )

    # ------------------------------------------------------------
    # WHO GOES ON WORKING
    # ------------------------------------------------------------

    def test_accounting_invoices_everybody(self):
        """P03: also whom nobody lent to it."""
        self.accountant.password = "test_accountant"
        values = {
            "move_type": "out_invoice",
            "partner_id": self.card_east.id,
            "invoice_line_ids": [
                Command.create({"name": "Service", "price_unit": 9, "tax_ids": []})
            ],
        }
        move = self.call(self.accountant, "account.move", "create", values)
        self.call(self.accountant, "account.move", "action_post", [move])
        wizard = self.call(
            self.accountant, "account.move.send.wizard", "create", {"move_id": move}
        )
        self.assertTrue(wizard)
        seller = self.selling_accountant
        seller.password = seller.login
        told = self.get_refusal(seller, "account.move", "create", values)
        self.assertIn("CardAccessError", told)
        values["partner_id"] = self.free_partner.id
        move = self.call(seller, "account.move", "create", values)
        self.call(seller, "account.move", "action_post", [move])
