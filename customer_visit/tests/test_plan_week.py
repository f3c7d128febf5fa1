"""M03, M04: the pack, reports that are owed, customers asked for, trips, and what the
system does by itself."""

from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError

from odoo.addons.customer_card.exceptions import CardAccessError
from odoo.addons.customer_card.tests.test_card_print import read_print

from .test_plan import PlanCommon

PACK = "customer_visit.visit_pack"


class TestPack(PlanCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.card_west.write({"main_products": "Hammers", "comment": "<p>Secret</p>"})
        cls.card_east.write({"main_products": "Canned fruit", "comment": "<p>Back</p>"})

    def setUp(self):
        super().setUp()
        self.foreign = self.make_planned(
            self.card_west, self.custodian_east, by=self.custodian_west
        )
        self.own = self.make_planned(self.card_east, self.custodian_east, day=1)
        self.plan = self.make_plan()

    def approve(self):
        self.plan.action_submit()
        self.plan.with_user(self.regional_manager).action_approve()

    def render(self, user=None, data=None, **context):
        Report = self.env["ir.actions.report"].with_user(user or self.custodian_east)
        content, _type = Report.with_context(**context)._render_qweb_pdf(
            PACK, self.plan.ids, data=data
        )
        return content if context else read_print(content)

    def test_only_the_cards_of_the_plan(self):
        self.make_due(1)
        self.approve()
        text = self.render()
        for shown in ("Alpha Foods", "Beta Tools", "Hammers", "Canned fruit"):
            self.assertIn(shown, text)
        self.assertNotIn("Due Custodian", text)

    def test_only_when_approved(self):
        with self.assertRaisesRegex(UserError, "is not approved"):
            self.render()
        self.plan.action_submit()
        with self.assertRaisesRegex(UserError, "is not approved"):
            self.plan.action_print_pack()
        self.assertFalse(self.plan.can_print_pack)

    def test_only_the_person_and_his_managers(self):
        self.approve()
        for user in (self.deputy_east, self.custodian_west, self.manager_west):
            with self.assertRaises(AccessError):
                self.render(user)
        # the manager of the department takes out what he keeps
        text = self.render(self.manager_east)
        self.assertIn("Canned fruit", text)
        self.assertNotIn("Hammers", text)
        self.assertIn("Hammers", self.render(self.regional_manager))

    def test_what_is_reported_is_back(self):
        self.approve()
        self.report(self.foreign)
        text = self.render()
        self.assertNotIn("Hammers", text)
        self.assertIn("Canned fruit", text)
        self.report(self.own)
        with self.assertRaisesRegex(UserError, "no card to take out"):
            self.render()

    def test_the_sections_chosen_for_visits(self):
        Section = self.env["customer.card.section"]
        self.assertEqual(
            Section.search([("in_visit_pack", "=", True)]) & Section.search([]),
            Section.search([("in_visit_pack", "=", True)]),
        )
        notes = Section.search([("code", "=", "notes")])
        self.approve()
        self.assertNotIn("Secret", self.render())
        notes.in_visit_pack = True
        self.assertIn("Secret", self.render())
        # what is not lent is printed of one's own cards alone
        notes.may_be_lent = False
        text = self.render()
        self.assertNotIn("Secret", text)
        self.assertIn("Back", text)

    def test_the_client_chooses_nothing(self):
        self.approve()
        section = self.env["customer.card.section"].search([("code", "=", "notes")])
        card = self.make_due(1, self.custodian_west, main_products="Nails")
        text = self.render(
            data={"card_ids": card.ids, "section_ids": section.ids, "docs": card.ids}
        )
        self.assertNotIn("Nails", text)
        self.assertNotIn("Secret", text)

    def test_no_way_without_watermark(self):
        self.approve()
        Report = self.env["ir.actions.report"].with_user(self.custodian_east)
        with self.assertRaisesRegex(AccessError, "watermark"):
            Report._render_qweb_html(PACK, self.plan.ids)
        with self.assertRaisesRegex(AccessError, "watermark"):
            Report.with_context(card_report_stamped=True)._render_qweb_html(
                PACK, self.plan.ids
            )

    def test_recorded(self):
        self.approve()
        self.render()
        for card in self.card_east | self.card_west:
            event = self.env["customer.card.event"].search(
                [("partner_id", "=", card.id), ("kind", "=", "printed")]
            )
            self.assertEqual(event.user_id, self.custodian_east)
            self.assertEqual(event.res_id, self.plan.id)
        self.assertEqual(self.plan.pack_count, 1)

    def test_pdf(self):
        self.approve()
        self.assertTrue(self.render(force_report_rendering=True).startswith(b"%PDF"))


class TestOwedReports(PlanCommon):
    def setUp(self):
        super().setUp()
        self.visit = self.make_planned(self.card_east, self.custodian_east)
        # Tuesday morning in Brussels
        self.tuesday = fields.Datetime.to_datetime(self.monday) + timedelta(
            days=1, hours=8
        )

    def todos(self, user=None):
        return self.visit.sudo().activity_ids.filtered(
            lambda todo: todo.user_id == (user or self.custodian_east)
        )

    def chase(self, moment):
        with (
            freeze_time(moment),
            patch.object(
                type(self.env["ir.cron"]), "_commit_progress", return_value=True
            ),
        ):
            self.env["customer.visit"]._cron_chase_reports()

    def test_the_next_morning(self):
        self.chase(self.tuesday - timedelta(hours=12))
        self.assertFalse(self.todos())
        self.chase(self.tuesday.replace(hour=3))
        self.assertFalse(self.todos())
        self.chase(self.tuesday)
        self.assertEqual(len(self.todos()), 1)
        self.chase(self.tuesday + timedelta(hours=1))
        self.assertEqual(len(self.todos()), 1)
        self.assertFalse(self.todos(self.manager_east))

    def test_not_on_days_off(self):
        friday = self.make_planned(self.card_east, self.custodian_east, day=4)
        self.visit = friday
        self.chase(self.tuesday + timedelta(days=4))
        self.assertFalse(self.todos())
        self.chase(self.tuesday + timedelta(days=6))
        self.assertEqual(len(self.todos()), 1)

    def test_escalated(self):
        self.visit._visit_through_door().write({"state": "report_due"})
        self.chase(self.tuesday)
        self.chase(self.tuesday + timedelta(days=2))
        self.assertEqual(len(self.todos()), 1)
        self.assertEqual(len(self.todos(self.manager_east)), 1)
        self.assertEqual(len(self.todos(self.regional_manager)), 1)
        self.assertFalse(self.todos(self.manager_west))

    def test_cleared_by_the_report(self):
        self.chase(self.tuesday)
        self.report(self.visit)
        self.assertFalse(self.todos())

    def test_cleared_when_put_off(self):
        self.chase(self.tuesday)
        self.visit.action_reschedule(self.visit.date_planned + timedelta(days=3))
        self.assertFalse(self.todos())

    def test_the_next_plan_waits(self):
        plan = self.make_plan(date_start=self.monday + timedelta(days=7))
        self.make_planned(self.card_east, self.custodian_east, day=8)
        with freeze_time(self.tuesday):
            with self.assertRaisesRegex(UserError, "not reported yet.*Alpha Foods"):
                plan.action_submit()
            self.report(self.visit)
            plan.action_submit()
        self.assertEqual(plan.state, "submitted")

    def test_unless_the_company_does_not_mind(self):
        self.custodian_east.company_id.visit_plan_block = False
        plan = self.make_plan(date_start=self.monday + timedelta(days=7))
        self.make_planned(self.card_east, self.custodian_east, day=8)
        with freeze_time(self.tuesday):
            plan.action_submit()
        self.assertEqual(plan.state, "submitted")

    def test_missed_is_still_owed(self):
        """Nobody gets rid of a report by waiting."""
        plan = self.make_plan()
        plan.action_submit()
        plan.with_user(self.manager_east).action_approve()
        with (
            freeze_time(self.tuesday + timedelta(days=2)),
            patch.object(
                type(self.env["ir.cron"]), "_commit_progress", return_value=True
            ),
        ):
            self.env["customer.visit"]._cron_close_days()
            self.assertEqual(self.visit.state, "missed")
        self.chase(self.tuesday + timedelta(days=2))
        self.assertEqual(len(self.todos()), 1)
        self.assertEqual(len(self.todos(self.manager_east)), 1)
        with freeze_time(self.tuesday + timedelta(days=7)):
            self.Plan._cron_close()
            self.assertEqual(plan.state, "approved")
            with self.assertRaises(AccessError):
                plan.action_complete()
            following = self.make_plan(date_start=self.monday + timedelta(days=14))
            again = self.visit.action_reschedule(
                self.visit.date_planned + timedelta(days=15)
            )
            self.assertEqual(again.plan_id, following)
            self.assertFalse(self.todos())
            following.action_submit()
            self.Plan._cron_close()
        self.assertEqual(plan.state, "done")

    def test_the_manager_lets_it_go(self):
        plan = self.make_plan()
        plan.action_submit()
        plan.with_user(self.manager_east).action_approve()
        with self.assertRaisesRegex(UserError, "not over yet"):
            plan.with_user(self.manager_east).action_complete()
        with freeze_time(self.tuesday + timedelta(days=7)):
            for user in (self.custodian_east, self.deputy_east):
                with self.assertRaises(AccessError):
                    plan.with_user(user).action_complete()
            plan.with_user(self.manager_east).action_complete()
        self.assertEqual(plan.state, "done")

    def test_completed(self):
        plan = self.make_plan()
        plan.action_submit()
        plan.with_user(self.manager_east).action_approve()
        with freeze_time(self.tuesday + timedelta(days=7)):
            self.Plan._cron_close()
            self.assertEqual(plan.state, "approved")
            self.report(self.visit)
            self.Plan._cron_close()
        self.assertEqual(plan.state, "done")
        with self.assertRaises(UserError):
            plan.action_draft()

    def test_queries(self):
        """One visitor with many visits costs what one visit costs."""

        def count(visits):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            visits._get_report_managers()
            visits._filter_owed()
            return self.env.cr.sql_log_count - before

        cards = self.make_due(30)
        for card in cards:
            self.make_planned(card, self.custodian_east)
        visits = self.env["customer.visit"].search(
            [("user_id", "=", self.custodian_east.id)]
        )
        count(visits[:1])
        self.assertEqual(count(visits[:1]), count(visits))


class TestPrepared(PlanCommon):
    def prepare(self, moment):
        with (
            freeze_time(moment),
            patch.object(
                type(self.env["ir.cron"]), "_commit_progress", return_value=True
            ),
        ):
            self.Plan._cron_prepare()

    def test_drafts_from_thursday_on(self):
        self.make_due(2)
        self.make_due(1, self.custodian_west)
        people = self.custodian_east | self.custodian_west | self.deputy_east
        plans = lambda: self.Plan.search([("user_id", "in", people.ids)])  # noqa: E731
        wednesday = fields.Datetime.to_datetime(self.monday) - timedelta(
            days=5, hours=-10
        )
        self.prepare(wednesday)
        self.assertFalse(plans())
        thursday = wednesday + timedelta(days=1)
        self.prepare(thursday)
        self.assertEqual(plans().user_id, self.custodian_east | self.custodian_west)
        self.assertEqual(set(plans().mapped("state")), {"draft"})
        self.assertEqual(set(plans().mapped("date_start")), {self.monday})
        self.assertEqual(len(plans().visit_ids), 3)
        plan = plans().filtered(lambda plan: plan.user_id == self.custodian_east)
        self.assertEqual(plan.activity_ids.user_id, self.custodian_east)
        # again, and after he has cancelled it: nothing anew
        plan.with_user(self.custodian_east).action_cancel()
        self.prepare(thursday + timedelta(days=1))
        self.assertEqual(len(plans()), 2)

    def test_not_where_nobody_wants_it(self):
        self.make_due(1)
        self.env["res.company"].search([]).visit_plan_prepare_day = False
        self.prepare(fields.Datetime.to_datetime(self.monday) - timedelta(days=3))
        self.assertFalse(self.Plan.search([("user_id", "=", self.custodian_east.id)]))

    def test_submitting_clears_the_reminder(self):
        self.make_due(1)
        self.prepare(fields.Datetime.to_datetime(self.monday) - timedelta(days=3))
        plan = self.Plan.with_user(self.custodian_east).search(
            [("user_id", "=", self.custodian_east.id)]
        )
        plan.action_submit()
        self.assertNotIn(self.custodian_east, plan.sudo().activity_ids.user_id)
        self.assertIn(self.manager_east, plan.sudo().activity_ids.user_id)

    def test_the_calendar_gets_what_is_approved(self):
        self.make_due(1)
        plan = self.make_plan()
        visit = self.Plan._propose(plan)
        self.assertFalse(visit.calendar_event_id)
        plan.action_submit()
        plan.with_user(self.manager_east).action_approve()
        self.assertEqual(visit.calendar_event_id.start, visit.date_planned)


class TestWish(PlanCommon):
    def setUp(self):
        super().setUp()
        self.plan = self.make_plan()
        self.wish = (
            self.env["customer.visit.plan.wish"]
            .with_user(self.custodian_east)
            .create({"plan_id": self.plan.id, "name": "Beta", "plan_day": "2"})
        )
        self.make_planned(self.card_east, self.custodian_east)

    def test_he_is_told_nothing(self):
        with self.assertRaises(AccessError):
            self.wish.read(["match_ids"])
        with self.assertRaises(AccessError):
            self.wish.read(["card_id"])
        with self.assertRaises(AccessError):
            self.wish.card_id = self.card_west
        # nor is a manager who plans for himself
        own = self.make_plan(self.manager_west)
        wish = self.wish.with_user(self.manager_west).create(
            {"plan_id": own.id, "name": "Beta"}
        )
        self.assertFalse(wish.match_ids)

    def test_the_manager_of_the_card_sees_who_matches(self):
        self.assertEqual(
            self.wish.with_user(self.regional_manager).match_ids, self.card_west
        )
        # he manages the plan, but not the card
        self.assertFalse(self.wish.with_user(self.manager_east).match_ids)
        with self.assertRaises(AccessError):
            self.wish.with_user(self.manager_west).read(["name"])

    def test_planned_by_him_and_lent_by_the_approval(self):
        self.plan.action_submit()
        wish = self.wish.with_user(self.regional_manager)
        wish.card_id = self.card_west
        wish.action_plan_visit()
        visit = self.wish.sudo().visit_id
        self.assertEqual(visit.partner_id, self.card_west)
        self.assertEqual(visit.visit_date, self.monday + timedelta(days=2))
        self.assertEqual(visit.plan_id, self.plan)
        with self.assertRaises(UserError):
            wish.action_plan_visit()
        partners = self.env["res.partner"].with_user(self.custodian_east)
        self.assertFalse(partners.search([("id", "=", self.card_west.id)]))
        self.plan.with_user(self.regional_manager).action_approve()
        self.assertTrue(partners.search([("id", "=", self.card_west.id)]))

    def test_not_by_who_does_not_manage_the_card(self):
        self.plan.action_submit()
        with self.assertRaises(AccessError):
            self.wish.action_plan_visit()
        self.wish.sudo().card_id = self.card_west
        with self.assertRaises(CardAccessError):
            self.wish.with_user(self.manager_east).action_plan_visit()

    def test_asked_in_drafts_only(self):
        self.plan.action_submit()
        with self.assertRaises(UserError):
            self.wish.name = "Gamma"
        with self.assertRaises(UserError):
            self.wish.unlink()
        with self.assertRaises(AccessError):
            self.wish.with_user(self.deputy_east).create(
                {"plan_id": self.plan.id, "name": "Beta"}
            )


class TestTrip(PlanCommon):
    def make_trip(self, cards, user=None, **values):
        return (
            self.env["customer.visit.trip"]
            .with_user(user or self.custodian_east)
            .create(
                {
                    "date": self.monday,
                    "hour": 9,
                    "line_ids": [
                        Command.create({"partner_id": card.id}) for card in cards
                    ],
                    **values,
                }
            )
        )

    def test_in_the_shortest_order(self):
        cards = self.make_due(3)
        for card, longitude in zip(cards, (4.9, 4.1, 4.5), strict=True):
            card.write({"partner_latitude": 50, "partner_longitude": longitude})
        trip = self.make_trip(cards)
        self.assertAlmostEqual(trip.distance_km, 57.2, delta=0.2)
        visits = self.env["customer.visit"].search(trip.action_plan()["domain"])
        way = visits.sorted("date_planned").partner_id.mapped("partner_longitude")
        self.assertIn(way, ([4.1, 4.5, 4.9], [4.9, 4.5, 4.1]))
        begins = sorted(visits.mapped("date_planned"))
        self.assertEqual(begins[0].hour, 8)
        for one, other in zip(begins, begins[1:], strict=False):
            self.assertGreater(other - one, timedelta(hours=1, minutes=30))
        self.assertEqual(set(visits.mapped("origin")), {"manual"})
        self.assertEqual(visits.user_id, self.custodian_east)

    def test_in_the_chosen_order(self):
        cards = self.make_due(3)
        trip = self.make_trip(cards, is_shortest=False)
        visits = self.env["customer.visit"].search(trip.action_plan()["domain"])
        self.assertEqual(visits.sorted("date_planned").partner_id.ids, cards.ids)

    def test_today_is_ad_hoc(self):
        cards = self.make_due(2)
        trip = self.make_trip(cards, date=self.custodian_east._card_today())
        visits = self.env["customer.visit"].search(trip.action_plan()["domain"])
        self.assertEqual(set(visits.mapped("origin")), {"ad_hoc"})
        trip = self.make_trip(cards, date=self.monday - timedelta(days=20))
        with self.assertRaisesRegex(UserError, "is over"):
            trip.action_plan()

    def test_joins_the_draft_of_the_week(self):
        plan = self.make_plan()
        self.make_trip(self.make_due(2)).action_plan()
        self.assertEqual(len(plan.visit_ids), 2)

    def test_no_hidden_customer(self):
        with self.assertRaises(CardAccessError):
            self.make_trip(self.card_west)

    def test_from_the_selected_cards(self):
        trip = (
            self.env["customer.visit.trip"]
            .with_user(self.custodian_east)
            .with_context(
                active_model="res.partner",
                active_ids=(self.contact_east | self.card_west).ids,
            )
            .new(
                self.env["customer.visit.trip"]
                .with_user(self.custodian_east)
                .with_context(
                    active_model="res.partner",
                    active_ids=(self.contact_east | self.card_west).ids,
                )
                .default_get(["line_ids"])
            )
        )
        self.assertEqual(trip.line_ids.partner_id._origin, self.card_east)
