from odoo import api, models


class CustomerCardRequirement(models.Model):
    """What is required of the cards of A customers can be chosen quickly."""

    _inherit = "customer.card.requirement"

    @api.model
    def _selection_scope(self):
        *scopes, other = super()._selection_scope()
        return [*scopes, ("class_a", self.env._("A Customers")), other]

    @api.model
    def _get_scope_domains(self):
        return {
            **super()._get_scope_domains(),
            "class_a": "[('abc_class', '=', 'a')]",
        }
