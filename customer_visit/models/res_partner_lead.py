from odoo import models
from odoo.tools import SQL


class ResPartner(models.Model):
    """The open opportunities of a card are among what its successor has to know."""

    _inherit = "res.partner"

    def _get_card_open_queries(self, user):
        return [
            *super()._get_card_open_queries(user),
            (
                "lead",
                self.env._("Opportunities"),
                SQL(
                    """
                    SELECT partner.card_root_id, COUNT(*), NULL::numeric, NULL::int
                      FROM crm_lead lead
                      JOIN res_partner partner ON partner.id = lead.partner_id
                     WHERE partner.card_root_id = ANY(%s)
                       AND lead.active
                       AND lead.won_status = 'pending'
                       AND %s
                  GROUP BY partner.card_root_id
                    """,
                    self.ids,
                    SQL("lead.user_id = %s", user.id) if user else SQL("TRUE"),
                ),
            ),
        ]
