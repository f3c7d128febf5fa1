from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, LazyTranslate

from .customer_card_handover import RUNNING

_lt = LazyTranslate(__name__)


class CustomerCardHandover(models.Model):
    """What the approval pipeline asks a handover: which cards, who decides, and that
    the successor accepts."""

    _inherit = "customer.card.handover"

    # ------------------------------------------------------------
    # WHO DECIDES
    # ------------------------------------------------------------

    def _approval_cards(self):
        return self._get_cards(("planned", "moved"))

    def _approval_departments(self):
        """The departments that give cards away, and the one that gets them: whoever
        manages all of them decides."""
        departments = {
            # sudo: which department decides
            handover.id: {handover.sudo().team_id} if handover.team_id else set()
            for handover in self
        }
        # sudo: departments are no secret
        Team = self.env["crm.team"].sudo()
        if self._origin:
            self.env["customer.card.handover.line"].flush_model()
            for handover_id, team_id in self.env.execute_query(
                SQL(
                    """
                    SELECT line.handover_id, card.card_team_id
                      FROM customer_card_handover_line line
                      JOIN res_partner card ON card.id = line.partner_id
                     WHERE line.handover_id = ANY(%s)
                       AND line.outcome IN ('planned', 'moved')
                  GROUP BY line.handover_id, card.card_team_id
                    """,
                    self._origin.ids,
                )
            ):
                departments[handover_id].add(Team.browse(team_id))
        return departments

    # ------------------------------------------------------------
    # SUBMIT
    # ------------------------------------------------------------

    def _approval_split(self):
        """Fix which cards go to whom, and divide handovers with several successors:
        each of them accepts his own."""
        handovers = self.browse()
        for handover in self:
            handover._check_reach()
            handover._take_snapshot()
            handovers |= handover._split_by_successor()
        return handovers

    def _check_reach(self):
        """:raise AccessError: when the user prepares a handover of cards that are not
        his to give"""
        user = self.env.user
        if self.env.su or user._is_card_admin() or self.custodian_id == user:
            return
        if not user._card_managed_team_ids():
            raise AccessError(
                self.env._(
                    "%(handover)s: you can hand over your own cards. Those of "
                    "somebody else are handed over by the manager of his department.",
                    handover=self._approval_names(),
                )
            )

    def _take_snapshot(self):
        """Write the lines of a draft: one statement for each rule and one for the
        rest, however many cards. The first rule that matches a card has it; what is
        in another running handover is left out, with that as its outcome."""
        self.ensure_one()
        Partner = self.env["res.partner"].with_context(active_test=False)
        self.env.flush_all()
        self._drop_lines()
        domain = self._get_card_domain()
        parts = [
            (rule._get_domain(), rule.successor_id)
            for rule in self.rule_ids.sorted(lambda rule: (rule.sequence, rule.id))
        ]
        for condition, successor in [*parts, (None, self.successor_id)]:
            if not successor:
                continue
            found = domain if condition is None else domain & condition
            # as the user: he hands over what he may see and give away
            cards = Partner._search(found)
            self._insert_lines(cards, successor)
        self.env["customer.card.handover.line"].invalidate_model()
        self.invalidate_recordset(["line_ids", "card_count", "left_out_count"])

    def _insert_lines(self, cards, successor):
        """:param cards: Query on res.partner
        :param successor: res.users, kept in the column until the handover is divided"""
        self.env.execute_query(
            SQL(
                """
                INSERT INTO customer_card_handover_line (
                    handover_id, partner_id, former_custodian_id, former_team_id,
                    planned_successor_id, outcome)
                SELECT %(handover_id)s, card.id, card.card_custodian_id,
                       card.card_team_id, %(successor_id)s,
                       CASE WHEN EXISTS (
                           SELECT 1
                             FROM customer_card_handover_line other
                             JOIN customer_card_handover running
                               ON running.id = other.handover_id
                            WHERE other.partner_id = card.id
                              AND other.outcome = 'planned'
                              AND running.state = ANY(%(states)s)
                       ) THEN 'elsewhere' ELSE 'planned' END
                  FROM res_partner card
                 WHERE card.id IN %(cards)s
                   AND card.card_custodian_id IS DISTINCT FROM %(successor_id)s
              ORDER BY card.complete_name, card.id
           ON CONFLICT (handover_id, partner_id) DO NOTHING
             RETURNING id
                """,
                handover_id=self.id,
                successor_id=successor.id,
                states=list(RUNNING),
                cards=cards.subselect(),
            )
        )

    def _drop_lines(self):
        self.env.execute_query(
            SQL(
                "DELETE FROM customer_card_handover_line WHERE handover_id = ANY(%s) "
                "RETURNING id",
                self.ids,
            )
        )
        self.env["customer.card.handover.line"].invalidate_model()

    def _split_by_successor(self):
        """:return: this handover and the further ones, one for each successor"""
        rows = self.env.execute_query(
            SQL(
                "SELECT planned_successor_id FROM customer_card_handover_line "
                "WHERE handover_id = %s GROUP BY 1 ORDER BY MIN(id)",
                self.id,
            )
        )
        handovers = self
        for index, (successor_id,) in enumerate(rows):
            part = self
            if index:
                # sudo: the parts keep who asked
                part = self.sudo().copy(
                    {
                        "requester_id": self.requester_id.id,
                        "rule_ids": [],
                        "custodian_id": self.custodian_id.id,
                    }
                )
                part = self.browse(part.id)
                self.env.execute_query(
                    SQL(
                        "UPDATE customer_card_handover_line SET handover_id = %s "
                        "WHERE handover_id = %s AND planned_successor_id = %s "
                        "RETURNING id",
                        part.id,
                        self.id,
                        successor_id,
                    )
                )
            part._approval_through_door().write({"successor_id": successor_id})
            handovers |= part
        self.env["customer.card.handover.line"].invalidate_model()
        self.env["customer.card.handover"].invalidate_model(["line_ids"])
        return handovers

    def _approval_check_submit(self):
        for handover in self:
            handover._check_successor()
            if not handover._count_planned():
                raise UserError(handover._explain_nothing())
        return super()._approval_check_submit()

    def _count_planned(self):
        """:return: how many cards this handover would move now"""
        self.ensure_one()
        return self._count_lines().get(self.id, {}).get("planned", 0)

    def _explain_nothing(self):
        """:return: why no card is handed over"""
        others = self._get_other_handovers()
        if others:
            return self.env._(
                "%(handover)s: all of these cards are part of another handover that "
                "is not finished: %(others)s.",
                handover=self._approval_names(),
                others=", ".join(others),
            )
        return self.env._(
            "%(handover)s: there is no card to hand over. Choose cards that you keep "
            "or manage, and somebody else as the successor.",
            handover=self._approval_names(),
        )

    def _get_other_handovers(self):
        """:return: references of the running handovers that have cards of this one"""
        return [
            name
            for (name,) in self.env.execute_query(
                SQL(
                    """
                    SELECT DISTINCT running.name
                      FROM customer_card_handover_line mine
                      JOIN customer_card_handover_line other
                        ON other.partner_id = mine.partner_id
                       AND other.handover_id != mine.handover_id
                       AND other.outcome = 'planned'
                      JOIN customer_card_handover running
                        ON running.id = other.handover_id
                       AND running.state = ANY(%s)
                     WHERE mine.handover_id = %s
                       AND mine.outcome = 'elsewhere'
                  ORDER BY 1
                    """,
                    list(RUNNING),
                    self.id,
                )
            )
        ]

    def _check_successor(self):
        """:raise UserError: unless the successor can keep cards"""
        self.ensure_one()
        # sudo: who the successor is
        successor = self.sudo().successor_id
        if not successor:
            raise UserError(
                self.env._(
                    "%(handover)s: choose a successor, or rules that name one.",
                    handover=self._approval_names(),
                )
            )
        if not successor.active or successor.share or not successor._is_card_user():
            raise UserError(
                self.env._(
                    "%(handover)s: %(successor)s cannot keep customer cards. Choose an "
                    "active user who has a role in Customer Cards.",
                    handover=self._approval_names(),
                    successor=successor.name,
                )
            )
        if successor == self.custodian_id:
            raise UserError(
                self.env._(
                    "%(handover)s: %(successor)s keeps these cards already. Choose "
                    "somebody else.",
                    handover=self._approval_names(),
                    successor=successor.name,
                )
            )

    def action_draft(self):
        """See the mixin; the cards are chosen anew at the next submission."""
        result = super().action_draft()
        self._drop_lines()
        self.invalidate_recordset(["line_ids", "card_count", "left_out_count"])
        return result

    # ------------------------------------------------------------
    # APPROVE
    # ------------------------------------------------------------

    def _approval_check_approve(self):
        for handover in self:
            handover._check_successor()
        return super()._approval_check_approve()

    def _approval_on_approved(self):
        result = super()._approval_on_approved()
        self._approval_schedule(
            # sudo: the successor is told
            {handover.id: handover.sudo().successor_id for handover in self},
            _lt("Take over the cards"),
            _lt("Customer cards are to be handed over to you"),
        )
        return result

    def action_refuse(self, reason=None):
        """Refuse what waits for a decision; of what waits for the successor, decline:
        see ``action_decline``."""
        declining = self.filtered(lambda handover: handover.state == "approved")
        if not declining:
            return super().action_refuse(reason)
        rest = self - declining
        if rest and reason is not None:
            super(CustomerCardHandover, rest).action_refuse(reason)
        return declining.action_decline(reason)

    # ------------------------------------------------------------
    # ACCEPT
    # ------------------------------------------------------------

    def action_accept(self):
        """The successor takes the cards over: at once, or on the day of effect.

        :raise AccessError: for anybody else
        :raise UserError: for what is not approved, or has no card left to hand over
        """
        self._approval_take(("approved",))
        self._check_accepting()
        self._approval_check_seen()
        today = self.env.user._card_today()
        self._approval_clear_todos()
        self._approval_through_door().write({"accept_date": fields.Datetime.now()})
        later = self.filtered(lambda one: (one.date_effective or today) > today)
        if later:
            later._approval_move("accepted")
            later._approval_tell_requesters("accepted")
        for handover in self - later:
            handover._hand_over()
        return True

    def action_decline(self, reason=None):
        """The successor does not take the cards; whoever prepared the handover may
        change it and submit it again.

        :param reason: told to whoever prepared it; without one, a dialog asks for it
        :return: True, or the action that opens the dialog
        :raise AccessError: for anybody else
        :raise UserError: for what is not approved, or a blank reason
        """
        self._approval_take(("approved",))
        self._check_accepting()
        if reason is None:
            return self._approval_ask_reason(self.env._("Decline"))
        if not reason.strip():
            raise UserError(
                self.env._(
                    "%(handovers)s: say why you do not take these cards, it is told to "
                    "whoever prepared the handover.",
                    handovers=self._approval_names(),
                )
            )
        self._approval_clear_todos()
        self._approval_move("declined", {"decline_reason": reason.strip()})
        self._approval_tell_requesters("declined")
        return True

    def action_call_off(self):
        """A manager stops what was approved and not yet handed over.

        :raise AccessError: for whoever could not have approved it
        :raise UserError: for what is not approved, or is done
        """
        self._approval_take(("approved", "accepted"))
        self._approval_check_decider()
        self._approval_clear_todos()
        self._approval_move("cancelled")
        self._approval_tell_requesters("cancelled")
        return True

    def _check_accepting(self):
        """:raise AccessError: unless the user is the successor, nobody for him"""
        for handover in self:
            # sudo: the successor's name
            successor = handover.sudo().successor_id
            if successor != self.env.user:
                raise AccessError(
                    self.env._(
                        "%(handover)s: only the successor, %(successor)s, can accept "
                        "or decline it.",
                        handover=handover._approval_names(),
                        successor=successor.name,
                    )
                )
