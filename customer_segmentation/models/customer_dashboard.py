from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

# points of the curve and of the history
CURVE_POINTS = 60
MONTHS = 12
# customers in a list of the page
MOST_ROWS = 8
MIGRATION_DAYS = 90


class CustomerDashboard(models.AbstractModel):
    """The page *Dashboard* of Analysis: one call brings all of it, with a number of
    queries that does not depend on how many customers there are.

    It reads with the rights of the user: a custodian sees the curve of his own
    customers, a manager that of his departments, back office that of the company.
    Every figure comes with the domain of the records behind it.
    """

    _name = "customer.dashboard"
    _description = "Dashboard of Customers"

    @api.model
    def get_dashboard(self, team_id=None, custodian_id=None):
        """All that the page shows, in the current company.

        :param team_id: only the cards of this department and those below
        :param custodian_id: only the cards that this user keeps
        :return: dict that can be sent as JSON: ``scope`` (what can be chosen),
            ``tiles``, ``classes``, ``curve``, ``concentration``, ``migration``,
            ``risk``, ``months`` and ``leaving``
        :raise AccessError: for users who neither work with cards nor read them
        """
        user = self.env.user
        if not (
            self.env.is_admin()
            or user._is_card_admin()
            or user._is_card_user()
            or user._is_card_reader()
        ):
            raise AccessError(
                self.env._(
                    "The dashboard is a page for those who work with customer cards."
                )
            )
        company = self.env.company
        domain = self._get_scope_domain(company, team_id, custodian_id)
        classes = self._get_classes(domain)
        concentration, curve = self._get_concentration(domain)
        return {
            "currency": company.currency_id.id,
            "company": company.name,
            "as_of": self._get_as_of(domain),
            "scope": self._get_scope(company),
            "domain": list(domain),
            "tiles": self._get_tiles(domain, concentration),
            "classes": classes,
            "curve": curve,
            "concentration": concentration,
            "migration": self._get_migration(company, team_id, custodian_id),
            "risk": self._get_risk(domain),
            "months": self._get_months(company, team_id, custodian_id),
            "leaving": self._get_leaving(domain),
        }

    # ------------------------------------------------------------
    # SCOPE
    # ------------------------------------------------------------

    @api.model
    def _get_scope_domain(self, company, team_id, custodian_id):
        """:return: Domain on a model with ``company_id``, ``team_id`` and
        ``custodian_id``, for what the client has chosen"""
        domain = Domain("company_id", "=", company.id)
        if isinstance(team_id, int) and team_id:
            domain &= Domain("team_id", "child_of", team_id)
        if isinstance(custodian_id, int) and custodian_id:
            domain &= Domain("custodian_id", "=", custodian_id)
        return domain

    @api.model
    def _get_scope(self, company):
        """:return: ``{teams, custodians}``: whose customers the user has, each a list of
        ``{id, name}``"""
        Metrics = self.env["customer.metrics"]
        domain = Domain("company_id", "=", company.id)
        teams = Metrics._read_group(domain, ["team_id"])
        custodians = Metrics._read_group(domain, ["custodian_id"])
        # sudo: names of departments and colleagues
        found = self.env["crm.team"].concat(*(team for (team,) in teams)).sudo()
        return {
            "teams": [
                {"id": team.id, "name": team.name}
                for team in (
                    self._get_teams_above(found) if len(found) > 1 else found
                ).sorted("name")
            ],
            "custodians": [
                {"id": user.id, "name": user.name}
                for (user,) in sorted(
                    ((user.sudo(),) for (user,) in custodians if user),
                    key=lambda row: row[0].name or "",
                )
            ],
        }

    @api.model
    def _get_teams_above(self, teams):
        """:return: crm.team (sudo): these and the regions they are part of"""
        everything = above = teams
        while above := above.parent_id - everything:
            everything |= above
        return everything

    @api.model
    def _get_as_of(self, domain):
        ((day,),) = self.env["customer.metrics"]._read_group(
            domain, aggregates=["as_of:max"]
        )
        return day and format_date(self.env, day)

    # ------------------------------------------------------------
    # TILES
    # ------------------------------------------------------------

    @api.model
    def _get_tiles(self, domain, concentration):
        """:return: list of ``{code, label, value, kind, note, tone, domain}``; kind says
        how the client writes the value: money, number or percent"""
        Metrics = self.env["customer.metrics"]
        buying = domain & Domain("amount", ">", 0)
        ((now, before, is_open, overdue),) = Metrics._read_group(
            domain,
            aggregates=[
                "amount:sum",
                "amount_previous:sum",
                "receivable_open:sum",
                "receivable_overdue:sum",
            ],
        )
        buyers = concentration["customers"]
        change = round(100 * (now - before) / before) if before and before > 0 else None
        return [
            {
                "code": "sales",
                "label": self.env._("Net sales"),
                "value": now or 0.0,
                "kind": "money",
                "note": self.env._(
                    "%(change)s%% on the period before", change=f"{change:+d}"
                )
                if change is not None
                else "",
                "tone": False
                if change is None
                else "success"
                if change >= 0
                else "danger",
                "domain": list(buying),
            },
            {
                "code": "customers",
                "label": self.env._("Customers who buy"),
                "value": buyers,
                "kind": "number",
                "note": self.env._(
                    "of %(count)s in all", count=Metrics.search_count(domain)
                ),
                "tone": False,
                "domain": list(buying),
            },
            {
                "code": "overdue",
                "label": self.env._("Overdue receivables"),
                "value": overdue or 0.0,
                "kind": "money",
                "note": self.env._(
                    "%(share)s%% of what is open",
                    share=round(100 * (overdue or 0.0) / is_open)
                    if is_open and is_open > 0
                    else 0,
                ),
                "tone": "danger" if overdue else False,
                "domain": list(domain & Domain("receivable_overdue", ">", 0)),
            },
            self._get_risk_tile(domain),
        ]

    @api.model
    def _get_risk_tile(self, domain):
        at_risk = domain & Domain("defection_risk", "in", ("medium", "high"))
        ((count, stake),) = self.env["customer.metrics"]._read_group(
            at_risk, aggregates=["__count", "money_at_stake:sum"]
        )
        return {
            "code": "risk",
            "label": self.env._("Money at stake"),
            "value": stake or 0.0,
            "kind": "money",
            "note": self.env._("Customers about to leave: %(count)s", count=count),
            "tone": "warning" if count else False,
            "domain": list(at_risk),
        }

    # ------------------------------------------------------------
    # CLASSES AND CONCENTRATION
    # ------------------------------------------------------------

    @api.model
    def _get_classes(self, domain):
        """:return: list of ``{code, label, count, amount, share, domain}``"""
        Metrics = self.env["customer.metrics"]
        found = {
            code: (count, amount or 0.0)
            for code, count, amount in Metrics._read_group(
                domain, ["abc_class"], ["__count", "amount:sum"]
            )
        }
        total = sum(amount for _count, amount in found.values() if amount > 0)
        labels = dict(Metrics._fields["abc_class"]._description_selection(self.env))
        return [
            {
                "code": code,
                "label": label,
                "count": found.get(code, (0, 0.0))[0],
                "amount": found.get(code, (0, 0.0))[1],
                "share": 100 * max(0.0, found.get(code, (0, 0.0))[1]) / total
                if total
                else 0.0,
                "domain": list(domain & Domain("abc_class", "=", code)),
            }
            for code, label in labels.items()
        ]

    @api.model
    def _get_concentration(self, domain):
        """How much of the sales the largest customers hold, of those that the user may
        see and that buy.

        * HHI: sum of the squared shares, times 10,000 (1 customer: 10,000);
        * Gini = sum((2i - n - 1) x_i) / (n sum(x)), x ascending: 0 all alike, near 1 one
          has all.

        :return: ``{customers, top1, top5, top10, hhi, gini}`` (shares in percent), and
            the ABC curve as a list of ``{x, y}`` in percent of customers and of sales
        """
        Metrics = self.env["customer.metrics"]
        query = Metrics._search(domain & Domain("amount", ">", 0))
        self.env.flush_all()
        row = self.env.execute_query(
            SQL(
                """
                WITH customers AS (
                    SELECT amount,
                           ROW_NUMBER() OVER largest AS place,
                           COUNT(*) OVER () AS many,
                           SUM(amount) OVER () AS total,
                           SUM(amount) OVER largest AS held
                      FROM (%(amounts)s) figures
                    WINDOW largest AS (
                        ORDER BY amount DESC, id ROWS UNBOUNDED PRECEDING)
                )
                SELECT COUNT(*),
                       100 * MAX(held / total) FILTER (WHERE place <= 1),
                       100 * MAX(held / total) FILTER (WHERE place <= 5),
                       100 * MAX(held / total) FILTER (WHERE place <= 10),
                       10000 * SUM((amount / total) ^ 2),
                       SUM((many + 1 - 2 * place) * amount) / MAX(many * total),
                       (SELECT json_agg(json_build_array(
                                   100.0 * place / many, 100 * held / total)
                                   ORDER BY place)
                          FROM customers
                         WHERE many <= %(points)s
                            OR place IN (1, many)
                            OR place * %(points)s / many
                               <> (place - 1) * %(points)s / many)
                  FROM customers
                """,
                amounts=query.select(
                    SQL("%s AS id", Metrics._field_to_sql(Metrics._table, "id")),
                    SQL(
                        "%s::numeric AS amount",
                        Metrics._field_to_sql(Metrics._table, "amount"),
                    ),
                ),
                points=CURVE_POINTS,
            )
        )[0]
        count, *shares, hhi, gini, points = row
        names = ("top1", "top5", "top10")
        return (
            {
                "customers": count,
                **{
                    name: float(share or 0)
                    for name, share in zip(names, shares, strict=True)
                },
                "hhi": round(hhi or 0),
                "gini": round(float(gini or 0), 2),
            },
            [{"x": float(x), "y": float(y)} for x, y in points or []],
        )

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
    def _get_months(self, company, team_id, custodian_id):
        """:return: list of twelve ``{label, start, end, amount, before}``; the last is
        the month of today"""
        today = self.env.user._card_today()
        first = today.replace(day=1) - relativedelta(months=MONTHS - 1)
        Report = self.env["customer.trade.report"]
        domain = self._get_scope_domain(company, team_id, custodian_id) & Domain(
            "date", ">=", first - relativedelta(months=MONTHS)
        )
        amounts = dict(Report._read_group(domain, ["date:month"], ["amount:sum"]))
        months = [first + relativedelta(months=number) for number in range(MONTHS)]
        return [
            {
                "label": format_date(self.env, start, date_format="MMM yy"),
                "start": fields.Date.to_string(start),
                "end": fields.Date.to_string(start + relativedelta(months=1)),
                "amount": amounts.get(start, 0.0),
                "before": amounts.get(start - relativedelta(months=MONTHS), 0.0),
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
