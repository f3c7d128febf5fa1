from odoo import models
from odoo.tools import SQL

from .res_users_visit import OPEN_STATES


class CustomerCardHandover(models.Model):
    """What the former custodian promised, his successor keeps; the steps of a follow-up
    that were planned for him are the successor's visits."""

    _inherit = "customer.card.handover"

    def _move_activities(self):
        result = super()._move_activities()
        self._move_followup_visits()
        self._move_promises()
        return result

    def _move_followup_visits(self):
        """Through the ORM: a visit takes its meeting along."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT visit.id
                  FROM customer_card_handover_line line
                  JOIN customer_visit visit ON visit.partner_id = line.partner_id
                 WHERE line.handover_id = %s
                   AND line.outcome = 'planned'
                   AND visit.user_id = line.former_custodian_id
                   AND visit.followup_line_id IS NOT NULL
                   AND visit.state = ANY(%s)
                """,
                self.id,
                list(OPEN_STATES),
            )
        )
        if rows:
            visits = self.env["customer.visit"].browse(visit_id for (visit_id,) in rows)
            visits.with_context(mail_auto_subscribe_no_notify=True).write(
                {"user_id": self.successor_id.id}
            )

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
