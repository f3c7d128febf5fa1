from odoo.tests import tagged

from .common import CustomerVisitHttp
from .test_plan import PlanWorld


@tagged("post_install", "-at_install")
class TestPlanTour(PlanWorld, CustomerVisitHttp):
    """C06: a week is proposed, arranged by drag and drop, and approved, in a browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_plan_world()
        cls.make_due(1)

    def test_arranged_and_approved(self):
        plan = self.make_plan()
        self.start_tour(
            f"/odoo/visit-plans/{plan.id}",
            "visit_plan_arrange",
            login="test_custodian_east",
        )
        plan.invalidate_recordset()
        self.assertEqual(plan.visit_ids.plan_day, "4")
        self.assertEqual(plan.state, "submitted")
        self.start_tour(
            "/odoo/visit-plans-to-approve",
            "visit_plan_decide",
            login="test_manager_east",
        )
        plan.invalidate_recordset()
        self.assertEqual(plan.state, "approved")
