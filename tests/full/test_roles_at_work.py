"""P03, P04, A06: with the addon installed, every role still does its daily work in the
other applications: sales, accounting, stock, purchase.

The database of these tests also holds crm, sale_management, account, stock, purchase and
sale_stock. Everything goes over HTTP, as the browser does it.
"""

from access_matrix import DATA, AccessMatrixCase

from odoo import Command
from odoo.tests import new_test_user, tagged

STAFF = {
    "accountant": "account.group_account_invoice,base.group_partner_manager",
    "auditor": "account.group_account_readonly",
    "storekeeper": "stock.group_stock_user",
    "buyer": "purchase.group_purchase_user,base.group_partner_manager",
    # sales wins: whoever is a card user as well sees his own cards only
    "accountant_in_sales": "account.group_account_invoice,"
    "customer_card.customer_card_group_user,base.group_partner_manager",
    "storekeeper_in_sales": "stock.group_stock_user,"
    "customer_card.customer_card_group_user",
    "buyer_in_sales": "purchase.group_purchase_user,"
    "customer_card.customer_card_group_user",
    "salesman_all": "sales_team.group_sale_salesman_all_leads",
}


class RolesAtWorkCase(AccessMatrixCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name, groups in STAFF.items():
            cls.users[name] = new_test_user(
                cls.env,
                login=f"test_{name}",
                name=name.replace("_", " ").title(),
                email=f"{name}@staff.example.com",
                groups=f"base.group_user,{groups}",
            )
        salesman = cls.env.ref("sales_team.group_sale_salesman")
        for user in (cls.custodian_east, cls.custodian_west):
            user.group_ids |= salesman
        cls.product = cls.env["product.product"].create(
            {
                "name": "Bottle",
                "type": "consu",
                "is_storable": True,
                "list_price": 100,
                "taxes_id": False,
                "supplier_taxes_id": False,
                "invoice_policy": "order",
            }
        )
        cls.env.flush_all()

    def make_order(self, role="C", partner=None):
        """:return: id of a confirmed sale order, made and confirmed over RPC"""
        values = {
            "partner_id": (partner or self.card_east).id,
            "order_line": [
                Command.create({"product_id": self.product.id, "product_uom_qty": 2})
            ],
        }
        order_id = self.call(role, "sale.order", "create", values)
        self.call(role, "sale.order", "action_confirm", [order_id])
        return order_id

    def open_form(self, role, record):
        """Open the form of a record as the browser does, with every field of its view
        and of the lists in it."""
        model = record._name
        views = self.call(role, model, "get_views", [(False, "form")])
        arch = {"arch": views["views"]["form"]["arch"], "model": model}
        user = self.users[role]
        spec = self.env[model].with_user(user)._get_fields_spec(arch)
        self.env.invalidate_all()
        answer = self.try_call(role, model, "web_read", record.ids, specification=spec)
        self.assertFalse(answer.error, answer.text[:3000])
        return answer.result[0]


@tagged("post_install", "-at_install")
class TestEverybody(RolesAtWorkCase):
    """Whoever logs in gets his client, his preferences and his colleagues."""

    def internal_roles(self):
        return [role for role in self.users if role != "T"]

    def test_the_web_client_starts(self):
        for role in self.internal_roles():
            with self.subTest(role=role):
                self.take_session(role)
                page = self.url_open("/odoo", timeout=120)
                self.assertEqual(page.status_code, 200)
                self.assertIn("odoo.__session_info__", page.text)
                info = self.post_json("/web/session/get_session_info", {})
                self.assertEqual(info.result["uid"], self.users[role].id)
                menus = self.url_open("/web/webclient/load_menus")
                self.assertEqual(menus.status_code, 200)
                started = self.post_json(
                    "/mail/data",
                    {
                        "fetch_params": [
                            "failures",
                            "systray_get_activities",
                            "init_messaging",
                        ]
                    },
                )
                self.assertFalse(started.error, started.text[:2000])

    def test_preferences(self):
        for role in self.internal_roles():
            with self.subTest(role=role):
                user = self.users[role]
                view_id = self.env.ref("base.view_users_form_simple_modif").id
                arch = self.call(role, "res.users", "get_view", view_id, "form")
                spec = (
                    self.env["res.users"]
                    .with_user(user)
                    ._get_fields_spec({"arch": arch["arch"], "model": "res.users"})
                )
                answer = self.try_call(
                    role,
                    "res.users",
                    "web_save",
                    user.ids,
                    {"signature": "<p>Bye</p>"},
                    specification=spec,
                )
                self.assertFalse(answer.error, answer.text[:2000])
                own = self.call(
                    role, "res.partner", "read", user.partner_id.ids, ["name", "email"]
                )
                self.assertTrue(own)

    def test_colleagues_are_found_and_mentioned(self):
        for role in self.internal_roles():
            with self.subTest(role=role):
                found = self.call(role, "res.users", "name_search", "Manager East")
                self.assertTrue(found)
                listed = self.call(
                    role,
                    "res.users",
                    "web_search_read",
                    [],
                    specification={"name": {}, "partner_id": {"fields": {"name": {}}}},
                )
                self.assertGreater(listed["length"], len(STAFF))
                mentions = self.call(
                    role, "res.partner", "get_mention_suggestions", "Manager East"
                )
                self.assertIn(
                    self.manager_east.partner_id.id,
                    [partner["id"] for partner in mentions["res.partner"]],
                )

    def test_mail_among_colleagues(self):
        """A message on an open document, with a mention, sends its notification."""
        for role in ("C", "M", "A", "accountant", "buyer"):
            with self.subTest(role=role):
                message = self.call(
                    role,
                    "res.partner",
                    "message_post",
                    self.free_partner.ids,
                    body="Hello",
                    message_type="comment",
                    subtype_xmlid="mail.mt_comment",
                    partner_ids=self.reader.partner_id.ids,
                )
                notified = self.env["mail.notification"].search(
                    [("mail_message_id", "in", message)]
                )
                self.assertIn(self.reader.partner_id, notified.res_partner_id)

    def test_the_portal_of_the_customer(self):
        order_id = self.make_order()
        self.take_session("T")
        for path in (
            "/my",
            "/my/orders",
            f"/my/orders/{order_id}",
            "/my/invoices",
            "/my/account",
        ):
            page = self.url_open(path, timeout=60)
            self.assertEqual(page.status_code, 200, path)


@tagged("post_install", "-at_install")
class TestSales(RolesAtWorkCase):
    """The custodian sells; a colleague does not meet his customers."""

    def test_lead_of_the_own_customer(self):
        lead_id = self.call(
            "C", "crm.lead", "create", {"name": "Fair", "partner_id": self.card_east.id}
        )
        lead = self.env["crm.lead"].browse(lead_id)
        values = self.open_form("C", lead)
        self.assertEqual(values["email_from"], self.card_east.email)
        self.call("C", "crm.lead", "action_set_won_rainbowman", [lead_id])

    def test_quotation_to_order(self):
        order = self.env["sale.order"].browse(self.make_order())
        self.open_form("C", order)
        self.assertEqual(order.state, "sale")
        self.assertTrue(order.picking_ids)
        action = self.call("C", "sale.order", "action_quotation_send", order.ids)
        composer = self.call(
            "C",
            "mail.compose.message",
            "create",
            {},
            context=action["context"],
        )
        self.call("C", "mail.compose.message", "action_send_mail", [composer])
        self.assertIn(self.card_east, order.message_ids.partner_ids)

    def test_print_of_the_own_quotation(self):
        order_id = self.make_order()
        self.take_session("C")
        page = self.url_open(
            f"/report/html/sale.report_saleorder/{order_id}", timeout=60
        )
        self.assertEqual(page.status_code, 200)
        self.assertIn("Alpha Foods", page.text)

    def test_lists_with_documents_of_hidden_customers(self):
        """A colleague who sees all orders in Odoo opens his lists without an error, and
        finds none of customers whose cards he may not open."""
        order_id = self.make_order()
        for role, found in (("salesman_all", []), ("accountant", [order_id])):
            ids = self.call(role, "sale.order", "search", [("id", "=", order_id)])
            self.assertEqual(ids, found)
        for model in ("sale.order", "crm.lead"):
            views = self.call("salesman_all", model, "get_views", [(False, "list")])
            spec = (
                self.env[model]
                .with_user(self.users["salesman_all"])
                ._get_fields_spec(
                    {"arch": views["views"]["list"]["arch"], "model": model}
                )
            )
            answer = self.try_call(
                "salesman_all",
                model,
                "web_search_read",
                [("partner_id", "child_of", [])] if model == "crm.lead" else [],
                specification=spec,
            )
            self.assertFalse(answer.error, answer.text[:2000])
            for secret in DATA:
                self.assertNotIn(secret, answer.text)


@tagged("post_install", "-at_install")
class TestBackOffice(RolesAtWorkCase):
    """Accounting, stock and purchase meet every customer and supplier."""

    def test_invoice_and_payment(self):
        order_id = self.make_order()
        wizard = self.call(
            "C",
            "sale.advance.payment.inv",
            "create",
            {"advance_payment_method": "delivered", "sale_order_ids": [order_id]},
        )
        self.call("C", "sale.advance.payment.inv", "create_invoices", [wizard])
        invoice = self.env["sale.order"].browse(order_id).invoice_ids
        self.assertEqual(invoice.partner_id, self.card_east)

        self.open_form("accountant", invoice)
        self.call("accountant", "account.move", "action_post", invoice.ids)
        self.assertEqual(invoice.state, "posted")
        payment = self.call(
            "accountant",
            "account.payment.register",
            "create",
            {},
            context={"active_model": "account.move", "active_ids": invoice.ids},
        )
        self.call(
            "accountant",
            "account.payment.register",
            "action_create_payments",
            [payment],
        )
        self.assertIn(invoice.payment_state, ("paid", "in_payment"))
        self.open_form("auditor", invoice)

    def test_an_invoice_by_accounting_alone(self):
        """Also for the contact of a card, with onchange and sending."""
        values = {
            "move_type": "out_invoice",
            "partner_id": self.contact_east.id,
            "invoice_line_ids": [
                Command.create({"name": "Service", "price_unit": 10, "tax_ids": []})
            ],
        }
        changed = self.try_call(
            "accountant",
            "account.move",
            "onchange",
            [],
            {"move_type": "out_invoice", "partner_id": self.contact_east.id},
            ["partner_id"],
            {"partner_id": {"fields": {"display_name": {}}}, "partner_shipping_id": {}},
            context={"default_move_type": "out_invoice"},
        )
        self.assertFalse(changed.error, changed.text[:2000])
        move_id = self.call("accountant", "account.move", "create", values)
        self.call("accountant", "account.move", "action_post", [move_id])
        wizard = self.call(
            "accountant",
            "account.move.send.wizard",
            "create",
            {"move_id": move_id, "sending_methods": ["email"]},
            context={"active_model": "account.move", "active_ids": [move_id]},
        )
        self.assertTrue(wizard)

    def test_accounting_writes_its_own_fields(self):
        """A06: payment terms, accounts, credit and bank; who the customer is stays with
        the custodian."""
        term = self.env.ref("account.account_payment_term_30days")
        for values in (
            {"property_payment_term_id": term.id},
            {"property_supplier_payment_term_id": term.id},
            {"use_partner_credit_limit": True, "credit_limit": 500},
            {"trust": "good"},
            {"invoice_sending_method": "manual"},
            {"property_account_position_id": False},
            {"bank_ids": [Command.create({"acc_number": "BE43 0689 9999 9501"})]},
        ):
            with self.subTest(values=values):
                self.call(
                    "accountant", "res.partner", "write", self.card_east.ids, values
                )
        for values in (
            {"name": "X"},
            {"phone": "1"},
            {"email": "x@x.example"},
            {"street": "X"},
            {"vat": False},
            {"user_id": False},
            {"parent_id": self.free_partner.id},
            {"active": False},
            {"card_custodian_id": self.users["accountant"].id},
            {"category_id": [Command.clear()]},
            {"property_payment_term_id": False, "comment": "x"},
            {"child_ids": [Command.update(self.contact_east.id, {"phone": "1"})]},
            {"child_ids": [Command.create({"name": "New"})]},
        ):
            with self.subTest(values=values):
                before = self.fingerprint()
                answer = self.try_call(
                    "accountant", "res.partner", "write", self.card_east.ids, values
                )
                self.assertEqual(answer.error, "AccessError", answer.text[:1000])
                self.env.invalidate_all()
                self.assertEqual(self.fingerprint(), before)
        for role in ("auditor", "storekeeper", "buyer"):
            answer = self.try_call(
                role, "res.partner", "write", self.card_east.ids, {"trust": "good"}
            )
            self.assertEqual(answer.error, "AccessError", role)

    def test_delivery(self):
        self.env["stock.quant"]._update_available_quantity(
            self.product, self.env.ref("stock.stock_location_stock"), 10
        )
        order = self.env["sale.order"].browse(self.make_order())
        picking = order.picking_ids
        self.open_form("storekeeper", picking)
        self.call("storekeeper", "stock.picking", "action_assign", picking.ids)
        self.call("storekeeper", "stock.picking", "button_validate", picking.ids)
        self.assertEqual(picking.state, "done")
        self.take_session("storekeeper")
        slip = self.url_open(f"/report/html/stock.report_deliveryslip/{picking.id}")
        self.assertEqual(slip.status_code, 200)
        self.assertIn("Alpha", slip.text)

    def test_purchase_and_receipt_from_a_supplier_with_a_card(self):
        order_id = self.call(
            "buyer",
            "purchase.order",
            "create",
            {
                "partner_id": self.card_east.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.product.id,
                            "product_qty": 3,
                            "price_unit": 9,
                        }
                    )
                ],
            },
        )
        order = self.env["purchase.order"].browse(order_id)
        self.call("buyer", "purchase.order", "button_confirm", [order_id])
        self.open_form("buyer", order)
        receipt = order.picking_ids
        self.call("storekeeper", "stock.picking", "button_validate", receipt.ids)
        self.assertEqual(receipt.state, "done")
        self.call("accountant", "purchase.order", "action_create_invoice", [order_id])
        bill = order.invoice_ids
        bill.invoice_date = bill.create_date.date()
        self.env.flush_all()
        self.call("accountant", "account.move", "action_post", bill.ids)
        self.assertEqual(bill.state, "posted")

    def test_operational_roles_read_every_card(self):
        for role in ("accountant", "auditor", "storekeeper", "buyer"):
            rows = self.call(
                role, "res.partner", "read", self.contact_east.ids, ["email"]
            )
            self.assertEqual(rows[0]["email"], "ada@alpha.example.com")

    def test_sales_wins(self):
        """A card user with a second role sees his own cards only."""
        for role in ("accountant_in_sales", "storekeeper_in_sales", "buyer_in_sales"):
            with self.subTest(role=role):
                answer = self.try_call(
                    role, "res.partner", "read", self.contact_east.ids, ["email"]
                )
                self.assertEqual(answer.error, "AccessError")
                found = self.call(
                    role, "res.partner", "search", [("email", "ilike", "alpha.example")]
                )
                self.assertFalse(found)
        answer = self.try_call(
            "accountant_in_sales",
            "res.partner",
            "write",
            self.card_east.ids,
            {"trust": "good"},
        )
        self.assertEqual(answer.error, "AccessError")
        # his own customer he does invoice
        self.card_west._with_card_trust().write(
            {"card_custodian_id": self.users["accountant_in_sales"].id}
        )
        self.env.flush_all()
        move_id = self.call(
            "accountant_in_sales",
            "account.move",
            "create",
            {
                "move_type": "out_invoice",
                "partner_id": self.card_west.id,
                "invoice_line_ids": [
                    Command.create({"name": "Service", "price_unit": 10, "tax_ids": []})
                ],
            },
        )
        self.call("accountant_in_sales", "account.move", "action_post", [move_id])
