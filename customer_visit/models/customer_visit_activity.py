from datetime import datetime, time

from pytz import timezone, utc

from odoo import api, fields, models
from odoo.tools import html2plaintext

from .res_users_visit import OPEN_STATES

# an activity has a day and no time
USUAL_HOUR = 9


def _zone(user):
    return timezone(user.tz or "UTC")


def _moment(day, hour, zone):
    """:return: naive datetime in UTC, of an hour on a day in a time zone"""
    local = zone.localize(datetime.combine(day, hour))
    return local.astimezone(utc).replace(tzinfo=None)


class CustomerVisit(models.Model):
    """The visit's side of the link with the activity that announced it."""

    _inherit = "customer.visit"

    # ------------------------------------------------------------
    # HOOKS
    # ------------------------------------------------------------

    def _after_planned(self):
        result = super()._after_planned()
        self._move_source_activities()
        return result

    def _after_contact(self):
        result = super()._after_contact()
        self._finish_source_activities()
        return result

    def _after_dropped(self):
        result = super()._after_dropped()
        # what was missed is still to be done; what was cancelled is not
        cancelled = self.filtered(lambda visit: visit.state == "cancelled")
        cancelled._get_source_activities().unlink()
        return result

    # ------------------------------------------------------------
    # ACTIVITIES
    # ------------------------------------------------------------

    def _get_source_activities(self):
        """:return: the activities that announced these visits and are still to do"""
        if not self:
            return self.env["mail.activity"]
        # sudo: an activity is seen by its assignee, the visit is moved by any keeper
        return self.env["mail.activity"].sudo().search([("visit_id", "in", self.ids)])

    def _move_source_activities(self):
        """Give the activities the day and the visitor of their visits."""
        for todo in self._get_source_activities():
            visit = todo.visit_id
            values = {}
            if todo.user_id and todo.user_id != visit.user_id:
                values["user_id"] = visit.user_id.id
            day = visit._get_planned_day()
            if day and todo.date_deadline != day:
                values["date_deadline"] = day
            if values:
                todo.with_context(mail_activity_quick_update=True).write(values)

    def _finish_source_activities(self):
        todos = self._get_source_activities()
        for report, done in todos.grouped(lambda todo: todo.visit_id.report).items():
            done.action_feedback(feedback=html2plaintext(report or "") or False)

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    @api.model
    def _get_purpose(self, code):
        """:return: the purpose with this technical name, empty when it was deleted"""
        # sudo: the catalogue is everybody's, also a cron's
        return (
            self.env["customer.visit.purpose"]
            .sudo()
            .search([("code", "=", code)], limit=1)
        )

    @api.model
    def _get_target_values(self, partner):
        """:param partner: a contact of a card, or the card itself
        :return: values of a visit at his card, where he is met"""
        card = partner.card_root_id
        values = {"partner_id": card.id}
        if partner != card:
            values["contact_ids"] = [fields.Command.link(partner.id)]
        return values

    @api.model
    def _get_contact_company(self, user):
        """:return: the company for which ``user`` makes a contact"""
        company = self.env.company
        return company if company in user.sudo().company_ids else user.company_id

    def _filter_planned(self):
        """:return: the visits that can still be moved"""
        return self.filtered(lambda visit: visit.state in ("planned", "prepared"))

    def _get_planned_day(self):
        """:return: the day for which the visit is planned, where its visitor lives"""
        self.ensure_one()
        if not self.date_planned:
            return False
        return utc.localize(self.date_planned).astimezone(_zone(self.user_id)).date()

    def _get_time_on_day(self, day):
        """:return: datetime in UTC: the hour of this visit on another day"""
        self.ensure_one()
        if not self.date_planned:
            return False
        zone = _zone(self.user_id)
        return _moment(
            day, utc.localize(self.date_planned).astimezone(zone).time(), zone
        )

    @api.model
    def _get_usual_time(self, user, day):
        """:return: datetime in UTC: the hour of ``user`` for contacts that have a day
        alone"""
        return _moment(day, time(USUAL_HOUR), _zone(user))

    def _call_off_meeting(self):
        """The meetings of these planned visits were called off in the calendar."""
        if self:
            self.action_cancel(
                self.env._("The meeting was called off in the calendar.")
            )

    def _record_done(self, report):
        """These planned contacts have taken place, and this is the report. Without one,
        or where the checklist still asks for something, the report is owed.

        The caller has checked the user.

        :param report: HTML or False
        """
        now = fields.Datetime.now()
        visits = self.filtered(lambda visit: visit.state in OPEN_STATES)
        reported = visits.filtered(
            lambda visit: report and not visit._get_missing_answers()
        )
        for visit in visits:
            start, end = visit._get_actual_times(now)
            values = {"date_start": start, "date_end": end, "state": "report_due"}
            if report:
                values["report"] = report
            if visit in reported:
                values.update(state="reported", date_reported=now)
            visit._visit_through_door().write(values)
        visits._after_contact()
        if reported:
            reported._log_visits("visit_reported")
            reported._after_reported()

    def _get_actual_times(self, now):
        """:return: ``(start, end)``: checked in, as the meeting was fixed in the
        calendar, or just now"""
        self.ensure_one()
        if self.date_start:
            return self.date_start, self.date_end or now
        event = self.calendar_event_id.sudo()
        if event and event.stop <= now:
            return event.start, event.stop
        return now, now
