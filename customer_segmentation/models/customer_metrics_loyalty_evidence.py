from datetime import datetime, time

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import formatLang

from .customer_metrics_loyalty import ATTITUDE_MEASURES

# the documents that a measure rests on
EVIDENCE_MODELS = {
    "repeat": "account.move",
    "decision": "sale.order",
    "price": "sale.order.line",
    "competitor": "customer.card.competitor",
    "incident": "account.move",
}


class CustomerMetrics(models.Model):
    """Loyalty as one reads it: each measure with what it rests on, in the language of
    the reader, and a way to the records behind it."""

    _inherit = "customer.metrics"

    loyalty_evidence = fields.Json(
        "Loyalty and Its Evidence", compute="_compute_loyalty_evidence"
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends_context("lang", "uid")
    @api.depends("loyalty_kind", "loyalty_attitude", "loyalty_repeat_score", "as_of")
    def _compute_loyalty_evidence(self):
        """``{id, conclusion, axes: [{label, score, limit, good}], measures: [{code,
        label, finding, score, link}]}``: ``score`` is False without evidence, ``link``
        tells whether the user may look at the records."""
        links = {
            code: self.env[model].has_access("read")
            for code, model in EVIDENCE_MODELS.items()
        }
        for row in self:
            company = row.company_id.sudo()
            row.loyalty_evidence = {
                "id": row.id,
                "conclusion": row._get_loyalty_conclusion(company),
                "axes": row._get_loyalty_axes_shown(company),
                "measures": [
                    {**measure, "link": measure["score"] is not False and links[code]}
                    for code, measure in row._get_loyalty_measures().items()
                ],
            }

    def _get_loyalty_conclusion(self, company):
        """:return: text: which class, and why"""
        self.ensure_one()
        if not self.purchase_days_lifetime:
            return self.env._("He has not bought yet: his loyalty is not known.")
        if not self.loyalty_kind:
            return self.env._(
                "Not known: %(known)s of the four measures of attitude have evidence, "
                "%(needed)s are needed. Ask him what he thinks of competing brands, and "
                "enter it on his card.",
                known=self.loyalty_measures,
                needed=company.loyalty_min_measures,
            )
        return {
            "true": self.env._("Loyal: he buys repeatedly and is well disposed to us."),
            "latent": self.env._(
                "Switcher: he is well disposed to us, but seldom buys from us."
            ),
            "spurious": self.env._(
                "Switcher: he buys repeatedly, but would as well buy elsewhere."
            ),
            "none": self.env._(
                "No brand loyalty: he seldom buys and is not attached to us."
            ),
        }[self.loyalty_kind]

    def _get_loyalty_axes_shown(self, company):
        self.ensure_one()
        known = self.loyalty_measures >= company.loyalty_min_measures
        return [
            {
                "label": self.env._("Repeat patronage"),
                "score": bool(self.purchase_days_lifetime)
                and round(self.loyalty_repeat_score),
                "limit": company.loyalty_patronage_limit,
                "good": self.loyalty_repeat_score >= company.loyalty_patronage_limit,
            },
            {
                "label": self.env._("Relative attitude"),
                "score": known and round(self.loyalty_attitude),
                "limit": company.loyalty_attitude_limit,
                "good": self.loyalty_attitude >= company.loyalty_attitude_limit,
            },
        ]

    def _get_loyalty_measures(self):
        """:return: ``{code: values}``, see ``_compute_loyalty_evidence``"""
        self.ensure_one()
        labels = {
            "repeat": self.env._("Repeat purchases"),
            "decision": self.env._("Time to decide"),
            "price": self.env._("Sensitivity to price"),
            "competitor": self.env._("Attitude to competitors"),
            "incident": self.env._("Tolerance of incidents"),
        }
        known = {"repeat": self.purchase_days_lifetime} | {
            code: self[count] for code, (count, _score) in ATTITUDE_MEASURES.items()
        }
        scores = {"repeat": "loyalty_repeat_score"} | {
            code: score for code, (_count, score) in ATTITUDE_MEASURES.items()
        }
        findings = self._get_loyalty_findings()
        return {
            code: {
                "code": code,
                "label": label,
                "finding": findings[code],
                "score": bool(known[code]) and round(self[scores[code]]),
            }
            for code, label in labels.items()
        }

    def _get_loyalty_findings(self):
        """:return: ``{code: text}``: what was found, or that nothing was"""
        self.ensure_one()

        def number(value, digits=0):
            return formatLang(self.env, value, digits=digits)

        return {
            "repeat": self.env._(
                "%(repeats)s in the window, %(ever)s ever",
                repeats=self.loyalty_repeats,
                ever=self.repeat_purchases,
            )
            if self.purchase_days_lifetime
            else self.env._("No purchase yet"),
            "decision": self.env._(
                "%(days)s days from quotation to order (median of %(orders)s orders)",
                days=number(self.decision_days, 1),
                orders=self.orders,
            )
            if self.orders
            else self.env._("No evidence: no order in the window"),
            "price": self.env._(
                "%(discounted)s of %(lines)s lines with a discount, %(rate)s %% taken "
                "on all",
                discounted=self.order_lines_discounted,
                lines=self.order_lines,
                rate=number(self.discount_rate, 1),
            )
            if self.order_lines
            else self.env._("No evidence: no order in the window"),
            "competitor": self.env._(
                "%(answers)s answers on the card and from visits",
                answers=self.competitor_answers,
            )
            if self.competitor_answers
            else self.env._("No evidence: nobody has asked him yet"),
            "incident": self._get_incident_finding(),
        }

    def _get_incident_finding(self):
        if not self.incidents:
            return self.env._("No evidence: nothing came back in the window")
        pending = self.incidents - self.incidents_judged
        text = self.env._(
            "%(tolerated)s of %(judged)s returns followed by a purchase",
            tolerated=self.incidents_tolerated,
            judged=self.incidents_judged,
        )
        if pending and not self.incidents_judged:
            return self.env._(
                "No evidence yet: it is too early after %(pending)s returns",
                pending=pending,
            )
        if pending:
            text += self.env._(", too early after %(pending)s", pending=pending)
        return text

    # ------------------------------------------------------------
    # EVIDENCE
    # ------------------------------------------------------------

    def action_loyalty_evidence(self, code):
        """:param code: of a measure
        :return: the action that shows the records behind it, those that the user may
            see
        :raise UserError: for a measure that does not exist
        """
        self.ensure_one()
        self.check_access("read")
        domains = self._get_evidence_domains()
        if code not in domains:
            raise UserError(self.env._("There is no such measure of loyalty."))
        return {
            "type": "ir.actions.act_window",
            "name": self._get_loyalty_measures()[code]["label"],
            "res_model": EVIDENCE_MODELS[code],
            "view_mode": "list,form",
            "views": [(False, "list"), (False, "form")],
            "domain": list(domains[code]),
            "context": {"create": False},
        }

    def _get_evidence_domains(self):
        """:return: ``{code: Domain}`` on the model of the measure"""
        self.ensure_one()
        run = self.company_id.sudo()._get_metrics_run(self.as_of)
        customer = self.partner_id
        mine = (
            Domain("card_root_id", "=", customer.id)
            # sudo: whether he has a card
            if customer.sudo().card_root_id
            else Domain("card_root_id", "=", False)
            & Domain("commercial_partner_id", "=", customer.id)
        )
        company = Domain("company_id", "=", self.company_id.id)
        documents = (
            company
            & Domain("partner_id", "any", mine)
            & Domain("state", "=", "posted")
            & Domain("invoice_date", ">=", run.date_from)
            & Domain("invoice_date", "<=", run.as_of)
        )
        orders = (
            company
            & Domain("partner_id", "any", mine)
            & Domain("state", "=", "sale")
            & Domain("date_order", ">=", self._get_moment(run.date_from, time.min))
            & Domain("date_order", "<=", self._get_moment(run.as_of, time.max))
        )
        return {
            "repeat": documents
            & Domain("move_type", "in", ("out_invoice", "out_receipt")),
            "decision": orders,
            "price": Domain("order_id", "any", orders)
            & Domain("display_type", "=", False),
            "competitor": Domain("partner_id", "any", mine),
            "incident": documents & Domain("move_type", "=", "out_refund"),
        }

    def _get_moment(self, day, moment):
        """:return: that moment of a day of the company, in UTC, as a domain takes it"""
        zone = pytz.timezone(self.company_id.sudo().partner_id.tz or "UTC")
        local = zone.localize(datetime.combine(day, moment))
        return fields.Datetime.to_string(local.astimezone(pytz.utc))
