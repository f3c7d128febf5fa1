from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Command

from .customer_visit_activity import USUAL_HOUR

# contacts that take up an hour of the day
CALENDAR_METHODS = ("visit", "reception", "phone", "meeting")
# what gives a visit a day, and no hour of its own
DAY_ORIGINS = ("activity", "stage", "followup")
# nobody is written to: the customer is invited by hand, or not at all
QUIET = {
    "no_mail_to_attendees": True,
    "skip_attendee_notification": True,
    "skip_contact_description": True,
    "mail_create_nosubscribe": True,
    "mail_create_nolog": True,
    "mail_notrack": True,
    "mail_activity_meeting_update": True,
}


class CustomerVisit(models.Model):
    """A planned visit stands in its visitor's calendar, for him alone: a private
    meeting without the customer among its attendees, so that moving it never sends
    him an e-mail."""

    _inherit = "customer.visit"

    calendar_event_id = fields.Many2one(
        "calendar.event",
        "Meeting",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
        copy=False,
    )

    # ------------------------------------------------------------
    # HOOKS
    # ------------------------------------------------------------

    @api.model
    def _get_system_fields(self):
        return super()._get_system_fields() | {
            "calendar_event_id",
            "event_id",
            "stage_contact_id",
        }

    def unlink(self):
        # sudo: the meeting was made for the visit, whoever deletes it
        own = self.sudo().calendar_event_id.filtered(
            lambda event: event.res_model == "customer.visit"
        )
        result = super().unlink()
        own.with_context(**QUIET).unlink()
        return result

    def _after_planned(self):
        result = super()._after_planned()
        self._sync_calendar()
        return result

    def _after_dropped(self):
        result = super()._after_dropped()
        self._drop_calendar()
        return result

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_meeting(self):
        """:return: the action that opens the meeting of this visit"""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "calendar.event",
            "res_id": self.calendar_event_id.id,
            "view_mode": "form",
        }

    # ------------------------------------------------------------
    # CALENDAR
    # ------------------------------------------------------------

    def _sync_calendar(self):
        """Bring the meetings of planned visits up to date, and make the missing ones
        at once."""
        # sudo: a private meeting is its organiser's; the visit is moved by any keeper
        visits = self.sudo()._filter_planned().with_context(**QUIET)
        for visit in visits.filtered("calendar_event_id"):
            visit._move_meeting()
        missing = visits.filtered(
            lambda visit: not visit.calendar_event_id and visit._takes_an_hour()
        )
        if not missing:
            return
        events = self.env["calendar.event"].sudo().with_context(**QUIET)
        alarms = self._get_meeting_alarms()
        events = events.create([visit._get_meeting_values(alarms) for visit in missing])
        for visit, event in zip(missing, events, strict=True):
            visit.calendar_event_id = event

    def _takes_an_hour(self):
        """:return: whether the visit has a time of its own. An activity, a stage or a
        cycle gives a day alone: the visit is put into the calendar when somebody sets
        its hour."""
        self.ensure_one()
        if not self.date_planned or self.method not in CALENDAR_METHODS:
            return False
        if self.origin not in DAY_ORIGINS:
            return True
        day = fields.Datetime.context_timestamp(
            self.with_context(tz=self.user_id.tz or "UTC"), self.date_planned
        )
        return (day.hour, day.minute) != (USUAL_HOUR, 0)

    def _get_meeting_values(self, alarms):
        """:param alarms: the reminders of each meeting
        :return: values of the meeting of one visit"""
        self.ensure_one()
        partner = self.user_id.partner_id
        return {
            "name": self.display_name,
            "user_id": self.user_id.id,
            "partner_ids": [Command.set(partner.ids)],
            "attendee_ids": [
                Command.create({"partner_id": partner.id, "state": "accepted"})
            ],
            "privacy": "private",
            "res_model_id": self.env["ir.model"]._get_id("customer.visit"),
            "res_id": self.id,
            "activity_ids": [],
            "alarm_ids": [Command.set(alarms.ids)],
            **self._get_meeting_time(),
        }

    def _get_meeting_alarms(self):
        """:return: the reminders of the meeting of a visit"""
        alarm = self.env.ref("calendar.alarm_notif_1", raise_if_not_found=False)
        return alarm or self.env["calendar.alarm"]

    def _get_meeting_time(self):
        self.ensure_one()
        hours = self.duration_planned or 0.5
        return {
            "start": self.date_planned,
            "stop": self.date_planned + timedelta(hours=hours),
            "allday": False,
        }

    def _move_meeting(self):
        """Give the meeting the time and the visitor of its visit, where they differ."""
        self.ensure_one()
        event = self.calendar_event_id
        values = {}
        if self.date_planned and event.start != self.date_planned and not event.allday:
            values.update(self._get_meeting_time())
        if event.user_id != self.user_id:
            values["user_id"] = self.user_id.id
            values["partner_ids"] = [
                Command.link(self.user_id.partner_id.id),
                Command.unlink(event.user_id.partner_id.id),
            ]
        if event.res_model == "customer.visit" and event.name != self.display_name:
            values["name"] = self.display_name
        if values:
            event.write(values)

    def _drop_calendar(self):
        """Take meetings out of the calendar none of whose visits takes place."""
        # sudo: as above
        events = self.sudo().calendar_event_id.with_context(**QUIET)
        dropped = events.filtered(
            lambda event: (
                event.active
                and all(
                    visit.state in ("cancelled", "missed") for visit in event.visit_ids
                )
                and any(visit.state == "cancelled" for visit in event.visit_ids)
            )
        )
        if dropped:
            dropped.write({"active": False})
