from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import mute_logger

from odoo.addons.customer_card.exceptions import CardAccessError

from .common import CustomerSegmentationCommon


class TestKeyRules(CustomerSegmentationCommon):
    """P02: key customers by rules, prospects and future ones included."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Rule = cls.env["customer.key.rule"]
        cls.Rule.search([]).active = False
        cls.rule = cls.Rule.create(
            {
                "name": "Large prospect",
                "kind": "prospect",
                "domain": "[('card_kind', '=', 'prospect'),"
                " ('potential_amount', '>=', 1000)]",
            }
        )
        cls.make_invoice(cls.card_west, 900, "2026-01-05")
        (cls.card_east | cls.card_west).card_kind = "prospect"

    def test_prospect_by_potential(self):
        self.card_east.with_user(self.custodian_east).potential_amount = 2000
        self.card_west.potential_amount = 999
        self.refresh()
        self.assertRecordValues(
            self.get_row(self.card_east),
            [
                {
                    "is_key_customer": True,
                    "key_source": "rule",
                    "key_rule_id": self.rule.id,
                    "key_reason": "Large prospect",
                    "potential": 2000,
                }
            ],
        )
        self.assertFalse(self.get_row(self.card_west).is_key_customer)
        self.assertFalse(self.get_row(self.card_west).key_source)
        mine = self.rule.with_user(self.custodian_east).with_company(self.company)
        self.assertEqual(mine.customer_count, 1)
        card = self.card_east.with_company(self.company)
        self.assertTrue(card.is_key_customer)
        self.assertEqual(card.key_reason, "Large prospect")

    def test_present_by_class(self):
        """A condition may read the classes of this very run."""
        self.rule.domain = "[('abc_class', '=', 'a')]"
        self.refresh()
        self.assertTrue(self.get_row(self.card_west).is_key_customer)
        self.assertFalse(self.get_row(self.card_east).is_key_customer)

    def test_first_rule_is_named(self):
        self.card_east.potential_amount = 2000
        first = self.Rule.create(
            {
                "name": "Everybody in East",
                "sequence": 1,
                "domain": "[('ref', '=', 'ALPHA')]",
            }
        )
        self.refresh()
        self.assertEqual(self.get_row(self.card_east).key_rule_id, first)
        first.sequence = 99
        self.refresh()
        self.assertEqual(self.get_row(self.card_east).key_rule_id, self.rule)

    def test_rule_of_another_company(self):
        self.card_east.potential_amount = 2000
        self.rule.company_id = (self.env.companies - self.company)[:1]
        self.refresh()
        self.assertFalse(self.get_row(self.card_east).is_key_customer)
        self.rule.company_id = self.company
        self.refresh()
        self.assertTrue(self.get_row(self.card_east).is_key_customer)

    def test_rule_changes(self):
        """The scheduled action finds them anew when a rule has changed."""
        self.card_east.potential_amount = 2000
        self.refresh()
        cron = self.env.ref("customer_segmentation.customer_key_rule_cron")
        Trigger = self.env["ir.cron.trigger"]
        before = Trigger.search_count([("cron_id", "=", cron.id)])
        self.rule.domain = "[('potential_amount', '>=', 5000)]"
        self.assertGreater(Trigger.search_count([("cron_id", "=", cron.id)]), before)
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()
        self.assertFalse(self.get_row(self.card_east).is_key_customer)
        changes = self.env["customer.segment.change"].search(
            [("partner_id", "=", self.card_east.id), ("dimension", "=", "key")]
        )
        self.assertEqual(changes.mapped("value_to"), ["false"])

    def test_bad_rules(self):
        with self.assertRaisesRegex(ValidationError, "Large prospect"):
            self.rule.domain = "[('nonsense', '=', 1)]"
        with self.assertRaisesRegex(ValidationError, "cannot depend on"):
            self.rule.domain = "[('is_key_customer', '=', True)]"
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models"):
            self.rule.with_user(self.manager_east).domain = "[]"

    def test_broken_rule(self):
        """A rule that cannot be evaluated any more makes nobody a key customer, and
        stops no run."""
        self.card_east.potential_amount = 2000
        self.env.cr.execute(
            "UPDATE customer_key_rule SET domain = '[(''gone'', ''='', 1)]' WHERE id = %s",
            [self.rule.id],
        )
        self.env.invalidate_all()
        self.assertTrue(self.rule.is_broken)
        self.refresh()
        self.assertFalse(self.get_row(self.card_east).is_key_customer)

    def test_potential_is_stamped(self):
        """Who estimated, and when, is said by the system."""
        card = self.card_east.with_user(self.custodian_east).with_company(self.company)
        card.write({"potential_amount": 500, "potential_user_id": self.manager_west.id})
        self.assertEqual(card.potential_user_id, self.custodian_east)
        self.assertEqual(card.potential_date, self.custodian_east._card_today())
        self.assertEqual(card.potential_currency_id, self.company.currency_id)
        card.write({"potential_user_id": self.manager_west.id})
        self.assertEqual(card.potential_user_id, self.custodian_east)
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models"):
            self.card_east.with_user(self.custodian_west).potential_amount = 1

    def test_potential_in_another_currency(self):
        euro = self.env.ref("base.EUR") | self.env.ref("base.USD")
        other = (euro - self.company.currency_id)[:1]
        other.active = True
        self.env["res.currency.rate"].create(
            {
                "currency_id": other.id,
                "company_id": self.company.id,
                "name": "2020-01-01",
                "rate": 4.0,
            }
        )
        self.card_east.write(
            {"potential_amount": 2000, "potential_currency_id": other.id}
        )
        self.refresh()
        self.assertAlmostEqual(self.get_row(self.card_east).potential, 500)


class TestKeyMark(CustomerSegmentationCommon):
    """P02: a star set or taken away by hand comes before the rules."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["customer.key.rule"].search([]).active = False
        cls.rule = cls.env["customer.key.rule"].create(
            {"name": "Ours", "domain": "[('ref', '=', 'ALPHA')]"}
        )
        cls.refresh()

    def mark(self, user, card=None, is_key=False, reason="Merged with a rival"):
        """Through the dialog."""
        card = (card or self.card_east).with_user(user).with_company(self.company)
        action = card.action_key_star()
        return (
            self.env["customer.key.star"]
            .with_user(user)
            .with_company(self.company)
            .with_context(**action["context"])
            .create({"is_key": is_key, "reason": reason})
            .action_set()
        )

    def test_take_away_and_end(self):
        row = self.get_row(self.card_east)
        self.assertTrue(row.is_key_customer)
        self.mark(self.custodian_east)
        self.assertRecordValues(
            row,
            [
                {
                    "is_key_customer": False,
                    "key_source": "manual",
                    "key_reason": "Merged with a rival",
                }
            ],
        )
        self.assertIn("key_unmarked", self.get_kinds(self.card_east))
        change = self.env["customer.segment.change"].search(
            [("partner_id", "=", self.card_east.id), ("dimension", "=", "key")]
        )
        self.assertRecordValues(
            change,
            [
                {
                    "value_from": "true",
                    "value_to": "false",
                    "reason": "Merged with a rival",
                }
            ],
        )
        # the rules do not bring it back, and a run records nothing anew
        self.refresh()
        self.assertFalse(row.is_key_customer)
        self.mark(self.custodian_east, is_key=True, reason="Back")
        self.assertTrue(row.is_key_customer)
        mark = self.env["customer.key.mark"].search(
            [("partner_id", "=", self.card_east.id), ("date_ended", "=", False)]
        )
        self.assertEqual(mark.reason, "Back")
        with self.assertRaises(AccessError):
            mark.with_user(self.custodian_west).action_end()
        mark.with_user(self.custodian_east).action_end()
        self.assertEqual(row.key_source, "rule")

    def test_policies_follow(self):
        """Who gets a star is contacted as often as key customers, at once."""
        policy = self.env["customer.contact.policy"].create(
            {
                "name": "Stars of the test",
                "sequence": -100,
                "domain": "[('is_key_customer', '=', True)]",
                "interval_number": 3,
                "interval_type": "day",
            }
        )
        self.assertEqual(self.card_east.contact_policy_id, policy)
        self.assertNotEqual(self.card_west.contact_policy_id, policy)
        self.mark(self.custodian_east)
        self.mark(self.custodian_west, self.card_west, True)
        self.env.invalidate_all()
        self.assertNotEqual(self.card_east.contact_policy_id, policy)
        self.assertEqual(self.card_west.contact_policy_id, policy)

    def test_set_without_figures(self):
        """A card of today has no figures yet: they are computed for it."""
        card = self.env["res.partner"].create(
            {"name": "New Prospect", "user_id": self.custodian_east.id}
        )
        card._open_cards()
        self.assertFalse(self.get_row(card))
        self.mark(self.custodian_east, card, True, "Builds a second plant")
        self.assertTrue(self.get_row(card).is_key_customer)

    def test_who(self):
        self.mark(self.manager_east, is_key=True)
        for user in (
            self.custodian_west,
            self.manager_west,
            self.employee,
            self.reader,
        ):
            with (
                self.subTest(user=user.name),
                self.assertRaises(AccessError),
                mute_logger("odoo.addons.base.models"),
            ):
                self.mark(user)
        self.assertTrue(self.get_row(self.card_east).is_key_customer)

    def test_borrower(self):
        self.lend_card(self.custodian_west, self.card_east)
        with self.assertRaises(CardAccessError):
            self.mark(self.custodian_west)

    def test_bad_values(self):
        with self.assertRaisesRegex(UserError, "Alpha"):
            self.mark(self.custodian_east, reason=" ")
        with self.assertRaisesRegex(UserError, "Free Supplier"):
            self.mark(self.card_admin, self.free_partner)

    def test_written_by_methods_alone(self):
        self.mark(self.custodian_east)
        mark = self.env["customer.key.mark"].search(
            [("partner_id", "=", self.card_east.id)]
        )
        for user in (self.custodian_east, self.card_admin):
            with self.subTest(user=user.name), mute_logger("odoo.addons.base.models"):
                with self.assertRaises(AccessError):
                    mark.with_user(user).is_key = True
                with self.assertRaises(AccessError):
                    self.env["customer.key.mark"].with_user(user).create(
                        {"partner_id": self.card_east.id}
                    )
                with self.assertRaises(AccessError):
                    self.get_row(self.card_east).with_user(user).is_key_customer = True
        self.assertFalse(
            self.env["customer.key.mark"]
            .with_user(self.custodian_west)
            .with_company(self.company)
            .search([("partner_id", "=", self.card_east.id)])
        )

    def test_lead(self):
        """The star on an opportunity is for those who may open the card."""
        lead = self.env["crm.lead"].create(
            {
                "name": "Order",
                "partner_id": self.contact_east.id,
                "type": "opportunity",
                "user_id": self.custodian_west.id,
                "company_id": self.company.id,
            }
        )
        (self.custodian_east | self.custodian_west).group_ids += self.env.ref(
            "sales_team.group_sale_salesman_all_leads"
        )
        for user, seen in ((self.custodian_east, True), (self.custodian_west, False)):
            with self.subTest(user=user.name):
                mine = lead.with_user(user).with_company(self.company)
                self.assertEqual(mine.is_key_customer, seen)
                self.assertEqual(bool(mine.key_reason), seen)
                self.assertEqual(bool(mine.key_partner_id), seen)
                self.assertEqual(
                    bool(
                        mine.search(
                            [("id", "=", lead.id), ("is_key_customer", "=", True)]
                        )
                    ),
                    seen,
                )
        admin = lead.with_company(self.company)
        self.assertFalse(
            admin.search([("id", "=", lead.id), ("is_key_customer", "=", False)])
        )

    def test_queries(self):
        """A hundred stars are set by as many queries as one."""
        partners = self.env["res.partner"].create(
            [
                {"name": f"Card {number}", "user_id": self.custodian_east.id}
                for number in range(101)
            ]
        )
        partners._open_cards()
        self.refresh()
        keys = iter((True, False, True))

        def mark(count):
            self.env["customer.key.mark"]._set_mark(
                partners[:count], self.company, next(keys), "Why"
            )

        one, hundred = self.count_queries(mark)
        self.assertLessEqual(hundred, one + 3)
