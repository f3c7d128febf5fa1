from odoo import api, fields, models
from odoo.fields import Domain

OPEN_OPPORTUNITY = [
    ("type", "=", "opportunity"),
    ("active", "=", True),
    ("won_status", "=", "pending"),
]


class ResPartner(models.Model):
    """Whether we negotiate with a customer."""

    _inherit = "res.partner"

    card_in_negotiation = fields.Boolean(
        "In Negotiation",
        compute="_compute_card_in_negotiation",
        search="_search_card_in_negotiation",
        compute_sudo=True,
        groups="base.group_user",
        help="There is an open opportunity with this customer or one of his contacts.",
    )

    @api.depends("card_root_id")
    def _compute_card_in_negotiation(self):
        negotiating = {
            partner.card_root_id.id
            for (partner,) in self.env["crm.lead"]._read_group(
                [("partner_id.card_root_id", "in", self.ids), *OPEN_OPPORTUNITY],
                ["partner_id"],
            )
        }
        for partner in self:
            partner.card_in_negotiation = partner._origin.id in negotiating

    def _search_card_in_negotiation(self, operator, value):
        if operator != "in":
            return NotImplemented
        # sudo: whether there is an opportunity, as the field itself says it
        Partner = self.sudo().with_context(active_test=False)
        query = Partner._search(
            Domain("opportunity_ids", "any", OPEN_OPPORTUNITY)
            & Domain("card_root_id", "!=", False)
        )
        domain = Domain(
            "id",
            "in",
            query.subselect(Partner._field_to_sql(query.table, "card_root_id", query)),
        )
        return domain if True in value else ~domain
