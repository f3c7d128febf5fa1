from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

MONTHS = 12
# customers in a list of the page
MOST_ROWS = 8
MIGRATION_DAYS = 90


class CustomerDashboard(models.AbstractModel):
    """What moves: sales by month, changes of class, who is about to leave."""

    _inherit = "customer.dashboard"

    # ------------------------------------------------------------
    # CHANGES, RISK, MONTHS
    # ------------------------------------------------------------

    @api.model
    def _get_migration(self, company, team_id, custodian_id):
        """:return: list of ``{from, to, count, tone, domain}``: changes of ABC class of
        the last three months, the most frequent first"""
        since = self.env.user._card_today() - relativedelta(days=MIGRATION_DAYS)
        domain = (
            Domain("company_id", "=", company.id)
            & Domain("dimension", "=", "abc")
            & Domain("date", ">", since)
            & Domain("value_from", "!=", False)
            & self._get_card_scope("partner_id", team_id, custodian_id)
        )
        groups = self.env["customer.segment.change"]._read_group(
            domain, ["value_from", "value_to"], ["__count"]
        )
        labels = dict(
            self.env["customer.metrics"]
            ._fields["abc_class"]
            ._description_selection(self.env)
        )
        order = list(labels)
        return [
            {
                "from": labels.get(before, before),
                "to": labels.get(after, after),
                "count": count,
                "tone": "success"
                if before in order
                and after in order
                and order.index(after) < order.index(before)
                else "danger",
                "domain": list(
                    domain
                    & Domain("value_from", "=", before)
                    & Domain("value_to", "=", after)
                ),
            }
            for before, after, count in sorted(groups, key=lambda row: -row[2])
        ]

    @api.model
    def _get_card_scope(self, path, team_id, custodian_id):
        """:return: Domain on a model whose customer is at ``path``"""
        domain = Domain.TRUE
        if isinstance(team_id, int) and team_id:
            domain &= Domain(f"{path}.card_team_id", "child_of", team_id)
        if isinstance(custodian_id, int) and custodian_id:
            domain &= Domain(f"{path}.card_custodian_id", "=", custodian_id)
        return domain

    @api.model
    def _get_risk(self, domain):
        """:return: list of ``{code, label, count, amount, domain}``: customers by risk
        of defection, with the money at stake"""
        Metrics = self.env["customer.metrics"]
        found = {
            code: (count, stake or 0.0)
            for code, count, stake in Metrics._read_group(
                domain & Domain("defection_risk", "!=", False),
                ["defection_risk"],
                ["__count", "money_at_stake:sum"],
            )
        }
        labels = dict(
            Metrics._fields["defection_risk"]._description_selection(self.env)
        )
        return [
            {
                "code": code,
                "label": label,
                "count": found[code][0],
                "amount": found[code][1],
                "domain": list(domain & Domain("defection_risk", "=", code)),
            }
            for code, label in labels.items()
            if code in found
        ]

    @api.model
    def _get_months(self, domain):
        """Net sales of the customers that the user may see, from the documents: their
        lines are ten times as many.

        :return: list of twelve ``{label, start, end, amount, before}``; the last is
            the month of today
        """
        today = self.env.user._card_today()
        first = today.replace(day=1) - relativedelta(months=MONTHS - 1)
        Metrics = self.env["customer.metrics"]
        query = Metrics._search(domain)
        self.env["account.move"].flush_model()
        amounts = dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT date_trunc('month', move.invoice_date)::date,
                           SUM(move.amount_untaxed_signed)
                      FROM account_move move
                      JOIN res_partner contact ON contact.id = move.partner_id
                     WHERE move.company_id = %(company)s
                       AND move.state = 'posted'
                       AND move.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
                       AND move.invoice_date >= %(since)s
                       AND %(customer)s IN %(customers)s
                  GROUP BY 1
                    """,
                    company=self.env.company.id,
                    since=first - relativedelta(months=MONTHS),
                    customer=Metrics._get_customer_sql("contact"),
                    customers=query.subselect(
                        Metrics._field_to_sql(Metrics._table, "partner_id")
                    ),
                )
            )
        )
        months = [first + relativedelta(months=number) for number in range(MONTHS)]
        return [
            {
                "label": format_date(self.env, start, date_format="MMM yy"),
                "start": fields.Date.to_string(start),
                "end": fields.Date.to_string(start + relativedelta(months=1)),
                "amount": float(amounts.get(start, 0)),
                "before": float(amounts.get(start - relativedelta(months=MONTHS), 0)),
            }
            for start in months
        ]

    @api.model
    def _get_leaving(self, domain):
        """:return: list of ``{id, name, amount, risk, code, silent, custodian}``: those
        about to leave with the most money at stake"""
        Metrics = self.env["customer.metrics"]
        rows = Metrics.search(
            domain & Domain("defection_risk", "in", ("medium", "high")),
            order="money_at_stake desc, id",
            limit=MOST_ROWS,
        )
        labels = dict(
            Metrics._fields["defection_risk"]._description_selection(self.env)
        )
        return [
            {
                "id": row.id,
                "name": row.partner_id.display_name,
                "amount": row.money_at_stake,
                "code": row.defection_risk,
                "risk": labels[row.defection_risk],
                "silent": self.env._("silent for %(days)s days", days=row.recency_days),
                # sudo: the name of a colleague
                "custodian": row.sudo().custodian_id.name,
            }
            for row in rows
        ]
