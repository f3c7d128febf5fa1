"""Activities on cards are visits, both ways, and never twice (K01, K08, K10)."""

from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common import CustomerVisitCommon


@tagged("post_install", "-at_install")
class TestActivityLink(CustomerVisitCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.call = cls.env.ref("mail.mail_activity_data_call")
        cls.letter = cls.env.ref("customer_visit.mail_activity_type_letter")
        cls.todo = cls.env.ref("mail.mail_activity_data_todo")
        cls.manager_east.group_ids |= cls.env.ref(
            "sales_team.group_sale_salesman_all_leads"
        )
        cls.tomorrow = cls.custodian_east._card_today() + timedelta(days=1)

    def schedule(self, record, kind=None, user=None, **values):
        """:return: an activity, scheduled by ``user`` for himself"""
        user = user or self.custodian_east
        return (
            record.with_user(user)
            .activity_schedule(
                activity_type_id=(kind or self.call).id,
                date_deadline=self.tomorrow,
                user_id=values.pop("assignee", user).id,
                **values,
            )
            .with_user(user)
        )

    def visits(self, card=None):
        return self.env["customer.visit"].search(
            [("partner_id", "=", (card or self.card_east).id)]
        )

    def test_scheduling_plans_the_visit(self):
        todo = self.schedule(self.contact_east, summary="Ask for the samples")
        visit = self.visits()
        self.assertEqual(todo.visit_id, visit)
        self.assertEqual(visit.partner_id, self.card_east)
        self.assertEqual(visit.contact_ids, self.contact_east)
        self.assertEqual(visit.user_id, self.custodian_east)
        self.assertEqual((visit.method, visit.state), ("phone", "planned"))
        self.assertEqual(visit.origin, "activity")
        self.assertEqual(visit.visit_date, self.tomorrow)
        self.assertIn("samples", visit.objective)

    def test_other_activities_plan_nothing(self):
        self.schedule(self.card_east, kind=self.todo)
        self.schedule(self.free_partner)
        self.assertFalse(self.visits())
        self.assertFalse(self.visits(self.free_partner))

    def test_finishing_records_the_visit_with_the_feedback(self):
        todo = self.schedule(self.card_east)
        visit = todo.visit_id
        todo.action_feedback(feedback="He wants the samples.")
        self.assertEqual(self.visits(), visit)
        self.assertEqual(visit.state, "reported")
        self.assertIn("samples", visit.report)
        self.assertTrue(visit.date_start and visit.date_reported)

    def test_finishing_without_feedback_owes_the_report(self):
        visit = self.schedule(self.card_east).visit_id
        visit.with_user(self.custodian_east)._get_source_activities().with_user(
            self.custodian_east
        ).action_feedback()
        self.assertEqual(visit.state, "report_due")

    def test_required_answers_are_still_asked(self):
        """A purpose with required questions is not reported by a line of feedback."""
        kind = self.env.ref("customer_visit.mail_activity_type_survey")
        visit = self.schedule(self.card_east, kind=kind).visit_id
        self.assertTrue(visit._get_missing_answers())
        visit._get_source_activities().action_feedback(feedback="Content.")
        self.assertEqual(visit.state, "report_due")
        self.assertIn("Content", visit.report)

    def test_done_at_once_logs_one_visit(self):
        """What was scheduled before the card was opened still counts when done."""
        todo = self.schedule(self.free_partner, user=self.card_admin)
        self.free_partner._open_cards(custodian=self.custodian_east)
        self.assertFalse(todo.visit_id)
        todo.action_feedback(feedback="First talk")
        visit = self.visits(self.free_partner)
        self.assertEqual(len(visit), 1)
        self.assertEqual(visit.state, "reported")
        self.assertEqual(todo.visit_id, visit)

    def test_the_visit_finishes_the_activity(self):
        todo = self.schedule(self.card_east)
        visit = todo.visit_id.with_user(self.custodian_east)
        visit.write(
            {
                "report": "<p>All well</p>",
                "result": "achieved",
                "next_none_reason": "Nothing for now",
            }
        )
        visit.action_report()
        self.assertFalse(todo.active)
        self.assertIn("All well", todo.feedback)
        self.assertEqual(len(self.visits()), 1)

    def test_cancelling_goes_both_ways(self):
        todo = self.schedule(self.card_east)
        visit = todo.visit_id
        todo.action_cancel()
        self.assertEqual(visit.state, "cancelled")
        other = self.schedule(self.card_east)
        other.visit_id.with_user(self.custodian_east).action_cancel("Not needed")
        self.assertFalse(other.exists())

    def test_missed_is_still_to_do(self):
        todo = self.schedule(self.card_east)
        visit = todo.visit_id
        visit._move_visits("missed")
        visit._after_dropped()
        self.assertTrue(todo.exists().active)
        todo.action_feedback(feedback="A week later")
        self.assertEqual(sorted(self.visits().mapped("state")), ["missed", "reported"])

    def test_moving_goes_both_ways(self):
        todo = self.schedule(self.card_east)
        visit = todo.visit_id
        later = self.tomorrow + timedelta(days=5)
        todo.date_deadline = later
        self.assertEqual(visit.visit_date, later)
        hour = visit.date_planned.time()
        visit.with_user(self.custodian_east).action_reschedule(
            visit.date_planned + timedelta(days=2)
        )
        self.assertEqual(todo.date_deadline, later + timedelta(days=2))
        self.assertEqual(visit.date_planned.time(), hour)

    def test_reassigning_goes_both_ways(self):
        todo = self.schedule(self.card_east)
        visit = todo.visit_id
        todo.user_id = self.deputy_east
        self.assertEqual(visit.user_id, self.deputy_east)
        visit.with_user(self.manager_east).user_id = self.custodian_east
        self.assertEqual(todo.user_id, self.custodian_east)

    def test_another_type_is_another_method(self):
        todo = self.schedule(self.card_east)
        todo.activity_type_id = self.letter
        self.assertEqual(todo.visit_id.method, "letter")

    def test_lead_of_a_card(self):
        lead = self.env["crm.lead"].create(
            {"name": "Pumps", "partner_id": self.contact_east.id, "type": "lead"}
        )
        self.visits().unlink()
        todo = self.schedule(lead, user=self.manager_east)
        visit = todo.visit_id
        self.assertEqual(visit.partner_id, self.card_east)
        self.assertEqual(visit.lead_id, lead)
        todo.action_feedback(feedback="Agreed")
        self.assertEqual(visit.state, "reported")

    def test_borrower_is_assigned_and_reports(self):
        """Whoever is given an activity makes the visit, and tells of it also when the
        card is closed to him."""
        todo = self.schedule(
            self.card_east, user=self.manager_east, assignee=self.custodian_west
        )
        visit = todo.visit_id
        self.assertTrue(visit.with_user(self.custodian_west).has_access("read"))
        todo.with_user(self.custodian_west).action_feedback(feedback="Was there")
        self.assertEqual(visit.state, "reported")
        self.assertFalse(visit.with_user(self.custodian_west).has_access("read"))

    def test_stranger_schedules_nothing(self):
        with self.assertRaises(Exception) as caught:
            self.schedule(self.card_east, user=self.custodian_west)
        self.assertIn("Access", type(caught.exception).__name__)
        self.assertFalse(self.visits())

    def test_merged_contacts_keep_their_visits(self):
        double = self.env["res.partner"].create(
            {"name": "Ada A.", "parent_id": self.card_east.id, "email": "ada@x.example"}
        )
        done = self.schedule(double)
        done.action_feedback(feedback="Before the merge")
        visit = done.visit_id
        todo = self.schedule(double)
        self.env["base.partner.merge.automatic.wizard"].sudo()._merge(
            (double | self.contact_east).ids, self.contact_east, extra_checks=False
        )
        self.assertEqual(visit.state, "reported")
        self.assertEqual(visit.contact_ids, self.contact_east)
        self.assertEqual(todo.res_id, self.contact_east.id)
        self.assertEqual(todo.visit_id.state, "planned")

    def test_deleting_the_record_calls_the_visit_off(self):
        lead = self.env["crm.lead"].create(
            {"name": "Pumps", "partner_id": self.card_east.id, "type": "lead"}
        )
        todo = self.schedule(lead, user=self.manager_east)
        visit = todo.visit_id
        lead.unlink()
        self.assertEqual(visit.state, "cancelled")

    def test_many_activities_cost_few_queries(self):
        """Per activity no more than Odoo itself and the visit cost."""

        def count(number):
            cards = self.env["res.partner"].create(
                [
                    {"name": f"Card {number} {i}", "is_company": True}
                    for i in range(number)
                ]
            )
            cards._open_cards(custodian=self.custodian_east)
            vals = [
                {
                    "res_model_id": self.env["ir.model"]._get_id("res.partner"),
                    "res_id": card.id,
                    "activity_type_id": self.call.id,
                    "date_deadline": self.tomorrow,
                    "user_id": self.env.uid,
                }
                for card in cards
            ]
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            todos = self.env["mail.activity"].create(vals)
            self.env.flush_all()
            queries = self.env.cr.sql_log_count - before
            self.assertEqual(len(todos.visit_id), number)
            return queries

        count(2)
        few, many = count(5), count(25)
        self.assertLess(many - few, 20 * 12, (few, many))

    def test_types_are_data(self):
        kinds = self.env["mail.activity.type"].search([("is_communication", "=", True)])
        self.assertGreaterEqual(
            set(kinds.mapped("visit_method")),
            {"visit", "reception", "phone", "letter", "sms", "email", "meeting"},
        )
        self.assertIn("introduction", kinds.visit_purpose_id.mapped("code"))
        with self.assertRaisesRegex(Exception, "say how"):
            self.env["mail.activity.type"].create(
                {"name": "Pigeon", "is_communication": True}
            )

    def test_call_back_at_a_set_time(self):
        when = fields.Datetime.now() + timedelta(hours=3)
        wizard = (
            self.env["customer.visit.call.back"]
            .with_user(self.custodian_east)
            .create(
                {
                    "partner_id": self.card_east.id,
                    "contact_id": self.contact_east.id,
                    "date": when,
                    "subject": "Delivery date",
                }
            )
        )
        wizard.action_call_back()
        visit = self.visits()
        self.assertEqual((visit.method, visit.date_planned), ("phone", when))
        self.assertEqual(visit.contact_ids, self.contact_east)
        event = visit.calendar_event_id
        self.assertEqual(event.start, when)
        self.assertTrue(event.alarm_ids)
        self.assertEqual(event.partner_ids, self.custodian_east.partner_id)

    def test_call_back_is_not_in_the_past(self):
        wizard = (
            self.env["customer.visit.call.back"]
            .with_user(self.custodian_east)
            .create(
                {
                    "partner_id": self.card_east.id,
                    "date": fields.Datetime.now() - timedelta(hours=1),
                }
            )
        )
        with self.assertRaisesRegex(Exception, "over"):
            wizard.action_call_back()
