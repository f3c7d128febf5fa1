from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.orm.models import NO_ACCESS
from odoo.tools import SQL, format_date

from .res_partner_card import OPEN_STATES

FOLLOWUP = "customer_card.customer_card_need_activity_type"
BATCH = 500


class CustomerCardConsumption(models.Model):
    """A need is followed up by a to-do on the customer, one for each need."""

    _inherit = "customer.card.consumption"

    followup_activity_id = fields.Many2one(
        "mail.activity", copy=False, groups=NO_ACCESS, ondelete="set null"
    )
    followup_need_date = fields.Date(
        copy=False,
        groups=NO_ACCESS,
        help="For which need a to-do was scheduled: whoever has done it is not asked "
        "again.",
    )
    followup_date = fields.Date(
        "Follow-up", compute="_compute_followup_date", compute_sudo=True
    )

    @api.depends("followup_activity_id.active", "followup_activity_id.date_deadline")
    def _compute_followup_date(self):
        for line in self:
            todo = line.followup_activity_id
            line.followup_date = todo.active and todo.date_deadline

    def write(self, vals):
        before = {line.id: line.order_date for line in self}
        result = super().write(vals)
        if "active" in vals:
            self._clear_followups()
        else:
            self.filtered(
                lambda line: line.order_date != before[line.id]
            )._move_followups()
        return result

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_schedule_followup(self):
        """Give whoever looks after the customer a to-do for each of these needs, on
        the day on which he has to order. A need that has one gets no second.

        :return: a notification that says how many
        :raise AccessError: for lines of a card that the user does not keep
        :raise UserError: when none of the customers has an open card
        """
        self.check_access("write")
        # sudo: only states of cards that the user keeps are read
        lines = self.filtered(
            lambda line: line.sudo().card_root_id.card_state in OPEN_STATES
        )
        if not lines:
            raise UserError(
                self.env._(
                    "%(customers)s: follow-ups are scheduled for open customer cards "
                    "only. Open or reopen the card first.",
                    customers=self.partner_id._get_card_names(),
                )
            )
        done = lines._schedule_followups()
        if done:
            message = self.env._("Follow-ups scheduled: %(count)s", count=len(done))
        else:
            message = self.env._("These needs are followed up already.")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": message,
                "type": "success" if done else "info",
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    # ------------------------------------------------------------
    # SCHEDULING
    # ------------------------------------------------------------

    @api.model
    def _cron_followup(self):
        """Schedule the follow-ups of all needs that are due, for users of companies
        that want it, in batches; whatever is interrupted goes on with the next run."""
        # sudo: every company's own setting
        companies = (
            self.env["res.company"].sudo().search([("card_need_followup", "=", True)])
        )
        if not companies:
            return
        domain = self._get_to_follow_up_domain()
        last_id = 0
        while lines := self.search(
            domain & Domain("id", ">", last_id), limit=BATCH, order="id"
        ):
            last_id = lines[-1].id
            lines = lines.try_lock_for_update(allow_referencing=True)
            lines._schedule_followups(companies)
            if not self.env["ir.cron"]._commit_progress(len(lines)):
                return

    @api.model
    def _get_to_follow_up_domain(self):
        """:return: Domain of the needs that are due and were not followed up"""
        return (
            Domain("order_date", "<=", self.env.user._card_today())
            & Domain("partner_id.active", "=", True)
            & Domain("card_root_id.card_state", "in", OPEN_STATES)
            & Domain.custom(
                to_sql=lambda model, alias, query: SQL(
                    "%s IS DISTINCT FROM %s",
                    SQL.identifier(alias, "followup_need_date"),
                    SQL.identifier(alias, "next_need_date"),
                )
            )
        )

    def _schedule_followups(self, companies=None):
        """:param companies: only for users of these
        :return: the lines that got a to-do"""
        duty = self.partner_id._get_card_duty_users()
        lines = self.filtered(
            lambda line: (
                duty[line.partner_id.id]
                and (
                    companies is None
                    or duty[line.partner_id.id].company_id in companies
                )
                # sudo: whether a to-do of somebody else is open
                and not line.sudo().followup_activity_id.active
            )
        )
        if not lines:
            return lines
        today = self.env.user._card_today()
        todos = self.env["mail.activity"]._schedule_card_todos(
            [
                (
                    line.partner_id,
                    duty[line.partner_id.id],
                    {
                        "date_deadline": max(line.order_date, today),
                        "summary": line._get_followup_summary(duty[line.partner_id.id]),
                    },
                )
                for line in lines
            ],
            FOLLOWUP,
        )
        # sudo: what the system notes down is no change of the card
        for line, todo in zip(lines.sudo(), todos, strict=True):
            line.followup_activity_id = todo
            line.followup_need_date = line.next_need_date
        return lines

    def _get_followup_summary(self, user):
        env = self.with_context(lang=user.lang).env
        return env._(
            "Needs %(product)s by %(date)s",
            product=self.product_id.name,
            date=format_date(env, self.next_need_date),
        )

    def _clear_followups(self):
        # sudo: the to-do belongs to whoever has the duty
        lines = self.sudo()
        lines.followup_activity_id.filtered("active").unlink()
        lines.filtered("followup_need_date").followup_need_date = False

    def _move_followups(self):
        """A new count moves the need, and its to-do along."""
        today = self.env.user._card_today()
        # sudo: the to-do belongs to whoever has the duty
        for line in self.sudo():
            if (todo := line.followup_activity_id) and todo.active:
                todo.write(
                    {
                        "date_deadline": max(line.order_date, today),
                        "summary": line._get_followup_summary(todo.user_id),
                    }
                )
                line.followup_need_date = line.next_need_date

    def _get_changed_labels(self, vals):
        """What the system notes down is no change of the card."""
        return super()._get_changed_labels(
            {
                name: value
                for name, value in vals.items()
                if not name.startswith("followup_")
            }
        )
