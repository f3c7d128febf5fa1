"""M03, P04: what of a weekly plan a browser gets, whatever it asks for."""

import json
from urllib.parse import urlencode

from odoo.tools import mute_logger

from .common import CustomerVisitHttp
from .test_plan import PlanWorld

PACK = "customer_visit.visit_pack"


class TestPlanHttp(PlanWorld, CustomerVisitHttp):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_plan_world()
        cls.card_west.write(
            {
                "city": "Hidden City",
                "main_products": "Hammers",
                "partner_latitude": 51.5,
                "partner_longitude": 5.5,
            }
        )
        cls.card_east.write({"partner_latitude": 50.5, "partner_longitude": 4.5})
        cls.foreign = cls.make_planned(
            cls.card_west, cls.custodian_east, by=cls.custodian_west
        )
        cls.own = cls.make_planned(cls.card_east, cls.custodian_east, hour=12)
        cls.plan = cls.make_plan()

    def call(self, model, method, *args, user=None, **kwargs):
        user = user or self.custodian_east
        self.authenticate(user.login, user.login)
        with mute_logger("odoo.http"):
            return self.url_open(
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
            ).json()

    def approve(self):
        self.plan.action_submit()
        self.plan.with_user(self.regional_manager).action_approve()

    def read_plan(self):
        """What the form and the board ask for."""
        visits = {
            "fields": {
                "partner_id": {"fields": {"display_name": {}}},
                "plan_city": {},
                "plan_leg_km": {},
                "plan_hint": {},
                "customer_address": {},
                "customer_phone": {},
                "date_planned": {},
            }
        }
        answer = self.call(
            "customer.visit.plan",
            "web_read",
            self.plan.ids,
            specification={
                "distance_km": {},
                "day_summary": {},
                "missing_places": {},
                "lend_names": {},
                "visit_ids": visits,
            },
        )
        return answer["result"][0]

    def test_no_place_of_a_hidden_customer(self):
        plan = self.read_plan()
        self.assertEqual(plan["lend_names"], "Beta Tools")
        self.assertEqual(plan["distance_km"], 0)
        self.assertNotIn("Hidden City", json.dumps(plan))
        self.assertFalse([visit for visit in plan["visit_ids"] if visit["plan_leg_km"]])
        self.approve()
        plan = self.read_plan()
        self.assertIn("Hidden City", json.dumps(plan))
        self.assertGreater(plan["distance_km"], 100)

    def test_nor_by_reading_the_card(self):
        def read():
            return self.call(
                "res.partner",
                "web_read",
                self.card_west.ids,
                specification={"partner_latitude": {}, "main_products": {}},
            )

        self.assertIn("error", read())
        self.approve()
        self.assertEqual(read()["result"][0]["main_products"], "Hammers")

    def test_no_visit_by_a_command_on_the_plan(self):
        """x2many commands run with the client's own rights."""
        for command in (
            [0, 0, {"partner_id": self.card_west.id, "date_planned": str(self.monday)}],
            [0, 0, {"partner_id": self.card_east.id, "state": "reported"}],
            [1, self.foreign.id, {"state": "reported"}],
        ):
            answer = self.call(
                "customer.visit.plan", "write", self.plan.ids, {"visit_ids": [command]}
            )
            self.assertIn("error", answer, command)
        self.assertEqual(self.foreign.state, "planned")

    def test_no_loan_by_a_command_on_the_plan(self):
        values = {"card_ids": [[6, 0, self.card_west.ids]], "state": "lent"}
        answer = self.call(
            "customer.visit.plan",
            "write",
            self.plan.ids,
            {"loan_ids": [[0, 0, values]]},
        )
        self.assertIn("error", answer)
        self.assertFalse(self.plan.sudo().loan_ids)

    def test_no_approval_by_a_write(self):
        for values in ({"state": "approved"}, {"decided_by_id": self.manager_east.id}):
            self.assertIn(
                "error",
                self.call("customer.visit.plan", "write", self.plan.ids, values),
            )
        self.plan.action_submit()
        self.assertIn(
            "error", self.call("customer.visit.plan", "action_approve", self.plan.ids)
        )
        self.assertIn(
            "error",
            self.call(
                "customer.visit.plan",
                "action_approve",
                self.plan.ids,
                context={"approval_door": True},
            ),
        )
        self.assertEqual(self.plan.state, "submitted")

    def test_a_dragged_visit(self):
        answer = self.call(
            "customer.visit",
            "web_save",
            self.own.ids,
            {"plan_day": "2"},
            specification={"visit_date": {}},
        )
        self.assertIn("result", answer)
        self.assertEqual(self.own.plan_day, "2")
        answer = self.call(
            "customer.visit",
            "web_save",
            self.own.ids,
            {"plan_day": "3"},
            user=self.deputy_east,
            specification={},
        )
        self.assertIn("error", answer)

    def test_the_pack(self):
        self.authenticate("test_custodian_east", "test_custodian_east")
        url = f"/report/pdf/{PACK}/{self.plan.id}"
        with mute_logger("odoo.http", "odoo.addons.web.controllers.report"):
            self.assertGreaterEqual(self.url_open(url).status_code, 400)
            self.approve()
            text = self.url_open(url).text
            self.assertIn("Hammers", text)
            context = json.dumps({"card_report_stamped": True})
            query = urlencode({"context": context})
            for way in ("html", "text"):
                answer = self.url_open(f"/report/{way}/{PACK}/{self.plan.id}?{query}")
                self.assertGreaterEqual(answer.status_code, 400)
                self.assertNotIn("Hammers", answer.text)
            self.authenticate("test_deputy_east", "test_deputy_east")
            answer = self.url_open(url)
            self.assertGreaterEqual(answer.status_code, 400)
            self.assertNotIn("Hammers", answer.text)
