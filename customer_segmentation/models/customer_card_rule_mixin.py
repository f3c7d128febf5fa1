from odoo import api, models

# key of the context: classes are those of the company of the card's department
CLASS_FOR_RULE = "class_for_rule"


class CustomerCardRuleMixin(models.AbstractModel):
    """Rules about cards have no company, classes have one. For a rule, a card has the
    class that it has in the company of its department; without a department, or with
    one of all companies, the classes that it has in any of them.
    """

    _inherit = "customer.card.rule.mixin"

    @api.model
    def _get_rule_partners(self):
        partners = super()._get_rule_partners()
        return partners.with_context(**{CLASS_FOR_RULE: True})
