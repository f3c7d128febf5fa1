from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, Query
from odoo.tools.sql import column_exists, create_column


class ResPartner(models.Model):
    """How completely a card is filled in, by the requirements of the company.

    ``card_completeness`` = 100 × weights of what is filled in / weights of all that is
    required of this card, rounded down, so that only a complete card has 100. It is
    empty (not zero) when nothing is required, and on everything that is no card.
    """

    _inherit = "res.partner"

    card_completeness = fields.Integer(
        "Completeness",
        compute="_compute_card_completeness",
        store=True,
        copy=False,
        aggregator="avg",
        groups="base.group_user",
        help="How much of what is required of this card is filled in (0–100 %).",
    )
    card_missing = fields.Json(
        "Missing",
        compute="_compute_card_missing",
        compute_sudo=True,
        groups="base.group_user",
        help="What this card lacks.",
    )
    card_is_incomplete = fields.Boolean(
        "Incomplete",
        compute="_compute_card_missing",
        compute_sudo=True,
        search="_search_card_is_incomplete",
        groups="base.group_user",
    )

    def _auto_init(self):
        """Add the column empty: at installation no contact has a card."""
        if not column_exists(self.env.cr, self._table, "card_completeness"):
            create_column(self.env.cr, self._table, "card_completeness", "int4")
        return super()._auto_init()

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    def _compute_card_completeness(self):
        """Compute the cards of ``self`` by one statement, which writes them.

        On what it depends is in the requirements: ``_card_completeness_changed`` says
        when it is to be computed anew. Contacts without a card have no completeness.
        """
        for partner in self.filtered(lambda partner: not partner.id):
            partner.card_completeness = partner._origin.card_completeness
        cards = self.browse(self.ids).filtered("card_state")
        if cards:
            cards._write_card_completeness()

    @api.depends_context("lang")
    @api.depends("card_state")
    def _compute_card_missing(self):
        missing = self.filtered("card_state")._get_card_missing()
        for partner in self:
            partner.card_missing = missing.get(partner.id, [])
            partner.card_is_incomplete = bool(partner.card_missing)

    def _search_card_is_incomplete(self, operator, value):
        if operator != "in":
            return NotImplemented
        # not “< 100” alone: for Odoo an empty number is zero
        incomplete = Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "COALESCE(%s, 100) < 100",
                model._field_to_sql(alias, "card_completeness", query),
            )
        )
        incomplete &= Domain("card_state", "!=", False)
        return incomplete if True in value else ~incomplete

    # ------------------------------------------------------------
    # EVALUATION
    # ------------------------------------------------------------

    def _get_card_missing(self):
        """What cards lack, by one statement for all of ``self``.

        :return: ``{card id: [{"id": requirement, "name": translated, "field": name}]}``
        """
        parts = self.ids and self._get_card_requirement_queries(
            SQL("card.id = ANY(%s)", self.ids), self._get_missing_columns
        )
        if not parts:
            return {}
        self.env.flush_all()
        missing = defaultdict(set)
        for card_id, ids in self.env.execute_query(SQL(" UNION ALL ").join(parts)):
            missing[card_id].update(ids)
        # sudo: the names of the requirements are no secret
        Requirement = self.env["customer.card.requirement"].sudo()
        requirements = Requirement.search(
            [("id", "in", list(set().union(*missing.values())))]
        )
        return {
            card_id: [
                {"id": req.id, "name": req.name, "field": req.field_name}
                for req in requirements
                if req.id in ids
            ]
            for card_id, ids in missing.items()
        }

    @api.model
    def _get_missing_columns(self, filled):
        """:param filled: ``[(requirement id, weight, SQL condition), …]``
        :return: SQL columns: ids of the requirements that a card does not meet"""
        return SQL(
            "ARRAY_REMOVE(ARRAY[%s], NULL) AS missing",
            SQL(", ").join(
                SQL("CASE WHEN %s THEN NULL ELSE %s::int END", condition, req_id)
                for req_id, _weight, condition in filled
            ),
        )

    @api.model
    def _get_weight_columns(self, filled):
        """:return: SQL columns: the weights required, and those filled in"""
        return SQL(
            "%s::int AS required, %s AS filled",
            sum(weight for _id, weight, _condition in filled),
            SQL(" + ").join(
                SQL("CASE WHEN %s THEN %s::int ELSE 0 END", condition, weight)
                for _id, weight, condition in filled
            ),
        )

    @api.model
    def _get_card_requirement_queries(self, cards, get_columns):
        """The requirements of cards; those of the same cards are met in one pass.

        :param cards: SQL condition on ``card``, a row of res_partner
        :param get_columns: function from ``[(requirement id, weight, SQL condition)]``
            to the SQL columns wanted
        :return: list of SQL queries, their first column is ``id`` of the card
        """
        Requirement = self.env["customer.card.requirement"]
        Partner = Requirement._get_rule_partners()
        by_domain = defaultdict(list)
        for req_id, name, lines, weight, domain in Requirement._get_specs():
            by_domain[domain].append((req_id, name, lines, weight))
        queries = []
        for text, specs in by_domain.items():
            query = Query(self.env, "card", SQL.identifier(self._table))
            query.add_where(SQL("card.card_state IS NOT NULL"))
            query.add_where(cards)
            domain = Requirement._parse_domain(text).optimize_full(Partner)
            query.add_where(domain._to_sql(Partner, "card", query))
            filled = [
                (
                    req_id,
                    weight,
                    Requirement._get_filled_sql("card", name, lines, query),
                )
                for req_id, name, lines, weight in specs
            ]
            queries.append(query.select(SQL("card.id AS id"), get_columns(filled)))
        return queries

    # ------------------------------------------------------------
    # FOR MANY CARDS AT ONCE
    # ------------------------------------------------------------

    def _card_completeness_changed(self):
        """Cards of ``self`` (or above these contacts) were changed: their completeness
        is computed when it is read or searched, at the latest before the commit."""
        # sudo: whoever may edit a contact may not be able to read its card
        roots = self.sudo().card_root_id
        self.env.add_to_compute(self._fields["card_completeness"], roots)
        roots.invalidate_recordset(["card_missing", "card_is_incomplete"], flush=False)

    def _write_card_completeness(self):
        """Compute the completeness of the cards of ``self`` and write what has changed,
        by one statement."""
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                """
                UPDATE res_partner card
                   SET card_completeness = computed.value
                  FROM (%s) computed
                 WHERE card.id = computed.id
                   AND card.card_completeness IS DISTINCT FROM computed.value
             RETURNING card.id
                """,
                self._get_card_completeness_query(SQL("card.id = ANY(%s)", self.ids)),
            )
        )
        self.invalidate_recordset(["card_completeness"], flush=False)

    @api.model
    def _get_card_completeness_query(self, cards):
        """:param cards: SQL condition on ``card``, a row of res_partner
        :return: SQL of rows ``(id, value)``: the completeness of these cards"""
        queries = self._get_card_requirement_queries(cards, self._get_weight_columns)
        # of what is nothing required any more
        queries.append(
            SQL(
                """
                SELECT card.id, 0, 0
                  FROM res_partner card
                 WHERE card.card_completeness IS NOT NULL AND %s
                """,
                cards,
            )
        )
        return SQL(
            """
            SELECT id, 100 * SUM(filled) / NULLIF(SUM(required), 0) AS value
              FROM (%s) part(id, required, filled)
          GROUP BY id
            """,
            SQL(" UNION ALL ").join(queries),
        )

    @api.model
    def _recompute_card_completeness(self):
        """Compute the completeness of all cards.

        Two statements, whatever the number of cards: PostgreSQL gives no parallel
        workers to one that writes. Cards that somebody is saving are left to him, he
        computes them himself.

        :return: how many cards changed
        """
        self.env.flush_all()
        query = self._get_card_completeness_query(SQL("TRUE"))
        self.env.cr.execute("DROP TABLE IF EXISTS customer_card_completeness")
        self.env.cr.execute(
            SQL(
                "CREATE TEMPORARY TABLE customer_card_completeness ON COMMIT DROP AS %s",
                query,
            )
        )
        self.env.cr.execute(
            """
            WITH changed AS (
                SELECT card.id, computed.value
                  FROM res_partner card
                  JOIN customer_card_completeness computed ON computed.id = card.id
                 WHERE card.card_completeness IS DISTINCT FROM computed.value
                   FOR NO KEY UPDATE OF card SKIP LOCKED
            )
            UPDATE res_partner card
               SET card_completeness = changed.value
              FROM changed
             WHERE card.id = changed.id
            """
        )
        count = self.env.cr.rowcount
        self.invalidate_model(["card_completeness"], flush=False)
        return count

    @api.model
    def _cron_card_completeness(self):
        """Compute the completeness of all cards: every night, because a condition may
        depend on what no save of a card tells, and after a change of requirements."""
        self._recompute_card_completeness()
