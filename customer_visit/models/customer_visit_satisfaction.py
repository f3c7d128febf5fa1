from odoo import api, fields, models
from odoo.exceptions import AccessError

SATISFACTION_PURPOSE = "satisfaction"


class CustomerVisit(models.Model):
    """During a visit the customer is asked whether he is satisfied."""

    _inherit = "customer.visit"

    satisfaction_answer_ids = fields.One2many(
        "survey.user_input", "visit_id", "Satisfaction", groups="base.group_user"
    )
    asks_satisfaction = fields.Boolean(compute="_compute_asks_satisfaction")

    @api.depends("purpose_id")
    def _compute_asks_satisfaction(self):
        """Whether the visit is there for asking."""
        for visit in self:
            visit.asks_satisfaction = visit.purpose_id.code == SATISFACTION_PURPOSE

    def action_fill_in_satisfaction(self):
        """Ask the customer now, and fill in what he says.

        :return: the action that opens the questions
        :raise AccessError: unless the user makes the visit, or keeps the card
        """
        self.ensure_one()
        self.check_access("write")
        if self.user_id != self.env.user:
            self.partner_id._check_card_maintained()
        elif not self.partner_id.has_access("read"):
            raise AccessError(
                self.env._(
                    "You may not open the card of this customer any more. Ask the "
                    "department manager for it first."
                )
            )
        return self.partner_id._fill_in_satisfaction(self)
