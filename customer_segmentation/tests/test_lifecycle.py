from datetime import date, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import mute_logger

from odoo.addons.customer_card.exceptions import CardAccessError

from .common import CustomerSegmentationCommon

AS_OF = date(2026, 6, 30)


class TestLifecycleRules(CustomerSegmentationCommon):
    """O03: the stages follow from stated rules."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # the demo data asks for more
        cls.env.ref("customer_segmentation.customer_lifecycle_rule_repeat").minimum = 3

    def get_stage(self, partner):
        return self.get_row(partner).lifecycle_stage

    def test_potential_and_customer(self):
        self.make_invoice(self.card_west, 100, "2026-01-05")
        self.refresh(AS_OF)
        self.assertEqual(self.get_stage(self.card_west), "customer")
        row = self.get_row(self.card_west)
        self.assertEqual(row.lifecycle_rule_id.criterion, "purchase")
        self.assertEqual(self.get_stage(self.card_east), "potential")
        self.assertFalse(self.get_row(self.card_east).lifecycle_rule_id)

    def test_credit_note_is_no_purchase(self):
        self.make_invoice(self.card_west, -100, "2026-01-05")
        self.refresh(AS_OF)
        self.assertEqual(self.get_stage(self.card_west), "potential")

    def test_opportunity(self):
        """A lead alone leaves him potential; an opportunity of a contact makes his
        company possible; a lost one does not count."""
        lead = self.env["crm.lead"].create(
            {
                "name": "Interest",
                "partner_id": self.contact_east.id,
                "type": "lead",
                "company_id": self.company.id,
            }
        )
        self.refresh()
        self.assertEqual(self.get_stage(self.card_east), "potential")
        lead.type = "opportunity"
        self.refresh()
        self.assertEqual(self.get_stage(self.card_east), "possible")
        lead.action_set_lost()
        self.refresh()
        self.assertEqual(self.get_stage(self.card_east), "potential")

    def test_lead_of_another_company(self):
        self.env["crm.lead"].create(
            {
                "name": "Elsewhere",
                "partner_id": self.card_east.id,
                "type": "opportunity",
                "company_id": (self.env.companies - self.company)[:1].id,
            }
        )
        self.refresh()
        self.assertEqual(self.get_stage(self.card_east), "potential")

    def test_quotation(self):
        order = (
            self.env["sale.order"]
            .with_company(self.company)
            .create({"partner_id": self.card_east.id, "company_id": self.company.id})
        )
        self.refresh()
        self.assertEqual(self.get_stage(self.card_east), "potential")
        order.state = "sent"
        self.refresh()
        self.assertEqual(self.get_stage(self.card_east), "possible")
        # beyond the months of the rule
        self.refresh(self.company._get_metrics_today() + timedelta(days=400))
        self.assertEqual(self.get_stage(self.card_east), "potential")

    def test_introduction(self):
        introduction = (
            self.env["customer.introduction"]
            .with_company(self.company)
            .create({"partner_id": self.card_east.id, "company_id": self.company.id})
        )
        self.refresh()
        self.assertEqual(self.get_stage(self.card_east), "potential")
        introduction.sudo().state = "introduced"
        self.refresh()
        self.assertEqual(self.get_stage(self.card_east), "supporter")

    def test_referrer(self):
        self.env["res.partner"].create(
            {"name": "Friend", "referrer_id": self.card_east.id}
        )
        self.refresh()
        self.assertEqual(self.get_stage(self.card_east), "supporter")

    def test_event(self):
        event = self.env["event.event"].create(
            {
                "name": "Seminar",
                "date_begin": fields.Datetime.now() - timedelta(days=3),
                "date_end": fields.Datetime.now() - timedelta(days=2),
                "company_id": self.company.id,
            }
        )
        guest = self.env["event.registration"].create(
            {"event_id": event.id, "partner_id": self.contact_east.id}
        )
        self.refresh()
        self.assertEqual(self.get_stage(self.card_east), "potential")
        guest.state = "done"
        self.refresh()
        self.assertEqual(self.get_stage(self.card_east), "supporter")

    def test_repeat(self):
        """Several documents of one day are one purchase."""
        for day in ("2026-01-05", "2026-01-05", "2026-02-05", "2026-03-05"):
            self.make_invoice(self.card_west, 100, day)
        self.refresh(AS_OF)
        self.assertEqual(self.get_stage(self.card_west), "customer")
        self.make_invoice(self.card_west, 100, "2026-04-05")
        self.refresh(AS_OF)
        self.assertEqual(self.get_stage(self.card_west), "loyal")

    def test_own_rules(self):
        """Rules are records: another number, another company, none."""
        self.make_invoice(self.card_west, 100, "2026-01-05")
        rule = self.env.ref("customer_segmentation.customer_lifecycle_rule_purchase")
        rule.minimum = 2
        self.refresh(AS_OF)
        self.assertEqual(self.get_stage(self.card_west), "potential")
        rule.write({"minimum": 1, "company_id": self.env.ref("base.main_company").id})
        self.refresh(AS_OF)
        self.assertEqual(self.get_stage(self.card_west), "potential")
        rule.company_id = self.company
        self.refresh(AS_OF)
        self.assertEqual(self.get_stage(self.card_west), "customer")
        self.env["customer.lifecycle.rule"].search([]).active = False
        self.refresh(AS_OF)
        self.assertEqual(self.get_stage(self.card_west), "potential")

    def test_bad_rules(self):
        rule = self.env.ref("customer_segmentation.customer_lifecycle_rule_purchase")
        with self.assertRaisesRegex(ValidationError, "Bought"):
            rule.months = 3
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models"):
            rule.with_user(self.manager_east).name = "Mine"
        rule.with_user(self.card_admin).name = "Has bought"

    def test_history(self):
        """A14: the stages of a customer are kept."""
        self.refresh(date(2026, 1, 31))
        self.make_invoice(self.card_west, 100, "2026-02-05")
        self.refresh(AS_OF)
        change = self.env["customer.segment.change"].search(
            [("partner_id", "=", self.card_west.id), ("dimension", "=", "lifecycle")]
        )
        self.assertRecordValues(
            change,
            [{"value_from": "potential", "value_to": "customer", "date": AS_OF}],
        )


class TestLifecycleOverride(CustomerSegmentationCommon):
    """O03: a stage set by hand holds for a while, with a reason, and only whoever keeps
    the card sets it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_invoice(cls.card_west, 100, "2026-01-05")
        cls.refresh()
        cls.row = cls.get_row(cls.card_east)
        cls.today = cls.company._get_metrics_today()

    def move(
        self, user, row=None, stage="supporter", reason="Chairs the fair", days=30
    ):
        """Through the dialog."""
        row = (row or self.row).with_user(user).with_company(self.company)
        action = row.action_move_stage(stage)
        return (
            self.env["customer.lifecycle.move"]
            .with_user(user)
            .with_company(self.company)
            .with_context(**action["context"])
            .create(
                {"reason": reason, "valid_until": self.today + timedelta(days=days)}
            )
            .action_move()
        )

    def get_overrides(self):
        return self.env["customer.lifecycle.override"].search(
            [("partner_id", "=", self.card_east.id)]
        )

    def test_set(self):
        self.move(self.custodian_east)
        self.assertEqual(self.row.lifecycle_stage, "supporter")
        self.assertEqual(self.row.lifecycle_computed, "potential")
        self.assertEqual(self.row.lifecycle_override_reason, "Chairs the fair")
        self.assertRecordValues(
            self.get_overrides(),
            [
                {
                    "stage_from": "potential",
                    "stage": "supporter",
                    "user_id": self.custodian_east.id,
                    "date_from": self.today,
                    "date_ended": False,
                }
            ],
        )
        change = self.env["customer.segment.change"].search(
            [("partner_id", "=", self.card_east.id), ("dimension", "=", "lifecycle")]
        )
        self.assertEqual(change.reason, "Chairs the fair")
        self.assertIn("stage_set", self.get_kinds(self.card_east))
        # the next run agrees, and records nothing anew
        self.refresh()
        self.assertEqual(self.row.lifecycle_stage, "supporter")
        self.assertEqual(
            self.env["customer.segment.change"].search_count(
                [
                    ("partner_id", "=", self.card_east.id),
                    ("dimension", "=", "lifecycle"),
                ]
            ),
            1,
        )

    def test_who(self):
        """The keepers may, nobody else."""
        self.move(self.manager_east)
        self.move(self.regional_manager, stage="customer")
        self.assertEqual(self.row.lifecycle_stage, "customer")
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
                self.move(user)
        self.assertEqual(self.row.lifecycle_stage, "customer")

    def test_borrower(self):
        """A borrower reads the card and moves nothing."""
        self.lend_card(self.custodian_west, self.card_east)
        self.assertTrue(self.row.with_user(self.custodian_west).lifecycle_stage)
        with self.assertRaises(CardAccessError):
            self.move(self.custodian_west)

    def test_bad_values(self):
        for values in ({"reason": " "}, {"days": -1}, {"days": 800}):
            with (
                self.subTest(values=values),
                self.assertRaisesRegex(UserError, "Alpha"),
            ):
                self.move(self.custodian_east, **values)

    def test_without_card(self):
        self.make_invoice(self.free_partner, 100, "2026-01-05")
        self.refresh()
        self.manager_east.group_ids += self.env.ref(
            "sales_team.group_sale_salesman_all_leads"
        )
        with self.assertRaisesRegex(UserError, "Free Supplier"):
            self.move(self.manager_east, self.get_row(self.free_partner))

    def test_replaced(self):
        self.move(self.custodian_east)
        self.move(self.custodian_east, stage="customer", reason="Signed")
        self.assertEqual(self.get_overrides().mapped("ended"), [False, "replaced"])
        self.assertEqual(self.row.lifecycle_stage, "customer")

    def test_take_back(self):
        self.move(self.custodian_east)
        override = self.get_overrides()
        with self.assertRaises(AccessError):
            override.with_user(self.custodian_west).action_end()
        self.assertTrue(override.with_user(self.manager_east).can_end)
        override.with_user(self.manager_east).action_end()
        self.assertEqual(self.row.lifecycle_stage, "potential")
        self.assertEqual(override.ended, "withdrawn")
        self.assertEqual(override.ended_by_id, self.manager_east)
        with self.assertRaisesRegex(UserError, "ended already"):
            override.with_user(self.manager_east).action_end()

    def test_expiry(self):
        """On its last day it holds; from the next one on the rules count, by the
        scheduled action or by the next run, whichever comes first."""
        self.move(self.custodian_east, days=3)
        override = self.get_overrides()
        self.run_expiry(self.today + timedelta(days=3))
        self.assertFalse(override.date_ended)
        self.refresh(self.today + timedelta(days=3))
        self.assertEqual(self.row.lifecycle_stage, "supporter")
        self.run_expiry(self.today + timedelta(days=4))
        self.assertEqual(override.ended, "expired")
        self.assertFalse(override.ended_by_id)
        self.assertEqual(self.row.lifecycle_stage, "potential")
        self.assertIn("stage_ended", self.get_kinds(self.card_east))
        kinds = self.get_kinds(self.card_east)
        self.run_expiry(self.today + timedelta(days=4))
        self.assertEqual(self.get_kinds(self.card_east), kinds)

    def test_expiry_by_run(self):
        self.move(self.custodian_east, days=3)
        self.refresh(self.today + timedelta(days=4))
        self.assertEqual(self.row.lifecycle_stage, "potential")
        self.assertFalse(self.row.lifecycle_override_id)

    def run_expiry(self, today):
        cron = self.env.ref("customer_segmentation.customer_lifecycle_override_cron")
        with (
            patch.object(
                self.registry["res.company"],
                "_get_metrics_today",
                lambda company: today,
            ),
            self.enter_registry_test_mode(),
        ):
            cron.method_direct_trigger()
        self.env.invalidate_all()

    def test_written_by_methods_alone(self):
        """P04: no client writes a stage, an override or its end."""
        self.move(self.custodian_east)
        override = self.get_overrides()
        for user in (self.custodian_east, self.manager_east, self.card_admin):
            with self.subTest(user=user.name), mute_logger("odoo.addons.base.models"):
                with self.assertRaises(AccessError):
                    self.row.with_user(user).lifecycle_stage = "loyal"
                with self.assertRaises(AccessError):
                    override.with_user(user).valid_until = self.today
                with self.assertRaises(AccessError):
                    override.with_user(user).copy()
                with self.assertRaises(AccessError):
                    override.with_user(user).unlink()

    def test_hidden(self):
        """Who may not see the card sees no override of it."""
        self.move(self.custodian_east)
        Override = self.env["customer.lifecycle.override"]
        for user, count in (
            (self.custodian_east, 1),
            (self.manager_east, 1),
            (self.custodian_west, 0),
            (self.employee, 0),
        ):
            with self.subTest(user=user.name):
                self.assertEqual(
                    Override.with_user(user)
                    .with_company(self.company)
                    .search_count([("partner_id", "=", self.card_east.id)]),
                    count,
                )

    def test_queries(self):
        """A hundred cards are moved by as many queries as one."""
        partners = self.env["res.partner"].create(
            [
                {"name": f"Card {number}", "user_id": self.custodian_east.id}
                for number in range(101)
            ]
        )
        partners._open_cards()
        self.refresh()
        rows = self.env["customer.metrics"].search(
            [("partner_id", "in", partners.ids), ("company_id", "=", self.company.id)]
        )
        stages = iter(("possible", "supporter", "customer"))
        until = self.today + timedelta(days=9)

        def move(count):
            self.env["customer.lifecycle.override"]._set_stage(
                rows[:count], next(stages), "Why", until
            )

        one, hundred = self.count_queries(move)
        self.assertLessEqual(hundred, one + 3)
