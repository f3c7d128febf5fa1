from odoo import fields, models
from odoo.exceptions import LockError, UserError

from .customer_defection import CLOSED_STATES


class CustomerDefection(models.Model):
    """What becomes of a defection. Every button is a method that checks on the server
    that the user keeps the card, and from which states it leads on."""

    _inherit = "customer.defection"

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_confirm(self):
        """He has left, and we know why.

        :raise AccessError: for cards that the user does not keep
        :raise UserError: when the kind is missing, or it is not a suggestion
        """
        self._take_defections(("suggested",))
        for defection in self:
            if not defection.kind:
                raise UserError(
                    self.env._(
                        "%(customer)s: say first why he left, one of the six kinds. "
                        "Call him: it is often something else than one thinks.",
                        customer=defection.partner_id._get_card_names(),
                    )
                )
        self._move_defections(
            "confirmed",
            date_confirmed=self.env.user._card_today(),
            confirmed_by_id=self.env.uid,
        )
        return True

    def action_won(self):
        """He buys again, or has ordered.

        :raise AccessError, UserError: see ``action_confirm``
        """
        self._take_defections(("confirmed", "winback"))
        self._close_defections("won")
        return True

    def action_lost(self, reason=None):
        """He will not come back; the steps not begun are dropped.

        :param reason: why we give up; without one, a dialog asks for it
        :raise AccessError, UserError: see ``action_confirm``
        """
        self._take_defections(("confirmed", "winback"))
        if not reason:
            return self._get_reason_action("lost", self.env._("Lost for Good"))
        self._close_defections("lost", reason)
        return True

    def action_dismiss(self, reason=None):
        """He has not left: the figures are misleading.

        :param reason: why he is silent; without one, a dialog asks for it
        :raise AccessError, UserError: see ``action_confirm``
        """
        self._take_defections(("suggested", "confirmed"))
        if not reason:
            return self._get_reason_action("dismissed", self.env._("No Defection"))
        self._close_defections("dismissed", reason)
        return True

    def action_reopen(self):
        """Closed by mistake, or it begins again.

        :raise AccessError, UserError: see ``action_confirm``; also when the customer
            has another open one
        """
        self._take_defections(CLOSED_STATES)
        # sudo: another one is on the same card, which the user keeps
        others = self.sudo().search(
            [
                ("partner_id", "in", self.partner_id.ids),
                ("company_id", "in", self.company_id.ids),
                ("state", "not in", CLOSED_STATES),
            ]
        )
        for defection in self:
            if others.filtered(
                lambda one, it=defection: (
                    (one.partner_id, one.company_id) == (it.partner_id, it.company_id)
                )
            ):
                raise UserError(
                    self.env._(
                        "%(customer)s: there is an open defection already. Go on with "
                        "that one.",
                        customer=defection.partner_id._get_card_names(),
                    )
                )
        values = {
            "date_closed": False,
            "closed_by_id": False,
            "close_reason": False,
            "date_back": False,
        }
        for state, defections in self.grouped(
            lambda one: "confirmed" if one.kind else "suggested"
        ).items():
            defections._move_defections(state, "defection_reopened", **values)
        return True

    def _get_reason_action(self, state, title):
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "customer.defection.close",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_state": state,
                "default_defection_ids": [fields.Command.set(self.ids)],
            },
        }

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def _take_defections(self, states):
        """Check who asks, and lock what he asks for.

        :param states: the states from which it goes on
        :raise AccessError: unless the user keeps all the cards
        :raise UserError: naming a customer whose defection is in another state
        """
        self.check_access("write")
        try:
            self.lock_for_update(allow_referencing=True)
        except LockError:
            raise UserError(
                self.env._(
                    "%(customers)s: somebody else is working on it at this moment. "
                    "Reload and look again.",
                    customers=self.partner_id._get_card_names(),
                )
            ) from None
        labels = dict(self._fields["state"]._description_selection(self.env))
        for defection in self:
            if defection.state not in states:
                raise UserError(
                    self.env._(
                        "%(customer)s: this cannot be done with a defection that is "
                        "%(state)s. Reload to see what happened meanwhile.",
                        customer=defection.partner_id._get_card_names(),
                        state=labels[defection.state],
                    )
                )

    def _move_defections(self, state, event=None, note="", **values):
        """The user has been checked."""
        self._through_defection_door().write({"state": state, **values})
        self._log_defections(event or f"defection_{state}", note)
        if state != "suggested":
            self._get_todos().unlink()

    def _close_defections(self, state, reason=False):
        today = self.env.user._card_today()
        if state != "won":
            self._drop_steps()
        self._move_defections(
            state,
            note=reason or "",
            date_closed=today,
            closed_by_id=self.env.uid,
            close_reason=(reason or "").strip() or False,
        )

    def _get_todos(self):
        """:return: the to-dos of suggestions (sudo: they belong to whoever looks after
        the card)"""
        return (
            self.env["mail.activity"]
            .sudo()
            .search(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "in", self.ids),
                    (
                        "activity_type_id",
                        "=",
                        self.env.ref(
                            "customer_segmentation.customer_defection_activity_type"
                        ).id,
                    ),
                ]
            )
        )
