"""Meetings of the calendar and planned visits are one thing, quiet and private."""

from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.tests import tagged

from odoo.addons.calendar.models.calendar_attendee import CalendarAttendee

from .common import CustomerVisitCommon


@tagged("post_install", "-at_install")
class TestCalendarLink(CustomerVisitCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager_east.group_ids |= cls.env.ref(
            "sales_team.group_sale_salesman_all_leads"
        )
        cls.when = (fields.Datetime.now() + timedelta(days=3)).replace(
            hour=8, minute=30, second=0, microsecond=0
        )

    def plan(self, user=None, **values):
        user = user or self.custodian_east
        return self.make_visit(
            self.card_east, user, **{"date_planned": self.when, **values}
        )

    def meet(self, *partners, user=None, **values):
        """:return: a meeting that ``user`` makes in the calendar"""
        user = user or self.custodian_east
        everybody = user.partner_id.browse(p.id for p in partners) | user.partner_id
        return (
            self.env["calendar.event"]
            .with_user(user)
            .create(
                {
                    "name": "Talk about pumps",
                    "start": self.when,
                    "stop": self.when + timedelta(hours=2),
                    "partner_ids": [Command.set(everybody.ids)],
                    **values,
                }
            )
        )

    def run_cron(self):
        with self.enter_registry_test_mode():
            self.env.ref(
                "customer_visit.calendar_event_cron_plan_visits"
            ).method_direct_trigger()

    # ------------------------------------------------------------
    # FROM THE VISIT
    # ------------------------------------------------------------

    def test_a_planned_visit_stands_in_the_calendar(self):
        visit = self.plan(duration_planned=1.5)
        event = visit.calendar_event_id
        self.assertEqual(event.start, self.when)
        self.assertEqual(event.stop, self.when + timedelta(hours=1.5))
        self.assertEqual(event.user_id, self.custodian_east)
        self.assertEqual(event.privacy, "private")
        self.assertEqual(event.attendee_ids.mapped("state"), ["accepted"])

    def test_nobody_is_written_to(self):
        """The customer is no attendee, no e-mail leaves, no activity is made, and his
        phone and e-mail are not in the description."""
        activities = self.env["mail.activity"].search_count([])
        mails = self.env["mail.mail"].search_count([])
        with patch.object(
            CalendarAttendee, "_notify_attendees", autospec=True
        ) as notified:
            visit = self.plan(contact_ids=[Command.set(self.contact_east.ids)])
            visit.date_planned += timedelta(days=1)
            visit.with_user(self.manager_east).user_id = self.deputy_east
        event = visit.sudo().calendar_event_id
        for call in notified.call_args_list:
            self.assertTrue(call.args[0].env.context.get("no_mail_to_attendees"))
        self.assertEqual(event.partner_ids, self.deputy_east.partner_id)
        self.assertEqual(self.env["mail.activity"].search_count([]), activities)
        self.assertFalse(
            self.env["mail.mail"]
            .search([], order="id DESC", limit=5)
            .filtered(lambda mail: mail.model == "calendar.event")
        )
        self.assertGreaterEqual(self.env["mail.mail"].search_count([]), mails)
        self.assertNotIn("290 34", event.description or "")

    def test_moving_the_visit_moves_the_meeting(self):
        visit = self.plan()
        visit.action_reschedule(self.when + timedelta(days=1))
        self.assertEqual(visit.calendar_event_id.start, self.when + timedelta(days=1))

    def test_moving_the_meeting_moves_the_visit(self):
        visit = self.plan()
        visit.calendar_event_id.with_user(self.custodian_east).write(
            {
                "start": self.when + timedelta(days=2),
                "stop": self.when + timedelta(days=2, hours=3),
            }
        )
        self.assertEqual(visit.date_planned, self.when + timedelta(days=2))
        self.assertEqual(visit.duration_planned, 3)

    def test_calling_off_goes_both_ways(self):
        visit = self.plan()
        event = visit.calendar_event_id
        visit.action_cancel("Ill")
        self.assertFalse(event.active)
        other = self.plan()
        other.calendar_event_id.with_user(self.custodian_east).unlink()
        self.assertEqual(other.state, "cancelled")
        third = self.plan()
        third.calendar_event_id.with_user(self.custodian_east).active = False
        self.assertEqual(third.state, "cancelled")

    def test_deleting_the_visit_deletes_its_meeting(self):
        visit = self.plan()
        event = visit.calendar_event_id
        visit.unlink()
        self.assertFalse(event.exists())

    def test_letters_take_no_hour(self):
        self.assertFalse(self.plan(method="letter").calendar_event_id)

    def test_a_day_is_no_hour(self):
        """What an activity has planned comes into the calendar when the hour is set."""
        todo = self.card_east.with_user(self.custodian_east).activity_schedule(
            "mail.mail_activity_data_call", user_id=self.custodian_east.id
        )
        visit = todo.visit_id
        self.assertFalse(visit.calendar_event_id)
        visit.with_user(self.custodian_east).date_planned = self.when
        self.assertEqual(visit.calendar_event_id.start, self.when)

    def test_clients_do_not_link_meetings(self):
        event = self.meet(user=self.custodian_west)
        with self.assertRaisesRegex(Exception, "set by the system"):
            self.plan().calendar_event_id = event

    # ------------------------------------------------------------
    # FROM THE CALENDAR
    # ------------------------------------------------------------

    def test_a_meeting_with_a_contact_is_a_planned_visit(self):
        event = self.meet(self.contact_east, location="At their office")
        visit = event.visit_ids
        self.assertEqual(visit.partner_id, self.card_east)
        self.assertEqual(visit.contact_ids, self.contact_east)
        self.assertEqual(visit.user_id, self.custodian_east)
        self.assertEqual((visit.state, visit.origin), ("planned", "calendar"))
        self.assertEqual((visit.date_planned, visit.duration_planned), (self.when, 2))
        self.assertEqual((visit.method, visit.place), ("visit", "At their office"))
        self.assertEqual(self.meet(self.card_east).visit_ids.method, "meeting")
        self.assertEqual(event.privacy, "private")
        public = self.meet(self.card_east, privacy="public")
        self.assertEqual(public.privacy, "public", "who says so means it")

    def test_meetings_with_others_are_none(self):
        self.assertFalse(self.meet(self.free_partner).visit_ids)
        self.assertFalse(self.meet(self.custodian_west.partner_id).visit_ids)

    def test_one_visit_for_each_customer(self):
        event = self.meet(self.contact_east, self.card_east, user=self.regional_manager)
        self.assertEqual(len(event.visit_ids), 1)
        event.with_user(self.regional_manager).write(
            {"partner_ids": [Command.link(self.contact_west.id)]}
        )
        self.assertEqual(event.visit_ids.partner_id, self.card_east | self.card_west)
        event.with_user(self.regional_manager).write(
            {"partner_ids": [Command.unlink(self.contact_west.id)]}
        )
        west = event.visit_ids.filtered(lambda v: v.partner_id == self.card_west)
        self.assertEqual(west.state, "cancelled")

    def test_meeting_of_an_activity_takes_its_visit(self):
        """Scheduled as an activity, then fixed in the calendar: one visit."""
        todo = self.card_east.with_user(self.custodian_east).activity_schedule(
            "mail.mail_activity_data_meeting", user_id=self.custodian_east.id
        )
        action = todo.action_create_calendar_event()
        event = (
            self.env["calendar.event"]
            .with_user(self.custodian_east)
            .with_context(
                **{
                    **action["context"],
                    "default_res_model": "res.partner",
                    "default_res_id": self.card_east.id,
                }
            )
            .create(
                {
                    "name": "Alpha",
                    "start": self.when,
                    "stop": self.when + timedelta(hours=1),
                }
            )
        )
        visits = self.env["customer.visit"].search(
            [("partner_id", "=", self.card_east.id)]
        )
        self.assertEqual(visits, todo.visit_id)
        self.assertEqual(visits.calendar_event_id, event)
        self.assertEqual(visits.date_planned, self.when)
        event.activity_ids.action_feedback(feedback="Went well")
        self.assertEqual(len(visits), 1)
        self.assertEqual(visits.state, "reported")

    def test_meeting_made_on_the_card_makes_one_visit(self):
        """Odoo adds an activity to the card: both are the same contact."""
        event = self.meet(
            self.contact_east,
            res_model_id=self.env["ir.model"]._get_id("res.partner"),
            res_id=self.card_east.id,
        )
        self.assertEqual(len(event.activity_ids), 1)
        visit = self.env["customer.visit"].search(
            [("partner_id", "=", self.card_east.id)]
        )
        self.assertEqual(event.visit_ids, visit)
        self.assertEqual(event.activity_ids.visit_id, visit)

    def test_meeting_of_an_opportunity(self):
        lead = self.env["crm.lead"].create(
            {"name": "Pumps", "partner_id": self.card_east.id, "type": "opportunity"}
        )
        event = self.meet(user=self.manager_east, opportunity_id=lead.id)
        self.assertEqual(event.visit_ids.lead_id, lead)

    def test_whoever_may_not_open_the_card_visits_nobody(self):
        """A meeting that came by another way, from a mailbox say."""
        event = (
            self.env["calendar.event"]
            .sudo()
            .create(
                {
                    "name": "Import",
                    "start": self.when,
                    "stop": self.when + timedelta(hours=1),
                    "user_id": self.custodian_west.id,
                    "partner_ids": [
                        Command.set(
                            (self.custodian_west.partner_id | self.contact_east).ids
                        )
                    ],
                }
            )
        )
        self.assertFalse(event.visit_ids)
        event.partner_ids |= self.custodian_east.partner_id
        self.assertEqual(event.visit_ids.user_id, self.custodian_east)

    def test_what_is_over_plans_nothing(self):
        past = self.when - timedelta(days=30)
        event = self.meet(self.contact_east, start=past, stop=past + timedelta(hours=1))
        self.assertFalse(event.visit_ids)

    def test_series_are_planned_as_they_come(self):
        event = self.meet(
            self.contact_east,
            recurrency=True,
            rrule_type="daily",
            interval=5,
            end_type="count",
            count=20,
        )
        events = event.recurrence_id.calendar_event_ids
        self.assertEqual(len(events), 20)
        planned = events.visit_ids
        limit = fields.Datetime.now() + timedelta(days=60)
        near = events.filtered(lambda event: event.start < limit)
        self.assertEqual(len(planned), len(near))
        self.assertLess(len(planned), 20)
        self.run_cron()
        self.assertEqual(events.visit_ids, planned)
        # a later day, the next ones are near
        for one in events - near:
            one.with_context(dont_notify=True).start -= timedelta(days=60)
        self.run_cron()
        self.assertEqual(len(events.visit_ids.partner_id), 1)
        self.assertGreater(len(events.visit_ids), len(planned))

    def test_merged_contacts_keep_their_meetings(self):
        double = self.env["res.partner"].create(
            {"name": "Ada A.", "parent_id": self.card_east.id}
        )
        event = self.meet(
            res_model_id=self.env["ir.model"]._get_id("res.partner"), res_id=double.id
        )
        self.env["base.partner.merge.automatic.wizard"].sudo()._merge(
            (double | self.contact_east).ids, self.contact_east, extra_checks=False
        )
        self.assertEqual(event.res_id, self.contact_east.id)
