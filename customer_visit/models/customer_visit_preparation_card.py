from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import formatLang

from .customer_visit_preparation import BIRTHDAY_DAYS

# what a visitor has to know about the customer himself
CARD_FIELDS = (
    "main_products",
    "brand_attitude",
    "habit_purchase",
    "habit_consumption",
    "ideal_product",
    "service_notes",
)
# and about the people there
PERSON_FIELDS = ("personality", "hobbies", "family_notes")
MOST_PERSONS = 6
NEED_TONES = {"overdue": "danger", "due": "warning", "soon": "info"}


class CustomerVisit(models.Model):
    """Preparing a visit: what the card says."""

    _inherit = "customer.visit"

    @api.model
    def _get_preparation_parts(self):
        return [
            *super()._get_preparation_parts(),
            (50, "needs", self.env._("Running Out"), "fa-battery-quarter"),
            (55, "contracts", self.env._("Contracts Ending"), "fa-file-text-o"),
            (60, "opportunities", self.env._("Open Opportunities"), "fa-star-o"),
            (65, "open_items", self.env._("Open Items"), "fa-folder-open-o"),
            (70, "birthdays", self.env._("Birthdays Near"), "fa-birthday-cake"),
            (75, "persons", self.env._("Whom You Meet"), "fa-users"),
            (80, "reading", self.env._("Who He Is"), "fa-id-card-o"),
            (85, "competitors", self.env._("What He Buys Elsewhere"), "fa-random"),
            (90, "missing", self.env._("Ask For"), "fa-question-circle-o"),
        ]

    # ------------------------------------------------------------
    # SUPPLY
    # ------------------------------------------------------------

    def _prepare_needs(self):
        """What the customer should order by now, or soon."""
        rows = defaultdict(list)
        lines = self.env["customer.card.consumption"].search(
            [
                ("card_root_id", "in", self.partner_id.ids),
                ("need_state", "in", list(NEED_TONES)),
            ],
            order="next_need_date, id",
        )
        labels = dict(lines._fields["need_state"]._description_selection(self.env))
        for line in lines:
            rows[line.card_root_id.id].append(
                self._make_preparation_row(
                    line.display_name,
                    note=self.env._(
                        "%(quantity)s %(unit)s left, by estimate",
                        quantity=formatLang(self.env, line.stock_today, digits=0),
                        unit=line.uom or "",
                    ),
                    label=labels[line.need_state],
                    when=self._format_preparation_date(line.next_need_date),
                    tone=NEED_TONES[line.need_state],
                )
            )
        return self._spread_over_visits(rows)

    def _prepare_contracts(self):
        """Supply contracts that end soon."""
        rows = defaultdict(list)
        for contract in self.env["customer.card.contract"].search(
            [
                ("card_root_id", "in", self.partner_id.ids),
                ("term_state", "=", "ending"),
            ],
            order="date_end, id",
        ):
            rows[contract.card_root_id.id].append(
                self._make_preparation_row(
                    contract.name,
                    note=formatLang(
                        self.env, contract.amount, currency_obj=contract.currency_id
                    )
                    if contract.amount
                    else "",
                    when=self._format_preparation_date(contract.date_end),
                    tone="warning",
                    model=contract._name,
                    id=contract.id,
                )
            )
        return self._spread_over_visits(rows)

    # ------------------------------------------------------------
    # OPEN
    # ------------------------------------------------------------

    def _prepare_opportunities(self):
        """Leads and opportunities that are neither won nor lost."""
        Lead = self.env["crm.lead"]
        if not Lead.has_access("read"):
            return {}
        rows = defaultdict(list)
        for lead in Lead.search(
            [
                ("partner_id.card_root_id", "in", self.partner_id.ids),
                ("stage_id.is_won", "=", False),
            ],
            order="date_deadline, id",
        ):
            # sudo: which card its customer belongs to
            card = lead.sudo().partner_id.card_root_id
            revenue = (
                formatLang(
                    self.env, lead.expected_revenue, currency_obj=lead.company_currency
                )
                if lead.expected_revenue
                else ""
            )
            rows[card.id].append(
                self._make_preparation_row(
                    lead.name,
                    note=" · ".join(filter(None, (lead.stage_id.name, revenue))),
                    when=self._format_preparation_date(lead.date_deadline),
                    model=lead._name,
                    id=lead.id,
                )
            )
        return self._spread_over_visits(rows)

    def _prepare_open_items(self):
        """What else is open on the card, for whoever keeps it."""
        kept = self.partner_id._card_maintained_by(self.env.user)
        texts = kept._get_card_open_texts()
        return self._spread_over_visits(
            {
                card_id: [self._make_preparation_row(text)]
                for card_id, text in texts.items()
            }
        )

    # ------------------------------------------------------------
    # PERSONS
    # ------------------------------------------------------------

    def _prepare_birthdays(self):
        """Birthdays of the contacts on the card and of their families."""
        today = self.env.user._card_today()
        domain = [
            ("card_root_id", "in", self.partner_id.ids),
            ("next_birthday", "<=", fields.Date.add(today, days=BIRTHDAY_DAYS)),
        ]
        persons = [
            (person, "", person) for person in self.env["res.partner"].search(domain)
        ]
        Relative = self.env["customer.card.relative"]
        relations = dict(Relative._fields["relation"]._description_selection(self.env))
        persons += [
            (one, f"{relations.get(one.relation, '')}: {one.partner_id.name}", one)
            for one in Relative.search(domain)
        ]
        rows = defaultdict(list)
        for person, note, record in sorted(
            persons, key=lambda one: one[0].next_birthday
        ):
            rows[record.card_root_id.id].append(
                self._make_preparation_row(
                    person.name,
                    note=note,
                    when=self._format_preparation_date(person.next_birthday),
                    tone="danger" if person.next_birthday == today else "",
                )
            )
        return self._spread_over_visits(rows)

    def _prepare_persons(self):
        """The people to be met; where none are named, those of the card that have a
        role there."""
        # sudo of no card: the user may read these cards
        contacts = self.env["res.partner"].search(
            [
                ("card_root_id", "in", self.partner_id.ids),
                ("id", "not in", self.partner_id.ids),
                ("type", "=", "contact"),
                ("is_company", "=", False),
            ],
            order="contact_role, name",
        )
        by_card = contacts.grouped("card_root_id")
        result = {}
        for visit in self:
            persons = (visit.contact_ids & contacts) or by_card.get(
                visit.partner_id, contacts.browse()
            ).sorted(lambda person: not person.contact_role)
            result[visit.id] = [
                visit._make_person_row(person) for person in persons[:MOST_PERSONS]
            ]
        return result

    def _make_person_row(self, person):
        values = self.env["report.customer_card.card_print"]._get_rows(
            person, PERSON_FIELDS
        )
        role = person.contact_role and dict(
            person._fields["contact_role"]._description_selection(self.env)
        ).get(person.contact_role)
        return self._make_preparation_row(
            person.name,
            note="\n".join(
                [
                    " · ".join(filter(None, (role, person.function, person.phone))),
                    *(f"{label}: {value}" for label, value in values),
                ]
            ).strip(),
            model=person._name,
            id=person.id,
        )

    # ------------------------------------------------------------
    # CARD
    # ------------------------------------------------------------

    def _prepare_reading(self):
        """What the card says about the customer himself."""
        Print = self.env["report.customer_card.card_print"]
        return self._spread_over_visits(
            {
                card.id: [
                    *self._make_satisfaction_rows(card),
                    *(
                        self._make_preparation_row(value, label=label)
                        for label, value in Print._get_rows(card, CARD_FIELDS)
                    ),
                ]
                for card in self.partner_id
            }
        )

    def _make_satisfaction_rows(self, card):
        """:return: how satisfied the customer was when he was last asked, if ever"""
        if not card.satisfaction_date:
            return []
        trends = dict(
            card._fields["satisfaction_trend"]._description_selection(self.env)
        )
        return [
            self._make_preparation_row(
                self.env._(
                    "%(score)s of 100",
                    score=formatLang(self.env, card.satisfaction_score, digits=0),
                ),
                label=card._fields["satisfaction_score"]._description_string(self.env),
                note=trends.get(card.satisfaction_trend, ""),
                when=self._format_preparation_date(card.satisfaction_date),
                tone="danger" if card.satisfaction_trend == "down" else "",
            )
        ]

    def _prepare_competitors(self):
        """The brands that he buys, or considers."""
        rows = defaultdict(list)
        lines = self.env["customer.card.competitor"].search(
            [("card_root_id", "in", self.partner_id.ids)]
        )
        for line in lines:
            price = (
                formatLang(self.env, line.price, currency_obj=line.currency_id)
                if line.price
                else ""
            )
            rows[line.card_root_id.id].append(
                self._make_preparation_row(
                    line.brand,
                    note=" · ".join(
                        filter(None, (line.product_id.name, price, line.note))
                    ),
                )
            )
        return self._spread_over_visits(rows)

    def _prepare_missing(self):
        """What the card lacks: the visit is the occasion to ask."""
        kept = self.partner_id._card_maintained_by(self.env.user)
        return self._spread_over_visits(
            {
                card_id: [
                    self._make_preparation_row(
                        ", ".join(one["name"] for one in missing)
                    )
                ]
                for card_id, missing in kept._get_card_missing().items()
                if missing
            }
        )
