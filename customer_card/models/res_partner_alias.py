from odoo import fields, models


class ResPartner(models.Model):
    """The other names of a customer: former ones, trade names, abbreviations."""

    _inherit = "res.partner"

    card_alias_ids = fields.One2many(
        "customer.card.alias",
        "partner_id",
        "Other Names",
        groups="base.group_user",
        help="Trade names, abbreviations and former names: the customer is found by "
        "each of them. Former names are recorded when the name changes.",
    )

    def write(self, vals):
        former = self._get_names_to_keep(vals["name"]) if vals.get("name") else []
        result = super().write(vals)
        if former:
            self.env["customer.card.alias"]._record_names(former)
        return result

    def _get_names_to_keep(self, name):
        """:return: ``[(partner, its name)]`` of those of ``self`` that belong to a
        card and will get another name"""
        key = self.env["customer.card.alias"]._get_name_key
        return [
            (self.browse(partner.id), partner.name)
            # sudo: a name is kept whoever changes it
            for partner in self.sudo()
            if partner.card_root_id and partner.name and key(partner.name) != key(name)
        ]
