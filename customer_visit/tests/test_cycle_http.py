import json

from odoo import Command, fields
from odoo.tests import tagged

from .common import CustomerVisitHttp
from .test_followup import FollowupWorld
from .test_satisfaction import SatisfactionWorld


@tagged("post_install", "-at_install")
class TestCycleHttp(FollowupWorld, SatisfactionWorld, CustomerVisitHttp):
    """K04, K15, K18 as a client reaches them, each with its forbidden twin."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_followups()
        cls.make_survey()

    def call(self, user, model, method, *args, **kwargs):
        """:return: ``(result, name of the error or None)``"""
        login = f"test_{user}"
        self.authenticate(login, login)
        answer = self.url_open(
            f"/web/dataset/call_kw/{model}/{method}",
            data=json.dumps(
                {
                    "jsonrpc": "2.0",
                    "method": "call",
                    "params": {
                        "model": model,
                        "method": method,
                        "args": args,
                        "kwargs": kwargs,
                    },
                }
            ),
            headers={"Content-Type": "application/json"},
        ).json()
        self.env.invalidate_all()
        error = answer.get("error")
        name = error and error["data"]["name"].split(".")[-1]
        return answer.get("result"), name and name.removeprefix("Card")

    def survey_page(self, answer):
        return self.url_open(
            f"/survey/{self.survey.access_token}/{answer.access_token}"
        )

    def submit(self, answer, choice=0):
        """Answer all questions as a browser does."""
        values = {
            "token": answer.access_token,
            **{
                str(question.id): str(question.suggested_answer_ids[choice].id)
                for question in self.scored
            },
        }
        base = f"{self.survey.access_token}/{answer.access_token}"
        for path, params in (("begin", {}), ("submit", values)):
            self.url_open(
                f"/survey/{path}/{base}",
                data=json.dumps({"jsonrpc": "2.0", "method": "call", "params": params}),
                headers={"Content-Type": "application/json"},
            )
        self.env.invalidate_all()

    # follow-up

    def test_steering_over_rpc(self):
        followup = self.start()
        ids = followup.ids
        for user in ("custodian_west", "deputy_east", "reader", "employee"):
            _result, error = self.call(
                user, "customer.followup", "action_skip", ids, "no"
            )
            self.assertEqual(error, "AccessError", user)
            result, error = self.call(user, "customer.followup", "search_read", [])
            seen = [row["id"] for row in result or []]
            self.assertEqual(followup.id in seen, user == "reader", user)
        for name, value in (
            ("_stop", "private"),
            ("write", {"state": "done"}),
            ("write", {"line_ids": [[2, followup.line_ids[1].id]]}),
            ("write", {"line_ids": [[1, followup.line_ids[1].id, {"state": "done"}]]}),
        ):
            _result, error = self.call(
                "custodian_east", "customer.followup", name, ids, value
            )
            self.assertEqual(error, "AccessError", name)
        _result, error = self.call(
            "custodian_east",
            "customer.followup",
            "write",
            ids,
            {"line_ids": [[1, followup.line_ids[1].id, {"note": "His dog is ill"}]]},
        )
        self.assertFalse(error)
        _result, error = self.call(
            "custodian_east", "customer.followup", "action_skip", ids, "He called"
        )
        self.assertFalse(error)
        self.assertEqual(followup.line_ids[1].visit_id.objective, "His dog is ill")

    # promises

    def test_promises_of_a_visit_over_rpc(self):
        visit = self.make_visit(self.card_east, self.custodian_east)
        due = fields.Date.to_string(fields.Date.add(fields.Date.today(), days=3))
        promise = {"name": "Call back", "date_due": due}
        _result, error = self.call(
            "custodian_east",
            "customer.visit",
            "write",
            visit.ids,
            {"promise_ids": [Command.create(promise)]},
        )
        self.assertFalse(error)
        noted = visit.sudo().promise_ids
        self.assertEqual(noted.promised_by_id, self.custodian_east)
        self.assertEqual(noted.partner_id, self.card_east)
        # another customer's visit, another customer's card
        for vals in (
            {**promise, "visit_id": visit.id},
            {**promise, "partner_id": self.card_east.id},
            {
                **promise,
                "partner_id": self.card_west.id,
                "contact_id": self.contact_east.id,
            },
        ):
            _result, error = self.call(
                "custodian_west", "customer.promise", "create", vals
            )
            self.assertEqual(error, "AccessError", vals)
        for method, args in (
            ("write", [{"state": "kept"}]),
            ("_settle", ["kept"]),
            ("unlink", []),
        ):
            _result, error = self.call(
                "custodian_east", "customer.promise", method, noted.ids, *args
            )
            self.assertEqual(error, "AccessError", method)
        self.assertEqual(noted.state, "open")
        _result, error = self.call(
            "custodian_east", "customer.promise", "action_keep", noted.ids
        )
        self.assertFalse(error)
        self.assertEqual(noted.state, "kept")

    def test_figures_do_not_tell_of_hidden_promises(self):
        self.promise(date_due=fields.Date.today())
        for user, count in (("custodian_east", 1), ("custodian_west", 0)):
            groups, error = self.call(
                user,
                "customer.promise.report",
                "formatted_read_group",
                [["partner_id", "=", self.card_east.id]],
                ["user_id"],
                ["__count"],
            )
            self.assertFalse(error)
            self.assertEqual(sum(group["__count"] for group in groups), count, user)
        _result, error = self.call(
            "employee", "customer.promise.report", "search_read", []
        )
        self.assertEqual(error, "AccessError")

    # satisfaction

    def test_the_customer_answers_by_his_link(self):
        answer = self.survey._create_answer(
            partner=self.card_east, check_attempts=False
        )
        page = self.survey_page(answer)
        self.assertEqual(page.status_code, 200)
        self.assertIn("How satisfied are you with us?", page.text)
        self.submit(answer, choice=1)
        self.assertEqual(answer.state, "done")
        self.assertEqual(self.card_east.satisfaction_score, 80)
        self.assertFalse(answer.filled_by_id)
        # he is asked for his opinion, not marked for it
        self.assertNotIn("You scored", self.survey_page(answer).text)

    def test_a_salesperson_fills_in_what_the_customer_says(self):
        result, error = self.call(
            "custodian_east",
            "res.partner",
            "action_fill_in_satisfaction",
            self.card_east.ids,
        )
        self.assertFalse(error)
        page = self.url_open(result["url"])
        self.assertIn("How satisfied are you with us?", page.text)
        answer = self.survey.user_input_ids.filtered(
            lambda one: one.partner_id == self.card_east
        )
        self.submit(answer, choice=2)
        self.assertEqual(answer.state, "done")
        self.assertEqual(self.card_east.satisfaction_score, 50)
        self.assertEqual(answer.filled_by_id, self.custodian_east)

    def test_nobody_else_fills_it_in(self):
        result, _error = self.call(
            "custodian_east",
            "res.partner",
            "action_fill_in_satisfaction",
            self.card_east.ids,
        )
        mailed = self.survey._create_answer(
            partner=self.card_east, check_attempts=False
        )
        question = "How satisfied are you with our products?"
        for user in ("deputy_east", "custodian_west"):
            self.authenticate(f"test_{user}", f"test_{user}")
            self.assertNotIn(question, self.url_open(result["url"]).text)
        # nor does the salesperson answer what the customer was asked by e-mail
        self.authenticate("test_custodian_east", "test_custodian_east")
        self.assertNotIn(question, self.survey_page(mailed).text)
        # and who lost the card does not go on
        self.card_east._with_card_trust().write(
            {"card_custodian_id": self.custodian_west.id, "card_team_id": False}
        )
        self.assertNotIn(question, self.url_open(result["url"]).text)

    def test_answers_over_rpc(self):
        answer = self.answer(self.contact_east)
        domain = [["id", "=", answer.id]]
        for user, count in (
            ("custodian_east", 1),
            ("manager_east", 1),
            ("custodian_west", 0),
            ("manager_west", 0),
        ):
            rows, error = self.call(
                user, "survey.user_input", "search_read", domain, ["email", "nickname"]
            )
            self.assertFalse(error)
            self.assertEqual(len(rows), count, user)
            lines, error = self.call(
                user,
                "survey.user_input.line",
                "search_count",
                [["user_input_id", "=", answer.id]],
            )
            self.assertEqual(bool(lines), bool(count), user)
        _rows, error = self.call(
            "custodian_east",
            "survey.user_input",
            "search_read",
            domain,
            ["access_token"],
        )
        self.assertEqual(error, "AccessError")
        _rows, error = self.call(
            "employee", "survey.user_input", "search_read", domain, ["email"]
        )
        self.assertEqual(error, "AccessError")
