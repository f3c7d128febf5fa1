from odoo import api, fields, models


class CustomerKeyStar(models.TransientModel):
    """Asks why somebody is a key customer, or is none."""

    _name = "customer.key.star"
    _description = "Set a Star"

    partner_ids = fields.Many2many("res.partner", string="Customers", required=True)
    names = fields.Char("Who", compute="_compute_names")
    is_key = fields.Boolean("Key Customer")
    reason = fields.Char(required=True)
    present_reason = fields.Char("Why Until Now", compute="_compute_present_reason")

    @api.depends("partner_ids")
    def _compute_names(self):
        for wizard in self:
            wizard.names = wizard.partner_ids._get_card_names()

    @api.depends("partner_ids")
    def _compute_present_reason(self):
        for wizard in self:
            reasons = wizard.partner_ids.mapped("key_reason")
            wizard.present_reason = reasons[0] if len(reasons) == 1 else False

    def action_set(self):
        """Set the star, or take it away.

        :raise CardAccessError, UserError: see ``customer.key.mark``
        """
        self.ensure_one()
        self.env["customer.key.mark"]._set_mark(
            self.partner_ids, self.env.company, self.is_key, self.reason
        )
        return {"type": "ir.actions.act_window_close"}
