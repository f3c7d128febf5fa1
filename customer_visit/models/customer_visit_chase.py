from datetime import timedelta

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import LazyTranslate

_lt = LazyTranslate(__name__)

REPORT_TODO = "customer_visit.mail_activity_type_report_owed"
# people per transaction of the scheduled action
BATCH = 50


class CustomerVisit(models.Model):
    """A visit whose day is over is reported, or dropped: its visitor is asked for it on
    the next working morning, his manager is told after some days."""

    _inherit = "customer.visit"

    # ------------------------------------------------------------
    # HOOKS
    # ------------------------------------------------------------

    def _after_planned(self):
        result = super()._after_planned()
        (self | self.rescheduled_from_id)._clear_report_todos()
        return result

    def _after_reported(self):
        result = super()._after_reported()
        self._clear_report_todos()
        return result

    def _after_dropped(self):
        result = super()._after_dropped()
        # what was missed in a plan is still owed
        (self - self._filter_owed())._clear_report_todos()
        return result

    def _clear_report_todos(self):
        if not self.env.ref(REPORT_TODO, raise_if_not_found=False):
            return
        # sudo: the to-dos of the managers go too
        self.sudo().activity_unlink([REPORT_TODO])

    # ------------------------------------------------------------
    # CHASE
    # ------------------------------------------------------------

    @api.model
    def _cron_chase_reports(self):
        """Each hour: for everybody whose working day has begun. Idempotent while the
        to-dos are open, and resumed where it stopped."""
        people = self._get_people_who_may_owe()
        for start in range(0, len(people), BATCH):
            users = people[start : start + BATCH]._filter_at_work()
            owed = self.search(
                Domain("user_id", "in", users.ids)
                & Domain("visit_date", "<=", "today")
                & self._get_owed_domain()
            )._filter_owed()
            owed._chase_reports()
            if not self.env["ir.cron"]._commit_progress(
                len(people[start : start + BATCH])
            ):
                break

    @api.model
    def _get_people_who_may_owe(self):
        groups = self._read_group(
            # nowhere on earth it is later than tomorrow
            Domain("visit_date", "<=", "today") & self._get_owed_domain(),
            ["user_id"],
        )
        users = self.env["res.users"].browse([user.id for (user,) in groups])
        return users.filtered("active").sorted("id")

    def _chase_reports(self):
        """Ask the visitors for their reports, and tell the managers of those that are
        missing for some days."""
        self._give_report_todos(
            {visit: visit.user_id for visit in self},
            _lt("Report the visit, or put it off"),
            _lt("Your visits wait for a report"),
        )
        late = self.filtered(
            lambda visit: (
                visit.visit_date
                + timedelta(days=visit.company_id.visit_report_escalation_days)
                < visit.user_id._card_today()
            )
        )
        late._give_report_todos(
            late._get_report_managers(),
            _lt("Ask for the report of the visit"),
            _lt("Reports of visits are missing"),
        )

    def _get_report_managers(self):
        """:return: ``{visit: res.users}``: the managers of the visitor who may read the
        visit, else those of the card"""
        managers = {}
        for visit in self.sudo():
            above = visit.user_id.sale_team_id._get_card_managers() - visit.user_id
            of_card = visit.partner_id._get_card_managers() - visit.user_id
            managers[visit] = (above & of_card) or of_card
        return managers

    def _give_report_todos(self, users, summary, subject):
        """Give users a to-do on each visit, unless they have one, and tell each of them
        in one message.

        :param users: ``{visit: res.users}``
        :param summary: of the to-dos, a lazy translation
        :param subject: of the message, a lazy translation
        """
        activity_type = self.env.ref(REPORT_TODO)
        # sudo: to-dos of other people
        existing = {
            (activity.res_id, activity.user_id.id)
            for activity in self.env["mail.activity"]
            .sudo()
            .search(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "in", self.ids),
                    ("activity_type_id", "=", activity_type.id),
                ]
            )
        }
        new = [
            (visit, user)
            for visit in self
            for user in users[visit]
            if (visit.id, user.id) not in existing
        ]
        self.env["mail.activity"]._schedule_card_todos(
            [
                (
                    visit,
                    user,
                    {
                        "date_deadline": user._card_today(),
                        "summary": self.with_context(lang=user.lang).env._(summary),
                    },
                )
                for visit, user in new
            ],
            REPORT_TODO,
        )
        waiting = {}
        for visit, user in new:
            waiting[user] = waiting.get(user, self.browse()) | visit
        for user, visits in waiting.items():
            visits._tell_about_reports(user, subject)

    def _tell_about_reports(self, user, subject):
        # sudo: the receiver's address
        self.env["mail.thread"].sudo().message_notify(
            partner_ids=user.partner_id.ids,
            subject=self.with_context(lang=user.lang).env._(subject),
            body=", ".join(self.sudo().mapped("display_name")),
        )
