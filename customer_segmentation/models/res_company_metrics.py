from odoo import fields, models

from ..tools.metrics_run import MetricsRun


class ResCompany(models.Model):
    """How a company measures its customers."""

    _inherit = "res.company"

    metrics_months = fields.Integer(
        "Window (Months)",
        default=12,
        required=True,
        help="Values and classes count the purchases of this many months up to today.",
    )
    metrics_basis = fields.Selection(
        [("invoiced", "Invoiced"), ("ordered", "Ordered")],
        "Value Counts",
        default="invoiced",
        required=True,
        help="Invoiced: posted invoices less credit notes, untaxed. Ordered: confirmed "
        "sales orders, untaxed.",
    )

    metrics_as_of = fields.Date(
        "Figures As Of",
        readonly=True,
        copy=False,
        help="The last day that counts in the figures of this company's customers.",
    )
    metrics_recorded_as_of = fields.Date(
        "Changes Recorded Until",
        readonly=True,
        copy=False,
        help="A computation for an earlier day looks back: it records no change.",
    )

    metrics_computed_at = fields.Datetime(
        "Figures Computed On",
        readonly=True,
        copy=False,
        help="When all customers of this company were last computed.",
    )

    # what the next computation of purchases by product has to know of the last
    metrics_product_state = fields.Json(readonly=True, copy=False)

    _metrics_months_positive = models.Constraint(
        "CHECK (metrics_months BETWEEN 1 AND 120)",
        "The window of values and classes is between 1 and 120 months.",
    )

    def _get_metrics_run(self, as_of=None, partners=None, names=None):
        """:param as_of: the last day that counts; today in the company's time zone
            when not given
        :param partners: only these customers
        :param names: only these figures
        :return: ``MetricsRun``"""
        self.ensure_one()
        as_of = fields.Date.to_date(as_of) or self._get_metrics_today()
        last, recorded = self.metrics_as_of, self.metrics_recorded_as_of
        return MetricsRun(
            company=self,
            as_of=as_of,
            months=self.metrics_months,
            basis=self.metrics_basis,
            partner_ids=None if partners is None else tuple(partners.ids),
            fields=None if names is None else frozenset(names),
            recorded=not recorded or as_of >= recorded,
            returning=bool(last and recorded and last < recorded),
            has_history=bool(recorded),
        )

    def _get_metrics_today(self):
        """:return: today in the time zone of the company (its partner's, else UTC)"""
        self.ensure_one()
        now = fields.Datetime.now()
        zoned = self.with_context(tz=self.partner_id.tz or "UTC")
        return fields.Datetime.context_timestamp(zoned, now).date()
