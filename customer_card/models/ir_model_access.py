from odoo import api, models


class IrModelAccess(models.Model):
    """For whom Odoo checks the views of contacts.

    Portal users may read their own contact, by the pages of the website and by RPC, but
    the forms and lists of the back office are not made for them. They name the fields
    of the card everywhere, which are for internal users only: without this, Odoo warns
    of each place at every installation.
    """

    _inherit = "ir.model.access"

    @api.model
    def _get_access_groups(self, model_name, access_mode="read"):
        """:return: group expression, used by the views alone"""
        groups = super()._get_access_groups(model_name, access_mode)
        if model_name == "res.partner" or model_name.startswith("customer.card."):
            internal = self.env.ref("base.group_user").id
            definitions = self.env["res.groups"]._get_group_definitions()
            return groups & definitions.from_ids([internal])
        return groups
