from odoo import models
from odoo.tools import formatLang

from .customer_metrics_risk import RISKY

RISK_TONES = {"medium": "warning", "high": "danger", "lost": "danger"}


class CustomerMetrics(models.Model):
    """What the rhythm of a customer tells whoever goes to see him."""

    _inherit = "customer.metrics"

    def _get_rhythm_rows(self):
        """:return: rows of a preparation sheet: his risk and his next purchase"""
        self.ensure_one()
        make = self.env["customer.visit"]._make_preparation_row
        rows = []
        if self.defection_risk in RISKY:
            labels = dict(
                self._fields["defection_risk"]._description_selection(self.env)
            )
            rows.append(
                make(
                    self._get_silence_text(),
                    label=labels[self.defection_risk],
                    note=self.env._(
                        "%(amount)s at stake",
                        amount=formatLang(
                            self.env,
                            self.money_at_stake,
                            currency_obj=self.currency_id,
                            digits=0,
                        ),
                    ),
                    tone=RISK_TONES[self.defection_risk],
                )
            )
        if self.next_purchase_date and self.defection_risk != "lost":
            rows.append(
                make(
                    self.env._("Next purchase expected"),
                    when=self.env["customer.visit"]._format_preparation_date(
                        self.next_purchase_date
                    ),
                    tone="warning" if self.is_purchase_overdue else "",
                )
            )
        return rows

    def _get_silence_text(self):
        """:return: how long he has been silent, against his rhythm"""
        if not self.interval_median:
            return self.env._(
                "Silent for %(days)s days since his only purchase",
                days=self.recency_days,
            )
        return self.env._(
            "Silent for %(days)s days, usually %(usual)s",
            days=self.recency_days,
            usual=round(self.interval_median),
        )
