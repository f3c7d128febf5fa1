"""Every figure and class against a reference that was written apart from it."""

import os
import unittest
from datetime import timedelta

from odoo.tests import tagged

from .independent_check import IndependentCheck
from .reference import KeptClasses

try:
    import hypothesis
except ImportError:
    hypothesis = None
else:
    from .storyteller import Storyteller
    from .strategies import PEOPLE, PRODUCTS, continued_stories, stories

EXAMPLES = int(os.environ.get("CHECK_EXAMPLES") or 40)


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

    def test_histories_go_on(self):
        """O02, A14: computed again and again while documents come, go and are
        rewritten, customers move and costs change, the figures stay right, and a class
        goes down only when it was found twice."""

        def check(told):
            story, later, moved, cancelled, cost = told
            self.teller.tell({**story, "documents": story["documents"][::2]})
            kept = KeptClasses(self.company.abc_downgrade_runs)
            steps = (
                lambda: None,
                lambda: self.teller.tell_documents(story["documents"][1::2]),
                lambda: self.teller.tell_people(moved),
                lambda: self.cancel_document(cancelled),
                lambda: self.change_cost(cost),
                lambda: None,
            )
            for number, step in enumerate(steps):
                step()
                self.env.flush_all()
                as_of = story["as_of"] + timedelta(days=later * number)
                mismatches = self.get_mismatches(self.company, as_of, kept)
                self.assertFalse(mismatches, f"step {number}\n" + "\n".join(mismatches))

        self.run_stories(check, continued_stories(), EXAMPLES // 4)

    def cancel_document(self, number):
        self.env.cr.execute(
            """
            SELECT id FROM account_move
             WHERE company_id = %s AND state = 'posted' AND move_type != 'entry'
          ORDER BY id
            """,
            [self.company.id],
        )
        ids = [row[0] for row in self.env.cr.fetchall()]
        if ids:
            self.env["account.move"].browse(ids[number % len(ids)]).button_cancel()

    def change_cost(self, cost):
        self.products[1].with_company(self.company).standard_price = cost
