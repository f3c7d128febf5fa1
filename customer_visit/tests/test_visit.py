from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import CustomerVisitCommon


@tagged("post_install", "-at_install")
class TestVisit(CustomerVisitCommon):
    """K02, K06: a visit from its plan to its review."""

    # the way of a visit

    def test_planned_made_reported_reviewed(self):
        visit = self.make_visit(self.card_east, self.custodian_east)
        self.assertEqual(visit.state, "planned")
        visit.action_prepare()
        self.assertTrue(visit.date_prepared)
        visit.action_start()
        self.assertEqual(visit.state, "in_progress")
        action = visit.action_end()
        self.assertEqual(action["res_id"], visit.id, "the report is asked for at once")
        self.assertEqual(visit.state, "report_due")
        self.report_visit(visit)
        self.assertEqual(visit.state, "reported")
        self.assertTrue(visit.date_reported)
        visit.with_user(self.manager_east).action_review()
        self.assertEqual(visit.state, "reviewed")
        self.assertEqual(visit.reviewed_by_id, self.manager_east)
        self.assertEqual(
            self.get_kinds(self.card_east)[-2:], ["visit_reported", "visit_reviewed"]
        )

    def test_the_buttons_have_an_order(self):
        visit = self.make_visit(self.card_east, self.custodian_east)
        with self.assertRaisesRegex(UserError, "in the state Planned"):
            visit.action_end()
        with self.assertRaisesRegex(UserError, "in the state Planned"):
            visit.with_user(self.manager_east).action_review()
        visit.action_start()
        for method in ("action_start", "action_prepare"):
            with self.assertRaisesRegex(UserError, "in the state In Progress"):
                getattr(visit, method)()

    def test_state_and_what_the_system_records_is_not_written(self):
        visit = self.make_visit(self.card_east, self.custodian_east)
        now = fields.Datetime.now()
        for values in (
            {"state": "reported"},
            {"date_start": now},
            {"check_in_state": "near"},
            {"check_in_latitude": 1.0},
            {"origin": "plan"},
            {"move_count": 0},
        ):
            with self.assertRaisesRegex(UserError, "set by the system"):
                visit.write(values)
            if values != {"move_count": 0}:
                with self.assertRaisesRegex(UserError, "set by the system"):
                    self.make_visit(self.card_east, self.custodian_east, **values)

    def test_a_client_s_context_opens_no_door(self):
        Visit = self.env["customer.visit"].with_user(self.custodian_east)
        visit = Visit.with_context(
            default_state="reviewed", default_date_start="2020-01-01", visit_door=True
        ).create({"partner_id": self.card_east.id})
        self.assertEqual(visit.state, "planned")
        self.assertFalse(visit.date_start)
        with self.assertRaisesRegex(UserError, "set by the system"):
            visit.with_context(visit_door=True).write({"state": "reviewed"})

    def test_one_in_progress_per_person(self):
        first = self.make_visit(self.card_east, self.manager_east)
        second = self.make_visit(self.card_east, self.manager_east)
        other = self.make_visit(self.card_east, self.custodian_east)
        first.action_start()
        with self.assertRaisesRegex(UserError, "still checked in"):
            second.action_start()
        other.action_start()
        first.action_end()
        second.action_start()
        self.assertEqual(second.state, "in_progress")

    def test_a_call_is_reported_without_check_in(self):
        planned = fields.Datetime.now() - timedelta(hours=3)
        call = self.make_visit(
            self.card_east,
            self.custodian_east,
            method="phone",
            date_planned=planned,
            duration_planned=0.5,
        )
        self.report_visit(call)
        self.assertEqual(call.state, "reported")
        self.assertEqual(call.date_start, planned)
        self.assertEqual(call.date_end - call.date_start, timedelta(minutes=30))

    def test_a_contact_planned_for_tomorrow_took_place_now(self):
        call = self.make_visit(
            self.card_east,
            self.custodian_east,
            method="phone",
            date_planned=fields.Datetime.now() + timedelta(days=1),
        )
        self.report_visit(call)
        self.assertLessEqual(call.date_start, fields.Datetime.now())
        self.assertLessEqual(call.date_end, fields.Datetime.now())

    # cancelling and putting off

    def test_cancelled_with_a_reason(self):
        visit = self.make_visit(self.card_east, self.custodian_east)
        action = visit.action_cancel()
        self.assertEqual(action["res_model"], "customer.visit.reason")
        dialog = (
            self.env["customer.visit.reason"]
            .with_user(self.custodian_east)
            .create(
                {"kind": "cancel", "visit_ids": visit.ids, "reason": "He is on holiday"}
            )
        )
        dialog.action_confirm()
        self.assertEqual(visit.state, "cancelled")
        self.assertEqual(visit.cancel_reason, "He is on holiday")
        self.assertEqual(self.get_kinds(self.card_east)[-1], "visit_cancelled")
        with self.assertRaises(UserError):
            visit.action_start()

    def test_put_off_counts_days(self):
        now = fields.Datetime.now()
        visit = self.make_visit(self.card_east, self.custodian_east, date_planned=now)
        visit.action_reschedule(now + timedelta(minutes=5))
        self.assertLessEqual(visit.move_count, 1, "the same day, unless near midnight")
        before = visit.move_count
        visit.action_reschedule(now + timedelta(days=3))
        self.assertEqual(visit.move_count, before + 1)
        self.assertEqual(visit.state, "planned")

    def test_a_missed_visit_stays_missed_and_another_one_is_planned(self):
        visit = self.make_visit(
            self.card_east,
            self.custodian_east,
            date_planned=fields.Datetime.now() - timedelta(days=5),
        )
        self.run_cron("customer_visit_cron_close_days")
        self.assertEqual(visit.state, "missed")
        later = fields.Datetime.now() + timedelta(days=2)
        replacing = visit.action_reschedule(later)
        self.assertEqual(visit.state, "missed")
        self.assertEqual(replacing.rescheduled_from_id, visit)
        self.assertEqual((replacing.state, replacing.date_planned), ("planned", later))
        with self.assertRaisesRegex(UserError, "planned anew already"):
            visit.action_reschedule(later)

    # time

    def test_missed_on_the_visitor_s_day(self):
        self.custodian_east.tz = "Pacific/Auckland"
        self.env.company.visit_missed_days = 0
        with freeze_time("2030-03-05 12:30:00"):
            # in Auckland it is half past one on the 6th already
            visit = self.make_visit(
                self.card_east,
                self.custodian_east,
                date_planned="2030-03-05 03:00:00",
            )
            west = self.make_visit(
                self.card_west, self.custodian_west, date_planned="2030-03-05 03:00:00"
            )
            self.custodian_west.tz = "UTC"
            self.run_cron("customer_visit_cron_close_days")
            self.assertEqual(visit.state, "missed")
            self.assertEqual(west.state, "planned")

    def test_missed_after_the_days_of_the_company(self):
        self.env.company.visit_missed_days = 2
        today = self.custodian_east._card_today()
        visits = {
            days: self.make_visit(
                self.card_east,
                self.custodian_east,
                date_planned=fields.Datetime.to_datetime(today)
                - timedelta(days=days)
                + timedelta(hours=12),
            )
            for days in (0, 2, 3)
        }
        self.run_cron("customer_visit_cron_close_days")
        self.run_cron("customer_visit_cron_close_days")
        self.assertEqual(
            {days: visit.state for days, visit in visits.items()},
            {0: "planned", 2: "planned", 3: "missed"},
        )
        with self.subTest("it did take place, and is told so"):
            self.report_visit(visits[3])
            self.assertEqual(visits[3].state, "reported")

    def test_forgotten_check_out(self):
        visit = self.make_visit(
            self.card_east, self.custodian_east, duration_planned=1.5
        )
        visit.action_start()
        self.run_cron("customer_visit_cron_close_days")
        self.assertEqual(visit.state, "in_progress", "the day is not over")
        start = fields.Datetime.now() - timedelta(days=2)
        visit._visit_through_door().write({"date_start": start})
        self.run_cron("customer_visit_cron_close_days")
        self.assertEqual(visit.state, "report_due")
        self.assertTrue(visit.end_estimated)
        self.assertEqual(visit.date_end, start + timedelta(hours=1.5))

    # review

    def test_who_reviews(self):
        visit = self.report_visit(self.make_visit(self.card_east, self.custodian_east))
        for user in (self.custodian_east, self.deputy_east, self.manager_west):
            with self.assertRaises(AccessError):
                visit.with_user(user).action_review()
        visit.with_user(self.regional_manager).action_review()
        self.assertEqual(visit.state, "reviewed")

    def test_nobody_reviews_himself(self):
        visit = self.report_visit(self.make_visit(self.card_east, self.manager_east))
        with self.assertRaisesRegex(AccessError, "your own visit"):
            visit.with_user(self.manager_east).action_review()
        visit.with_user(self.regional_manager).action_review()

    def test_reviewed_is_final_until_sent_back(self):
        visit = self.report_visit(self.make_visit(self.card_east, self.custodian_east))
        visit.write({"needs": "Bottles"})
        visit.with_user(self.manager_east).action_review()
        with self.assertRaisesRegex(UserError, "has been reviewed"):
            visit.write({"needs": "Glasses"})
        with self.assertRaises(AccessError):
            visit.action_send_back("Me again")
        visit.with_user(self.manager_east).action_send_back("And the price?")
        self.assertEqual(visit.state, "report_due")
        todo = self.env["mail.activity"].search(
            [("res_model", "=", "customer.visit"), ("res_id", "=", visit.id)]
        )
        self.assertEqual(todo.user_id, self.custodian_east)
        self.assertIn("And the price?", todo.summary)
        visit.write({"needs": "Glasses"})
        visit.action_report()
        self.assertFalse(todo.exists().active)

    # deleting

    def test_what_happened_is_not_deleted(self):
        plan = self.make_visit(self.card_east, self.custodian_east)
        plan.unlink()
        done = self.report_visit(self.make_visit(self.card_east, self.custodian_east))
        with self.assertRaisesRegex(UserError, "stays on record"):
            done.unlink()
        done.with_user(self.card_admin).unlink()

    def test_a_customer_with_visits_is_not_deleted(self):
        self.make_visit(self.card_east, self.custodian_east)
        with self.assertRaisesRegex(UserError, "visits on record"):
            self.card_east.with_user(self.card_admin).unlink()
        with self.assertRaises(AccessError):
            self.card_east.with_user(self.custodian_east).unlink()

    # dates

    def test_the_day_is_that_of_the_visitor(self):
        self.custodian_east.tz = "Asia/Tokyo"
        visit = self.make_visit(
            self.card_east, self.custodian_east, date_planned="2030-03-05 20:00:00"
        )
        self.assertEqual(str(visit.visit_date), "2030-03-06")

    def test_a_visit_that_has_begun_keeps_customer_and_visitor(self):
        visit = self.make_visit(self.card_east, self.manager_east)
        visit.action_start()
        region = visit.with_user(self.regional_manager)
        for values in (
            {"user_id": self.custodian_east.id},
            {"partner_id": self.card_west.id},
        ):
            with self.assertRaisesRegex(UserError, "has begun already"):
                region.write(values)

    def test_a_contact_is_no_card(self):
        with self.assertRaisesRegex(UserError, "has no customer card"):
            self.make_visit(self.free_partner, self.custodian_east)

    def test_queries_do_not_grow(self):
        Visit = self.env["customer.visit"].with_user(self.custodian_east)
        values = {
            "partner_id": self.card_east.id,
            "method": "phone",
            "date_planned": fields.Datetime.now(),
            **self.get_report_values(),
        }

        def plan(count):
            self.visits = Visit.create([values] * count)

        one, hundred = self.count_queries(plan)
        self.assertLessEqual(hundred, one, "planned")

        def report(count):
            plan(count)
            self.env.flush_all()
            self.visits.action_report()

        one, hundred = self.count_queries(report)
        self.assertLessEqual(hundred, one, "reported")
