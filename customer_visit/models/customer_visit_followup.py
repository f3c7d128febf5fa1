from datetime import datetime, time, timedelta

from pytz import timezone, utc

from odoo import api, fields, models

from .customer_followup import CURRENT_STATES

# When nothing else is known a visit is planned for this hour of the visitor's day.
USUAL_HOUR = 9
# Within so many days a company works again.
LONGEST_BREAK = 31


class CustomerVisit(models.Model):
    """A visit can be a step of a follow-up: what becomes of it moves the cycle."""

    _inherit = "customer.visit"

    followup_line_id = fields.Many2one(
        "customer.followup.line",
        "Follow-up Step",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )

    @api.model
    def _get_system_fields(self):
        return super()._get_system_fields() | {"followup_line_id"}

    # ------------------------------------------------------------
    # HOOKS
    # ------------------------------------------------------------

    def _after_planned(self):
        result = super()._after_planned()
        self._take_over_followups()
        for visit in self._get_followup_visits():
            line = visit.followup_line_id
            if line.visit_id == visit and line.date_due != visit.visit_date:
                line._through_door().write({"date_due": visit.visit_date})
        return result

    def _after_contact(self):
        result = super()._after_contact()
        self._get_followup_visits().followup_line_id._settle_by_visits()
        return result

    def _after_reported(self):
        result = super()._after_reported()
        self._get_followup_visits().followup_line_id._settle_by_visits()
        return result

    def _after_dropped(self):
        """A step whose visit did not take place is still to come: somebody decides
        whether it is planned again or skipped."""
        result = super()._after_dropped()
        lines = self._get_followup_visits().followup_line_id.filtered(
            lambda line: line.state == "planned" and line.visit_id in self.sudo()
        )
        for line in lines:
            line._through_door().write({"state": "to_plan"})
        return result

    def _get_missing_next_step(self):
        """The next step of a cycle is planned by the cycle."""
        # sudo: whether something follows, for whoever makes the visit
        followup = self.sudo().followup_line_id.followup_id
        if followup.state == "running" and not (self.next_step or self.next_date):
            open_lines = followup.line_ids.filtered(
                lambda line: line.state in ("waiting", *CURRENT_STATES)
            )
            if open_lines - self.sudo().followup_line_id:
                return []
        return super()._get_missing_next_step()

    def _take_over_followups(self):
        """A visit planned instead of one that was missed or cancelled takes over its
        step."""
        # sudo: a cycle goes on, whoever plans the visit
        for visit in self.sudo().filtered("rescheduled_from_id"):
            line = visit.rescheduled_from_id.followup_line_id
            if line.state == "to_plan" and not visit.followup_line_id:
                visit.followup_line_id = line
                line._through_door().write({"state": "planned", "visit_id": visit.id})

    def _get_followup_visits(self):
        # sudo: a cycle goes on, whoever makes the visit
        return self.sudo().filtered("followup_line_id")

    # ------------------------------------------------------------
    # PLANNING
    # ------------------------------------------------------------

    @api.model
    def _plan_followup_visits(self, vals_list):
        """Plan the visits of follow-up steps.

        :param vals_list: values, each with ``followup_line_id``
        :return: the visits, as superuser
        """
        # sudo: the visitor is whoever looks after the card; the cycle has checked it
        return (
            self.sudo()
            .with_context(mail_auto_subscribe_no_notify=True)
            .create(vals_list)
        )

    @api.model
    def _get_next_working_moment(self, user, company, day):
        """When ``user`` can make a visit that is due on ``day``.

        :param user: res.users
        :param company: res.company whose working hours count
        :param day: the day, or the first working day after it
        :return: datetime (UTC, naive), in the future
        """
        tz = timezone(user.tz or "UTC")
        now = utc.localize(fields.Datetime.now())
        # sudo: working hours of a company are no secret
        calendar = company.sudo().resource_calendar_id
        start = tz.localize(datetime.combine(day, time.min))
        days = [
            start.date() + timedelta(days=offset) for offset in range(LONGEST_BREAK)
        ]
        if calendar:
            intervals = calendar._work_intervals_batch(
                start, start + timedelta(days=LONGEST_BREAK), tz=tz
            )[False]
            spans = [(begin, end) for begin, end, _meta in intervals]
        else:
            spans = [
                (
                    tz.localize(datetime.combine(one, time(USUAL_HOUR))),
                    tz.localize(datetime.combine(one, time(USUAL_HOUR + 8))),
                )
                for one in days
                if one.weekday() < 5
            ]
        for begin, end in spans:
            usual = tz.localize(
                datetime.combine(begin.astimezone(tz).date(), time(USUAL_HOUR))
            )
            moment = max(begin, usual)
            if moment < end and moment > now:
                return moment.astimezone(utc).replace(tzinfo=None)
        usual = tz.localize(datetime.combine(day, time(USUAL_HOUR)))
        return max(usual, now).astimezone(utc).replace(tzinfo=None, microsecond=0)
