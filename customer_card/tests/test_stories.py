from odoo.tests import new_test_user, tagged

from .common import CustomerCardHttp


@tagged("post_install", "-at_install")
class TestStories(CustomerCardHttp):
    """The main jobs of each role, done in a real browser."""

    def tour(self, path, name, user):
        self.start_tour(path, name, login=user.login)
        self.env.invalidate_all()

    def test_administrator_opens_cards_on_a_selection(self):
        """C01: contacts become cards, with a reason for each that does not."""
        colleague = new_test_user(self.env, "story_colleague", name="Story Colleague")
        contacts = self.env["res.partner"].create(
            [
                {"name": name, "is_company": True, "user_id": self.custodian_east.id}
                for name in ("Story Foods", "Story Metal")
            ]
        )
        self.tour("/odoo/contacts", "customer_card_open_wizard", self.card_admin)
        self.assertEqual(contacts.mapped("card_state"), ["active", "active"])
        self.assertEqual(contacts.card_custodian_id, self.custodian_east)
        self.assertEqual(contacts.card_team_id, self.team_east)
        self.assertFalse(colleague.partner_id.card_state)

    def test_custodian_edits_his_card_and_others_do_not_find_it(self):
        """A06: one person maintains a card, whom others cannot even search."""
        self.tour(
            "/odoo/my-customer-cards",
            "customer_card_custodian_edits",
            self.custodian_east,
        )
        self.assertEqual(self.card_east.website, "https://alpha.example.com")
        self.tour(
            "/odoo/customer-cards",
            "customer_card_stranger_finds_nothing",
            self.custodian_west,
        )

    def test_custodian_registers_a_customer_whom_the_manager_confirms(self):
        """A04: a new customer goes to the head of the department."""
        self.tour(
            "/odoo/my-customer-cards",
            "customer_card_custodian_new",
            self.custodian_east,
        )
        card = self.env["res.partner"].search([("name", "=", "Story Newcomer")])
        self.assertEqual(card.card_state, "draft")
        self.assertEqual(card.card_custodian_id, self.custodian_east)
        self.tour(
            "/odoo/customer-cards", "customer_card_manager_confirms", self.manager_east
        )
        self.assertEqual(card.card_state, "active")

    def test_stranger_requests_and_the_manager_lends_and_revokes(self):
        """A07, P04: a hidden customer is an offer to ask; the manager decides."""
        loan = self._request_and_lend()
        self.tour(
            "/odoo/customer-cards", "customer_card_borrower_reads", self.custodian_west
        )
        reads = self.env["customer.card.event"].search(
            [("partner_id", "=", self.card_east.id), ("kind", "=", "read")]
        )
        self.assertEqual(reads.user_id, self.custodian_west)
        self.tour(
            "/odoo/card-loans", "customer_card_manager_revokes", self.manager_east
        )
        self.assertEqual(loan.state, "revoked")
        self.assertFalse(
            self.card_east.with_user(self.custodian_west)._filtered_access("read")
        )

    def test_borrower_hands_the_card_back(self):
        loan = self._request_and_lend()
        self.tour(
            "/odoo/my-card-loans", "customer_card_borrower_returns", self.custodian_west
        )
        self.assertEqual(loan.state, "returned")

    def test_a_returned_card_is_gone_from_the_browser_too(self):
        """P04: Odoo's web client shows what it has kept on the disk before it asks."""
        self._request_and_lend()
        self.tour(
            f"/odoo/contacts/{self.card_east.id}",
            "customer_card_returned_is_gone",
            self.custodian_west,
        )

    def _request_and_lend(self):
        """:return: the loan of the east card to custodian_west"""
        self.tour(
            f"/odoo/contacts/{self.card_east.id}",
            "customer_card_request_access",
            self.custodian_west,
        )
        loan = self.env["customer.card.loan"].search(
            [("borrower_id", "=", self.custodian_west.id)]
        )
        self.assertEqual(loan.state, "submitted")
        self.assertEqual(loan.card_ids, self.card_east)
        self.tour(
            "/odoo/card-loans-to-approve",
            "customer_card_manager_lends",
            self.manager_east,
        )
        self.assertEqual(loan.state, "lent")
        self.assertEqual(loan.decided_by_id, self.manager_east)
        return loan

    def test_back_office_reads_every_card_and_edits_none(self):
        self.tour("/odoo/customer-cards", "customer_card_reader_reads", self.reader)

    def test_administrator_configures_departments(self):
        self.tour(
            "/odoo/customer-cards", "customer_card_admin_departments", self.card_admin
        )
        team = self.env["crm.team"].search([("name", "=", "Story North")])
        self.assertEqual(team.parent_id, self.team_region)
