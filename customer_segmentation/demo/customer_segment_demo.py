from dateutil.relativedelta import relativedelta

from odoo import api, models

MONTHS = 6
FIGURES = ("amount", "rank", "share", "share_before")


class CustomerTradeDemo(models.AbstractModel):
    """Half a year of ABC classes, as if the nightly runs had taken place."""

    _inherit = "customer.trade.demo"

    @api.model
    def _make_history(self):
        result = super()._make_history()
        self._make_class_history(self._get_company())
        return result

    @api.model
    def _make_class_history(self, company):
        """Record the changes of class between the months of the last half year, from
        the documents of then."""
        today = company._get_metrics_today()
        days = [
            today - relativedelta(months=months) for months in range(MONTHS, -1, -1)
        ]
        Snapshot = self.env["customer.segment.snapshot"]
        company.segments_since = days[0]
        before, changes = {}, []
        for day in days:
            Snapshot._make(company, day)
            rows = Snapshot.search([("company_id", "=", company.id)])
            for row in rows:
                old = before.get(row.partner_id, row.class_computed)
                if old != row.class_computed:
                    changes.append(
                        {
                            "partner_id": row.partner_id.id,
                            "company_id": company.id,
                            "date": day,
                            "dimension": "abc",
                            "value_from": old,
                            "value_to": row.class_computed,
                            **{name: row[name] for name in FIGURES},
                        }
                    )
                before[row.partner_id] = row.class_computed
            rows.sudo().unlink()
        self.env["customer.segment.change"].create(changes)
