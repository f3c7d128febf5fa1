from odoo import models
from odoo.tools import SQL

from .res_users_visit import OPEN_STATES


class ResPartner(models.Model):
    """What is open of the visits on a card, for a successor and for a borrower's end."""

    _inherit = "res.partner"

    def _get_card_open_queries(self, user):
        return [
            *super()._get_card_open_queries(user),
            (
                "visit",
                self.env._("Visits Planned"),
                self._get_visit_query(OPEN_STATES, user),
            ),
            (
                "visit_report",
                self.env._("Visit Reports Due"),
                self._get_visit_query(("report_due",), user),
            ),
        ]

    def _get_visit_query(self, states, user):
        return SQL(
            """
            SELECT partner_id, COUNT(*), NULL::numeric, NULL::int
              FROM customer_visit
             WHERE partner_id = ANY(%s)
               AND state = ANY(%s)
               AND %s
          GROUP BY partner_id
            """,
            self.ids,
            list(states),
            SQL("user_id = %s", user.id) if user else SQL("TRUE"),
        )

    def _release_card_borrower(self, borrower):
        """The loan of these cards has ended: what is written on their visits is no
        longer for him, what he still had planned there is called off. A visit that he
        has made remains his until it is reported."""
        result = super()._release_card_borrower(borrower)
        if self:
            # sudo: whoever ends a loan has no rights on the borrower's affairs
            visits = (
                self.env["customer.visit"]
                .sudo()
                .search([("partner_id", "in", self.ids)])
            )
            visits.message_unsubscribe(borrower.partner_id.ids)
        return result
