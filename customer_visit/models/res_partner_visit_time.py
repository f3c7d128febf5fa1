from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResPartner(models.Model):
    """When a customer likes to be visited: weekly plans keep to it."""

    _inherit = "res.partner"

    visit_weekday_ids = fields.Many2many(
        "customer.visit.weekday",
        "customer_visit_weekday_partner_rel",
        "partner_id",
        "weekday_id",
        "Preferred Days",
        groups="base.group_user",
        help="On which days he is to be visited. Empty: on any.",
    )
    visit_time_from = fields.Float(
        "Not Before",
        groups="base.group_user",
        help="The earliest time of the day for a visit, where the visitor lives. Empty: "
        "any time.",
    )
    visit_time_to = fields.Float(
        "Not After",
        groups="base.group_user",
        help="The latest time of the day for a visit to begin. Empty: any time.",
    )

    @api.constrains("visit_time_from", "visit_time_to")
    def _check_visit_times(self):
        for partner in self:
            begin, end = partner.visit_time_from, partner.visit_time_to
            if not (0 <= begin < 24 and 0 <= end < 24) or (end and end < begin):
                raise ValidationError(
                    self.env._(
                        "%(customer)s: the preferred time for visits is from an hour to "
                        "a later one of the same day. Correct it.",
                        customer=partner.display_name,
                    )
                )

    def _filter_seen_by(self, user):
        """:return: the cards of ``self`` (sudo) that ``user`` may open; no query for
        those of which he is the custodian"""
        # sudo: who keeps the cards is compared
        cards = self.sudo()
        own = cards.filtered(lambda card: card.card_custodian_id == user)
        return own | (cards - own).with_user(user)._filtered_access("read").sudo()
