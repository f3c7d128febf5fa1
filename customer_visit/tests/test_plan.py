"""C06, M03, M04: the weekly plan, its approval and the cards that it lends."""

from datetime import timedelta

from psycopg2.errors import UniqueViolation

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form
from odoo.tools import mute_logger

from .common import CustomerVisitCommon

# around Brussels
PLACES = [(50.85, 4.35), (50.87, 4.40), (50.83, 4.30), (50.63, 5.57), (50.65, 5.55)]


class PlanWorld:
    """Weekly plans, for test classes of every kind."""

    @classmethod
    def make_plan_world(cls):
        cls.Plan = cls.env["customer.visit.plan"]
        cls.monday = cls.Plan._get_next_week()
        for user in (cls.custodian_east, cls.deputy_east, cls.custodian_west):
            user.tz = "Europe/Brussels"
        # nobody is due but by this one
        cls.env["customer.contact.policy"].search([]).active = False
        cls.policy = cls.env["customer.contact.policy"].create(
            {
                "name": "Weekly",
                "sequence": -10,
                "domain": "[('name', '=like', 'Due %')]",
                "interval_number": 1,
                "interval_type": "week",
            }
        )

    @classmethod
    def make_due(cls, count, user=None, **values):
        """:return: cards that are due, kept by ``user``"""
        user = user or cls.custodian_east
        cards = cls.env["res.partner"].create(
            [
                {
                    "name": f"Due {user.name} {i}",
                    "is_company": True,
                    "user_id": user.id,
                    "city": "Brussels" if i % 5 < 3 else "Liège",
                    "partner_latitude": PLACES[i % 5][0] + i / 1000,
                    "partner_longitude": PLACES[i % 5][1],
                    **values,
                }
                for i in range(count)
            ]
        )
        cards._open_cards(custodian=user)
        return cards

    @classmethod
    def make_plan(cls, user=None, **values):
        user = user or cls.custodian_east
        return cls.Plan.with_user(user).create({"date_start": cls.monday, **values})

    def report(self, visit):
        visit.write({"result": "not_met", "next_none_reason": "Nobody there"})
        visit.action_report()

    @classmethod
    def make_planned(cls, card, user, day=0, by=None, hour=10, **values):
        """:return: a visit in the week of the plan, planned by whoever may"""
        when = fields.Datetime.to_datetime(cls.monday) + timedelta(days=day, hours=hour)
        visit = (
            cls.env["customer.visit"]
            .with_user(by or user)
            .create(
                {
                    "partner_id": card.id,
                    "user_id": user.id,
                    "date_planned": when,
                    **values,
                }
            )
        )
        return visit.with_user(user)


class PlanCommon(PlanWorld, CustomerVisitCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_plan_world()


class TestPlan(PlanCommon):
    def test_week_and_department(self):
        plan = self.make_plan(date_start=self.monday + timedelta(days=3))
        self.assertEqual(plan.date_start, self.monday)
        self.assertEqual(plan.date_end, self.monday + timedelta(days=6))
        self.assertEqual(plan.team_id, self.team_east)

    def test_a_client_says_no_department(self):
        plan = self.make_plan(team_id=self.team_west.id)
        self.assertEqual(plan.team_id, self.team_east)
        with self.assertRaises(UserError):
            plan.team_id = self.team_west

    def test_one_plan_per_week(self):
        self.make_plan()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(UniqueViolation),
            self.cr.savepoint(),
        ):
            self.make_plan()

    def test_form(self):
        form = Form(self.Plan.with_user(self.custodian_east))
        plan = form.save()
        self.assertEqual(plan.user_id, self.custodian_east)
        self.assertEqual(plan.date_start, self.monday)

    # ------------------------------------------------------------
    # WHO
    # ------------------------------------------------------------

    def test_seen_by_the_person_and_his_managers(self):
        plan = self.make_plan()
        for user in (
            self.custodian_east,
            self.manager_east,
            self.regional_manager,
            self.card_admin,
        ):
            self.assertEqual(
                self.Plan.with_user(user).search([("id", "=", plan.id)]), plan
            )
        for user in (self.deputy_east, self.custodian_west, self.manager_west):
            self.assertFalse(self.Plan.with_user(user).search([("id", "=", plan.id)]))
            with self.assertRaises(AccessError):
                plan.with_user(user).read(["note"])
            with self.assertRaises(AccessError):
                plan.with_user(user).action_propose()

    def test_made_for_others(self):
        plan = self.make_plan(self.manager_east, user_id=self.custodian_east.id)
        self.assertEqual(plan.team_id, self.team_east)
        week = {
            "user_id": self.custodian_east.id,
            "date_start": self.monday + timedelta(days=7),
        }
        for user in (self.deputy_east, self.manager_west):
            with self.assertRaises(AccessError):
                self.make_plan(user, **week)

    def test_never_approved_by_the_person(self):
        self.make_planned(self.card_east, self.custodian_east)
        plan = self.make_plan()
        plan.action_submit()
        with self.assertRaises(AccessError):
            plan.action_approve()
        with self.assertRaises(AccessError):
            plan.with_user(self.deputy_east).action_approve()
        with self.assertRaises(AccessError):
            plan.with_user(self.manager_west).action_approve()
        plan.with_user(self.manager_east).action_approve()
        self.assertEqual(plan.state, "approved")

    def test_a_manager_does_not_approve_his_own(self):
        self.make_planned(self.card_east, self.manager_east)
        plan = self.make_plan(self.manager_east)
        self.env["crm.team.member"].create(
            {"user_id": self.manager_east.id, "crm_team_id": self.team_east.id}
        )
        plan.action_submit()
        with self.assertRaises(AccessError):
            plan.action_approve()

    def test_send_back_and_again(self):
        self.make_planned(self.card_east, self.custodian_east)
        plan = self.make_plan()
        plan.action_submit()
        plan.with_user(self.manager_east).action_refuse("Go to Liège first")
        self.assertEqual(plan.state, "refused")
        self.assertIn(
            plan,
            self.Plan.with_user(self.custodian_east).search(
                [("state", "=", "refused")]
            ),
        )
        plan.action_draft()
        plan.action_submit()
        plan.with_user(self.manager_east).action_approve()
        self.assertEqual(plan.state, "approved")

    def test_nothing_to_submit(self):
        with self.assertRaisesRegex(UserError, "holds no visit"):
            self.make_plan().action_submit()

    # ------------------------------------------------------------
    # WHAT IS IN IT
    # ------------------------------------------------------------

    def test_the_visits_of_the_week(self):
        before = self.make_planned(self.card_east, self.custodian_east)
        plan = self.make_plan()
        after = self.make_planned(self.card_east, self.custodian_east, day=2)
        later = self.make_planned(self.card_east, self.custodian_east, day=9)
        other = self.make_planned(
            self.card_east, self.deputy_east, by=self.custodian_east
        )
        self.assertEqual(plan.visit_ids, before | after)
        self.assertEqual(after.plan_day, "2")
        self.assertFalse((later | other.with_user(self.custodian_east)).plan_id)
        after.action_reschedule(after.date_planned + timedelta(days=7))
        self.assertEqual(plan.visit_ids, before)

    def test_a_client_puts_nothing_in(self):
        plan = self.make_plan()
        later = self.make_planned(self.card_east, self.custodian_east, day=9)
        with self.assertRaisesRegex(UserError, "set by the system"):
            later.plan_id = plan

    def test_what_is_submitted_stays(self):
        visit = self.make_planned(self.card_east, self.custodian_east)
        plan = self.make_plan()
        plan.action_submit()
        late = self.make_planned(self.card_east, self.custodian_east, day=1)
        self.assertFalse(late.plan_id)
        with self.assertRaises(AccessError):
            visit.action_reschedule(visit.date_planned + timedelta(days=1))
        visit.with_user(self.manager_east).action_reschedule(
            visit.date_planned + timedelta(days=1)
        )
        self.assertEqual(visit.plan_id, plan)

    def test_cancelled(self):
        self.make_due(2)
        own = self.make_planned(self.card_east, self.custodian_east)
        plan = self.make_plan()
        plan.action_propose()
        self.assertEqual(len(plan.visit_ids), 3)
        proposed = plan.visit_ids - own
        plan.action_cancel()
        self.assertFalse(proposed.exists())
        self.assertFalse(own.plan_id)
        self.assertEqual(own.state, "planned")
        # the week may be planned anew
        self.assertEqual(self.make_plan().visit_ids, own)


class TestProposal(PlanCommon):
    def test_the_due_cards_of_the_person(self):
        due = self.make_due(4)
        self.make_due(2, self.deputy_east)
        plan = self.make_plan()
        visits = self.Plan._propose(plan)
        self.assertEqual(visits.partner_id, due)
        self.assertEqual(visits.user_id, self.custodian_east)
        self.assertEqual(set(visits.mapped("origin")), {"plan"})
        self.assertEqual(plan.visit_ids, visits)
        self.assertEqual(plan.left_count, 0)

    def test_nothing_twice(self):
        self.make_due(3)
        plan = self.make_plan()
        first = self.Plan._propose(plan)
        self.assertFalse(self.Plan._propose(plan))
        # whom somebody else visits is not due either
        card = first[0].partner_id
        first[0].with_user(self.custodian_east).action_leave_plan()
        self.make_planned(card, self.deputy_east, by=self.manager_east)
        self.assertFalse(self.Plan._propose(plan))
        self.assertEqual(len(plan.visit_ids), 2)

    def test_proposed_is_not_planned_yet(self):
        """What the system proposes covers nobody until the person submits it."""
        card = self.make_due(1)
        plan = self.make_plan()
        visit = self.Plan._propose(plan)
        self.assertEqual(card.contact_status, "due")
        plan.action_submit()
        self.assertEqual(card.contact_status, "planned")
        self.assertEqual(card.next_contact_planned, visit.visit_date)
        plan.action_draft()
        self.assertEqual(card.contact_status, "due")
        # what he plans himself is planned, in a draft too
        self.make_planned(card, self.custodian_east)
        self.assertEqual(card.contact_status, "planned")

    def test_only_who_is_due(self):
        cards = self.make_due(3)
        self.env["customer.visit"].with_user(self.custodian_east)._log_contacts(
            [
                {
                    "partner_id": cards[0].id,
                    "user_id": self.custodian_east.id,
                    "method": "phone",
                    "date_start": fields.Datetime.to_datetime(self.monday)
                    + timedelta(days=1),
                }
            ]
        )
        cards[1].with_user(self.manager_east).action_card_close()
        plan = self.make_plan()
        self.assertEqual(self.Plan._propose(plan).partner_id, cards[2])

    def test_capacity_and_what_is_left(self):
        self.make_due(9)
        plan = self.make_plan(day_capacity=1)
        visits = self.Plan._propose(plan)
        self.assertEqual(len(visits), 5)
        self.assertEqual(len(set(visits.mapped("visit_date"))), 5)
        self.assertEqual(plan.left_count, 4)
        # what is planned already takes room
        fuller = self.make_plan(
            date_start=self.monday + timedelta(days=7), day_capacity=1
        )
        self.make_planned(self.card_east, self.custodian_east, day=7)
        visits = self.Plan._propose(fuller)
        self.assertEqual(len(visits), 4)
        self.assertNotIn(self.monday + timedelta(days=7), visits.mapped("visit_date"))

    def test_working_days_and_hours(self):
        self.make_due(8)
        calendar = self.env["resource.calendar"].create(
            {
                "name": "Tuesdays and Thursdays",
                "tz": "Europe/Brussels",
                "attendance_ids": [
                    Command.create(
                        {
                            "name": day,
                            "dayofweek": day,
                            "hour_from": 9,
                            "hour_to": 12,
                            "day_period": "morning",
                        }
                    )
                    for day in "13"
                ],
            }
        )
        self.custodian_east.company_id.resource_calendar_id = calendar
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": calendar.id,
                "date_from": self.monday + timedelta(days=2, hours=23),
                "date_to": self.monday + timedelta(days=4),
            }
        )
        visits = self.Plan._propose(self.make_plan())
        self.assertEqual(set(visits.mapped("visit_date")), {self.monday + timedelta(1)})
        for visit in visits:
            local = fields.Datetime.context_timestamp(
                visit.with_context(tz="Europe/Brussels"), visit.date_planned
            )
            self.assertTrue(9 <= local.hour < 12, local)
        # one after the other, with a way between them
        begins = sorted(visits.mapped("date_planned"))
        for one, other in zip(begins, begins[1:], strict=False):
            self.assertGreaterEqual(other - one, timedelta(hours=1))

    def test_own_leave(self):
        self.make_due(3)
        resource = self.env["resource.resource"].create(
            {
                "name": "Custodian",
                "user_id": self.custodian_east.id,
                "tz": "Europe/Brussels",
                "calendar_id": self.env.company.resource_calendar_id.id,
            }
        )
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Leave",
                "resource_id": resource.id,
                "calendar_id": resource.calendar_id.id,
                "date_from": self.monday,
                "date_to": self.monday + timedelta(days=4),
            }
        )
        visits = self.Plan._propose(self.make_plan())
        self.assertEqual(set(visits.mapped("visit_date")), {self.monday + timedelta(4)})

    def test_preferred_days_and_times(self):
        friday = self.env["customer.visit.weekday"].search([("number", "=", 4)])
        sunday = self.env["customer.visit.weekday"].search([("number", "=", 6)])
        cards = self.make_due(4)
        cards[0].visit_weekday_ids = friday
        cards[1].visit_weekday_ids = sunday
        cards[2].visit_time_from = 14
        plan = self.make_plan()
        visits = self.Plan._propose(plan)
        by_card = {visit.partner_id: visit for visit in visits}
        self.assertEqual(by_card[cards[0]].visit_date, self.monday + timedelta(4))
        self.assertNotIn(cards[1], by_card)
        self.assertEqual(plan.left_count, 1)
        local = fields.Datetime.context_timestamp(
            plan.with_context(tz="Europe/Brussels"), by_card[cards[2]].date_planned
        )
        self.assertGreaterEqual(local.hour, 14)

    def test_the_deputy_goes(self):
        cards = self.make_due(2)
        cards[0].with_user(self.manager_east).write(
            {
                "card_deputy_id": self.deputy_east.id,
                "card_deputy_from": self.monday - timedelta(days=1),
                "card_deputy_until": self.monday + timedelta(days=20),
            }
        )
        plans = self.make_plan() | self.make_plan(self.deputy_east)
        visits = self.Plan._propose(plans)
        self.assertEqual(
            {visit.partner_id: visit.user_id for visit in visits},
            {cards[0]: self.deputy_east, cards[1]: self.custodian_east},
        )

    def test_a_call_where_calls_count(self):
        self.policy.method_ids = self.env["customer.visit.method"].search(
            [("code", "=", "phone")]
        )
        self.make_due(1)
        visit = self.Plan._propose(self.make_plan())
        self.assertEqual(visit.method, "phone")
        self.assertEqual(visit.duration_planned, 0.25)

    def test_queries(self):
        """As many for three people with many cards as for one with a few."""

        def count(plans):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            due = plans.sudo()._get_due_cards(plans.sudo()._get_free_days())
            plans.sudo()._get_stops_of_visits()
            return self.env.cr.sql_log_count - before, sum(
                total for _stops, total in due.values()
            )

        self.make_due(3)
        plan = self.make_plan()
        count(plan)
        few = count(plan)
        self.assertEqual(few[1], 3)
        self.make_due(40)
        for user in (self.deputy_east, self.custodian_west):
            self.make_due(20, user)
        plans = plan | self.make_plan(self.deputy_east)
        plans |= self.make_plan(self.custodian_west)
        many = count(plans)
        self.assertEqual(many[1], 83)
        self.assertEqual(many[0], few[0])

    def test_queries_of_the_whole_proposal(self):
        """Three people with four times the cards: the visits are inserted in sets."""

        def count(plans):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            visits = self.Plan._propose(plans)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before, len(visits)

        self.make_due(2)
        self.make_due(3, self.deputy_east)
        self.make_due(3, self.custodian_west)
        # what is asked for once only: caches, settings
        count(self.make_plan())
        few = count(self.make_plan(self.deputy_east))
        self.make_due(10)
        self.make_due(10, self.deputy_east)
        week = {"date_start": self.monday + timedelta(days=7)}
        plans = self.make_plan(**week) | self.make_plan(self.deputy_east, **week)
        plans |= self.make_plan(self.custodian_west)
        many = count(plans)
        self.assertEqual(few[1], 3)
        self.assertEqual(many[1], 23)
        self.assertLessEqual(many[0], few[0] + 4)

    def test_not_in_somebody_elses_plan(self):
        plan = self.make_plan()
        for user in (self.deputy_east, self.manager_west):
            with self.assertRaises(AccessError):
                plan.with_user(user).action_propose()
        self.make_due(1)
        self.assertEqual(
            plan.with_user(self.manager_east).action_propose()["tag"],
            "display_notification",
        )
        self.assertEqual(len(plan.visit_ids), 1)
        plan.action_submit()
        with self.assertRaises(UserError):
            plan.action_propose()


class TestBoard(PlanCommon):
    def test_drop_on_another_day(self):
        visit = self.make_planned(self.card_east, self.custodian_east)
        plan = self.make_plan()
        visit.plan_day = "3"
        self.assertEqual(visit.visit_date, self.monday + timedelta(3))
        self.assertEqual(visit.date_planned.hour, 10)
        self.assertEqual(visit.plan_id, plan)

    def test_not_on_a_day_off(self):
        visit = self.make_planned(self.card_east, self.custodian_east)
        self.make_plan()
        with self.assertRaisesRegex(UserError, "does not work"):
            visit.plan_day = "6"

    def test_not_by_others(self):
        visit = self.make_planned(self.card_west, self.custodian_west)
        self.make_plan(self.custodian_west)
        with self.assertRaises(AccessError):
            visit.with_user(self.manager_east).plan_day = "3"
        # the manager of the department may
        visit.with_user(self.manager_west).plan_day = "3"
        self.assertEqual(visit.plan_day, "3")

    def test_columns(self):
        visit = self.make_planned(self.card_east, self.custodian_east)
        plan = self.make_plan()
        groups = visit.with_context(read_group_expand=True).web_read_group(
            [("plan_id", "=", plan.id)], ["plan_day"], ["__count"]
        )["groups"]
        days = [group["plan_day"] for group in groups]
        for day in "01234":
            self.assertIn(day, days)

    def test_the_times_follow_the_order(self):
        self.make_due(3)
        plan = self.make_plan()
        visits = self.Plan._propose(plan).with_user(self.custodian_east)
        for visit in visits:
            visit.plan_day = "2"
        a, b, c = visits.sorted("date_planned")
        (c | a | b).web_resequence({"date_planned": {}}, "plan_sequence")
        self.assertLess(c.date_planned, a.date_planned)
        self.assertLess(a.date_planned, b.date_planned)
        with self.assertRaises(AccessError):
            (a | b).with_user(self.deputy_east).web_resequence({}, "plan_sequence")

    def test_appointments_keep_their_time(self):
        fixed = self.make_planned(self.card_east, self.custodian_east, hour=9)
        time = fixed.date_planned
        self.make_due(2)
        plan = self.make_plan()
        for visit in self.Plan._propose(plan).with_user(self.custodian_east):
            visit.plan_day = "0"
        plan.action_shorten_ways()
        self.assertEqual(fixed.date_planned, time)
        begins = sorted(plan.visit_ids.mapped("date_planned"))
        for one, other in zip(begins, begins[1:], strict=False):
            self.assertGreaterEqual(other - one, timedelta(hours=1))

    def test_shortest_order(self):
        places = [4.3, 4.7, 4.4, 4.6, 4.5]
        cards = self.make_due(5)
        for card, longitude in zip(cards, places, strict=True):
            card.write({"partner_latitude": 50, "partner_longitude": longitude})
        plan = self.make_plan()
        visits = self.Plan._propose(plan).with_user(self.custodian_east)
        for visit in visits:
            visit.plan_day = "1"
        plan.invalidate_recordset()
        plan.action_shorten_ways()
        way = [
            card.partner_longitude for card in visits.sorted("plan_sequence").partner_id
        ]
        self.assertIn(way, (sorted(way), sorted(way, reverse=True)))
        self.assertAlmostEqual(plan.distance_km, 28.6, delta=0.2)

    def test_take_out(self):
        own = self.make_planned(self.card_east, self.custodian_east)
        self.make_due(1)
        plan = self.make_plan()
        proposed = self.Plan._propose(plan).with_user(self.custodian_east)
        with self.assertRaises(AccessError):
            proposed.with_user(self.deputy_east).action_leave_plan()
        (own | proposed).action_leave_plan()
        self.assertFalse(proposed.exists())
        self.assertEqual(own.state, "planned")
        self.assertFalse(plan.visit_ids)

    def test_coordinates_that_are_missing(self):
        card = self.make_due(1)
        card.write({"partner_latitude": 0, "partner_longitude": 0})
        plan = self.make_plan()
        self.Plan._propose(plan)
        self.assertEqual(plan.missing_places, card.name)
        self.assertIn("without coordinates", plan.day_summary)


class TestPlanLoans(PlanCommon):
    def setUp(self):
        super().setUp()
        # west's custodian has planned a visit for his colleague of the east
        self.foreign = self.make_planned(
            self.card_west, self.custodian_east, by=self.custodian_west
        )
        self.own = self.make_planned(self.card_east, self.custodian_east, day=1)
        self.plan = self.make_plan()
        self.card_west.write({"partner_latitude": 51, "partner_longitude": 5})
        self.card_east.write({"partner_latitude": 50, "partner_longitude": 4})

    def approve(self):
        self.plan.action_submit()
        self.plan.with_user(self.regional_manager).action_approve()

    def reads(self, card, user=None):
        return bool(
            self.env["res.partner"]
            .with_user(user or self.custodian_east)
            .search([("id", "=", card.id)])
        )

    def test_decided_by_who_manages_the_cards(self):
        """The manager of the east does not lend cards of the west."""
        self.plan.action_submit()
        self.assertFalse(self.plan.with_user(self.manager_east).can_decide)
        with self.assertRaises(AccessError):
            self.plan.with_user(self.manager_east).action_approve()
        self.assertTrue(self.plan.with_user(self.regional_manager).can_decide)
        self.assertEqual(
            self.plan.with_user(self.regional_manager).lend_names, "Beta Tools"
        )

    def test_lent_by_the_approval(self):
        self.assertFalse(self.reads(self.card_west))
        self.approve()
        self.assertTrue(self.reads(self.card_west))
        loan = self.plan.sudo().loan_ids
        self.assertEqual(loan.borrower_id, self.custodian_east)
        self.assertEqual(loan._get_cards()[loan.id], self.card_west)
        self.assertEqual(loan.decided_by_id, self.regional_manager)
        self.assertEqual(loan.visit_plan_id, self.plan)
        self.assertLess(
            loan.valid_until,
            fields.Datetime.to_datetime(self.monday) + timedelta(days=7),
        )
        events = self.env["customer.card.event"].search(
            [("partner_id", "=", self.card_west.id), ("kind", "=", "loan_lent")]
        )
        self.assertEqual(len(events), 1)
        # nobody else learns anything
        self.assertFalse(self.reads(self.card_west, self.deputy_east))

    def test_never_what_he_may_open_anyway(self):
        for user in (self.deputy_east, self.manager_east):
            self.make_planned(
                self.card_east,
                user,
                by=user if user != self.deputy_east else self.custodian_east,
            )
        self.card_east.with_user(self.manager_east).write(
            {
                "card_deputy_id": self.deputy_east.id,
                "card_deputy_from": self.monday,
                "card_deputy_until": self.monday + timedelta(days=3),
            }
        )
        plans = self.make_plan(self.deputy_east) | self.make_plan(self.manager_east)
        foreign = (plans | self.plan)._get_foreign_cards()
        self.assertEqual(foreign[self.plan.id], self.card_west)
        for plan in plans:
            self.assertFalse(foreign[plan.id])
        # after his days as deputy he needs it lent
        self.make_planned(
            self.card_east, self.deputy_east, day=4, by=self.custodian_east
        )
        self.assertEqual(plans._get_foreign_cards()[plans[0].id], self.card_east)

    def test_returned_by_the_report(self):
        other = self.make_due(1, self.custodian_west)
        self.make_planned(other, self.custodian_east, day=2, by=self.custodian_west)
        self.approve()
        self.assertEqual(len(self.plan.sudo().loan_ids), 2)
        self.report(self.foreign)
        self.assertFalse(self.reads(self.card_west))
        self.assertTrue(self.reads(other))
        loans = self.plan.sudo().loan_ids
        self.assertEqual(sorted(loans.mapped("state")), ["lent", "returned"])
        self.assertEqual(
            self.env["customer.card.event"].search_count(
                [("partner_id", "=", self.card_west.id), ("kind", "=", "loan_returned")]
            ),
            1,
        )

    def test_returned_when_the_visit_is_dropped(self):
        self.approve()
        self.foreign.action_cancel("Closed that week")
        self.assertFalse(self.reads(self.card_west))

    def test_returned_when_the_visit_leaves_the_week(self):
        self.approve()
        self.foreign.action_reschedule(self.foreign.date_planned + timedelta(days=7))
        self.assertFalse(self.foreign.sudo().plan_id)
        self.assertFalse(self.reads(self.card_west))

    def test_kept_when_it_moves_within_the_week(self):
        self.approve()
        self.foreign.plan_day = "4"
        self.assertTrue(self.reads(self.card_west))

    def test_returned_when_the_plan_is_taken_back(self):
        self.approve()
        self.plan.action_draft()
        self.assertFalse(self.reads(self.card_west))
        self.assertEqual(self.plan.sudo().loan_ids.state, "returned")
        self.approve()
        self.assertTrue(self.reads(self.card_west))

    def test_another_customer_is_not_lent(self):
        """The visit of an approved plan gets no other customer by the back door."""
        other = self.make_due(1, self.custodian_west)
        self.approve()
        with self.assertRaises(AccessError):
            self.foreign.partner_id = other
        self.assertFalse(self.reads(other))

    def test_a_client_makes_no_such_loan(self):
        with self.assertRaises(UserError):
            self.env["customer.card.loan"].with_user(self.custodian_east).create(
                {
                    "card_ids": [Command.set(self.card_west.ids)],
                    "visit_plan_id": self.plan.id,
                    "state": "lent",
                }
            )

    # ------------------------------------------------------------
    # WHERE A HIDDEN CUSTOMER IS
    # ------------------------------------------------------------

    def test_no_way_to_a_hidden_customer(self):
        self.foreign.write({"plan_day": "1"})
        plan = self.plan
        self.assertEqual(plan.distance_km, 0)
        self.assertFalse(self.foreign.plan_city)
        self.assertEqual(self.foreign.plan_leg_km, 0)
        self.assertNotIn("Beta", plan.missing_places or "")
        # the regional manager may open both
        self.assertAlmostEqual(
            plan.with_user(self.regional_manager).distance_km, 0, delta=0.1
        )
        self.approve()
        plan.invalidate_recordset()
        self.assertGreater(plan.distance_km, 100)

    def test_nor_by_the_order_that_a_manager_makes(self):
        self.foreign.write({"plan_day": "1"})
        near, far = self.make_due(2)
        near.write({"partner_latitude": 51.01, "partner_longitude": 5})
        far.write({"partner_latitude": 50.0, "partner_longitude": 4.01})
        self.Plan._propose(self.plan)
        stops = self.plan.sudo()._get_stops_of_visits()[self.plan.id]
        for day in stops.values():
            for stop in day:
                if stop.key.partner_id == self.card_west:
                    self.assertFalse(stop.point)
                else:
                    self.assertTrue(stop.point)
