from datetime import timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import SQL

from ..exceptions import CardAccessError
from .common import CustomerCardCommon, CustomerCardHttp


@tagged("post_install", "-at_install")
class TestCardFreshness(CustomerCardCommon):
    """What changed on a card, when, and what nobody has touched for long (P01, A04)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Event = cls.env["customer.card.event"]
        cls.Partner = cls.env["res.partner"]
        cls.env.cr.flush()
        cls.start = cls.Event.search([], limit=1, order="id DESC").id

    def news(self, card, kind="changed"):
        """:return: ledger entries of this test, the oldest first"""
        self.env.cr.flush()
        return self.Event.search(
            [
                ("partner_id", "=", card.id),
                ("kind", "=", kind),
                ("id", ">", self.start),
            ],
            order="id",
        )

    def age(self, cards, days, confirmed=None):
        """Make these cards look as if they were last updated some days ago."""
        self.env.flush_all()
        now = fields.Datetime.now()
        self.env.execute_query(
            SQL(
                """
                UPDATE res_partner
                   SET card_last_update = %s, card_last_confirmed = %s
                 WHERE id = ANY(%s) RETURNING id
                """,
                now - timedelta(days=days),
                confirmed is not None and now - timedelta(days=confirmed) or None,
                cards.ids,
            )
        )
        cards.invalidate_recordset()

    def stale(self, user=None):
        cards = self.card_east | self.card_west
        Partner = self.Partner.with_user(user) if user else self.Partner
        found = Partner.search([("card_is_stale", "=", True), ("id", "in", cards.ids)])
        # computed and searched are the same
        cards.invalidate_recordset(["card_is_stale"])
        for card in cards.with_env(Partner.env):
            if card in Partner.search([("id", "in", cards.ids)]):
                self.assertEqual(card.card_is_stale, card in found)
        return found.with_env(self.env)

    # what changed

    def test_a_save_is_one_entry_with_old_and_new(self):
        card = self.card_east.with_user(self.custodian_east)
        before = card.write_date
        with freeze_time("2030-03-01 10:00:00"):
            card.write({"phone": "+32 2 111", "website": "https://alpha.example"})
            self.contact_east.with_user(self.custodian_east).function = "Buyer"
            entry = self.news(self.card_east)
        self.assertEqual(len(entry), 1, "one entry for one save of a card")
        self.assertIn("Phone: +32 2 290 34 90 → +32 2 111", entry.description)
        self.assertIn("Website Link: – → https://alpha.example", entry.description)
        self.assertIn("Ada Alpha – Job Position: – → Buyer", entry.description)
        self.assertEqual(
            set(entry.changed_fields.split(",")), {"phone", "website", "function"}
        )
        self.assertEqual(entry.user_id, self.custodian_east)
        self.assertEqual(str(self.card_east.card_last_update), "2030-03-01 10:00:00")
        self.assertTrue(before)

    def test_a_change_of_a_contact_does_not_touch_who_edited_the_card(self):
        self.env.flush_all()
        self.env.invalidate_all()
        stamp = (self.card_east.write_date, self.card_east.write_uid)
        with freeze_time("2030-03-01 10:00:00"):
            self.contact_east.with_user(self.deputy_east).sudo().phone = "1"
            self.env.flush_all()
        self.card_east.invalidate_recordset()
        self.assertEqual((self.card_east.write_date, self.card_east.write_uid), stamp)
        self.assertEqual(str(self.card_east.card_last_update), "2030-03-01 10:00:00")

    def test_the_same_value_again_is_no_news(self):
        self.age(self.card_east, 10)
        last = self.card_east.card_last_update
        self.card_east.write({"phone": self.card_east.phone, "color": 3})
        self.assertFalse(self.news(self.card_east))
        self.assertEqual(self.card_east.card_last_update, last)

    def test_long_texts_are_named_not_repeated(self):
        self.card_east.habit_purchase = "A long story. " * 20
        self.card_east.comment = "<p>secret</p>"
        text = self.news(self.card_east).description
        self.assertEqual(text, "Notes; Purchase Habits")

    def test_the_kind_of_customer_is_news_once(self):
        self.card_east.with_user(self.custodian_east).card_kind = "customer"
        self.assertEqual(
            self.news(self.card_east).mapped("description"),
            ["Customer Kind: Prospect → Customer"],
        )

    def test_contacts_come_and_go(self):
        contact = self.Partner.create({"name": "Nia", "parent_id": self.card_east.id})
        contact.phone = "12"
        self.assertEqual(
            self.news(self.card_east).mapped("description"), ["Nia – added"]
        )
        contact.parent_id = self.card_west
        self.assertIn("Alpha Foods → Beta Tools", self.news(self.card_west).description)
        self.assertEqual(len(self.news(self.card_east)), 2, "he has left")
        contact.unlink()
        self.assertEqual(self.news(self.card_west)[-1].description, "Nia deleted")

    def test_a_customer_without_card_has_no_ledger(self):
        self.free_partner.phone = "12"
        self.assertFalse(self.news(self.free_partner))
        self.assertFalse(self.free_partner.card_last_update)

    def test_what_is_rolled_back_is_no_news(self):
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            self.card_east.phone = "12"
            raise ZeroDivisionError
        self.assertFalse(self.news(self.card_east))

    def test_a_hundred_cards_cost_as_many_queries_as_one(self):
        cards = self.Partner.create([{"name": f"Many {i}"} for i in range(100)])
        cards._open_cards(self.custodian_west)
        self.env.cr.flush()
        self.count_extra_queries(cards)  # what is cached from now on
        self.assertEqual(
            self.count_extra_queries(cards[:1]), self.count_extra_queries(cards)
        )
        self.assertEqual(len(self.news(cards[7])), 1, "the second time the same")

    # stale

    def test_stale_by_kind_and_day(self):
        company = self.env.company
        company.write(
            {
                "card_stale_days_prospect": 30,
                "card_stale_days_customer": 90,
                "card_stale_days_former": 0,
            }
        )
        card = self.card_east
        for kind, days, is_stale in (
            ("prospect", 30, False),
            ("prospect", 31, True),
            ("customer", 31, False),
            ("customer", 91, True),
            ("former", 9999, False),
        ):
            card.card_kind = kind
            self.age(card, days)
            with self.subTest(kind=kind, days=days):
                self.assertEqual(card in self.stale(), is_stale)

    def test_a_closed_card_is_never_stale(self):
        self.age(self.card_east, 999)
        self.assertIn(self.card_east, self.stale())
        self.card_east.action_card_close()
        self.age(self.card_east, 999)
        self.assertNotIn(self.card_east, self.stale())
        self.assertFalse(self.contact_east.card_is_stale, "a contact is no card")

    def test_a_day_is_the_users_day(self):
        self.env.company.card_stale_days_prospect = 30
        self.custodian_east.tz = "Pacific/Auckland"
        self.manager_east.tz = "America/Los_Angeles"
        with freeze_time("2026-06-30 13:00:00"):
            # 1 July in Auckland, 30 June in Los Angeles
            self.env.flush_all()
            self.env.execute_query(
                SQL(
                    "UPDATE res_partner SET card_last_update = '2026-05-31 10:00:00'"
                    " WHERE id = %s RETURNING id",
                    self.card_east.id,
                )
            )
            self.env.invalidate_all()
            self.assertEqual(self.stale(self.custodian_east), self.card_east)
            self.assertFalse(self.stale(self.manager_east))

    def test_the_company_of_the_department_decides(self):
        other = self.env["res.company"].create({"name": "Slow"})
        members = self.custodian_east | self.deputy_east | self.manager_east
        members.company_ids |= other
        other.card_stale_days_prospect = 500
        self.env.company.card_stale_days_prospect = 30
        cards = self.card_east | self.card_west
        self.age(cards, 100)
        self.assertEqual(self.stale(), cards)
        self.team_east.company_id = other
        self.assertEqual(self.stale(), self.card_west)
        # without a department: the company that one works in
        self.team_east.company_id = False
        self.Partner = self.Partner.with_company(other)
        self.assertFalse(self.stale())

    def test_stale_cards_can_be_grouped(self):
        self.age(self.card_east, 999)
        self.age(self.card_west, 0)
        groups = self.Partner._read_group(
            [("id", "in", (self.card_east | self.card_west).ids)],
            ["card_is_stale"],
            ["__count"],
        )
        self.assertEqual(sorted(groups), [(False, 1), (True, 1)])

    # still true

    def test_still_true_makes_it_fresh_without_a_change(self):
        self.age(self.card_east, 999)
        last = self.card_east.card_last_update
        card = self.card_east.with_user(self.custodian_east)
        card.action_card_still_true()
        self.assertNotIn(self.card_east, self.stale())
        self.assertEqual(self.card_east.card_last_update, last)
        self.assertEqual(len(self.news(self.card_east, "still_true")), 1)
        self.age(self.card_east, 999, confirmed=998)
        self.assertIn(self.card_east, self.stale())

    def test_only_its_keepers_say_that_a_card_is_still_true(self):
        for user in (self.custodian_west, self.employee, self.reader):
            with self.assertRaises(CardAccessError):
                self.card_east.with_user(user).action_card_still_true()
        self.card_east.with_user(self.manager_east).action_card_still_true()
        self.card_east.action_card_close()
        with self.assertRaisesRegex(UserError, "not closed"):
            self.card_east.with_user(self.manager_east).action_card_still_true()

    # settings

    def test_days_cannot_be_negative(self):
        from psycopg2.errors import CheckViolation

        from odoo.tools import mute_logger

        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation):
            self.env.company.card_stale_days_prospect = -1
            self.env.flush_all()


@tagged("post_install", "-at_install")
class TestCardLook(CustomerCardCommon):
    """What changed since one's last look (P01, P03)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Partner = cls.env["res.partner"]
        cls.Look = cls.env["customer.card.look"]
        cls.loan = cls.env["customer.card.loan"].with_user(cls.employee)

    def look(self, user, when, card=None):
        with freeze_time(when):
            self.env.cr.flush()
            return (card or self.card_east).with_user(user).card_look()

    def change(self, user, when, **values):
        with freeze_time(when):
            self.card_east.with_user(user).write(values)
            self.env.cr.flush()

    def changed(self, user):
        return self.Partner.with_user(user).search(
            [("card_changed_since_my_look", "=", True)]
        )

    def lend(self, user, when):
        loan = (
            self.env["customer.card.loan"]
            .with_user(user)
            .create(
                {
                    "card_ids": [Command.set(self.card_east.ids)],
                    "purpose": "A joint visit",
                    "date_from": "2030-01-01 00:00:00",
                    "valid_until": "2030-01-20 00:00:00",
                }
            )
        )
        with freeze_time(when):
            loan.action_submit()
            loan.with_user(self.manager_east).action_approve()

    def test_what_others_changed_since_i_looked(self):
        first = self.look(self.custodian_east, "2030-01-01 08:00:00")
        self.assertEqual(first, {"since": False, "news": [], "more": False})
        self.assertFalse(self.changed(self.custodian_east))
        self.change(self.manager_east, "2030-01-02 08:00:00", phone="+32 2 7")
        self.assertEqual(self.changed(self.custodian_east), self.card_east)
        card = self.card_east.with_user(self.custodian_east)
        self.assertTrue(card.card_changed_since_my_look)
        second = self.look(self.custodian_east, "2030-01-03 08:00:00")
        self.assertEqual(str(second["since"]), "2030-01-01 08:00:00")
        [one] = second["news"]
        self.assertEqual(one["text"], "Phone: +32 2 290 34 90 → +32 2 7")
        self.assertEqual(one["user"], "Manager East")
        self.assertFalse(self.changed(self.custodian_east))
        self.assertFalse(card.card_changed_since_my_look)

    def test_opened_again_at_once_it_shows_the_same(self):
        self.look(self.custodian_east, "2030-01-01 08:00:00")
        self.change(self.manager_east, "2030-01-02 08:00:00", phone="+32 2 7")
        self.look(self.custodian_east, "2030-01-03 08:00:00")
        again = self.look(self.custodian_east, "2030-01-03 08:05:00")
        self.assertEqual(len(again["news"]), 1)
        later = self.look(self.custodian_east, "2030-01-03 09:00:00")
        self.assertEqual(later["news"], [])
        look = self.Look.search([("user_id", "=", self.custodian_east.id)])
        self.assertEqual(len(look), 1)

    def test_what_i_changed_myself_is_no_news(self):
        self.look(self.custodian_east, "2030-01-01 08:00:00")
        self.change(self.custodian_east, "2030-01-02 08:00:00", phone="+32 2 7")
        self.assertFalse(self.changed(self.custodian_east))
        self.assertEqual(
            self.look(self.custodian_east, "2030-01-03 08:00:00")["news"], []
        )

    def test_a_look_at_a_contact_is_a_look_at_his_card(self):
        self.look(self.custodian_east, "2030-01-01 08:00:00", self.contact_east)
        look = self.Look.search([("user_id", "=", self.custodian_east.id)])
        self.assertEqual(look.partner_id, self.card_east)
        free = self.look(self.custodian_east, "2030-01-01 08:00:00", self.free_partner)
        self.assertFalse(free["since"])

    def test_a_borrower_learns_which_fields_changed_no_more(self):
        with freeze_time("2030-01-01 00:00:00"):
            self.lend(self.custodian_west, "2030-01-01 01:00:00")
            self.look(self.custodian_west, "2030-01-02 08:00:00")
            self.change(self.manager_east, "2030-01-03 08:00:00", phone="+32 2 7")
            with freeze_time("2030-01-03 09:00:00"):
                self.card_east.with_user(self.custodian_east).action_card_still_true()
            answer = self.look(self.custodian_west, "2030-01-04 08:00:00")
        self.assertEqual(
            [(one["text"], one["user"]) for one in answer["news"]], [("Phone", False)]
        )

    def test_who_may_not_read_a_card_does_not_look_at_it(self):
        for user in (self.custodian_west, self.employee):
            with self.assertRaises(AccessError):
                self.card_east.with_user(user).card_look()
            self.assertFalse(self.Look.search([("user_id", "=", user.id)]))

    def test_looks_are_private(self):
        self.look(self.custodian_east, "2030-01-01 08:00:00")
        self.assertTrue(self.Look.with_user(self.custodian_east).search([]))
        for user in (self.manager_east, self.card_admin, self.reader):
            self.assertFalse(self.Look.with_user(user).search([]))
        mine = self.Look.search([("user_id", "=", self.custodian_east.id)])
        with self.assertRaises(AccessError):
            mine.with_user(self.custodian_east).write({"date": "2020-01-01 00:00:00"})
        with self.assertRaises(AccessError):
            self.Look.with_user(self.manager_east).create(
                {
                    "user_id": self.manager_east.id,
                    "partner_id": self.card_east.id,
                    "date": "2020-01-01 00:00:00",
                }
            )

    def test_the_search_starts_from_my_looks(self):
        self.look(self.custodian_east, "2030-01-01 08:00:00")
        with self.assertQueryCount(1):
            self.Partner.search([("card_changed_since_my_look", "=", True)])
        rest = self.Partner.search([("card_changed_since_my_look", "=", False)])
        self.assertIn(self.card_east, rest)

    def test_merged_cards_keep_one_look(self):
        twin = self.Partner.create({"name": "Alpha Twin", "is_company": True})
        twin._open_cards(self.custodian_east)
        self.look(self.custodian_east, "2030-01-01 08:00:00")
        self.look(self.custodian_east, "2030-01-01 09:00:00", twin)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.card_east | twin).ids, self.card_east, extra_checks=False
        )
        look = self.Look.search([("user_id", "=", self.custodian_east.id)])
        self.assertEqual(look.partner_id, self.card_east)


@tagged("post_install", "-at_install")
class TestCardQualityTour(CustomerCardHttp):
    """What is missing is a link into the form; what changed is told there."""

    def test_missing_and_news_on_the_form(self):
        self.env["customer.card.requirement"].search([]).active = False
        names = {
            "email": "E-mail",
            "website": "Website",
            "habit_purchase": "How he buys",
        }
        for name, label in names.items():
            self.env["customer.card.requirement"].create(
                {
                    "name": label,
                    "field_id": self.env["ir.model.fields"]
                    ._get("res.partner", name)
                    .id,
                }
            )
        self.env["res.partner"]._recompute_card_completeness()
        self.card_east.with_user(self.custodian_east).card_look()
        self.env.execute_query(
            SQL(
                "UPDATE customer_card_look SET date = date - interval '1 day' RETURNING id"
            )
        )
        self.card_east.with_user(self.manager_east).phone = "+32 2 888 00 00"
        self.env.cr.flush()
        self.start_tour(
            f"/odoo/my-customer-cards/{self.card_east.id}",
            "customer_card_quality",
            login="test_custodian_east",
        )
        self.card_east.invalidate_recordset()
        self.assertEqual(self.card_east.habit_purchase, "Every May")
        self.assertEqual(self.card_east.card_completeness, 66)
