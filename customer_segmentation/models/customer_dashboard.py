from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import format_date


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
            "months": self._get_months(domain),
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
