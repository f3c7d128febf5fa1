from odoo import models
from odoo.fields import Domain


class ResUsers(models.Model):
    """Which promises a user may read and write; the record rules only call these
    methods."""

    _inherit = "res.users"

    def _promise_read_domain(self):
        """:return: Domain on customer.promise: those on the cards that the user sees,
        and those that he still has to keep"""
        self.ensure_one()
        return self._promise_own_domain() | Domain(
            "partner_id", "any", self._card_seen_domain()
        )

    def _promise_write_domain(self):
        """:return: Domain on customer.promise: those on the cards that the user keeps,
        and those that he still has to keep"""
        self.ensure_one()
        return self._promise_own_domain() | Domain(
            "partner_id", "any", self._card_maintain_domain()
        )

    def _promise_create_domain(self):
        """:return: Domain on customer.promise: a promise can be noted on each card
        that the user sees, a borrowed one included"""
        self.ensure_one()
        return Domain("partner_id", "any", self._card_seen_domain())

    def _promise_own_domain(self):
        return Domain("user_id", "=", self.id) & Domain("state", "=", "open")
