from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain


class CustomerCardHandoverRule(models.Model):
    """Cards that match go to this successor. The first rule that matches wins."""

    _name = "customer.card.handover.rule"
    _description = "Rule of a Handover"
    _order = "sequence, id"
    _rec_name = "successor_id"
    _allow_sudo_commands = False

    handover_id = fields.Many2one(
        "customer.card.handover", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    domain = fields.Char(
        "Cards",
        required=True,
        default="[]",
        help="For instance by city, country, department or industry.",
    )
    successor_id = fields.Many2one(
        "res.users",
        required=True,
        ondelete="restrict",
        domain=lambda self: self.env["customer.card.handover"]._get_successor_domain(),
    )
    card_count = fields.Integer("Matching Cards", compute="_compute_card_count")

    @api.depends(
        "domain",
        "sequence",
        "successor_id",
        "handover_id.kind",
        "handover_id.custodian_id",
        "handover_id.card_domain",
        "handover_id.rule_ids.domain",
        "handover_id.rule_ids.sequence",
    )
    def _compute_card_count(self):
        """How many cards this rule would give away, after the rules before it."""
        Partner = self.env["res.partner"].with_context(active_test=False)
        self.card_count = 0
        for handover in self.handover_id:
            if handover.state != "draft":
                continue
            remaining = handover._get_card_domain()
            for rule in handover.rule_ids.sorted(lambda one: one.sequence):
                domain = rule._get_domain()
                # what the successor keeps already stays with him
                moving = remaining & domain
                if rule.successor_id:
                    moving &= Domain("card_custodian_id", "!=", rule.successor_id.id)
                rule.card_count = Partner.search_count(moving)
                remaining &= ~domain

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules._check_may_change()
        return rules

    def write(self, vals):
        self._check_may_change()
        result = super().write(vals)
        if "handover_id" in vals:
            self._check_may_change()
        return result

    def unlink(self):
        self._check_may_change()
        return super().unlink()

    def _check_may_change(self):
        """:raise AccessError: for rules of somebody else's handover
        :raise UserError: when the handover is no draft any more"""
        handovers = self.handover_id
        if handovers._approval_door_open():
            return
        if not self.env.su and not handovers.has_access("write"):
            raise AccessError(
                self.env._("Only whoever prepares a handover writes its rules.")
            )
        handovers._check_selection_open()
        handovers._approval_check_edit({"rule_ids"})

    def _get_domain(self):
        """:return: Domain on res.partner
        :raise UserError: when it cannot be read"""
        self.ensure_one()
        return self.handover_id._read_domain(self.domain)
