from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import format_amount, formatLang

from .customer_metrics import ABC_CLASSES


class CustomerMetrics(models.Model):
    """Why a customer has his class, and what it takes to rise.

    **How much more he must buy**, everything else unchanged: the smallest amount in the
    currency of the company with which he would have a better class. It counts twice: he
    passes others, and the total grows. With ``x`` his net sales, ``T`` the total,
    ``S(y)`` what the others hold who buy strictly more than ``y``, and ``L`` the limit
    of the next class (%), it is the smallest ``y - x`` for which
    ``100 S(y) < L (T - x + y)``. ``S`` falls in steps at the amounts of the others, the
    right side rises, so there is exactly one such place: between the last customer
    above him at whose amount it does not hold, and the next one at whose it does. All
    of that stands in the rows of the last computation of all customers and is found by
    index, whatever their number.
    """

    _inherit = "customer.metrics"

    abc_next_amount = fields.Monetary(
        "To the Next Class",
        compute="_compute_abc_explanation",
        help="How much more he must buy for a better class, everything else unchanged.",
    )
    abc_next_class = fields.Selection(
        ABC_CLASSES,
        "Next Class",
        compute="_compute_abc_explanation",
        help="The class that he would have then.",
    )
    abc_explanation = fields.Html(
        "Why This Class", compute="_compute_abc_explanation", sanitize=False
    )

    @api.depends("abc_class", "abc_computed", "abc_lower_runs", "amount", "rank")
    @api.depends_context("uid", "lang", "allowed_company_ids")
    def _compute_abc_explanation(self):
        facts = self._get_abc_facts()
        near = {fact[key] for fact in facts.values() for key in ("above", "below")}
        # only customers whose figures the reader may see are named
        seen = self.browse(near - {None})._filtered_access("read")
        # by id, so that the names of all are read at once
        seen = {row.id: row for row in seen}
        for row in self:
            fact = facts.get(row._origin.id, {})
            row.abc_next_amount = fact.get("next_amount")
            row.abc_next_class = fact.get("next_class")
            row.abc_explanation = bool(fact) and row._render_abc(fact, seen)

    def _render_abc(self, fact, seen):
        """:return: Markup: the explanation of this row in the reader's language"""
        values = {
            "row": self,
            "label": self._get_abc_label(self.abc_class),
            "sentences": self._get_abc_sentences(fact),
            "neighbours": self._get_abc_neighbours(fact, seen),
            # sudo: the limits of the company are no secret
            "company": self.company_id.sudo(),
        }
        return Markup(
            self.env["ir.qweb"]._render("customer_segmentation.abc_explanation", values)
        )

    def _get_abc_label(self, code):
        labels = self._fields["abc_class"]._description_selection(self.env)
        return dict(labels).get(code, "")

    def _get_abc_sentences(self, fact):
        """:return: what is said about one row, in the reader's language"""
        return [
            sentence
            for sentence in (
                self._get_abc_place_sentence(fact),
                self._get_abc_reason_sentence(),
                self._get_abc_kept_sentence(),
                self._get_abc_next_sentence(fact),
                self._get_abc_team_sentence(),
            )
            if sentence
        ]

    def _get_abc_place_sentence(self, fact):
        company = self.company_id.sudo()
        if self.amount <= 0:
            return self.env._(
                "Net sales of %(amount)s in %(months)s months: who has bought nothing, "
                "or gave back as much as he bought, has no class.",
                amount=self._format_amount(self.amount),
                months=company.metrics_months,
            )
        values = {
            "amount": self._format_amount(self.amount),
            "months": company.metrics_months,
            "rank": self.rank,
            "share": self._format_percent(self.share),
        }
        if fact["equals"]:
            return self.env._(
                "Net sales of %(amount)s in %(months)s months: rank %(rank)s together "
                "with others who buy as much, %(share)s of all sales.",
                **values,
            )
        return self.env._(
            "Net sales of %(amount)s in %(months)s months: rank %(rank)s, %(share)s of "
            "all sales.",
            **values,
        )

    def _get_abc_reason_sentence(self):
        company = self.company_id.sudo()
        if self.amount <= 0:
            return None
        before = self._format_percent(self.share_before)
        limit_a = self._format_percent(company.abc_limit_a)
        limit_b = self._format_percent(company.abc_limit_b)
        if self.abc_computed == "a":
            return self.env._(
                "Larger customers hold %(before)s, less than %(limit)s: that is A.",
                before=before,
                limit=limit_a,
            )
        if self.abc_computed == "b":
            return self.env._(
                "Larger customers hold %(before)s, less than %(limit)s: that is B.",
                before=before,
                limit=limit_b,
            )
        return self.env._(
            "Larger customers hold %(before)s, at least %(limit)s: that is C.",
            before=before,
            limit=limit_b,
        )

    def _get_abc_kept_sentence(self):
        """:return: why he has a better class than the figures say"""
        if self.abc_class == self.abc_computed:
            return None
        return self.env._(
            "%(class)s goes on counting until computations of all customers have found "
            "a lower class %(needed)s times in a row; so far: %(found)s.",
            **{"class": self._get_abc_label(self.abc_class)},
            needed=self.company_id.sudo().abc_downgrade_runs,
            found=self.abc_lower_runs,
        )

    def _get_abc_next_sentence(self, fact):
        if not fact["next_class"]:
            return None
        return self.env._(
            "Needs %(amount)s more to become %(class)s, everything else unchanged.",
            amount=self._format_amount(fact["next_amount"]),
            **{"class": self._get_abc_label(fact["next_class"])},
        )

    def _get_abc_team_sentence(self):
        if not self.abc_class_team:
            return None
        # sudo: the names of departments are no secret
        team = self.abc_team_id.sudo().name
        label = self._get_abc_label(self.abc_class_team)
        if not self.rank_team:
            return self.env._(
                "Within %(team)s: %(class)s.", team=team, **{"class": label}
            )
        return self.env._(
            "Within %(team)s: %(class)s, rank %(rank)s; larger customers hold %(before)s.",
            team=team,
            rank=self.rank_team,
            before=self._format_percent(self.share_before_team),
            **{"class": label},
        )

    def _get_abc_neighbours(self, fact, seen):
        """:return: the next customers above and below; of those whose figures the
        reader may not see neither name nor figures"""
        neighbours = []
        for key, label in (
            ("above", self.env._("Just above")),
            ("below", self.env._("Just below")),
        ):
            if not fact[key]:
                continue
            row = seen.get(fact[key], self.browse())
            neighbours.append(
                {
                    "label": label,
                    "row": row,
                    "name": row.partner_id.display_name
                    or self.env._("another customer"),
                    "amount": row and self._format_amount(row.amount),
                }
            )
        return neighbours

    def _format_amount(self, amount):
        return format_amount(self.env, amount, self.company_id.sudo().currency_id)

    def _format_percent(self, value):
        return self.env._("%(number)s %%", number=formatLang(self.env, value, digits=1))

    # ------------------------------------------------------------
    # FACTS
    # ------------------------------------------------------------

    def _get_abc_facts(self):
        """What the explanations say, by one statement for all rows of ``self``.

        :return: ``{id: {"next_amount", "next_class", "above", "below", "equals"}}``: how much more for which class; ids of the rows of the
            nearest customers who buy more and less; how many buy as much; None for
            what there is not. Rows of no computation of all customers are missing.
        """
        if not self.ids:
            return {}
        self.env.flush_all()
        self.env.cr.execute(self._get_abc_facts_query())
        return {row.pop("id"): row for row in self.env.cr.dictfetchall()}

    def _get_abc_facts_query(self):
        others = SQL(
            "customer_metrics other WHERE other.company_id = me.company_id"
            " AND other.amount_before IS NOT NULL"
        )
        return SQL(
            """
            SELECT me.id, above.id AS above, below.id AS below, equal.number AS equals,
                   CASE WHEN next.amount > 0 THEN next.amount END AS next_amount,
                   CASE WHEN next.amount > 0 THEN next.class END AS next_class
              FROM (SELECT row.id, row.company_id, row.abc_computed,
                           row.amount AS net, GREATEST(row.amount, 0) AS amount,
                           company.abc_limit_a, company.abc_limit_b,
                           currency.rounding AS unit
                      FROM customer_metrics row
                      JOIN res_company company ON company.id = row.company_id
                      JOIN res_currency currency ON currency.id = company.currency_id
                     WHERE row.id = ANY(%(ids)s) AND row.abc_computed IS NOT NULL) me
         -- the smallest customer: with his equals and all above him it is the total
         LEFT JOIN LATERAL (
                   SELECT other.amount, other.amount_before FROM %(others)s
                    ORDER BY other.amount LIMIT 1) smallest ON TRUE
        CROSS JOIN LATERAL (
                   SELECT COALESCE(MIN(other.amount_before) + SUM(other.amount), 0)
                          AS amount
                     FROM %(others)s AND other.amount = smallest.amount) total
         LEFT JOIN LATERAL (
                   SELECT other.id FROM %(others)s AND other.amount > me.amount
                    ORDER BY other.amount, other.id LIMIT 1) above ON TRUE
         LEFT JOIN LATERAL (
                   SELECT other.id FROM %(others)s AND other.amount < me.amount
                    ORDER BY other.amount DESC, other.id LIMIT 1) below ON TRUE
        CROSS JOIN LATERAL (
                   SELECT COUNT(*) - 1 AS number
                     FROM %(others)s AND other.amount = me.amount) equal
         LEFT JOIN LATERAL (%(next)s) next ON TRUE
            """,
            ids=self.ids,
            others=others,
            next=self._get_abc_next_query(others),
        )

    @api.model
    def _get_abc_next_query(self, others):
        """:return: SQL: ``amount`` and ``class`` of the next class of ``me``; see the
        docstring of this file"""
        return SQL(
            """
            SELECT reached.amount - me.net AS amount,
                   CASE WHEN 100 * reached.larger < me.abc_limit_a
                             * (total.amount - me.amount + reached.amount) THEN 'a'
                        WHEN 100 * reached.larger < me.abc_limit_b
                             * (total.amount - me.amount + reached.amount) THEN 'b'
                        ELSE 'c' END AS class
              FROM (SELECT CASE me.abc_computed WHEN 'b' THEN me.abc_limit_a
                                                ELSE me.abc_limit_b END AS percent) bound
         -- the smallest customer of a better class: there it holds
         LEFT JOIN LATERAL (
                   SELECT MIN(one.amount) AS amount
                     FROM (VALUES ('a'), ('b')) better(class)
               CROSS JOIN LATERAL (
                          SELECT other.amount FROM %(others)s
                             AND other.abc_computed = better.class
                             AND other.amount > me.amount
                           ORDER BY other.amount LIMIT 1) one
                    WHERE better.class < me.abc_computed) holds ON TRUE
         -- the largest one below him at whose amount it does not: himself, if not others
         LEFT JOIN LATERAL (
                   SELECT other.amount, other.amount_before FROM %(others)s
                      AND other.amount BETWEEN me.amount AND holds.amount
                      AND NOT 100 * other.amount_before < bound.percent
                              * (total.amount - me.amount + other.amount)
                    ORDER BY other.amount DESC LIMIT 1) fails ON TRUE
         LEFT JOIN LATERAL (
                   SELECT other.amount, other.amount_before FROM %(others)s
                      AND other.amount > fails.amount
                    ORDER BY other.amount LIMIT 1) step ON TRUE
        CROSS JOIN LATERAL (
                   SELECT (FLOOR((fails.amount_before * 100 / bound.percent
                                  - total.amount + me.amount) / me.unit) + 1) * me.unit
                          AS amount) between_them
        CROSS JOIN LATERAL (
                   -- the first thing he buys gives him a class, whichever it is
                   SELECT me.unit AS amount, total.amount AS larger
                    WHERE me.abc_computed = 'none'
                    UNION ALL
                   SELECT LEAST(between_them.amount, step.amount),
                          CASE WHEN between_them.amount < step.amount
                               THEN fails.amount_before ELSE step.amount_before END
                    WHERE me.abc_computed IN ('b', 'c')) reached
            """,
            others=others,
        )
