from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .customer_metrics import LIFECYCLE_STAGES

# worked out from the figures of the customer; the others from records with a date
FIGURE_CRITERIA = ("purchase", "repeat", "loyalty")


class CustomerLifecycleRule(models.Model):
    """What a customer has done to have reached a stage of the life cycle (O03).

    The rules of a stage are alternatives: one is enough. A customer stands at the
    highest stage that he has reached; everybody else with figures is *potential*. Of
    one stage, the first rule by sequence is named as the reason.
    """

    _name = "customer.lifecycle.rule"
    _description = "Rule of the Life Cycle"
    _order = "sequence, id"

    name = fields.Char(
        required=True,
        translate=True,
        help="What the customer did, as one reads it on his card.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", help="Empty: the rule holds in every company."
    )
    stage = fields.Selection(
        [stage for stage in LIFECYCLE_STAGES if stage[0] != "potential"],
        required=True,
        help="Everybody else is a potential customer.",
    )
    criterion = fields.Selection(
        [
            ("lead", "Has a Lead"),
            ("opportunity", "Has an Opportunity"),
            ("quotation", "Was Sent a Quotation"),
            ("introduction", "Recommended Us"),
            ("event", "Attended an Event"),
            ("purchase", "Bought"),
            ("repeat", "Bought Again"),
            ("loyalty", "Is Loyal"),
        ],
        required=True,
        help="Has a lead: one that is not lost. Has an opportunity: a qualified lead "
        "that is not lost. Was sent a quotation: it was sent or ordered. Recommended "
        "us: introductions made, and customers who name him as their referrer. "
        "Bought, bought again: days with a purchase ever, without the first one for "
        "bought again. Is loyal: by the measures of loyalty.",
    )
    minimum = fields.Integer(
        "At Least", default=1, required=True, help="How often he must have done so."
    )
    months = fields.Integer(
        "Within (Months)",
        default=0,
        required=True,
        help="Only what happened in the last so many months counts. 0: ever.",
    )

    _minimum_positive = models.Constraint(
        "CHECK (minimum > 0)", "A rule of the life cycle asks for 1 at least."
    )
    _months_positive = models.Constraint(
        "CHECK (months >= 0)", "Give a number of months, or 0 for ever."
    )

    @api.constrains("criterion", "months", "minimum")
    def _check_figures(self):
        for rule in self:
            if rule.criterion in FIGURE_CRITERIA and rule.months:
                raise ValidationError(
                    self.env._(
                        "%(rule)s: purchases and loyalty are counted as the figures of "
                        "the customer count them. Leave the months at 0.",
                        rule=rule.name,
                    )
                )
            if rule.criterion == "loyalty" and rule.minimum != 1:
                raise ValidationError(
                    self.env._(
                        "%(rule)s: a customer is loyal or not. Ask for 1.",
                        rule=rule.name,
                    )
                )

    @api.onchange("criterion")
    def _onchange_criterion(self):
        if self.criterion in FIGURE_CRITERIA:
            self.months = 0

    @api.model
    def _get_company_rules(self, company):
        """:return: the active rules of a company, the highest stage first"""
        order = [stage for stage, _label in LIFECYCLE_STAGES]
        # sudo: where a customer stands does not depend on who looks
        rules = self.sudo().search(
            [("active", "=", True), ("company_id", "in", [company.id, False])]
        )
        return rules.sorted(lambda rule: -order.index(rule.stage))
