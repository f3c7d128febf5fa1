from odoo import models


class ResGroups(models.Model):
    """A role can also be taken from its own side."""

    _inherit = "res.groups"

    def write(self, vals):
        if not {"user_ids", "implied_ids", "implied_by_ids"} & vals.keys():
            return super().write(vals)
        # sudo: which group it is
        group = self.env.ref("customer_card.customer_card_group_user").sudo()
        before = group.all_user_ids
        result = super().write(vals)
        self.env.invalidate_all()
        (before - group.all_user_ids).with_env(self.env)._check_role_kept()
        return result
