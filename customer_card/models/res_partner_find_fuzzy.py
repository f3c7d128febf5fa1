from odoo import api, models
from odoo.tools import SQL

from .. import matching
from .res_partner_find import COMPARED, LIKENESS, MISSPELT


class ResPartner(models.Model):
    """Finding a customer whose name was misspelt.

    Trigrams propose names, then the words are compared one by one: trigrams alone
    find too much and rank short words badly. Where the database has no trigrams
    (``CREATE EXTENSION pg_trgm``), names with a word that begins alike are proposed.
    """

    _inherit = "res.partner"

    @api.model
    def _card_find_misspelt(self, term, domain=None):
        """:return: ``[(partner id, card id, grade, other name or None), …]`` of the
        cards whose names, or other names, look like the term, best first"""
        if len(term) < matching.FUZZY_LENGTH or not any(map(str.isalpha, term)):
            return []
        for propose in self._card_find_proposals(term):
            rows = self._card_find_proposed(propose, domain)
            likely = [
                (likeness, row)
                for row in rows
                if (likeness := matching.get_likeness(term, row[2])) >= matching.ALIKE
            ]
            if likely:
                # of equals, the customer himself before his contacts
                likely.sort(key=lambda pair: (-pair[0], pair[1][0] != pair[1][1]))
                return [
                    (partner_id, root_id, 10 if is_alias else 11, is_alias and name)
                    for _likeness, (partner_id, root_id, name, is_alias) in likely
                ]
        return []

    @api.model
    def _card_find_proposals(self, term):
        """:return: the ways to propose names, the narrowest first: functions from a
        column (SQL) to a condition, an order and a limit"""
        words = [
            word for word in term.split() if len(word) >= matching.FUZZY_LENGTH
        ] or [term]
        words = words[: matching.MAX_WORDS]
        if not self.env.registry.has_trigram:
            return [lambda column: self._propose_by_beginning(column, words)]
        return [
            lambda column, limit=limit: self._propose_by_trigrams(column, words, limit)
            for limit in LIKENESS
        ]

    @api.model
    def _propose_by_trigrams(self, column, words, likeness):
        # of this transaction only; the operator, which alone uses the index, has no
        # other way to be told
        self.env.execute_query(
            SQL(
                "SELECT set_config('pg_trgm.word_similarity_threshold', %s, TRUE)",
                str(likeness),
            )
        )
        name = self.env.registry.unaccent(column)
        typed = [self.env.registry.unaccent(SQL("%s", word)) for word in words]
        swapped = matching.get_swapped_words(words)
        alike = [SQL("%s <%% %s", word, name) for word in typed]
        alike += [SQL("%s ILIKE %s", name, f"%{word}%") for word in swapped]
        return (
            SQL("(%s)", SQL(" OR ").join(alike)),
            SQL(
                "%s DESC",
                SQL(" + ").join(
                    SQL("word_similarity(%s, %s)", word, name)
                    for word in [*typed, *map(lambda w: SQL("%s", w), swapped)]
                ),
            ),
            MISSPELT,
        )

    @api.model
    def _propose_by_beginning(self, column, words):
        alike = [
            SQL(
                "%s ILIKE ANY(%s)",
                self.env.registry.unaccent(column),
                [f"{start}%", f"% {start}%"],
            )
            for start in {matching.escape_like(word[:2]) for word in words}
        ]
        return SQL("(%s)", SQL(" OR ").join(alike)), None, COMPARED

    @api.model
    def _card_find_proposed(self, propose, domain):
        """:return: ``[(partner id, card id, name, whether it is another name), …]``"""
        queries = []
        for column, is_alias in (
            (SQL("(res_partner.name)"), False),
            (SQL("(alias.name)"), True),
        ):
            query = self._card_find_query(domain)
            if query is None:
                return []
            if is_alias:
                query.add_join(
                    "JOIN",
                    "alias",
                    "customer_card_alias",
                    SQL("alias.partner_id = res_partner.id AND alias.active"),
                )
            condition, order, limit = propose(column)
            query.add_where(condition)
            query.order = order
            query.limit = limit
            queries.append(
                query.select(
                    SQL("res_partner.id"),
                    SQL("res_partner.card_root_id"),
                    column,
                    SQL("%s", is_alias),
                )
            )
        return self.env.execute_query(SQL("(%s) UNION ALL (%s)", *queries))
