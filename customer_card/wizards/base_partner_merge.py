from odoo import models

from ..models.res_partner_card import CARD_KEEPER_FIELDS, CARD_TREE_FIELDS

MOVED_FIELDS = ("card_state", "card_number", "card_kind", *CARD_KEEPER_FIELDS)


class MergePartnerAutomatic(models.TransientModel):
    """Merging moves everything of one contact to another by SQL, past all rules."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        Partner = self.env["res.partner"]
        partners = Partner.browse(partner_ids).exists()
        # sudo: whether cards are concerned must not depend on what the user sees
        cards = partners.sudo().filtered("card_root_id")
        if not cards:
            return super()._merge(partner_ids, dst_partner, extra_checks=extra_checks)
        self._check_merge_of_cards(partners)
        target = (
            dst_partner
            if dst_partner and dst_partner in partners
            else self._get_ordered_partner(partners.ids)[-1]
        )
        moved = self._take_card_off(partners - target, target)
        names = ", ".join((partners - target).mapped("display_name"))
        super()._merge(partner_ids, target, extra_checks=extra_checks)
        if moved:
            # sudo: until it has the card, nobody keeps the target
            target.sudo()._with_card_trust().write(moved)
        self._recompute_card_tree(target)
        if target.card_root_id:
            self.env["customer.card.event"]._log(target.card_root_id, "merged", names)

    def _check_merge_of_cards(self, partners):
        """:raise CardAccessError: unless the user keeps all cards that are merged, and
        manages them where two different ones become one"""
        if self.env.su:
            return
        partners.check_access("write")
        cards = partners.filtered("card_root_id")
        cards._check_card_maintained()
        if len(cards.filtered("card_state")) > 1 or cards != partners:
            cards._check_card_managed()

    def _take_card_off(self, sources, target):
        """The card that survives is the target's; where it has none, the first of the
        sources'. The others go, their ledger stays with the target.

        :return: the values of the card that the target still has to get
        """
        cards = sources.filtered("card_state")
        moved = {}
        if cards and not target.card_state:
            moved = cards[0]._convert_to_write(
                {name: cards[0][name] for name in MOVED_FIELDS}
            )
        if cards:
            # sudo: without keepers the user no longer has the right to what he merges
            cards.sudo()._with_card_trust().write(dict.fromkeys(MOVED_FIELDS, False))
        return moved

    def _recompute_card_tree(self, target):
        """Contacts were moved below the target by SQL: give them its keepers."""
        Partner = self.env["res.partner"]
        # sudo: the whole tree belongs to the target now
        tree = (
            Partner.sudo()
            .with_context(active_test=False)
            .search([("id", "child_of", target.id)])
        )
        for name in CARD_TREE_FIELDS:
            self.env.add_to_compute(Partner._fields[name], tree)
        if target.card_root_id:
            tree.flush_recordset(CARD_TREE_FIELDS)
            self.env["customer.card.line.mixin"]._update_line_roots(
                target.card_root_id.ids
            )
            target.card_root_id._refresh_next_needs()
