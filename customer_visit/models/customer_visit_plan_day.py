from collections import defaultdict
from datetime import datetime, timedelta

import pytz

from odoo import api, models

from ..tools.week import Ground
from .res_users_visit import OPEN_STATES

# Roads are longer than straight lines: the average of many countries (R. H. Ballou,
# H. Rahardja, N. Sakai, "Selected country circuity factors for road travel distance
# estimation", Transportation Research Part A 36, 2002, gives 1.2 to 1.5).
DETOUR = 1.3
SPEED_KMH = 50.0
# where the way is not known
USUAL_WAY = timedelta(minutes=15)
ROUND = timedelta(minutes=5)
# in hours
VISIT_HOURS = 1.0
CALL_HOURS = 0.25


class CustomerVisitPlan(models.Model):
    """The days of a plan: the way from customer to customer, and at what time each
    visit begins.

    Before the plan is approved, ways and times come from the coordinates of the cards
    that the person may open, whoever arranges: what is hidden from him is not to be
    read off a time or a distance.
    """

    _inherit = "customer.visit.plan"

    # ------------------------------------------------------------
    # PLACES
    # ------------------------------------------------------------

    def _get_start_point(self):
        """:return: where the person's days begin and end: the coordinates of his own
        contact, else of his company, else None"""
        self.ensure_one()
        # sudo: whose plan it is
        return self._get_start_point_of(self.sudo().user_id, self.sudo().company_id)

    @api.model
    def _get_start_point_of(self, user, company):
        # sudo: where colleagues and the company are
        for place in (user.sudo().partner_id, company.sudo().partner_id):
            if place.partner_latitude or place.partner_longitude:
                return place.partner_latitude, place.partner_longitude
        return None

    def _get_stops_of_visits(self, reader=None, states=OPEN_STATES):
        """The visits of each plan as stops.

        :param reader: res.users who is to learn of the ways, beside the person
        :param states: of the visits, by default those that are still to be made
        :return: ``{plan id: {date: [Stop, …]}}``; ``key`` is the visit
        """
        visits = self._get_visits()
        open_visits = (
            self.env["customer.visit"]
            .sudo()
            .union(*visits.values())
            .filtered(lambda visit: visit.state in states and visit.visit_date)
        )
        result = {plan.id: defaultdict(list) for plan in self}
        for visit, stop in open_visits._get_stops(reader).items():
            result[visit.plan_id.id][visit.visit_date].append(stop)
        return result

    # ------------------------------------------------------------
    # TIMES
    # ------------------------------------------------------------

    def _lay_out_week(self, week, days, proposed):
        """Give the proposed stops of a week their times.

        :param week: ``{date: [Stop, …]}`` in the order of the days
        :param days: ``{date: [(from, until), …]}``, working hours where the person is
        :param proposed: ``{card id: Stop}`` of those that are not planned yet
        :return: values of the new visits; what does not end in the working hours of its
            day is left out
        """
        self.ensure_one()
        ground = Ground(sum(week.values(), []), self._get_start_point())
        values = []
        for day, stops in week.items():
            times = self._lay_out_day(ground, stops, days[day], proposed)
            for sequence, (stop, begin) in enumerate(zip(stops, times, strict=True)):
                if stop.key in proposed and begin:
                    values.append(
                        {
                            "plan_id": self.id,
                            "plan_sequence": sequence,
                            "partner_id": stop.key,
                            "user_id": self.user_id.id,
                            "company_id": self.company_id.id,
                            "method": stop.note[0],
                            "date_planned": self._to_utc(begin),
                            "duration_planned": self._get_hours(stop.note[0]),
                            "origin": "plan",
                        }
                    )
        return values

    def _lay_out_day(self, ground, stops, hours, movable):
        """:param stops: in the order of the day; the ``note`` begins with the method,
            not before, not after; of what is fixed its begin and end follow
        :param hours: working hours of the day
        :param movable: keys of the stops that get a time
        :return: a begin for each stop, None where it does not fit
        """
        fixed = [stop.note[4:6] for stop in stops if stop.key not in movable]
        free = _subtract(hours, fixed)
        legs = ground.get_legs(stops)
        now = free[0][0] if free else None
        times = []
        for stop, km in zip(stops, legs, strict=True):
            if stop.key not in movable:
                begin, end = stop.note[4:6]
                now = max(now or end, end)
                times.append(begin)
                continue
            # the first way is made before work begins
            way = self._get_way(stop, km) if times else timedelta()
            length = timedelta(hours=self._get_hours(stop.note[0]))
            begin = _find_gap(free, now + way, length, stop.note[1]) if now else None
            times.append(begin)
            if begin:
                now = begin + length
        return times

    def _get_way(self, stop, km):
        if stop.note[0] != "visit":
            return timedelta()
        return timedelta(hours=km * DETOUR / SPEED_KMH) if km else USUAL_WAY

    def _get_hours(self, method):
        """:return: how long a contact takes, in hours"""
        return (
            VISIT_HOURS if method in ("visit", "meeting", "reception") else CALL_HOURS
        )

    @api.model
    def _round_up(self, moment):
        """:return: the next round time"""
        return _round_up(moment)

    def _to_utc(self, moment):
        """:param moment: naive, where the person lives"""
        zone = pytz.timezone(self.user_id.tz or "UTC")
        return zone.localize(moment).astimezone(pytz.utc).replace(tzinfo=None)


def _subtract(hours, taken):
    """:return: ``[(from, until), …]`` of the hours that are not taken"""
    free = []
    for begin, end in sorted(hours):
        for from_, until in sorted(taken):
            if from_ < end and until > begin:
                if from_ > begin:
                    free.append((begin, from_))
                begin = max(begin, until)
        if begin < end:
            free.append((begin, end))
    return free


def _find_gap(free, moment, length, not_before=0.0):
    """:return: the first round time from ``moment`` on at which ``length`` is free, or
    None"""
    for begin, end in free:
        earliest = max(begin, moment)
        if not_before:
            midnight = datetime.combine(begin.date(), datetime.min.time())
            earliest = max(earliest, midnight + timedelta(hours=not_before))
        rounded = _round_up(earliest)
        if rounded + length <= end:
            return rounded
    return None


def _round_up(moment):
    midnight = datetime.combine(moment.date(), datetime.min.time())
    return midnight + -(-(moment - midnight) // ROUND) * ROUND
