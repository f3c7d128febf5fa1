from collections import defaultdict
from datetime import datetime, time, timedelta

import pytz

from odoo import fields, models
from odoo.fields import Domain

# where a company has no working hours: Monday to Friday, 9 to 17
USUAL_HOURS = (time(9), time(17))
# nobody is asked for anything in the night
FIRST_HOUR = 7


class ResUsers(models.Model):
    """Whose weekly plans a user sees, and when a person can visit."""

    _inherit = "res.users"

    # ------------------------------------------------------------
    # POLICY
    # ------------------------------------------------------------

    def _visit_plan_domain(self):
        """:return: Domain on customer.visit.plan: one's own, and those of the
        departments that one manages; an administrator all of them"""
        self.ensure_one()
        if self._is_card_admin():
            return Domain.TRUE
        domain = Domain("user_id", "=", self.id)
        if team_ids := self._card_managed_team_ids():
            domain |= Domain("team_id", "in", list(team_ids))
        return domain

    # ------------------------------------------------------------
    # WORKING TIMES
    # ------------------------------------------------------------

    def _get_visit_times(self, first, last):
        """When these people work: the working hours of their own resource, else of
        their company, without leaves and public holidays.

        The number of queries depends on the number of calendars and time zones, not on
        the number of people.

        :param first: date
        :param last: date
        :return: ``{user id: {date: [(from, until), …]}}``, naive datetimes where the
            person lives; a day on which he does not work has no key
        """
        # sudo: when a colleague works is told as free or busy, without a reason
        users = self.sudo()
        Resource = self.env["resource.resource"].sudo()
        resources = {
            resource.user_id: resource
            for resource in Resource.search(
                [("user_id", "in", users.ids)], order="id DESC"
            )
            if resource.company_id in (resource.user_id.company_id, Resource.company_id)
        }
        groups = defaultdict(users.browse)
        for user in users:
            resource = resources.get(user)
            calendar = (
                resource.calendar_id if resource else None
            ) or user.company_id.resource_calendar_id
            groups[calendar, user.tz or "UTC"] |= user
        times = {}
        for (calendar, tz), group in groups.items():
            zone = pytz.timezone(tz)
            if not calendar:
                times.update(
                    (user.id, self._get_usual_times(first, last)) for user in group
                )
                continue
            intervals = calendar._work_intervals_batch(
                zone.localize(datetime.combine(first, time.min)),
                zone.localize(datetime.combine(last, time.max)),
                resources=Resource.union(
                    *(resources[user] for user in group if user in resources)
                ),
                tz=zone,
            )
            for user in group:
                resource = resources.get(user)
                times[user.id] = self._group_by_day(
                    intervals[resource.id if resource else False], zone
                )
        return times

    def _get_usual_times(self, first, last):
        days = (first + timedelta(days=i) for i in range((last - first).days + 1))
        return {
            day: [tuple(datetime.combine(day, hour) for hour in USUAL_HOURS)]
            for day in days
            if day.weekday() < 5
        }

    def _group_by_day(self, intervals, zone):
        days = defaultdict(list)
        for start, stop, _meta in intervals:
            local = start.astimezone(zone).replace(tzinfo=None)
            days[local.date()].append(
                (local, stop.astimezone(zone).replace(tzinfo=None))
            )
        return dict(days)

    def _filter_at_work(self):
        """:return: the users whose today is a working day and has begun"""
        if not self:
            return self
        days = {user: user._card_today() for user in self}
        times = self._get_visit_times(min(days.values()), max(days.values()))
        now = pytz.utc.localize(fields.Datetime.now())
        return self.filtered(
            lambda user: (
                days[user] in times[user.id]
                and now.astimezone(pytz.timezone(user.tz or "UTC")).hour >= FIRST_HOUR
            )
        )
