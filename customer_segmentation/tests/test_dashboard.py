from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import CustomerSegmentationCommon, CustomerSegmentationHttp


class TestDashboard(CustomerSegmentationCommon):
    """C07: how the customers stand, of whoever looks."""

    def get(self, user, **scope):
        return (
            self.env["customer.dashboard"]
            .with_user(user)
            .with_company(self.company)
            .get_dashboard(**scope)
        )

    def get_tile(self, data, code):
        return next(tile for tile in data["tiles"] if tile["code"] == code)

    def make_story(self):
        today = self.env.user._card_today()
        self.make_invoice(self.card_east, 600, today)
        self.make_invoice(self.contact_east, 200, today)
        self.make_invoice(self.card_west, 150, today)
        self.make_invoice(self.free_partner, 50, today)
        self.refresh()

    def test_scopes(self):
        """Each sees the sum of what he may see."""
        self.make_story()
        for user, sales, buyers in (
            (self.custodian_east, 800, 1),
            (self.custodian_west, 150, 1),
            (self.manager_east, 800, 1),
            (self.regional_manager, 950, 2),
            (self.reader, 950, 2),
            (self.card_admin, 950, 2),
        ):
            with self.subTest(user=user.name):
                data = self.get(user)
                self.assertEqual(self.get_tile(data, "sales")["value"], sales)
                self.assertEqual(data["concentration"]["customers"], buyers)
                self.assertEqual(data["months"][-1]["amount"], sales)

    def test_employee(self):
        """Who works with no cards has no dashboard."""
        self.make_story()
        with self.assertRaises(AccessError):
            self.get(self.employee)

    def test_concentration(self):
        """Shares of 80 and 20 %: HHI 6,800, Gini 0.3."""
        self.make_invoice(self.card_east, 800, "2026-03-01")
        self.make_invoice(self.card_west, 200, "2026-03-01")
        self.refresh("2026-03-31")
        data = self.get(self.regional_manager)
        found = data["concentration"]
        self.assertEqual(found["customers"], 2)
        self.assertEqual((found["top1"], found["top5"]), (80.0, 100.0))
        self.assertEqual((found["hhi"], found["gini"]), (6800, 0.3))
        self.assertEqual(
            data["curve"], [{"x": 50.0, "y": 80.0}, {"x": 100.0, "y": 100.0}]
        )

    def test_curve_is_short(self):
        """Many customers: some points, with the first and the last."""
        customers = self.env["res.partner"].create(
            [
                {"name": f"Customer {number}", "user_id": self.custodian_east.id}
                for number in range(150)
            ]
        )
        customers._open_cards()
        self.env["customer.metrics"].create(
            [
                {
                    "partner_id": customer.id,
                    "company_id": self.company.id,
                    "as_of": "2026-03-31",
                    "amount": number + 1,
                }
                for number, customer in enumerate(customers)
            ]
        )
        curve = self.get(self.custodian_east)["curve"]
        self.assertLessEqual(len(curve), 62)
        self.assertEqual(curve[-1], {"x": 100.0, "y": 100.0})
        self.assertAlmostEqual(curve[0]["x"], 100 / 150, 3)
        shares = [point["y"] for point in curve]
        self.assertEqual(shares, sorted(shares))

    def test_team_and_custodian(self):
        self.make_story()
        data = self.get(self.regional_manager, team_id=self.team_west.id)
        self.assertEqual(self.get_tile(data, "sales")["value"], 150)
        data = self.get(self.regional_manager, team_id=self.team_region.id)
        self.assertEqual(self.get_tile(data, "sales")["value"], 950)
        data = self.get(self.regional_manager, custodian_id=self.custodian_east.id)
        self.assertEqual(self.get_tile(data, "sales")["value"], 800)
        self.assertEqual(data["months"][-1]["amount"], 800)
        self.assertEqual(
            {team["name"] for team in data["scope"]["teams"]},
            {"Test Region", "Test East", "Test West"},
        )

    def test_numbers_open_their_records(self):
        self.make_story()
        data = self.get(self.regional_manager)
        Metrics = self.env["customer.metrics"].with_user(self.regional_manager)
        for row in data["classes"]:
            found = Metrics.search(row["domain"])
            self.assertEqual(len(found), row["count"])
            self.assertEqual(sum(found.mapped("amount")), row["amount"])
        sales = self.get_tile(data, "sales")
        self.assertEqual(
            sum(Metrics.search(sales["domain"]).mapped("amount")), sales["value"]
        )

    def test_nothing_yet(self):
        data = self.get(self.custodian_east)
        self.assertEqual(data["curve"], [])
        self.assertEqual(data["concentration"]["hhi"], 0)

    def test_queries(self):
        """As many queries for a hundred customers as for one."""

        def count(number):
            customers = self.env["res.partner"].create(
                [
                    {"name": f"Many {row}", "user_id": self.custodian_east.id}
                    for row in range(number)
                ]
            )
            customers._open_cards()
            self.refresh()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.get(self.custodian_east)
            return self.env.cr.sql_log_count - before

        count(1)
        self.assertEqual(count(1), count(100))


class TestTradeSheet(CustomerSegmentationCommon):
    """C04, C07: a customer's trade on one page."""

    def get(self, card, user):
        return card.with_user(user).with_company(self.company).get_trade_sheet()

    def test_sheet(self):
        today = self.env.user._card_today()
        self.make_invoice(self.contact_east, 300, today)
        self.make_invoice(self.card_east, 200, today.replace(year=today.year - 1))
        self.card_east.habit_purchase = "Buys in spring"
        self.refresh()
        sheet = self.get(self.card_east, self.custodian_east)
        self.assertEqual(len(sheet["months"]), 12)
        self.assertEqual(sheet["months"][-1]["amount"], 300)
        self.assertEqual(sheet["months"][-1]["before"], 200)
        self.assertEqual(
            [tile["code"] for tile in sheet["tiles"]],
            ["sales", "rhythm", "open", "payment"],
        )
        self.assertEqual([p["name"] for p in sheet["products"]], ["Test Goods"])
        self.assertIn("Buys in spring", [row["value"] for row in sheet["habits"]])
        purchases = sheet["measures"][0]
        self.assertEqual(purchases["code"], "purchases")
        self.assertEqual(len(purchases["points"]), 12)

    def test_without_trade(self):
        sheet = self.get(self.card_east, self.custodian_east)
        self.assertFalse(any(month["amount"] for month in sheet["months"]))
        self.assertEqual(sheet["measures"], [])

    def test_other_company(self):
        """What another company sold is not in the sheet of this one."""
        self.make_invoice(self.card_east, 300, self.env.user._card_today())
        other = self.env["res.company"].create({"name": "Other Traders"})
        self.custodian_east.company_ids |= other
        sheet = (
            self.card_east.with_user(self.custodian_east)
            .with_context(allowed_company_ids=[other.id, self.company.id])
            .get_trade_sheet()
        )
        self.assertEqual(sheet["months"][-1]["amount"], 0.0)


@tagged("-at_install", "post_install")
class TestDashboardHttp(CustomerSegmentationHttp):
    """P04: the pages of trade follow the card, called by any client."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        today = cls.env.user._card_today()
        cls.make_invoice(cls.card_east, 600, today)
        cls.make_invoice(cls.card_west, 150, today)
        cls.refresh()
        cls.context = {"allowed_company_ids": cls.company.ids}

    def get_sales(self, user, *scope):
        data = self.call(
            user, "customer.dashboard", "get_dashboard", *scope, context=self.context
        )
        return data["tiles"][0]["value"]

    def test_dashboard(self):
        self.assertEqual(self.get_sales(self.custodian_east), 600)
        self.assertEqual(self.get_sales(self.manager_west), 150)
        self.assertEqual(self.get_sales(self.reader), 750)

    def test_others_team_shows_nothing(self):
        """Whatever team or custodian a client sends: only own customers are counted."""
        self.assertEqual(self.get_sales(self.custodian_west, self.team_east.id), 0)
        self.assertEqual(
            self.get_sales(self.custodian_west, False, self.custodian_east.id), 0
        )
        self.assertEqual(self.get_sales(self.custodian_west, [["x"]], "1"), 150)

    def test_employee(self):
        self.assertIn(
            "AccessError",
            self.get_refusal(
                self.employee,
                "customer.dashboard",
                "get_dashboard",
                context=self.context,
            ),
        )

    def test_private_methods(self):
        """The parts of the page are no doors of their own."""
        for method in ("_get_concentration", "_get_leaving", "_get_months"):
            self.assertTrue(
                self.get_refusal(self.custodian_west, "customer.dashboard", method, [])
            )

    def test_trade_sheet(self):
        sheet = self.call(
            self.custodian_east,
            "res.partner",
            "get_trade_sheet",
            self.card_east.ids,
            context=self.context,
        )
        self.assertEqual(sheet["months"][-1]["amount"], 600)
        for user in (self.custodian_west, self.employee):
            for method in ("get_trade_sheet", "action_open_purchases"):
                with self.subTest(user=user.name, method=method):
                    refusal = self.get_refusal(
                        user,
                        "res.partner",
                        method,
                        self.card_east.ids,
                        context=self.context,
                    )
                    self.assertIn("AccessError", refusal)
