from datetime import timedelta
from urllib.parse import urlencode

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import formatLang

from ..tools.route import get_length, get_matrix
from .customer_visit import OUTDOOR_METHODS
from .res_users_visit import DONE_STATES, OPEN_STATES

METHOD_ICONS = {
    "visit": "fa-car",
    "reception": "fa-building-o",
    "phone": "fa-phone",
    "letter": "fa-envelope-o",
    "sms": "fa-commenting-o",
    "email": "fa-at",
    "meeting": "fa-users",
    "hotline": "fa-headphones",
}
STATE_TONES = {
    "planned": "secondary",
    "prepared": "info",
    "in_progress": "primary",
    "report_due": "warning",
    "reported": "success",
    "reviewed": "success",
    "missed": "danger",
    "cancelled": "secondary",
}
# with a beginning and an end; of the others there is only a report
CHECK_IN_METHODS = ("visit", "reception", "meeting")
MAPS = "https://www.google.com/maps/dir/?api=1&"
# Google Maps leads over so many stops before the last one
MOST_STOPS = 9
# how far back what was left undone is shown, and what the system has given up
LEFT_DAYS = 31
MISSED_DAYS = 7


class CustomerMyDay(models.AbstractModel):
    """The user's visits in My Day: today's route, what is left of earlier days, the
    reports that he owes."""

    _inherit = "customer.my.day"

    @api.model
    def _get_day_blocks(self):
        return [*super()._get_day_blocks(), (20, "reports"), (30, "left")]

    # ------------------------------------------------------------
    # ROUTE
    # ------------------------------------------------------------

    @api.model
    def _get_route_block(self, day):
        visits = self._get_own_visits().search(
            self._get_own_domain(day, day), order=self._get_route_order()
        )
        rows = self._get_visit_rows(visits)
        is_today = day == self.env.user._card_today()
        self._mark_next(rows if is_today else [])
        outdoor = visits.filtered(
            lambda visit: (
                visit.method in OUTDOOR_METHODS
                and visit.state not in ("missed", "cancelled")
            )
        )
        return self._make_block(
            "route",
            self.env._("Today's Route") if is_today else self.env._("Route"),
            "fa-map-signs",
            rows,
            column="main",
            maps=self._get_route_address(
                self._get_places(
                    outdoor.filtered(lambda visit: visit.state in OPEN_STATES)
                )
            ),
            km=self._get_route_km(self._get_places(outdoor)),
            empty={
                "title": self.env._("Nothing planned for this day"),
                "text": self.env._(
                    "Plan a visit, or take one of the customers who are due."
                ),
                "button": self.env._("Plan a Visit"),
                "model": "customer.visit",
                "context": {"default_date_planned": f"{day} 08:00:00"},
            },
        )

    @api.model
    def _mark_next(self, rows):
        """The stop that is on, else the first one ahead, is what one does next: its
        button stands out, and those of the reports that are owed."""
        ahead = [row for row in rows if not row["done"]]
        on = [row for row in ahead if row["state"] == "in_progress"]
        for row in (on or ahead)[:1]:
            row["next"] = True
        for row in ahead:
            for button in row["buttons"]:
                button["primary"] = button["primary"] and row["next"]

    @api.model
    def _get_route_order(self):
        """:return: the order of a day's stops"""
        return "date_planned, plan_sequence, id"

    @api.model
    def _get_route_km(self, places):
        """:param places: of the stops, see ``_get_places``
        :return: the length of the way from the first to the last stop, as the crow
            flies; False if one of them is not on the map"""
        if not all(isinstance(place, tuple) for place in places):
            return False
        length = get_length(get_matrix(places), range(len(places)))
        if length < 1:
            return False
        return self.env._("≈ %(km)s km", km=formatLang(self.env, length, digits=0))

    @api.model
    def _get_visit_rows(self, visits):
        """:param visits: the user's own (sudo)
        :return: rows; what is not the plain name is read with the user's rights"""
        own = visits.sudo(False)
        readable = own._filtered_access("read")
        names = self._get_plain_names(visits.partner_id)
        place_of = self._get_place_of(visits)
        labels = {
            name: dict(visits._fields[name]._description_selection(self.env))
            for name in ("state", "method")
        }
        return [
            self._get_visit_row(
                visit,
                names,
                labels,
                place_of,
                may_open=visit.sudo(False) in readable,
            )
            for visit in visits
        ]

    @api.model
    def _get_visit_row(self, visit, names, labels, place_of, may_open):
        done = visit.state in DONE_STATES
        row = self._make_row(
            visit.id,
            names[visit.partner_id.id],
            when=self._format_time(visit.date_start or visit.date_planned),
            icon=METHOD_ICONS.get(visit.method, "fa-comment-o"),
            method=labels["method"][visit.method],
            note=labels["method"][visit.method],
            state=visit.state,
            badges=[(labels["state"][visit.state], STATE_TONES[visit.state])],
            done=done or visit.state in ("missed", "cancelled"),
            next=False,
        )
        if not may_open:
            return row
        own = visit.sudo(False)
        parts = [row["method"], own.purpose_id.name]
        if visit.method in OUTDOOR_METHODS:
            place = place_of[visit.id]
            parts += [", ".join(filter(None, (place.street, place.city)))]
        row.update(
            model="customer.visit",
            id=visit.id,
            note=" · ".join(filter(None, parts)),
            objective=own.objective or "",
            buttons=self._get_visit_buttons(own),
            links=self._get_visit_links(own),
        )
        return row

    @api.model
    def _get_visit_links(self, visit):
        """:return: how to reach the customer, if the user may open his card"""
        links = []
        if visit.customer_phone:
            links.append(self._make_phone_link(visit.customer_phone))
        if visit.customer_map_url and visit.method in OUTDOOR_METHODS:
            links.append(
                (
                    "fa-location-arrow",
                    self.env._("Show the Way"),
                    visit.customer_map_url,
                )
            )
        return links

    @api.model
    def _make_phone_link(self, phone):
        return "fa-phone", self.env._("Call"), "tel:" + phone.replace(" ", "")

    @api.model
    def _get_place_of(self, visits):
        """:param visits: the user's own (sudo)
        :return: ``{visit id: res.partner}``: the address or the card where it takes
            place, empty where the user may not read it"""
        partners = (visits.address_id | visits.partner_id).sudo(False)
        readable = partners._filtered_access("read")
        return {
            visit.id: (visit.address_id or visit.partner_id).sudo(False) & readable
            for visit in visits
        }

    @api.model
    def _get_places(self, visits):
        """:param visits: the user's own (sudo)
        :return: where they take place, in order: ``(latitude, longitude)``, else the
            address as text"""
        places = []
        for partner in self._get_place_of(visits).values():
            if partner.partner_latitude or partner.partner_longitude:
                places.append((partner.partner_latitude, partner.partner_longitude))
            elif address := ", ".join(
                filter(None, (partner.street, partner.zip, partner.city))
            ):
                places.append(address)
        return places

    @api.model
    def _get_route_address(self, places):
        """:return: the address of a map with the way over these places, or False"""
        texts = [
            place if isinstance(place, str) else f"{place[0]:.6f},{place[1]:.6f}"
            for place in places[: MOST_STOPS + 1]
        ]
        if len(texts) < 2:
            return False
        *stops, last = texts
        return MAPS + urlencode({"destination": last, "waypoints": "|".join(stops)})

    @api.model
    def _get_visit_buttons(self, visit):
        """:return: the next thing to do with a visit comes first"""
        start = self._make_button(
            self.env._("Check In"),
            visit,
            "action_start",
            "fa-sign-in",
            primary=True,
        )
        end = self._make_button(
            self.env._("Check Out"),
            visit,
            "action_end",
            "fa-sign-out",
            primary=True,
        )
        prepare = self._make_button(
            self.env._("Prepare")
            if visit.state == "planned"
            else self.env._("Preparation"),
            visit,
            "action_open_preparation",
            "fa-book",
            compact=True,
        )
        report = self._make_button(
            self.env._("Report"),
            visit,
            "action_open_report",
            "fa-pencil",
            primary=True,
        )
        move = self._make_button(
            self.env._("Another Time"), visit, "action_reschedule", "fa-calendar"
        )
        begin = start if visit.method in CHECK_IN_METHODS else report
        ahead = [begin, prepare]
        today = self.env.user._card_today()
        if visit.visit_date and visit.visit_date > today:
            # nobody checks in before the day
            ahead = [prepare]
        elif visit.visit_date and visit.visit_date < today:
            ahead = [move, {**report, "primary": False}]
        return {
            "planned": ahead,
            "prepared": ahead,
            "in_progress": [end, prepare],
            "report_due": [report],
            "missed": [] if visit.rescheduled_ids else [move],
        }.get(visit.state, [])

    # ------------------------------------------------------------
    # OWED
    # ------------------------------------------------------------

    @api.model
    def _get_reports_block(self, day):
        """The reports that the user owes, the oldest first; those of the day itself
        are on its route."""
        today = self.env.user._card_today()
        visits = self._get_own_visits().search(
            self._get_own_domain(today - timedelta(days=366), today)
            & Domain("state", "=", "report_due")
            & Domain("visit_date", "!=", day),
            order="visit_date, date_start, id",
        )
        rows = self._get_visit_rows(visits[: self._get_most_rows()])
        for row, visit in zip(rows, visits, strict=False):
            row.update(
                when=self._format_day(visit.visit_date),
                late=visit.visit_date < today,
                done=False,
                badges=[],
            )
        return self._make_block(
            "reports",
            self.env._("Reports Owed"),
            "fa-pencil-square-o",
            rows,
            count=len(visits),
            tone="warning",
            action="customer_visit.customer_visit_action",
            context={"search_default_mine": 1, "search_default_report_due": 1},
        )

    @api.model
    def _get_left_block(self, day):
        """What was planned for earlier days and has neither been done nor called off,
        the latest first."""
        today = self.env.user._card_today()
        visits = self._get_own_visits().search(
            self._get_own_domain(
                today - timedelta(days=LEFT_DAYS), today - timedelta(days=1)
            )
            & (
                Domain("state", "in", OPEN_STATES)
                | Domain("state", "=", "missed")
                & Domain("rescheduled_ids", "=", False)
                & Domain("visit_date", ">=", today - timedelta(days=MISSED_DAYS))
            ),
            order="visit_date DESC, id",
        )
        rows = self._get_visit_rows(visits[: self._get_most_rows()])
        for row, visit in zip(rows, visits, strict=False):
            row.update(
                when=self._format_day(visit.visit_date),
                late=True,
                done=False,
                badges=row["badges"] if visit.state == "missed" else [],
            )
        return self._make_block(
            "left",
            self.env._("Planned and Not Done"),
            "fa-history",
            rows,
            count=len(visits),
            tone="danger",
        )
