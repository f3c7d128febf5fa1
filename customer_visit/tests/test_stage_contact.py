"""The next contact follows the stage; signings are reminded of (K07, K08)."""

from datetime import timedelta

from odoo import Command, fields
from odoo.tests import tagged

from .common import CustomerVisitCommon


@tagged("post_install", "-at_install")
class TestStageContact(CustomerVisitCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for user in (cls.custodian_east, cls.manager_east):
            user.group_ids |= cls.env.ref("sales_team.group_sale_salesman_all_leads")
        cls.first, cls.second, cls.quiet = cls.env["crm.stage"].create(
            [
                {
                    "name": "Talk",
                    "sequence": 1,
                    "contact_ids": [
                        Command.create(
                            {"delay_days": 4, "method": "phone", "objective": "Ask"}
                        )
                    ],
                },
                {
                    "name": "Sign",
                    "sequence": 2,
                    "contact_ids": [
                        Command.create({"delay_days": 0, "method": "visit"}),
                        Command.create({"delay_days": 9, "method": "letter"}),
                    ],
                    "signing_papers": "Register extract\nPower of attorney\n",
                },
                {"name": "Wait", "sequence": 3},
            ]
        )

    def make_lead(self, **values):
        return (
            self.env["crm.lead"]
            .with_user(self.custodian_east)
            .create(
                {
                    "name": "Pumps",
                    "type": "opportunity",
                    "partner_id": self.contact_east.id,
                    "user_id": self.custodian_east.id,
                    "stage_id": self.first.id,
                    **values,
                }
            )
        )

    def visits(self, lead, state="planned"):
        return self.env["customer.visit"].search(
            [("lead_id", "=", lead.id), ("state", "=", state)]
        )

    def test_reaching_a_stage_plans_its_contacts(self):
        lead = self.make_lead()
        visit = self.visits(lead)
        self.assertEqual((visit.method, visit.origin), ("phone", "stage"))
        self.assertEqual(visit.objective, "Ask")
        self.assertEqual(visit.partner_id, self.card_east)
        self.assertEqual(visit.contact_ids, self.contact_east)
        self.assertEqual(visit.user_id, self.custodian_east)
        earliest = self.custodian_east._card_today() + timedelta(days=4)
        self.assertGreaterEqual(visit.visit_date, earliest)
        self.assertLess(visit.visit_date.weekday(), 5)

    def test_the_next_stage_replaces_what_was_planned(self):
        lead = self.make_lead()
        former = self.visits(lead)
        lead.stage_id = self.second
        self.assertEqual(former.state, "cancelled")
        self.assertEqual(
            sorted(self.visits(lead).mapped("method")), ["letter", "visit"]
        )
        lead.stage_id = self.second
        self.assertEqual(len(self.visits(lead)), 2, "nothing twice")
        lead.stage_id = self.quiet
        self.assertFalse(self.visits(lead))

    def test_what_took_place_stays(self):
        lead = self.make_lead()
        visit = self.visits(lead)
        visit._record_done("<p>Talked</p>")
        lead.stage_id = self.second
        self.assertEqual(visit.state, "reported")

    def test_a_lost_opportunity_needs_no_contact(self):
        lead = self.make_lead()
        lead.action_set_lost()
        self.assertFalse(self.visits(lead))

    def test_leads_without_card_plan_nothing(self):
        lead = self.make_lead(partner_id=self.free_partner.id)
        self.assertFalse(self.visits(lead))

    def test_without_salesperson_the_custodian_goes(self):
        lead = (
            self.env["crm.lead"]
            .sudo()
            .create(
                {
                    "name": "Mail",
                    "type": "opportunity",
                    "partner_id": self.card_east.id,
                    "user_id": False,
                    "stage_id": self.first.id,
                }
            )
        )
        self.assertEqual(self.visits(lead).user_id, self.custodian_east)

    def test_the_new_salesperson_gets_what_is_planned(self):
        lead = self.make_lead()
        visit = self.visits(lead)
        lead.with_user(self.manager_east).user_id = self.manager_east
        self.assertEqual(visit.user_id, self.manager_east)

    def test_the_customer_comes_later(self):
        lead = self.make_lead(partner_id=False)
        self.assertFalse(self.visits(lead))
        lead.partner_id = self.contact_east
        self.assertEqual(len(self.visits(lead)), 1)

    def test_merged_opportunities_plan_once(self):
        lead, other = self.make_lead(), self.make_lead(name="Pumps again")
        done = self.visits(other)
        done._record_done("<p>Talked</p>")
        other.stage_id = self.second
        merged = (lead | other).with_user(self.manager_east).merge_opportunity()
        self.assertEqual(done.lead_id, merged)
        rest = self.env["customer.visit"].search(
            [("partner_id", "=", self.card_east.id), ("state", "=", "planned")]
        )
        self.assertEqual(rest.lead_id, merged)
        self.assertEqual(
            sorted(rest.mapped("method")),
            sorted(merged.stage_id.contact_ids.mapped("method")),
        )

    def test_a_visitor_of_the_website_makes_no_visits(self):
        self.card_east.sudo()._with_card_trust().write({"card_custodian_id": False})
        lead = (
            self.env["crm.lead"]
            .with_user(self.env.ref("base.public_user"))
            .sudo()
            .create(
                {
                    "name": "Question",
                    "type": "opportunity",
                    "partner_id": self.card_east.id,
                    "user_id": False,
                    "stage_id": self.first.id,
                }
            )
        )
        self.assertFalse(self.visits(lead))

    def test_negative_days_are_refused(self):
        with self.assertRaisesRegex(Exception, "0 days or more"):
            self.first.contact_ids.delay_days = -1

    # ------------------------------------------------------------
    # SIGNING
    # ------------------------------------------------------------

    def remind(self):
        with self.enter_registry_test_mode():
            self.env.ref(
                "customer_visit.crm_lead_cron_remind_signings"
            ).method_direct_trigger()

    def test_the_stage_lists_the_papers(self):
        lead = self.make_lead()
        lead.stage_id = self.second
        self.assertEqual(
            lead.signing_paper_ids.mapped("name"),
            ["Register extract", "Power of attorney"],
        )
        lead.stage_id = self.first
        lead.stage_id = self.second
        self.assertEqual(len(lead.signing_paper_ids), 2)
        self.assertEqual(lead.signing_missing, 2)
        lead.signing_paper_ids[0].is_ready = True
        self.assertEqual(lead.signing_missing, 1)

    def test_a_signing_is_a_visit(self):
        when = fields.Datetime.now() + timedelta(days=20)
        lead = self.make_lead(signing_date=when)
        visit = lead.signing_visit_id
        self.assertEqual((visit.method, visit.date_planned), ("visit", when))
        self.assertEqual(visit.purpose_id.code, "contract")
        self.assertTrue(visit.sudo().calendar_event_id)
        lead.signing_date = when + timedelta(days=1)
        self.assertEqual(lead.signing_visit_id, visit)
        self.assertEqual(visit.date_planned, when + timedelta(days=1))
        lead.signing_date = False
        self.assertEqual(visit.state, "cancelled")

    def test_the_customer_is_reminded_once(self):
        when = fields.Datetime.now() + timedelta(days=20)
        lead = self.make_lead(signing_date=when)
        lead.write(
            {
                "signing_paper_ids": [
                    Command.create({"name": "Passport"}),
                    Command.create({"name": "Contract", "brought_by": "us"}),
                    Command.create({"name": "Old paper", "is_ready": True}),
                ]
            }
        )
        self.env.flush_all()
        self.remind()
        self.assertFalse(lead.signing_reminder_id, "too early")
        lead.signing_date = fields.Datetime.now() + timedelta(days=2)
        self.env.flush_all()
        self.remind()
        reminder = lead.signing_reminder_id
        self.assertEqual(reminder.method, "phone")
        self.assertEqual(reminder.user_id, self.custodian_east)
        self.assertIn("Passport", reminder.objective)
        self.assertIn("Contract", reminder.objective)
        self.assertNotIn("Old paper", reminder.objective)
        self.remind()
        self.assertEqual(lead.signing_reminder_id, reminder)
        lead.signing_date = fields.Datetime.now() + timedelta(days=30)
        self.assertEqual(reminder.state, "cancelled")
        self.assertFalse(lead.signing_reminder_id)


@tagged("post_install", "-at_install")
class TestEventContact(CustomerVisitCommon):
    """Attendance at customer meetings and seminars is a contact (K02)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        now = fields.Datetime.now()
        cls.seminar = cls.env["event.event"].create(
            {
                "name": "Seminar",
                "user_id": cls.manager_east.id,
                "date_begin": now - timedelta(hours=3),
                "date_end": now - timedelta(hours=1),
            }
        )

    def register(self, *partners):
        return self.env["event.registration"].create(
            [{"event_id": self.seminar.id, "partner_id": p.id} for p in partners]
        )

    def visits(self):
        return self.env["customer.visit"].search([("event_id", "=", self.seminar.id)])

    def test_attendance_is_one_contact_for_each_card(self):
        guests = self.register(
            self.contact_east, self.address_east, self.contact_west, self.free_partner
        )
        self.assertFalse(self.visits(), "registered is not attended")
        guests.action_set_done()
        visits = self.visits()
        self.assertEqual(visits.partner_id, self.card_east | self.card_west)
        east = visits.filtered(lambda visit: visit.partner_id == self.card_east)
        self.assertEqual(east.contact_ids, self.contact_east | self.address_east)
        self.assertEqual((east.method, east.state), ("meeting", "reported"))
        self.assertEqual(east.user_id, self.manager_east)
        self.assertEqual(east.date_start, self.seminar.date_begin)
        self.assertIn("Seminar", east.report)

    def test_nobody_is_counted_twice(self):
        guests = self.register(self.contact_east)
        guests.action_set_done()
        guests.action_set_done()
        self.register(self.address_east).action_set_done()
        self.assertEqual(len(self.visits()), 1)
        self.assertIn(self.address_east, self.visits().contact_ids)

    def test_without_responsible_the_custodian_was_host(self):
        self.seminar.user_id = False
        self.register(self.contact_east).action_set_done()
        self.assertEqual(self.visits().user_id, self.custodian_east)

    def test_taken_back_is_no_contact(self):
        guests = self.register(self.contact_east)
        guests.action_set_done()
        guests.action_cancel()
        self.assertFalse(self.visits())

    def test_many_guests_cost_few_queries(self):
        def count(number):
            cards = self.env["res.partner"].create(
                [{"name": f"Guest {number} {i}"} for i in range(number)]
            )
            cards._open_cards(custodian=self.custodian_east)
            guests = self.register(*cards)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            guests._record_attendance()
            self.env.flush_all()
            idle = self.env.cr.sql_log_count - before
            self.assertFalse(
                self.visits().partner_id & cards, "nobody has attended yet"
            )
            return idle

        count(2)
        self.assertEqual(count(3), count(30))
