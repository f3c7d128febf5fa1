import pytz

from odoo import api, fields, models

from .customer_visit_state import PLANNED_STATES


class CustomerVisit(models.Model):
    """Visits that nobody made, and visits that nobody ended."""

    _inherit = "customer.visit"

    @api.model
    def _to_utc(self, moment, tz):
        """:param moment: naive datetime in the time zone ``tz``
        :return: naive datetime in UTC"""
        zone = pytz.timezone(tz)
        return zone.localize(moment).astimezone(pytz.utc).replace(tzinfo=None)

    @api.model
    def _cron_close_days(self):
        """Each hour: visits whose day is over, where their visitor lives.

        Who forgot to check out gets his report to write; what was planned and did not
        take place is missed after the days that the company allows. Idempotent, and
        resumed where it stopped.
        """
        self._close_forgotten()
        self._close_missed()

    @api.model
    def _close_forgotten(self):
        visits = self.search([("state", "=", "in_progress")])
        for user, group in visits.grouped("user_id").items():
            for visit in group:
                if visit.visit_date >= user._card_today():
                    continue
                visit = visit.try_lock_for_update(allow_referencing=True)
                visit.invalidate_recordset(["state"])
                if visit.state == "in_progress":
                    visit._set_taken_place()
                    self.env["ir.cron"]._commit_progress(1)

    @api.model
    def _close_missed(self):
        """Those of one person and company have one border."""
        for company, user in self._get_planned_people():
            border = fields.Date.subtract(
                user._card_today(), days=company.visit_missed_days
            )
            visits = self.search(
                [
                    ("state", "in", PLANNED_STATES),
                    ("company_id", "=", company.id),
                    ("user_id", "=", user.id),
                    ("visit_date", "<", border),
                ]
            )
            visits = visits.try_lock_for_update(allow_referencing=True)
            visits.invalidate_recordset(["state"])
            visits = visits.filtered(lambda visit: visit.state in PLANNED_STATES)
            if visits:
                visits._move_visits("missed")
                visits._after_dropped()
                self.env["ir.cron"]._commit_progress(len(visits))

    @api.model
    def _get_planned_people(self):
        """:return: ``[(company, user), …]`` with visits whose day may be over"""
        # nowhere on earth it is later than tomorrow
        return self._read_group(
            [("state", "in", PLANNED_STATES), ("visit_date", "<=", "today")],
            ["company_id", "user_id"],
        )
