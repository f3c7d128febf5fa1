"""Every figure and class against a reference that was written apart from it."""

import os
import unittest
from decimal import Decimal

from odoo.tests import tagged

from .books_reader import BooksReader
from .common import CustomerSegmentationCommon
from .reference import Question
from .reference_money import FullReference

try:
    import hypothesis
except ImportError:
    hypothesis = None
else:
    from .storyteller import Storyteller
    from .strategies import PEOPLE, PRODUCTS, stories

EXAMPLES = int(os.environ.get("CHECK_EXAMPLES") or 40)
#: what a float may be off by: shares are kept with six digits
TOLERANCE = 1e-6


class IndependentCheck(CustomerSegmentationCommon):
    """Compares what the engine writes with what ``Reference`` says."""

    def get_question(self, company, as_of):
        return Question(
            company_id=company.id,
            as_of=as_of,
            months=company.metrics_months,
            basis=company.metrics_basis,
            timezone=company.partner_id.tz or "UTC",
            digits=company.currency_id.decimal_places,
            limit_a=Decimal(str(company.abc_limit_a)),
            limit_b=Decimal(str(company.abc_limit_b)),
            risk={
                "window": company.risk_window_days,
                "first": company.risk_first_days,
                "factor": Decimal(str(company.risk_factor)),
                "high": Decimal(str(company.risk_high_factor)),
                "lost": Decimal(str(company.risk_lost_factor)),
            },
        )

    def get_mismatches(self, company, as_of):
        """Compute the figures of a company.

        :return: texts, one for every figure that differs"""
        books = BooksReader(self.env, company).read()
        expected = FullReference(books, self.get_question(company, as_of)).get_rows()
        self.refresh(as_of, company)
        rows = {
            row.partner_id.id: row
            for row in self.env["customer.metrics"]
            .with_context(active_test=False)
            .search([("company_id", "=", company.id)])
        }
        names = {
            one.id: one.name for one in self.env["res.partner"].browse(books.partners)
        }
        mismatches = [
            f"{names[customer]}: {'no row' if customer in expected else 'no customer'}"
            for customer in expected.keys() ^ rows.keys()
        ]
        for customer in expected.keys() & rows.keys():
            row = rows[customer]
            for name, value in expected[customer].items():
                if not self.is_same(row, name, value):
                    mismatches.append(
                        f"{names[customer]}.{name}: {row[name]!r} instead of {value!r}"
                    )
        return mismatches

    def is_same(self, row, name, value):
        mine = row[name]
        if row._fields[name].type == "monetary":
            return row.company_id.currency_id.compare_amounts(mine, float(value)) == 0
        if isinstance(value, float):
            return abs(mine - value) <= TOLERANCE * max(1, abs(value))
        return (mine or None) == (value or None)


@unittest.skipUnless(hypothesis, "hypothesis is not installed: pip install hypothesis")
@tagged("post_install", "-at_install")
class TestIndependentCheck(IndependentCheck):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = cls.env["res.partner"].create(
            [{"name": f"Person {number}"} for number in range(PEOPLE)]
        )
        categories = cls.env["product.category"].create(
            [{"name": "Check 1"}, {"name": "Check 2"}]
        )
        cls.products = (
            cls.env["product.product"]
            .with_company(cls.company)
            .create(
                [
                    {
                        "name": f"Check {number}",
                        "categ_id": categories[number % 2].id,
                        "standard_price": number * 10,
                    }
                    for number in range(PRODUCTS)
                ]
            )
        )
        cls.other_currency = cls.env["res.currency"].create(
            {"name": "CHK", "symbol": "C", "rounding": 0.01}
        )
        cls.teller = Storyteller(
            cls.company, cls.people, cls.products, cls.other_currency
        )

    def run_stories(self, check, strategy, examples=EXAMPLES):
        """Run ``check`` with generated stories, each undone after it."""

        def run(story):
            savepoint = self.env.cr.savepoint()
            try:
                check(story)
            finally:
                savepoint.rollback()
                savepoint.close(rollback=False)
                self.env.invalidate_all()

        settings = hypothesis.settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize="CHECK_EXAMPLES" not in os.environ,
            # making a failure small takes minutes: CHECK_SHRINK=1
            phases=[
                phase
                for phase in hypothesis.Phase
                if phase is hypothesis.Phase.generate
                or (phase is hypothesis.Phase.shrink and "CHECK_SHRINK" in os.environ)
            ],
            report_multiple_bugs=False,
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        settings(hypothesis.given(strategy)(run))()

    def test_histories(self):
        """C07, O02: whatever happened, every figure is what the reference finds."""

        def check(story):
            self.teller.tell(story)
            mismatches = self.get_mismatches(self.company, story["as_of"])
            self.assertFalse(mismatches, "\n".join(mismatches))

        self.run_stories(check, stories())
