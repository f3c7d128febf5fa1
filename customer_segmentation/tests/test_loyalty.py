from datetime import date, timedelta

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tools import mute_logger

from .common import CustomerSegmentationCommon

AS_OF = date(2026, 6, 30)


class TestLoyalty(CustomerSegmentationCommon):
    """O01, O04: five measures, each with its evidence, and the class that follows."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.card = cls.card_west
        cls.company.loyalty_min_measures = 1

    def buy(self, *days):
        for day in days:
            self.make_invoice(self.card, 100, day)

    def order(self, day, decided_after=0, discount=0.0):
        """An order confirmed on ``day``, quoted so many days before."""
        order = self.make_order(
            self.card,
            100,
            day,
            order_line=[
                Command.create(
                    {
                        "product_id": self.product.id,
                        "product_uom_qty": 1,
                        "price_unit": 100,
                        "discount": discount,
                        "tax_ids": [Command.clear()],
                    }
                )
            ],
        )
        order.flush_recordset()
        self.env.cr.execute(
            "UPDATE sale_order SET create_date = date_order - %s WHERE id = %s",
            [timedelta(days=decided_after), order.id],
        )
        return order

    def measure(self, as_of=AS_OF):
        """:return: the figures, as of that day"""
        self.refresh(as_of)
        return self.get_row(self.card)

    # ------------------------------------------------------------
    # MEASURES
    # ------------------------------------------------------------

    def test_repeat(self):
        """The very first purchase is none, a day is one, the window counts."""
        self.buy("2026-01-05", "2026-01-05", "2026-02-05", "2026-03-05")
        row = self.measure()
        self.assertEqual((row.loyalty_repeats, row.loyalty_repeat_score), (2, 50))
        self.buy("2024-01-05")
        row = self.measure()
        self.assertEqual((row.loyalty_repeats, row.loyalty_repeat_score), (3, 75))
        self.buy("2026-04-05", "2026-05-05")
        self.assertEqual(self.measure().loyalty_repeat_score, 100)

    def test_decision(self):
        self.assertEqual(self.measure().orders, 0)
        self.order("2026-02-05", decided_after=3)
        self.assertAlmostEqual(self.measure().loyalty_decision_score, 100)
        self.order("2026-03-05", decided_after=30)
        row = self.measure()
        self.assertAlmostEqual(row.decision_days, 16.5)
        self.assertAlmostEqual(row.loyalty_decision_score, 50)
        self.order("2026-03-06", decided_after=60)
        self.order("2026-03-07", decided_after=60)
        self.assertAlmostEqual(self.measure().loyalty_decision_score, 0)

    def test_price(self):
        """Half of the lines with a discount, 10 % of everything: (1/2 + 10/20) / 2."""
        self.order("2026-02-05")
        row = self.measure()
        self.assertEqual((row.order_lines, row.loyalty_price_score), (1, 100))
        self.order("2026-02-06", discount=20)
        row = self.measure()
        self.assertEqual((row.order_lines, row.order_lines_discounted), (2, 1))
        self.assertAlmostEqual(row.loyalty_price_score, 50)
        # a quotation and an order beyond the window tell nothing
        self.order("2024-02-06", discount=50)
        self.order("2026-02-06", discount=50).state = "sent"
        self.assertAlmostEqual(self.measure().loyalty_price_score, 50)

    def test_competitors(self):
        """The mean of what is known: attitude to brands, to each brand, share left."""
        self.assertEqual(self.measure().competitor_answers, 0)
        self.card.brand_attitude = "loyal"
        row = self.measure()
        self.assertEqual(
            (row.competitor_answers, row.loyalty_competitor_score), (1, 100)
        )
        Competitor = self.env["customer.card.competitor"]
        Competitor.create(
            [
                {"partner_id": self.card.id, "brand": "One", "attitude": "rejects"},
                {
                    "partner_id": self.contact_west.id,
                    "brand": "Two",
                    "attitude": "prefers",
                },
            ]
        )
        row = self.measure()
        self.assertEqual(
            (row.competitor_answers, row.loyalty_competitor_score), (3, 75)
        )
        Competitor.create(
            {"partner_id": self.card.id, "brand": "Three", "spend_share": 40.0}
        )
        row = self.measure()
        self.assertEqual(row.competitor_answers, 4)
        self.assertAlmostEqual(row.loyalty_competitor_score, (100 + 50 + 60) / 3)
        Competitor.search([("brand", "=", "Two")]).action_strike_out()
        row = self.measure()
        self.assertAlmostEqual(row.loyalty_competitor_score, (100 + 100 + 60) / 3)

    def test_competitor_seen_at_a_visit(self):
        """What a visit saw counts from its report on, once."""
        visit = self.make_visit(self.card, self.custodian_west)
        self.env["customer.visit.competitor"].with_user(self.custodian_west).create(
            {"visit_id": visit.id, "brand": "Seen", "attitude": "accepts"}
        )
        today = self.company._get_metrics_today()
        self.assertEqual(self.measure(today).competitor_answers, 0)
        self.report_visit(visit)
        row = self.measure(today)
        self.assertEqual(
            (row.competitor_answers, row.loyalty_competitor_score), (1, 25)
        )

    def test_incidents(self):
        """Bought again in time, too late, on the same day, and too early to tell."""
        self.make_invoice(self.card, -10, "2026-01-10")
        self.make_invoice(self.card, -10, "2026-01-10")
        self.buy("2026-01-10")
        row = self.measure(date(2026, 1, 31))
        self.assertEqual((row.incidents, row.incidents_judged), (1, 0))
        self.buy("2026-04-10")
        row = self.measure(date(2026, 4, 9))
        self.assertEqual((row.incidents_judged, row.incidents_tolerated), (0, 0))
        # the 90th day
        row = self.measure(date(2026, 4, 10))
        self.assertEqual((row.incidents_judged, row.incidents_tolerated), (1, 1))
        self.assertEqual(row.loyalty_incident_score, 100)
        self.make_invoice(self.card, -10, "2025-09-01")
        row = self.measure()
        self.assertEqual((row.incidents, row.incidents_judged), (2, 2))
        self.assertEqual(row.loyalty_incident_score, 50)

    def test_incidents_when_orders_count(self):
        self.company.metrics_basis = "ordered"
        self.make_invoice(self.card, -10, "2026-01-10")
        self.buy("2026-02-01")
        self.assertEqual(self.measure().incidents_tolerated, 0)
        self.order("2026-02-01")
        self.assertEqual(self.measure().incidents_tolerated, 1)

    # ------------------------------------------------------------
    # THE CLASS
    # ------------------------------------------------------------

    def test_quadrants(self):
        for attitude, days, kind, loyalty in (
            ("loyal", 5, "true", "loyal"),
            ("switcher", 5, "spurious", "switcher"),
            ("loyal", 2, "latent", "switcher"),
            ("switcher", 2, "none", "none"),
        ):
            with self.subTest(kind=kind):
                self.card = self.env["res.partner"].create(
                    {
                        "name": f"Quadrant {kind}",
                        "user_id": self.custodian_west.id,
                        "brand_attitude": attitude,
                    }
                )
                self.card._open_cards()
                self.buy(*(f"2026-0{month}-05" for month in range(1, days + 1)))
                row = self.measure()
                self.assertEqual(row.loyalty_kind, kind)
                self.assertEqual(row.loyalty_class, loyalty)

    def test_missing_evidence_is_not_guessed(self):
        self.card.brand_attitude = "loyal"
        self.assertFalse(self.measure().loyalty_class, "never bought")
        self.card.brand_attitude = False
        self.buy("2026-01-05", "2026-02-05", "2026-03-05", "2026-04-05")
        row = self.measure()
        self.assertFalse(row.loyalty_class, "nothing known about his attitude")
        self.assertEqual(row.loyalty_measures, 0)
        self.card.brand_attitude = "loyal"
        self.assertEqual(self.measure().loyalty_class, "loyal")
        self.company.loyalty_min_measures = 2
        self.assertFalse(self.measure().loyalty_class)

    def test_weights(self):
        """Competitors weigh 2, prices and decisions 1."""
        self.card.brand_attitude = "switcher"
        self.order("2026-02-05")
        row = self.measure()
        self.assertEqual(row.loyalty_measures, 3)
        self.assertAlmostEqual(row.loyalty_attitude, (100 + 100 + 2 * 0) / 4)
        self.company.loyalty_weight_competitor = 0
        row = self.measure()
        self.assertEqual((row.loyalty_measures, row.loyalty_attitude), (2, 100))

    def test_history(self):
        """A14: a change of class is kept with the figures behind it."""
        self.card.brand_attitude = "loyal"
        self.buy("2026-01-05", "2026-02-05", "2026-03-05")
        self.measure(date(2026, 2, 28))
        self.measure()
        change = self.env["customer.segment.change"].search(
            [("partner_id", "=", self.card.id), ("dimension", "=", "loyalty")]
        )
        self.assertRecordValues(
            change,
            [{"value_from": "switcher", "value_to": "loyal", "purchase_days": 3}],
        )

    def test_complaints_join_by_a_hook(self):
        """Whatever is an incident besides credit notes comes in by one method."""
        Metrics = self.env.registry["customer.metrics"]
        queries = Metrics._get_incident_queries
        self.patch(
            Metrics,
            "_get_incident_queries",
            lambda metrics, run: [
                *queries(metrics, run),
                # as many as there are customers: any table will do
                metrics.env["res.partner"]
                ._search([("id", "=", self.card.id)])
                .select("id AS partner_id, DATE '2026-03-01' AS date"),
            ],
        )
        self.assertEqual(self.measure().incidents, 1)

    # ------------------------------------------------------------
    # EVIDENCE
    # ------------------------------------------------------------

    def test_evidence_is_shown(self):
        self.buy("2026-01-05", "2026-02-05")
        self.order("2026-02-05", discount=20)
        row = self.measure()
        evidence = row.loyalty_evidence
        measures = {one["code"]: one for one in evidence["measures"]}
        self.assertEqual(
            list(measures), ["repeat", "decision", "price", "competitor", "incident"]
        )
        self.assertEqual(measures["repeat"]["score"], 25)
        self.assertIn("1 of 1 lines", measures["price"]["finding"])
        # missing evidence is said
        for code in ("competitor", "incident"):
            self.assertIs(measures[code]["score"], False)
            self.assertIn("No evidence", measures[code]["finding"])
            self.assertFalse(measures[code]["link"])
        card = self.card.with_company(self.company)
        self.assertEqual(card.loyalty_evidence, evidence)
        for code, model, count in (
            ("repeat", "account.move", 2),
            ("decision", "sale.order", 1),
            ("price", "sale.order.line", 1),
            ("incident", "account.move", 0),
            ("competitor", "customer.card.competitor", 0),
        ):
            action = row.action_loyalty_evidence(code)
            self.assertEqual(action["res_model"], model)
            self.assertEqual(self.env[model].search_count(action["domain"]), count)
        with self.assertRaises(UserError):
            row.action_loyalty_evidence("nonsense")

    def test_evidence_by_rights(self):
        """Who may not read invoices has no way to them; who may not see the card reads
        nothing."""
        self.buy("2026-01-05", "2026-02-05")
        row = self.measure()
        mine = row.with_user(self.custodian_west)
        links = {one["code"]: one["link"] for one in mine.loyalty_evidence["measures"]}
        self.assertEqual(
            links["repeat"],
            self.env["account.move"].with_user(self.custodian_west).has_access("read"),
        )
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models"):
            row.with_user(self.custodian_east).read(["loyalty_evidence"])
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models"):
            row.with_user(self.custodian_east).action_loyalty_evidence("repeat")

    def test_settings_are_checked(self):
        for name, value in (
            ("loyalty_repeat_target", 0),
            ("loyalty_decision_slow", 1),
            ("loyalty_weight_price", -1),
            ("adopter_share", 0),
            ("lifecycle_override_days", 0),
        ):
            with (
                self.subTest(name=name),
                self.assertRaises(IntegrityError),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                self.company[name] = value
                self.company.flush_recordset()
            self.env.invalidate_all()


class TestEarlyAdopters(CustomerSegmentationCommon):
    """O01: the first users of new products."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customers = cls.env["res.partner"].create(
            [
                {"name": f"Buyer {number}", "user_id": cls.custodian_east.id}
                for number in range(6)
            ]
        )
        cls.customers._open_cards()
        # the books begin long before
        cls.make_invoice(cls.customers[5], 10, "2025-01-05")
        cls.new = cls.env["product.product"].create(
            {"name": "Novelty", "taxes_id": False}
        )

    def sell(self, customer, day):
        self.make_invoice(
            customer,
            10,
            day,
            invoice_line_ids=[
                Command.create(
                    {
                        "product_id": self.new.id,
                        "quantity": 1,
                        "price_unit": 10,
                        "tax_ids": [Command.clear()],
                    }
                )
            ],
        )

    def get_adopters(self):
        self.refresh(AS_OF)
        rows = self.env["customer.metrics"].search(
            [("company_id", "=", self.company.id), ("is_early_adopter", "=", True)]
        )
        adoptions = self.env["customer.early.adoption"].search(
            [("company_id", "=", self.company.id)]
        )
        self.assertEqual(rows.partner_id, adoptions.partner_id)
        return rows.partner_id

    def test_first(self):
        for number, customer in enumerate(self.customers):
            self.sell(customer, date(2026, 2, 1) + timedelta(days=number))
        self.assertEqual(self.get_adopters(), self.customers[0])
        self.assertRecordValues(
            self.env["customer.early.adoption"].search(
                [("partner_id", "=", self.customers[0].id)]
            ),
            [
                {
                    "product_id": self.new.id,
                    "product_first_sale": date(2026, 2, 1),
                    "days_after": 0,
                    "earlier_buyers": 0,
                    "buyers": 6,
                }
            ],
        )
        # a wider share takes in the next one, equals stand together
        self.company.adopter_share = 17
        self.assertEqual(self.get_adopters(), self.customers[:2])
        self.company.adopter_min_products = 2
        self.refresh(AS_OF)
        self.assertFalse(self.get_row(self.customers[0]).is_early_adopter)

    def test_night_with_few_new_documents(self):
        """Who was early is found anew, though only the purchases of some customers are
        computed."""
        for customer in self.customers[:4]:
            self.sell(customer, date(2026, 2, 1))
        self.refresh(AS_OF - timedelta(days=1))
        self.sell(self.customers[4], date(2026, 2, 3))
        self.refresh(AS_OF)
        self.assertTrue(self.get_row(self.customers[0]).is_early_adopter)
        self.assertFalse(self.get_row(self.customers[4]).is_early_adopter)

    def test_too_few_or_all_at_once(self):
        for customer in self.customers[:4]:
            self.sell(customer, date(2026, 2, 1))
        self.assertFalse(self.get_adopters(), "four customers show nothing")
        self.sell(self.customers[4], date(2026, 2, 1))
        self.assertFalse(self.get_adopters(), "nobody came later")
        self.sell(self.customers[5], date(2026, 5, 1))
        self.assertEqual(self.get_adopters(), self.customers[:5])

    def test_not_new(self):
        """What was sold when the books begin, or is on sale for long, is not new."""
        for number, customer in enumerate(self.customers):
            self.sell(customer, date(2025, 3, 1) + timedelta(days=number))
        self.assertFalse(self.get_adopters(), "sold when the books begin")
        self.company.adopter_days = 30
        self.assertEqual(self.get_adopters(), self.customers[0])
        self.company.adopter_months = 12
        self.assertFalse(self.get_adopters(), "on sale for more than a year")

    def test_late(self):
        self.company.adopter_share = 50
        self.company.adopter_days = 10
        for customer, day in zip(self.customers, (1, 2, 20, 21, 22, 23), strict=True):
            self.sell(customer, date(2026, 2, day))
        self.assertEqual(self.get_adopters(), self.customers[:2])

    def test_hidden(self):
        for number, customer in enumerate(self.customers):
            self.sell(customer, date(2026, 2, 1) + timedelta(days=number))
        self.refresh(AS_OF)
        Adoption = self.env["customer.early.adoption"]
        self.assertTrue(
            Adoption.with_user(self.custodian_east)
            .with_company(self.company)
            .search([])
        )
        self.assertFalse(
            Adoption.with_user(self.custodian_west)
            .with_company(self.company)
            .search([])
        )
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models"):
            Adoption.with_user(self.card_admin).search([], limit=1).days_after = 3
