from collections import defaultdict

from odoo import api, models
from odoo.tools import SQL
from odoo.tools import mail as tools_mail

from .. import matching

# In the order in which they convince. The first three are a customer's own: two
# customers do not share them by chance.
KINDS = ("vat", "email", "phone", "name")
SURE_KINDS = {"vat", "email", "phone"}
# Shorter ones are placeholders
SHORTEST = {"vat": 5, "phone": 6}


class ResPartner(models.Model):
    """Which cards a contact resembles: the same tax ID, e-mail, phone number, or a name
    that differs in nothing but its legal form and its spelling."""

    _inherit = "res.partner"

    @api.model
    def _get_card_resemblances(self, values_list):
        """Compare contacts with all cards, hidden ones too, in one query.

        :param values_list: ``[{"name", "vat", "email", "phone", "country_id"}, …]``
        :return: for each of them ``{card id: set of kinds}``, archived cards included
        """
        typed = list(self._get_card_keys(values_list))
        result = [defaultdict(set) for _values in values_list]
        if not typed:
            return result
        # sudo: what the query reads
        self.env["res.partner"].sudo().flush_model(
            [
                "name",
                "vat",
                "email_normalized",
                "phone",
                "phone_sanitized",
                "card_root_id",
                "card_state",
            ]
        )
        self.env["customer.card.alias"].sudo().flush_model()
        for row, kind, card_id in self.env.execute_query(
            self._get_resemblance_sql(typed)
        ):
            result[row][card_id].add(kind)
        return result

    @api.model
    def _get_card_keys(self, values_list):
        """:return: yields ``(index, kind, text to compare)``"""
        countries = self.env["res.country"].browse(
            {values.get("country_id") for values in values_list} - {None, False}
        )
        countries = {country.id: country for country in countries}
        none = self.env["res.country"]
        for index, values in enumerate(values_list):
            country = countries.get(values.get("country_id"), none)
            if values.get("name"):
                yield index, "name", str(values["name"])
            for email in tools_mail.email_normalize_all(values.get("email") or ""):
                yield index, "email", email
            for vat in self._get_vat_keys(values.get("vat")):
                yield index, "vat", vat
            if phone := values.get("phone"):
                yield from (
                    (index, "phone", digits)
                    for digits in self._get_phone_keys(str(phone), country)
                )

    @api.model
    def _get_vat_keys(self, vat):
        code = "".join(filter(str.isalnum, str(vat or ""))).upper()
        bare = code[2:] if code[:2].isalpha() else code
        return [code] if len(bare) >= SHORTEST["vat"] else []

    @api.model
    def _get_phone_keys(self, phone, country):
        """:return: the digits of a number as it stands, and as it is dialled from
        abroad, with a sign in front"""
        digits = "".join(filter(str.isdecimal, matching.clean_term(phone)))
        if len(digits) < SHORTEST["phone"]:
            return set()
        keys = {digits.removeprefix("00")}
        country = country or self.env.company.country_id
        if sanitized := self._phone_format(number=phone, country=country):
            keys |= {sanitized, sanitized.removeprefix("+")}
        return keys

    @api.model
    def _get_resemblance_sql(self, typed):
        """:param typed: ``[(index, kind, text), …]``
        :return: SQL of the rows (index, kind, card id)"""
        rows = SQL(", ").join(
            SQL("(%s::int, %s::text, %s::text)", *entry) for entry in typed
        )
        of_cards = "partner.card_root_id IS NOT NULL"
        # of different countries only where one of the two does not say which
        code = matching.get_code_sql("partner.vat")
        same = f"({code} = typed.text OR {code} !~ '^[A-Z][A-Z]' OR typed.text !~ '^[A-Z][A-Z]')"
        ways = (
            ("email", "partner.email_normalized", of_cards),
            (
                "vat",
                matching.get_bare_code_sql("partner.vat"),
                f"{of_cards} AND {same}",
            ),
            ("phone", matching.get_digits_sql("partner.phone"), of_cards),
            ("phone", "partner.phone_sanitized", of_cards),
            (
                "name",
                matching.get_name_key_sql("partner.name"),
                "partner.card_state IS NOT NULL",
            ),
        )
        kinds = {kind for _index, kind, _text in typed}
        parts = [
            SQL(
                """
                SELECT typed.index, typed.kind, partner.card_root_id
                  FROM typed
                  JOIN res_partner partner ON %s = typed.key AND %s
                 WHERE typed.kind = %s
                """,
                matching.raw(expression),
                matching.raw(condition),
                kind,
            )
            for kind, expression, condition in ways
            if kind in kinds
        ]
        if "name" in kinds:
            parts.append(
                SQL(
                    """
                    SELECT typed.index, typed.kind, alias.card_root_id
                      FROM typed
                      JOIN customer_card_alias alias ON %s = typed.key
                       AND alias.active AND alias.card_root_id = alias.partner_id
                     WHERE typed.kind = 'name'
                    """,
                    matching.raw(matching.get_name_key_sql("alias.name")),
                )
            )
        return SQL(
            """
            WITH typed AS MATERIALIZED (
                SELECT index, kind, text,
                       CASE kind WHEN 'name' THEN %s WHEN 'vat' THEN %s ELSE text
                       END AS key
                  FROM (VALUES %s) AS entry (index, kind, text)
            )
            %s
            """,
            matching.raw(matching.get_name_key_sql("text")),
            matching.raw(matching.get_bare_code_sql("text")),
            rows,
            SQL(" UNION ").join(parts),
        )

    @api.model
    def _split_hidden_cards(self, resemblances):
        """:param resemblances: see ``_get_card_resemblances``
        :return: ``(visible, hidden)``: recordsets of all cards in it, by whether the
            user may read them"""
        cards = self.browse(sorted({key for found in resemblances for key in found}))
        visible = cards._filtered_access("read") if cards else cards
        return visible, cards - visible

    @api.model
    def _describe_resemblance(self, kinds):
        """:return: the kinds of a resemblance, as a user reads them"""
        labels = {
            "vat": self.env._("same tax ID"),
            "email": self.env._("same e-mail"),
            "phone": self.env._("same phone number"),
            "name": self.env._("like name"),
        }
        return ", ".join(labels[kind] for kind in KINDS if kind in kinds)
