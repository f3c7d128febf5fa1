from odoo import api, models
from odoo.fields import Domain
from odoo.tools import LazyTranslate

_lt = LazyTranslate(__name__)

# people per transaction
BATCH = 50


class CustomerVisitPlan(models.Model):
    """Drafts that the system makes for the week to come, and plans that are over."""

    _inherit = "customer.visit.plan"

    @api.model
    def _cron_prepare(self):
        """From the day on that the company says, everybody who keeps cards that are due
        next week gets a draft. Idempotent: one plan for each person and week; resumed
        where it stopped."""
        for company in self.env["res.company"].search(
            [("visit_plan_prepare_day", "!=", False)]
        ):
            people = self._get_people_without_plan(company)
            for start in range(0, len(people), BATCH):
                batch = people[start : start + BATCH]
                self._prepare_plans(batch)
                if not self.env["ir.cron"]._commit_progress(len(batch)):
                    return

    @api.model
    def _get_people_without_plan(self, company):
        """:return: res.users of the company for whom it is time to plan next week, who
        keep a card that is due then and have no plan yet, a cancelled one included"""
        prepare_day = int(company.visit_plan_prepare_day)
        groups = self.env["res.partner"]._read_group(
            [
                ("card_state", "!=", False),
                ("card_custodian_id.company_id", "=", company.id),
                # whichever day it is where the custodian is
                ("contact_due_from", "<=", "+14d"),
            ],
            ["card_custodian_id"],
        )
        users = self.env["res.users"].browse([user.id for (user,) in groups])
        users = users.filtered(
            lambda user: user.active and user._card_today().weekday() >= prepare_day
        )
        planned = {
            (plan.user_id.id, plan.date_start)
            for plan in self.search([("user_id", "in", users.ids)])
        }
        return users.filtered(
            lambda user: (user.id, self.with_user(user)._get_next_week()) not in planned
        ).sorted("id")

    @api.model
    def _prepare_plans(self, users):
        """Make drafts for these people, with their proposals, and ask them to look at
        them. Who would get an empty one gets none."""
        plans = self.create(
            [
                {
                    "user_id": user.id,
                    "requester_id": user.id,
                    "date_start": self.with_user(user)._get_next_week(),
                }
                for user in users
            ]
        )
        self._propose(plans)
        visits = plans._get_visits()
        empty = plans.filtered(lambda plan: not visits[plan.id])
        plans -= empty
        empty.unlink()
        plans._approval_schedule(
            {plan.id: plan.user_id for plan in plans},
            _lt("Look at your plan of the week, and submit it"),
            _lt("Your next week is proposed"),
        )
        return plans

    @api.model
    def _cron_close(self):
        """Approved plans whose week is over and whose visits are all reported, or
        dropped, or planned anew, are completed."""
        plans = self.search([("state", "=", "approved"), ("date_end", "<", "today")])
        Visit = self.env["customer.visit"]
        owed = Visit._read_group(
            Domain("plan_id", "in", plans.ids) & Visit._get_owed_domain(), ["plan_id"]
        )
        owing = self.union(*(plan for (plan,) in owed))
        over = (plans - owing).filtered(
            lambda plan: plan.date_end < plan.user_id._card_today()
        )
        over._approval_move("done")
