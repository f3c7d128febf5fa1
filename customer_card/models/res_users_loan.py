from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class ResUsers(models.Model):
    """What a user borrows, and which loans and history he may see.

    The record rules only call the ``_card_*_domain`` methods.
    """

    _inherit = "res.users"

    # A field, so that it lives and dies with the cache of the transaction: a loan that
    # this transaction changes, a rollback or a commit forgets it.
    card_loan_windows = fields.Json(
        "Running Loans",
        compute="_compute_card_loan_windows",
        compute_sudo=True,
        groups=fields.NO_ACCESS,
    )

    def _compute_card_loan_windows(self):
        """The cards lent to each user on screen that have not run out, as
        ``[card id, from, until]`` with the times as text: one query for all users."""
        self.env["customer.card.loan"].flush_model(
            ["borrower_id", "state", "mode", "date_from", "valid_until", "card_ids"]
        )
        windows = {user.id: [] for user in self}
        for user_id, card_id, date_from, until in self.env.execute_query(
            SQL(
                """
                SELECT loan.borrower_id, rel.partner_id,
                       loan.date_from, loan.valid_until
                  FROM customer_card_loan loan
                  JOIN customer_card_loan_card_rel rel ON rel.loan_id = loan.id
                 WHERE loan.borrower_id = ANY(%s)
                   AND loan.state = 'lent'
                   AND loan.mode = 'screen'
                   AND loan.valid_until > %s
                """,
                self.ids,
                fields.Datetime.now(),
            )
        ):
            windows[user_id].append(
                [
                    card_id,
                    fields.Datetime.to_string(date_from),
                    fields.Datetime.to_string(until),
                ]
            )
        for user in self:
            user.card_loan_windows = windows.get(user.id) or False

    def _card_lent_ids(self):
        """:return: ids of the cards that are lent to this user at this very second"""
        self.ensure_one()
        # sudo: nobody reads the field but this method, for the current user
        windows = self.sudo().card_loan_windows
        if not windows:
            return set()
        now = fields.Datetime.to_string(fields.Datetime.now())
        return {
            card_id for card_id, date_from, until in windows if date_from <= now < until
        }

    def _card_lent_until(self):
        """:return: ``{card id: end (datetime, UTC)}`` of what is lent to this user now"""
        self.ensure_one()
        lent_ids = self._card_lent_ids()
        ends = {}
        # sudo: as in _card_lent_ids
        for card_id, _date_from, until in self.sudo().card_loan_windows or ():
            if card_id in lent_ids:
                ends[card_id] = max(until, ends.get(card_id, until))
        return {card_id: fields.Datetime.to_datetime(ends[card_id]) for card_id in ends}

    @api.model
    def _forget_card_loans(self):
        """Loans have changed in this transaction: look them up again."""
        self.env["res.users"].invalidate_model(["card_loan_windows"])
        self.env["res.partner"].invalidate_model(["card_lent_to_me", "card_lent_until"])

    def _card_event_domain(self):
        """:return: Domain on customer.card.event: what this user may read"""
        self.ensure_one()
        return self.env["customer.card.event"]._get_read_domain(self)

    def _card_loan_domain(self):
        """:return: Domain on customer.card.loan: what this user may see

        His own requests and loans; the submitted ones of the departments that he
        manages and of the cards that he keeps; an administrator all of them.
        """
        self.ensure_one()
        if self._is_card_admin():
            return Domain.TRUE
        own = Domain("borrower_id", "=", self.id) | Domain("requester_id", "=", self.id)
        kept = Domain("concerns_my_cards", "=", True)
        if team_ids := self._card_managed_team_ids():
            kept |= Domain("team_id", "in", list(team_ids))
        return own | (Domain("state", "!=", "draft") & kept)
