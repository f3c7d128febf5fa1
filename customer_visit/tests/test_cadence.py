from datetime import timedelta

from odoo import fields

from .common import CustomerVisitCommon


class TestCadence(CustomerVisitCommon):
    """When a customer is to be contacted, and what his card says of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.env.user._card_today()
        cls.card_east.card_kind = "customer"

    def contact(self, card=None, days_ago=0, **values):
        """:return: a contact that took place ``days_ago`` days before noon today"""
        moment = fields.Datetime.to_datetime(self.today) + timedelta(hours=12)
        return self.env["customer.visit"]._log_contacts(
            [
                {
                    "partner_id": (card or self.card_east).id,
                    "user_id": self.custodian_east.id,
                    "date_start": moment - timedelta(days=days_ago),
                    **values,
                }
            ]
        )

    def policy(self, **values):
        return self.env["customer.contact.policy"].create(
            {"name": "Test", "sequence": 1, **values}
        )

    def test_new_card_is_due_from_its_opening(self):
        card = self.card_west
        self.assertEqual(
            card.contact_policy_id,
            self.env.ref("customer_visit.customer_contact_policy_prospect"),
        )
        self.assertFalse(card.last_contact_date)
        self.assertEqual(card.contact_status, "due")
        self.assertEqual(card.next_contact_due, self.today + timedelta(days=7))
