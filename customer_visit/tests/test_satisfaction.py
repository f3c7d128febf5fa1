from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.customer_card.exceptions import CardAccessError

from .common import CustomerVisitCommon
from .test_promise import PromiseWorld


class SatisfactionWorld(PromiseWorld):
    """The shipped survey, answered by card_east and its contact."""

    @classmethod
    def make_survey(cls):
        cls.survey = cls.env.ref("customer_visit.survey_satisfaction")
        cls.scored = cls.survey.question_ids.filtered(
            lambda question: question.question_type == "simple_choice"
        )

    def answer(self, partner=None, choice=0, **values):
        """:param choice: 0 for the best answer to each question, 4 for the worst
        :return: an answer that is complete"""
        answer = self.survey._create_answer(
            partner=partner or self.card_east, check_attempts=False, **values
        )
        for question in self.scored:
            answer._save_lines(question, str(question.suggested_answer_ids[choice].id))
        answer._mark_done()
        return answer

    def send_wizard(self, cards=None, user=None):
        action = (
            (cards or self.card_east)
            .with_user(user or self.custodian_east)
            .action_send_satisfaction()
        )
        return (
            self.env[action["res_model"]]
            .with_user(user or self.custodian_east)
            .browse(action["res_id"])
        )


@tagged("post_install", "-at_install")
@freeze_time("2026-01-05 10:00:00")
class TestSatisfaction(SatisfactionWorld, CustomerVisitCommon):
    """K15: customers are asked regularly, and their score is on the card."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_survey()
        # so that whatever stands in the demo data does not matter
        cls.card_east._with_card_trust().write({"card_kind": "customer"})

    # the score

    def test_the_shipped_survey_is_scored(self):
        self.assertTrue(self.survey.is_satisfaction)
        self.assertEqual(self.answer(choice=0).scoring_percentage, 100)
        self.assertEqual(self.answer(choice=4).scoring_percentage, 0)
        self.assertEqual(self.answer(choice=2).scoring_percentage, 50)

    def test_the_score_of_the_last_answer_is_on_the_card(self):
        self.assertFalse(self.card_east.satisfaction_date)
        self.answer(choice=1)
        self.assertEqual(self.card_east.satisfaction_score, 80)
        self.assertEqual(self.card_east.satisfaction_date, date(2026, 1, 5))
        self.assertFalse(self.card_east.satisfaction_trend)
        with freeze_time("2026-07-01 10:00:00"):
            self.answer(self.contact_east, choice=3)
        self.assertEqual(self.card_east.satisfaction_score, 20)
        self.assertEqual(self.card_east.satisfaction_trend, "down")
        with freeze_time("2026-12-01 10:00:00"):
            self.answer(choice=0)
        self.assertEqual(self.card_east.satisfaction_trend, "up")
        with freeze_time("2026-12-02 10:00:00"):
            last = self.answer(choice=0)
        self.assertEqual(self.card_east.satisfaction_trend, "same")
        self.assertFalse(self.card_west.satisfaction_date)
        entries = self.ledger(self.card_east, "satisfaction_answered")
        self.assertEqual(len(entries), 4)
        self.assertIn("100", entries[0].description)
        last.unlink()
        self.assertEqual(self.card_east.satisfaction_trend, "up")

    def test_tests_and_other_surveys_do_not_count(self):
        self.answer(test_entry=True)
        self.assertFalse(self.card_east.satisfaction_date)
        self.survey.is_satisfaction = False
        self.answer()
        self.assertFalse(self.card_east.satisfaction_date)
        with self.assertRaises(ValidationError):
            self.survey.write({"is_satisfaction": True, "scoring_type": "no_scoring"})

    def test_nobody_writes_a_score_by_hand(self):
        for user in (self.custodian_east, self.card_admin):
            for vals in (
                {"satisfaction_score": 100},
                {"satisfaction_date": "2026-01-01"},
                {"satisfaction_trend": "up"},
            ):
                with self.assertRaises(AccessError):
                    self.card_east.with_user(user).write(vals)
        with self.assertRaises(AccessError):
            self.env["res.partner"].with_user(self.custodian_east).create(
                {"name": "New", "satisfaction_score": 100}
            )

    def test_a_score_is_no_change_of_the_card(self):
        before = self.card_east.card_last_update
        with freeze_time("2026-02-05 10:00:00"):
            self.answer()
        self.assertEqual(self.card_east.card_last_update, before)

    def test_a_hundred_cards_are_refreshed_by_one_statement(self):
        cards = self.env["res.partner"].create(
            [{"name": f"C{n}", "user_id": self.custodian_east.id} for n in range(100)]
        )
        cards._open_cards()
        self.env.flush_all()
        for some in (cards[:1], cards):
            with self.assertQueryCount(1):
                some._refresh_satisfaction()

    # who is due

    def test_who_was_not_asked_for_long_is_due(self):
        Partner = self.env["res.partner"].with_user(self.custodian_east)
        domain = [("satisfaction_due", "=", True), ("id", "=", self.card_east.id)]
        self.assertTrue(self.card_east.satisfaction_due)
        self.assertEqual(Partner.search(domain), self.card_east)
        self.answer()
        self.assertFalse(self.card_east.satisfaction_due)
        self.assertFalse(Partner.search(domain))
        with freeze_time("2026-07-04 10:00:00"):
            self.env.invalidate_all()
            self.assertFalse(Partner.search(domain))
        with freeze_time("2026-07-05 10:00:00"):
            self.env.invalidate_all()
            self.assertTrue(self.card_east.satisfaction_due)
            self.assertEqual(Partner.search(domain), self.card_east)
            self.card_east._set_satisfaction_asked()
            self.assertFalse(Partner.search(domain))
        self.env.company.satisfaction_months = 0
        with freeze_time("2030-07-05 10:00:00"):
            self.env.invalidate_all()
            self.assertFalse(Partner.search(domain))
            self.assertFalse(self.card_east.satisfaction_due)

    def test_only_active_customers_are_due(self):
        self.card_east._with_card_trust().write({"card_kind": "prospect"})
        self.assertFalse(self.card_east.satisfaction_due)
        self.card_east._with_card_trust().write(
            {"card_kind": "customer", "card_state": "closed"}
        )
        self.assertFalse(self.card_east.satisfaction_due)

    # sending

    def test_each_customer_gets_a_link_of_his_own(self):
        self.card_west._with_card_trust().write(
            {"card_custodian_id": self.custodian_east.id}
        )
        self.contact_east.contact_role = "decision_maker"
        wizard = self.send_wizard(self.card_east | self.card_west)
        self.assertEqual(
            wizard.line_ids.recipient_id, self.contact_east | self.card_west
        )
        self.assertEqual(wizard.send_count, 2)
        wizard.action_confirm()
        answers = self.survey.user_input_ids.filtered(
            lambda one: one.card_root_id in self.card_east | self.card_west
        )
        mails = self.env["mail.mail"].search(
            [("model", "=", "survey.user_input"), ("res_id", "in", answers.ids)]
        )
        self.assertEqual(len(mails), 2)
        for mail in mails:
            answer = answers.browse(mail.res_id)
            self.assertEqual(mail.recipient_ids, answer.partner_id)
            self.assertIn(answer.access_token, mail.body_html)
            other = answers - answer
            self.assertNotIn(other.access_token, mail.body_html)
            self.assertNotIn(other.partner_id.email, mail.body_html)
        self.assertEqual(self.card_east.satisfaction_asked_date, date(2026, 1, 5))
        self.assertFalse(self.card_east.satisfaction_due)
        self.assertEqual(len(self.ledger(self.card_east, "satisfaction_asked")), 1)

    def test_nobody_writes_to_hidden_customers(self):
        for user in (self.custodian_west, self.deputy_east, self.reader):
            with self.assertRaises(AccessError):
                self.card_east.with_user(user).action_send_satisfaction()
        wizard = self.send_wizard()
        with self.assertRaises(CardAccessError):
            wizard.line_ids.recipient_id = self.contact_west
        with self.assertRaises(CardAccessError):
            wizard.line_ids.create(
                {
                    "wizard_id": wizard.id,
                    "partner_id": self.card_west.id,
                    "recipient_id": self.card_west.id,
                }
            )
        # who lost the card meanwhile does not send any more
        self.card_east._with_card_trust().write(
            {"card_custodian_id": self.custodian_west.id, "card_team_id": False}
        )
        with self.assertRaises(AccessError):
            wizard.action_confirm()
        self.assertNotIn(self.card_east, self.survey.user_input_ids.card_root_id)

    def test_who_cannot_be_asked_is_left_out(self):
        self.card_east.email = False
        wizard = self.send_wizard()
        self.assertEqual(wizard.line_ids.reason, "no_email")
        self.assertEqual(wizard.send_count, 0)
        with self.assertRaises(UserError):
            wizard.action_confirm()
        wizard.line_ids.recipient_id = self.contact_east
        self.assertEqual(wizard.send_count, 1)
        self.env["mail.blacklist"]._add(self.contact_east.email)
        self.contact_east.invalidate_recordset()
        self.assertEqual(self.send_wizard().line_ids.reason, "no_email")

    def test_the_link_ends_with_its_day(self):
        wizard = self.send_wizard()
        wizard.deadline = "2026-01-31"
        wizard.action_confirm()
        answer = self.survey.user_input_ids.filtered(
            lambda one: one.card_root_id == self.card_east
        )
        self.assertEqual(str(answer.deadline), "2026-02-01 00:00:00")

    # who sees the answers

    def test_answers_are_read_with_the_card(self):
        answer = self.answer(self.contact_east)
        line = answer.user_input_line_ids[0]
        for user in (self.custodian_east, self.manager_east):
            self.assertTrue(answer.with_user(user).has_access("read"))
            self.assertEqual(line.with_user(user).display_name, "Very satisfied")
            self.assertFalse(answer.with_user(user).has_access("write"))
        for user in (self.custodian_west, self.deputy_east, self.employee):
            self.assertFalse(answer.with_user(user).has_access("read"))
            self.assertFalse(line.with_user(user).has_access("read"))
        self.assertEqual(
            self.card_east.with_user(self.custodian_east).satisfaction_answer_count, 1
        )

    def test_salespeople_see_no_other_surveys(self):
        other = self.env["survey.survey"].create({"title": "Among colleagues"})
        answer = self.env["survey.user_input"].create({"survey_id": other.id})
        for record in (other, answer):
            self.assertFalse(record.with_user(self.custodian_east).has_access("read"))
            self.assertFalse(record.with_user(self.manager_east).has_access("read"))

    def test_who_makes_surveys_sees_no_hidden_customers(self):
        maker = new_test_user(
            self.env,
            login="test_survey_maker",
            groups="base.group_user,survey.group_survey_manager",
        )
        answer = self.answer()
        free = self.answer(self.free_partner)
        self.assertFalse(answer.with_user(maker).has_access("read"))
        self.assertFalse(answer.user_input_line_ids.with_user(maker).has_access("read"))
        self.assertTrue(free.with_user(maker).has_access("read"))

    def test_a_borrower_reads_them_while_the_loan_lasts(self):
        answer = self.answer().with_user(self.custodian_west)
        self.lend(self.card_east, self.custodian_west)
        self.assertTrue(answer.has_access("read"))
        with freeze_time("2026-03-01 10:00:00"):
            self.env.invalidate_all()
            self.assertFalse(answer.has_access("read"))

    def test_no_salesperson_gets_the_key_to_an_answer(self):
        answer = self.survey._create_answer(
            partner=self.card_east, check_attempts=False
        ).with_user(self.custodian_east)
        self.assertNotIn("access_token", answer.fields_get())
        with self.assertRaises(AccessError):
            answer.read(["access_token"])
        with self.assertRaises(UserError):
            answer.action_fill_in()

    # on the spot

    def test_asked_on_the_spot(self):
        card = self.card_east.with_user(self.custodian_east)
        action = card.action_fill_in_satisfaction()
        answer = self.survey.user_input_ids.filtered(
            lambda one: one.partner_id == self.card_east
        )
        self.assertEqual(answer.filled_by_id, self.custodian_east)
        self.assertIn(answer.access_token, action["url"])
        # begun, but not complete: the same one again
        self.assertEqual(card.action_fill_in_satisfaction(), action)
        for user in (self.custodian_west, self.deputy_east, self.reader):
            with self.assertRaises(AccessError):
                self.card_east.with_user(user).action_fill_in_satisfaction()
        with self.assertRaises(AccessError):
            answer.with_user(self.custodian_east).filled_by_id = self.manager_east

    def test_asked_during_a_visit(self):
        purpose = self.env.ref("customer_visit.customer_visit_purpose_satisfaction")
        self.lend(self.card_east, self.custodian_west)
        visit = self.make_visit(
            self.card_east, self.custodian_west, purpose_id=purpose.id
        )
        self.assertTrue(visit.asks_satisfaction)
        visit.action_fill_in_satisfaction()
        answer = visit.sudo().satisfaction_answer_ids
        self.assertEqual(answer.partner_id, self.card_east)
        self.assertEqual(answer.filled_by_id, self.custodian_west)
        with freeze_time("2026-03-01 10:00:00"):
            self.env.invalidate_all()
            with self.assertRaises(AccessError):
                visit.action_fill_in_satisfaction()

    # merging, opening

    @mute_logger("odoo.addons.base.wizard.base_partner_merge")
    def test_merged_customers_have_one_score(self):
        twin = self.env["res.partner"].create(
            {"name": "Twin", "user_id": self.custodian_east.id, "email": "t@x.example"}
        )
        twin._open_cards()
        self.answer(choice=0)
        with freeze_time("2026-02-01 10:00:00"):
            self.answer(twin, choice=4)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.card_east | twin).ids, self.card_east
        )
        self.env.invalidate_all()
        self.assertEqual(self.card_east.satisfaction_score, 0)
        self.assertEqual(self.card_east.satisfaction_trend, "down")
        self.assertEqual(self.card_east.satisfaction_date, date(2026, 2, 1))

    def test_a_card_opened_later_gets_its_answers(self):
        answer = self.answer(self.free_partner)
        self.assertFalse(answer.card_root_id)
        self.free_partner.user_id = self.custodian_east
        self.free_partner._open_cards()
        self.assertEqual(answer.card_root_id, self.free_partner)
        self.assertEqual(self.free_partner.satisfaction_score, 100)

    def test_no_survey_no_question(self):
        self.survey.active = False
        with self.assertRaises(UserError):
            self.card_east.with_user(self.custodian_east).action_fill_in_satisfaction()
        other = self.survey.copy({"active": True, "is_satisfaction": True})
        self.env.company.satisfaction_survey_id = other
        self.card_east.with_user(self.custodian_east).action_fill_in_satisfaction()
        self.assertEqual(other.user_input_ids.partner_id, self.card_east)

    def test_settings(self):
        settings = self.env["res.config.settings"].create({"satisfaction_months": 3})
        settings.execute()
        self.assertEqual(self.env.company.satisfaction_months, 3)
