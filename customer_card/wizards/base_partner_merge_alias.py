from odoo import models


class MergePartnerAutomatic(models.TransientModel):
    """The names of contacts that are merged go on being found: they become other names
    of the one that remains."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        Partner = self.env["res.partner"]
        # sudo: the names are kept wherever there is a card, before all is deleted
        partners = Partner.browse(partner_ids).exists().sudo()
        names = {partner.id: partner.name for partner in partners if partner.name}
        if partners.card_root_id:
            self._drop_double_aliases(partners)
        result = super()._merge(partner_ids, dst_partner, extra_checks=extra_checks)
        target = partners.exists()
        key = self.env["customer.card.alias"]._get_name_key
        if len(target) == 1 and target.card_root_id:
            self.env["customer.card.alias"]._record_names(
                [
                    (target, name)
                    for partner_id, name in names.items()
                    if partner_id != target.id and key(name) != key(target.name)
                ]
            )
        return result

    def _drop_double_aliases(self, partners):
        """A name that several of the contacts have stays with one of them: the merge
        gives all of them to one contact, which has each name once."""
        # sudo: the wizard merges past all rules, once it has checked who merges
        aliases = (
            self.env["customer.card.alias"]
            .sudo()
            .with_context(active_test=False)
            .search([("partner_id", "in", partners.ids)], order="active DESC, id")
        )
        known = set()
        double = aliases.browse()
        for alias in aliases:
            key = aliases._get_name_key(alias.name)
            if key in known:
                double |= alias
            known.add(key)
        double.unlink()
