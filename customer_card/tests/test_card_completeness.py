from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from .common import CustomerCardCommon


class CompletenessWorld(CustomerCardCommon):
    """The only requirements: a phone of everybody (3), a handler who can be reached
    (1) of organisations, a city (1) of prospects."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Requirement = cls.env["customer.card.requirement"]
        cls.Requirement.search([]).active = False
        cls.phone = cls.make_requirement("Phone", "phone", 3)
        cls.handler = cls.make_requirement(
            "A handler",
            "child_ids",
            1,
            domain="[('is_company', '=', True)]",
            relation_domain="[('contact_role', '=', 'handler')]",
        )
        cls.city = cls.make_requirement(
            "City", "city", 1, domain="[('card_kind', '=', 'prospect')]"
        )
        cls.Partner = cls.env["res.partner"]
        cls.Partner._recompute_card_completeness()

    @classmethod
    def make_requirement(cls, name, field_name, weight, **values):
        return cls.Requirement.create(
            {
                "name": name,
                "field_id": cls.env["ir.model.fields"]
                ._get("res.partner", field_name)
                .id,
                "weight": weight,
                **values,
            }
        )

    def stored(self, partner):
        """:return: what stands in the database, None when nothing is required"""
        self.env.flush_all()
        [(value,)] = self.env.execute_query(
            SQL("SELECT card_completeness FROM res_partner WHERE id = %s", partner.id)
        )
        return value

    def missing(self, partner):
        return [one["name"] for one in partner.card_missing]


@tagged("post_install", "-at_install")
class TestCardCompleteness(CompletenessWorld):
    """How much of what is required a card holds (M07, A11, A12)."""

    # what counts

    def test_completeness_is_the_share_of_the_weights(self):
        # phone 3 of 3 + handler 1 + city 1
        self.assertEqual(self.card_east.card_kind, "prospect")
        self.assertEqual(self.card_east.card_completeness, 60)
        self.assertEqual(self.missing(self.card_east), ["A handler", "City"])
        # Beta Tools has no phone, and neither of the others
        self.assertEqual(self.card_west.card_completeness, 0)
        self.assertTrue(self.card_west.card_is_incomplete)

    def test_a_save_counts_at_once(self):
        self.card_east.write({"city": "Ghent"})
        self.assertEqual(self.card_east.card_completeness, 80)
        self.contact_east.contact_role = "handler"
        self.assertEqual(self.card_east.card_completeness, 100)
        self.assertFalse(self.card_east.card_is_incomplete)
        self.assertFalse(self.card_east.card_missing)
        self.contact_east.action_archive()
        self.assertEqual(self.card_east.card_completeness, 80, "struck out")

    def test_a_handler_below_a_delivery_address_is_a_contact_of_the_card(self):
        self.Partner.create(
            {
                "name": "Hal",
                "parent_id": self.address_east.id,
                "contact_role": "handler",
            }
        )
        self.assertEqual(self.missing(self.card_east), ["City"])

    def test_an_entry_of_a_list_counts_at_once(self):
        self.make_requirement("A competitor", "competitor_ids", 5)
        self.assertEqual(self.card_east.card_completeness, 60, "not yet")
        self.Partner._recompute_card_completeness()
        self.assertEqual(self.card_east.card_completeness, 30)
        competitor = self.env["customer.card.competitor"].create(
            {"partner_id": self.card_east.id, "brand": "Other"}
        )
        self.assertEqual(self.card_east.card_completeness, 80)
        competitor.action_strike_out()
        self.assertEqual(self.card_east.card_completeness, 30, "no longer true")

    def test_blanks_and_empty_editors_are_nothing(self):
        self.make_requirement("Notes", "comment", 5)
        for value, missing in (
            ("<p><br></p>", True),
            ("<p>  </p>", True),
            ("<p>Buys in <b>May</b></p>", False),
        ):
            self.card_west.comment = value
            self.assertEqual("Notes" in self.missing(self.card_west), missing, value)
        self.card_west.phone = "  "
        self.assertIn("Phone", self.missing(self.card_west))

    def test_a_tag_counts(self):
        self.make_requirement("A tag", "category_id", 1)
        self.assertIn("A tag", self.missing(self.card_west))
        self.card_west.category_id = [Command.create({"name": "Steel"})]
        self.assertNotIn("A tag", self.missing(self.card_west))

    def test_an_address_book_has_no_completeness(self):
        self.assertIsNone(self.stored(self.free_partner))
        self.assertIsNone(self.stored(self.contact_east))
        self.free_partner.phone = "1"
        self.assertIsNone(self.stored(self.free_partner))

    def test_nothing_required_is_not_zero(self):
        (self.phone | self.handler | self.city).active = False
        self.Partner._recompute_card_completeness()
        self.assertIsNone(self.stored(self.card_east))
        self.assertFalse(self.card_east.card_is_incomplete)
        self.assertFalse(
            self.Partner.search(
                [("card_is_incomplete", "=", True), ("id", "=", self.card_east.id)]
            )
        )

    def test_a_new_card_is_measured_when_it_is_opened(self):
        self.assertIsNone(self.stored(self.free_partner))
        self.free_partner._open_cards(self.custodian_east)
        self.assertEqual(self.free_partner.card_completeness, 0)

    # search and averages

    def test_incomplete_cards_are_found_and_averaged(self):
        cards = self.card_east | self.card_west
        self.card_east.write({"city": "Ghent", "phone": "1"})
        self.contact_east.contact_role = "handler"
        domain = [("id", "in", cards.ids)]
        found = self.Partner.search([*domain, ("card_is_incomplete", "=", True)])
        self.assertEqual(found, self.card_west)
        rest = self.Partner.search([*domain, ("card_is_incomplete", "=", False)])
        self.assertEqual(rest, self.card_east)
        [(average,)] = self.Partner._read_group(domain, [], ["card_completeness:avg"])
        self.assertEqual(average, 50)

    # for the table at once

    def test_all_cards_cost_as_many_queries_as_one(self):
        self.make_many(99)
        self.env.invalidate_all()
        counts = []
        for cards in (self.card_east, self.Partner.search([("ref", "=", "MANY")])):
            self.env.execute_query(
                SQL(
                    "UPDATE res_partner SET card_completeness = 1 WHERE id = ANY(%s)"
                    " RETURNING id",
                    cards.ids,
                )
            )
            before = self.env.cr.sql_log_count
            self.assertEqual(self.Partner._recompute_card_completeness(), len(cards))
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    def test_a_batch_of_saves_costs_as_many_queries_as_one(self):
        cards = self.make_many(100)
        self.make_requirement("Products", "main_products", 4)
        self.count_extra_queries(cards)  # what is cached from now on
        self.assertEqual(
            self.count_extra_queries(cards[:1]), self.count_extra_queries(cards)
        )
        self.assertEqual(set(cards.mapped("card_completeness")), {50})

    def test_missing_of_a_page_is_one_statement(self):
        cards = self.make_many(100)
        counts = []
        for batch in (cards[:1], cards):
            self.env.invalidate_all()
            batch.mapped("card_state")
            before = self.env.cr.sql_log_count
            batch.mapped("card_missing")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    def make_many(self, count):
        cards = self.Partner.create(
            [{"name": f"Many {index}", "ref": "MANY"} for index in range(count)]
        )
        cards._open_cards(self.custodian_west)
        self.env.flush_all()
        return cards

    # requirements

    def test_a_change_of_requirements_is_computed_soon(self):
        cron = self.env.ref("customer_card.customer_card_requirement_cron")
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        triggers.unlink()
        self.phone.name = "Telephone"
        self.assertFalse(triggers.search([("cron_id", "=", cron.id)]), "only a name")
        self.phone.weight = 8
        self.assertTrue(triggers.search([("cron_id", "=", cron.id)]))
        self.assertEqual(self.card_east.card_completeness, 60)
        self.Partner._cron_card_completeness()
        self.assertEqual(self.card_east.card_completeness, 80)
        self.Partner._cron_card_completeness()
        self.assertEqual(self.card_east.card_completeness, 80)

    def test_a_quick_scope_is_a_stored_domain(self):
        self.assertEqual(self.handler.scope, "organisation")
        self.assertEqual(self.phone.scope, "all")
        self.handler.scope = "person"
        self.assertEqual(self.handler.domain, "[('is_company', '=', False)]")
        self.handler.domain = "[('lang', '=', 'fr_FR')]"
        self.assertEqual(self.handler.scope, "other")

    def test_what_cannot_be_evaluated_is_refused(self):
        for domain in (
            "[('nonsense', '=', 1)]",
            "[('name', 'like'",
            "[('card_state', '=', uid)]",
            "__import__('os')",
            "[('is_company', '=', True), '|']",
        ):
            with (
                self.assertRaisesRegex(ValidationError, "Phone: the condition"),
                self.env.cr.savepoint(),
                mute_logger("odoo.sql_db"),
            ):
                self.phone.domain = domain
        with self.assertRaisesRegex(ValidationError, "A handler: the condition"):
            self.handler.relation_domain = "[('nonsense', '=', 1)]"

    def test_a_field_that_nobody_fills_in_is_refused(self):
        for name in ("active", "display_name", "card_is_stale", "image_1920"):
            with self.assertRaisesRegex(ValidationError, "cannot be required"):
                self.make_requirement("Wrong", name, 1)

    def test_only_administrators_say_what_is_required(self):
        as_admin = self.Requirement.with_user(self.card_admin)
        as_admin.browse(self.phone.id).weight = 4
        self.assertEqual(as_admin.action_recompute()["tag"], "display_notification")
        for user in (self.custodian_east, self.manager_east, self.reader):
            as_user = self.Requirement.with_user(user)
            with self.assertRaises(AccessError):
                as_user.browse(self.phone.id).weight = 5
            with self.assertRaises(AccessError):
                as_user.action_recompute()

    def test_nobody_writes_the_completeness_himself(self):
        card = self.card_east.with_user(self.custodian_east)
        measured = {
            "card_completeness": 100,
            "card_last_update": "2046-01-01 00:00:00",
            "card_last_confirmed": "2046-01-01 00:00:00",
            "card_last_review": "2046-01-01",
        }
        card.write(dict(measured))
        new = card.create({"name": "New", **measured})
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self.card_east.card_completeness, 60)
        for name in measured:
            self.assertNotIn("2046", str(self.card_east[name]), name)
            self.assertFalse(new[name], name)

    # what is shipped

    def test_the_shipped_requirements_can_be_evaluated(self):
        shipped = self.Requirement.with_context(active_test=False).search(
            [("id", "in", self.shipped_ids())]
        )
        self.assertGreater(len(shipped), 15)
        shipped.active = True
        shipped._check_field_id()
        shipped._check_domains()
        self.Partner._recompute_card_completeness()
        self.assertIn("Industry", self.missing(self.card_east))
        self.assertNotIn("Occupation", self.missing(self.card_east))
        person = self.Partner.create({"name": "Pia", "is_company": False})
        person._open_cards(self.custodian_east)
        self.assertIn("Occupation", self.missing(person))
        self.assertNotIn("Industry", self.missing(person))

    def shipped_ids(self):
        return (
            self.env["ir.model.data"]
            .search(
                [
                    ("module", "=", "customer_card"),
                    ("model", "=", self.Requirement._name),
                ]
            )
            .mapped("res_id")
        )
