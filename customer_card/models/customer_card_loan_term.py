from collections import defaultdict
from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL, LazyTranslate

_lt = LazyTranslate(__name__)

# loans per transaction of the scheduled actions
BATCH = 100


class CustomerCardLoan(models.Model):
    """When a loan is due, and how it ends: returned, revoked, expired, extended."""

    _inherit = "customer.card.loan"

    @api.depends("state", "valid_until")
    def _compute_due_state(self):
        now = fields.Datetime.now()
        for loan in self:
            if loan.state != "lent":
                loan.due_state = False
            elif loan.valid_until <= now:
                loan.due_state = "overdue"
            elif loan.valid_until <= now + timedelta(days=2):
                loan.due_state = "due"
            else:
                loan.due_state = "running"

    def _search_due_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        now = fields.Datetime.now()
        soon = now + timedelta(days=2)
        lent = Domain("state", "=", "lent")
        due_at = {
            "overdue": Domain("valid_until", "<=", now),
            "due": Domain("valid_until", ">", now) & Domain("valid_until", "<=", soon),
            "running": Domain("valid_until", ">", soon),
        }
        domains = [lent & due_at[state] for state in value if state]
        if False in value:
            domains.append(~lent)
        return Domain.OR(domains)

    def _read_group_groupby(self, alias, groupby_spec, query):
        """Group by ``due_state``, for the progress bar of the pipeline."""
        if groupby_spec != "due_state":
            return super()._read_group_groupby(alias, groupby_spec, query)
        now = fields.Datetime.now()
        state = self._field_to_sql(alias, "state", query)
        until = self._field_to_sql(alias, "valid_until", query)
        return SQL(
            """
            CASE WHEN %(state)s != 'lent' THEN NULL
                 WHEN %(until)s <= %(now)s THEN 'overdue'
                 WHEN %(until)s <= %(soon)s THEN 'due'
                 ELSE 'running' END
            """,
            state=state,
            until=until,
            now=now,
            soon=now + timedelta(days=2),
        )

    @api.depends_context("uid")
    @api.depends("state", "borrower_id")
    def _compute_can_end(self):
        lent = self.filtered(lambda loan: loan.state == "lent")
        returnable = lent._filter_returnable()
        revocable = lent._filter_revocable()
        for loan in self:
            loan.can_return = loan in returnable
            loan.can_revoke = loan in revocable

    def action_return(self):
        """Hand lent cards back.

        :raise AccessError: when the user is neither the borrower nor keeps the cards
        :raise UserError: for what is not lent
        """
        if not self.env.su:
            for loan in self - self._filter_returnable():
                raise AccessError(
                    self.env._(
                        "%(loan)s: only the borrower, %(borrower)s, or whoever keeps "
                        "the cards can hand them back.",
                        loan=loan._approval_names(),
                        # sudo: the borrower's name
                        borrower=loan.sudo().borrower_id.name,
                    )
                )
        self._approval_take(("lent",))
        self._end("returned")
        return True

    def action_revoke(self):
        """End loans before their time.

        :raise AccessError: when the user does not manage all the cards
        :raise UserError: for what is not lent
        """
        if not self.env.su:
            for loan in self - self._filter_revocable():
                raise AccessError(
                    self.env._(
                        "%(loan)s: only the manager of the cards can end this loan "
                        "before its time. Ask %(managers)s.",
                        loan=loan._approval_names(),
                        managers=", ".join(
                            loan._get_cards()[loan.id]
                            ._get_card_managers()
                            .mapped("name")
                        )
                        or self.env._("an administrator"),
                    )
                )
        self._approval_take(("lent",))
        self._end("revoked")
        return True

    def action_request_extension(self):
        """Ask for more time: a new request, to be decided like the first one.

        :return: the action that opens the draft
        :raise AccessError: when somebody else than the borrower asks
        :raise UserError: for what was never lent
        """
        self.ensure_one()
        # sudo: the borrower is compared
        if self.env.user != self.sudo().borrower_id:
            raise AccessError(
                self.env._(
                    "%(loan)s: only the borrower, %(borrower)s, can ask for more time.",
                    loan=self._approval_names(),
                    # sudo: the borrower's name
                    borrower=self.sudo().borrower_id.name,
                )
            )
        if self.state not in ("lent", "expired"):
            raise UserError(
                self.env._(
                    "%(loan)s is not lent. Make a new request.",
                    loan=self._approval_names(),
                )
            )
        start = max(self.valid_until, fields.Datetime.now())
        extension = self.create(
            {
                "card_ids": [Command.set(self._get_cards()[self.id].ids)],
                "mode": self.mode,
                "section_ids": [Command.set(self.section_ids.ids)],
                "purpose": self.purpose,
                "date_from": start,
                "valid_until": start + (self.valid_until - self.date_from),
            }
        )
        extension._approval_through_door().write({"extension_of_id": self.id})
        return extension._get_form_action()

    def _filter_returnable(self):
        """:return: the loans that this user may hand back: his own, and those of
        cards that he keeps"""
        cards = self._get_cards()
        user = self.env.user
        return self.filtered(
            lambda loan: (
                # sudo: the borrower is compared
                loan.sudo().borrower_id == user
                or not cards[loan.id] - cards[loan.id]._card_maintained_by(user).sudo()
            )
        )

    def _filter_revocable(self):
        """:return: the loans all of whose cards this user manages"""
        cards = self._get_cards()
        user = self.env.user
        return self.filtered(
            lambda loan: (
                not (cards[loan.id] - cards[loan.id]._card_managed_by(user).sudo())
            )
        )

    def _end(self, state):
        """End lent loans, and take from the borrowers what they had only by them."""
        self._approval_clear_todos()
        self._approval_move(
            state, {"end_date": fields.Datetime.now(), "ended_by_id": self.env.uid}
        )
        cards = self._get_cards()
        ended = defaultdict(lambda: self.env["res.partner"].sudo())
        # sudo: who borrowed what; nothing of it is shown
        for loan in self.sudo():
            ended[loan.borrower_id] |= cards[loan.id]
        for borrower, borrowed in ended.items():
            kept = borrowed._card_maintained_by(borrower).sudo()
            lent = borrowed.filtered(
                lambda card, ids=borrower._card_lent_ids(): card.id in ids
            )
            (borrowed - kept - lent)._release_card_borrower(borrower)

    @api.model
    def _cron_expire(self):
        """Tidy up loans on screen that have run out, in batches. The borrowers see
        nothing of these cards any more since the second they ran out."""
        domain = Domain("state", "=", "lent") & Domain("mode", "=", "screen")
        while True:
            over = domain & Domain("valid_until", "<=", fields.Datetime.now())
            loans = self.search(over, limit=BATCH, order="id").try_lock_for_update(
                allow_referencing=True
            )
            if not loans:
                break
            loans._end("expired")
            if not self.env["ir.cron"]._commit_progress(
                len(loans), remaining=self.search_count(over)
            ):
                break

    @api.model
    def _cron_chase(self):
        """Chase paper extracts that are overdue: a to-do for the borrower, and after
        some days for his managers, each until it is done; again the next time, until
        the paper is back. Also gives new leaders their to-dos for what waits."""
        last_id = 0
        while loans := self.search(
            [
                ("id", ">", last_id),
                "|",
                ("state", "=", "submitted"),
                "&",
                ("due_state", "=", "overdue"),
                ("mode", "=", "paper"),
            ],
            limit=BATCH,
            order="id",
        ):
            last_id = loans[-1].id
            waiting = loans.filtered(lambda loan: loan.state == "submitted")
            waiting._approval_schedule_todos()
            (loans - waiting)._chase()
            if not self.env["ir.cron"]._commit_progress(len(loans)):
                break

    def _chase(self):
        """Ask for overdue paper extracts. Idempotent while the to-dos are open."""
        self._approval_schedule(
            {loan.id: loan.borrower_id for loan in self},
            _lt("Hand back the paper extract"),
            _lt("A paper extract is overdue"),
        )
        now = fields.Datetime.now()
        late = self.filtered(
            lambda loan: (
                loan.valid_until
                + timedelta(days=loan.borrower_id.company_id.card_loan_escalation_days)
                <= now
            )
        )
        late._approval_schedule(
            late._approval_deciders(),
            _lt("Get the paper extract back"),
            _lt("A paper extract has not come back"),
        )
