from lxml import etree

from odoo.tests import Form

from .common import CustomerCardCommon


class TestCardForm(CustomerCardCommon):
    """What the contact form lets a user do before the server has to refuse it."""

    def get_readonly(self, name):
        arch = self.env["res.partner"].get_view(view_type="form")["arch"]
        node = etree.fromstring(arch).xpath(f"//field[@name='{name}']")[0]
        return node.get("readonly")

    def test_identity_is_locked_for_whoever_does_not_keep_the_card(self):
        self.assertEqual(
            self.get_readonly("email"), "card_root_id and not card_can_edit"
        )
        self.assertEqual(
            self.get_readonly("name"), "card_root_id and not card_can_edit"
        )

    def test_fields_that_are_read_only_stay_so(self):
        self.assertNotIn("card_can_edit", self.get_readonly("card_state") or "")

    def test_new_customer_from_the_cards_gets_a_card(self):
        partner = (
            self.env["res.partner"]
            .with_user(self.custodian_east)
            .with_context(default_card_custodian_id=self.custodian_east.id)
            .create({"name": "Newcomer"})
        )
        self.assertEqual(partner.card_state, "draft")
        self.assertEqual(partner.card_custodian_id, self.custodian_east)

    def test_new_contact_below_an_own_card_can_be_filled_in(self):
        """A contact that is not saved yet has no id to compare."""
        Partner = self.env["res.partner"]
        with Form(Partner.with_user(self.custodian_east)) as form:
            form.parent_id = self.card_east
            form.name = "New Contact"
        self.assertIn("New Contact", self.card_east.child_ids.mapped("name"))
        form = Form(Partner.with_user(self.reader))
        form.parent_id = self.card_east
        with self.assertRaisesRegex(AssertionError, "readonly"):
            form.name = "Below a card of somebody else"

    def test_contact_person_takes_no_card_from_the_context(self):
        contact = (
            self.env["res.partner"]
            .with_user(self.manager_east)
            .with_context(default_card_custodian_id=self.manager_east.id)
            .create({"name": "Contact", "parent_id": self.card_east.id})
        )
        self.assertFalse(contact.card_state)
        self.assertEqual(contact.card_root_id, self.card_east)
        self.assertEqual(contact.card_custodian_id, self.custodian_east)

    def test_defaults_that_open_no_card_leave_no_trace(self):
        partner = (
            self.env["res.partner"]
            .with_user(self.custodian_east)
            .with_context(default_card_root_id=self.card_west.id)
            .create({"name": "Newcomer"})
        )
        self.assertFalse(partner.card_root_id)
