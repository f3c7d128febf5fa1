from collections import defaultdict

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL, format_datetime, is_html_empty

IDENTIFICATION = (
    "email",
    "phone",
    "website",
    "vat",
    "ref",
    "industry_id",
    "category_id",
    "legal_form",
    "ownership",
    "main_products",
)
PROFILE = (
    "birthdate_date",
    "age",
    "gender",
    "education",
    "occupation",
    "work_unit",
    "economic_status",
    "hobbies",
    "personality",
    "physical_features",
    "home_address",
    "family_notes",
    "service_notes",
)
# whose character, hobbies and family one has to know
KEY_ROLES = ("legal_representative", "handler")
KEY_PERSON = tuple(name for name in PROFILE if name not in ("age", "service_notes"))
HABITS = ("habit_consumption", "habit_purchase", "brand_attitude", "ideal_product")
# entries of the history on a print
HISTORY_LENGTH = 12


class CardPrint(models.AbstractModel):
    """What the sections of the card show."""

    _inherit = "report.customer_card.card_print"

    @api.model
    def _get_section_identification(self, cards):
        return {
            card.id: self._get_address_row(card) + self._get_rows(card, IDENTIFICATION)
            for card in cards
        }

    def _get_address_row(self, partner):
        lines = partner._display_address(without_company=True).split("\n")
        if address := "\n".join(line.strip() for line in lines if line.strip()):
            return [(self.env._("Address"), address)]
        return []

    @api.model
    def _get_section_contacts(self, cards):
        contacts = cards.search(
            [("card_root_id", "in", cards.ids), ("id", "not in", cards.ids)]
        ).with_env(cards.env)
        relatives = self._group_lines("customer.card.relative", cards, "partner_id")
        people = defaultdict(list)
        for contact in contacts:
            key_person = contact.contact_role in KEY_ROLES
            people[contact.card_root_id.id].append(
                {
                    "name": contact.name
                    or dict(
                        contact._fields["type"]._description_selection(self.env)
                    ).get(contact.type),
                    "role": self._format_value(contact, "contact_role")
                    or contact.function,
                    "reach": " · ".join(filter(None, (contact.phone, contact.email))),
                    "rows": (
                        self._get_address_row(contact)
                        if contact.type != "contact"
                        else []
                    )
                    + (self._get_rows(contact, KEY_PERSON) if key_person else []),
                    "relatives": [
                        self._describe_relative(relative)
                        for relative in (relatives[contact.id] if key_person else ())
                    ],
                }
            )
        return people

    def _describe_relative(self, relative):
        details = self._get_rows(relative, ("birthdate_date", "occupation", "hobbies"))
        values = [value for _label, value in details]
        relation = self._format_value(relative, "relation")
        return ", ".join([f"{relative.name} ({relation})", *values])

    @api.model
    def _get_section_profile(self, cards):
        relatives = self._group_lines("customer.card.relative", cards, "partner_id")
        result = {}
        for card in cards:
            rows = self._get_rows(card, PROFILE)
            if family := [self._describe_relative(line) for line in relatives[card.id]]:
                rows.append((self.env._("Family"), "\n".join(family)))
            result[card.id] = rows
        return result

    @api.model
    def _get_section_habits(self, cards):
        competitors = self._group_lines("customer.card.competitor", cards)
        return {
            card.id: {
                "rows": self._get_rows(card, HABITS),
                "lines": [
                    {
                        "brand": line.brand,
                        # sudo: the name of a product on a card that is printed
                        "product": line.product_id.sudo().display_name,
                        "price": self._format_value(line, "price"),
                        "uom": line.uom,
                        "share": f"{self._format_number(line.spend_share)} %"
                        if line.spend_share
                        else False,
                        "attitude": self._format_value(line, "attitude"),
                        "as_of": self._format_value(line, "as_of_date"),
                    }
                    for line in competitors[card.id]
                ],
            }
            for card in cards
            if competitors[card.id] or self._get_rows(card, HABITS)
        }

    @api.model
    def _get_section_consumption(self, cards):
        return {
            card_id: [
                {
                    # sudo: the name of a product on a card that is printed
                    "product": line.product_id.sudo().display_name,
                    "stock": self._format_number(line.stock_quantity),
                    "usage": f"{self._format_number(line.usage_quantity)} "
                    f"{self._format_value(line, 'usage_period')}"
                    if line.usage_quantity
                    else False,
                    "uom": line.product_id.sudo().uom,
                    "as_of": self._format_value(line, "as_of_date"),
                    "next": self._format_value(line, "next_need_date"),
                }
                for line in lines
            ]
            for card_id, lines in self._group_lines(
                "customer.card.consumption", cards
            ).items()
        }

    @api.model
    def _get_section_contracts(self, cards):
        return {
            card_id: [
                {
                    "name": line.name,
                    "from": self._format_value(line, "date_start"),
                    "until": self._format_value(line, "date_end"),
                    "amount": self._format_value(line, "amount"),
                    "performance": self._format_value(line, "performance"),
                    "note": self._format_value(line, "performance_note"),
                }
                for line in lines
            ]
            for card_id, lines in self._group_lines(
                "customer.card.contract", cards
            ).items()
        }

    @api.model
    def _get_section_history(self, cards):
        """The last entries of the ledger; that it was read is left out."""
        Event = self.env["customer.card.event"]
        Event.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT entry.id
                  FROM unnest(%s) card (id)
            CROSS JOIN LATERAL (
                    SELECT event.id
                      FROM customer_card_event event
                     WHERE event.partner_id = card.id AND event.kind != 'read'
                  ORDER BY event.date DESC, event.id DESC
                     LIMIT %s) entry
                """,
                cards.ids,
                HISTORY_LENGTH,
            )
        )
        # a search: what of the ledger the user may read is for its rules to say
        entries = Event.search([("id", "in", [row[0] for row in rows])])
        history = defaultdict(list)
        for event in entries:
            history[event.partner_id.id].append(
                {
                    "date": format_datetime(
                        self.env,
                        event.date,
                        tz=self.env.user.tz or "UTC",
                        dt_format="short",
                    ),
                    "kind": self._format_value(event, "kind"),
                    "user": event.user_name,
                    "description": event.description,
                }
            )
        return history

    @api.model
    def _get_section_notes(self, cards):
        return {
            card.id: card.comment for card in cards if not is_html_empty(card.comment)
        }

    @api.model
    def _group_lines(self, model_name, cards, field_name="card_root_id"):
        """The lines of a card and of its contacts that are not struck out.

        :return: ``{id of the card, or of what field_name holds: lines}`` (default:
            none)
        """
        Line = self.env[model_name].with_env(cards.env)
        domain = Domain("card_root_id", "in", cards.ids)
        if "company_id" in Line._fields:
            # an extract is read past the rules, the one on companies too
            domain &= Domain("company_id", "in", [False, *self.env.companies.ids])
        lines = Line.search(domain)
        groups = defaultdict(lines.browse)
        groups.update(
            (key.id, group) for key, group in lines.grouped(field_name).items()
        )
        return groups
