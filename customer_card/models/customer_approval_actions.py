from odoo import fields, models
from odoo.exceptions import UserError


class CustomerApprovalMixin(models.AbstractModel):
    """What people do with a request: each action takes a set of requests, and checks
    rights and states on the server."""

    _inherit = "customer.approval.mixin"

    def action_submit(self):
        """Hand drafts to whoever decides.

        :raise AccessError: for requests of somebody else
        :raise UserError: for what is not a draft, or is incomplete, or finds nobody
            to decide it
        """
        self._approval_check_mine()
        self._approval_take(("draft",))
        requests = self._approval_split()
        requests._approval_check_submit()
        for count, counted in requests.grouped("submit_count").items():
            counted._approval_move(
                "submitted",
                {
                    "submit_date": fields.Datetime.now(),
                    "submit_count": count + 1,
                    "decided_by_id": False,
                    "decision_date": False,
                    "refusal_reason": False,
                },
            )
        requests._approval_schedule_todos()
        return True

    def action_approve(self):
        """Approve submitted requests.

        :raise AccessError: for requests that this user may not decide
        :raise UserError: for what is not submitted, or cannot be granted
        """
        self._approval_take(("submitted",))
        self._approval_check_decider()
        self._approval_check_seen()
        self._approval_check_approve()
        self._approval_decide(self._approval_state_approved)
        self._approval_on_approved()
        return True

    def action_refuse(self, reason=None):
        """Refuse submitted requests.

        :param reason: told to whoever asked; without one, a dialog asks for it
        :return: True, or the action that opens the dialog
        :raise AccessError: for requests that this user may not decide
        :raise UserError: for what is not submitted, or a blank reason
        """
        self._approval_take(("submitted",))
        self._approval_check_decider()
        self._approval_check_seen()
        if reason is None:
            return self._approval_ask_reason(self.env._("Refuse"))
        if not reason.strip():
            raise UserError(
                self.env._(
                    "%(requests)s: give the reason for the refusal, it is told to "
                    "whoever asked.",
                    requests=self._approval_names(),
                )
            )
        self._approval_decide(
            self._approval_state_refused, {"refusal_reason": reason.strip()}
        )
        return True

    def action_cancel(self):
        """Whoever asked no longer needs it.

        :raise AccessError: for requests of somebody else
        :raise UserError: for what is decided already
        """
        self._approval_check_mine()
        self._approval_take(self._approval_cancel_from)
        self._approval_clear_todos()
        self._approval_move(self._approval_state_cancelled)
        return True

    def action_draft(self):
        """Whoever asked takes his request back to change it and submit it again.

        :raise AccessError: for requests of somebody else
        :raise UserError: for what has been granted
        """
        self._approval_check_mine()
        self._approval_take(self._approval_reset_from)
        self._approval_clear_todos()
        self._approval_move(
            "draft",
            {
                "submit_date": False,
                "decided_by_id": False,
                "decision_date": False,
                "refusal_reason": False,
            },
        )
        return True

    def _approval_ask_reason(self, title):
        """:param title: of the dialog
        :return: the action that opens the dialog for the reason of a refusal"""
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "customer.approval.refuse",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_res_model": self._name,
                "default_res_ids": self.ids,
            },
        }
