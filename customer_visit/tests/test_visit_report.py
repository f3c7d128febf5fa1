from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import CustomerVisitCommon


@tagged("post_install", "-at_install")
class TestVisitReport(CustomerVisitCommon):
    """K01, K03, K05, K17: what a report has to have, and what becomes of it."""

    def make_due(self, **values):
        visit = self.make_visit(self.card_east, self.custodian_east, **values)
        visit.action_start()
        visit.action_end()
        return visit

    def assertMissing(self, visit, *labels):
        with self.assertRaises(UserError) as caught:
            visit.action_report()
        for label in labels:
            self.assertIn(label, str(caught.exception))
        self.assertEqual(visit.state, "report_due")

    # listening

    def test_an_empty_report_names_all_that_is_missing(self):
        visit = self.make_due()
        self.assertMissing(visit, "Alpha Foods", "Result", "Report", "a next step")

    def test_listening_has_to_be_told_where_the_purpose_asks(self):
        purpose = self.make_purpose(ask_listening=True)
        visit = self.make_due(purpose_id=purpose.id)
        visit.write(self.get_report_values())
        self.assertMissing(visit, "What the Customer Said", "Is This What You Meant?")
        visit.write({"customer_said": "Too dear", "confirmation": "confirmed"})
        self.assertMissing(visit, "Restated")
        visit.restated = "The freight is too dear"
        visit.action_report()
        self.assertEqual(visit.state, "reported")

    def test_a_summary_that_was_not_asked_about_is_told_as_such(self):
        visit = self.make_due(purpose_id=self.make_purpose(ask_listening=True).id)
        visit.write(
            self.get_report_values(customer_said="Fine", confirmation="not_asked")
        )
        visit.action_report()

    def test_nobody_met_needs_no_more(self):
        purpose = self.make_purpose(
            {"name": "Satisfied?", "required": True}, ask_listening=True
        )
        visit = self.make_due(purpose_id=purpose.id)
        visit.write({"result": "not_met", "next_none_reason": "Closed for good"})
        visit.action_report()
        self.assertEqual(visit.state, "reported")

    # checklist

    def test_required_answers_are_enforced(self):
        purpose = self.make_purpose(
            {"name": "Satisfied?", "required": True},
            {"name": "How many?", "kind": "number", "required": True},
            {"name": "Which one?", "kind": "choice", "required": True},
            {"name": "Why?", "kind": "text", "required": True},
            {"name": "Until when?", "kind": "date", "required": True},
            {"name": "Anything else?", "kind": "text"},
        )
        visit = self.make_due(purpose_id=purpose.id)
        visit.write(self.get_report_values())
        self.assertMissing(
            visit, "Satisfied?", "How many?", "Which one?", "Why?", "Until when?"
        )
        yes, number, choice, why, until, more = visit.answer_ids
        yes.answer_yes_no = "no"
        number.answer_number = 0
        choice.answer_choice_id = choice.check_id.choice_ids[0]
        why.answer_text = "Price"
        self.assertMissing(visit, "Until when?")
        until.answer_date = "2030-03-05"
        visit.action_report()
        self.assertEqual(
            [answer.value for answer in visit.answer_ids],
            ["No", "0", "One", "Price", "03/05/2030", False],
        )
        self.assertFalse(more.is_answered)

    def test_the_checklist_follows_the_purpose(self):
        first = self.make_purpose({"name": "A"}, {"name": "B"})
        second = self.make_purpose({"name": "C"})
        visit = self.make_visit(
            self.card_east, self.custodian_east, purpose_id=first.id
        )
        self.assertEqual(visit.answer_ids.mapped("question"), ["A", "B"])
        visit.answer_ids[0].answer_yes_no = "yes"
        visit.purpose_id = second
        self.assertEqual(
            visit.answer_ids.sorted("id").mapped("question"),
            ["A", "C"],
            "what was answered stays",
        )

    def test_a_question_that_changes_later_changes_no_answer(self):
        purpose = self.make_purpose({"name": "A"})
        visit = self.make_due(purpose_id=purpose.id)
        purpose.check_ids.required = True
        visit.write(self.get_report_values())
        visit.action_report()

    def test_a_choice_without_choices_is_not_asked(self):
        purpose = self.make_purpose({"name": "A"})
        purpose.check_ids = [Command.create({"name": "B", "kind": "choice"})]
        visit = self.make_visit(
            self.card_east, self.custodian_east, purpose_id=purpose.id
        )
        self.assertEqual(visit.answer_ids.mapped("question"), ["A"])

    def test_a_new_contact_shows_its_questions_at_once(self):
        purpose = self.make_purpose({"name": "A", "required": True})
        Visit = self.env["customer.visit"].with_user(self.custodian_east)
        form = Form(
            Visit.with_context(
                default_partner_id=self.card_east.id, default_method="phone"
            ),
            "customer_visit.customer_visit_view_form_report",
        )
        form.purpose_id = purpose
        visit = form.save()
        self.assertEqual(len(visit.answer_ids), 1)
        self.assertTrue(visit.answer_ids.required)

    def test_shipped_purposes_ask(self):
        newcomer = self.env.ref("customer_visit.customer_visit_purpose_newcomer")
        questions = " ".join(newcomer.check_ids.mapped("name"))
        for word in ("look", "work", "intend", "react"):
            self.assertIn(word, questions)
        codes = set(self.env["customer.visit.purpose"].search([]).mapped("code"))
        self.assertLessEqual(
            {
                "thanks",
                "satisfaction",
                "education",
                "help_buying",
                "help_using",
                "help_maintenance",
                "introduction",
                "collection",
                "contract",
                "complaint",
                "newcomer",
                "prospecting",
                "negotiation",
                "service",
            },
            codes,
        )

    def test_questions_are_not_the_visitor_s_to_change(self):
        purpose = self.make_purpose({"name": "A", "required": True})
        visit = self.make_visit(
            self.card_east, self.custodian_east, purpose_id=purpose.id
        )
        answer = visit.answer_ids
        answer.write({"required": False, "kind": "text"})
        self.assertEqual((answer.required, answer.kind), (True, "yes_no"))
        other = self.make_visit(self.card_east, self.custodian_east)
        with self.assertRaisesRegex(UserError, "follow from the purpose"):
            answer.visit_id = other

    # proof

    def test_photo_and_signature_where_the_purpose_asks(self):
        purpose = self.make_purpose(ask_photo=True, ask_signature=True)
        visit = self.make_due(purpose_id=purpose.id)
        visit.write(self.get_report_values())
        self.assertMissing(visit, "Photos", "Signature")
        photo = (
            self.env["ir.attachment"]
            .with_user(self.custodian_east)
            .create({"name": "shelf.png", "raw": b"picture"})
        )
        pixel = (
            b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAW"
            b"jR9awAAAABJRU5ErkJggg=="
        )
        visit.write(
            {
                "photo_ids": [Command.link(photo.id)],
                "signature": pixel,
                "signed_by": "Ada",
            }
        )
        self.assertEqual((photo.res_model, photo.res_id), (visit._name, visit.id))
        self.assertTrue(visit.signed_date)
        visit.action_report()

    def test_a_photo_of_another_document_is_not_taken_over(self):
        foreign = self.env["ir.attachment"].create(
            {
                "name": "secret.txt",
                "raw": b"secret",
                "res_model": "res.partner",
                "res_id": self.free_partner.id,
            }
        )
        visit = self.make_visit(self.card_east, self.custodian_east)
        with self.assertRaisesRegex(UserError, "upload the photo here"):
            visit.photo_ids = [Command.link(foreign.id)]

    # next step

    def test_a_next_step_needs_its_date(self):
        visit = self.make_due()
        visit.write(
            self.get_report_values(next_none_reason=False, next_step="Send the offer")
        )
        self.assertMissing(visit, "Next Step By")

    def test_the_next_contact_is_planned_at_once(self):
        self.custodian_east.tz = "America/New_York"
        visit = self.make_visit(
            self.card_east,
            self.custodian_east,
            date_planned="2030-03-08 15:00:00",
            contact_ids=[Command.set(self.contact_east.ids)],
        )
        visit.action_start()
        visit.action_end()
        # the hour stays ten in the morning when the clocks have changed
        self.report_visit(
            visit,
            next_none_reason=False,
            next_step="Ask for the decision",
            next_date="2030-03-12",
            next_method="phone",
        )
        call = visit.next_visit_id
        self.assertEqual(
            (call.partner_id, call.user_id, call.method, call.state),
            (self.card_east, self.custodian_east, "phone", "planned"),
        )
        self.assertEqual(call.objective, "Ask for the decision")
        self.assertEqual(call.contact_ids, self.contact_east)
        self.assertEqual(str(call.date_planned), "2030-03-12 14:00:00")
        visit.with_user(self.manager_east).action_send_back("More")
        visit.action_report()
        self.assertEqual(visit.next_visit_id, call, "planned once")
        self.assertEqual(self.card_east.visit_ids, visit | call)

    def test_a_next_step_without_contact_is_a_to_do(self):
        visit = self.make_due()
        self.report_visit(
            visit,
            next_none_reason=False,
            next_step="Calculate the freight",
            next_date="2030-03-12",
        )
        todo = visit.activity_ids
        self.assertEqual(
            (todo.summary, todo.user_id, str(todo.date_deadline)),
            ("Calculate the freight", self.custodian_east, "2030-03-12"),
        )

    def test_on_a_lent_card_the_custodian_takes_the_next_step(self):
        self.lend_card(self.custodian_west, self.card_east)
        visit = self.make_visit(self.card_east, self.custodian_west)
        self.report_visit(
            visit,
            next_none_reason=False,
            next_step="Visit again",
            next_date="2030-03-12",
            next_method="visit",
        )
        self.assertEqual(visit.sudo().next_visit_id.user_id, self.custodian_east)

    # competitors

    def test_competitors_go_onto_the_card(self):
        known = self.env["customer.card.competitor"].create(
            {"partner_id": self.card_east.id, "brand": "Northern Crown", "price": 3}
        )
        visit = self.make_due()
        self.report_visit(
            visit,
            competitor_ids=[
                Command.create({"brand": "northern crown ", "attitude": "prefers"}),
                Command.create({"brand": "Blue Label", "price": 9.5}),
            ],
        )
        self.assertEqual(visit.competitor_ids.mapped("outcome"), ["updated", "added"])
        self.assertEqual((known.attitude, known.price), ("prefers", 3))
        lines = self.card_east.competitor_ids
        self.assertEqual(set(lines.mapped("brand")), {"Northern Crown", "Blue Label"})
        self.assertEqual(
            lines.filtered(lambda line: line.brand == "Blue Label").as_of_date,
            visit.visit_date,
        )

    def test_who_does_not_keep_the_card_proposes(self):
        self.lend_card(self.custodian_west, self.card_east)
        visit = self.make_visit(self.card_east, self.custodian_west)
        self.report_visit(
            visit,
            competitor_ids=[Command.create({"brand": "Blue Label", "price": 9.5})],
        )
        self.assertEqual(visit.sudo().competitor_ids.outcome, "proposed")
        self.assertFalse(self.card_east.competitor_ids)
        change = self.env["customer.card.change"].search(
            [("partner_id", "=", self.card_east.id)]
        )
        self.assertEqual(
            (change.state, change.requester_id), ("submitted", self.custodian_west)
        )
        change.with_user(self.manager_east).action_approve()
        self.assertEqual(self.card_east.competitor_ids.brand, "Blue Label")

    # who

    def test_nobody_puts_words_into_another_one_s_mouth(self):
        self.lend_card(self.custodian_west, self.card_east)
        visit = self.make_visit(self.card_east, self.custodian_west)
        foreign = visit.with_user(self.custodian_east)
        with self.assertRaisesRegex(AccessError, "the report is written by"):
            foreign.report = "He agreed to all"
        with self.assertRaises(AccessError):
            foreign.action_report()
        foreign.message_post(body="I know more")
        visit.with_user(self.manager_east).report = "<p>Told me by phone</p>"
        self.assertIn("by phone", visit.report)

    def test_answers_and_competitors_are_the_visitor_s(self):
        purpose = self.make_purpose({"name": "A"})
        self.lend_card(self.custodian_west, self.card_east)
        visit = self.make_visit(
            self.card_east, self.custodian_west, purpose_id=purpose.id
        )
        with self.assertRaisesRegex(AccessError, "the report is written by"):
            visit.answer_ids.with_user(self.custodian_east).answer_yes_no = "yes"
        with self.assertRaisesRegex(AccessError, "the report is written by"):
            self.env["customer.visit.competitor"].with_user(self.custodian_east).create(
                {"visit_id": visit.id, "brand": "X"}
            )
        visit.answer_ids.answer_yes_no = "yes"
        visit.competitor_ids = [Command.create({"brand": "X"})]
        self.assertEqual(visit.answer_ids.value, "Yes")

    def test_contacts_told_by_other_parts_are_reported(self):
        visits = (
            self.env["customer.visit"]
            .with_user(self.custodian_east)
            ._log_contacts(
                [
                    {
                        "partner_id": self.card_east.id,
                        "method": "phone",
                        "report": "Fine",
                        "origin": "activity",
                    }
                ]
            )
        )
        self.assertEqual((visits.state, visits.origin), ("reported", "activity"))
        self.assertLessEqual(visits.date_start, fields.Datetime.now())
        self.assertEqual(self.get_kinds(self.card_east)[-1], "visit_reported")
        self.assertFalse(visits._is_visit_door_open(), "the door closes behind it")
