from odoo import models
from odoo.tools import SQL


class CustomerCardHandover(models.Model):
    """What the former custodian promised, his successor keeps. The steps of a follow-up
    pass on as all planned visits do."""

    _inherit = "customer.card.handover"

    def _move_activities(self):
        result = super()._move_activities()
        self._move_promises()
        return result

    def _move_promises(self):
        """Promises and their to-dos, each by one statement."""
        values = {"successor_id": self.successor_id.id, "handover_id": self.id}
        moved = self.env.execute_query(
            SQL(
                """
                UPDATE customer_promise promise
                   SET user_id = %(successor_id)s
                  FROM customer_card_handover_line line
                 WHERE line.handover_id = %(handover_id)s
                   AND line.outcome = 'planned'
                   AND promise.partner_id = line.partner_id
                   AND promise.state = 'open'
                   AND promise.user_id = line.former_custodian_id
             RETURNING promise.id
                """,
                **values,
            )
        )
        self.env["customer.promise"].invalidate_model(["user_id"])
        self.env.execute_query(
            SQL(
                """
                UPDATE mail_activity activity
                   SET user_id = %(successor_id)s
                  FROM customer_card_handover_line line
                 WHERE line.handover_id = %(handover_id)s
                   AND activity.res_model = 'customer.promise'
                   AND activity.res_id = ANY(%(promise_ids)s)
                   AND activity.active
                   AND activity.user_id = line.former_custodian_id
             RETURNING activity.id
                """,
                promise_ids=[promise_id for (promise_id,) in moved],
                **values,
            )
        )
        self.env["mail.activity"].invalidate_model()
