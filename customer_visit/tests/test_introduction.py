"""Introductions: asked, made, thanked and counted (K04, K07)."""

from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import CustomerVisitCommon


@tagged("post_install", "-at_install")
class TestIntroduction(CustomerVisitCommon):
    def ask(self, user=None, **values):
        return (
            self.env["customer.introduction"]
            .with_user(user or self.custodian_east)
            .create(
                {
                    "partner_id": self.card_east.id,
                    "contact_id": self.contact_east.id,
                    **values,
                }
            )
        )

    def test_asking_is_on_record(self):
        one = self.ask()
        self.assertEqual((one.state, one.user_id), ("asked", self.custodian_east))
        event = self.env["customer.card.event"].search(
            [
                ("partner_id", "=", self.card_east.id),
                ("kind", "=", "introduction_asked"),
            ]
        )
        self.assertEqual(len(event), 1)

    def test_a_prospect_a_lead_and_thanks_come_of_it(self):
        one = self.ask(
            introduced_name="Gamma Glass", introduced_phone="+32 2 111 22 33"
        )
        one.action_introduce()
        prospect = one.introduced_partner_id
        self.assertEqual(one.state, "introduced")
        self.assertEqual(prospect.name, "Gamma Glass")
        self.assertEqual(prospect.referrer_id, self.card_east)
        self.assertEqual(prospect.card_kind, "prospect")
        self.assertEqual(prospect.card_custodian_id, self.custodian_east)
        self.assertEqual(one.lead_id.sudo().partner_id, prospect)
        thanks = one.thanks_visit_id
        self.assertEqual(thanks.partner_id, self.card_east)
        self.assertEqual((thanks.state, thanks.purpose_id.code), ("planned", "thanks"))
        self.assertFalse(one.is_thanked)
        thanks._record_done("<p>Thanked</p>")
        self.assertTrue(one.is_thanked)
        one.action_introduce()
        self.assertEqual(self.card_east.introduced_count, 1, "once")

    def test_a_won_prospect_is_a_won_introduction(self):
        one = self.ask(introduced_name="Gamma Glass")
        one.action_introduce()
        one.introduced_partner_id.sudo().card_kind = "customer"
        self.assertEqual(one.state, "won")

    def test_counts_for_each_customer(self):
        self.ask(introduced_name="Gamma Glass").action_introduce()
        self.ask().action_refuse()
        card = self.card_east.with_user(self.custodian_east)
        self.assertEqual((card.introduction_count, card.introduced_count), (2, 1))
        groups = (
            self.env["customer.introduction"]
            .with_user(self.manager_east)
            ._read_group([], ["user_id", "state"], ["__count"])
        )
        self.assertIn((self.custodian_east, "introduced", 1), groups)

    def test_refused_may_be_asked_again(self):
        one = self.ask()
        one.action_refuse()
        with self.assertRaisesRegex(UserError, "Alpha Foods"):
            one.action_refuse()
        one.action_ask_again()
        self.assertEqual(one.state, "asked")

    def test_whom_is_asked_for(self):
        with self.assertRaisesRegex(UserError, "enter whom"):
            self.ask().action_introduce()

    def test_clients_do_not_write_the_outcome(self):
        self.assertEqual(self.ask(state="won").state, "asked")
        with self.assertRaises(UserError):
            self.ask().write({"state": "won"})

    def test_only_cards_are_asked(self):
        with self.assertRaisesRegex(ValidationError, "Open a card"):
            self.ask(
                user=self.card_admin, partner_id=self.free_partner.id, contact_id=False
            )

    def test_nobody_introduces_himself(self):
        with self.assertRaises(ValidationError):
            self.card_east.referrer_id = self.card_east

    def test_strangers_see_and_ask_nothing(self):
        one = self.ask()
        self.assertTrue(one.with_user(self.manager_east).has_access("write"))
        mine = one.with_user(self.custodian_west)
        self.assertFalse(mine.search([("id", "=", one.id)]))
        with self.assertRaises(AccessError):
            mine.read(["note"])
        with self.assertRaises(AccessError):
            mine.write({"note": "x"})
        with self.assertRaises(AccessError):
            self.ask(user=self.custodian_west)

    def test_a_borrower_asks_while_the_loan_lasts(self):
        loan = self.env["customer.card.loan"].create(
            {
                "borrower_id": self.custodian_west.id,
                "card_ids": [Command.set(self.card_east.ids)],
                "mode": "screen",
                "purpose": "Visit",
                "valid_until": fields.Datetime.now() + timedelta(hours=8),
            }
        )
        loan.action_submit()
        loan.with_user(self.manager_east).action_approve()
        one = self.ask(user=self.custodian_west)
        one.write({"note": "He will think about it"})
        other = self.ask()
        self.assertTrue(other.with_user(self.custodian_west).has_access("read"))
        self.assertFalse(other.with_user(self.custodian_west).has_access("write"))
        loan.with_user(self.custodian_west).action_return()
        self.assertFalse(one.has_access("read"))

    def test_who_asked_and_lost_the_card_writes_no_more(self):
        one = self.ask(user=self.custodian_east)
        self.card_east.with_user(self.manager_east).card_custodian_id = self.deputy_east
        with self.assertRaises(AccessError):
            one.write({"note": "x"})
        one.with_user(self.deputy_east).write({"note": "x"})

    def test_counts_of_many_cost_the_same(self):
        def count(cards):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            cards.with_user(self.card_admin).mapped("introduced_count")
            return self.env.cr.sql_log_count - before

        cards = self.env["res.partner"].create([{"name": f"C{i}"} for i in range(40)])
        cards._open_cards(custodian=self.custodian_east)
        count(cards)
        self.assertEqual(count(cards[:1]), count(cards))

    def test_merged_cards_keep_their_introductions(self):
        one = self.ask()
        double = self.env["res.partner"].create(
            {
                "name": "Alpha Foods",
                "is_company": True,
                "child_ids": [Command.create({"name": "Ann"})],
            }
        )
        double._open_cards(custodian=self.custodian_east)
        self.env["base.partner.merge.automatic.wizard"].sudo()._merge(
            (double | self.card_east).ids, double, extra_checks=False
        )
        self.assertEqual(one.partner_id, double)
        self.assertEqual(one.card_root_id, double)
