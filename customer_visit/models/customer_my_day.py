from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import format_date, format_time

# rows of a block; the rest is behind "See all"
MOST_ROWS = 8
# days before and after today that can be looked at
MOST_DAYS = 366


class CustomerMyDay(models.AbstractModel):
    """The start page of a salesperson: what is to be done today, read by one call and
    a number of queries that does not depend on how much it is.

    The page is a list of blocks. An addon, or a topic of this one, adds its own by
    extending ``_get_day_blocks`` and writing ``_get_<code>_block(day)``, which returns
    ``_make_block(…)`` with rows of ``_make_row(…)``, or nothing. A block reads with the
    rights of the user; of a card that he may not open it shows the plain name only.
    """

    _name = "customer.my.day"
    _description = "My Day"

    # ------------------------------------------------------------
    # HOOKS
    # ------------------------------------------------------------

    @api.model
    def _get_day_blocks(self):
        """Hook: the blocks of the page.

        :return: list of ``(sequence, code)``; the page shows them by sequence
        """
        return [(10, "route")]

    # ------------------------------------------------------------
    # PAGE
    # ------------------------------------------------------------

    @api.model
    def get_day(self, day=None):
        """All that the page shows.

        :param day: date or its text; by default the user's today
        :return: dict that can be sent as JSON: ``day``, ``today``, ``title``,
            ``greeting``, ``week`` (a list of days), ``progress`` and ``blocks``
        :raise AccessError: for users that are not internal
        """
        user = self.env.user
        if not user._has_group("base.group_user"):
            raise AccessError(self.env._("My Day is a page for internal users."))
        today = user._card_today()
        day = self._check_day(day, today)
        found = (
            getattr(self, f"_get_{code}_block")(day)
            for _sequence, code in sorted(self._get_day_blocks())
        )
        return {
            "day": fields.Date.to_string(day),
            "today": fields.Date.to_string(today),
            "title": format_date(self.env, day, date_format="EEEE d MMMM"),
            "greeting": self._get_greeting(),
            "week": self._get_week(day, today),
            "progress": self._get_progress(day),
            "blocks": [block for block in found if block],
        }

    @api.model
    def _check_day(self, day, today):
        """:return: the date that the client asks for, today where it makes no sense"""
        try:
            day = fields.Date.to_date(day) or today
        except (TypeError, ValueError):
            return today
        return day if abs((day - today).days) <= MOST_DAYS else today

    @api.model
    def _get_greeting(self):
        hour = fields.Datetime.context_timestamp(
            self.with_context(tz=self._get_tz()), fields.Datetime.now()
        ).hour
        name = (self.env.user.name or "").split(" ")[0]
        if hour < 12:
            return self.env._("Good morning, %(name)s", name=name)
        if hour < 18:
            return self.env._("Good afternoon, %(name)s", name=name)
        return self.env._("Good evening, %(name)s", name=name)

    @api.model
    def _get_week(self, day, today):
        """:return: the seven days of the week of ``day`` with the number of visits"""
        monday = day - timedelta(days=day.weekday())
        days = [monday + timedelta(days=number) for number in range(7)]
        counts = dict(
            self._get_own_visits()._read_group(
                self._get_own_domain(days[0], days[-1])
                & Domain("state", "!=", "cancelled"),
                ["visit_date:day"],
                ["__count"],
            )
        )
        return [
            {
                "day": fields.Date.to_string(one),
                "name": format_date(self.env, one, date_format="EEE"),
                "number": one.day,
                "label": format_date(self.env, one, date_format="EEEE d MMMM"),
                "count": counts.get(one, 0),
                "is_today": one == today,
                "is_chosen": one == day,
            }
            for one in days
        ]

    @api.model
    def _get_progress(self, day):
        """:return: how many of the day's contacts took place"""
        counts = dict(
            self._get_own_visits()._read_group(
                self._get_own_domain(day, day)
                & Domain("state", "not in", ("cancelled", "missed")),
                ["state"],
                ["__count"],
            )
        )
        done = sum(
            count
            for state, count in counts.items()
            if state in ("report_due", "reported", "reviewed")
        )
        return {"done": done, "count": sum(counts.values())}

    # ------------------------------------------------------------
    # OWN VISITS
    # ------------------------------------------------------------

    @api.model
    def _get_own_visits(self):
        """:return: customer.visit (sudo), to be searched by ``_get_own_domain`` only: a
        visitor knows whom he meets and when, also after the loan of the card is over.
        What else a row shows is read with his rights."""
        return self.env["customer.visit"].sudo()

    @api.model
    def _get_own_domain(self, first, last):
        """:return: Domain on the user's own visits between two dates"""
        return (
            Domain("user_id", "=", self.env.uid)
            & Domain("company_id", "in", self.env.companies.ids)
            & Domain("visit_date", ">=", first)
            & Domain("visit_date", "<=", last)
        )

    @api.model
    def _get_tz(self):
        # the day is the user's, whatever time zone a client sends
        return self.env.user.tz or "UTC"

    @api.model
    def _format_time(self, moment):
        """:param moment: datetime (UTC) or False
        :return: the time of the day, for the reader"""
        return (
            format_time(self.env, moment, tz=self._get_tz(), time_format="short")
            if moment
            else ""
        )

    @api.model
    def _format_day(self, day):
        """:return: a date as one says it: today, tomorrow, or the date"""
        if not day:
            return ""
        distance = (day - self.env.user._card_today()).days
        named = {
            -1: self.env._("Yesterday"),
            0: self.env._("Today"),
            1: self.env._("Tomorrow"),
        }
        return named.get(distance) or format_date(
            self.env, day, date_format="EEE d MMM"
        )

    # ------------------------------------------------------------
    # PARTS OF A BLOCK
    # ------------------------------------------------------------

    @api.model
    def _make_block(self, code, title, icon, rows, **values):
        """:param code: technical name
        :param icon: of Font Awesome, such as ``fa-phone``
        :param rows: list of ``_make_row``
        :param values: ``column`` (main or side), ``count`` of all there are, ``tone``
            of the number, ``action`` (xmlid) and ``domain`` behind "See all", ``empty``
            ``{"title", "text", "button", "action"}``: a block without rows and without
            it is left out
        :return: dict, or False
        """
        if not rows and not values.get("empty"):
            return False
        return {
            "code": code,
            "title": title,
            "icon": icon,
            "rows": rows,
            "column": "side",
            "count": len(rows),
            "tone": "secondary",
            "action": False,
            "empty": False,
            **values,
        }

    @api.model
    def _make_row(self, key, title, **values):
        """:param key: unique within the block
        :param values: ``note``, ``when``, ``badges`` [(text, tone)], ``model``,
            ``id`` and perhaps ``form`` (xmlid), or ``action`` (xmlid), of what a click
            opens, ``links`` [(icon, label, address)],
            ``buttons`` of ``_make_button``, ``late``, ``done``
        """
        return {
            "key": str(key),
            "title": title,
            "note": "",
            "when": "",
            "badges": [],
            "model": False,
            "id": False,
            "links": [],
            "buttons": [],
            "late": False,
            "done": False,
            **values,
        }

    @api.model
    def _make_button(self, label, records, method, icon="", **values):
        """A button that calls ``method`` on records, and opens the action that it
        returns; without one the page is read again.

        :param values: ``primary``: the one that stands out; ``compact``: an icon is
            enough on a phone
        """
        return {
            "label": label,
            "model": records._name,
            "ids": records.ids,
            "method": method,
            "icon": icon,
            "primary": False,
            "compact": False,
            **values,
        }

    @api.model
    def _get_plain_names(self, partners):
        """:return: ``{partner id: name}``, and nothing but the names"""
        # sudo: the plain name of a customer whom the user meets
        return {partner.id: partner.name or "" for partner in partners.sudo()}

    @api.model
    def _get_most_rows(self):
        """:return: how many rows a block shows"""
        return MOST_ROWS
