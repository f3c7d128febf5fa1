from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

REMINDER = "customer_visit.customer_promise_activity_type"


class CustomerPromise(models.Model):
    """A promise is kept, released by the customer, or broken; until then a to-do
    reminds whoever has to keep it."""

    _inherit = "customer.promise"

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_keep(self, date=None):
        """The promises are kept.

        :param date: when, today by default
        :raise AccessError: for promises that are neither the user's nor on a card that
            he keeps
        :raise UserError: when they are settled already, or for a day to come
        """
        return self._settle("kept", date=date)

    def action_release(self, reason):
        """The customer does not need it any more, or let us off.

        :param reason: why, required
        :raise UserError: without a reason, or when they are settled already
        """
        self._check_reason(reason)
        return self._settle("released", reason=reason.strip())

    def action_break(self, reason):
        """It will not be kept.

        :param reason: why, required
        :raise UserError: without a reason, or when they are settled already
        """
        self._check_reason(reason)
        return self._settle("broken", reason=reason.strip())

    def action_reopen(self):
        """Settled by mistake: it is open again.

        :raise AccessError: for cards that the user does not keep
        """
        self.check_access("write")
        self._check_settled()
        self._through_promise_door().write(
            {"state": "open", "date_closed": False, "reason": False}
        )
        self._log_promises("promise_reopened")
        self._remind()
        return True

    def action_ask_release(self):
        """Ask why the customer lets us off."""
        return self._get_settle_action("released", self.env._("Release the Promise"))

    def action_ask_break(self):
        """Ask why a promise is not kept."""
        return self._get_settle_action("broken", self.env._("Promise Not Kept"))

    def _get_settle_action(self, state, title):
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "customer.promise.settle",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_state": state,
                "default_promise_ids": [fields.Command.set(self.ids)],
            },
        }

    # ------------------------------------------------------------
    # SETTLING
    # ------------------------------------------------------------

    def _settle(self, state, reason=False, date=None):
        self.check_access("write")
        self._check_open()
        today = self.env.user._card_today()
        date = fields.Date.to_date(date) or today
        for promise in self:
            if date > today or date < promise.date_promised:
                raise UserError(
                    self.env._(
                        "%(promise)s: give the day on which it was settled, between "
                        "%(promised)s and today.",
                        promise=promise.name,
                        promised=format_date(self.env, promise.date_promised),
                    )
                )
        # logged before: who keeps a promise on a card that is not his own does not
        # see it any more afterwards
        self._log_promises(f"promise_{state}", reason)
        self._through_promise_door().write(
            {"state": state, "date_closed": date, "reason": reason}
        )
        self._get_reminders().unlink()
        return True

    def _check_open(self):
        """:raise UserError: naming a promise that is settled"""
        labels = dict(self._fields["state"]._description_selection(self.env))
        for promise in self:
            if promise.state != "open":
                raise UserError(
                    self.env._(
                        "%(promise)s is settled already: %(state)s. Open it again "
                        "first.",
                        promise=promise.name,
                        state=labels[promise.state],
                    )
                )

    def _check_settled(self):
        """:raise UserError: naming a promise that is open"""
        for promise in self:
            if promise.state == "open":
                raise UserError(
                    self.env._("%(promise)s is open.", promise=promise.name)
                )

    @api.model
    def _check_reason(self, reason):
        """:raise UserError: for an empty reason"""
        if not (reason or "").strip():
            raise UserError(self.env._("Say why: whoever follows wants to know."))

    def _log_promises(self, kind, reason=False):
        """Enter in the ledger of each card what happened to its promises."""
        self.env["customer.card.event"]._log_requests(
            kind,
            [
                (
                    promise,
                    promise.partner_id,
                    f"{promise.name} – {reason}" if reason else promise.name,
                )
                for promise in self
            ],
        )

    # ------------------------------------------------------------
    # REMINDERS
    # ------------------------------------------------------------

    def _get_reminders(self):
        """:return: the open to-dos of these promises, as superuser: they belong to
        whoever has to keep the promise"""
        return (
            self.env["mail.activity"]
            .sudo()
            .search(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "in", self.ids),
                    ("activity_type_id", "=", self.env.ref(REMINDER).id),
                ]
            )
        )

    def _remind(self):
        """Each open promise has one to-do, of whoever has to keep it, until its day."""
        todos = self._get_reminders().grouped("res_id")
        missing = []
        for promise in self.filtered(lambda promise: promise.state == "open"):
            values = {"date_deadline": promise.date_due, "summary": promise.name}
            if todo := todos.get(promise.id):
                todo.with_context(mail_activity_quick_update=True).write(
                    {**values, "user_id": promise.user_id.id}
                )
            else:
                missing.append((promise, promise.user_id, values))
        if missing:
            self.env["mail.activity"]._schedule_card_todos(missing, REMINDER)
