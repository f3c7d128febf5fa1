from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CustomerVisitHttp


@tagged("post_install", "-at_install")
class TestVisitTour(CustomerVisitHttp):
    """K01, K02: a visit in a browser, with a device that says where it is."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.write({"visit_position": True, "visit_position_range": 100})
        cls.card_east.write({"partner_latitude": 42.36, "partner_longitude": -71.05})

    @mute_logger("odoo.http")
    def test_check_in_check_out_report(self):
        purpose = self.make_purpose(
            {"name": "Is he content?", "required": True},
            {"name": "How many?", "kind": "number", "required": True},
            {"name": "Which one?", "kind": "choice", "required": True},
        )
        visit = self.make_visit(
            self.card_east, self.custodian_east, purpose_id=purpose.id
        )
        self.start_tour(
            f"/odoo/visits/{visit.id}", "visit_check_in", login="test_custodian_east"
        )
        visit.invalidate_recordset()
        self.assertEqual(visit.state, "reported")
        self.assertEqual(
            (visit.check_in_state, visit.check_out_state), ("near", "near")
        )
        self.assertAlmostEqual(visit.sudo().check_in_latitude, 42.3601)
        self.assertEqual(
            [answer.value for answer in visit.answer_ids], ["Yes", "12", "Two"]
        )

    def test_a_device_that_does_not_tell(self):
        visit = self.make_visit(self.card_east, self.custodian_east)
        self.start_tour(
            f"/odoo/visits/{visit.id}",
            "visit_check_in_denied",
            login="test_custodian_east",
        )
        visit.invalidate_recordset()
        self.assertEqual(visit.state, "in_progress")
        self.assertEqual(
            (visit.check_in_state, visit.check_in_error), ("none", "denied")
        )

    def test_leaving_one_customer_for_the_next(self):
        other = self.env["res.partner"].create({"name": "Gamma", "is_company": True})
        other._open_cards(custodian=self.custodian_east)
        running = self.make_visit(other, self.custodian_east)
        running.action_start()
        self.start_tour(
            f"/odoo/res.partner/{self.card_east.id}",
            "visit_now",
            login="test_custodian_east",
        )
        running.invalidate_recordset()
        self.assertEqual(running.state, "report_due")
        self.assertEqual(
            (self.card_east.visit_ids.state, self.card_east.visit_ids.origin),
            ("in_progress", "ad_hoc"),
        )

    def test_a_call_is_told_on_the_card(self):
        self.start_tour(
            f"/odoo/res.partner/{self.card_east.id}",
            "visit_log",
            login="test_custodian_east",
        )
        call = self.card_east.visit_ids
        self.assertEqual((call.method, call.state), ("phone", "reported"))
        self.assertEqual(call.customer_said, "He calls back")
