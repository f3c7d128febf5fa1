from odoo import api, models
from odoo.tools import SQL

from .. import matching

# Of so many proposed names the words are compared one by one, best first.
MISSPELT = 150
# Of so many names at most the best are sought: all that have one common word.
COMPARED = 2000
# Patterns with two letters swapped that are tried.
MOST_SWAPPED = 12


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
            rows = self._card_find_proposed(propose, term, domain)
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
        column (SQL) to a condition"""
        words = [
            word for word in term.split() if len(word) >= matching.FUZZY_LENGTH
        ] or [term]
        words = words[: matching.MAX_WORDS]
        if not self.env.registry.has_trigram:
            return [lambda column: self._propose_by_beginning(column, words)]
        every, some = SQL(" AND "), SQL(" OR ")
        first, second = (
            ((every, 0.4), (some, 0.5))
            if len(words) > 1
            else ((some, 0.5), (some, 0.3))
        )
        return [
            lambda column: SQL(
                "%s OR %s",
                self._propose_swapped(column, words),
                self._propose_by_trigrams(column, words, *first),
            ),
            lambda column: self._propose_by_trigrams(column, words, *second),
        ]

    @api.model
    def _propose_swapped(self, column, words):
        """Two letters in the wrong order, in one of the words."""
        ways = [
            SQL(
                "(%s)",
                SQL(" AND ").join(
                    self._card_like(column, f"%{self._like(one)}%")
                    for one in (*words[:index], swapped, *words[index + 1 :])
                ),
            )
            for index, word in enumerate(words)
            for swapped in matching.get_swapped(word)
        ]
        return SQL("(%s)", SQL(" OR ").join(ways[:MOST_SWAPPED]) or SQL("FALSE"))

    @api.model
    def _propose_by_trigrams(self, column, words, join, likeness):
        # of this transaction only; the operator, which alone uses the index, has no
        # other way to be told
        self.env.execute_query(
            SQL(
                "SELECT set_config('pg_trgm.word_similarity_threshold', %s, TRUE)",
                str(likeness),
            )
        )
        unaccent = self.env.registry.unaccent
        name = unaccent(SQL("(%s)", matching.raw(column)))
        return SQL(
            "(%s)",
            join.join(SQL("%s <%% %s", unaccent(SQL("%s", w)), name) for w in words),
        )

    @api.model
    def _propose_by_beginning(self, column, words):
        starts = {matching.escape_like(word[:2]) for word in words}
        return SQL(" OR ").join(
            self._card_like(column, pattern.format(start))
            for start in sorted(starts)
            for pattern in ("{}%", "% {}%")
        )

    @api.model
    def _card_find_proposed(self, propose, term, domain):
        """:return: ``[(partner id, card id, name, whether it is another name), …]``"""
        parts = []
        for column, is_alias in (("res_partner.name", False), ("alias.name", True)):
            query = self._card_find_query(domain, with_alias=is_alias)
            if query is None:
                return []
            query.add_where(SQL("(%s)", propose(column)))
            # a word that is in every name proposes no more than can be compared
            query.limit = COMPARED
            parts.append(
                query.select(
                    SQL("res_partner.id"),
                    SQL("res_partner.card_root_id AS root_id"),
                    SQL("%s AS name", matching.raw(column)),
                    SQL("%s AS is_alias", is_alias),
                )
            )
        proposed = SQL("(%s) UNION ALL (%s)", *parts)
        if self.env.registry.has_trigram:
            proposed = SQL(
                """
                SELECT * FROM (%s) AS proposed
              ORDER BY word_similarity(%s, name) DESC, root_id, id LIMIT %s
                """,
                proposed,
                term,
                MISSPELT,
            )
        return self.env.execute_query(proposed)
