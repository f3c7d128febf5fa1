from odoo import models
from odoo.tools import SQL


class CustomerCardHandover(models.Model):
    """The reminders of supply contracts go to the successor with the cards."""

    _inherit = "customer.card.handover"

    def _move_activities(self):
        result = super()._move_activities()
        self.env.execute_query(
            SQL(
                """
                UPDATE mail_activity activity
                   SET user_id = %(successor_id)s
                  FROM customer_card_handover_line line
                  JOIN customer_card_contract contract
                    ON contract.card_root_id = line.partner_id
                 WHERE line.handover_id = %(handover_id)s
                   AND line.outcome = 'planned'
                   AND activity.res_model = 'customer.card.contract'
                   AND activity.res_id = contract.id
                   AND activity.active
                   AND activity.user_id = line.former_custodian_id
             RETURNING activity.id
                """,
                successor_id=self.successor_id.id,
                handover_id=self.id,
            )
        )
        self.env["mail.activity"].invalidate_model()
        return result
