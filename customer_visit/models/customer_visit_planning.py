from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..tools.week import Stop
from .customer_visit_activity import USUAL_HOUR
from .customer_visit_calendar import DAY_ORIGINS
from .customer_visit_weekday import WEEKDAYS
from .res_users_visit import OWED_STATES

# what a manager looks at before he approves a plan
ARRANGED_FIELDS = {"partner_id", "user_id", "date_planned", "method", "plan_sequence"}


class CustomerVisit(models.Model):
    """The place of a visit in the weekly plan of its visitor: set by the system, from
    the visitor and the day."""

    _inherit = "customer.visit"

    plan_id = fields.Many2one(
        "customer.visit.plan",
        "Weekly Plan",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    plan_sequence = fields.Integer("Order of the Day", default=100, copy=False)
    plan_day = fields.Selection(
        WEEKDAYS,
        "Day of the Week",
        compute="_compute_plan_day",
        inverse="_inverse_plan_day",
        store=True,
        copy=False,
        group_expand="_group_expand_plan_day",
        help="The day in the weekly plan. Moving the visit to another day plans it for "
        "that one.",
    )

    # one card is proposed to one person once a day by one way
    _plan_unique = models.UniqueIndex(
        "(partner_id, user_id, visit_date, method) "
        "WHERE origin = 'plan' AND state = 'planned'",
        "This customer is planned for this person on this day already.",
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("visit_date", "plan_id")
    def _compute_plan_day(self):
        for visit in self:
            day = visit.plan_id and visit.visit_date
            visit.plan_day = str(day.weekday()) if day else False

    def _inverse_plan_day(self):
        for visit in self.filtered("plan_day"):
            visit._move_to_plan_day(int(visit.plan_day))

    @api.model
    def _group_expand_plan_day(self, values, domain):
        """The board shows every weekday, and a day of the weekend that is used."""
        return [day for day, _label in WEEKDAYS if day < "5" or day in values]

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model
    def _get_system_fields(self):
        return super()._get_system_fields() | {"plan_id"}

    def write(self, vals):
        if ARRANGED_FIELDS & vals.keys() and not self.env.su:
            # sudo: in which plan the visit is; the user is checked as himself
            plans = self.sudo().plan_id.filtered(lambda plan: plan.state == "submitted")
            plans.sudo(False)._check_may_arrange()
        return super().write(vals)

    def web_resequence(self, specification, field_name="sequence", offset=0):
        """Dragging a visit on the board of a plan: the times follow the order."""
        result = super().web_resequence(specification, field_name, offset)
        if field_name != "plan_sequence":
            return result
        self.plan_id._check_may_arrange()
        # sudo: checked above; ways to what the visitor may not open stay unknown
        for plan, visits in self.sudo().grouped("plan_id").items():
            days = plan._get_stops_of_visits()[plan.id] if plan else {}
            for day in set(visits.mapped("visit_date")) & set(days):
                plan._arrange_day(day, days[day])
        return self.web_read(specification)

    def unlink(self):
        plans = self.sudo().plan_id
        result = super().unlink()
        plans._return_cards()
        return result

    def _after_planned(self):
        result = super()._after_planned()
        self._match_plans()
        return result

    def _takes_an_hour(self):
        """What is only proposed is in nobody's calendar: approval puts it there."""
        # sudo: in which state the plan is
        plan = self.sudo().plan_id
        proposed = self.origin == "plan" and plan and plan.state != "approved"
        return not proposed and super()._takes_an_hour()

    def _after_reported(self):
        result = super()._after_reported()
        # sudo: to which plan a visit belongs is the business of the system
        self.sudo().plan_id._return_cards()
        return result

    def _after_dropped(self):
        result = super()._after_dropped()
        # sudo: as above
        self.sudo().plan_id._return_cards()
        return result

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_leave_plan(self):
        """Take visits out of a plan that is not approved: what was only proposed is
        dropped, what somebody planned stays planned on its own.

        :raise AccessError, UserError: when the plan is not the user's to arrange
        """
        planned = self.filtered("plan_id")
        plans = planned.plan_id
        plans._check_may_arrange()
        for plan in plans.filtered(lambda plan: plan.state == "approved"):
            raise UserError(
                self.env._(
                    "%(plan)s is approved: cancel or put off the visit, with a reason.",
                    plan=plan._approval_names(),
                )
            )
        # sudo: checked above; the person decides what is in his week
        visits = planned.sudo()
        proposed = visits._filter_proposed()
        (visits - proposed).write({"plan_id": False})
        proposed.unlink()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    # ------------------------------------------------------------
    # PLAN
    # ------------------------------------------------------------

    def _filter_proposed(self):
        """:return: the visits that nobody but the system has planned so far"""
        return self.filtered(
            lambda visit: visit.origin == "plan" and visit.state == "planned"
        )

    def _move_to_plan_day(self, weekday):
        """Plan this visit for another day of the week of its plan, at the same time.

        :param weekday: 0 for Monday
        :raise AccessError: when the plan is not the user's to arrange
        :raise UserError: for a visit that has begun, and for a day on which the person
            does not work, or that is over
        """
        self.ensure_one()
        plan = self.plan_id
        day = plan.date_start + timedelta(days=weekday)
        if day == self.visit_date:
            return
        plan._check_may_arrange()
        plan._check_working_day(day)
        # the same time of the day where the visitor lives, over a change of the clocks
        zone = pytz.timezone(self.user_id.tz or "UTC")
        local = pytz.utc.localize(self.date_planned).astimezone(zone)
        moved = zone.localize(datetime.combine(day, local.time()))
        self.action_reschedule(moved.astimezone(pytz.utc).replace(tzinfo=None))

    def _match_plans(self):
        """These open visits belong to the plan of their person's week: they leave the
        one that they no longer fit, and join a draft. What is submitted or approved
        grows by nothing that was not looked at."""
        # sudo: the plan is the visitor's, whoever plans the visit
        visits = self.sudo()
        plans = visits._find_plans()
        # a customer who has given way to another one goes back as well
        left = visits.plan_id
        for visit in visits:
            plan = plans.get(visit._get_plan_key())
            if visit.plan_id and visit.plan_id == plan:
                continue
            joined = plan if plan and plan.state == "draft" else left.browse()
            if joined != visit.plan_id:
                visit.plan_id = joined
        left._return_cards()

    def _get_stops(self, reader=None):
        """These visits as stops of a way.

        :param reader: res.users who is to learn of the way, beside the visitor
        :return: ``{visit: Stop}``, in this order; without coordinates where one of the
            two may not open the card
        """
        # sudo: which cards they are; which of them show coordinates is asked below
        cards = self.sudo().partner_id
        if reader:
            cards = cards.with_user(reader)._filtered_access("read").sudo()
        stops = {}
        for user, visits in self.grouped("user_id").items():
            zone = pytz.timezone(user.tz or "UTC")
            seen = (visits.sudo().partner_id & cards)._filter_seen_by(user)
            for visit in visits:
                card = visit.sudo().partner_id
                stops[visit] = visit._get_stop(card if card in seen else None, zone)
        return {visit: stops[visit] for visit in self}

    def _get_stop(self, card, zone):
        """:param card: res.partner (sudo), None when nothing of it is to be known"""
        Plan = self.env["customer.visit.plan"]
        begin = (
            pytz.utc.localize(self.date_planned).astimezone(zone).replace(tzinfo=None)
        )
        limits = (card.visit_time_from, card.visit_time_to) if card else (0, 0)
        point = None
        if card and self.method == "visit":
            place = self.sudo().address_id or card
            if place.partner_latitude or place.partner_longitude:
                point = (place.partner_latitude, place.partner_longitude)
        return Stop(
            key=self,
            point=point,
            area=Plan._get_area(self.method, card.zip or "", card.city or "")
            if card
            else "",
            days=(self.visit_date,),
            part=Plan._get_part_of_day(*limits),
            due=None,
            note=(self.method, *limits, False, begin, begin + self._get_length(begin)),
        )

    def _get_length(self, begin):
        """:param begin: where the visitor lives
        :return: how much of the day the visit takes; what an activity or a cycle has
            planned has a day and no hour yet, and nothing waits for it"""
        no_hour = self.origin in DAY_ORIGINS and begin.time() == time(USUAL_HOUR)
        return timedelta(hours=0 if no_hour else self.duration_planned)

    def _get_plan_key(self):
        day = self.visit_date
        return self.user_id.id, day and day - timedelta(days=day.weekday())

    def _find_plans(self):
        """:return: ``{(user id, Monday): plan (sudo)}``"""
        keys = {visit._get_plan_key() for visit in self if visit.visit_date}
        if not keys:
            return {}
        plans = self.env["customer.visit.plan"].search(
            [
                ("user_id", "in", [user_id for user_id, _day in keys]),
                ("date_start", "in", [day for _user_id, day in keys]),
                ("state", "!=", "cancelled"),
            ]
        )
        return {(plan.user_id.id, plan.date_start): plan for plan in plans}

    def _is_deputy_then(self):
        """:return: whether the visitor stands in for the custodian on that day"""
        self.ensure_one()
        card = self.partner_id
        day = self.visit_date
        return bool(
            day
            and card.card_deputy_id == self.user_id
            and (not card.card_deputy_from or card.card_deputy_from <= day)
            and (not card.card_deputy_until or card.card_deputy_until >= day)
        )

    @api.model
    def _get_owed_domain(self):
        """:return: Domain on visits that are neither reported nor dropped: to be made, to
        be reported, or missed in an approved plan and not planned anew. A visit for
        which a card was taken out is not over because nobody went."""
        return Domain("state", "in", list(OWED_STATES)) | (
            Domain("state", "=", "missed")
            & Domain("plan_id.state", "=", "approved")
            & Domain("rescheduled_ids", "=", False)
        )

    def _filter_owed(self):
        """:return: the visits of ``_get_owed_domain`` whose day is over, where their
        visitor lives"""
        today = {user: user._card_today() for user in self.user_id}
        # sudo: in which state the plan is, and whether there is another visit
        return self.filtered(
            lambda visit: (
                visit.visit_date
                and visit.visit_date < today[visit.user_id]
                and (
                    visit.state in OWED_STATES
                    or (
                        visit.state == "missed"
                        and visit.sudo().plan_id.state == "approved"
                        and not visit.sudo().rescheduled_ids
                    )
                )
            )
        )
