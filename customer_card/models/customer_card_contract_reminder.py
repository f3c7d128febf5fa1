from odoo import api, fields, models
from odoo.fields import Domain
from odoo.orm.models import NO_ACCESS
from odoo.tools import format_date

from .res_partner_card import OPEN_STATES

REMINDER = "customer_card.customer_card_contract_activity_type"
BATCH = 500


class CustomerCardContract(models.Model):
    """Before a contract ends, whoever looks after the card gets one to-do."""

    _inherit = "customer.card.contract"

    reminded_date = fields.Date(
        "Reminded of the End On",
        copy=False,
        groups=NO_ACCESS,
        help="For which end a to-do was scheduled: whoever has done it is not asked "
        "again.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        contracts = super().create(vals_list)
        # who renews a contract has done what the reminder asks for
        contracts.predecessor_id._clear_reminders()
        return contracts

    def write(self, vals):
        result = super().write(vals)
        if "active" in vals:
            self._clear_reminders()
            if not vals["active"]:
                # the contract before runs out after all
                self.predecessor_id._forget_reminders()
        elif {"date_end", "reminder_days"} & vals.keys():
            self._move_reminders()
        return result

    # ------------------------------------------------------------
    # SCHEDULING
    # ------------------------------------------------------------

    @api.model
    def _cron_remind(self):
        """Schedule the to-dos of all contracts that end soon, in batches; whatever is
        interrupted goes on with the next run. To-dos of somebody who no longer looks
        after the card go to whoever does."""
        domain = self._get_to_remind_domain()
        last_id = 0
        while contracts := self.search(
            domain & Domain("id", ">", last_id), limit=BATCH, order="id"
        ):
            last_id = contracts[-1].id
            contracts = contracts.try_lock_for_update(allow_referencing=True)
            contracts._schedule_reminders()
            if not self.env["ir.cron"]._commit_progress(len(contracts)):
                return
        last_id = 0
        while contracts := self.search(
            [
                ("activity_type_id", "=", self.env.ref(REMINDER).id),
                ("id", ">", last_id),
            ],
            limit=BATCH,
            order="id",
        ):
            last_id = contracts[-1].id
            contracts._reassign_reminders()
            if not self.env["ir.cron"]._commit_progress(len(contracts)):
                return

    @api.model
    def _get_to_remind_domain(self):
        """:return: Domain of the contracts that end soon and of which nobody was
        reminded: not of closed cards, nor what was renewed"""
        today = self.env.user._card_today()
        return (
            Domain("reminder_date", "<=", today)
            & Domain("date_end", ">=", today)
            & Domain("reminded_date", "=", False)
            & Domain("successor_ids", "=", False)
            & Domain("partner_id.active", "=", True)
            & Domain("card_root_id.card_state", "in", OPEN_STATES)
        )

    def _schedule_reminders(self):
        """Give whoever looks after the card a to-do for each contract."""
        users = self._get_reminder_users()
        contracts = self.filtered(lambda contract: users[contract.id])
        today = self.env.user._card_today()
        self.env["mail.activity"]._schedule_card_todos(
            [
                (
                    contract,
                    users[contract.id],
                    {
                        "date_deadline": max(contract.reminder_date, today),
                        "summary": contract._get_reminder_summary(users[contract.id]),
                    },
                )
                for contract in contracts
            ],
            REMINDER,
        )
        # sudo: what the system notes down is no change of the contract
        for contract in contracts.sudo():
            contract.reminded_date = contract.date_end

    def _get_reminder_summary(self, user):
        env = self.with_context(lang=user.lang).env
        return env._(
            "Ends on %(end)s: renew it, or let it end",
            end=format_date(env, self.date_end),
        )

    def _get_reminder_users(self):
        """:return: ``{contract id: res.users}``, empty where nobody who looks after
        the card works in the company of the contract"""
        duty = self.partner_id._get_card_duty_users()
        # sudo: the duty users of a card are read as superuser too
        nobody = self.env["res.users"].sudo()
        return {
            contract.id: user
            if contract.company_id in (user := duty[contract.partner_id.id]).company_ids
            else nobody
            # sudo: in which companies the duty users work
            for contract in self.sudo()
        }

    def _get_reminders(self):
        """:return: the open to-dos of these contracts, as superuser: they belong to
        their assignees"""
        return self.sudo().activity_search([REMINDER])

    def _clear_reminders(self):
        self._get_reminders().unlink()
        self._forget_reminders()

    def _forget_reminders(self):
        # sudo: what the system notes down is no change of the contract
        self.sudo().filtered("reminded_date").reminded_date = False

    def _move_reminders(self):
        """The end was moved: the to-do moves along, or comes again at its time."""
        today = self.env.user._card_today()
        todos = self._get_reminders().grouped("res_id")
        # sudo: the to-dos belong to whoever has the duty
        for contract in self.sudo():
            todo = todos.get(contract.id)
            if todo and contract.reminder_date and contract.date_end >= today:
                todo.write(
                    {
                        "date_deadline": max(contract.reminder_date, today),
                        "summary": contract._get_reminder_summary(todo[0].user_id),
                    }
                )
                contract.reminded_date = contract.date_end
            else:
                contract._clear_reminders()

    def _reassign_reminders(self):
        """Open to-dos go to whoever looks after the card now."""
        todos = self._get_reminders()
        users = self.browse(todos.mapped("res_id"))._get_reminder_users()
        moved = todos.filtered(
            lambda todo: users[todo.res_id] and todo.user_id != users[todo.res_id]
        )
        for user, mine in moved.grouped(lambda todo: users[todo.res_id]).items():
            mine.with_context(mail_activity_quick_update=True).write(
                {"user_id": user.id}
            )

    def _get_changed_labels(self, vals):
        """What the system notes down is no change of the card."""
        return super()._get_changed_labels(
            {name: value for name, value in vals.items() if name != "reminded_date"}
        )

    # ------------------------------------------------------------
    # MESSAGES
    # ------------------------------------------------------------

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        """A follower who lost the card no longer hears of its contracts."""
        recipients = super()._notify_get_recipients(message, msg_vals, **kwargs)
        # sudo: whether the recipients may read is the question, not the sender
        users = self.env["res.users"].sudo()
        return [
            recipient
            for recipient in recipients
            if recipient.get("ushare")
            or not recipient.get("uid")
            or self.with_user(users.browse(recipient["uid"])).has_access("read")
        ]
