from odoo import api, fields, models
from odoo.tools import SQL


class CustomerMetrics(models.Model):
    """Key customers (P02): what was marked by hand, else what the rules say.

    ``is_key_customer`` = the running ``customer.key.mark`` of the customer in the
    company, else whether he meets one of the active ``customer.key.rule`` of the
    company, or of all companies.
    """

    _inherit = "customer.metrics"

    key_source = fields.Selection(
        [("rule", "By a Rule"), ("manual", "By Hand")],
        "Star Set",
        help="By hand: a star that somebody set, or took away.",
    )
    key_rule_id = fields.Many2one(
        "customer.key.rule",
        "Rule of the Star",
        ondelete="set null",
        index="btree_not_null",
        help="The first rule of key customers that he meets.",
    )
    key_mark_id = fields.Many2one(
        "customer.key.mark", "Star Set by Hand", ondelete="set null"
    )
    key_kind = fields.Selection(
        string="Kind of Key Customer", related="key_rule_id.kind"
    )
    key_reason = fields.Char("Why", compute="_compute_key_reason")
    potential = fields.Monetary(
        "Potential per Year",
        help="What the customer could buy from us in a year, estimated on his card; in "
        "the currency of the company, by the rate of the day of the run.",
    )

    @api.depends("key_source", "key_rule_id", "key_mark_id")
    def _compute_key_reason(self):
        for row in self:
            if row.key_source == "manual":
                row.key_reason = row.key_mark_id.reason
            else:
                row.key_reason = row.key_rule_id.name

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_key_star(self):
        """See ``res.partner.action_key_star``."""
        return self.partner_id.action_key_star()

    def action_end_key_mark(self):
        """The rules decide again.

        :raise CardAccessError: unless the user keeps these cards
        """
        self.check_access("read")
        return self.key_mark_id.action_end()

    # ------------------------------------------------------------
    # LAYERS
    # ------------------------------------------------------------

    @api.model
    def _get_sources(self, run):
        return {
            **super()._get_sources(run),
            "potential": SQL(
                """
                SELECT p.id AS partner_id,
                       p.potential_amount * %(rate)s AS amount
                  FROM res_partner p
                 WHERE p.potential_amount > 0
                   AND %(whose)s
                """,
                rate=self._get_potential_rate_sql(run),
                whose=self._get_customer_filter(run, "p"),
            ),
        }

    @api.model
    def _get_layers(self, run):
        layers = super()._get_layers(run)
        layers["facts"] = {
            **layers["facts"],
            "potential": SQL("COALESCE(potential.amount, 0)"),
        }
        return layers

    @api.model
    def _get_potential_rate_sql(self, run):
        """:return: SQL: factor from the currency of the estimate to the company's"""
        currency = run.company.currency_id
        # sudo: rates are no secret; which currencies estimates are in neither
        Currency = self.env["res.currency"].sudo().with_context(active_test=False)
        rates = {
            other.id: other._get_conversion_rate(
                other, currency, run.company, run.as_of
            )
            for other in Currency.browse(
                currency_id
                for (currency_id,) in self.env.execute_query(
                    SQL(
                        """SELECT DISTINCT potential_currency_id FROM res_partner
                            WHERE potential_amount > 0
                              AND potential_currency_id IS NOT NULL"""
                    )
                )
            )
            if other != currency
        }
        if not rates:
            return SQL("1")
        return SQL(
            "CASE p.potential_currency_id %s ELSE 1 END",
            SQL(" ").join(
                SQL("WHEN %s THEN %s", other, rate) for other, rate in rates.items()
            ),
        )

    # ------------------------------------------------------------
    # AFTER THE ROWS
    # ------------------------------------------------------------

    @api.model
    def _after_rows(self, run):
        result = super()._after_rows(run)
        # a look back shows the classes of then; stars are those of today
        if run.recorded:
            self._refresh_keys(
                run.company,
                None
                if run.is_full
                else self.env["res.partner"].browse(run.partner_ids),
                run.has_history,
                run.as_of,
            )
        return result

    @api.model
    def _refresh_keys(self, company, partners=None, has_history=True, day=None):
        """Find the key customers of a company among those who have figures: one
        statement, which also writes the history.

        :param company: res.company
        :param partners: only these customers
        :param has_history: False for the start of a company, which is no change
        :param day: of the history; today when not given
        """
        self.env.flush_all()
        rules = self.env["customer.key.rule"]._get_company_rules(company)
        # sudo: conditions are evaluated as the superuser, in the company
        Partner = (
            self.env["res.partner"]
            .sudo()
            .with_company(company)
            .with_context(active_test=False, allowed_company_ids=company.ids)
        )
        met = [
            SQL(
                "SELECT %s AS place, %s AS rule_id, met.id AS partner_id FROM %s met",
                place,
                rule.id,
                Partner._search(rule._parse_domain(rule.domain)).subselect(),
            )
            for place, rule in enumerate(rules)
        ]
        self.env.execute_query(
            SQL(
                """
                WITH met AS (
                    SELECT DISTINCT ON (partner_id) partner_id, rule_id
                      FROM (%(met)s) every
                     WHERE %(only_met)s
                  ORDER BY partner_id, place
                ), newly AS (
                    SELECT figure.id,
                           COALESCE(mark.is_key, met.rule_id IS NOT NULL) AS is_key,
                           CASE WHEN mark.id IS NOT NULL THEN 'manual'
                                WHEN met.rule_id IS NOT NULL THEN 'rule' END AS source,
                           met.rule_id, mark.id AS mark_id,
                           COALESCE(figure.is_key_customer, FALSE) AS was_key
                      FROM customer_metrics figure
                 LEFT JOIN met ON met.partner_id = figure.partner_id
                 LEFT JOIN customer_key_mark mark
                        ON mark.partner_id = figure.partner_id
                       AND mark.company_id = figure.company_id
                       AND mark.date_ended IS NULL
                     WHERE figure.company_id = %(company)s
                       AND %(only_row)s
                ), written AS (
                    UPDATE customer_metrics figure
                       SET is_key_customer = newly.is_key,
                           key_source = newly.source,
                           key_rule_id = newly.rule_id,
                           key_mark_id = newly.mark_id
                      FROM newly
                     WHERE newly.id = figure.id
                       AND (figure.is_key_customer, figure.key_source, figure.key_rule_id,
                            figure.key_mark_id)
                           IS DISTINCT FROM
                           (newly.is_key, newly.source, newly.rule_id, newly.mark_id)
                 RETURNING figure.*, newly.is_key, newly.was_key, newly.mark_id
                )
                INSERT INTO customer_segment_change (
                    partner_id, company_id, date, dimension, value_from, value_to,
                    amount, share, share_before, rank, purchase_days, last_purchase,
                    reason, create_uid, create_date, write_uid, write_date)
                SELECT written.partner_id, written.company_id, %(day)s, 'key',
                       CASE WHEN written.was_key THEN 'true' ELSE 'false' END,
                       CASE WHEN written.is_key THEN 'true' ELSE 'false' END,
                       written.amount, written.share, written.share_before,
                       written.rank, written.purchase_days, written.last_purchase,
                       mark.reason, %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM written
             LEFT JOIN customer_key_mark mark ON mark.id = written.mark_id
                 WHERE written.is_key != written.was_key
                   AND %(has_history)s
             RETURNING id
                """,
                met=SQL(" UNION ALL ").join(met)
                if met
                else SQL("SELECT 0 AS place, 0 AS rule_id, 0 AS partner_id LIMIT 0"),
                company=company.id,
                only_met=self._get_among_sql("every", partners),
                only_row=self._get_among_sql("figure", partners),
                day=day or company._get_metrics_today(),
                uid=self.env.uid,
                now=fields.Datetime.now(),
                has_history=has_history,
            )
        )
        self.env["customer.metrics"].invalidate_model()
        self.env["res.partner"].invalidate_model(
            list(self.env["res.partner"]._get_segment_fields())
        )

    @api.model
    def _get_among_sql(self, alias, partners):
        if partners is None:
            return SQL("TRUE")
        return SQL(
            "%s = ANY(%s)", SQL.identifier(alias, "partner_id"), list(partners.ids)
        )

    @api.model
    def _ensure_rows(self, company, partners):
        """Compute the figures of customers that have none yet: their card was opened
        after the last run."""
        # sudo: which rows there are
        rows = self.sudo().search_fetch(
            [("company_id", "=", company.id), ("partner_id", "in", partners.ids)],
            ["partner_id"],
        )
        if missing := partners - rows.partner_id:
            self._refresh(company, partners=missing)

    @api.model
    def _follow_by_hand(self, partners, dimension):
        """What somebody decided by hand, the rules about cards follow at once.

        :param partners: the cards
        :param dimension: of ``customer.segment.change``
        """
        # sudo: policies and requirements look at the cards for everybody alike
        Metrics, cards = self.sudo(), partners.sudo()
        for rule_model, refresh in (
            ("customer.contact.policy", Metrics._refresh_rule_contacts),
            ("customer.card.requirement", Metrics._refresh_rule_completeness),
        ):
            if dimension in Metrics._get_rule_dimensions(Metrics.env[rule_model]):
                refresh(cards)
