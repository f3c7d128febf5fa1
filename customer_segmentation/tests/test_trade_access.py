from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import CustomerSegmentationCommon


class TradeAccessWorld:
    """An order, an invoice, its payment and an online payment of *Alpha Foods*, the same
    for a partner without a card; everybody in sales sees all documents in Odoo itself:
    the card alone hides them."""

    @classmethod
    def make_books(cls):  # pylint: disable=missing-return
        super().make_books()
        rights = cls.env.ref("sales_team.group_sale_salesman_all_leads")
        cls.salespeople = (
            cls.custodian_east
            | cls.custodian_west
            | cls.deputy_east
            | cls.manager_east
            | cls.manager_west
            | cls.regional_manager
            | cls.card_admin
        )
        rights.user_ids |= cls.salespeople | cls.reader
        # who analyses invoices needs a right of accounting for it
        cls.env.ref("account.group_account_readonly").user_ids |= (
            cls.custodian_east | cls.custodian_west | cls.reader
        )
        cls.accountant, cls.auditor, cls.selling_accountant = (
            new_test_user(
                cls.env,
                login=f"test_{name}",
                name=name.replace("_", " ").title(),
                groups=groups,
                company_id=cls.company.id,
                company_ids=[Command.set(cls.env.companies.ids)],
            )
            for name, groups in (
                ("accountant", "account.group_account_invoice"),
                ("auditor", "account.group_account_readonly"),
                (
                    "selling_accountant",
                    "account.group_account_invoice,"
                    "customer_card.customer_card_group_user",
                ),
            )
        )
        cls.make_documents()

    @classmethod
    def make_documents(cls):
        today = fields.Date.today()
        cls.order = cls.make_order(cls.card_east, 1234.5, today)
        cls.invoice = cls.make_invoice(cls.contact_east, 1234.5, today)
        cls.free_order = cls.make_order(cls.free_partner, 10, today)
        cls.free_invoice = cls.make_invoice(cls.free_partner, 10, today)
        cls.payment = (
            cls.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=cls.invoice.ids)
            .create({})
            ._create_payments()
        )
        cls.env.flush_all()


@tagged("post_install", "-at_install")
class TestTradeAccess(TradeAccessWorld, CustomerSegmentationCommon):
    """P04, A07: what a customer has ordered, owes and paid is seen with his card."""

    def seen_by(self, record, user):
        """:return: whether the user finds and reads the record"""
        mine = record.with_user(user)
        found = mine.search_count([("id", "in", record.ids)])
        self.assertEqual(bool(found), mine.has_access("read"))
        return bool(found)

    def assert_seen_by(self, record, seen, hidden):
        for user in seen:
            self.assertTrue(self.seen_by(record, user), (record, user.name))
        for user in hidden:
            self.assertFalse(self.seen_by(record, user), (record, user.name))
            with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models"):
                record.with_user(user).read(["display_name"])

    def test_orders_follow_the_card(self):
        keepers = (
            self.custodian_east | self.manager_east | self.regional_manager
        ) | self.card_admin
        others = self.custodian_west | self.manager_west | self.deputy_east
        for record in (self.order, self.order.order_line):
            self.assert_seen_by(record, keepers | self.reader, others)
        for record in (self.free_order, self.free_order.order_line):
            self.assert_seen_by(record, keepers | others | self.reader, [])

    def test_invoices_follow_the_card(self):
        keepers = self.custodian_east | self.manager_east | self.card_admin
        office = self.reader | self.accountant | self.auditor
        others = self.custodian_west | self.manager_west | self.selling_accountant
        for record in (self.invoice, self.invoice.line_ids):
            self.assert_seen_by(record, keepers | office, others)
        for record in (self.free_invoice, self.free_invoice.line_ids):
            self.assert_seen_by(record, keepers | office | others, [])

    def test_the_salesperson_of_an_order_needs_the_card(self):
        """Who gets an order gets the card lent, or handed over."""
        self.order.user_id = self.custodian_west
        self.assert_seen_by(self.order, [], self.custodian_west)
        with self.assertRaises(AccessError):
            self.order.with_user(self.custodian_west).write({"client_order_ref": "x"})

    def test_a_borrower_sees_the_documents_while_it_lasts(self):
        loan = self.lend_card(self.custodian_west, self.card_east)
        self.assert_seen_by(self.order, self.custodian_west, [])
        self.assert_seen_by(self.invoice, self.custodian_west, [])
        loan.with_user(self.custodian_west).action_return()
        self.assert_seen_by(self.order, [], self.custodian_west)
        self.assert_seen_by(self.invoice, [], self.custodian_west)

    def test_payments_follow_the_card(self):
        accountants = self.accountant | self.auditor
        self.assert_seen_by(self.payment, accountants, self.selling_accountant)
        self.assert_seen_by(self.payment.move_id, accountants, self.selling_accountant)
        self.card_east._with_card_trust().write(
            {"card_custodian_id": self.selling_accountant.id}
        )
        self.assert_seen_by(self.payment, self.selling_accountant, [])

    def test_online_payments_follow_the_card(self):
        provider = self.env["payment.provider"].search([], limit=1)
        method = self.env["payment.method"].with_context(active_test=False)
        transaction = self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": method.search([], limit=1).id,
                "amount": 5,
                "currency_id": self.env.company.currency_id.id,
                "partner_id": self.card_east.id,
                "reference": "alpha",
            }
        )
        provider.company_id = self.company
        self.assert_seen_by(transaction, self.accountant, self.selling_accountant)
        with self.assertRaises(AccessError):
            transaction.with_user(self.selling_accountant).read(["partner_email"])

    def test_statistics_follow_the_card(self):
        """No sum of what one may not open, however it is grouped."""
        for model, path in (
            ("sale.order", "amount_untaxed"),
            ("sale.order.line", "price_subtotal"),
            ("sale.report", "price_subtotal"),
            ("account.move", "amount_untaxed_signed"),
            ("account.invoice.report", "price_subtotal"),
        ):
            Model = self.env[model].with_company(self.company)
            mine = [("company_id", "=", self.company.id)]
            for user, expected in (
                (self.custodian_east, 1244.5),
                (self.reader, 1244.5),
                (self.custodian_west, 10),
            ):
                with self.subTest(model=model, user=user.name):
                    domain = mine
                    if model == "account.move":
                        domain = [*mine, ("move_type", "=", "out_invoice")]
                    [[total]] = Model.with_user(user)._read_group(
                        domain, [], [f"{path}:sum"]
                    )
                    self.assertAlmostEqual(total, expected)
                    names = {
                        partner.id
                        for (partner,) in Model.with_user(user)._read_group(
                            domain,
                            [
                                "order_partner_id"
                                if model == "sale.order.line"
                                else "partner_id"
                            ],
                        )
                    }
                    self.assertIn(self.free_partner.id, names)
                    hidden = set((self.card_east | self.contact_east).ids)
                    self.assertEqual(bool(names & hidden), expected > 10)

    def test_analytic_lines_follow_the_card(self):
        plan = self.env["account.analytic.plan"].create({"name": "Test"})
        account = self.env["account.analytic.account"].create(
            {"name": "Fair", "plan_id": plan.id, "company_id": self.company.id}
        )
        invoice = self.make_invoice(
            self.card_east,
            77,
            fields.Date.today(),
            invoice_line_ids=[
                Command.create(
                    {
                        "name": "Stand",
                        "price_unit": 77,
                        "tax_ids": [Command.clear()],
                        "analytic_distribution": {str(account.id): 100},
                    }
                )
            ],
        )
        booked = invoice.line_ids.analytic_line_ids
        noted, own, nobody = self.env["account.analytic.line"].create(
            [
                {
                    "name": "Note",
                    "account_id": account.id,
                    "company_id": self.company.id,
                    "amount": 5,
                    **values,
                }
                for values in (
                    {"partner_id": self.card_east.id, "user_id": self.env.uid},
                    {
                        "partner_id": self.card_east.id,
                        "user_id": self.custodian_west.id,
                    },
                    {"user_id": self.env.uid},
                )
            ]
        )
        rights = self.env.ref("analytic.group_analytic_accounting")
        rights.user_ids |= self.custodian_east | self.custodian_west
        self.assertEqual(len(booked), 1)
        self.assert_seen_by(booked, self.custodian_east, self.custodian_west)
        self.assert_seen_by(noted, self.custodian_east, self.custodian_west)
        self.assert_seen_by(own, self.custodian_west, [])
        self.assert_seen_by(nobody, self.custodian_west | self.custodian_east, [])

    def test_entries_of_nobody(self):
        """A line of an entry that is about nobody follows the partner on the line."""
        accounts = self.env["account.account"].search(
            [("company_ids", "in", self.company.ids)], limit=2
        )
        entry = (
            self.env["account.move"]
            .with_company(self.company)
            .create(
                {
                    "move_type": "entry",
                    "line_ids": [
                        Command.create(
                            {
                                "account_id": account.id,
                                "debit": debit,
                                "credit": 5 - debit,
                                "partner_id": partner.id,
                            }
                        )
                        for account, debit, partner in zip(
                            accounts,
                            (5, 0),
                            (self.card_east, self.free_partner),
                            strict=True,
                        )
                    ],
                }
            )
        )
        hidden, free = entry.line_ids
        self.assertEqual(hidden.partner_id, self.card_east)
        self.assert_seen_by(hidden, self.accountant, self.selling_accountant)
        self.assert_seen_by(free, self.accountant | self.selling_accountant, [])

    def test_counts_on_a_contact_leave_out_closed_cards(self):
        """The smart buttons of a group count what the user may open."""
        group = self.free_partner
        # Odoo asks for it where there are invoices
        group.vat = self.card_east.vat
        self.card_east.parent_id = group
        for user, count in ((self.custodian_east, 2), (self.custodian_west, 1)):
            self.env.invalidate_all()
            self.assertEqual(group.with_user(user).sale_order_count, count)
            self.assertEqual(
                group.with_user(user).total_invoiced, 1244.5 if count == 2 else 10
            )

    def test_messages_go_to_whoever_may_open_the_card(self):
        for document in (self.order, self.invoice):
            document.message_subscribe(
                (self.custodian_east | self.custodian_west | self.accountant)
                .mapped("partner_id")
                .ids
            )
            message = document.message_post(
                body="Secret", subtype_xmlid="mail.mt_comment"
            )
            told = message.notified_partner_ids
            self.assertIn(self.custodian_east.partner_id, told)
            self.assertIn(self.accountant.partner_id, told)
            self.assertNotIn(self.custodian_west.partner_id, told)
        # without a card Odoo's own rule: who follows is told
        self.free_order.message_subscribe(self.custodian_west.partner_id.ids)
        message = self.free_order.message_post(
            body="Open", subtype_xmlid="mail.mt_comment"
        )
        self.assertIn(self.custodian_west.partner_id, message.notified_partner_ids)
