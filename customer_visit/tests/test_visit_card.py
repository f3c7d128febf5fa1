from datetime import timedelta

from psycopg2.errors import UniqueViolation

from odoo import api, fields
from odoo.exceptions import UserError
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import CustomerVisitCommon


@tagged("post_install", "-at_install")
class TestVisitOnCard(CustomerVisitCommon):
    """C05, A10: what becomes of visits when the card moves on, and how they leave it."""

    def test_planned_visits_go_to_the_successor(self):
        planned = self.make_visit(
            self.card_east,
            self.custodian_east,
            date_planned=fields.Datetime.now() + timedelta(days=3),
        )
        planned.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.custodian_east.id
        )
        due = self.make_visit(self.card_east, self.custodian_east)
        due.action_start()
        due.action_end()
        foreign = self.make_visit(self.card_east, self.manager_east)
        handover = (
            self.env["customer.card.handover"]
            .with_user(self.manager_east)
            .create(
                {
                    "custodian_id": self.custodian_east.id,
                    "successor_id": self.deputy_east.id,
                }
            )
        )
        handover.action_submit()
        handover.with_user(self.regional_manager).action_approve()
        handover.with_user(self.deputy_east).action_accept()
        self.env.invalidate_all()
        self.assertEqual(planned.sudo().user_id, self.deputy_east)
        self.assertEqual(planned.sudo().activity_ids.user_id, self.deputy_east)
        self.assertEqual(due.sudo().user_id, self.custodian_east, "he was there")
        self.assertEqual(foreign.sudo().user_id, self.manager_east)
        with self.subTest("what he has made is his to report, and then the card's"):
            self.report_visit(due)
            self.assertFalse(
                due.with_user(self.custodian_east)._filtered_access("read")
            )
            self.assertTrue(due.with_user(self.deputy_east)._filtered_access("read"))

    def test_open_items(self):
        self.make_visit(self.card_east, self.custodian_east)
        due = self.make_visit(self.card_east, self.custodian_east)
        due.action_start()
        due.action_end()
        text = self.card_east._get_card_open_texts()[self.card_east.id]
        self.assertIn("Visits Planned 1", text)
        self.assertIn("Visit Reports Due 1", text)
        kinds = {
            item["kind"]
            for item in self.card_east._get_card_open_items(self.custodian_west)
        }
        self.assertFalse(kinds & {"visit", "visit_report"})

    def test_merge(self):
        double = self.env["res.partner"].create(
            {
                "name": "Alpha Foods",
                "is_company": True,
                "email": self.card_east.email,
            }
        )
        double._open_cards(custodian=self.custodian_east)
        purpose = self.make_purpose({"name": "A"})
        visit = self.make_visit(double, self.custodian_east, purpose_id=purpose.id)
        visit.competitor_ids = [(0, 0, {"brand": "X"})]
        wizard = self.env["base.partner.merge.automatic.wizard"]
        wizard.create({})._merge((self.card_east | double).ids, self.card_east)
        self.env.invalidate_all()
        self.assertFalse(double.exists())
        for record in (visit, visit.answer_ids, visit.competitor_ids):
            self.assertEqual(record.card_root_id, self.card_east)
        self.assertEqual(visit.partner_id, self.card_east)
        self.assertTrue(visit.with_user(self.manager_east)._filtered_access("write"))

    def test_the_section_of_a_print(self):
        visit = self.report_visit(
            self.make_visit(self.card_east, self.custodian_east),
            report="<p>Wants Fridays</p>",
            next_none_reason=False,
            next_step="Ask logistics",
            next_date="2030-03-05",
        )
        self.make_visit(self.card_east, self.custodian_east).action_cancel("x")
        self.make_visit(self.card_west, self.custodian_west)
        Print = self.env["report.customer_card.card_print"].with_user(
            self.custodian_east
        )
        cards = (self.card_east | self.card_west).with_user(self.custodian_east)
        data = Print._get_section_visits(cards)
        self.assertEqual(set(data), {self.card_east.id}, "not those of hidden cards")
        (line,) = data[self.card_east.id]
        self.assertEqual(line["text"], "Wants Fridays")
        self.assertIn("Ask logistics", line["next"])
        self.assertEqual(line["visitor"], visit.user_id.name)
        section = self.env.ref("customer_visit.customer_card_section_visits")
        content, _type = (
            self.env["ir.actions.report"]
            .with_user(self.custodian_east)
            ._render_qweb_html(
                "customer_card.card_print",
                self.card_east.ids,
                data={"section_ids": section.ids},
            )
        )
        self.assertIn(b"Wants Fridays", content)

    def test_queries_of_the_section_do_not_grow(self):
        cards = self.env["res.partner"].create(
            [{"name": f"Card {n}", "is_company": True} for n in range(30)]
        )
        cards._open_cards(custodian=self.custodian_east)
        for card in cards:
            self.make_visit(card, self.custodian_east)
        Print = self.env["report.customer_card.card_print"]
        counts = []
        for some in (cards[:1], cards[:1], cards):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            Print._get_section_visits(some)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[2], counts[1])

    def test_the_whole_report_is_printed(self):
        purpose = self.make_purpose({"name": "Does he like it?"})
        visit = self.make_visit(
            self.card_east, self.custodian_east, purpose_id=purpose.id
        )
        visit.answer_ids.answer_yes_no = "yes"
        visit.competitor_ids = [(0, 0, {"brand": "Blue Label"})]
        self.report_visit(visit, customer_said="Too dear", needs="Bottles")
        content, _type = (
            self.env["ir.actions.report"]
            .with_user(self.custodian_east)
            ._render_qweb_html("customer_visit.visit_print", visit.ids)
        )
        text = content.decode()
        for part in ("Too dear", "Bottles", "Does he like it?", "Blue Label"):
            self.assertIn(part, text)


@tagged("post_install", "-at_install")
class TestVisitAtOnce(TransactionCase):
    """One person with two devices, in two transactions of the database."""

    LOGIN = "visit_at_once"

    def setUp(self):
        super().setUp()
        self._drop()
        self.addCleanup(self._drop)
        with self.env.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {"no_reset_password": True})
            user = new_test_user(
                env, self.LOGIN, groups="customer_card.customer_card_group_user"
            )
            card = env["res.partner"].create(
                {"name": "Visit At Once", "is_company": True}
            )
            card._open_cards(custodian=user)
            visits = env["customer.visit"].create(
                [{"partner_id": card.id, "user_id": user.id}] * 2
            )
            self.user_id, self.visit_ids = user.id, visits.ids

    def _drop(self):
        """What was committed goes again, the ledger past its own guard."""
        with self.env.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {"active_test": False})
            cards = env["res.partner"].search([("name", "=", "Visit At Once")])
            env["customer.visit"].search([("partner_id", "in", cards.ids)]).unlink()
            cr.execute(
                "DELETE FROM customer_card_event WHERE partner_name = 'Visit At Once'"
            )
            cards.unlink()
            user = env["res.users"].search([("login", "=", self.LOGIN)])
            partner = user.partner_id
            user.unlink()
            partner.unlink()

    def _visit(self, cr, number):
        return api.Environment(cr, self.user_id, {})["customer.visit"].browse(
            self.visit_ids[number]
        )

    def test_the_second_device_is_told(self):
        cursor = self.env.registry.cursor
        with cursor() as first, cursor() as second:
            # the second transaction began before the first one had checked in
            self.assertEqual(self._visit(second, 1).state, "planned")
            self._visit(first, 0).action_start()
            first.commit()
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaisesRegex(
                    UserError, "just checked in at another customer"
                ),
            ):
                self._visit(second, 1).action_start()
            second.rollback()
            self.assertEqual(self._visit(second, 1).state, "planned")

    def test_the_database_itself_refuses_two(self):
        with self.env.registry.cursor() as cr, mute_logger("odoo.sql_db"):
            self._visit(cr, 0).action_start()
            with self.assertRaises(UniqueViolation), cr.savepoint():
                cr.execute(
                    "UPDATE customer_visit SET state = 'in_progress' WHERE id = %s",
                    (self.visit_ids[1],),
                )
            cr.rollback()
