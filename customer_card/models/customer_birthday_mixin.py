from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

LEAP_DAY = 229


def _month_day(day):
    """:return: month and day as one number that sorts like a calendar, 105 for
    5 January"""
    return day.month * 100 + day.day


def _birthday_in(born, year):
    """:return: the birthday in ``year``; of 29 February, the 28th in other years"""
    return born + relativedelta(year=year)


class CustomerBirthdayMixin(models.AbstractModel):
    """A person with a date of birth: his age, and when his next birthday is.

    Neither age nor birthday is stored, both change with the date of the reader. They
    are searched and sorted by the month and day of the date of birth.
    """

    _name = "customer.birthday.mixin"
    _description = "Person with a Birthday"

    birthdate_date = fields.Date("Date of Birth", groups="base.group_user")
    age = fields.Integer(
        compute="_compute_age", aggregator=None, groups="base.group_user"
    )
    next_birthday = fields.Date(
        compute="_compute_age",
        search="_search_next_birthday",
        groups="base.group_user",
        help="Whoever was born on 29 February celebrates on the 28th in other years.",
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends_context("uid")
    @api.depends("birthdate_date")
    def _compute_age(self):
        today = self.env.user._card_today()
        for person in self:
            born = person.birthdate_date
            if not born or born > today:
                person.age = 0
                person.next_birthday = False
                continue
            this_year = _birthday_in(born, today.year)
            passed = this_year < today
            person.age = today.year - born.year - (this_year > today)
            person.next_birthday = (
                _birthday_in(born, today.year + 1) if passed else this_year
            )

    def _search_next_birthday(self, operator, value):
        """Birthdays between today and a day of the coming year, also over the turn of
        the year."""
        if operator not in ("in", "<", "<=", ">", ">="):
            return NotImplemented
        today = self.env.user._card_today()
        last = today + relativedelta(years=1, days=-1)
        if operator == "in":
            days = {fields.Date.to_date(day) for day in value if day}
            found = Domain.OR(
                self._get_birthday_domain(day, day)
                for day in days
                if today <= day <= last
            )
            if False in value:
                found |= ~self._get_birthday_domain(today, last)
            return found
        day = fields.Date.to_date(value)
        if operator in ("<", "<="):
            end = day - relativedelta(days=operator == "<")
            return self._get_birthday_domain(today, min(end, last))
        start = day + relativedelta(days=operator == ">")
        return self._get_birthday_domain(max(start, today), last)

    @api.model
    def _get_birthday_domain(self, start, end):
        """:return: Domain: born before today, with a birthday from ``start`` to
        ``end``, both within the coming year"""
        if start > end:
            return Domain.FALSE
        first, last = _month_day(start), _month_day(end)
        if last == LEAP_DAY - 1 and (end + relativedelta(days=1)).day == 1:
            last = LEAP_DAY
        today = self.env.user._card_today()
        return Domain.custom(
            to_sql=lambda model, alias, query: self._get_birthday_condition(
                model._field_to_sql(alias, "birthdate_date", query),
                today,
                first,
                last,
                start.year != end.year,
            )
        )

    @api.model
    def _get_birthday_condition(self, born, today, first, last, over_new_year):
        key = self._get_birthday_key(born)
        return SQL(
            "(%s IS NOT NULL AND %s <= %s AND %s)",
            born,
            born,
            today,
            SQL("(%s >= %s OR %s <= %s)", key, first, key, last)
            if over_new_year
            else SQL("%s BETWEEN %s AND %s", key, first, last),
        )

    @api.model
    def _get_birthday_key(self, born):
        """:return: SQL of ``_month_day``, as in the index of res.partner"""
        return SQL("(EXTRACT(month FROM %s) * 100 + EXTRACT(day FROM %s))", born, born)

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        if field_name != "next_birthday":
            return super()._order_field_to_sql(
                alias, field_name, direction, nulls, query
            )
        born = self._field_to_sql(alias, "birthdate_date", query)
        key = self._get_birthday_key(born)
        today = _month_day(self.env.user._card_today())
        return SQL(
            "MOD((%s - %s + 1300)::int, 1300) %s %s", key, today, direction, nulls
        )
