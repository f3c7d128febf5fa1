from odoo import fields, models
from odoo.tools import LazyTranslate

_lt = LazyTranslate(__name__)

TODO = "mail.mail_activity_data_todo"


class CustomerApprovalMixin(models.AbstractModel):
    """Submitting gives every approver a to-do, deciding clears them all."""

    _inherit = "customer.approval.mixin"

    def _approval_schedule_todos(self):
        """Give everybody who may decide a request a to-do for it, if he has none.

        Idempotent, so it also serves when leaders have changed.
        """
        self._approval_schedule(
            self._approval_deciders(),
            _lt("Decide on the request"),
            _lt("A request waits for your decision"),
        )

    def _approval_schedule(self, users, summary, subject):
        """Give users a to-do for each request, unless they have one for it already,
        and tell each of them in one message.

        :param users: ``{request id: res.users}``
        :param summary: of the to-dos, a lazy translation: each in his own language
        :param subject: of the message, a lazy translation
        """
        # sudo: whoever asks has no rights on the approvers and their to-dos
        existing = {
            (activity.res_id, activity.user_id.id)
            for activity in self.sudo().activity_search([TODO])
        }
        new = [
            (request, user)
            for request in self
            for user in users[request.id]
            if (request.id, user.id) not in existing
        ]
        today = fields.Date.context_today(self)
        self.env["mail.activity"]._schedule_card_todos(
            [
                (
                    request,
                    user,
                    {
                        "date_deadline": today,
                        "summary": self.with_context(lang=user.lang).env._(summary),
                    },
                )
                for request, user in new
            ]
        )
        # one message for each user, not one for each request
        waiting = {}
        for request, user in new:
            waiting[user] = waiting.get(user, self.browse()) | request
        for user, requests in waiting.items():
            requests._approval_tell(user, subject)

    def _approval_clear_todos(self):
        # sudo: the to-dos of the other approvers go too
        self.sudo().activity_unlink([TODO])

    def _approval_tell_requesters(self, state):
        """Tell whoever asked what has been decided, one message for all of it."""
        # sudo: whoever asked is told in his own language
        for requester, requests in self.sudo().grouped("requester_id").items():
            env = self.with_context(lang=requester.lang).env
            label = dict(self._fields["state"]._description_selection(env))[state]
            self.browse(requests.ids)._approval_tell(
                requester, _lt("Your request: %(state)s", state=label)
            )

    def _approval_tell(self, user, subject):
        """Send one user one message about these requests (not to himself).

        :param subject: a lazy translation, sent in the user's language
        """
        if user == self.env.user or not user.active:
            return
        names = self._approval_names()
        thread = self if len(self) == 1 else self.env["mail.thread"]
        # sudo: the receiver's address; his own rights rule what he can open
        thread.sudo().message_notify(
            partner_ids=user.partner_id.ids,
            author_id=self.env.user.partner_id.id,
            subject=self.with_context(lang=user.lang).env._(subject),
            body=names,
        )
