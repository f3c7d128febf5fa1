import random
from datetime import date, timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from ..tools import prediction
from .common import CustomerSegmentationCommon


class TestNextSale(CustomerSegmentationCommon):
    """O07: what he stopped buying, what customers like him buy, one click to a
    quotation."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.today()
        cls.company.write({"affinity_min_customers": 2, "affinity_min_lift": 1.2})
        cls.bread, cls.butter, cls.salt, cls.fish = cls.env["product.product"].create(
            [
                {"name": name, "list_price": 10, "taxes_id": False}
                for name in ("Bread", "Butter", "Salt", "Fish")
            ]
        )
        cls.others = cls.env["res.partner"].create(
            [{"name": f"Shop {number}", "is_company": True} for number in range(4)]
        )
        group = cls.env.ref("sales_team.group_sale_salesman")
        (cls.custodian_east | cls.custodian_west).group_ids |= group

    def sell(self, partner, product, *days_ago, quantity=3):
        for days in days_ago:
            self.make_invoice(
                partner,
                1,
                self.today - timedelta(days=days),
                invoice_line_ids=[
                    Command.create(
                        {
                            "product_id": product.id,
                            "quantity": quantity,
                            "price_unit": 10,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
            )

    def compute(self, as_of=None):
        self.env["customer.metrics"]._refresh(self.company, as_of)
        run = self.company._get_metrics_run(as_of)
        self.env["customer.metrics.product"]._refresh_products(run)
        self.env["customer.statistics"]._refresh(self.company, as_of)

    def get_offers(self, card, **values):
        return self.env["customer.next.sale"].search(
            [
                ("partner_id", "=", card.id),
                ("company_id", "=", self.company.id),
                *((name, "=", value) for name, value in values.items()),
            ]
        )

    def get_pair(self, product, other):
        return self.env["customer.product.affinity"].search(
            [
                ("company_id", "=", self.company.id),
                ("product_id", "=", product.id),
                ("other_id", "=", other.id),
            ]
        )

    # ------------------------------------------------------------
    # STOPPED
    # ------------------------------------------------------------

    def test_stopped(self):
        """Bread every 20 days, the last 70 days ago: more than max(60, 2 x 20). Butter
        every 40 days, the last 70 days ago: less than 2 x 40."""
        self.sell(self.card_east, self.bread, 110, 90, 70)
        self.sell(self.card_east, self.butter, 150, 110, 70)
        self.sell(self.card_east, self.salt, 5)
        self.compute()
        offer = self.get_offers(self.card_east, kind="stopped")
        self.assertEqual(offer.product_id, self.bread)
        self.assertEqual(offer.quantity, 3)
        self.assertEqual(offer.amount, 90)
        self.assertEqual(offer.interval, 20)
        self.assertIn("every 20 days", offer.why)

    def test_limit_belongs_to_buying(self):
        self.sell(self.card_east, self.bread, 100, 60)
        self.sell(self.card_east, self.salt, 5)
        self.company.risk_factor = 1
        self.compute()
        self.assertFalse(self.get_offers(self.card_east, kind="stopped"))
        self.compute(self.today + timedelta(days=1))
        self.assertTrue(self.get_offers(self.card_east, kind="stopped"))

    def test_who_stopped_everything_is_a_defection(self):
        self.sell(self.card_east, self.bread, 150, 130, 110)
        self.compute()
        self.assertFalse(self.get_offers(self.card_east))

    def test_bought_again_or_not_for_sale(self):
        self.sell(self.card_east, self.bread, 110, 90, 70)
        self.sell(self.card_east, self.butter, 110, 90, 70)
        self.sell(self.card_east, self.salt, 5)
        self.compute()
        self.assertEqual(
            self.get_offers(self.card_east).product_id, self.bread | self.butter
        )
        self.sell(self.card_east, self.bread, 1)
        self.butter.sale_ok = False
        self.compute()
        self.assertFalse(self.get_offers(self.card_east))

    # ------------------------------------------------------------
    # BOUGHT TOGETHER
    # ------------------------------------------------------------

    def test_lift(self):
        """Of 5 customers 3 buy bread, 3 butter, 2 both: confidence 2/3, lift
        2 x 5 / (3 x 3)."""
        one, two, three, four = self.others
        for shop in (one, two, three):
            self.sell(shop, self.bread, 10)
        for shop in (one, two, four):
            self.sell(shop, self.butter, 10)
        self.sell(self.card_west, self.salt, 10)
        self.company.affinity_min_lift = 1.1
        self.compute()
        pair = self.get_pair(self.bread, self.butter)
        self.assertEqual(pair.both_count, 2)
        self.assertEqual(pair.customers, 5)
        self.assertEqual((pair.product_count, pair.other_count), (3, 3))
        self.assertAlmostEqual(pair.confidence, 66.67, 1)
        self.assertAlmostEqual(pair.lift, 10 / 9, 2)
        self.company.affinity_min_lift = 1.12
        self.compute()
        self.assertFalse(self.get_pair(self.bread, self.butter))
        self.company.write({"affinity_min_lift": 1.1, "affinity_min_customers": 3})
        self.compute()
        self.assertFalse(self.get_pair(self.bread, self.butter))

    def test_related(self):
        """Who buys bread is offered butter, and not what he buys or ever bought."""
        for shop in self.others[:3]:
            self.sell(shop, self.bread, 20)
            self.sell(shop, self.butter, 20)
            self.sell(shop, self.fish, 20)
        self.sell(self.others[3], self.salt, 20)
        self.sell(self.card_east, self.bread, 10)
        self.sell(self.card_east, self.fish, 600)
        self.sell(self.card_west, self.salt, 10)
        self.compute()
        offer = self.get_offers(self.card_east)
        self.assertEqual(offer.product_id, self.butter)
        self.assertEqual(offer.kind, "related")
        self.assertEqual(offer.because_id, self.bread)
        self.assertEqual(offer.confidence, 75)
        self.assertIn("75 %", offer.why)
        self.assertFalse(self.get_offers(self.card_west))
        self.assertFalse(self.get_offers(self.others[3]))

    # ------------------------------------------------------------
    # QUOTATION
    # ------------------------------------------------------------

    def make_offers(self):
        self.sell(self.card_east, self.bread, 110, 90, 70)
        self.sell(self.card_east, self.butter, 110, 90, 70)
        self.sell(self.card_east, self.salt, 5)
        self.compute()
        return self.get_offers(self.card_east)

    def test_quote(self):
        offers = self.make_offers()
        mine = offers.with_user(self.custodian_east)
        action = mine[0].action_quote()
        order = self.env["sale.order"].browse(action["res_id"])
        self.assertEqual(order.partner_id, self.card_east)
        self.assertEqual(order.company_id, self.company)
        self.assertEqual(order.user_id, self.custodian_east)
        self.assertEqual(order.order_line.product_id, mine[0].product_id)
        self.assertEqual(order.order_line.product_uom_qty, 3)
        self.assertEqual(mine[0].state, "quoted")
        # the second one goes to the same draft
        mine.action_quote()
        self.assertEqual(len(order.order_line), 2)
        with self.assertRaises(UserError):
            mine.action_quote()
        self.compute()
        self.assertEqual(set(offers.mapped("state")), {"quoted"})
        order.with_user(self.custodian_east)._action_cancel()
        self.compute()
        self.assertEqual(set(offers.mapped("state")), {"open"})

    def test_not_for_him(self):
        offer = self.make_offers()[0]
        offer.with_user(self.custodian_east).action_dismiss()
        self.compute()
        self.assertEqual(offer.state, "dismissed")
        self.assertNotIn(offer, self.card_east.next_sale_ids)
        offer.with_user(self.custodian_east).action_reopen()
        self.compute()
        self.assertEqual(offer.state, "open")

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_forbidden(self):
        """P04: a hidden card's offers are not seen, quoted or dismissed; nobody writes
        one; the back office reads and does not dismiss."""
        offer = self.make_offers()[0]
        hidden = offer.with_user(self.custodian_west)
        self.assertFalse(hidden.search([("company_id", "=", self.company.id)]))
        for method in ("action_quote", "action_dismiss", "action_reopen"):
            with self.assertRaises(AccessError):
                getattr(hidden, method)()
        reader = offer.with_user(self.reader)
        self.assertEqual(reader.product_id, offer.product_id)
        with self.assertRaises(AccessError):
            reader.action_dismiss()
        with self.assertRaises(AccessError):
            reader.action_quote()
        with self.assertRaises(AccessError):
            offer.with_user(self.custodian_east).write({"state": "dismissed"})
        with self.assertRaises(AccessError):
            offer.with_user(self.card_admin).with_context(next_sale_door=1).write(
                {"state": "dismissed"}
            )
        self.assertEqual(offer.state, "open")

    def test_borrower_may_quote_but_not_dismiss(self):
        offer = self.make_offers()[0]
        self.lend_card(self.custodian_west, self.card_east)
        lent = offer.with_user(self.custodian_west)
        self.assertIn("Bought every", lent.why)
        with self.assertRaises(AccessError):
            lent.action_dismiss()

    def test_employee_without_sales_rights(self):
        offer = self.make_offers()[0]
        user = new_test_user(
            self.env,
            login="test_plain_keeper",
            groups="customer_card.customer_card_group_user",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        self.card_east.with_user(self.manager_east).write(
            {"card_custodian_id": user.id}
        )
        mine = offer.with_user(user).with_context(allowed_company_ids=self.company.ids)
        with self.assertRaises(AccessError):
            mine.action_quote()
        mine.action_dismiss()
        self.assertEqual(offer.state, "dismissed")


class TestCohorts(CustomerSegmentationCommon):
    """O08: the rate of those who come back; O05: the rate of those who leave."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shops = cls.env["res.partner"].create(
            [
                {
                    "name": f"Cohort {number}",
                    "is_company": True,
                    "user_id": cls.custodian_east.id,
                }
                for number in range(4)
            ]
        )
        cls.shops._open_cards()
        one, two, three, four = cls.shops
        for shop, days in (
            # January: three customers
            (one, ("2026-01-05", "2026-01-20", "2026-02-10", "2026-04-01")),
            (two, ("2026-01-31", "2026-03-03")),
            (three, ("2026-01-15",)),
            # February
            (four, ("2026-02-28", "2026-05-02")),
        ):
            for day in days:
                cls.make_invoice(shop, 100, day)
        cls.make_invoice(three, -100, "2026-02-01")
        cls.as_of = date(2026, 5, 15)

    def compute(self, as_of=None):
        self.env["customer.metrics"]._refresh(self.company, as_of or self.as_of)
        self.env["customer.statistics"]._refresh(self.company, as_of or self.as_of)

    def get_cohort(self, month):
        """:return: ``[(age, customers, buying, bought again)]``"""
        return [
            (row.age, row.customers, row.active_customers, row.returned_customers)
            for row in self.env["customer.cohort"].search(
                [("company_id", "=", self.company.id), ("cohort", "=", month)],
                order="age",
            )
        ]

    def test_cohorts(self):
        """May is not over: it is no column yet. A credit note is no purchase."""
        self.compute()
        self.assertEqual(
            self.get_cohort("2026-01-01"),
            [(0, 3, 3, 0), (1, 3, 1, 1), (2, 3, 1, 2), (3, 3, 1, 2)],
        )
        self.assertEqual(
            self.get_cohort("2026-02-01"), [(0, 1, 1, 0), (1, 1, 0, 0), (2, 1, 0, 0)]
        )
        self.compute(date(2026, 5, 31))
        self.assertEqual(self.get_cohort("2026-02-01")[-1], (3, 1, 1, 1))

    def test_rates_of_groups(self):
        """A rate of a group is of all its customers, not the mean of rates: one month
        later 1 of 3 in the one cohort and 0 of 1 in the other are 1 of 4."""
        self.compute()
        [(rate, again, customers)] = self.env["customer.cohort"]._read_group(
            [("company_id", "=", self.company.id), ("age", "=", 1)],
            [],
            ["retention_rate:avg", "return_rate:avg", "customers:sum"],
        )
        self.assertEqual((rate, again, customers), (25, 25, 4))

    def test_amount(self):
        self.compute()
        rows = self.env["customer.cohort"].search(
            [("company_id", "=", self.company.id), ("cohort", "=", "2026-01-01")],
            order="age",
        )
        self.assertEqual(rows.mapped("amount"), [400, 0, 100, 100])

    def test_defection_rates(self):
        """Four bought in the window before May; one left in May for the price, another
        for the product and was won back."""
        Defection = self.env["customer.defection"].with_company(self.company)
        first = Defection.create(
            {"partner_id": self.shops[0].id, "kind": "price", "date": "2026-05-03"}
        )
        second = Defection.create(
            {"partner_id": self.shops[1].id, "kind": "product", "date": "2026-05-04"}
        )
        third = Defection.create(
            {"partner_id": self.shops[2].id, "kind": "product", "date": "2026-05-05"}
        )
        second.action_won()
        third.action_dismiss("Closed for rebuilding")
        self.compute()
        Rate = self.env["customer.defection.rate"]
        may = [("company_id", "=", self.company.id), ("month", "=", "2026-05-01")]
        found = {
            kind: (rate, won)
            for kind, rate, won in Rate._read_group(
                may, ["kind"], ["defection_rate:avg", "winback_rate:avg"]
            )
        }
        self.assertEqual(found["price"], (25, None or 0))
        self.assertEqual(found["product"], (25, 100))
        self.assertEqual(found["service"][0], 0)
        [(rate, customers, count)] = Rate._read_group(
            may, [], ["defection_rate:avg", "customers:sum", "defections:sum"]
        )
        self.assertEqual((rate, customers, count), (50, 4, 2))
        first.action_lost("Gone")
        self.compute()
        [(won,)] = Rate._read_group(may, [], ["winback_rate:avg"])
        self.assertEqual(won, 50)
        self.assertEqual(
            Rate.search([*may, ("kind", "=", "price")]).mapped("customers"), [4]
        )

    def test_exposed_before_the_month(self):
        """In January nobody had bought before, in March all four had."""
        self.compute()
        Rate = self.env["customer.defection.rate"]
        counts = dict(
            Rate._read_group(
                [("company_id", "=", self.company.id)],
                ["month:month"],
                ["customers:sum"],
            )
        )
        self.assertNotIn(date(2026, 1, 1), counts)
        self.assertEqual(counts[date(2026, 2, 1)], 3)
        self.assertEqual(counts[date(2026, 3, 1)], 4)

    def test_who_sees_the_sums(self):
        """P04: one's own, those of the teams that one leads, all for the back office."""
        self.compute()
        mine = [("company_id", "=", self.company.id)]
        for model in ("customer.cohort", "customer.defection.rate"):
            for user in (
                self.custodian_east,
                self.manager_east,
                self.regional_manager,
                self.card_admin,
                self.reader,
            ):
                self.assertTrue(self.env[model].with_user(user).search(mine), user.name)
            for user in (self.custodian_west, self.manager_west, self.deputy_east):
                self.assertFalse(
                    self.env[model].with_user(user).search(mine), user.name
                )
                self.assertFalse(
                    self.env[model]
                    .with_user(user)
                    ._read_group(mine, ["custodian_id"], ["__count"])
                )
            with self.assertRaises(AccessError):
                self.env[model].with_user(self.employee).search(mine)
            with self.assertRaises(AccessError):
                self.env[model].with_user(self.card_admin).search(mine).unlink()

    def test_once_a_day(self):
        """The scheduled action does a company once a day, and nothing twice."""
        with self.enter_registry_test_mode():
            self.env.ref(
                "customer_segmentation.customer_statistics_cron"
            ).method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(
            self.company.statistics_as_of, self.company._get_metrics_today()
        )
        rows = self.env["customer.cohort"].search(
            [("company_id", "=", self.company.id)]
        )
        self.assertTrue(rows)
        with self.enter_registry_test_mode():
            self.env.ref(
                "customer_segmentation.customer_statistics_cron"
            ).method_direct_trigger()
        self.assertEqual(rows.exists(), rows)


class TestPrediction(CustomerSegmentationCommon):
    """O08: what a customer will buy; without SciPy nothing breaks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.today()
        cls.company.prediction_min_customers = 10
        cls.make_rows()

    @classmethod
    def make_rows(cls):
        """Figures of sixty customers, drawn from the model itself."""
        chance = random.Random(3)
        partners = cls.env["res.partner"].create(
            [{"name": f"Buyer {number}", "is_company": True} for number in range(60)]
        )
        vals_list = []
        for partner in partners:
            days = chance.randint(300, 700)
            rate = chance.gammavariate(1.5, 1 / 10) / 7
            leaving = chance.betavariate(0.8, 4)
            repeats, last, moment = 0, 0, chance.expovariate(rate)
            while moment <= days:
                repeats, last = repeats + 1, int(moment)
                if chance.random() < leaving:
                    break
                moment += chance.expovariate(rate)
            first = cls.today - timedelta(days=days)
            vals_list.append(
                {
                    "partner_id": partner.id,
                    "company_id": cls.company.id,
                    "purchase_days_lifetime": 1 + repeats,
                    "repeat_purchases": repeats,
                    "first_purchase": first,
                    "last_purchase": first + timedelta(days=last),
                    "amount_lifetime": (1 + repeats) * chance.gammavariate(4, 60),
                }
            )
        cls.rows = cls.env["customer.metrics"].create(vals_list)

    def predict(self):
        run = self.company._get_metrics_run(self.today)
        self.env["customer.prediction"]._refresh_part(run)
        return self.env["customer.prediction"].search(
            [("company_id", "=", self.company.id)]
        )

    def test_predict(self):
        if not prediction.is_available():
            self.skipTest("SciPy is not installed")
        record = self.predict()
        self.assertEqual(len(record), 1)
        self.assertEqual(record.customers, 60)
        repeaters = self.rows.filtered("repeat_purchases")
        self.assertEqual(record.repeaters, len(repeaters))
        self.assertEqual(record.state, "done")
        self.assertEqual(record.horizon_days, self.company._get_metrics_run().days)
        row = max(self.rows, key=lambda one: one.repeat_purchases)
        x = row.repeat_purchases
        parameters = (record.r, record.alpha, record.a, record.b)
        weeks = [
            (row.last_purchase - row.first_purchase).days / 7,
            (self.today - row.first_purchase).days / 7,
        ]
        alive = prediction.alive_probability(*parameters, x, *weeks)
        self.assertAlmostEqual(row.alive_probability, float(100 * alive), 0)
        bought = float(
            prediction.expected_purchases(
                *parameters, x, *weeks, record.horizon_days / 7
            )
        )
        self.assertAlmostEqual(row.predicted_purchases, bought, 1)
        if record.value_is_stable:
            worth = float(
                prediction.expected_value(
                    record.p, record.q, record.v, x + 1, row.amount_lifetime / (x + 1)
                )
            )
            self.assertLess(abs(row.predicted_value / (bought * worth) - 1), 0.02)
        # who has bought once is still a customer, for this model
        once = self.rows - repeaters
        self.assertEqual(set(once.mapped("alive_probability")), {100})
        # within a week the parameters hold
        self.assertEqual(self.predict(), record)

    def test_too_few(self):
        if not prediction.is_available():
            self.skipTest("SciPy is not installed")
        self.rows[0].alive_probability = 50
        self.company.prediction_min_customers = 61
        record = self.predict()
        self.assertEqual(record.state, "few")
        self.env.invalidate_all()
        self.assertFalse(self.rows[0].alive_probability)
        # its twin: one fewer would do
        record.unlink()
        self.company.prediction_min_customers = 60
        self.assertNotEqual(self.predict().state, "few")

    def test_without_scipy(self):
        """The optional package is missing: no error, and the settings say so."""
        self.patch(prediction, "special", None)
        self.assertFalse(self.predict())
        settings = self.env["res.config.settings"].create({})
        self.assertFalse(settings.prediction_is_possible)
        Prediction = self.env["customer.prediction"].with_company(self.company)
        with self.assertRaisesRegex(UserError, "SciPy"):
            Prediction.with_user(self.card_admin).action_predict()

    def test_who_predicts(self):
        Prediction = self.env["customer.prediction"].with_company(self.company)
        for user in (self.manager_east, self.custodian_east, self.employee):
            with self.assertRaises(AccessError):
                Prediction.with_user(user).action_predict()
        with self.assertRaises(AccessError):
            Prediction.with_user(self.custodian_east).search([])
        with self.assertRaises(AccessError):
            Prediction.with_user(self.card_admin).create(
                {"company_id": self.company.id, "date": self.today, "state": "done"}
            )
        if prediction.is_available():
            Prediction.with_user(self.card_admin).action_predict()
            self.assertTrue(Prediction.with_user(self.manager_east).search([]))
