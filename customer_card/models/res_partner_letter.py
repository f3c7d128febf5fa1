from odoo import fields, models

from ..exceptions import CardAccessError


class ResPartner(models.Model):
    """Letters by post: who wants none, who can get one, and who got which."""

    _inherit = "res.partner"

    card_no_letters = fields.Boolean(
        "No Letters",
        groups="base.group_user",
        help="This customer does not want letters by post: audiences leave him out.",
    )
    card_letter_count = fields.Integer(
        "Letters", compute="_compute_card_letter_count", groups="base.group_user"
    )

    def _compute_card_letter_count(self):
        # sudo: which letters went to a contact that the user can read; the list
        # behind the number follows the record rules
        counts = dict(
            self.env["customer.card.letter.line"]
            .sudo()
            ._read_group(
                [
                    ("card_root_id", "in", self.ids),
                    ("state", "in", ("sent", "returned")),
                ],
                ["card_root_id"],
                ["__count"],
            )
        )
        for partner in self:
            partner.card_letter_count = counts.get(partner._origin, 0)

    def action_card_letters(self):
        """Show which letters this customer got."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Letters"),
            "res_model": "customer.card.letter.line",
            "view_mode": "list",
            "domain": [
                ("card_root_id", "=", self.id),
                ("state", "in", ("sent", "returned")),
            ],
            "context": {"create": False},
        }

    def action_write_letter(self):
        """Start a letter to these cards.

        :raise CardAccessError: for cards that the user does not keep
        """
        self._check_card_maintained()
        letter = self.env["customer.card.letter"].create(
            {"subject": self.env._("Letter")}
        )
        letter._add_recipients({card: card for card in self})
        return letter.get_formview_action()

    def _check_letters_allowed(self):
        """:raise CardAccessError: when the user does not keep one of these cards: a
        printed address takes data out of the system"""
        if self.env.su:
            return
        if foreign := self._filter_foreign_cards():
            raise CardAccessError(
                self.env._(
                    "%(cards)s: only the custodian, his deputy or the manager of the "
                    "department writes letters to a customer. Take these recipients "
                    "out.",
                    cards=foreign._get_card_names(),
                ),
                foreign.ids,
            )

    def _has_postal_address(self):
        """:return: whether a letter can reach this contact"""
        self.ensure_one()
        return bool((self.street or self.street2) and (self.city or self.zip))

    def _get_letter_address(self):
        """:return: name and postal address, line by line, in the order of the
        recipient's country"""
        self.ensure_one()
        lines = [line.strip() for line in (self._display_address() or "").splitlines()]
        if self.name and self.name not in lines:
            lines.insert(0, self.name)
        return "\n".join(line for line in lines if line)
