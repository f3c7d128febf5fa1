from odoo.tests import tagged

from .common import CustomerCardHttp
from .test_card_change import ChangeWorld


@tagged("post_install", "-at_install")
class TestCardChangeTour(ChangeWorld, CustomerCardHttp):
    """A04, A06: proposing, reporting and deciding, in a browser."""

    def test_a_borrower_proposes_and_the_manager_approves_partly(self):
        self.lend(self.employee, self.card_east)
        self.start_tour(
            "/odoo/borrowed-customer-cards",
            "card_change_propose",
            login="test_employee",
        )
        self.env.invalidate_all()
        change = self.env["customer.card.change"].search(
            [("requester_id", "=", self.employee.id)]
        )
        self.assertEqual(change.state, "submitted")
        self.assertEqual(len(change.line_ids), 4)
        self.assertEqual(self.card_east.phone, "+32 2 290 34 90")
        self.card_east.with_user(self.custodian_east).phone = "+32 2 333 33 33"
        self.start_tour(
            "/odoo/card-changes-to-approve",
            "card_change_approve",
            login="test_manager_east",
        )
        self.env.invalidate_all()
        self.assertEqual(change.state, "approved")
        self.assertEqual(self.card_east.phone, "+32 2 333 33 33")
        self.assertEqual(self.card_east.website, "https://alpha.example.com")
        self.assertEqual(self.contact_east.function, "Head of Purchasing")
        self.assertIn("Nora New", self.card_east.child_ids.mapped("name"))

    def test_a_newcomer_is_reported_and_his_card_opened(self):
        self.start_tour(
            "/odoo/my-card-changes", "card_change_report", login="test_employee"
        )
        self.env.invalidate_all()
        change = self.env["customer.card.change"].search(
            [("requester_id", "=", self.employee.id)]
        )
        self.assertEqual(change.state, "submitted")
        self.assertEqual(change.team_id, self.team_east)
        self.start_tour(
            "/odoo/card-changes-to-approve",
            "card_change_open",
            login="test_manager_east",
        )
        self.env.invalidate_all()
        self.assertEqual(change.partner_id.card_state, "active")
        self.assertEqual(change.partner_id.phone, "+32 2 888 88 88")
