from odoo import api, fields, models
from odoo.exceptions import UserError

from .customer_metrics_loyalty import LOYALTY_KINDS


class ResPartner(models.Model):
    """What loyalty, life cycle and key customers add to what a card shows of its
    figures."""

    _inherit = "res.partner"

    loyalty_kind = fields.Selection(
        LOYALTY_KINDS,
        "Kind of Loyalty",
        compute="_compute_segments",
        search="_search_loyalty_kind",
        groups="base.group_user",
    )
    key_rule_id = fields.Many2one(
        "customer.key.rule",
        "Rule of the Star",
        compute="_compute_segments",
        search="_search_key_rule_id",
        groups="base.group_user",
    )
    key_reason = fields.Char(
        "Why Key Customer", compute="_compute_segments", groups="base.group_user"
    )
    loyalty_evidence = fields.Json(
        "Loyalty and Its Evidence",
        compute="_compute_segment_details",
        groups="base.group_user",
    )
    lifecycle_override_reason = fields.Char(
        "Why by Hand", compute="_compute_segment_details", groups="base.group_user"
    )
    lifecycle_override_until = fields.Date(
        "By Hand Until", compute="_compute_segment_details", groups="base.group_user"
    )
    lifecycle_rule_id = fields.Many2one(
        "customer.lifecycle.rule",
        "Stage Reached By",
        compute="_compute_segment_details",
        groups="base.group_user",
    )
    early_adoption_ids = fields.One2many(
        "customer.early.adoption",
        "partner_id",
        "New Products Bought Early",
        groups="base.group_user",
    )
    lifecycle_override_ids = fields.One2many(
        "customer.lifecycle.override",
        "partner_id",
        "Stages Set by Hand",
        groups="base.group_user",
    )
    key_mark_ids = fields.One2many(
        "customer.key.mark",
        "partner_id",
        "Stars Set by Hand",
        groups="base.group_user",
    )

    # few of many contacts have been asked
    _brand_attitude_idx = models.Index("(id) WHERE brand_attitude IS NOT NULL")

    @api.depends_context("company", "uid", "lang")
    def _compute_segment_details(self):
        """What one card shows: read with its figures in the current company."""
        names = (
            "loyalty_evidence",
            "lifecycle_override_reason",
            "lifecycle_override_until",
            "lifecycle_rule_id",
        )
        rows = self.env["customer.metrics"].search(
            [("partner_id", "in", self.ids), ("company_id", "=", self.env.company.id)]
        )
        row_of = {row.partner_id.id: row for row in rows}
        empty = self.env["customer.metrics"]
        for partner in self:
            row = row_of.get(partner._origin.id, empty)
            for name in names:
                partner[name] = row[name]

    @api.model
    def _get_segment_fields(self):
        return {
            **super()._get_segment_fields(),
            "loyalty_kind": "loyalty_kind",
            "key_rule_id": "key_rule_id",
            "key_reason": "key_reason",
        }

    def _search_loyalty_kind(self, operator, value):
        return self._search_segment("loyalty_kind", operator, value)

    def _search_key_rule_id(self, operator, value):
        return self._search_segment("key_rule_id", operator, value)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_key_star(self):
        """Ask for the reason and set the star, or take it away.

        :return: the action of the dialog
        :raise CardAccessError: unless the user keeps the cards
        """
        self.env["customer.lifecycle.override"]._check_are_cards(self)
        self._check_card_maintained()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Key Customer"),
            "res_model": "customer.key.star",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_partner_ids": self.ids,
                "default_is_key": not all(self.mapped("is_key_customer")),
            },
        }

    def action_move_stage(self):
        """Ask where to move these customers in the life cycle.

        :return: the action of the dialog
        :raise UserError: while the figures know nothing of them
        """
        self.env["customer.lifecycle.override"]._check_are_cards(self)
        self._check_card_maintained()
        self.env["customer.metrics"]._ensure_rows(self.env.company, self)
        rows = self.env["customer.metrics"].search(
            [("partner_id", "in", self.ids), ("company_id", "=", self.env.company.id)]
        )
        if not rows:
            raise UserError(
                self.env._(
                    "%(customers)s: there are no figures yet.",
                    customers=self._get_card_names(),
                )
            )
        return rows.action_move_stage()
