from datetime import timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CustomerCardCommon


@tagged("post_install", "-at_install")
class TestCardEvent(CustomerCardCommon):
    """The ledger: one door in, nothing out, and who reads it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Event = cls.env["customer.card.event"]

    def _entries(self, partner, kind=None):
        domain = [("partner_id", "=", partner.id)]
        if kind:
            domain.append(("kind", "=", kind))
        return self.Event.search(domain)

    # the door

    def test_an_entry_says_who_what_when(self):
        with freeze_time("2026-03-01 10:00:00"):
            self.Event.with_user(self.custodian_east)._log(
                self.card_east, "changed", "Phone", document=self.card_east
            )
        entry = self._entries(self.card_east, "changed")
        self.assertEqual(entry.user_id, self.custodian_east)
        self.assertEqual(entry.user_name, self.custodian_east.name)
        self.assertEqual(entry.partner_name, "Alpha Foods")
        self.assertEqual(entry.description, "Phone")
        self.assertEqual(entry.date, fields.Datetime.to_datetime("2026-03-01 10:00:00"))
        self.assertEqual(
            (entry.res_model, entry.res_id), ("res.partner", self.card_east.id)
        )

    def test_an_entry_of_a_contact_goes_to_its_card(self):
        self.Event._log(self.contact_east | self.address_east, "changed", "Address")
        entry = self._entries(self.card_east, "changed")
        self.assertEqual(len(entry), 1, "one entry for one thing done to one card")

    def test_each_card_may_have_its_own_text(self):
        self.Event._log(
            self.card_east | self.card_west,
            "changed",
            {self.card_east.id: "one", self.card_west.id: "two"},
        )
        self.assertEqual(self._entries(self.card_east, "changed").description, "one")
        self.assertEqual(self._entries(self.card_west, "changed").description, "two")

    def test_a_new_name_stands_in_the_next_entry_only(self):
        self.Event._log(self.card_east, "changed", "before")
        self.card_east.name = "Alpha International"
        self.Event._log(self.card_east, "changed", "after")
        names = {
            entry.description: entry.partner_name
            for entry in self._entries(self.card_east, "changed")
        }
        self.assertEqual(
            (names["before"], names["after"]), ("Alpha Foods", "Alpha International")
        )

    def test_unknown_kind_is_a_programming_error(self):
        with self.assertRaises(ValueError):
            self.Event._log(self.card_east, "no such kind")

    def test_nothing_to_log(self):
        self.Event._log(self.env["res.partner"], "changed")

    def test_one_query_for_any_number_of_cards(self):
        partners = self.env["res.partner"].create(
            [{"name": f"Card {index}"} for index in range(100)]
        )
        for cards in (partners[:1], partners):
            self.env.flush_all()
            self.env.user.name  # noqa: B018 (in the cache)
            with self.assertQueryCount(1):
                self.Event._log(cards, "changed", "bulk")
        self.assertEqual(
            self.Event.search_count([("partner_id", "in", partners.ids)]), 101
        )

    # append only

    def test_nobody_adds_changes_or_deletes_an_entry(self):
        self.Event._log(self.card_east, "changed")
        entry = self._entries(self.card_east, "changed")
        vals = {"partner_name": "x", "kind": "changed", "date": "2026-01-01"}
        for event in (self.Event.sudo(), self.Event.with_user(self.card_admin)):
            with self.assertRaises(UserError):
                event.create(vals)
            with self.assertRaises(UserError):
                event.browse(entry.id).write({"description": "forged"})
            with self.assertRaises(UserError):
                event.browse(entry.id).unlink()
            with self.assertRaises(UserError):
                event.browse(entry.id).description = "forged"
        self.assertFalse(entry.description)

    def test_no_context_key_opens_the_door(self):
        self.Event._log(self.card_east, "changed")
        entry = self._entries(self.card_east, "changed")
        for key in ("approval_door", "install_mode", "tracking_disable"):
            with self.assertRaises(UserError):
                entry.sudo().with_context(**{key: True}).unlink()

    def test_an_entry_outlives_the_customer(self):
        partner = self.env["res.partner"].create({"name": "Short Lived"})
        self.Event._log(partner, "changed", "still here")
        partner.unlink()
        entry = self.Event.search([("description", "=", "still here")])
        self.assertFalse(entry.partner_id)
        self.assertEqual(entry.partner_name, "Short Lived")

    def test_merged_customers_keep_their_history(self):
        source = self.env["res.partner"].create({"name": "Alpha Fods"})
        self.Event._log(source, "changed", "of the duplicate")
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (source | self.card_east).ids, self.card_east
        )
        entry = self._entries(self.card_east).filtered(
            lambda event: event.description == "of the duplicate"
        )
        self.assertEqual(entry.partner_name, "Alpha Fods")

    # who reads it

    def test_keepers_and_back_office_read_it(self):
        self.Event._log(self.card_east, "changed")
        for user in (
            self.custodian_east,
            self.manager_east,
            self.regional_manager,
            self.card_admin,
            self.reader,
        ):
            self.assertTrue(
                self._entries(self.card_east).with_user(user).has_access("read"),
                user.name,
            )

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_strangers_and_borrowers_do_not(self):
        self._lend(self.employee, self.card_east)
        self.env["res.partner"].with_user(self.employee).browse(
            self.card_east.id
        ).check_access("read")
        entries = self._entries(self.card_east)
        for user in (self.employee, self.custodian_west, self.manager_west):
            Event = self.Event.with_user(user)
            self.assertFalse(Event.search([("partner_id", "=", self.card_east.id)]))
            with self.assertRaises(AccessError):
                Event.browse(entries.ids).read(["description"])

    def _lend(self, borrower, cards):
        now = fields.Datetime.now()
        loan = (
            self.env["customer.card.loan"]
            .with_user(borrower)
            .create(
                {
                    "card_ids": [Command.set(cards.ids)],
                    "purpose": "Test",
                    "date_from": now,
                    "valid_until": now + timedelta(days=1),
                }
            )
        )
        loan.action_submit()
        loan.with_user(self.manager_east).action_approve()
        return loan

    # views

    def test_history_of_a_card(self):
        action = self.contact_east.with_user(self.custodian_east).action_card_history()
        self.assertEqual(
            self.Event.search(action["domain"]), self._entries(self.card_east)
        )

    def test_open_the_document(self):
        loan = self._lend(self.employee, self.card_east)
        entry = self._entries(self.card_east, "loan_lent")
        action = entry.with_user(self.manager_east).action_open_document()
        self.assertEqual((action["res_model"], action["res_id"]), (loan._name, loan.id))
        self.Event._log(self.card_east, "changed")
        with self.assertRaises(UserError):
            self._entries(self.card_east, "changed").action_open_document()
