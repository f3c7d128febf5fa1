from datetime import date, datetime

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.customer_card.exceptions import CardAccessError
from odoo.addons.customer_card.tests.test_card_handover import HandoverWorld

from .common import CustomerVisitCommon


class FollowupWorld:
    """Cycles by a template of three steps: a visit after two days, a call a week later,
    a letter two weeks later. The day is Monday, 5 January 2026."""

    @classmethod
    def make_followups(cls):
        cls.template = cls.env["customer.followup.template"].create(
            {
                "name": "After a sale",
                "sequence": 1,
                "starts_on_won": True,
                "step_ids": [
                    Command.create(
                        {
                            "sequence": number,
                            "name": name,
                            "method": method,
                            "delay": delay,
                            "delay_unit": unit,
                            "note": f"{name}!",
                            "purpose_id": cls.env.ref(
                                "customer_visit.customer_visit_purpose_thanks"
                            ).id,
                        }
                    )
                    for number, (name, method, delay, unit) in enumerate(
                        (
                            ("Thank", "visit", 2, "days"),
                            ("Greet", "phone", 1, "weeks"),
                            ("Write", "letter", 2, "weeks"),
                        )
                    )
                ],
            }
        )

    def start(self, card=None, user=None, **options):
        followup = (
            self.env["customer.followup"]
            .with_user(user or self.custodian_east)
            ._start_for(card or self.card_east, self.template, **options)
        )
        return followup.with_user(user or self.custodian_east)

    def visit_of(self, followup):
        """:return: the visit of the step whose turn it is, as its visitor"""
        visit = followup.sudo().current_line_id.visit_id
        return visit.with_user(visit.user_id)

    def report(self, visit):
        """Hand in what a report needs."""
        visit.write({"result": "achieved", "report": "<p>Went well</p>"})
        for answer in visit.answer_ids.filtered("required"):
            answer.sudo().unlink()
        visit.action_report()

    def states(self, followup):
        return followup.sudo().line_ids.mapped("state")

    def ledger(self, card, kind):
        return (
            self.env["customer.card.event"]
            .sudo()
            .search([("partner_id", "=", card.id), ("kind", "=", kind)])
        )


@tagged("post_install", "-at_install")
@freeze_time("2026-01-05 10:00:00")
class TestFollowup(FollowupWorld, HandoverWorld, CustomerVisitCommon):
    """K04: one step at a time, the next one is planned when the last one is done."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_followups()

    # one step at a time

    def test_the_first_step_is_planned_at_once(self):
        followup = self.start()
        self.assertEqual(self.states(followup), ["planned", "waiting", "waiting"])
        visit = self.visit_of(followup)
        self.assertEqual(visit.user_id, self.custodian_east)
        self.assertEqual(visit.partner_id, self.card_east)
        self.assertEqual(visit.visit_date, date(2026, 1, 7))
        self.assertEqual(visit.method, "visit")
        self.assertEqual(visit.objective, "Thank!")
        self.assertEqual(visit.origin, "followup")
        self.assertEqual(followup.next_date, date(2026, 1, 7))
        self.assertEqual(followup.progress, 0)
        self.assertEqual(
            self.ledger(self.card_east, "followup_started").description, "After a sale"
        )

    def test_the_next_step_counts_from_the_day_of_the_last(self):
        followup = self.start()
        with freeze_time("2026-01-09 10:00:00"):
            visit = self.visit_of(followup)
            visit.action_start()
            visit.action_end()
            self.assertEqual(self.states(followup), ["done", "planned", "waiting"])
            self.assertEqual(followup.progress, 33)
            following = self.visit_of(followup)
            self.assertEqual(following.visit_date, date(2026, 1, 16))
            self.assertEqual(following.method, "phone")
            # the report comes later and plans nothing twice
            self.report(visit)
            self.assertEqual(self.visit_of(followup), following)

    def test_a_report_without_a_next_step_is_complete_while_the_cycle_goes_on(self):
        followup = self.start()
        self.report(self.visit_of(followup))
        self.report(self.visit_of(followup))
        last = self.visit_of(followup)
        with self.assertRaises(UserError):
            self.report(last)

    def test_the_last_step_ends_it(self):
        followup = self.start()
        for _step in range(2):
            self.report(self.visit_of(followup))
        last = self.visit_of(followup)
        last.next_none_reason = "all said"
        self.report(last)
        self.assertEqual(followup.state, "done")
        self.assertEqual(followup.progress, 100)
        self.assertFalse(followup.next_date)
        self.assertEqual(len(self.ledger(self.card_east, "followup_done")), 1)

    def test_a_step_falls_on_a_working_day(self):
        with freeze_time("2026-01-08 10:00:00"):
            followup = self.start()
        # two days after Thursday is a Saturday
        self.assertEqual(self.visit_of(followup).visit_date, date(2026, 1, 12))

    def test_a_step_is_planned_at_the_hour_of_its_visitor(self):
        self.custodian_east.tz = "America/New_York"
        visit = self.visit_of(self.start())
        self.assertEqual(visit.date_planned, datetime(2026, 1, 7, 14))

    def test_a_visit_that_is_moved_moves_the_step(self):
        followup = self.start()
        self.visit_of(followup).action_reschedule("2026-01-20 09:00:00")
        self.assertEqual(followup.next_date, date(2026, 1, 20))

    def test_the_shipped_cycle_has_the_six_steps(self):
        template = self.env.ref("customer_visit.customer_followup_template_purchase")
        self.assertEqual(
            [(step.method, step.purpose_id.code) for step in template.step_ids],
            [
                ("visit", "thanks"),
                ("phone", "service"),
                ("letter", "greeting"),
                ("visit", "satisfaction"),
                ("phone", "introduction"),
                ("letter", "thanks"),
            ],
        )
        self.assertTrue(template.starts_on_won)
        for step in template.step_ids.filtered(lambda one: one.method == "letter"):
            self.assertTrue(step.letter_template_id)

    # what goes another way

    def test_skipping_says_why_and_plans_the_next(self):
        followup = self.start()
        visit = self.visit_of(followup)
        with self.assertRaises(UserError):
            followup.action_skip("  ")
        followup.action_skip("he called himself")
        self.assertEqual(self.states(followup), ["skipped", "planned", "waiting"])
        self.assertEqual(visit.state, "cancelled")
        self.assertEqual(followup.line_ids[0].skip_reason, "he called himself")
        self.assertEqual(followup.progress, 33)
        self.assertEqual(followup.next_date, date(2026, 1, 12))
        self.assertEqual(
            self.ledger(self.card_east, "followup_skipped").description,
            "Thank – he called himself",
        )

    def test_a_cancelled_visit_waits_for_a_decision(self):
        followup = self.start()
        self.visit_of(followup).action_cancel("snow")
        self.assertEqual(self.states(followup), ["to_plan", "waiting", "waiting"])
        self.assertEqual(followup.next_state, "to_plan")
        followup.action_plan_again()
        self.assertEqual(self.states(followup), ["planned", "waiting", "waiting"])
        self.assertEqual(self.visit_of(followup).state, "planned")
        with self.assertRaises(UserError):
            followup.action_plan_again()

    def test_a_visit_made_in_place_of_a_missed_one_takes_over_the_step(self):
        followup = self.start()
        missed = self.visit_of(followup)
        missed.sudo()._visit_through_door().write({"state": "missed"})
        missed._after_dropped()
        self.assertEqual(followup.next_state, "to_plan")
        missed.action_reschedule("2026-01-14 09:00:00")
        visit = self.visit_of(followup)
        self.assertNotEqual(visit, missed)
        self.assertEqual(followup.next_state, "planned")
        self.assertEqual(followup.next_date, date(2026, 1, 14))
        self.report(visit)
        self.assertEqual(self.states(followup), ["done", "planned", "waiting"])

    def test_stopping_cancels_what_is_planned(self):
        followup = self.start()
        visit = self.visit_of(followup)
        followup.action_stop("gave us notice")
        self.assertEqual(followup.state, "stopped")
        self.assertEqual(self.states(followup), ["dropped"] * 3)
        self.assertEqual(visit.state, "cancelled")
        self.assertFalse(followup.next_date)
        with self.assertRaises(UserError):
            followup.action_skip("again")

    def test_starting_again_begins_with_the_first_step(self):
        followup = self.start()
        self.report(self.visit_of(followup))
        action = followup.action_restart()
        again = followup.browse(action["res_id"])
        self.assertEqual(followup.state, "stopped")
        self.assertEqual(again.previous_id, followup)
        self.assertEqual(self.states(again), ["planned", "waiting", "waiting"])

    def test_a_customer_goes_through_a_template_once_at_a_time(self):
        self.assertTrue(self.start())
        self.assertFalse(self.start())
        self.template.when_running = "restart"
        again = self.start()
        self.assertTrue(again)
        self.assertEqual(
            self.card_east.sudo().followup_ids.mapped("state").count("running"), 1
        )

    def test_a_closed_card_stops_it(self):
        followup = self.start()
        visit = self.visit_of(followup)
        self.card_east.with_user(self.manager_east).action_card_close()
        self.assertEqual(followup.state, "stopped")
        self.assertEqual(visit.state, "cancelled")
        self.assertFalse(self.start())

    def test_a_step_speaks_of_this_customer(self):
        followup = self.start()
        coming, now = followup.line_ids[1], followup.line_ids[0]
        coming.write({"note": "Ask about the new bottling line", "method": "visit"})
        with self.assertRaises(UserError):
            now.note = "too late"
        with Form(followup) as form, form.line_ids.edit(2) as line:
            line.note = "His anniversary"
        self.assertEqual(followup.line_ids[2].note, "His anniversary")
        self.report(self.visit_of(followup))
        self.assertEqual(
            self.visit_of(followup).objective, "Ask about the new bottling line"
        )
        self.assertEqual(self.visit_of(followup).method, "visit")

    # won opportunities

    def make_lead(self, card=None, **values):
        return self.env["crm.lead"].create(
            {
                "name": "Bottles",
                "type": "opportunity",
                "partner_id": (card or self.card_east).id,
                **values,
            }
        )

    def followups_of(self, card):
        return self.env["customer.followup"].search([("partner_id", "=", card.id)])

    def test_a_won_opportunity_starts_it(self):
        lead = self.make_lead(user_id=self.custodian_east.id)
        self.assertFalse(self.followups_of(self.card_east))
        lead.action_set_won()
        followup = self.followups_of(self.card_east)
        self.assertEqual(followup.origin, "won")
        self.assertEqual(followup.template_id, self.template)
        self.assertEqual((followup.res_model, followup.res_id), ("crm.lead", lead.id))
        self.assertEqual(self.visit_of(followup).lead_id, lead)

    def test_an_opportunity_starts_it_once(self):
        lead = self.make_lead()
        stage = self.env["crm.stage"].search([("is_won", "=", False)], limit=1)
        lead.action_set_won()
        self.followups_of(self.card_east)._stop("enough")
        lead.stage_id = stage
        lead.action_set_won()
        self.assertEqual(len(self.followups_of(self.card_east)), 1)

    def test_only_opportunities_of_cards_start_it(self):
        leads = self.make_lead(self.free_partner) | self.env["crm.lead"].create(
            {"name": "Nobody yet"}
        )
        leads.action_set_won()
        self.assertFalse(
            self.env["customer.followup"].search(
                [("res_model", "=", "crm.lead"), ("res_id", "in", leads.ids)]
            )
        )

    def test_the_opportunity_of_a_contact_counts_for_his_card(self):
        self.make_lead(self.contact_east).action_set_won()
        self.assertEqual(len(self.followups_of(self.card_east)), 1)

    def test_the_first_template_that_fits_wins(self):
        self.template.domain = "[('card_kind', '=', 'former')]"
        other = self.template.copy(
            {"sequence": 2, "domain": "[('name', '=', 'Alpha Foods')]"}
        )
        (self.make_lead() | self.make_lead(self.card_west)).action_set_won()
        self.assertEqual(self.followups_of(self.card_east).template_id, other)
        self.assertNotEqual(self.followups_of(self.card_west).template_id, other)
        with self.assertRaises(ValidationError):
            other.domain = "[('no_such_field', '=', 1)]"

    def test_a_second_opportunity_meets_the_running_one(self):
        (self.make_lead() | self.make_lead()).action_set_won()
        followup = self.followups_of(self.card_east)
        self.assertEqual(len(followup), 1)
        self.assertIn("Bottles", followup.message_ids[0].body)

    def test_a_hundred_opportunities_cost_what_one_costs(self):
        cards = self.env["res.partner"].create(
            [
                {
                    "name": f"Card {n}",
                    "is_company": True,
                    "user_id": self.custodian_east.id,
                }
                for n in range(42)
            ]
        )
        cards._open_cards()
        stage = self.env["crm.stage"].search([("is_won", "=", True)], limit=1)
        leads = self.env["crm.lead"].create(
            [{"name": "Deal", "partner_id": card.id} for card in cards]
        )
        counts = []
        for batch in (leads[:1], leads[1:2], leads[2:42]):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["customer.followup"]._start_for(
                batch.partner_id,
                self.template,
                "won",
                {lead.partner_id.id: lead for lead in batch},
            )
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[2], counts[1] + 2, counts)
        leads.write({"stage_id": stage.id})
        self.assertEqual(
            self.env["customer.followup"].search_count(
                [("partner_id", "in", cards.ids), ("state", "=", "running")]
            ),
            42,
        )

    # who may do what

    def test_only_the_keepers_start_and_steer(self):
        followup = self.start()
        for user in (self.deputy_east, self.custodian_west, self.reader, self.employee):
            with self.assertRaises(AccessError):
                followup.with_user(user).action_skip("no business of his")
            with self.assertRaises(AccessError):
                self.card_east.with_user(user).action_start_followup()
        followup.with_user(self.manager_east).action_skip("the manager may")
        self.card_east.with_user(self.manager_east).action_start_followup()

    def test_the_wizard_starts_only_what_the_user_keeps(self):
        Wizard = self.env["customer.followup.start"].with_user(self.custodian_east)
        wizard = Wizard.create(
            {
                "partner_ids": [Command.set(self.card_east.ids)],
                "template_id": self.template.id,
                "date": "2026-01-02",
            }
        )
        action = wizard.action_confirm()
        followup = self.env["customer.followup"].browse(action["res_id"])
        self.assertEqual(followup.date_start, date(2026, 1, 2))
        # two days after the purchase were yesterday: today, since it is only ten
        self.assertEqual(self.visit_of(followup).visit_date, date(2026, 1, 5))
        with self.assertRaises(UserError):
            wizard.action_confirm()
        with self.assertRaises(CardAccessError):
            Wizard.create(
                {
                    "partner_ids": [Command.set(self.card_west.ids)],
                    "template_id": self.template.id,
                }
            )
        self.assertFalse(self.followups_of(self.card_west))

    def test_a_cycle_is_read_with_the_card(self):
        followup = self.start()
        for user in (self.custodian_east, self.manager_east, self.reader):
            self.assertTrue(followup.with_user(user).has_access("read"))
            self.assertTrue(followup.line_ids.with_user(user).has_access("read"))
        for user in (self.custodian_west, self.employee):
            self.assertFalse(followup.with_user(user).has_access("read"))
            self.assertFalse(followup.line_ids.with_user(user).has_access("read"))

    def test_nobody_writes_what_the_buttons_write(self):
        followup = self.start().with_user(self.card_admin)
        for vals in (
            {"state": "done"},
            {"partner_id": self.card_west.id},
            {"progress": 100},
        ):
            with self.assertRaises(AccessError):
                followup.with_context(followup_door=True).write(vals)
        for vals in ({"state": "done"}, {"date_due": "2026-03-01"}):
            with self.assertRaises(AccessError):
                followup.line_ids[1].write(vals)
        with self.assertRaises(AccessError):
            followup.create(
                {
                    "partner_id": self.card_east.id,
                    "template_id": self.template.id,
                    "date_start": "2026-01-01",
                }
            )
        with self.assertRaises(AccessError):
            followup.line_ids[1].unlink()

    def test_nobody_makes_a_visit_a_step(self):
        line = self.start().line_ids[1]
        visit = self.make_visit(self.card_east, self.custodian_east)
        with self.assertRaises(UserError):
            visit.followup_line_id = line
        with self.assertRaises(UserError):
            self.make_visit(
                self.card_east, self.custodian_east, followup_line_id=line.id
            )

    def test_templates_are_for_administrators(self):
        with self.assertRaises(AccessError):
            self.template.with_user(self.manager_east).name = "Mine"
        self.template.with_user(self.card_admin).name = "Ours"

    # keepers

    def test_a_new_custodian_makes_the_planned_visit(self):
        followup = self.start()
        self.card_east.with_user(self.manager_east).card_custodian_id = self.deputy_east
        self.assertEqual(self.visit_of(followup).user_id, self.deputy_east)

    def test_a_visit_given_to_a_colleague_stays_his(self):
        followup = self.start()
        self.visit_of(followup).sudo().user_id = self.manager_east
        self.card_east.with_user(self.manager_east).card_custodian_id = self.deputy_east
        self.assertEqual(self.visit_of(followup).user_id, self.manager_east)

    def test_a_handover_passes_on_the_cycle(self):
        followup = self.start()
        self.hand_over(self.manager_east)
        self.assertEqual(self.visit_of(followup).user_id, self.deputy_east)

    def test_without_custodian_the_manager_is_asked(self):
        self.card_east.with_user(self.manager_east).card_custodian_id = False
        self.assertEqual(self.visit_of(self.start()).user_id, self.manager_east)

    def test_without_anybody_the_step_waits(self):
        card = self.card_east.with_user(self.regional_manager)
        card.card_custodian_id = False
        (self.team_east | self.team_region).user_id = False
        followup = self.start(user=self.card_admin)
        self.assertEqual(followup.next_state, "to_plan")
        card.sudo().card_custodian_id = self.deputy_east
        self.assertEqual(followup.next_state, "planned")
        self.assertEqual(self.visit_of(followup).user_id, self.deputy_east)

    # merging

    @mute_logger("odoo.addons.base.wizard.base_partner_merge")
    def test_merged_customers_go_on_once(self):
        near = self.start()
        twin = self.env["res.partner"].create(
            {
                "name": "Alpha Food",
                "is_company": True,
                "email": "office@alpha.example.com",
                "user_id": self.custodian_east.id,
            }
        )
        twin._open_cards()
        far = self.start(twin)
        self.report(self.visit_of(far))
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.card_east | twin).ids, self.card_east
        )
        self.env.invalidate_all()
        followups = self.followups_of(self.card_east)
        self.assertEqual(followups, near | far)
        self.assertEqual(far.state, "running")
        self.assertEqual(far.partner_id, self.card_east)
        self.assertEqual(far.card_root_id, self.card_east)
        self.assertEqual(far.line_ids.card_root_id, self.card_east)
        self.assertEqual(near.state, "stopped")

    # in writing

    def test_a_letter_that_is_sent_is_the_step(self):
        self.card_east.write({"street": "Main Street 1", "city": "Boston"})
        self.template.step_ids[2].letter_template_id = self.env.ref(
            "customer_visit.customer_card_letter_template_bond"
        )
        followup = self.start()
        with self.assertRaises(UserError):
            followup.action_write()
        followup.action_skip("1")
        followup.action_skip("2")
        letter = (
            self.env["customer.card.letter"]
            .with_user(self.custodian_east)
            .browse(followup.action_write()["res_id"])
        )
        self.assertEqual(letter.line_ids.partner_id, self.card_east)
        self.assertIn("A few lines", letter.subject)
        # asked again, the letter that was begun is opened
        self.assertEqual(followup.action_write()["res_id"], letter.id)
        visit = self.visit_of(followup)
        letter.action_mark_sent()
        self.assertEqual(visit.state, "reported")
        self.assertEqual(followup.state, "done")

    def test_only_the_keepers_write_the_letter(self):
        followup = self.start()
        followup.action_skip("1")
        followup.action_skip("2")
        line = followup.line_ids[2]
        with self.assertRaises(AccessError):
            line.with_user(self.custodian_west).action_write()
        with self.assertRaises(AccessError):
            line.with_user(self.custodian_west)._report_written("posted")
        self.assertEqual(line.state, "planned")

    def test_an_email_that_is_sent_is_the_step(self):
        self.template.step_ids[0].method = "email"
        followup = self.start()
        action = followup.action_write()
        composer = (
            self.env[action["res_model"]]
            .with_user(self.custodian_east)
            .with_context(**action["context"])
            .create({"body": "<p>Thank you</p>", "subject": "Thanks"})
        )
        composer.action_send_mail()
        self.assertEqual(self.states(followup), ["done", "planned", "waiting"])
        self.assertIn("Thanks", followup.line_ids[0].visit_id.report)

    def test_an_email_to_somebody_else_is_no_step(self):
        self.template.step_ids[0].method = "email"
        followup = self.start()
        action = followup.action_write()
        context = {
            **action["context"],
            "default_res_ids": self.free_partner.ids,
            "default_partner_ids": self.free_partner.ids,
        }
        self.env[action["res_model"]].with_user(self.custodian_east).with_context(
            **context
        ).create({"body": "<p>x</p>", "subject": "x"}).action_send_mail()
        self.assertEqual(self.states(followup), ["planned", "waiting", "waiting"])

    def test_a_text_message_that_is_sent_is_the_step(self):
        self.template.step_ids[0].method = "sms"
        followup = self.start()
        action = followup.action_write()
        composer = (
            self.env[action["res_model"]]
            .with_user(self.custodian_east)
            .with_context(**action["context"])
            .create({"body": "Thank you"})
        )
        composer._action_send_sms()
        self.assertEqual(self.states(followup), ["done", "planned", "waiting"])

    # open items

    def test_a_running_cycle_is_an_open_item(self):
        self.start()
        items = {
            item["kind"]: item["count"]
            for item in self.card_east._get_card_open_items()
        }
        self.assertEqual(items["followup"], 1)

    def test_my_day_shows_what_stands_still(self):
        followup = self.start()
        day = self.env["customer.my.day"].with_user(self.custodian_east)
        codes = [block["code"] for block in day.get_day()["blocks"]]
        self.assertNotIn("followup", codes)
        self.visit_of(followup).action_cancel("snow")
        block = next(
            block for block in day.get_day()["blocks"] if block["code"] == "followup"
        )
        (row,) = block["rows"]
        self.assertEqual((row["title"], row["note"]), ("Thank", "Alpha Foods"))
        button = row["buttons"][0]
        getattr(day.env[button["model"]].browse(button["ids"]), button["method"])()
        self.assertEqual(followup.next_state, "planned")
        others = day.with_user(self.deputy_east).get_day()["blocks"]
        self.assertNotIn("followup", [block["code"] for block in others])
