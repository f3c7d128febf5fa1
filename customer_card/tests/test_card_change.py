from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import CustomerCardCommon


class ChangeWorld:
    """What the tests of proposals share."""

    def propose(self, user, card, values, submit=True):
        """:return: the proposal, as ``user``"""
        Change = self.env["customer.card.change"].with_user(user)
        action = Change.propose(card.id if card else False, values)
        change = Change.browse(action["res_id"])
        if submit:
            change.action_submit()
        return change


@tagged("post_install", "-at_install")
class TestCardChange(ChangeWorld, CustomerCardCommon):
    """A04, A06, P03: whoever sees a card without keeping it proposes."""

    def test_proposed_and_approved(self):
        change = self.propose(self.reader, self.card_east, {"phone": "+32 2 111 11 11"})
        self.assertEqual(change.state, "submitted")
        self.assertNotEqual(self.card_east.phone, "+32 2 111 11 11")
        change.with_user(self.manager_east).action_approve()
        self.assertEqual(self.card_east.phone, "+32 2 111 11 11")
