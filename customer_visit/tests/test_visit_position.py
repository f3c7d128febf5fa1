from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..models.customer_visit_position import get_distance
from .common import CustomerVisitCommon

HERE = {"latitude": 42.3601, "longitude": -71.0501, "accuracy": 20}


@tagged("post_install", "-at_install")
class TestVisitPosition(CustomerVisitCommon):
    """K02: one tap; where it was is recorded if asked for, and never refused."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.write({"visit_position": True, "visit_position_range": 100})
        cls.card_east.write({"partner_latitude": 42.36, "partner_longitude": -71.05})

    def start(self, position, card=None, user=None, **values):
        visit = self.make_visit(
            card or self.card_east, user or self.custodian_east, **values
        )
        visit.action_start(position)
        return visit.sudo()

    def test_distances(self):
        # Boston to New York, by the great circle
        self.assertAlmostEqual(
            get_distance(42.3601, -71.0589, 40.7128, -74.0060) / 1000, 306, delta=1
        )
        self.assertEqual(get_distance(10, 20, 10, 20), 0)
        self.assertAlmostEqual(
            get_distance(0, 179.9, 0, -179.9) / 1000, 22.24, delta=0.1
        )

    def test_at_the_customer(self):
        visit = self.start(HERE)
        self.assertEqual(visit.check_in_state, "near")
        self.assertAlmostEqual(visit.check_in_distance, 14, delta=3)
        self.assertEqual(visit.check_in_accuracy, 20)
        self.assertAlmostEqual(visit.check_in_latitude, 42.3601)
        self.assertEqual(visit.position_reference, "42.3600000, -71.0500000")

    def test_away_is_recorded_and_not_refused(self):
        visit = self.start({**HERE, "latitude": 42.5})
        self.assertEqual(visit.state, "in_progress")
        self.assertEqual(visit.check_in_state, "far")
        self.assertGreater(visit.check_in_distance, 15000)
        visit.action_end(HERE)
        self.assertEqual(visit.check_out_state, "near")

    def test_the_accuracy_of_the_device_counts(self):
        # 151 m away, 100 m allowed
        off = {"latitude": 42.36136, "longitude": -71.05}
        self.assertEqual(self.start({**off, "accuracy": 10}).check_in_state, "far")
        self.env["customer.visit"].search([])._visit_through_door().sudo().filtered(
            lambda v: v.state == "in_progress"
        ).state = "report_due"
        self.assertEqual(self.start({**off, "accuracy": 60}).check_in_state, "near")

    def test_an_address_that_is_corrected_later_changes_nothing(self):
        visit = self.start(HERE)
        distance = visit.check_in_distance
        self.card_east.write({"partner_latitude": 1, "partner_longitude": 1})
        self.assertEqual(visit.check_in_distance, distance)
        self.assertEqual(visit.check_in_state, "near")

    def test_the_address_of_the_visit_is_compared(self):
        self.address_east.write({"partner_latitude": 42.5, "partner_longitude": -71.05})
        visit = self.start(HERE, address_id=self.address_east.id)
        self.assertEqual(visit.check_in_state, "far")

    def test_without_coordinates_on_the_card(self):
        self.card_east.write({"partner_latitude": 0, "partner_longitude": 0})
        visit = self.start(HERE)
        self.assertEqual(visit.check_in_state, "unknown_place")
        self.assertFalse(visit.check_in_distance)

    def test_nonsense_keeps_nobody_from_his_work(self):
        for position, error in (
            (None, "unavailable"),
            ({"error": "denied"}, "denied"),
            ({"error": "<script>"}, "wrong"),
            ({"error": ["denied"]}, "wrong"),
            ({"latitude": 91, "longitude": 0}, "wrong"),
            ({"latitude": float("nan"), "longitude": 0}, "wrong"),
            ({"latitude": "x", "longitude": 0}, "wrong"),
            ({"latitude": 1, "longitude": 1, "accuracy": -5}, "wrong"),
            ({"latitude": 1}, "wrong"),
            ("here", "unavailable"),
            ([1, 2], "unavailable"),
        ):
            with self.subTest(position=position):
                visit = self.start(position)
                self.assertEqual(visit.state, "in_progress")
                self.assertEqual(visit.check_in_state, "none")
                self.assertEqual(visit.check_in_error, error)
                self.assertFalse(visit.check_in_latitude)
                visit.with_user(self.custodian_east).sudo(False).action_end()

    def test_nothing_is_kept_that_nobody_asked_for(self):
        Visit = self.env["customer.visit"].with_user(self.custodian_east)
        self.assertTrue(Visit.visit_check_in_info()["position"])
        self.custodian_east.with_user(self.custodian_east).visit_share_position = False
        self.assertFalse(Visit.visit_check_in_info()["position"])
        visit = self.start(HERE)
        self.assertEqual((visit.check_in_state, visit.check_in_error), ("none", "off"))
        self.assertFalse(visit.check_in_latitude)
        visit.action_end()
        self.custodian_east.visit_share_position = True
        self.env.company.visit_position = False
        self.assertFalse(Visit.visit_check_in_info()["position"])
        self.assertFalse(self.start(HERE).check_in_latitude)

    def test_a_customer_who_comes_in_has_no_position(self):
        visit = self.start(HERE, method="reception")
        self.assertFalse(visit.check_in_state)
        self.assertFalse(visit.check_in_latitude)

    def test_a_hidden_address_is_not_betrayed_by_its_distance(self):
        """The manager has planned it for somebody who may not open the card."""
        visit = (
            self.env["customer.visit"]
            .with_user(self.manager_east)
            .create({"partner_id": self.card_east.id, "user_id": self.employee.id})
        )
        mine = visit.with_user(self.employee)
        mine.action_start(HERE)
        self.assertEqual(mine.check_in_state, "unknown_place")
        self.assertFalse(mine.check_in_distance)
        self.assertFalse(mine.sudo().position_reference)

    def test_where_somebody_was_is_for_managers(self):
        visit = self.start(HERE).sudo(False)
        for name in ("check_in_latitude", "check_in_longitude", "position_reference"):
            self.assertTrue(visit.with_user(self.manager_east).read([name])[0][name])
            for user in (self.custodian_east, self.reader):
                with self.assertRaises(AccessError):
                    visit.with_user(user).read([name])
        self.assertEqual(visit.check_in_state, "near", "that he was there is for all")

    def test_what_the_browser_is_told(self):
        Visit = self.env["customer.visit"].with_user(self.custodian_east)
        self.assertIs(Visit.visit_check_in_info()["running"], False)
        visit = self.start(HERE)
        running = Visit.visit_check_in_info()["running"]
        self.assertEqual(running["id"], visit.id)
        self.assertIn("Alpha Foods", running["name"])
        other = self.env["customer.visit"].with_user(self.custodian_west)
        self.assertIs(other.visit_check_in_info()["running"], False)

    def test_positions_are_erased(self):
        self.env.company.visit_position_days = 30
        old = self.start(HERE)
        old.action_end(HERE)
        new = self.start(HERE)
        old._visit_through_door().date_start = fields.Datetime.now() - timedelta(31)
        self.run_cron("customer_visit_cron_forget_positions")
        self.run_cron("customer_visit_cron_forget_positions")
        for name in (
            "check_in_latitude",
            "check_in_longitude",
            "check_in_accuracy",
            "check_out_latitude",
            "position_reference",
        ):
            self.assertFalse(old[name], name)
        self.assertTrue(new.check_in_latitude)
        self.assertEqual(old.check_in_state, "near", "that he was there stays")
        self.assertTrue(old.check_in_distance)
        with self.subTest("0 days: never"):
            self.env.company.visit_position_days = 0
            new._visit_through_door().date_start = fields.Datetime.now() - timedelta(
                999
            )
            self.run_cron("customer_visit_cron_forget_positions")
            self.assertTrue(new.check_in_latitude)
