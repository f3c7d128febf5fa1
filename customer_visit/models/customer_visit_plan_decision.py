from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from .res_users_visit import OPEN_STATES


class CustomerVisitPlan(models.Model):
    """What the approval pipeline asks a weekly plan: who decides, what must hold, what
    an approval does."""

    _inherit = "customer.visit.plan"

    # ------------------------------------------------------------
    # WHO
    # ------------------------------------------------------------

    def _approval_cards(self):
        """For the ledger: the cards that the plan lends, or would lend."""
        return self._get_foreign_cards()

    def _approval_departments(self):
        """The manager of the person decides; where the plan takes out cards of other
        departments, somebody who manages these as well."""
        departments = super()._approval_departments()
        # sudo: to which department a plan belongs
        for plan in self.sudo():
            departments[plan.id] |= {plan.team_id}
        return departments

    def _approval_barred(self):
        """Nobody decides on his own week. A manager who has made the plan for his
        salesperson may: it is his to grant."""
        # sudo: whose plan it is
        return {plan.id: plan.sudo().user_id for plan in self}

    def _approval_filter_mine(self):
        """A plan is the person's own, whoever made it, and his managers help him."""
        user = self.env.user
        managed = set(user._card_managed_team_ids())
        # sudo: whose plan it is
        return super()._approval_filter_mine() | self.filtered(
            lambda plan: (
                plan.sudo().user_id == user or plan.sudo().team_id.id in managed
            )
        )

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def _approval_check_submit(self):
        visits = self._get_open_visits()
        for plan in self:
            if not visits[plan.id]:
                raise UserError(
                    self.env._(
                        "%(plan)s holds no visit yet. Let the system propose the "
                        "customers who are due, or plan visits for this week.",
                        plan=plan._approval_names(),
                    )
                )
            if plan.date_end < plan.user_id._card_today():
                raise UserError(
                    self.env._(
                        "%(plan)s: this week is over. Make a plan for the next one.",
                        plan=plan._approval_names(),
                    )
                )
        self._check_reports_handed_in()
        return super()._approval_check_submit()

    def _check_reports_handed_in(self):
        """Where the company says so, the next week waits for the reports of the last.

        :raise UserError: naming the visits that are owed, as far as the user may know
        """
        # sudo: the setting of the person's company, and whether he owes a report
        for plan in self.sudo().filtered("company_id.visit_plan_block"):
            owed = plan._get_owed_visits()
            if not owed:
                continue
            # the visits that the user himself may read are named
            named = owed.sudo(False)._filtered_access("read")
            raise UserError(
                self.env._(
                    "%(plan)s: visits are not reported yet (%(count)s). Report, put off "
                    "or cancel them first: %(visits)s",
                    plan=plan._approval_names(),
                    count=len(owed),
                    visits=", ".join(named[:5].mapped("display_name")) or "…",
                )
            )

    def _get_owed_visits(self):
        """:return: customer.visit: every visit of the person whose day is over and that
        he has neither reported nor dropped; those of other weeks too"""
        self.ensure_one()
        return (
            self.env["customer.visit"]
            .search(
                Domain("user_id", "=", self.user_id.id)
                & Domain("visit_date", "<", self.user_id._card_today())
                & self.env["customer.visit"]._get_owed_domain()
            )
            ._filter_owed()
        )

    def _approval_check_approve(self):
        for plan in self:
            if plan.date_end < plan.user_id._card_today():
                raise UserError(
                    self.env._(
                        "%(plan)s: this week is over. Send the plan back.",
                        plan=plan._approval_names(),
                    )
                )
        return super()._approval_check_approve()

    def _approval_on_approved(self):
        result = super()._approval_on_approved()
        self._lend_cards()
        # sudo: the visits are the person's, on cards of his department
        visits = (
            self.env["customer.visit"].sudo().union(*self._get_open_visits().values())
        )
        visits._sync_calendar()
        return result

    def _approval_move(self, state, values=None):
        """A plan that is no longer approved lends nothing."""
        approved = self.filtered(lambda plan: plan.state == "approved")
        if state == "submitted":
            # the person was asked to look at it
            self._approval_clear_todos()
        result = super()._approval_move(state, values)
        if state != "approved":
            approved._take_cards_back()
        if state == "cancelled":
            self._drop_visits()
        return result

    def _approval_check_edit(self, names):
        """:raise AccessError: for somebody who is neither the person nor a manager"""
        if "note" in names and self.filtered(lambda plan: plan.state == "refused"):
            # what was sent back is changed before it is submitted again
            self._approval_check_mine()
            names = set(names) - {"note"}
        return super()._approval_check_edit(names)

    def _approval_describe(self, state):
        """Without words: an entry is read in many languages."""
        self.ensure_one()
        # sudo: a short text for the ledger, whose readers have their own rules
        plan = self.sudo()
        text = f"{plan.user_id.name} · {plan.date_start} – {plan.date_end}"
        if state == self._approval_state_refused and plan.refusal_reason:
            return f"{text}: {plan.refusal_reason}"
        return text

    def action_complete(self):
        """Close a plan whose week is over, though not every visit was reported: the
        manager lets it go.

        :raise AccessError: for the person himself, and for others
        :raise UserError: for what is not approved, or whose week is not over
        """
        self._approval_take(("approved",))
        self._approval_check_decider()
        for plan in self:
            if plan.date_end >= plan.user_id._card_today():
                raise UserError(
                    self.env._(
                        "%(plan)s: the week is not over yet.",
                        plan=plan._approval_names(),
                    )
                )
        self._approval_move("done")
        return True

    def _check_may_arrange(self):
        """:raise AccessError, UserError: unless the user may change which visits are in
        the plan, and when: a draft the person and his managers, a submitted one whoever
        decides, an approved one again the person and his managers"""
        if self.env.su:
            return
        for plan in self:
            # sudo: in which state it is
            state = plan.sudo().state
            if state == "submitted":
                plan._approval_check_decider()
            elif state in ("draft", "approved", "refused"):
                plan._approval_check_mine()
            else:
                raise UserError(
                    self.env._(
                        "%(plan)s is over and can no longer be changed.",
                        plan=plan._approval_names(),
                    )
                )

    def _check_working_day(self, day):
        """:raise UserError: when the person does not work on that day, or it is over"""
        self.ensure_one()
        if day < self.user_id._card_today():
            raise UserError(
                self.env._(
                    "%(date)s is over: choose a day that is still to come.",
                    date=format_date(self.env, day),
                )
            )
        if not self.user_id._get_visit_times(day, day)[self.user_id.id]:
            raise UserError(
                self.env._(
                    "%(person)s does not work on %(date)s: choose another day, or have "
                    "the working hours changed.",
                    # sudo: the name of a colleague
                    person=self.sudo().user_id.name,
                    date=format_date(self.env, day),
                )
            )

    def _drop_visits(self):
        """The plan is cancelled: what was only proposed goes, what somebody planned
        stays planned on its own."""
        # sudo: the plan was the person's to cancel
        visits = self.env["customer.visit"].sudo().search([("plan_id", "in", self.ids)])
        proposed = visits._filter_proposed()
        proposed.unlink()
        (visits - proposed).filtered(lambda visit: visit.state in OPEN_STATES).write(
            {"plan_id": False}
        )
