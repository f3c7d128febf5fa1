from odoo import api, fields, models
from odoo.exceptions import UserError


class CustomerFollowupStart(models.TransientModel):
    """Asks how customers are to be followed up, and begins."""

    _name = "customer.followup.start"
    _description = "Start a Follow-up"
    _inherit = ["customer.link.guard.mixin"]

    partner_ids = fields.Many2many("res.partner", string="Customers", required=True)
    template_id = fields.Many2one(
        "customer.followup.template",
        "Follow-up",
        required=True,
        default=lambda self: self.env["customer.followup.template"].search([], limit=1),
    )
    date = fields.Date(
        "From",
        required=True,
        default=lambda self: self.env.user._card_today(),
        help="The day of the purchase, or of whatever else is the occasion: from then "
        "on the days until the first step count.",
    )
    step_ids = fields.One2many(related="template_id.step_ids")
    running_count = fields.Integer(compute="_compute_running_count")

    @api.depends("partner_ids", "template_id")
    def _compute_running_count(self):
        for wizard in self:
            wizard.running_count = self.env["customer.followup"].search_count(
                [
                    ("partner_id", "in", wizard.partner_ids.ids),
                    ("template_id", "=", wizard.template_id.id),
                    ("state", "=", "running"),
                ]
            )

    def action_confirm(self):
        """Begin; the first step of each customer becomes a planned visit.

        :return: the action that shows what was started
        :raise CardAccessError: for cards that the user does not keep
        :raise UserError: when nobody is left to be followed up
        """
        self.ensure_one()
        self.partner_ids._check_card_maintained()
        # sudo: only which card a contact belongs to is read
        cards = self.partner_ids.browse(self.partner_ids.sudo().card_root_id.ids)
        started = self.env["customer.followup"]._start_for(
            cards, self.template_id, date=self.date
        )
        if not started:
            raise UserError(
                self.env._(
                    "%(customers)s: they are being followed up with %(template)s "
                    "already, or their cards are closed.",
                    customers=cards._get_card_names(),
                    template=self.template_id.name,
                )
            )
        if len(started) == 1:
            return started.get_formview_action()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "customer_visit.customer_followup_action"
        )
        return {**action, "domain": [("id", "in", started.ids)]}

    @api.model
    def _filter_linkable_partners(self, partners):
        """Nobody follows up the customers of somebody else."""
        return partners._filter_card_maintained()
