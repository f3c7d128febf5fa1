from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError


class CustomerCardLoan(models.Model):
    """What the approval pipeline asks a loan: who decides, what must hold."""

    _inherit = "customer.card.loan"

    def _approval_cards(self):
        return self._get_cards()

    def _approval_departments(self):
        """A search is decided by the department that it was addressed to."""
        departments = super()._approval_departments()
        # sudo: which department decides
        for loan in self.sudo():
            if loan.is_search:
                departments[loan.id] |= {loan.team_id}
        return departments

    def _approval_barred(self):
        """Whoever borrows does not decide. A manager who asks for somebody else may:
        it is his to grant."""
        # sudo: the borrower is compared
        return {loan.id: loan.sudo().borrower_id for loan in self}

    def _approval_filter_mine(self):
        # sudo: the borrower is compared
        own = self.filtered(lambda loan: loan.sudo().borrower_id == self.env.user)
        return own | super()._approval_filter_mine()

    def _approval_split(self):
        """Each department decides on its own cards: one request for each."""
        loans = self
        cards = self._get_cards()
        for loan in self:
            if loan.is_search:
                continue
            by_team = cards[loan.id].grouped("card_team_id")
            for index, (team, team_cards) in enumerate(by_team.items()):
                part = loan
                if index:
                    # sudo: the parts keep who asked and for whom
                    part = loan.sudo().copy(
                        {
                            "borrower_id": loan.borrower_id.id,
                            "requester_id": loan.requester_id.id,
                            "date_from": loan.date_from,
                            "valid_until": loan.valid_until,
                        }
                    )
                    part._approval_through_door().write(
                        {"extension_of_id": loan.extension_of_id.id}
                    )
                    part = self.browse(part.id)
                part._approval_through_door().write({"team_id": team.id})
                if len(by_team) > 1:
                    part._link_cards(team_cards.ids)
                loans |= part
        return loans

    def _approval_check_submit(self):
        cards = self._get_cards()
        for loan in self:
            if not (loan.purpose or "").strip():
                raise UserError(
                    self.env._(
                        "%(loan)s: say what you need the cards for.",
                        loan=loan._approval_names(),
                    )
                )
            if loan.is_search and not loan.team_id:
                raise UserError(
                    self.env._(
                        "%(loan)s: choose the department whose customers are to be "
                        "searched.",
                        loan=loan._approval_names(),
                    )
                )
            if not loan.is_search and not cards[loan.id]:
                raise UserError(
                    self.env._(
                        "%(loan)s: choose the cards, or describe the customers that "
                        "you are looking for.",
                        loan=loan._approval_names(),
                    )
                )
        self._check_terms()
        return super()._approval_check_submit()

    def _approval_check_approve(self):
        cards = self._get_cards()
        for loan in self:
            if not cards[loan.id]:
                raise UserError(
                    self.env._(
                        "%(loan)s: choose the customers to lend among those that "
                        "match, or refuse the request.",
                        loan=loan._approval_names(),
                    )
                )
        self._check_terms()
        return super()._approval_check_approve()

    def _check_terms(self):
        """Borrower and dates, before a request is submitted and before it is granted.

        :raise UserError: naming the loan and what is wrong
        """
        cards = self._get_cards()
        now = fields.Datetime.now()
        # sudo: who the borrower and the custodians are
        for loan in self.sudo():
            borrower = loan.borrower_id
            if not borrower.active or borrower.share:
                raise UserError(
                    self.env._(
                        "%(loan)s: %(borrower)s is no active internal user and cannot "
                        "borrow a card.",
                        loan=loan._approval_names(),
                        borrower=borrower.name,
                    )
                )
            if borrower in cards[loan.id].card_custodian_id:
                raise UserError(
                    self.env._(
                        "%(loan)s: %(borrower)s keeps one of these cards himself and "
                        "needs no loan for it. Take it out of the request.",
                        loan=loan._approval_names(),
                        borrower=borrower.name,
                    )
                )
            if loan.valid_until <= now:
                raise UserError(
                    self.env._(
                        "%(loan)s: the loan would end in the past. Correct the date "
                        "until which it is needed.",
                        loan=loan._approval_names(),
                    )
                )
            most = borrower.company_id.card_loan_max_days
            if loan.valid_until - loan.date_from > timedelta(days=most):
                raise UserError(
                    self.env._(
                        "%(loan)s: a card is lent for at most %(days)s days. Shorten "
                        "the time, and ask for an extension when it runs out.",
                        loan=loan._approval_names(),
                        days=most,
                    )
                )

    def _approval_on_approved(self):
        """An extension takes the place of the paper that is still out."""
        result = super()._approval_on_approved()
        replaced = self.extension_of_id.filtered(
            lambda loan: loan.state == "lent" and loan.mode == "paper"
        )
        if replaced:
            replaced._end("returned")
        return result

    def _approval_log(self, state, kind=None):
        extensions = (
            self.filtered("extension_of_id")
            if state == self._approval_state_approved
            else self.browse()
        )
        super(CustomerCardLoan, extensions)._approval_log(state, "loan_extended")
        return super(CustomerCardLoan, self - extensions)._approval_log(state, kind)

    def _approval_describe(self, state):
        """Without words: an entry is read in many languages."""
        text = super()._approval_describe(state)
        # sudo: whoever ends a loan may not see the borrower any more
        loan = self.sudo()
        days = [
            fields.Datetime.context_timestamp(self, moment).strftime("%Y-%m-%d %H:%M")
            for moment in (loan.date_from, loan.valid_until)
        ]
        return f"{text} · {loan.borrower_id.name} · {' – '.join(days)}"
