from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import format_date, formatLang

from ..tools.week import Ground
from .customer_visit_state import PLANNED_STATES
from .res_users_visit import DONE_STATES, OPEN_STATES


class CustomerVisitPlan(models.Model):
    """What a plan looks like: its days, their ways and what is in the way."""

    _inherit = "customer.visit.plan"

    distance_km = fields.Float(
        "Way (km)",
        compute="_compute_route",
        digits=(10, 1),
        help="Straight lines from customer to customer, from and to the place where the "
        "person starts. Counted are the customers that you may open.",
    )
    day_summary = fields.Html("Days", compute="_compute_route", sanitize=False)
    missing_places = fields.Char(
        "Without Coordinates",
        compute="_compute_route",
        help="Customers whose place on the map is not known: their ways are not counted. "
        "Enter the coordinates on their cards.",
    )
    lend_names = fields.Char(
        "Cards to Lend",
        compute="_compute_lend_names",
        help="Cards of the plan that the person may not open: approval lends them to him "
        "for the week, each until its visit is reported.",
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends_context("uid", "lang")
    @api.depends(
        "visit_ids.date_planned",
        "visit_ids.plan_sequence",
        "visit_ids.state",
        "day_capacity",
    )
    def _compute_route(self):
        """Of what the user may open: kilometres to a hidden customer would tell where
        he is."""
        stops = self._get_stops_of_visits(
            None if self.env.su else self.env.user, (*OPEN_STATES, *DONE_STATES)
        )
        free = self._get_working_days()
        for plan in self:
            days = stops[plan.id]
            ground = Ground(sum(days.values(), []), plan._get_start_point())
            kms = {day: ground.get_km(days[day]) for day in days}
            plan.distance_km = sum(kms.values())
            plan.day_summary = plan._render_days(days, kms, free[plan.id])
            plan.missing_places = plan._get_missing_places(sum(days.values(), []))

    @api.depends_context("uid")
    @api.depends("state", "visit_ids.partner_id", "visit_ids.state")
    def _compute_lend_names(self):
        """The plain names, for the person and for whoever decides."""
        waiting = self.filtered(lambda plan: plan.state in ("draft", "submitted"))
        cards = waiting._get_foreign_cards()
        for plan in self:
            plan.lend_names = (
                ", ".join(cards[plan.id].mapped("name")) if plan in waiting else False
            )

    def _get_working_days(self):
        """:return: ``{plan id: set of dates}``, those that are over included"""
        if not self:
            return {}
        # sudo: when colleagues work
        plans = self.sudo()
        times = plans.user_id._get_visit_times(
            min(plans.mapped("date_start")), max(plans.mapped("date_end"))
        )
        return {plan.id: set(times[plan.user_id.id]) for plan in plans}

    def _get_missing_places(self, stops):
        """:return: names of the customers to visit whose coordinates are not known, as
        far as the user may open their cards"""
        visits = self.env["customer.visit"].browse(
            stop.key.id for stop in stops if stop.note[0] == "visit" and not stop.point
        )
        # sudo: which cards they are
        cards = visits.sudo().partner_id.sudo(False)._filtered_access("read")
        lost = cards.filtered(
            lambda card: not (card.partner_latitude or card.partner_longitude)
        )
        return ", ".join(lost.mapped("name")) or False

    def _render_days(self, days, kms, working):
        """:return: a small table: day, visits, kilometres, remarks"""
        rows = Markup()
        for day in sorted(set(days) | {d for d in working if self._has_day(d)}):
            stops = days.get(day, [])
            remarks = []
            if len(stops) > self.day_capacity:
                remarks.append(
                    self.env._("more than %(count)s", count=self.day_capacity)
                )
            if day not in working:
                remarks.append(self.env._("no working day"))
            if lost := sum(not s.point for s in stops if s.note[0] == "visit"):
                remarks.append(self.env._("%(count)s without coordinates", count=lost))
            rows += Markup(
                "<tr><td>%s</td><td class='text-end'>%s</td>"
                "<td class='text-end text-nowrap'>%s</td><td class='text-warning'>%s</td></tr>"
            ) % (
                format_date(self.env, day, date_format="EEEE d MMM"),
                len(stops),
                f"{formatLang(self.env, kms[day], digits=1)} km"
                if kms.get(day)
                else "",
                ", ".join(remarks),
            )
        head = Markup(
            "<tr class='text-muted'><td>%s</td><td class='text-end'>%s</td>"
            "<td class='text-end'>%s</td><td></td></tr>"
        ) % (self.env._("Day"), self.env._("Visits"), self.env._("Way"))
        return (
            Markup("<table class='table table-sm mb-0'>%s</table>") % (head + rows)
            if rows
            else False
        )

    def _has_day(self, day):
        return bool(self.date_start and self.date_start <= day <= self.date_end)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_board(self):
        """:return: the action that shows the visits of the plan by day, to be moved"""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "customer_visit.customer_visit_action_plan_board"
        )
        return {
            **action,
            "name": self.display_name,
            "domain": [("plan_id", "=", self.id)],
            "context": {"default_user_id": self.user_id.id},
        }

    def action_shorten_ways(self):
        """Put the visits of each day into the shortest order. What was agreed with a
        customer keeps its time; what was only proposed gets new times.

        :raise AccessError, UserError: when the plan is not the user's to arrange
        """
        self.check_access("write")
        self._check_may_arrange()
        # sudo: checked above; what the person may not open has no coordinates here
        for plan in self.sudo():
            for day, stops in plan._get_stops_of_visits()[plan.id].items():
                ground = Ground(stops, plan._get_start_point())
                plan._arrange_day(day, ground.get_order(stops))
        return True

    def _arrange_day(self, day, stops):
        """Write the order of a day, and times that follow it.

        :param stops: of the open visits of the day, in their order
        """
        self.ensure_one()
        for place, stop in enumerate(stops):
            if stop.key.plan_sequence != place:
                stop.key.plan_sequence = place
        hours = self.user_id._get_visit_times(day, day)[self.user_id.id].get(day)
        if not hours or day < self.user_id._card_today():
            return
        movable = {
            stop.key
            for stop in stops
            if stop.key.origin == "plan" and stop.key.state in PLANNED_STATES
        }
        ground = Ground(stops, self._get_start_point())
        times = self._lay_out_day(ground, stops, hours, movable)
        for stop, begin in zip(stops, times, strict=True):
            moment = begin and self._to_utc(begin)
            if stop.key in movable and moment and stop.key.date_planned != moment:
                stop.key.date_planned = moment
