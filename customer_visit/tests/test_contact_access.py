"""P04, A10: leads, meetings, registrations and answers of surveys on a card follow the
card; nobody links a customer that he may not see."""

import json
from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.customer_card.exceptions import CardAccessError
from odoo.addons.customer_card.tests.test_card_handover import HandoverWorld

from .common import CustomerVisitCommon, CustomerVisitHttp, CustomerVisitWorld

SECRETS = ("alpha.example.com", "290 34 9", "22903490", "Hidden Street")


class ContactWorld(CustomerVisitWorld):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        people = cls.custodian_east | cls.custodian_west | cls.manager_east
        people.group_ids |= (
            cls.env.ref("sales_team.group_sale_salesman_all_leads")
            | cls.env.ref("event.group_event_user")
            | cls.env.ref("survey.group_survey_user")
        )
        cls.employee.group_ids |= cls.env.ref("event.group_event_registration_desk")
        cls.when = fields.Datetime.now() + timedelta(days=2)
        cls.lead = cls.env["crm.lead"].create(
            {
                "name": "Pumps",
                "partner_id": cls.contact_east.id,
                "type": "opportunity",
                "user_id": cls.custodian_east.id,
            }
        )
        cls.free_lead = cls.env["crm.lead"].create(
            {"name": "Fair", "partner_id": cls.free_partner.id, "user_id": False}
        )
        cls.meeting = (
            cls.env["calendar.event"]
            .with_context(no_mail_to_attendees=True)
            .create(
                {
                    "name": "Pumps",
                    "start": cls.when,
                    "stop": cls.when + timedelta(hours=1),
                    "user_id": cls.custodian_east.id,
                    "privacy": "public",
                    "partner_ids": [
                        Command.set(
                            (cls.custodian_east.partner_id | cls.contact_east).ids
                        )
                    ],
                }
            )
        )
        cls.fair = cls.env["event.event"].create(
            {
                "name": "Open House",
                "date_begin": cls.when,
                "date_end": cls.when + timedelta(hours=3),
            }
        )
        cls.registration = cls.env["event.registration"].create(
            {"event_id": cls.fair.id, "partner_id": cls.contact_east.id}
        )
        cls.survey = cls.env["survey.survey"].create(
            {
                "title": "Content?",
                "question_and_page_ids": [
                    Command.create({"title": "Well?", "question_type": "char_box"})
                ],
            }
        )
        cls.answer = cls.env["survey.user_input"].create(
            {
                "survey_id": cls.survey.id,
                "partner_id": cls.contact_east.id,
                "email": cls.contact_east.email,
                "user_input_line_ids": [
                    Command.create(
                        {
                            "question_id": cls.survey.question_ids.id,
                            "answer_type": "char_box",
                            "value_char_box": "alpha.example.com says no",
                        }
                    )
                ],
            }
        )

    @classmethod
    def lend(cls, user):
        loan = cls.env["customer.card.loan"].create(
            {
                "borrower_id": user.id,
                "card_ids": [Command.set(cls.card_east.ids)],
                "mode": "screen",
                "purpose": "Visit",
                "valid_until": fields.Datetime.now() + timedelta(hours=8),
            }
        )
        loan.action_submit()
        loan.with_user(cls.manager_east).action_approve()
        return loan


@tagged("post_install", "-at_install")
class TestContactAccess(ContactWorld, CustomerVisitCommon):
    def seen_by(self, record, user):
        """:return: whether the user finds and reads the record"""
        mine = record.with_user(user)
        found = mine.search_count([("id", "=", record.id)])
        self.assertEqual(bool(found), mine.has_access("read"))
        return bool(found)

    def assert_seen_by(self, record, seen, hidden):
        for user in seen:
            self.assertTrue(self.seen_by(record, user), (record, user.name))
        for user in hidden:
            self.assertFalse(self.seen_by(record, user), (record, user.name))
            with self.assertRaises(AccessError):
                record.with_user(user).read(["display_name"])

    # ------------------------------------------------------------
    # LEADS
    # ------------------------------------------------------------

    def test_a_lead_follows_the_card(self):
        self.assert_seen_by(
            self.lead, [self.custodian_east, self.manager_east], [self.custodian_west]
        )
        self.assert_seen_by(
            self.free_lead, [self.custodian_east, self.custodian_west], []
        )

    def test_a_borrower_sees_the_leads_while_it_lasts(self):
        loan = self.lend(self.custodian_west)
        self.assertTrue(self.seen_by(self.lead, self.custodian_west))
        loan.with_user(self.custodian_west).action_return()
        self.assertFalse(self.seen_by(self.lead, self.custodian_west))

    def test_a_lead_of_a_hidden_card_is_not_even_the_salespersons(self):
        """A lead carries phone and e-mail of the card: who gets it gets the card lent,
        or handed over."""
        self.lead.user_id = self.custodian_west
        self.assertFalse(self.seen_by(self.lead, self.custodian_west))
        with self.assertRaises(AccessError):
            self.lead.with_user(self.custodian_west).write({"name": "Mine"})

    def test_leads_are_not_found_by_what_is_in_them(self):
        Lead = self.env["crm.lead"].with_user(self.custodian_west)
        for domain in (
            [("email_from", "ilike", "alpha.example")],
            [("partner_id.email", "ilike", "alpha.example")],
            [("name", "=", "Pumps")],
        ):
            self.assertFalse(Lead.search(domain))
        groups = Lead._read_group([], ["email_from"], ["__count"])
        self.assertNotIn("ada@alpha.example.com", [email for email, _count in groups])

    def test_what_is_said_about_a_lead_follows_the_card(self):
        self.lead.message_post(body="Secret", subtype_xmlid="mail.mt_note")
        Message = self.env["mail.message"]
        domain = [("model", "=", "crm.lead"), ("res_id", "=", self.lead.id)]
        self.assertTrue(Message.with_user(self.custodian_east).search(domain))
        self.assertFalse(Message.with_user(self.custodian_west).search(domain))
        Report = self.env["crm.activity.report"]
        domain = [("lead_id", "=", self.lead.id)]
        self.lead.activity_schedule(
            "mail.mail_activity_data_call", user_id=self.custodian_east.id
        ).action_feedback(feedback="Called")
        self.env.flush_all()
        self.assertTrue(Report.with_user(self.manager_east).search(domain))
        self.assertFalse(Report.with_user(self.custodian_west).search(domain))

    def test_papers_follow_the_lead(self):
        paper = self.env["customer.signing.paper"].create(
            {"lead_id": self.lead.id, "name": "Power of attorney"}
        )
        self.assert_seen_by(paper, [self.custodian_east], [self.custodian_west])

    # ------------------------------------------------------------
    # MEETINGS
    # ------------------------------------------------------------

    def test_a_meeting_follows_the_card(self):
        self.assert_seen_by(
            self.meeting,
            [self.custodian_east, self.manager_east, self.reader, self.card_admin],
            [self.custodian_west, self.employee],
        )

    def test_who_takes_part_sees_his_meeting(self):
        self.meeting.partner_ids |= self.employee.partner_id
        self.assertTrue(self.seen_by(self.meeting, self.employee))
        self.meeting.user_id = self.custodian_west
        self.assertTrue(self.seen_by(self.meeting, self.custodian_west))
        self.meeting.attendee_ids.filtered(
            lambda one: one.partner_id == self.employee.partner_id
        ).with_user(self.employee).do_accept()

    def test_a_meeting_is_no_way_around_by_document_or_opportunity(self):
        for values in (
            {
                "res_model_id": self.env["ir.model"]._get_id("res.partner"),
                "res_id": self.contact_east.id,
            },
            {"opportunity_id": self.lead.id},
            {
                "res_model_id": self.env["ir.model"]._get_id("crm.lead"),
                "res_id": self.lead.id,
            },
        ):
            event = self.env["calendar.event"].create(
                {
                    "name": "Pumps",
                    "start": self.when,
                    "stop": self.when,
                    "user_id": self.manager_east.id,
                    "partner_ids": [Command.set(self.manager_east.partner_id.ids)],
                    **values,
                }
            )
            self.assert_seen_by(event, [self.custodian_east], [self.custodian_west])

    def test_the_meeting_of_a_visit_follows_the_card(self):
        visit = self.make_visit(
            self.card_east, self.custodian_east, date_planned=self.when
        )
        event = visit.sudo().calendar_event_id
        self.assert_seen_by(event, [self.manager_east], [self.custodian_west])

    def test_one_hidden_customer_hides_the_meeting(self):
        self.meeting.partner_ids |= self.contact_west
        self.assert_seen_by(
            self.meeting,
            [self.regional_manager, self.custodian_east],
            [self.custodian_west, self.manager_west],
        )

    def test_meetings_without_customers_are_everybodys(self):
        event = self.env["calendar.event"].create(
            {
                "name": "Staff",
                "start": self.when,
                "stop": self.when,
                "partner_ids": [
                    Command.set((self.manager_east.partner_id | self.free_partner).ids)
                ],
            }
        )
        self.assert_seen_by(event, [self.employee, self.custodian_west], [])

    def test_that_a_colleague_is_busy_is_no_secret(self):
        event = (
            self.env["calendar.event"]
            .with_user(self.employee)
            .create(
                {
                    "name": "Lunch",
                    "start": self.when,
                    "stop": self.when + timedelta(hours=1),
                    "partner_ids": [
                        Command.set(
                            (self.employee | self.custodian_east).partner_id.ids
                        )
                    ],
                }
            )
        )
        self.assertIn(self.custodian_east.partner_id, event.unavailable_partner_ids)

    def test_attendees_follow_the_card(self):
        attendee = self.meeting.attendee_ids.filtered(
            lambda one: one.partner_id == self.contact_east
        )
        self.meeting.partner_ids |= self.custodian_west.partner_id
        self.assert_seen_by(
            attendee, [self.custodian_east, self.manager_east], [self.custodian_west]
        )
        Attendee = self.env["calendar.attendee"].with_user(self.custodian_west)
        for domain in (
            [("email", "ilike", "alpha.example")],
            [("phone", "ilike", "290 34")],
            [("common_name", "ilike", "Ada")],
        ):
            self.assertFalse(Attendee.search(domain))

    def test_a_co_attendee_keeps_those_whom_he_does_not_see(self):
        self.meeting.partner_ids |= self.custodian_west.partner_id
        mine = self.meeting.with_user(self.custodian_west)
        self.env.invalidate_all()
        shown = mine.partner_ids
        self.assertNotIn(self.contact_east, shown)
        mine.write(
            {
                "location": "Room 2",
                "partner_ids": [
                    Command.set((shown | self.employee.partner_id).ids),
                    Command.unlink(self.contact_east.id),
                ],
            }
        )
        self.env.invalidate_all()
        meeting = self.meeting.sudo()
        self.assertIn(self.contact_east, meeting.partner_ids)
        self.assertIn(self.contact_east, meeting.attendee_ids.partner_id)
        self.assertIn(self.employee.partner_id, meeting.partner_ids)

    # ------------------------------------------------------------
    # EVENTS AND SURVEYS
    # ------------------------------------------------------------

    def test_registrations_follow_the_card(self):
        self.assert_seen_by(
            self.registration, [self.custodian_east], [self.custodian_west]
        )

    def test_the_desk_lets_everybody_in(self):
        """Who runs events and sells nothing works with all registrations."""
        self.assertTrue(self.seen_by(self.registration, self.employee))
        self.registration.with_user(self.employee).action_set_done()
        self.assertEqual(self.registration.state, "done")

    def test_answers_follow_the_card(self):
        for record in (self.answer, self.answer.user_input_line_ids):
            self.assert_seen_by(record, [self.custodian_east], [self.custodian_west])

    # ------------------------------------------------------------
    # LINKS
    # ------------------------------------------------------------

    def test_nobody_links_a_hidden_customer(self):
        """Each with the twin that is allowed."""
        hidden, seen = self.contact_east, self.contact_west
        me = self.custodian_west
        soon = {"name": "M", "start": self.when, "stop": self.when}
        for model, values in (
            ("crm.lead", lambda p: {"name": "L", "partner_id": p.id}),
            (
                "calendar.event",
                lambda p: {**soon, "partner_ids": [Command.set(p.ids)]},
            ),
            (
                "calendar.event",
                lambda p: {
                    **soon,
                    "attendee_ids": [Command.create({"partner_id": p.id})],
                },
            ),
            (
                "event.registration",
                lambda p: {"event_id": self.fair.id, "partner_id": p.id},
            ),
            (
                "survey.user_input",
                lambda p: {"survey_id": self.survey.id, "partner_id": p.id},
            ),
        ):
            Model = (
                self.env[model]
                .with_user(me)
                .with_context(no_mail_to_attendees=True, skip_contact_description=True)
            )
            with self.subTest(model):
                self.assertTrue(Model.create(values(seen)))
                with self.assertRaises(CardAccessError):
                    Model.create(values(hidden))

    def test_nobody_links_a_hidden_customer_by_a_default(self):
        hidden, me = self.contact_east, self.custodian_west
        for model, values, context in (
            ("crm.lead", {"name": "L"}, {"default_partner_id": hidden.id}),
            (
                "event.registration",
                {"event_id": self.fair.id},
                {"default_partner_id": hidden.id},
            ),
            (
                "calendar.event",
                {"name": "M", "start": self.when, "stop": self.when},
                {"default_partner_ids": [hidden.id]},
            ),
            (
                "calendar.event",
                {"name": "M", "start": self.when, "stop": self.when},
                {"active_model": "res.partner", "active_id": hidden.id},
            ),
        ):
            with self.subTest(model, context=context):
                Model = (
                    self.env[model]
                    .with_user(me)
                    .with_context(**context, skip_contact_description=True)
                )
                with self.assertRaises(AccessError):
                    Model.create(values)

    def test_referrers_are_customers_that_one_sees(self):
        partner = self.card_west.with_user(self.custodian_west)
        with self.assertRaises(CardAccessError):
            partner.referrer_id = self.card_east
        partner.referrer_id = self.free_partner
        self.assertEqual(self.card_west.referrer_id, self.free_partner)

    def test_superuser_and_mail_gateway_are_free(self):
        lead = (
            self.env["crm.lead"]
            .sudo()
            .create({"name": "Mail", "partner_id": self.contact_east.id})
        )
        self.assertTrue(lead.email_from)


@tagged("post_install", "-at_install")
class TestContactHandover(ContactWorld, HandoverWorld, CustomerVisitCommon):
    """C05: who gets the card gets its opportunities and its meetings."""

    def test_a_handover_passes_on_leads_and_meetings(self):
        todo = self.lead.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.custodian_east.id
        )
        visit = self.make_visit(
            self.card_east, self.custodian_east, date_planned=self.when
        )
        won = self.lead.copy({"user_id": self.custodian_east.id})
        won.action_set_won()
        others = self.lead.copy({"user_id": self.manager_east.id})
        items = self.card_east._get_card_open_items()
        leads = [item for item in items if item["kind"] == "lead"]
        self.assertEqual(leads[0]["count"], 2)
        self.env.flush_all()
        self.hand_over()
        successor = self.card_east.card_custodian_id
        self.assertNotEqual(successor, self.custodian_east)
        self.assertEqual(self.lead.user_id, successor)
        self.assertEqual(todo.user_id, successor)
        self.assertEqual(won.user_id, self.custodian_east, "what is won stays his")
        self.assertEqual(others.user_id, self.manager_east)
        self.assertEqual(visit.sudo().calendar_event_id.user_id, successor)
        self.assertFalse(self.lead.with_user(self.custodian_east).has_access("read"))


@tagged("post_install", "-at_install")
class TestContactAccessHttp(ContactWorld, CustomerVisitHttp):
    """The same through a server: what a client gets."""

    def rpc(self, user, model, method, *args, **kwargs):
        self.authenticate(user.login, user.login)
        response = self.url_open(
            f"/web/dataset/call_kw/{model}/{method}",
            data=json.dumps(
                {
                    "params": {
                        "model": model,
                        "method": method,
                        "args": args,
                        "kwargs": kwargs,
                    }
                }
            ),
            headers={"Content-Type": "application/json"},
        )
        return response.text

    def assert_clean(self, text):
        for secret in SECRETS:
            self.assertNotIn(secret, text)

    def test_onchange_copies_nothing_of_a_hidden_customer(self):
        spec = {name: {} for name in ("partner_id", "email_from", "phone", "street")}
        for values, context in (
            ({"partner_id": self.contact_east.id}, {}),
            ({}, {"default_partner_id": self.contact_east.id}),
        ):
            names = ["partner_id"] if values else []
            text = self.rpc(
                self.custodian_west,
                "crm.lead",
                "onchange",
                [],
                values,
                names,
                spec,
                context=context,
            )
            self.assert_clean(text)
            self.assertIn("CardAccessError", text)
            text = self.rpc(
                self.custodian_east,
                "crm.lead",
                "onchange",
                [],
                values,
                names,
                spec,
                context=context,
            )
            self.assertIn("ada@alpha.example.com", text)

    def test_registration_onchange_copies_nothing(self):
        spec = {name: {} for name in ("partner_id", "email", "phone", "name")}
        text = self.rpc(
            self.custodian_west,
            "event.registration",
            "onchange",
            [],
            {},
            [],
            spec,
            context={"default_partner_id": self.contact_east.id},
        )
        self.assert_clean(text)

    def test_lists_show_nothing(self):
        for model, names in (
            ("crm.lead", ("name", "email_from", "phone")),
            ("calendar.attendee", ("email", "phone", "common_name")),
            ("calendar.event", ("name", "description")),
            ("event.registration", ("email", "phone")),
            ("survey.user_input", ("email",)),
            ("survey.user_input.line", ("value_char_box",)),
        ):
            for method, extra in (
                ("search_read", {"fields": list(names)}),
                ("web_search_read", {"specification": {name: {} for name in names}}),
            ):
                with self.subTest(model=model, method=method):
                    text = self.rpc(
                        self.custodian_west, model, method, domain=[], **extra
                    )
                    self.assert_clean(text)
                    self.assertNotIn("AccessError", text)

    def test_a_co_attendee_opens_edits_and_keeps_the_hidden_one(self):
        self.meeting.partner_ids |= self.custodian_west.partner_id
        self.env.flush_all()
        spec = {
            "name": {},
            "partner_ids": {"fields": {"display_name": {}, "email": {}}},
            "attendee_ids": {"fields": {"email": {}, "phone": {}, "state": {}}},
        }
        text = self.rpc(
            self.custodian_west,
            "calendar.event",
            "web_read",
            self.meeting.ids,
            specification=spec,
        )
        self.assert_clean(text)
        self.assertIn("Pumps", text)
        text = self.rpc(
            self.custodian_west,
            "calendar.event",
            "web_save",
            self.meeting.ids,
            {
                "name": "Pumps and pipes",
                "partner_ids": [
                    [6, 0, (self.custodian_east | self.custodian_west).partner_id.ids]
                ],
            },
            specification=spec,
        )
        self.assertNotIn("Error", text)
        self.env.invalidate_all()
        self.assertEqual(self.meeting.name, "Pumps and pipes")
        self.assertIn(self.contact_east, self.meeting.partner_ids)

    def test_a_hidden_meeting_cannot_be_opened_by_its_id(self):
        text = self.rpc(
            self.custodian_west,
            "calendar.event",
            "web_read",
            self.meeting.ids,
            specification={"name": {}, "partner_ids": {"fields": {"email": {}}}},
        )
        self.assertIn("AccessError", text)
        self.assertNotIn("Pumps", text)
        self.assert_clean(text)
