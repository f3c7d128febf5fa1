"""M03, M04, A06, A10: what a clever salesperson might try with visits and plans.

Each test is a way that was open once, or that looks as if it were.
"""

from datetime import timedelta

from access_matrix_visit import SECRET, VisitMatrixCase

from odoo import fields
from odoo.tests import tagged

VISIT = "customer.visit"
PLAN = "customer.visit.plan"


@tagged("post_install", "-at_install")
class TestVisitAttacks(VisitMatrixCase):
    def assert_refused(self, role, model, method, *args, **kwargs):
        answer = self.try_call(role, model, method, *args, **kwargs)
        self.assertIn(answer.error, ("AccessError", "UserError"), answer.text[:500])
        self.assertNotIn("Alpha Foods", answer.text)

    def test_figures_tell_nothing_of_a_closed_card(self):
        """Beside one's own finding, the change since the last one tells what others
        found."""
        self.owed.sudo().write({"purchase_intention": "none"})
        self.owed.sudo()._visit_through_door().write(
            {"state": "report_due", "date_start": fields.Datetime.now()}
        )
        domain = [("visit_id", "=", self.owed.id)]
        fnames = ["intention", "intention_change"]
        self.assertTrue(
            self.call("C", "customer.visit.report", "search_read", domain, fnames)
        )
        self.assertFalse(
            self.call("E", "customer.visit.report", "search_read", domain, fnames)
        )

    def test_an_activity_takes_no_visit_over(self):
        """What is done to an activity is done to its visit: an activity of one's own is
        tied to none."""
        kind = self.env["mail.activity.type"].search(
            [("is_communication", "=", True)], limit=1
        )
        values = {
            "res_model_id": self.env["ir.model"]._get_id("res.partner"),
            "res_id": self.card_west.id,
            "activity_type_id": kind.id,
            "user_id": self.custodian_west.id,
        }
        todo = self.call("S", "mail.activity", "create", values)
        self.assert_refused(
            "S", "mail.activity", "write", [todo], {"visit_id": self.planned.id}
        )
        self.assertEqual(self.planned.user_id, self.custodian_east)

    def test_a_visit_begins_as_planned(self):
        """Whatever defaults a client keeps in the database."""
        for name, value in (
            ("state", "reviewed"),
            ("date_reported", "2026-01-01 10:00:00"),
        ):
            answer = self.try_call("C", "ir.default", "set", VISIT, name, value, True)
            self.assertFalse(answer.error, answer.text[:500])
        made = self.call("C", VISIT, "create", {"partner_id": self.card_east.id})
        visit = self.env[VISIT].browse(made)
        self.assertEqual(visit.state, "planned")
        self.assertFalse(visit.date_reported)
        values = self.call("C", VISIT, "default_get", ["state", "date_reported"])
        self.assertEqual(values, {"state": "planned"})

    def test_an_activity_gives_no_visit_away(self):
        """It outlives the loan of the card; whoever keeps the card plans for others."""
        kind = self.env["mail.activity.type"].search(
            [("is_communication", "=", True)], limit=1
        )
        todo = self.card_east.activity_schedule(
            activity_type_id=kind.id, user_id=self.borrower_expired.id
        )
        visit = todo.visit_id
        self.assertEqual(visit.user_id, self.borrower_expired)
        values = {"user_id": self.custodian_west.id}
        answer = self.try_call("E", "mail.activity", "write", todo.ids, values)
        self.assertEqual(answer.error, "AccessError", answer.text[:500])
        self.call("C", "mail.activity", "write", todo.ids, values)
        self.assertEqual(visit.user_id, self.custodian_west)

    def test_a_plan_is_left_by_who_may_arrange_it(self):
        visit = self.make_visit(
            self.custodian_east,
            date_planned=fields.Datetime.now() + timedelta(days=3),
            origin="plan",
        )
        self.call("B", VISIT, "action_leave_plan", visit.ids)
        self.assertTrue(visit.exists())

    def test_an_introduction_begins_as_asked(self):
        made = self.call(
            "S",
            "customer.introduction",
            "create",
            {"partner_id": self.card_west.id},
            context={"default_state": "won"},
        )
        self.assertEqual(self.env["customer.introduction"].browse(made).state, "asked")

    # ------------------------------------------------------------
    # WEEKLY PLANS
    # ------------------------------------------------------------

    def make_plan(self):
        """:return: a plan of custodian_west for next week with a visit at *Alpha Foods*,
        and that visit"""
        today = fields.Date.today()
        monday = today + timedelta(days=7 - today.weekday())
        visit = self.make_visit(
            self.custodian_west,
            date_planned=fields.Datetime.to_datetime(monday) + timedelta(hours=9),
        )
        plan = self.env[PLAN].create(
            {"user_id": self.custodian_west.id, "date_start": monday}
        )
        self.assertEqual(visit.plan_id, plan)
        return plan, visit

    def approve(self, plan):
        """:return: the loan of the approved plan, running"""
        self.call("S", PLAN, "action_submit", plan.ids)
        self.call("R", PLAN, "action_approve", plan.ids)
        loan = self.env["customer.card.loan"].search([("visit_plan_id", "=", plan.id)])
        self.assertEqual(loan.sudo().card_ids, self.card_east)
        loan.sudo()._approval_through_door().write(
            {"date_from": fields.Datetime.now() - timedelta(hours=1)}
        )
        self.env.flush_all()
        return loan

    def read_card(self, role):
        self.env.registry.clear_cache()
        return self.try_call(role, "res.partner", "read", self.card_east.ids, ["phone"])

    def test_nobody_approves_his_own_plan(self):
        """M03: nor does a manager of one of the two departments alone."""
        plan, _visit = self.make_plan()
        for values in ({"state": "approved"}, {"requester_id": self.custodian_east.id}):
            answer = self.try_call("S", PLAN, "write", plan.ids, values)
            self.assertIn(answer.error, ("AccessError", "UserError"))
        self.call("S", PLAN, "action_submit", plan.ids)
        for role in "SOCMEN":
            answer = self.try_call(role, PLAN, "action_approve", plan.ids)
            self.assertEqual(answer.error, "AccessError", answer.text[:300])
        self.assertEqual(self.read_card("S").error, "AccessError")

    def test_a_plan_lends_its_cards_until_they_are_visited(self):
        """M03, M04: exactly the cards of the plan, no longer than the week."""
        plan, visit = self.make_plan()
        self.assertEqual(self.read_card("S").error, "AccessError")
        loan = self.approve(plan)
        self.assertFalse(self.read_card("S").error)
        self.assertLessEqual(loan.valid_until.date(), plan.date_end + timedelta(days=1))
        for values in (
            {"valid_until": "2099-01-01 10:00:00"},
            {"card_ids": [(4, self.card_west.id)]},
            {"visit_plan_id": False},
        ):
            answer = self.try_call("S", "customer.card.loan", "write", loan.ids, values)
            self.assertIn(answer.error, ("AccessError", "UserError"), str(values))
        self.report_on(visit)
        self.assertEqual(loan.state, "returned")
        self.assertEqual(self.read_card("S").error, "AccessError")
        answer = self.try_call("S", VISIT, "read", visit.ids, ["report"])
        self.assertEqual(answer.error, "AccessError")
        self.assertNotIn(SECRET, answer.text)

    def test_a_customer_who_gives_way_goes_back(self):
        """M04: a lent card is not kept by visiting somebody else."""
        plan, visit = self.make_plan()
        loan = self.approve(plan)
        self.call("S", VISIT, "write", visit.ids, {"partner_id": self.card_west.id})
        self.assertEqual(loan.state, "returned")
        self.assertEqual(self.read_card("S").error, "AccessError")

    def test_a_visit_moved_out_of_the_week_goes_back(self):
        plan, visit = self.make_plan()
        loan = self.approve(plan)
        later = fields.Datetime.to_string(visit.date_planned + timedelta(days=14))
        self.call("S", VISIT, "write", visit.ids, {"date_planned": later})
        self.assertEqual(loan.state, "returned")

    def test_a_plan_shows_no_place_of_a_closed_card(self):
        """Kilometres, times and places are those of cards that the person may open."""
        plan, _visit = self.make_plan()
        read = self.call(
            "S",
            PLAN,
            "web_read",
            plan.ids,
            specification={
                "distance_km": {},
                "missing_places": {},
                "visit_ids": {
                    "fields": {
                        "plan_leg_km": {},
                        "plan_city": {},
                        "customer_address": {},
                        "partner_id": {"fields": {"display_name": {}}},
                    }
                },
            },
        )[0]
        self.assertFalse(read["distance_km"] or read["missing_places"])
        [visit] = read["visit_ids"]
        self.assertFalse(
            visit["plan_leg_km"] or visit["plan_city"] or visit["customer_address"]
        )
        loans = self.env["customer.card.loan"].search_count([])
        for command in (
            [(0, 0, {"card_ids": [(6, 0, self.card_east.ids)], "state": "lent"})],
            [(0, 0, {"card_ids": [(6, 0, self.card_east.ids)]})],
        ):
            answer = self.try_call("S", PLAN, "write", plan.ids, {"loan_ids": command})
            self.assertIn(answer.error, ("AccessError", "UserError"))
        self.assert_refused(
            "S", PLAN, "write", plan.ids, {"visit_ids": [(4, self.planned.id)]}
        )
        self.assertEqual(self.env["customer.card.loan"].search_count([]), loans)

    def test_a_wish_tells_nothing(self):
        """Who describes a customer does not learn whom he has described."""
        plan, _visit = self.make_plan()
        values = {"plan_id": plan.id, "name": "290 34", "visit_id": self.planned.id}
        made = self.call("S", "customer.visit.plan.wish", "create", values)
        for fnames in (["match_ids"], ["card_id"]):
            self.assert_refused("S", "customer.visit.plan.wish", "read", [made], fnames)
        self.call(
            "S", "customer.visit.plan.wish", "write", [made], {"visit_id": self.told.id}
        )
        read = self.call("S", "customer.visit.plan.wish", "read", [made], ["visit_id"])
        self.assertFalse(read[0]["visit_id"])
        # nor do others see what he asked for
        for role in "CEN":
            self.assert_refused(
                role, "customer.visit.plan.wish", "read", [made], ["name"]
            )
        read = self.call("R", "customer.visit.plan.wish", "read", [made], ["match_ids"])
        self.assertEqual(read[0]["match_ids"], self.card_east.ids)

    def test_the_pack_is_for_whoever_was_lent_the_cards(self):
        """M03: no pack before the approval, and none for colleagues."""
        plan, _visit = self.make_plan()
        self.assertEqual(
            self.try_call("S", PLAN, "action_print_pack", plan.ids).error, "UserError"
        )
        self.approve(plan)
        self.call("S", PLAN, "action_print_pack", plan.ids)
        for role in "CEN":
            self.assert_refused(role, PLAN, "action_print_pack", plan.ids)
        # without a watermark nobody gets it
        for role in "SRA":
            self.take_session(role)
            page = self.url_open(
                f"/report/html/customer_visit.visit_pack/{plan.id}", timeout=60
            )
            self.assertNotIn("290 34 90", page.text)
            self.assertNotIn("Hidden Street", page.text)
