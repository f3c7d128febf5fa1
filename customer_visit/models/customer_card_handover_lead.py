from odoo import models
from odoo.tools import SQL


class CustomerCardHandover(models.Model):
    """Opportunities follow the card: the former custodian no longer sees them, so the
    successor gets those that are still open, and what is to do on them."""

    _inherit = "customer.card.handover"

    def _move_activities(self):
        result = super()._move_activities()
        self.env["crm.lead"].flush_model()
        leads = self.env.execute_query(
            SQL(
                """
                UPDATE crm_lead lead
                   SET user_id = %(successor_id)s
                  FROM customer_card_handover_line line
                  JOIN res_partner partner ON partner.card_root_id = line.partner_id
                 WHERE line.handover_id = %(handover_id)s
                   AND line.outcome = 'planned'
                   AND lead.partner_id = partner.id
                   AND lead.active
                   AND lead.won_status = 'pending'
                   AND lead.user_id = line.former_custodian_id
             RETURNING lead.id, line.former_custodian_id
                """,
                successor_id=self.successor_id.id,
                handover_id=self.id,
            )
        )
        if leads:
            self.env.execute_query(
                SQL(
                    """
                    UPDATE mail_activity activity
                       SET user_id = %s
                      FROM UNNEST(%s::int[], %s::int[]) AS lead(id, former_id)
                     WHERE activity.res_model = 'crm.lead'
                       AND activity.res_id = lead.id
                       AND activity.active
                       AND activity.user_id = lead.former_id
                 RETURNING activity.id
                    """,
                    self.successor_id.id,
                    [lead_id for lead_id, _former_id in leads],
                    [former_id for _lead_id, former_id in leads],
                )
            )
        self.env["mail.activity"].invalidate_model(["user_id"])
        self.env["crm.lead"].invalidate_model(["user_id"])
        return result
