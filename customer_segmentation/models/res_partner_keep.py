from odoo import api, fields, models

from .customer_defection import OPEN_STATES, STATES


class ResPartner(models.Model):
    """Defections, and what to offer next, on the card."""

    _inherit = "res.partner"

    defection_ids = fields.One2many(
        "customer.defection", "partner_id", "Defections", groups="base.group_user"
    )
    defection_state = fields.Selection(
        STATES,
        "Defection",
        compute="_compute_defection_state",
        groups="base.group_user",
        help="Of the open one in the current company.",
    )
    next_purchase_date = fields.Date(
        "Next Purchase Expected",
        compute="_compute_segments",
        search="_search_next_purchase_date",
        groups="base.group_user",
        help="The last purchase plus the median of the days between his purchases.",
    )
    next_sale_ids = fields.One2many(
        "customer.next.sale",
        "partner_id",
        "Products to Offer",
        domain=[("state", "!=", "dismissed")],
        groups="base.group_user",
    )

    @api.depends_context("company", "uid")
    @api.depends("defection_ids.state")
    def _compute_defection_state(self):
        found = self._get_open_defections()
        state_of = {one.partner_id.id: one.state for one in found}
        for partner in self:
            partner.defection_state = state_of.get(partner._origin.id, False)

    @api.model
    def _get_segment_fields(self):
        return {
            **super()._get_segment_fields(),
            "next_purchase_date": "next_purchase_date",
        }

    def _search_next_purchase_date(self, operator, value):
        if operator in ("in", "not in"):
            return NotImplemented
        company = fields.Domain("company_id", "=", self.env.company.id)
        return fields.Domain(
            "metrics_ids",
            "any",
            company & fields.Domain("next_purchase_date", operator, value),
        )

    def _get_open_defections(self):
        """:return: the open defections of these customers in the current company"""
        return self.env["customer.defection"].search(
            [
                ("partner_id", "in", self._origin.ids),
                ("company_id", "=", self.env.company.id),
                ("state", "in", OPEN_STATES),
            ]
        )

    def action_open_defection(self):
        """:return: the action that shows the open defection of this card in the current
            company, or a new one to be filled in
        :raise AccessError: for a card that the user does not see
        """
        self.ensure_one()
        self.check_access("read")
        card = self.card_root_id or self
        found = card._get_open_defections()[:1]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Defection"),
            "res_model": "customer.defection",
            "res_id": found.id,
            "views": [(False, "form")],
            "context": {"default_partner_id": card.id},
        }

    def _write_card_fields(self, vals):
        result = super()._write_card_fields(vals)
        if vals.get("card_state") == "closed":
            self._dismiss_suggestions()
        return result

    def _dismiss_suggestions(self):
        """Nobody works on a closed card: what was only suggested there is done with."""
        # sudo: whoever closes a card does so for all companies
        suggested = (
            self.env["customer.defection"]
            .sudo()
            .search([("card_root_id", "in", self.ids), ("state", "=", "suggested")])
        )
        if suggested:
            suggested._close_defections("dismissed", self.env._("Card closed"))
