"""Compares what the engine writes with what the reference says."""

from decimal import Decimal

from .books_reader import BooksReader
from .common import CustomerSegmentationCommon
from .reference import Question
from .reference_money import FullReference

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

    def get_mismatches(self, company, as_of, kept=None):
        """Compute the figures of a company.

        :param kept: ``KeptClasses`` of the computations before
        :return: texts, one for every figure that differs"""
        books = BooksReader(self.env, company).read_books()
        expected = FullReference(books, self.get_question(company, as_of)).get_rows()
        if kept:
            found = {who: row["abc_class"] for who, row in expected.items()}
            for customer, name in kept.keep(found).items():
                expected[customer]["abc_class"] = name
                expected[customer]["abc_computed"] = found[customer]
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
