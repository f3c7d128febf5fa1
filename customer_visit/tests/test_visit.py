from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import CustomerVisitCommon


@tagged("post_install", "-at_install")
class TestVisit(CustomerVisitCommon):
    """A visit from its plan to its review."""

    def test_planned_made_reported(self):
        visit = self.make_visit(self.card_east, self.custodian_east)
        self.assertEqual(visit.state, "planned")
        visit.action_prepare()
        visit.action_start()
        self.assertEqual(visit.state, "in_progress")
        visit.action_end()
        self.assertEqual(visit.state, "report_due")
        with self.assertRaisesRegex(UserError, "still needs"):
            visit.action_report()
        visit.write(
            {
                "result": "achieved",
                "report": "He is content.",
                "next_none_reason": "Season is over",
            }
        )
        visit.action_report()
        self.assertEqual(visit.state, "reported")

    def test_state_is_not_written(self):
        visit = self.make_visit(self.card_east, self.custodian_east)
        with self.assertRaisesRegex(UserError, "set by the system"):
            visit.write({"state": "reviewed"})
        with self.assertRaises(AccessError):
            self.make_visit(self.card_west, self.custodian_east)
