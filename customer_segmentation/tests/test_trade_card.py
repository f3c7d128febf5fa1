from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.customer_card.tests.test_card_handover import HandoverWorld

from .common import CustomerSegmentationCommon


@tagged("post_install", "-at_install")
class TestFirstInvoice(CustomerSegmentationCommon):
    """K04: the first invoice of a customer starts his follow-up, once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.company._get_metrics_today()
        cls.template = cls.env.ref("customer_visit.customer_followup_template_purchase")
        cls.shipped = cls.template.starts_on_invoice
        cls.template.starts_on_invoice = True

    def followups(self, card=None):
        return self.env["customer.followup"].search(
            [("partner_id", "=", (card or self.card_east).id)], order="id"
        )

    def test_the_first_invoice_starts_the_cycle(self):
        self.assertTrue(self.shipped)
        invoice = self.make_invoice(self.contact_east, 100, self.today)
        followup = self.followups()
        self.assertEqual(followup.template_id, self.template)
        self.assertEqual(followup.origin, "invoice")
        self.assertEqual(followup.company_id, self.company)
        self.assertEqual(
            (followup.res_model, followup.res_id), ("account.move", invoice.id)
        )
        self.assertEqual(
            followup.line_ids[:1].visit_id.user_id,
            self.custodian_east,
        )

    def test_the_second_invoice_starts_nothing(self):
        self.make_invoice(self.card_east, 100, self.today)
        self.followups()._stop("Enough")
        self.make_invoice(self.contact_east, 50, self.today)
        self.assertEqual(len(self.followups()), 1)

    def test_an_invoice_posted_again_starts_nothing(self):
        invoice = self.make_invoice(self.card_east, 100, self.today)
        self.followups()._stop("Mistake")
        invoice.button_draft()
        invoice.action_post()
        self.assertEqual(len(self.followups()), 1)
        # nor does another one after the first was cancelled
        invoice.button_draft()
        invoice.button_cancel()
        self.make_invoice(self.card_east, 90, self.today)
        self.assertEqual(len(self.followups()), 1)

    def test_old_documents_start_nothing(self):
        """Nor does what follows them: the customer is none of today."""
        edge = fields.Date.subtract(self.today, days=self.template.invoice_max_age)
        old = fields.Date.subtract(edge, days=1)
        self.make_invoice(self.card_east, 100, old)
        self.make_invoice(self.card_east, 100, self.today)
        self.assertFalse(self.followups())
        self.make_invoice(self.card_west, 100, edge)
        self.assertEqual(len(self.followups(self.card_west)), 1)

    def test_what_is_no_purchase_starts_nothing(self):
        self.make_invoice(self.card_east, -100, self.today)
        self.env["account.move"].with_company(self.company).create(
            {
                "move_type": "in_invoice",
                "partner_id": self.card_east.id,
                "invoice_date": self.today,
                "invoice_line_ids": [Command.create({"name": "x", "price_unit": 1})],
            }
        ).action_post()
        self.make_invoice(self.free_partner, 100, self.today)
        self.assertFalse(self.followups())
        self.assertFalse(self.followups(self.free_partner))
        self.make_invoice(self.card_east, 100, self.today)
        self.assertEqual(len(self.followups()), 1)

    def test_a_won_opportunity_was_the_purchase(self):
        self.env["customer.followup"]._start_for(self.card_east, self.template, "won")
        self.followups()._stop("Done")
        self.make_invoice(self.card_east, 100, self.today)
        self.assertEqual(self.followups().mapped("origin"), ["won"])

    def test_a_running_cycle_goes_on(self):
        self.env["customer.followup"]._start_for(self.card_east, self.template)
        self.make_invoice(self.card_east, 100, self.today)
        self.assertEqual(self.followups().mapped("origin"), ["manual"])
        self.assertIn("further occasion", self.followups().message_ids[0].body)

    def test_the_template_says_whom(self):
        self.template.domain = "[('card_kind', '=', 'former')]"
        self.make_invoice(self.card_east, 100, self.today)
        self.assertFalse(self.followups())
        self.template.starts_on_invoice = False
        self.template.domain = "[]"
        self.make_invoice(self.card_west, 100, self.today)
        self.assertFalse(self.followups(self.card_west))
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.template.invoice_max_age = -1
            self.env.flush_all()

    def test_a_closed_card_is_left_alone(self):
        self.card_east.action_card_close()
        self.make_invoice(self.card_east, 100, self.today)
        self.assertFalse(self.followups())

    def test_a_prospect_becomes_a_customer(self):
        self.assertEqual(self.card_east.card_kind, "prospect")
        self.make_invoice(self.card_east, -5, self.today)
        self.assertEqual(self.card_east.card_kind, "prospect")
        self.make_invoice(self.contact_east, 100, "2020-01-31")
        self.assertEqual(self.card_east.card_kind, "customer")

    def test_many_at_once(self):
        """One look-up for all that are posted, however many customers."""
        customers = self.env["res.partner"].create(
            [{"name": f"Customer {number}"} for number in range(21)]
        )
        customers._open_cards(custodian=self.custodian_east)
        invoices = (
            self.env["account.move"]
            .with_company(self.company)
            .create(
                [
                    {
                        "move_type": "out_invoice",
                        "partner_id": customer.id,
                        "invoice_date": "2020-01-31",
                        "invoice_line_ids": [
                            Command.create(
                                {
                                    "name": "x",
                                    "price_unit": 1,
                                    "tax_ids": [Command.clear()],
                                }
                            )
                        ],
                    }
                    for customer in customers
                ]
            )
        )
        invoices.action_post()
        counts = []
        for some in (invoices[0], invoices[0], invoices[1:]):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some._start_followups()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])


@tagged("post_install", "-at_install")
class TestOpenBusiness(HandoverWorld, CustomerSegmentationCommon):
    """C05: what is open with a customer is known to the successor, and passes to him."""

    @classmethod
    def make_books(cls):  # pylint: disable=missing-return
        super().make_books()
        today = fields.Date.today()
        emma = {"user_id": cls.custodian_east.id}
        cls.quotation = cls.make_order(cls.contact_east, 40, today, **emma)
        cls.quotation.action_cancel()
        cls.quotation.action_draft()
        cls.order = cls.make_order(cls.card_east, 300, today, **emma)
        cls.product.invoice_policy = "order"
        cls.invoiced_order = cls.make_order(cls.card_east, 500, today, **emma)
        cls.invoiced_order._create_invoices().action_post()
        emma = {"invoice_user_id": cls.custodian_east.id}
        cls.paid = cls.invoiced_order.invoice_ids
        cls.paid.invoice_user_id = cls.custodian_east
        cls.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=cls.paid.ids
        ).create({})._create_payments()
        cls.unpaid = cls.make_invoice(cls.contact_east, 70, today, **emma)
        cls.credit = cls.make_invoice(cls.card_east, -20, today, **emma)
        cls.colleagues = cls.make_invoice(
            cls.card_east, 5, today, invoice_user_id=cls.manager_east.id
        )
        cls.elsewhere = cls.make_order(
            cls.free_partner, 9, today, user_id=cls.custodian_east.id
        )

    def test_open_items(self):
        items = {
            item["kind"]: item
            for item in self.card_east._get_card_open_items(self.custodian_east)
        }
        facts = {
            kind: (items[kind]["count"], items[kind]["amount"])
            for kind in ("quotation", "order", "invoice")
        }
        self.assertEqual(
            facts, {"quotation": (1, 40), "order": (1, 300), "invoice": (2, 50)}
        )
        self.assertEqual(items["invoice"]["currency_id"], self.company.currency_id.id)
        everybody = {
            item["kind"]: item["count"]
            for item in self.card_east._get_card_open_items()
        }
        self.assertEqual(everybody["invoice"], 3)
        self.assertFalse(
            {"quotation", "order", "invoice"}
            & {item["kind"] for item in self.card_west._get_card_open_items()}
        )

    def test_open_items_of_many_cards(self):
        card_ids = self.card_east.ids

        def count(cards):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            cards._get_card_open_items()
            return self.env.cr.sql_log_count - before

        cards = self.env["res.partner"].create(
            [{"name": f"Card {number}"} for number in range(99)]
        )
        cards._open_cards(custodian=self.custodian_east)
        count(self.card_east)
        self.assertEqual(count(self.card_east), count(cards | cards.browse(card_ids)))

    def test_open_documents_pass_to_the_successor(self):
        todo, colleagues_todo = (
            self.order.activity_schedule(
                "mail.mail_activity_data_call", user_id=user.id
            )
            for user in (self.custodian_east, self.manager_east)
        )
        dun = self.unpaid.activity_schedule(
            "mail.mail_activity_data_call", user_id=self.custodian_east.id
        )
        handover = self.prepare()
        self.assertIn("Unpaid Invoices 3", handover.open_summary)
        self.accept(self.approve(handover))
        successor = self.deputy_east
        self.assertEqual((self.quotation | self.order).user_id, successor)
        self.assertEqual(self.order.order_line.salesman_id, successor)
        self.assertEqual((self.unpaid | self.credit).invoice_user_id, successor)
        self.assertEqual((todo | dun).user_id, successor)
        # what is finished stays in the figures of who sold it
        self.assertEqual(self.invoiced_order.user_id, self.custodian_east)
        self.assertEqual(
            self.invoiced_order.order_line.salesman_id, self.custodian_east
        )
        self.assertEqual(self.paid.invoice_user_id, self.custodian_east)
        self.assertEqual(self.colleagues.invoice_user_id, self.manager_east)
        self.assertEqual(colleagues_todo.user_id, self.manager_east)
        self.assertEqual(self.elsewhere.user_id, self.custodian_east)

    def test_the_former_custodian_hears_no_more(self):
        emma = self.custodian_east.partner_id
        messages = self.env["mail.message"]
        for document in (self.order, self.unpaid):
            document.message_subscribe(emma.ids)
            messages |= document.message_post(
                body="Price", subtype_xmlid="mail.mt_comment"
            )
        self.assertIn(emma, messages.notified_partner_ids)
        self.accept(self.approve(self.prepare(successor_id=self.custodian_west.id)))
        for document in (self.order, self.unpaid):
            self.assertNotIn(emma, document.message_partner_ids)
            self.assertFalse(document.with_user(self.custodian_east).has_access("read"))
        mine = messages.with_user(self.custodian_east)
        self.assertFalse(mine.search([("id", "in", messages.ids)]))

    def test_a_borrower_leaves_his_to_dos(self):
        loan = self.lend_card(self.custodian_west, self.card_east)
        todo = self.order.activity_schedule(
            "mail.mail_activity_data_call", user_id=self.custodian_west.id
        )
        self.order.message_subscribe(self.custodian_west.partner_id.ids)
        loan.with_user(self.custodian_west).action_return()
        self.env.invalidate_all()
        self.assertEqual(todo.user_id, self.custodian_east)
        self.assertNotIn(self.custodian_west.partner_id, self.order.message_partner_ids)

    def test_who_closes_a_card_is_told_what_is_open(self):
        """Closing cancels nothing, and hides the documents as before."""
        told = []
        User = type(self.env["res.users"])
        with patch.object(
            User, "_bus_send", lambda user, kind, message, **kw: told.append(message)
        ):
            self.card_west.with_user(self.manager_west).action_card_close()
            self.assertFalse(told)
            self.card_east.with_user(self.manager_east).action_card_close()
        [message] = [one for one in told if "message" in one]
        self.assertIn("Alpha Foods", message["message"])
        self.assertIn("Unpaid Invoices 3", message["message"])
        self.assertEqual(self.order.state, "sale")
        self.assertFalse(self.order.with_user(self.manager_west).has_access("read"))
        with self.assertRaises(UserError):
            self.card_east.with_user(self.manager_east).action_card_close()


@tagged("post_install", "-at_install")
class TestMergedCustomers(CustomerSegmentationCommon):
    """Two customers become one: so do their figures and their documents."""

    @classmethod
    def make_books(cls):  # pylint: disable=missing-return
        super().make_books()
        today = fields.Date.today()
        cls.invoices = cls.make_invoice(cls.card_east, 100, today)
        cls.invoices |= cls.make_invoice(cls.card_west, 30, today)
        cls.order = cls.make_order(cls.card_west, 30, today)

    def merge(self, cards, user):
        wizard = self.env["base.partner.merge.automatic.wizard"].with_user(user)
        wizard.create({})._merge(
            cards.ids, cards[0].with_user(user), extra_checks=False
        )
        self.env.invalidate_all()

    @mute_logger("odoo.addons.base.wizard.base_partner_merge")
    def test_figures_of_both(self):
        self.refresh()
        self.assertEqual(self.get_row(self.card_east).amount, 100)
        west_id = self.card_west.id
        self.merge(self.card_east | self.card_west, self.regional_manager)
        self.assertFalse(self.card_west.exists())
        row = self.get_row(self.card_east)
        self.assertEqual(len(row), 1)
        self.assertEqual(row.amount, 130)
        self.assertFalse(
            self.env["customer.metrics"].search([("partner_id", "=", west_id)])
        )
        self.assertEqual(self.invoices.partner_id, self.card_east)
        self.assertEqual(self.order.order_line.order_partner_id, self.card_east)
        # the documents follow the card that is left
        rights = self.env.ref("sales_team.group_sale_salesman_all_leads")
        for user, sees in ((self.custodian_east, True), (self.custodian_west, False)):
            rights.user_ids |= user
            self.assertEqual(self.order.with_user(user).has_access("read"), sees)

    @mute_logger("odoo.addons.base.wizard.base_partner_merge")
    def test_without_figures_nothing_is_computed(self):
        self.merge(self.card_east | self.card_west, self.regional_manager)
        self.assertFalse(self.get_row(self.card_east))

    @mute_logger("odoo.addons.base.wizard.base_partner_merge")
    def test_who_may_not_merge_changes_no_figure(self):
        self.refresh()
        with self.assertRaises(AccessError):
            self.merge(self.card_east | self.card_west, self.custodian_east)
        self.assertEqual(self.get_row(self.card_east).amount, 100)
        self.assertEqual(self.get_row(self.card_west).amount, 30)
