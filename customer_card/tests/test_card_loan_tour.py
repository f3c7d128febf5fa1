from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CustomerCardHttp
from .test_card_loan import LoanWorld


@tagged("post_install", "-at_install")
class TestCardLoanTour(LoanWorld, CustomerCardHttp):
    """Asking for a card and deciding, in a browser."""

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_rule")
    def test_a_refusal_leads_to_a_request_and_a_loan(self):
        self.start_tour(
            f"/odoo/res.partner/{self.card_east.id}",
            "card_request_access",
            login="test_employee",
        )
        loan = self.env["customer.card.loan"].search(
            [("borrower_id", "=", self.employee.id)]
        )
        self.assertEqual(loan.state, "submitted")
        self.assertEqual(loan._get_cards()[loan.id], self.card_east)
        self.start_tour(
            "/odoo/card-loans-to-approve", "card_lend", login="test_manager_east"
        )
        loan.invalidate_recordset()
        self.assertEqual(loan.state, "lent")
        self.assertTrue(self.can_read(self.employee, self.card_east))

    def test_a_refusal_has_a_reason(self):
        loan = self.ask(self.employee, self.card_east)
        loan.action_submit()
        self.start_tour(
            "/odoo/card-loans-to-approve", "card_refuse", login="test_manager_east"
        )
        loan.invalidate_recordset()
        self.assertEqual(loan.state, "refused")
        self.assertEqual(loan.refusal_reason, "Ask the custodian instead")
