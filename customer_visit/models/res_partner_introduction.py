from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.customer_card.exceptions import CardAccessError


class ResPartner(models.Model):
    """Who introduced whom."""

    _inherit = "res.partner"

    referrer_id = fields.Many2one(
        "res.partner",
        "Introduced By",
        index="btree_not_null",
        ondelete="set null",
        groups="base.group_user",
        help="The customer who introduced this one.",
    )
    introduced_ids = fields.One2many(
        "res.partner", "referrer_id", groups="base.group_user"
    )
    introduction_ids = fields.One2many(
        "customer.introduction", "partner_id", "Introductions", groups="base.group_user"
    )
    introduction_count = fields.Integer(
        "Introductions Asked",
        compute="_compute_introduction_count",
        groups="base.group_user",
    )
    introduced_count = fields.Integer(
        "Customers Introduced",
        compute="_compute_introduction_count",
        groups="base.group_user",
    )

    @api.depends_context("uid")
    @api.depends("introduction_ids", "introduced_ids")
    def _compute_introduction_count(self):
        """How often each customer was asked, and how many he has introduced; of the
        latter also those whose cards the user may not open: a number names nobody."""
        asked = dict(
            self.env["customer.introduction"]._read_group(
                [("partner_id", "in", self.ids)], ["partner_id"], ["__count"]
            )
        )
        # sudo: a number alone is shown
        introduced = dict(
            self.sudo()._read_group(
                [("referrer_id", "in", self.ids)], ["referrer_id"], ["__count"]
            )
        )
        asked = {partner.id: count for partner, count in asked.items()}
        introduced = {partner.id: count for partner, count in introduced.items()}
        for partner in self:
            partner.introduction_count = asked.get(partner._origin.id, 0)
            partner.introduced_count = introduced.get(partner._origin.id, 0)

    @api.constrains("referrer_id")
    def _check_referrer(self):
        for partner in self:
            if partner.referrer_id == partner:
                raise ValidationError(
                    self.env._(
                        "%(name)s cannot introduce himself. Choose the customer who "
                        "introduced him.",
                        name=partner.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        # a default in the context is a link as well
        self._check_referrer_links(
            [{"referrer_id": one.referrer_id.id} for one in partners.sudo()]
        )
        return partners

    def write(self, vals):
        self._check_referrer_links([vals])
        kind = vals.get("card_kind")
        result = super().write(vals)
        if kind == "customer":
            # sudo: the outcome is a fact, whoever notes the first purchase
            self.env["customer.introduction"].sudo().search(
                [("introduced_partner_id", "in", self.ids)]
            )._set_won()
        return result

    def _check_referrer_links(self, vals_list):
        """:raise CardAccessError: when a customer is named as introducer whose card the
        user may not open"""
        referrer_ids = {
            vals["referrer_id"] for vals in vals_list if vals.get("referrer_id")
        }
        if self.env.su or not referrer_ids:
            return
        # sudo: which links are there already; nothing of them is shown
        referrer_ids -= set(self.sudo().referrer_id.ids)
        referrers = self.browse(referrer_ids)
        if hidden := referrers - referrers._filtered_access("read"):
            raise CardAccessError(
                self.env._(
                    "You chose a customer whose card you may not open. Ask the "
                    "department manager for it first."
                ),
                hidden.ids,
            )

    def action_introductions(self):
        """:return: the action that shows the introductions of this card"""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "customer_visit.customer_introduction_action"
        )
        return {
            **action,
            "domain": [("partner_id", "=", self.card_root_id.id)],
            "context": {"default_partner_id": self.card_root_id.id},
        }
