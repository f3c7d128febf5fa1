from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import CustomerVisitCommon

POLICY = "odoo.addons.customer_visit.models.customer_contact_policy"


class CadenceCase(CustomerVisitCommon):
    """Cards with contacts some days ago."""

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

    def plan(self, card=None, days=1, **values):
        """:return: a visit planned for noon in ``days`` days"""
        moment = fields.Datetime.to_datetime(self.today) + timedelta(hours=12)
        return self.make_visit(
            card or self.card_east,
            self.custodian_east,
            date_planned=moment + timedelta(days=days),
            **values,
        )

    def policy(self, **values):
        return self.env["customer.contact.policy"].create(
            {"name": "Test", "sequence": 1, **values}
        )

    def shipped(self, name):
        return self.env.ref(f"customer_visit.customer_contact_policy_{name}")

    def count_queries(self, function):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        function()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before


@tagged("post_install", "-at_install")
class TestCadence(CadenceCase):
    """When a customer is to be contacted, and what his card says of it."""

    def test_new_card_is_due_from_its_opening(self):
        card = self.card_west
        self.assertEqual(card.contact_policy_id, self.shipped("prospect"))
        self.assertFalse(card.last_contact_date)
        self.assertEqual(card.contact_status, "due")
        self.assertEqual(card.next_contact_due, self.today + timedelta(days=7))

    def test_covered_due_overdue(self):
        """Monthly, and due a week before: K08."""
        card = self.card_east
        self.assertEqual(card.contact_policy_id, self.shipped("customer"))
        self.contact()
        self.assertEqual(card.last_contact_date, self.today)
        self.assertEqual(card.next_contact_due, self.today + relativedelta(months=1))
        for days, status in (
            (-8, "covered"),
            (-7, "due"),
            (0, "due"),
            (1, "overdue"),
        ):
            with self.subTest(days=days):
                day = card.next_contact_due + timedelta(days=days)
                with freeze_time(f"{day} 12:00:00"):
                    card.invalidate_recordset(["contact_status"])
                    self.assertEqual(card.contact_status, status)

    def test_day_of_the_user(self):
        """Overdue in Auckland, where it is tomorrow already, and not in Honolulu."""
        self.contact()
        day = self.card_east.next_contact_due
        self.manager_east.tz = "Pacific/Auckland"
        self.custodian_east.tz = "Pacific/Honolulu"
        with freeze_time(f"{day} 20:00:00"):
            for user, status in (
                (self.manager_east, "overdue"),
                (self.custodian_east, "due"),
            ):
                Partner = self.env["res.partner"].with_user(user)
                card = Partner.browse(self.card_east.id)
                self.assertEqual(card.contact_status, status)
                found = Partner.search([("contact_status", "=", status)])
                self.assertIn(card, found)

    def test_planned_until_it_is_past(self):
        card = self.card_east
        self.contact(days_ago=60)
        self.assertEqual(card.contact_status, "overdue")
        visit = self.plan(days=2)
        self.assertEqual(card.contact_status, "planned")
        self.assertEqual(card.next_contact_planned, self.today + timedelta(days=2))
        with freeze_time(f"{self.today + timedelta(days=3)} 12:00:00"):
            card.invalidate_recordset(["contact_status"])
            self.assertEqual(card.contact_status, "overdue")
        visit._visit_through_door().write({"state": "cancelled"})
        self.assertEqual(card.contact_status, "overdue")
        self.plan(days=1).unlink()
        self.assertEqual(card.contact_status, "overdue")

    def test_planned_visit_moves_to_another_card(self):
        visit = self.plan()
        self.assertTrue(self.card_east.next_contact_planned)
        visit.sudo().partner_id = self.card_west
        self.assertFalse(self.card_east.next_contact_planned)
        self.assertTrue(self.card_west.next_contact_planned)

    def test_urgency_is_the_share_of_the_interval(self):
        policy = self.policy(
            domain=str([("id", "=", self.card_east.id)]),
            interval_number=10,
            interval_type="day",
        )
        self.assertEqual(self.card_east.contact_policy_id, policy)
        for days, urgency in ((0, 0), (5, 50), (10, 100), (20, 200)):
            self.contact(days_ago=20 - days)
            with freeze_time(f"{self.today - timedelta(days=20 - 2 * days)} 12:00:00"):
                self.card_east.invalidate_recordset(["contact_urgency"])
                self.assertEqual(self.card_east.contact_urgency, urgency)

    def test_search_group_and_sort_agree_with_the_fields(self):
        cards = self.card_east | self.card_west
        for number, days in enumerate((0, 28, 29, 33, 70, 400)):
            card = self.env["res.partner"].create(
                {"name": f"Cadence {number}", "is_company": True}
            )
            card._open_cards(self.custodian_east)
            card.with_context(active_test=False).card_kind = "customer"
            self.contact(card, days)
            if days in (29, 70):
                self.plan(card)
            cards |= card
        Partner = self.env["res.partner"]
        here = [("id", "in", cards.ids)]
        by_status = cards.grouped("contact_status")
        statuses = set(cards.mapped("contact_status"))
        self.assertEqual(statuses, {"covered", "due", "planned", "overdue"})
        for status in (*statuses, False):
            expected = by_status.get(status, Partner)
            domain = [*here, ("contact_status", "=", status)]
            self.assertEqual(Partner.search(domain), expected.sorted("complete_name"))
            domain = [*here, ("contact_status", "!=", status)]
            self.assertEqual(Partner.search(domain) | expected, cards)
        groups = dict(Partner._read_group(here, ["contact_status"], ["__count"]))
        for status in statuses:
            self.assertEqual(groups[status], len(by_status[status]))
        urgencies = Partner.search(here, order="contact_urgency DESC").mapped(
            "contact_urgency"
        )
        self.assertEqual(urgencies, sorted(urgencies, reverse=True))
        self.assertGreater(urgencies[0], 1000)

    def test_only_methods_that_count(self):
        """A circular is no contact; it is on record all the same."""
        card = self.card_east
        self.contact(days_ago=40)
        due = card.next_contact_due
        self.contact(method="sms")
        self.assertEqual(card.last_contact_date, self.today)
        self.assertEqual(card.next_contact_due, due)
        self.assertEqual(card.contact_status, "overdue")
        self.plan(method="sms")
        self.assertEqual(card.contact_status, "overdue")

    def test_a_visit_that_met_nobody_is_no_contact(self):
        self.contact(days_ago=40)
        self.contact(result="not_met")
        self.assertEqual(self.card_east.contact_status, "overdue")
        self.assertEqual(
            self.card_east.last_contact_date, self.today - timedelta(days=40)
        )

    def test_only_whose_contacts_count(self):
        card = self.card_east
        self.contact()
        self.assertEqual(card.contact_status, "covered")
        self.policy(who="manager", domain=str([("id", "=", card.id)]))
        self.assertEqual(card.contact_status, "due")
        self.contact(user_id=self.manager_west.id)
        self.assertEqual(card.contact_status, "due")
        self.contact(user_id=self.regional_manager.id)
        self.assertEqual(card.contact_status, "covered")

    def test_custodian_or_deputy(self):
        card = self.card_east
        policy = self.policy(who="custodian", domain=str([("id", "=", card.id)]))
        self.contact(user_id=self.manager_east.id)
        self.assertEqual(card.contact_status, "due")
        self.contact(user_id=self.deputy_east.id)
        self.assertEqual(card.contact_status, "due")
        card.write(
            {
                "card_deputy_id": self.deputy_east.id,
                "card_deputy_until": self.today + timedelta(days=9),
            }
        )
        self.assertEqual(card.contact_status, "covered")
        policy.unlink()
        self.assertEqual(card.contact_policy_id, self.shipped("customer"))

    def test_first_policy_by_sequence_wins(self):
        card = self.card_east
        late = self.policy(name="Late", sequence=3)
        self.assertEqual(card.contact_policy_id, late)
        early = self.policy(name="Early", sequence=2, domain="[('city', '=', 'Ghent')]")
        self.assertEqual(card.contact_policy_id, late)
        # a field that only a policy of the user makes relevant
        card.city = "Ghent"
        self.assertEqual(card.contact_policy_id, early)
        early.sequence = 4
        self.assertEqual(card.contact_policy_id, late)
        late.active = False
        self.assertEqual(card.contact_policy_id, early)
        self.assertEqual(early.card_count, 1)

    def test_policies_for_states_and_kinds(self):
        card = self.card_east
        for values, name in (
            ({"card_kind": "prospect"}, "prospect"),
            ({"card_kind": "former"}, "dormant"),
            ({"card_kind": "customer"}, "customer"),
        ):
            card.write(values)
            self.assertEqual(card.contact_policy_id, self.shipped(name))
        card.action_card_rest()
        self.assertEqual(card.contact_policy_id, self.shipped("dormant"))
        self.contact()
        card.action_card_close()
        self.assertFalse(card.contact_policy_id)
        self.assertFalse(card.next_contact_due)
        self.assertFalse(card.contact_status)
        self.assertEqual(card.last_contact_date, self.today)
        card.action_card_reopen()
        self.assertEqual(card.contact_status, "covered")
        card.active = False
        self.assertFalse(card.contact_status)

    def test_in_negotiation_while_an_opportunity_is_open(self):
        """K08, K06: also one with a contact of the card; until it is won."""
        card = self.card_east
        lead = self.env["crm.lead"].create(
            {
                "name": "New line",
                "type": "opportunity",
                "partner_id": self.contact_east.id,
            }
        )
        self.assertTrue(card.card_in_negotiation)
        self.assertEqual(card.contact_policy_id, self.shipped("negotiation"))
        lead.action_set_won()
        self.assertEqual(card.contact_policy_id, self.shipped("customer"))
        lead.stage_id = self.env["crm.stage"].search([("is_won", "=", False)], limit=1)
        self.assertEqual(card.contact_policy_id, self.shipped("negotiation"))
        lead.partner_id = self.card_west
        self.assertEqual(card.contact_policy_id, self.shipped("customer"))
        self.assertEqual(self.card_west.contact_policy_id, self.shipped("negotiation"))
        lead.unlink()
        self.assertEqual(self.card_west.contact_policy_id, self.shipped("prospect"))

    def test_condition_on_the_calendar(self):
        """A condition that becomes true by the day, without any save."""
        card = self.card_east
        policy = self.policy(domain="[('card_last_review', '<', 'today -30d')]")
        card.sudo().card_last_review = self.today
        self.env["res.partner"]._refresh_contacts()
        self.assertNotEqual(card.contact_policy_id, policy)
        with freeze_time(f"{self.today + timedelta(days=40)} 12:00:00"):
            self.env["customer.contact.policy"]._cron_refresh()
            self.assertEqual(card.contact_policy_id, policy)

    def test_field_with_a_value_for_each_company(self):
        """The company of the department decides."""
        company = self.env["res.company"].create({"name": "Cadence Abroad"})
        self.team_east.member_ids.company_ids += company
        self.manager_east.company_ids += company
        self.team_east.company_id = company
        policy = self.policy(domain="[('barcode', 'in', ('A', 'B'))]")
        self.card_east.with_company(company).barcode = "A"
        self.card_west.with_company(company).barcode = "B"
        self.env["res.partner"]._refresh_contacts()
        self.assertEqual(self.card_east.contact_policy_id, policy)
        self.assertNotEqual(self.card_west.contact_policy_id, policy)

    @mute_logger(POLICY)
    def test_policy_of_a_removed_field_applies_to_nothing(self):
        policy = self.policy()
        self.assertEqual(self.card_east.contact_policy_id, policy)
        self.env.cr.execute(
            "UPDATE customer_contact_policy SET domain = %s WHERE id = %s",
            ["[('abc_gone', '=', 'a')]", policy.id],
        )
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        self.env["customer.contact.policy"]._cron_refresh()
        self.assertEqual(self.card_east.contact_policy_id, self.shipped("customer"))
        self.assertTrue(policy.is_broken)

    def test_conditions_that_cannot_be(self):
        for domain in (
            "[('no_such_field', '=', 1)]",
            "[('name', 'nonsense', 1)]",
            "[('user_id', '=', uid)]",
            "[('contact_status', '=', 'overdue')]",
            "[('child_ids', 'any', [('last_contact_date', '=', False)])]",
        ):
            with self.subTest(domain=domain), self.assertRaises(ValidationError):
                self.policy(domain=domain)

    def test_without_policy(self):
        self.env["customer.contact.policy"].search([]).unlink()
        self.contact()
        self.assertFalse(self.card_east.contact_policy_id)
        self.assertFalse(self.card_east.contact_status)
        self.assertEqual(self.card_east.last_contact_date, self.today)
        self.env["res.partner"].search([], order="contact_urgency", limit=1)

    def test_before_the_first_contact_a_new_custodian_begins_anew(self):
        card = self.card_east
        self.env.cr.execute(
            "UPDATE res_partner SET contact_since = %s WHERE id = %s",
            [self.today - timedelta(days=90), card.id],
        )
        self.env.invalidate_all()
        self.env["res.partner"]._refresh_contacts(card.ids)
        self.assertEqual(card.contact_status, "overdue")
        card.card_custodian_id = self.deputy_east
        self.assertEqual(card.contact_since, self.today)
        self.assertEqual(card.contact_status, "due")
        self.contact(days_ago=50)
        card.card_custodian_id = self.custodian_east
        self.assertEqual(card.contact_status, "overdue")

    def test_merge_keeps_the_contacts(self):
        double = self.env["res.partner"].create({"name": "Alpha Food", "is_company": 1})
        double._open_cards(self.custodian_east)
        self.contact(double, 3)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.card_east | double).ids, self.card_east
        )
        self.assertEqual(
            self.card_east.last_contact_date, self.today - timedelta(days=3)
        )
        self.assertEqual(self.card_east.contact_status, "covered")

    def test_nobody_looks_better_by_writing(self):
        """What the system works out is no field of the custodian (M07)."""
        card = self.card_east.with_user(self.custodian_east)
        self.contact(days_ago=60)
        card.write(
            {
                "last_contact_date": self.today,
                "next_contact_due": self.today + timedelta(days=99),
                "contact_due_from": self.today + timedelta(days=99),
                "contact_since": self.today,
                "contact_policy_id": self.shipped("dormant").id,
                "contact_escalated_date": self.today,
                "city": "Ghent",
            }
        )
        self.assertEqual(card.city, "Ghent")
        self.assertEqual(card.contact_status, "overdue")
        self.assertEqual(card.contact_policy_id, self.shipped("customer"))
        self.assertFalse(card.contact_escalated_date)

    def test_policies_are_the_administrators(self):
        policy = self.shipped("customer")
        policy.with_user(self.card_admin).interval_number = 2
        self.assertEqual(policy.with_user(self.employee).name, "Customers")
        for user in (self.manager_east, self.custodian_east, self.employee):
            with self.assertRaises(AccessError):
                policy.with_user(user).interval_number = 3
            with self.assertRaises(AccessError):
                policy.with_user(user).action_refresh()
        policy.with_user(self.card_admin).action_refresh()


@tagged("post_install", "-at_install")
class TestCadenceSets(CadenceCase):
    """As many queries for a hundred cards as for one."""

    def open_cards(self, count):
        cards = self.env["res.partner"].create(
            [{"name": f"Set {n}", "is_company": True} for n in range(count)]
        )
        cards._open_cards(self.custodian_east)
        return cards

    def test_refresh(self):
        few, many = self.open_cards(1), self.open_cards(100)
        Partner = self.env["res.partner"]
        Partner._refresh_contacts()
        counts = [
            self.count_queries(lambda ids=ids: Partner._refresh_contacts(ids))
            for ids in (few.ids, many.ids)
        ]
        self.assertEqual(*counts)
        self.assertLessEqual(counts[0], 2)
        before = self.count_queries(Partner._refresh_contacts)
        self.open_cards(100)
        self.env.flush_all()
        self.assertEqual(self.count_queries(Partner._refresh_contacts), before)
        self.assertLessEqual(before, 4)

    def test_status_of_many(self):
        few, many = self.open_cards(1), self.open_cards(100)
        counts = [
            self.count_queries(
                lambda cards=cards: cards.mapped(
                    lambda card: (card.contact_status, card.contact_urgency)
                )
            )
            for cards in (few, many)
        ]
        self.assertEqual(*counts)

    def test_contacts_of_many(self):
        """One statement more, however many cards a transaction contacts."""
        few, many = self.open_cards(1), self.open_cards(100)
        for cards in (few, many):
            visits = self.env["customer.visit"]._log_contacts(
                [{"partner_id": card.id} for card in cards]
            )
            self.env.flush_all()
            queries = self.count_queries(
                lambda visits=visits: visits.sudo().write({"method": "letter"})
            )
            with self.subTest(cards=len(cards)):
                self.assertEqual(queries, self.queries_for_one(queries))
        self.assertEqual(set(many.mapped("contact_status")), {"covered"})

    def queries_for_one(self, queries):
        self.one = getattr(self, "one", queries)
        return self.one
