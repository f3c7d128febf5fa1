from odoo.tests import tagged

from .common import CustomerCardHttp
from .test_card_deputize import LeaveWorld


@tagged("post_install", "-at_install")
class TestCardHandoverTour(LeaveWorld, CustomerCardHttp):
    """C05: leave and resignation, in a browser."""

    def tour(self, path, name, user):
        self.start_tour(path, name, login=user.login)
        self.env.invalidate_all()

    def test_a_custodian_goes_on_leave_and_returns(self):
        self.tour(
            "/odoo/card-deputies", "customer_card_custodian_leaves", self.custodian_east
        )
        self.assertEqual(self.card_east.card_deputy_id, self.deputy_east)
        self.tour(
            "/odoo/card-deputies",
            "customer_card_custodian_returns",
            self.custodian_east,
        )
        self.assertFalse(self.card_east.card_deputy_id)

    def test_somebody_leaves_and_the_successor_takes_over(self):
        self.card_east.activity_schedule(
            "mail.mail_activity_data_call", user_id=self.custodian_east.id
        )
        self.tour(
            "/odoo/card-handovers",
            "customer_card_manager_prepares_handover",
            self.manager_east,
        )
        self.tour(
            "/odoo/card-handovers-to-approve",
            "customer_card_region_approves_handover",
            self.regional_manager,
        )
        self.tour(
            "/odoo/card-handovers", "customer_card_successor_accepts", self.deputy_east
        )
        self.assertEqual(self.card_east.card_custodian_id, self.deputy_east)
        self.assertEqual(self.card_east.activity_ids.user_id, self.deputy_east)
