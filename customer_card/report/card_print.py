from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date, format_datetime, formatLang, is_html_empty

# cards of one print: wkhtmltopdf needs a tenth of a second for each page
MOST_CARDS = 200


class CardPrint(models.AbstractModel):
    """The print of a card by whoever keeps it.

    What the client sends chooses cards and sections; every way of printing passes
    ``_get_report_values``, which checks them. The data of all cards are gathered at
    once, section by section: see ``_get_sections_data``.
    """

    _name = "report.customer_card.card_print"
    _description = "Print of Customer Cards"

    @api.model
    def _get_report_values(self, docids, data=None):
        """
        :param docids: ids of contacts, or None
        :param data: ``card_ids`` in place of ``docids``, ``section_ids``: without them
            the sections that are chosen by default
        :return: values of the template, every one that it uses: the client's ``data``
            are among the values otherwise
        :raise CardAccessError: when the user does not keep all of the cards
        """
        data = data or {}
        partners = self.env["res.partner"].browse(
            self._parse_ids(docids) or self._parse_ids(data.get("card_ids"))
        )
        self._check_internal_user()
        # sudo: only which cards the contacts belong to is read
        cards = self.env["res.partner"].browse(partners.sudo().card_root_id.ids)
        if not cards:
            raise UserError(
                self.env._("Choose customers that have a card, then print them.")
            )
        if len(cards) > MOST_CARDS:
            raise UserError(
                self.env._(
                    "%(count)s cards are too many for one print. Choose at most "
                    "%(most)s.",
                    count=len(cards),
                    most=MOST_CARDS,
                )
            )
        sections = self._get_chosen_sections(data.get("section_ids"))
        names = " · ".join(sections.mapped("name"))
        cards._check_card_take_out("printed", description=names)
        return self._get_document(cards, sections)

    @api.model
    def _check_internal_user(self):
        """:raise AccessError: for portal users"""
        if not (self.env.su or self.env.user._has_group("base.group_user")):
            raise AccessError(
                self.env._("Customer cards are printed by internal users only.")
            )

    @api.model
    def _parse_ids(self, values):
        """:return: ids, of what a client sent as a list, or as text with commas"""
        if isinstance(values, str):
            values = values.split(",")
        if isinstance(values, int):
            values = [values]
        return [int(value) for value in values or () if str(value).strip().isdigit()]

    @api.model
    def _get_chosen_sections(self, section_ids):
        Section = self.env["customer.card.section"]
        if chosen := self._parse_ids(section_ids):
            return Section.search([("id", "in", chosen)])
        return Section.search([("is_default", "=", True)])

    # ------------------------------------------------------------
    # DOCUMENT
    # ------------------------------------------------------------

    @api.model
    def _get_document(self, cards, sections):
        """The values of the template, in the language of the user who prints.

        :param cards: res.partner, readable in this environment
        :param sections: customer.card.section
        """
        lang = self.env.user.lang
        report = self.with_context(lang=lang, bin_size=False, prefetch_langs=False)
        cards = cards.with_env(
            cards.env(context={**cards.env.context, "lang": lang, "bin_size": False})
        )
        sections = sections.with_context(lang=lang)
        return {
            "doc_ids": cards.ids,
            "doc_model": cards._name,
            "docs": cards,
            "sections": sections,
            "section_data": report._get_sections_data(cards, sections),
            "headers": report._get_headers(cards),
            # sudo: name and address of the own company
            "card_company": self.env.company.sudo(),
            "print_lang": lang,
            "print_line": report._get_print_line(),
            "extract": False,
        }

    def _get_print_line(self):
        """:return: the discreet line below each card: who printed it, and when"""
        return self.env._(
            "Printed by %(user)s on %(date)s",
            user=self.env.user.name,
            date=format_datetime(
                self.env, fields.Datetime.now(), tz=self.env.user.tz or "UTC"
            ),
        )

    @api.model
    def _get_headers(self, cards):
        """:return: ``{card id: [(label, value), …]}`` for the head of each card"""
        names = ("card_kind", "card_custodian_id", "card_team_id")
        return {card.id: self._get_rows(card, names) for card in cards}

    @api.model
    def _get_sections_data(self, cards, sections):
        """Gather what the sections show, each by one method for all cards:
        ``_get_section_<code>(cards)``, which returns ``{card id: data}``; a card
        without data has no such section. A section without a method shows the card.

        :return: ``{section id: {card id: data}}``
        """
        result = {}
        for section in sections:
            gather = getattr(self, f"_get_section_{section.code}", None)
            result[section.id] = (
                gather(cards) if gather else dict.fromkeys(cards.ids, True)
            )
        return result

    # ------------------------------------------------------------
    # VALUES
    # ------------------------------------------------------------

    @api.model
    def _get_rows(self, record, names):
        """:param names: of fields
        :return: ``[(label, value), …]`` of those that are filled in"""
        return [
            (record._fields[name]._description_string(self.env), value)
            for name in names
            if (value := self._format_value(record, name))
        ]

    @api.model
    def _format_value(self, record, name):
        """:return: what a reader calls the value of a field, or False: zero and No are
        not worth a line"""
        field = record._fields[name]
        value = record[name]
        if not value or field.type == "boolean":
            return False
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, value)
        if field.relational:
            # sudo: the names of industries, tags, currencies
            return ", ".join(value.sudo().mapped("display_name"))
        if field.type == "date":
            return format_date(self.env, value)
        if field.type == "datetime":
            return format_datetime(self.env, value, tz=self.env.user.tz or "UTC")
        if field.type == "html":
            return False if is_html_empty(value) else value
        if field.type == "monetary":
            currency = record[field.get_currency_field(record)]
            return formatLang(self.env, value, currency_obj=currency)
        if field.type == "float":
            return self._format_number(value)
        return str(value).strip()

    @api.model
    def _format_number(self, value):
        """:return: a quantity, without the zeros behind the point"""
        digits = 0 if value == int(value) else 2
        return formatLang(self.env, value, digits=digits)
