from odoo import models
from odoo.tools import SQL


class CustomerCardHandover(models.Model):
    """Whoever takes over a card wins back its customer: open defections, the steps that
    have not begun and their to-dos pass on, each by one statement."""

    _inherit = "customer.card.handover"

    def _move_activities(self):
        result = super()._move_activities()
        self._move_defections()
        return result

    def _move_defections(self):
        values = {"successor_id": self.successor_id.id, "handover_id": self.id}
        self.env.execute_query(
            SQL(
                """
                UPDATE customer_defection defection
                   SET user_id = %(successor_id)s
                  FROM customer_card_handover_line line
                 WHERE line.handover_id = %(handover_id)s
                   AND line.outcome = 'planned'
                   AND defection.partner_id = line.partner_id
                   AND defection.state IN ('suggested', 'confirmed', 'winback')
                   AND defection.user_id = line.former_custodian_id
             RETURNING defection.id
                """,
                **values,
            )
        )
        self.env.execute_query(
            SQL(
                """
                UPDATE customer_defection_step step
                   SET user_id = %(successor_id)s
                  FROM customer_card_handover_line line
                  JOIN customer_defection defection
                    ON defection.partner_id = line.partner_id
                   AND defection.state IN ('suggested', 'confirmed', 'winback')
                 WHERE line.handover_id = %(handover_id)s
                   AND line.outcome = 'planned'
                   AND step.defection_id = defection.id
                   AND step.user_id = line.former_custodian_id
                   AND step.visit_id IS NULL
                   AND step.promise_id IS NULL
             RETURNING step.id
                """,
                **values,
            )
        )
        self.env.execute_query(
            SQL(
                """
                UPDATE mail_activity activity
                   SET user_id = %(successor_id)s
                  FROM customer_card_handover_line line
                  JOIN customer_defection defection
                    ON defection.partner_id = line.partner_id
                 WHERE line.handover_id = %(handover_id)s
                   AND line.outcome = 'planned'
                   AND activity.res_model = 'customer.defection'
                   AND activity.res_id = defection.id
                   AND activity.active
                   AND activity.user_id = line.former_custodian_id
             RETURNING activity.id
                """,
                **values,
            )
        )
        for model in (
            "customer.defection",
            "customer.defection.step",
            "mail.activity",
        ):
            self.env[model].invalidate_model()
