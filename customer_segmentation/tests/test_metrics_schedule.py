from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Date
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from .common import CustomerSegmentationCommon


class TestMetricsSchedule(CustomerSegmentationCommon):
    """C04: figures are there every morning, and whenever somebody asks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Metrics = cls.env["customer.metrics"]
        cls.today = cls.company._get_metrics_today()

    def run_cron(self):
        """What the scheduled action does, in the transaction of the test."""
        with patch.object(self.registry["ir.cron"], "_commit_progress", self.commit):
            self.Metrics._cron_refresh()
        self.env.invalidate_all()

    def commit(self, *_args, **_kwargs):
        return 100.0

    def test_every_night(self):
        self.make_invoice(self.card_east, 100, self.today)
        self.run_cron()
        self.assertEqual(self.get_row(self.card_east).amount, 100)
        self.assertEqual(self.company.metrics_as_of, self.today)
        self.assertNotIn(self.company, self.Metrics._get_companies_due())
        old = fields.Datetime.now() - timedelta(hours=7)
        self.company.metrics_computed_at = old
        self.assertIn(self.company, self.Metrics._get_companies_due())

    def test_goes_on_where_it_stopped(self):
        other = self.env["res.company"].create({"name": "Other Traders"})
        self.run_cron()
        self.company.metrics_computed_at = False
        computed = []
        with patch.object(
            self.registry["customer.metrics"],
            "_refresh_company",
            lambda _model, run: computed.append(run.company),
        ):
            self.run_cron()
        self.assertEqual(computed, [self.company])
        self.assertTrue(other.metrics_computed_at)

    def test_one_that_fails(self):
        """A company that cannot be computed does not stop the others."""
        other = self.env["res.company"].create({"name": "Other Traders"})
        refresh = self.registry["customer.metrics"]._refresh_company

        def fail(model, run):
            if run.company == self.company:
                raise ValueError("cannot")
            return refresh(model, run)

        with (
            patch.object(self.registry["customer.metrics"], "_refresh_company", fail),
            mute_logger(
                "odoo.addons.customer_segmentation.models.customer_metrics_schedule"
            ),
        ):
            self.run_cron()
        self.assertFalse(self.company.metrics_computed_at)
        self.assertTrue(other.metrics_computed_at)

    def test_compute_anew(self):
        self.refresh()
        self.make_invoice(self.card_east, 100, self.today)
        row = self.get_row(self.card_east)
        rows = self.Metrics.with_user(self.custodian_east).with_company(self.company)
        rows.browse(row.id).action_refresh()
        self.env.invalidate_all()
        self.assertEqual(row.amount, 100)

    def test_compute_anew_of_hidden_card(self):
        """P04: with the id of a row of somebody else's card in hand."""
        self.refresh()
        row = self.get_row(self.card_east)
        with self.assertRaises(AccessError):
            row.with_user(self.custodian_west).action_refresh()
        with self.assertRaises(AccessError):
            self.card_east.with_user(self.custodian_west).action_refresh_metrics()

    def test_compute_card(self):
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.card_east.id}
        )
        self.make_invoice(contact, 70, self.today)
        contact = contact.with_user(self.custodian_east).with_company(self.company)
        contact.action_refresh_metrics()
        self.env.invalidate_all()
        self.assertEqual(self.get_row(self.card_east).amount, 70)

    def test_compute_company(self):
        self.make_invoice(self.card_east, 100, self.today)
        rows = self.Metrics.with_company(self.company)
        with self.assertRaisesRegex(AccessError, "Select the customers"):
            rows.with_user(self.manager_east).action_refresh_company()
        rows.with_user(self.card_admin).action_refresh_company()
        self.env.invalidate_all()
        self.assertEqual(self.get_row(self.card_east).rank, 1)

    def test_nobody_writes(self):
        """Figures are computed: no right and no call changes one."""
        self.refresh()
        row = self.get_row(self.card_east).with_user(self.card_admin)
        for access in ("write", "create", "unlink"):
            self.assertFalse(row.has_access(access))
            self.assertFalse(
                self.env["customer.metrics.product"]
                .with_user(self.card_admin)
                .has_access(access)
            )

    def test_company_of_others(self):
        """Figures of a company that is not mine are not mine either."""
        self.refresh()
        row = self.get_row(self.card_east)
        outsider = new_test_user(
            self.env,
            "metrics_outsider",
            "customer_card.customer_card_group_administrator",
            company_id=self.env.ref("base.main_company").id,
        )
        with self.assertRaises(AccessError):
            row.with_user(outsider).with_context(
                allowed_company_ids=[]
            ).action_refresh()

    def test_look_back(self):
        """A14: a look back records nothing, and what follows compares with before."""
        Change = self.env["customer.segment.change"]
        self.company.abc_downgrade_runs = 1
        self.make_invoice(self.card_west, 900, "2026-01-10")
        self.make_invoice(self.card_east, 50, "2026-01-10")
        self.refresh(Date.to_date("2026-01-31"))
        self.assertEqual(self.get_row(self.card_east).abc_class, "b")
        self.assertFalse(Change.search([("company_id", "=", self.company.id)]))
        self.make_invoice(self.card_east, 3000, "2026-02-10")
        self.refresh(Date.to_date("2026-02-28"))
        changes = Change.search(
            [
                ("company_id", "=", self.company.id),
                ("partner_id", "=", self.card_east.id),
                ("dimension", "=", "abc"),
            ]
        )
        self.assertRecordValues(
            changes,
            [
                {
                    "value_from": "b",
                    "value_to": "a",
                    "date": Date.to_date("2026-02-28"),
                    "amount": 3050,
                    "rank": 1,
                }
            ],
        )
        number = Change.search_count([])
        self.refresh(Date.to_date("2026-01-31"))
        self.assertEqual(self.get_row(self.card_east).abc_class, "b")
        self.refresh(Date.to_date("2026-02-28"))
        self.assertEqual(self.get_row(self.card_east).abc_class, "a")
        self.assertFalse(self.get_row(self.card_east).remembered)
        self.assertEqual(Change.search_count([]), number)

    def test_number_of_statements(self):
        """The same for one customer and for a hundred."""

        def count():
            self.refresh()
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.Metrics._refresh(self.company)
            return self.env.cr.sql_log_count - before

        self.make_invoice(self.card_east, 10, self.today)
        few = count()
        partners = self.env["res.partner"].create(
            [{"name": f"Customer {number}"} for number in range(40)]
        )
        for partner in partners:
            self.make_invoice(partner, 10, self.today)
        self.assertEqual(count(), few)
