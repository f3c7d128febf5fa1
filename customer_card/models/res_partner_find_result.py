from odoo import api, models

from .. import matching
from .res_partner_find import GRADES


class ResPartner(models.Model):
    """What *Find a Customer* shows of those that it found: who, and why."""

    _inherit = "res.partner"

    @api.model
    def _card_find_read(self, rows, term):
        """Read the customers found with the user's own rights.

        :param rows: see ``_card_find_rows``
        :return: see ``card_find``
        """
        cards = self.browse(dict.fromkeys(row[1] for row in rows))
        partners = cards | self.browse(row[0] for row in rows)
        # another company's customer may have a contact that is everybody's
        readable = partners._filtered_access("read")
        readable.fetch(
            ["complete_name", "card_number", "card_state", "card_kind", "city", "phone"]
        )
        labels = {
            name: dict(self._fields[name]._description_selection(self.env))
            for name in ("card_state", "card_kind")
        }
        return [
            {
                "id": card.id,
                "name": card.complete_name or card.name or "",
                "number": card.card_number or "",
                "state": card.card_state or "",
                "state_label": labels["card_state"].get(card.card_state, ""),
                "kind": labels["card_kind"].get(card.card_kind, ""),
                "city": card.city or "",
                # sudo: who keeps a card that one may read is no secret
                "custodian": card.sudo().card_custodian_id.name or "",
                "team": card.sudo().card_team_id.name or "",
                "found": self.browse(partner_id)._card_find_why(
                    term, GRADES[grade], alias
                ),
            }
            for partner_id, card_id, grade, alias in rows
            if (card := self.browse(card_id).with_prefetch(readable.ids)) in readable
            and partner_id in readable.ids
        ]

    def _card_find_why(self, term, where, alias):
        """:return: ``{"label", "contact", "pieces"}``: the field in which the term was
        found, the contact whose it is, and its text in pieces"""
        self.ensure_one()
        label, text = self._card_find_evidence(term, where, alias)
        return {
            "where": where,
            "label": label,
            "contact": "" if self == self.card_root_id else self.name or "",
            "pieces": matching.mark_found(text, term),
        }

    def _card_find_evidence(self, term, where, alias):
        """:return: ``(label of the field, its text)``"""
        address = " ".join(filter(None, (self[name] for name in matching.ADDRESS)))
        if alias:
            return self.env._("Other name"), alias
        if where == "fuzzy":
            return self.env._("Similar name"), self.name
        if where == "phone":
            return self.env._("Phone"), self.phone or self.phone_sanitized or ""
        if where == "address":
            return self.env._("Address"), address
        if where == "code":
            return self._card_find_code(term)
        if where == "words":
            values = (self.name, address, *(self[name] for name in matching.CODES))
            folded = [matching.fold(word) for word in term.split()]
            hits = [
                value
                for value in values
                if value and any(word in matching.fold(value) for word in folded)
            ]
            return self.env._("Several fields"), " · ".join(hits)
        return self.env._("Name"), self.name or ""

    def _card_find_code(self, term):
        """:return: ``(label, text)`` of the number or e-mail that contains the term"""
        typed = {matching.fold(term), matching.fold(matching.get_code_part(term))}
        typed.discard("")
        for name in matching.CODES:
            if self[name] and any(text in matching.fold(self[name]) for text in typed):
                return self._fields[name]._description_string(self.env), self[name]
        return self.env._("Name"), self.name or ""
