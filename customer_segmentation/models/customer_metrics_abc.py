from odoo import api, fields, models
from odoo.tools import SQL

from .customer_metrics import ABC_CLASSES


class CustomerMetrics(models.Model):
    """ABC: few customers who buy most, and many who buy little.

    A customer is A while the share of the net sales held by *strictly larger* customers
    is below the first limit of the company (80 %), B while it is below the second
    (95 %), else C. So equals share a class, and the largest customer is always A. Who
    bought nothing, or gave back as much as he bought, has no class ("none") and is not
    in the total.

    ``abc_computed`` is what the figures say; ``abc_class`` is what counts. A higher
    class counts at once, and so does "none", which is a fact and no matter of limits. A
    lower one counts when ``abc_downgrade_runs`` computations of all customers in a row
    have found the customer lower than what counts; it is then the class that the last
    of them found.

    If the company wants it, the same among the customers of a department, or of a
    region: the team above the department, else the department itself.
    """

    _inherit = "customer.metrics"

    amount_before = fields.Monetary(
        "Net Sales of Larger Customers",
        aggregator="max",
        help="Of all customers who buy strictly more, in the window.",
    )
    abc_computed = fields.Selection(
        ABC_CLASSES,
        "ABC Class by the Figures",
        help="What the last computation found. A lower class counts only when it was "
        "found several times in a row.",
    )
    abc_lower_runs = fields.Integer(
        "Found Lower",
        aggregator=None,
        help="How many computations in a row have found a lower class than the one that "
        "counts.",
    )

    # among the customers of the department or the region
    abc_team_id = fields.Many2one(
        "crm.team",
        "Compared Within",
        index="btree_not_null",
        ondelete="set null",
        help="The department, or the region, whose customers he is compared with.",
    )
    abc_class_team = fields.Selection(ABC_CLASSES, "ABC Class Within the Department")
    abc_lower_runs_team = fields.Integer(
        "Found Lower Within the Department", aggregator=None
    )
    rank_team = fields.Integer("Rank Within the Department", aggregator="min")
    share_before_team = fields.Float(
        "Share of Larger Customers Within the Department (%)",
        digits=(16, 4),
        aggregator="max",
    )

    # the neighbours of a customer, and how far it is to the next class
    _company_amount_idx = models.Index("(company_id, amount)")
    _company_abc_idx = models.Index("(company_id, abc_computed, amount)")

    # ------------------------------------------------------------
    # COMPUTATION
    # ------------------------------------------------------------

    @api.model
    def _get_history_fields(self):
        names = super()._get_history_fields()
        return {**names, "abc_class_team": "abc_team"}

    @api.model
    def _get_sources(self, run):
        sources = super()._get_sources(run)
        if scope := run.company.abc_scope:
            sources["abc_team"] = SQL(
                """SELECT card.id AS partner_id, %s AS team_id
                     FROM res_partner card
                     JOIN crm_team team ON team.id = card.card_team_id
                    WHERE card.card_root_id = card.id""",
                SQL("COALESCE(team.parent_id, team.id)")
                if scope == "region"
                else SQL("team.id"),
            )
        return sources

    @api.model
    def _get_layers(self, run):
        layers = super()._get_layers(run)
        has_teams = bool(run.company.abc_scope)
        layers["facts"]["abc_team_id"] = (
            SQL("abc_team.team_id") if has_teams else SQL("NULL")
        )
        ranks = layers["ranks"]
        # a column of its own, for the class that counts asks for it again and again
        ranks["abc_found"] = self._get_abc_sql(
            run, ranks["larger_amount"], ranks["total_amount"]
        )
        ranks.update(self._get_abc_team_ranks(has_teams))
        layers["abc"].update(
            amount_before=SQL("m.larger_amount"),
            abc_computed=SQL("m.abc_found"),
            **self._get_abc_kept(run),
            **self._get_abc_kept_team(run),
        )
        return layers

    @api.model
    def _get_abc_team_ranks(self, has_teams):
        """:return: ``{column: SQL}``: places among the customers of the department"""
        if not has_teams:
            return {"rank_team": SQL("NULL"), "share_before_team": SQL("NULL")}
        buyers = SQL("PARTITION BY m.abc_team_id, m.amount > 0 ORDER BY m.amount DESC")
        larger = SQL(
            "COALESCE(SUM(m.amount) OVER (%s GROUPS BETWEEN UNBOUNDED PRECEDING"
            " AND 1 PRECEDING), 0)",
            buyers,
        )
        total = SQL(
            "NULLIF(SUM(GREATEST(m.amount, 0)) OVER (PARTITION BY m.abc_team_id), 0)"
        )
        columns = {
            "larger_amount_team": larger,
            "total_amount_team": total,
            "rank_team": SQL("RANK() OVER (%s)", buyers),
            "share_before_team": SQL("ROUND(100 * %s / %s, 6)", larger, total),
        }
        return {
            name: SQL(
                "CASE WHEN m.amount > 0 AND m.abc_team_id IS NOT NULL THEN %s END", sql
            )
            for name, sql in columns.items()
        }

    @api.model
    def _get_abc_sql(self, run, larger, total):
        """:param larger: SQL: net sales of strictly larger customers
        :param total: SQL: net sales of all of them
        :return: SQL: the class that the figures of ``m`` say, from the exact sums"""

        def is_below(limit):
            # as text: a float is not exactly 80.1
            return SQL("100 * %s < %s::numeric * %s", larger, f"{limit:.2f}", total)

        return SQL(
            """CASE WHEN COALESCE(m.amount, 0) <= 0 THEN 'none'
                    WHEN %s THEN 'a' WHEN %s THEN 'b' ELSE 'c' END""",
            is_below(run.company.abc_limit_a),
            is_below(run.company.abc_limit_b),
        )

    @api.model
    def _get_abc_kept(self, run):
        """:return: ``{field: SQL}``: the class that counts in the company, and how
        often a lower one was found"""
        kept = self._get_abc_kept_columns(
            run,
            SQL("m.abc_found"),
            SQL("old.abc_class"),
            SQL("old.abc_lower_runs"),
            SQL("TRUE"),
        )
        return dict(zip(("abc_class", "abc_lower_runs"), kept, strict=True))

    @api.model
    def _get_abc_kept_team(self, run):
        """:return: the same within the department: a class among other customers is
        no class to keep"""
        names = ("abc_class_team", "abc_lower_runs_team")
        if not run.company.abc_scope:
            return dict.fromkeys(names, SQL("NULL"))
        kept = self._get_abc_kept_columns(
            run,
            SQL(
                "CASE WHEN m.abc_team_id IS NOT NULL THEN %s END",
                self._get_abc_sql(
                    run, SQL("m.larger_amount_team"), SQL("m.total_amount_team")
                ),
            ),
            SQL("old.abc_class_team"),
            SQL("old.abc_lower_runs_team"),
            SQL("old.abc_team_id = m.abc_team_id"),
        )
        return dict(zip(names, kept, strict=True))

    @api.model
    def _get_abc_kept_columns(self, run, computed, old_class, old_runs, comparable):
        """:param computed: SQL: the class that the figures say
        :param old_class: SQL: the class that counted before
        :param old_runs: SQL: how many computations in a row have found a lower one
        :param comparable: SQL condition: that class is one among the same customers
        :return: SQL of the class that counts now, and of how many computations in a row
            have found a lower one"""
        needed = run.company.abc_downgrade_runs
        if needed <= 1 or not run.recorded:
            # a look back asks what the figures of then say
            return computed, SQL("0")
        # the names of the classes are in the order of the alphabet, the best first
        is_kept = SQL(
            """%(comparable)s AND %(computed)s != 'none'
               AND %(computed)s > (%(old_class)s COLLATE "C")
               AND COALESCE(%(old_runs)s, 0) + 1 < %(needed)s""",
            comparable=comparable,
            computed=computed,
            old_class=old_class,
            old_runs=old_runs,
            needed=needed,
        )
        return (
            SQL("CASE WHEN %s THEN %s ELSE %s END", is_kept, old_class, computed),
            SQL("CASE WHEN %s THEN COALESCE(%s, 0) + 1 ELSE 0 END", is_kept, old_runs),
        )
