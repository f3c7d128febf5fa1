from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from .. import matching

# What was found, best first: ``(grade, where)``. Within a grade, the customer himself
# comes before his contacts, and a card in use before a closed one.
GRADES = {
    100: "name",
    98: "code",
    96: "phone",
    94: "alias",
    90: "name",
    88: "alias",
    85: "name",
    82: "alias",
    80: "name",
    78: "code",
    76: "phone",
    70: "name",
    60: "address",
    50: "words",
    10: "fuzzy_alias",
    11: "fuzzy",
}
# Of one kind of match no more are ranked: a common word ranks nothing anyway.
RANKED = 1000
SEARCHED = ("name", "phone", "phone_sanitized", *matching.CODES, *matching.ADDRESS)


class ResPartner(models.Model):
    """Finding a customer, exactly and by a misspelt name, a part of a phone number, an
    old name or an address.

    Always among the cards that the user may see: the record rules are part of every
    query here, so what is ranked and cut off is never something hidden.
    """

    _inherit = "res.partner"

    card_search = fields.Char(
        "Find",
        store=False,
        search="_search_card_search",
        groups="base.group_user",
        help="Name (misspelt, too), former and other names, part of a phone number, "
        "e-mail, tax ID, card number or address of a customer or his contacts.",
    )

    # ------------------------------------------------------------
    # SEARCH
    # ------------------------------------------------------------

    def _search_card_search(self, operator, value):
        """Customers and contacts that the term finds; a card is found by its contacts
        too. Misspellings count when nothing is found exactly."""
        if operator not in ("ilike", "not ilike", "=", "in"):
            return NotImplemented
        # a field that is only searched is not checked by the ORM
        self._check_field_access(self._fields["card_search"], "read")
        terms = [value] if isinstance(value, str) else list(value or ())
        domain = Domain.OR(
            Domain("id", "in", self._card_find_ids_sql(term)) for term in terms
        )
        return ~domain if operator == "not ilike" else domain

    @api.model
    def _card_find_ids_sql(self, term):
        term = matching.clean_term(term)
        exact = self._card_find_exact(term) if term else None
        if not exact or not self.env.execute_query(SQL("%s LIMIT 1", exact)):
            rows = self._card_find_misspelt(term)
            ids = {row[0] for row in rows} | {row[1] for row in rows}
            return sorted(ids)
        return SQL(
            "(SELECT UNNEST(ARRAY[found.id, found.root_id]) FROM (%s) AS found)", exact
        )

    @api.model
    @api.readonly
    def name_search(self, name="", domain=None, operator="ilike", limit=100):
        """Odoo's own results first. Where they are few, customers that are found by an
        old name or a phone number follow; where there are none, misspelt ones."""
        found = super().name_search(name, domain, operator, limit)
        if (
            operator != "ilike"
            or not limit
            or len(found) >= limit
            or len(name or "") < matching.FUZZY_LENGTH
            or self.env.su
            or not self.env.user._has_group("base.group_user")
        ):
            return found
        term = matching.clean_term(name)
        # what Odoo searches itself need not be searched again
        few = bool(found) and not matching.get_phone_parts(term)
        rows = self._card_find_rows(
            term, limit, domain, fuzzy=not found, only_aliases=few
        )
        known = {partner_id for partner_id, _name in found}
        more = self.browse(
            dict.fromkeys(row[0] for row in rows if row[0] not in known)
        )[: limit - len(found)]
        # sudo: as Odoo does it; the rows were found with the user's rights
        return found + [(partner.id, partner.display_name) for partner in more.sudo()]

    # ------------------------------------------------------------
    # FIND A CUSTOMER
    # ------------------------------------------------------------

    @api.model
    @api.readonly
    def card_find(self, term, limit=20):
        """Find customers, best first, among the cards that the user may see.

        :param term: a name, a part of a number, an address …, as it comes
        :param limit: how many customers at most, up to 100
        :return: ``{"term": the term as it was looked for, "more": whether there are
            more, "rows": [{"id", "name", "number", "state", "state_label", "kind",
            "city", "custodian", "team", "found": {"label", "contact", "pieces"}}]}``;
            pieces are ``[text, whether it was found]``
        :raise AccessError: for portal and public users
        """
        if not (self.env.su or self.env.user._has_group("base.group_user")):
            raise AccessError(
                self.env._("Customer cards are for internal users. Log in as one.")
            )
        term = matching.clean_term(term)
        limit = min(max(int(limit or 20), 1), 100)
        rows = self._card_find_rows(term, limit + 1, by_card=True) if term else []
        return {
            "term": term,
            "more": len(rows) > limit,
            "rows": self._card_find_read(rows[:limit], term),
        }

    @api.model
    def _card_find_rows(
        self,
        term,
        limit,
        domain=None,
        fuzzy=True,
        by_card=False,
        only_aliases=False,
    ):
        """:param domain: that the contacts found have to match
        :param fuzzy: whether to look for misspellings when nothing else is found
        :param by_card: one row a card, not one a contact
        :param only_aliases: look among the other names alone
        :return: ``[(partner id, card id, grade, other name or None), …]``, best first
        """
        exact = term and self._card_find_exact(term, domain, RANKED, only_aliases)
        rows = []
        if exact:
            rows = self.env.execute_query(
                SQL(
                    """
                    SELECT id, root_id, grade, alias
                      FROM (SELECT DISTINCT ON (%(one)s) *
                              FROM (%(exact)s) AS found
                          ORDER BY %(one)s, grade DESC, is_contact, is_closed
                           ) AS best
                  ORDER BY grade DESC, is_contact, is_closed, complete_name, id
                     LIMIT %(limit)s
                    """,
                    one=SQL.identifier("root_id" if by_card else "id"),
                    exact=exact,
                    limit=limit,
                )
            )
        if rows or not fuzzy:
            return rows
        rows = self._card_find_misspelt(term, domain)
        best = {}
        for row in rows:
            best.setdefault(row[1] if by_card else row[0], row)
        return list(best.values())[:limit]

    @api.model
    def _card_find_query(self, domain=None, with_alias=False):
        """:param with_alias: join the other names of each contact, as ``alias``
        :return: Query of the cards, and contacts of cards, that the user may see,
        or nothing where there are none"""
        seen = Domain("card_root_id", "!=", False) & Domain(domain or Domain.TRUE)
        if not self.env.su:
            seen &= self.env.user._card_seen_domain()
        # what the queries below read past the ORM
        # sudo: what is pending is written, whoever searches
        self.env["res.partner"].sudo().flush_model(SEARCHED)
        self.env["customer.card.alias"].sudo().flush_model()
        query = self._search(seen)
        if query.is_empty():
            return None
        if with_alias:
            query.add_join(
                "JOIN",
                "alias",
                "customer_card_alias",
                SQL("alias.partner_id = res_partner.id AND alias.active"),
            )
        return query

    # ------------------------------------------------------------
    # EXACT
    # ------------------------------------------------------------

    @api.model
    def _card_find_exact(self, term, domain=None, limit=None, only_aliases=False):
        """:param limit: how many contacts of each kind of match at most
        :return: SQL of the rows that contain the term, or nothing"""
        aliases = self._card_find_query(domain, with_alias=True)
        if aliases is None:
            return None
        for word in term.split()[: matching.MAX_WORDS]:
            aliases.add_where(self._card_like("alias.name", f"%{self._like(word)}%"))
        aliases.limit = limit
        by_alias = aliases.select(
            *self._card_find_columns(
                self._card_find_alias_grade(term), SQL("alias.name")
            )
        )
        if only_aliases:
            return SQL("(%s)", by_alias)
        query = self._card_find_query(domain)
        query.add_where(self._card_find_text_condition(term))
        query.limit = limit
        by_text = query.select(*self._card_find_columns(self._card_find_grade(term)))
        return SQL("(%s) UNION ALL (%s)", by_text, by_alias)

    @api.model
    def _card_find_columns(self, grade, alias=None):
        return (
            SQL("res_partner.id"),
            SQL("res_partner.card_root_id AS root_id"),
            SQL("%s AS grade", grade),
            SQL("%s AS alias", alias or SQL("NULL")),
            SQL("res_partner.id != res_partner.card_root_id AS is_contact"),
            SQL("COALESCE(res_partner.card_state = 'closed', FALSE) AS is_closed"),
            SQL("res_partner.complete_name"),
        )

    @api.model
    def _like(self, text):
        return matching.escape_like(text)

    @api.model
    def _card_like(self, column, pattern):
        """:return: SQL: the column (SQL text of this addon) matches the pattern, as
        Odoo's ``ilike`` does it"""
        unaccent = self.env.registry.unaccent
        return SQL(
            "%s ILIKE %s",
            unaccent(SQL("(%s)", matching.raw(column))),
            unaccent(SQL("%s", pattern)),
        )

    @api.model
    def _card_find_text_condition(self, term):
        """:return: SQL: every word stands somewhere among what a contact is found by,
        or the digits do"""
        text = matching.get_search_text_sql("res_partner.")
        phones = matching.get_phone_parts(term)
        words = [term] if phones else term.split()[: matching.MAX_WORDS]
        ways = [
            SQL(" AND ").join(
                self._card_like(text, f"%{self._like(word)}%") for word in words
            )
        ]
        for part in {*phones, matching.get_code_part(term)}:
            if part and words != [part]:
                ways.append(self._card_like(text, f"%{self._like(part)}%"))
        return SQL("(%s)", SQL(" OR ").join(ways))

    @api.model
    def _card_find_grade(self, term):
        """:return: SQL: how well a contact that contains the term fits it"""
        text = self._like(term)
        code = matching.get_code_part(term) or text
        phones = matching.get_phone_parts(term)

        def name(pattern):
            return self._card_like("res_partner.name", pattern)

        def codes(pattern):
            return SQL(" OR ").join(
                self._card_like(f"coalesce(res_partner.{column}, '')", pattern)
                for column in matching.CODES
            )

        def phone(pattern):
            number = matching.raw(matching.get_digits_sql("res_partner.phone"))
            return SQL(" OR ").join(
                SQL(
                    "%s LIKE %s OR res_partner.phone_sanitized LIKE %s",
                    number,
                    pattern.format(digits),
                    pattern.format(digits),
                )
                for digits in phones
            ) or SQL("FALSE")

        words = term.split()[: matching.MAX_WORDS]
        return SQL(
            """
            CASE WHEN %s THEN 100
                 WHEN %s THEN 98
                 WHEN %s THEN 96
                 WHEN %s THEN 90
                 WHEN %s THEN 85
                 WHEN %s THEN 80
                 WHEN %s THEN 76
                 WHEN %s THEN 78
                 WHEN %s THEN 70
                 WHEN %s THEN 60
                 ELSE 50 END
            """,
            name(text),
            SQL("%s OR %s", codes(text), codes(code)),
            phone("%{}"),
            name(f"{text}%"),
            name(f"% {text}%"),
            name(f"%{text}%"),
            phone("%{}%"),
            SQL("%s OR %s", codes(f"%{text}%"), codes(f"%{code}%")),
            SQL(" AND ").join(name(f"%{self._like(word)}%") for word in words),
            self._card_like(matching.get_address_sql("res_partner."), f"%{text}%"),
        )

    @api.model
    def _card_find_alias_grade(self, term):
        text = self._like(term)
        return SQL(
            "CASE WHEN %s THEN 94 WHEN %s THEN 88 ELSE 82 END",
            self._card_like("alias.name", text),
            self._card_like("alias.name", f"{text}%"),
        )
