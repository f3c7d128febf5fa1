from odoo import models
from odoo.tools import SQL

from .customer_visit_state import PLANNED_STATES


class CustomerCardHandover(models.Model):
    """The visits that the former custodian has planned go to the successor with the
    cards. What he has made is his to report."""

    _inherit = "customer.card.handover"

    def _move_activities(self):
        result = super()._move_activities()
        self._move_visits()
        return result

    def _move_visits(self):
        self.env["customer.visit"].flush_model()
        moved = self.env.execute_query(
            SQL(
                """
                UPDATE customer_visit visit
                   SET user_id = %(successor_id)s,
                       team_id = %(team_id)s
                  FROM customer_card_handover_line line
                 WHERE line.handover_id = %(handover_id)s
                   AND line.outcome = 'planned'
                   AND visit.partner_id = line.partner_id
                   AND visit.state = ANY(%(states)s)
                   AND visit.user_id = line.former_custodian_id
             RETURNING visit.id
                """,
                successor_id=self.successor_id.id,
                team_id=self.successor_id.sale_team_id.id or None,
                handover_id=self.id,
                states=list(PLANNED_STATES),
            )
        )
        visits = self.env["customer.visit"].browse(visit_id for (visit_id,) in moved)
        visits.invalidate_model(["user_id", "team_id", "visit_date"])
        # the day of a visit is that of its visitor
        self.env.add_to_compute(visits._fields["visit_date"], visits)
        self._move_visit_activities(visits)
        if visits:
            visits._after_planned()

    def _move_visit_activities(self, visits):
        """What the former custodian had to do on these visits."""
        self.env["mail.activity"].flush_model()
        self.env.execute_query(
            SQL(
                """
                UPDATE mail_activity activity
                   SET user_id = %(successor_id)s
                  FROM customer_visit visit
                  JOIN customer_card_handover_line line
                    ON line.partner_id = visit.partner_id
                   AND line.handover_id = %(handover_id)s
                 WHERE visit.id = ANY(%(visit_ids)s)
                   AND activity.res_model = 'customer.visit'
                   AND activity.res_id = visit.id
                   AND activity.active
                   AND activity.user_id = line.former_custodian_id
             RETURNING activity.id
                """,
                successor_id=self.successor_id.id,
                handover_id=self.id,
                visit_ids=visits.ids,
            )
        )
        self.env["mail.activity"].invalidate_model()
