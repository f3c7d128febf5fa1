from odoo import Command
from odoo.tests.common import JsonRpcException

from .common import CustomerSegmentationCommon, CustomerSegmentationHttp


class TestAbcRules(CustomerSegmentationCommon):
    """O02: A closest, B looked after: classes feed contact policies and what is
    required of a card."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy_a = cls.env.ref(
            "customer_segmentation.customer_contact_policy_class_a"
        )
        cls.policy_b = cls.env.ref(
            "customer_segmentation.customer_contact_policy_class_b"
        )
        cls.policy_key = cls.env.ref(
            "customer_segmentation.customer_contact_policy_key"
        )
        cls.policy_all = cls.env.ref("customer_visit.customer_contact_policy_customer")
        cls.cards = cls.card_east | cls.card_west
        cls.cards.write({"card_kind": "customer"})

    def put_row(self, card, company=None, **values):
        """The figures of a card as a run of its company would leave them."""
        row = self.get_row(card, company)
        if row:
            row.write(values)
            return row
        return self.env["customer.metrics"].create(
            {
                "partner_id": card.id,
                "company_id": (company or self.company).id,
                "as_of": "2026-01-31",
                **values,
            }
        )

    def get_policies(self):
        self.env.flush_all()
        self.env["res.partner"]._refresh_contacts()
        return [card.contact_policy_id for card in self.cards]

    def test_policy_by_class(self):
        self.assertEqual(self.get_policies(), [self.policy_all, self.policy_all])
        self.put_row(self.card_east, abc_class="a")
        self.put_row(self.card_west, abc_class="b")
        self.assertEqual(self.get_policies(), [self.policy_a, self.policy_b])
        self.put_row(self.card_west, abc_class="c", is_key_customer=True)
        self.assertEqual(self.get_policies()[1], self.policy_key)

    def test_closer_policies(self):
        """O02: A is contacted more often than B, B more often than the others."""
        days = {spec[0]: spec[2] for spec in self.policy_a._get_specs()}
        self.assertLess(days[self.policy_a.id], days[self.policy_b.id])
        self.assertLess(days[self.policy_b.id], days[self.policy_all.id])

    def test_policy_of_the_departments_company(self):
        """A card is A where its department works; elsewhere that is no matter."""
        other = self.env["res.company"].create({"name": "Other"})
        self.put_row(self.card_east, other, abc_class="a")
        self.put_row(self.card_west, other, abc_class="a")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_team SET company_id = NULL WHERE id = %s",
            [self.team_west.id],
        )
        self.env.cr.execute(
            "UPDATE crm_team SET company_id = %s WHERE id = %s",
            [self.company.id, self.team_east.id],
        )
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        # west works for all companies
        self.assertEqual(self.get_policies(), [self.policy_all, self.policy_a])

    def test_policy_of_one_card(self):
        """Saving one card comes to the same as the night."""
        self.put_row(self.card_east, abc_class="a")
        self.env.flush_all()
        self.card_east.write({"card_kind": "customer"})
        self.card_east._contacts_changed()
        self.assertEqual(self.card_east.contact_policy_id, self.policy_a)

    def test_policies_follow_a_run(self):
        """O02: whose class changes is looked at anew with the same run."""
        self.policy_key.active = False
        self.make_invoice(self.card_east, 900, "2026-01-10")
        self.make_invoice(self.card_west, 60, "2026-01-10")
        self.make_invoice(self.free_partner, 40, "2026-01-10")
        self.refresh("2026-01-31")
        self.assertEqual(self.get_policies(), [self.policy_a, self.policy_b])
        self.make_invoice(self.card_west, 20_000, "2026-02-10")
        self.refresh("2026-02-28")
        self.assertEqual(self.card_west.contact_policy_id, self.policy_a)

    def test_first_run_asks_the_night(self):
        """The first run of a company finds classes for all: the scheduled actions of
        the rules look at the cards as soon as possible."""
        crons = self.env.ref(
            "customer_visit.customer_contact_policy_cron"
        ) | self.env.ref("customer_card.customer_card_requirement_cron")
        triggers = self.env["ir.cron.trigger"].search([])
        self.refresh("2026-01-31")
        asked = self.env["ir.cron.trigger"].search([]) - triggers
        self.assertEqual(asked.cron_id & crons, crons)
        triggers |= asked
        self.refresh("2026-02-28")
        asked = self.env["ir.cron.trigger"].search([]) - triggers
        self.assertFalse(asked.cron_id & crons)

    def test_requirement_of_a(self):
        """O02: of an A customer more has to be known."""
        required = self.env.ref(
            "customer_segmentation.customer_card_requirement_class_a_decision_maker"
        )
        self.card_east.invalidate_recordset()
        self.assertNotIn(
            required.id, [one["id"] for one in self.card_east.card_missing]
        )
        self.put_row(self.card_east, abc_class="a")
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertIn(required.id, [one["id"] for one in self.card_east.card_missing])
        self.card_east.child_ids = [
            Command.create({"name": "Dora Decides", "contact_role": "decision_maker"})
        ]
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertNotIn(
            required.id, [one["id"] for one in self.card_east.card_missing]
        )

    def test_requirement_scope(self):
        required = self.env["customer.card.requirement"].create(
            {
                "name": "Test",
                "field_id": self.env["ir.model.fields"]._get("res.partner", "ref").id,
                "scope": "class_a",
            }
        )
        self.assertEqual(required.domain, "[('abc_class', '=', 'a')]")

    def test_completeness_follows_a_run(self):
        self.make_invoice(self.card_east, 900, "2026-01-10")
        self.refresh("2026-01-31")
        self.env["res.partner"]._recompute_card_completeness()
        before = self.card_west.card_completeness
        self.make_invoice(self.card_west, 20_000, "2026-02-10")
        self.refresh("2026-02-28")
        self.assertLess(self.card_west.card_completeness, before)

    def test_key_of_the_context_opens_nothing(self):
        """P04: a client who asks like a rule sees what he sees anyway."""
        self.put_row(self.card_east, abc_class="a")
        self.put_row(self.free_partner, abc_class="a")
        partners = self.env["res.partner"].with_context(class_for_rule=True)
        found = partners.search([("abc_class", "=", "a")])
        self.assertIn(self.card_east, found)
        self.assertIn(self.free_partner, found)
        found = partners.with_user(self.custodian_west).search(
            [("abc_class", "=", "a")]
        )
        self.assertFalse(found & (self.card_east | self.free_partner))


class TestAbcHttp(CustomerSegmentationHttp):
    """P04: what classes say leaves through no door of the server."""

    def setUp(self):
        super().setUp()
        self.make_invoice(self.card_east, 900, "2026-01-10")
        self.make_invoice(self.card_west, 60, "2026-01-10")
        self.refresh("2026-01-31")
        self.make_invoice(self.card_west, 20_000, "2026-02-10")
        self.refresh("2026-02-28")
        self.refresh("2026-03-01")

    def call(self, model, method, args, **kwargs):
        return self.make_jsonrpc_request(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": args, "kwargs": kwargs},
        )

    def test_history_and_matrix(self):
        west = self.card_west.id
        for login, seen in (
            ("test_custodian_west", True),
            ("test_custodian_east", False),
        ):
            self.authenticate(login, login)
            for model in ("customer.segment.change", "customer.segment.migration"):
                with self.subTest(login=login, model=model):
                    rows = self.call(
                        model,
                        "search_read",
                        [[["dimension", "=", "abc"]], ["partner_id", "class_to"]],
                    )
                    found = {row["partner_id"][0] for row in rows}
                    self.assertEqual(west in found, seen)
                    groups = self.call(
                        model,
                        "formatted_read_group",
                        [[["dimension", "=", "abc"]], ["partner_id"], ["__count"]],
                    )
                    found = {group["partner_id"][0] for group in groups}
                    self.assertEqual(west in found, seen)

    def test_explanation(self):
        for login, seen in (
            ("test_regional_manager", True),
            ("test_custodian_east", False),
        ):
            self.authenticate(login, login)
            [card] = self.call(
                "res.partner",
                "web_read",
                [[self.card_east.id]],
                specification={"abc_explanation": {}},
                context={"allowed_company_ids": self.company.ids},
            )
            self.assertIn("Just above", card["abc_explanation"])
            self.assertEqual("Beta Tools" in card["abc_explanation"], seen)
            self.assertEqual("20,060" in card["abc_explanation"], seen)

    def test_written_by_nobody(self):
        self.authenticate("test_card_admin", "test_card_admin")
        change = self.env["customer.segment.change"].search([], limit=1)
        row = self.get_row(self.card_west)
        for record, values in (
            (change, {"value_to": "a"}),
            (row, {"abc_class": "c"}),
        ):
            before = record.read(list(values))
            with (
                self.subTest(model=record._name),
                self.assertRaisesRegex(JsonRpcException, "AccessError|UserError"),
            ):
                self.call(record._name, "write", [record.ids, values])
            record.invalidate_recordset()
            self.assertEqual(record.read(list(values)), before)
