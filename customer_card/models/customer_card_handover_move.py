from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, LazyTranslate

_lt = LazyTranslate(__name__)


class CustomerCardHandover(models.Model):
    """The handing over: custody and what is open moves in one transaction, each kind
    by one statement, however many cards."""

    _inherit = "customer.card.handover"

    def _hand_over(self):
        """Move the cards of one accepted handover. The caller has checked the user.

        :raise UserError: when no card is left, or the successor cannot keep cards
        """
        self.ensure_one()
        self._check_successor()
        self.env.flush_all()
        self._leave_out_changed()
        # sudo: the successor has no rights yet on what he takes over
        handover = self.sudo()
        cards = handover._get_cards(("planned",))[self.id]
        if not cards:
            raise UserError(
                self.env._(
                    "%(handover)s: no card is left to hand over, they have got other "
                    "custodians meanwhile. Cancel it.",
                    handover=self._approval_names(),
                )
            )
        former = handover._get_former_users()
        # a deputyship was for the leave of the former custodian
        cards._end_card_deputies()
        handover._move_activities()
        handover._move_followers()
        cards._write_card_keepers(
            handover._get_keeper_values(), salesperson=handover.move_salesperson
        )
        handover._set_lines_moved()
        handover._log_moves(cards)
        handover._release_former(cards, former)
        cards._after_cards_handed_over(handover.successor_id)
        handover._approval_through_door().write(
            {"state": "done", "done_date": fields.Datetime.now()}
        )
        handover._tell_done(former)

    def _leave_out_changed(self):
        """Cards that got another custodian, or lost their card, since the handover was
        submitted are nobody's to give any more: they are left out and told."""
        self.env.execute_query(
            SQL(
                """
                UPDATE customer_card_handover_line line
                   SET outcome = 'changed'
                  FROM res_partner card
                 WHERE card.id = line.partner_id
                   AND line.handover_id = %s
                   AND line.outcome = 'planned'
                   AND (card.card_state IS NULL
                        OR card.card_custodian_id
                           IS DISTINCT FROM line.former_custodian_id
                        OR card.card_team_id IS DISTINCT FROM line.former_team_id)
             RETURNING line.id
                """,
                self.id,
            )
        )
        self.env["customer.card.handover.line"].invalidate_model()

    def _get_former_users(self):
        """:return: the custodians who give cards away"""
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT former_custodian_id FROM customer_card_handover_line "
                "WHERE handover_id = %s AND outcome = 'planned' "
                "AND former_custodian_id IS NOT NULL",
                self.id,
            )
        )
        return self.env["res.users"].browse(user_id for (user_id,) in rows)

    def _get_keeper_values(self):
        """:return: the keepers after the handover"""
        values = {"card_custodian_id": self.successor_id.id}
        if self.team_id:
            values["card_team_id"] = self.team_id.id
        return values

    def _move_activities(self):
        """What the former custodian still had to do on the cards and their contacts is
        the successor's now."""
        self.env["mail.activity"].flush_model()
        moved = self.env.execute_query(
            SQL(
                """
                UPDATE mail_activity activity
                   SET user_id = %(successor_id)s
                  FROM customer_card_handover_line line
                  JOIN res_partner partner ON partner.card_root_id = line.partner_id
                 WHERE line.handover_id = %(handover_id)s
                   AND line.outcome = 'planned'
                   AND activity.res_model = 'res.partner'
                   AND activity.res_id = partner.id
                   AND activity.active
                   AND activity.user_id = line.former_custodian_id
             RETURNING activity.id, activity.date_deadline
                """,
                successor_id=self.successor_id.id,
                handover_id=self.id,
            )
        )
        self.env["mail.activity"].invalidate_model()
        today = fields.Date.today()
        if due := sum(deadline <= today for _id, deadline in moved):
            self.successor_id._bus_send(
                "mail.activity/updated", {"activity_created": True, "count_diff": due}
            )

    def _move_followers(self):
        """Where the former custodian followed a card or a contact, the successor does
        from now on; whoever follows already does so once."""
        self.env["mail.followers"].flush_model()
        self.env.execute_query(
            SQL(
                """
                UPDATE mail_followers follower
                   SET partner_id = %(successor)s
                  FROM customer_card_handover_line line
                  JOIN res_partner partner ON partner.card_root_id = line.partner_id
                  JOIN res_users former ON former.id = line.former_custodian_id
                 WHERE line.handover_id = %(handover_id)s
                   AND line.outcome = 'planned'
                   AND follower.res_model = 'res.partner'
                   AND follower.res_id = partner.id
                   AND follower.partner_id = former.partner_id
                   AND NOT EXISTS (
                       SELECT 1
                         FROM mail_followers there
                        WHERE there.res_model = 'res.partner'
                          AND there.res_id = partner.id
                          AND there.partner_id = %(successor)s)
             RETURNING follower.id
                """,
                successor=self.successor_id.partner_id.id,
                handover_id=self.id,
            )
        )
        self.env["mail.followers"].invalidate_model()

    def _set_lines_moved(self):
        self.env.execute_query(
            SQL(
                "UPDATE customer_card_handover_line SET outcome = 'moved' "
                "WHERE handover_id = %s AND outcome = 'planned' RETURNING id",
                self.id,
            )
        )
        self.env["customer.card.handover.line"].invalidate_model()
        self.invalidate_recordset(["line_ids", "card_count", "left_out_count"])

    def _log_moves(self, cards):
        """One entry for each card, by one statement."""
        former = dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT line.partner_id, partner.name
                      FROM customer_card_handover_line line
                      JOIN res_users former ON former.id = line.former_custodian_id
                      JOIN res_partner partner ON partner.id = former.partner_id
                     WHERE line.handover_id = %s
                       AND line.outcome = 'moved'
                    """,
                    self.id,
                )
            )
        )
        successor = self.successor_id.name
        self.env["customer.card.event"]._log(
            cards,
            "custodian_changed",
            {
                card_id: f"{former.get(card_id, '–')} → {successor}"
                for card_id in cards.ids
            },
            document=self.sudo(False),
        )

    def _release_former(self, cards, users):
        """Take from the former keepers what would still lead them to the cards: loans,
        followers, messages. A former custodian who manages the department goes on
        seeing the cards as its manager."""
        self._end_loans(cards, users)
        for user in users:
            (cards - cards._card_maintained_by(user).sudo())._release_card_borrower(
                user
            )

    def _end_loans(self, cards, users):
        """The loans of these cards to their former keepers end, and what they asked
        for. Of a loan that has other cards as well, only these are taken out."""
        # sudo: loans of cards that the former custodian no longer reads
        Loan = self.env["customer.card.loan"].sudo()
        Loan.flush_model()
        card_ids = set(cards.ids)
        loans = Loan.search(
            [
                ("borrower_id", "in", users.ids),
                ("state", "in", ("draft", "submitted", "lent")),
            ]
        )
        asked = loans._get_cards()
        whole = loans.filtered(
            lambda loan: asked[loan.id] and card_ids.issuperset(asked[loan.id].ids)
        )
        for loan in loans - whole:
            if card_ids.intersection(asked[loan.id].ids):
                loan._link_cards(sorted(set(asked[loan.id].ids) - card_ids))
        lent = whole.filtered(lambda loan: loan.state == "lent")
        if lent:
            lent._end("revoked")
        if pending := whole - lent:
            pending._approval_clear_todos()
            pending._approval_move("cancelled")

    def _tell_done(self, former):
        """Tell everybody concerned, in his language, how many cards have passed."""
        count = self.card_count
        users = self.requester_id | former
        for user in users.filtered("active") - self.env.user:
            self.browse(self.ids)._approval_tell(
                user, _lt("Handed over: %(count)s customer cards", count=count)
            )
        if self.left_out_count:
            # sudo is at work here; the note names no card
            self._message_log(
                body=self.env._(
                    "%(count)s cards were left out: in another handover, or kept by "
                    "somebody else meanwhile. They are listed under Cards.",
                    count=self.left_out_count,
                )
            )

    @api.model
    def _cron_hand_over(self):
        """Hand over what was accepted for a later day, each in its own transaction."""
        # nowhere on earth is it later than tomorrow
        tomorrow = fields.Date.add(fields.Date.today(), days=1)
        waiting = self.search(
            [("state", "=", "accepted"), ("date_effective", "<=", tomorrow)], order="id"
        ).filtered(lambda one: one.date_effective <= one.successor_id._card_today())
        self.env["ir.cron"]._commit_progress(remaining=len(waiting))
        for handover in waiting:
            handover = handover.try_lock_for_update(allow_referencing=True)
            handover.invalidate_recordset(["state"])
            if handover.state == "accepted":
                try:
                    with self.env.cr.savepoint():
                        handover.with_user(handover.successor_id)._hand_over()
                except UserError as error:
                    handover._stop(str(error))
            if not self.env["ir.cron"]._commit_progress(1):
                break

    def _stop(self, reason):
        """What cannot be handed over on its day is called off, and told."""
        self.env.invalidate_all()
        self._approval_move("cancelled")
        self._message_log(body=reason)
        self._approval_tell_requesters("cancelled")
