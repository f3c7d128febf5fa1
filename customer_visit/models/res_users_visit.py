from odoo import models
from odoo.fields import Domain

# The states of a visit, by what they mean (see customer_visit.py).
OPEN_STATES = ("planned", "prepared", "in_progress")
# the contact took place
DONE_STATES = ("report_due", "reported", "reviewed")
# the visitor still has to do something
OWED_STATES = (*OPEN_STATES, "report_due")


class ResUsers(models.Model):
    """Which visits a user may read and write: the policy of customer_visit. The
    record rules only call these methods, as those of the cards do."""

    _inherit = "res.users"

    def _visit_read_domain(self):
        """:return: Domain on a model with ``partner_id``, ``user_id`` and ``state`` of
        visits: what is on the cards that the user sees, and his own visits until
        they are reported. A report is part of the card: who may not see the card any
        more does not see it either."""
        self.ensure_one()
        return self._visit_own_domain() | Domain(
            "partner_id", "any", self._card_seen_domain()
        )

    def _visit_write_domain(self):
        """:return: Domain on visits: those on cards that the user keeps, and his own
        until they are reported"""
        self.ensure_one()
        return self._visit_own_domain() | Domain(
            "partner_id", "any", self._card_maintain_domain()
        )

    def _visit_create_domain(self):
        """:return: Domain on visits: where the user may plan or record a contact:
        on each card that he sees, a borrowed one included"""
        self.ensure_one()
        return Domain("partner_id", "any", self._card_seen_domain())

    def _visit_own_domain(self):
        return Domain("user_id", "=", self.id) & Domain(
            "state", "in", list(OWED_STATES)
        )
