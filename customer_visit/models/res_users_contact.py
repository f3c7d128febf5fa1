from odoo import models
from odoo.fields import Domain


class ResUsers(models.Model):
    """Which documents of other applications a user may open: a lead, a meeting, a
    registration or the answers of a survey tell about a customer what his card tells,
    so they follow the card. The record rules only call these methods."""

    _inherit = "res.users"

    def _card_document_domain(self, path="partner_id"):
        """:param path: path to the customer of a document
        :return: Domain on documents: those without a customer, and those of customers
            that the user may read

        From the document by its customer's key: one index lookup for each document,
        however many customers there are."""
        self.ensure_one()
        domain = self._card_read_domain()
        if domain.is_true():
            return Domain.TRUE
        return Domain(path, "=", False) | Domain(path, "any", domain)

    def _card_hidden_domain(self):
        """:return: Domain on res.partner: the customers whose cards the user may not
        open"""
        self.ensure_one()
        if self._is_outside_card_rules():
            return Domain.FALSE
        return Domain("card_root_id", "!=", False) & ~self._card_seen_domain()

    def _card_meeting_domain(self):
        """:return: Domain on calendar.event: whoever organises or attends a meeting
        sees it, whatever the card; everybody else sees it as he sees the cards of all
        customers who are concerned"""
        self.ensure_one()
        if self._is_outside_card_rules() or self._is_card_reader():
            return Domain.TRUE
        return Domain("user_id", "=", self.id) | Domain("card_open_to_me", "=", True)

    def _card_registration_domain(self, path="partner_id"):
        """:return: Domain on registrations for events: those of customers that the
        user may read. Who runs events and sells nothing lets everybody in who has
        registered: without his list he could not work."""
        self.ensure_one()
        if not self._is_card_user() and self._has_group(
            "event.group_event_registration_desk"
        ):
            return Domain.TRUE
        return self._card_document_domain(path)

    def _introduction_write_domain(self):
        """:return: Domain on customer.introduction: those of the cards that the user
        keeps, and those that he asked for on cards that he sees"""
        self.ensure_one()
        return Domain("partner_id", "any", self._card_maintain_domain()) | (
            Domain("user_id", "=", self.id)
            & Domain("partner_id", "any", self._card_seen_domain())
        )
