from dataclasses import dataclass
from datetime import date

from dateutil.relativedelta import relativedelta


@dataclass(frozen=True)
class MetricsRun:
    """What one computation of one company's customers is about.

    ``as_of`` is the last day that counts, in the company's time zone. The window is
    ``months`` long and ends with it: ``[date_from, as_of]``, both days included; the
    window before is of the same length and ends the day before ``date_from``. Counted
    back from the day after ``as_of``, a window that ends with a month begins with one.
    """

    company: object
    as_of: date
    months: int
    # invoiced (posted customer documents) or ordered (confirmed orders)
    basis: str
    # one statement for everybody, or only these customers (their ids)
    partner_ids: tuple | None = None
    # all figures, or only these and what they are made of (their names)
    fields: frozenset | None = None
    # False when this looks back to before the last run: changes of class are no history
    recorded: bool = True
    # the rows are those of a look back; what they were before it is in ``remembered``
    returning: bool = False
    # False on the first run of a company: what it finds is the start, no change
    has_history: bool = True

    @property
    def _day_after(self):
        return self.as_of + relativedelta(days=1)

    @property
    def date_from(self):
        return self._day_after - relativedelta(months=self.months)

    @property
    def previous_from(self):
        return self._day_after - relativedelta(months=2 * self.months)

    @property
    def days(self):
        return (self.as_of - self.date_from).days + 1

    @property
    def is_full(self):
        """Whether all customers are computed, so that their places can be told."""
        return self.partner_ids is None
