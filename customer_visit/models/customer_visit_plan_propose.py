from collections import defaultdict
from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from ..tools.week import Day, Stop, plan_week
from .res_users_visit import OPEN_STATES

# Of the customers who are due so many times the room of the week are looked at: some of
# the most urgent may not be met on the days that are left.
LOOK_AHEAD = 3
MIDDAY = 12.5


class CustomerVisitPlan(models.Model):
    """The proposal of a week: who is due, in the order of urgency; on which day, so
    that a day stays in one area; in which order, so that the way is short.

    For any number of people and cards the same number of queries lists who is due and
    what is planned already.
    """

    _inherit = "customer.visit.plan"

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_propose(self):
        """Fill drafts with the customers who are due and not planned yet. Pressed again
        it adds what has become due meanwhile, and nothing twice.

        :raise AccessError: for somebody else's plan
        :raise UserError: for what is not a draft
        """
        self._approval_check_mine()
        self._approval_take(("draft",))
        visits = self._propose(self)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if visits else "info",
                "message": self._describe_proposal(visits),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _describe_proposal(self, visits):
        left = sum(self.mapped("left_count"))
        if visits and left:
            return self.env._(
                "%(count)s visits proposed. %(left)s more customers are due and found "
                "no room.",
                count=len(visits),
                left=left,
            )
        if visits:
            return self.env._("%(count)s visits proposed.", count=len(visits))
        if left:
            return self.env._(
                "%(left)s customers are due, but the days of this week are full, or not "
                "those that they prefer.",
                left=left,
            )
        return self.env._("Nobody else is due in this week.")

    # ------------------------------------------------------------
    # PROPOSE
    # ------------------------------------------------------------

    @api.model
    def _propose(self, plans):
        """Plan the customers who are due into draft plans.

        Idempotent: whoever is planned already, by anybody, is not proposed. The caller
        has checked the user; the persons keep all the cards that are proposed.

        :param plans: customer.visit.plan
        :return: customer.visit (sudo), the new visits
        """
        # sudo: the plans were checked by the caller; working hours, cards and visits are
        # those of their persons
        plans = plans.sudo()
        days = plans._get_free_days()
        due = plans._get_due_cards(days)
        existing = plans._get_stops_of_visits()
        values = []
        left = {}
        places = defaultdict(self.env["customer.visit"].sudo().browse)
        for plan in plans:
            stops = {stop.key: stop for stop in due[plan.id][0]}
            capacity = plan.day_capacity
            week, _left = plan_week(
                list(stops.values()),
                [
                    Day(day, capacity, existing[plan.id].get(day, ()))
                    for day in sorted(days[plan.id])
                ],
                plan._get_start_point(),
            )
            chosen = plan._lay_out_week(week, days[plan.id], stops)
            values += chosen
            left[plan] = due[plan.id][1] - len(chosen)
            for stops_of_day in week.values():
                for place, stop in enumerate(stops_of_day):
                    if stop.key not in stops:
                        places[place] |= stop.key
        for place, visits in places.items():
            visits.write({"plan_sequence": place})
        for count, group in plans.grouped(left.get).items():
            group._approval_through_door().write({"left_count": count})
        return (
            self.env["customer.visit"]
            .sudo()
            .with_context(
                tracking_disable=True,
                mail_create_nolog=True,
                mail_create_nosubscribe=True,
            )
            .create(values)
            .with_context(
                tracking_disable=False,
                mail_create_nolog=False,
                mail_create_nosubscribe=False,
            )
        )

    def _get_free_days(self):
        """:return: ``{plan id: {date: [(from, until), …]}}``: when the persons work in
        their weeks, from their today on; see ``res.users._get_visit_times``"""
        if not self:
            return {}
        times = self.user_id._get_visit_times(
            min(self.mapped("date_start")), max(self.mapped("date_end"))
        )
        today = {user: user._card_today() for user in self.user_id}
        return {
            plan.id: {
                day: hours
                for day, hours in times[plan.user_id.id].items()
                if max(plan.date_start, today[plan.user_id]) <= day <= plan.date_end
            }
            for plan in self
        }

    def _get_due_cards(self, days):
        """The cards that the persons keep and that are due until the end of their
        weeks, the most urgent first, by one statement for all plans.

        A deputy visits in place of the custodian when he stands in on all days that are
        left of the week. A customer for whom an open visit is planned before he would be
        overdue, by whomever, is not due.

        :param days: see ``_get_free_days``
        :return: ``{plan id: ([Stop, …], how many are due in all)}``
        """
        result = {plan.id: ([], 0) for plan in self}
        working = self.filtered(lambda plan: days[plan.id])
        if not working:
            return result
        self.env["customer.visit"].flush_model(["partner_id", "state", "visit_date"])
        Partner = self.env["res.partner"]
        Partner.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT person.plan_id, due.*
                  FROM (VALUES %(persons)s) AS person (
                       plan_id, user_id, company_id, first, last, week_end, most)
            CROSS JOIN LATERAL (
                    SELECT card.id, card.contact_policy_id, card.next_contact_due,
                           card.partner_latitude, card.partner_longitude,
                           COALESCE(card.zip, ''), COALESCE(card.city, ''),
                           COALESCE(card.visit_time_from, 0),
                           COALESCE(card.visit_time_to, 0),
                           COUNT(*) OVER ()
                      FROM res_partner card
                      JOIN customer_contact_policy policy
                        ON policy.id = card.contact_policy_id
                     WHERE (card.card_custodian_id = person.user_id
                            OR card.card_deputy_id = person.user_id)
                       AND person.user_id = CASE
                           WHEN card.card_deputy_id IS NOT NULL
                            AND COALESCE(card.card_deputy_from, person.first)
                                <= person.first
                            AND COALESCE(card.card_deputy_until, person.last)
                                >= person.last
                           THEN card.card_deputy_id ELSE card.card_custodian_id END
                       AND card.card_state IS NOT NULL
                       AND card.active
                       AND (card.company_id IS NULL
                            OR card.company_id = person.company_id)
                       AND card.contact_due_from <= person.week_end
                       AND policy.who != 'manager'
                       AND NOT EXISTS (
                           SELECT 1 FROM customer_visit visit
                            WHERE visit.partner_id = card.id
                              AND visit.state = ANY(%(open)s)
                              AND visit.visit_date >= %(today)s
                              AND visit.visit_date
                                  <= GREATEST(person.week_end, card.next_contact_due))
                  ORDER BY %(urgency)s DESC, card.next_contact_due, card.id
                     LIMIT person.most) AS due
                """,
                persons=SQL(", ").join(
                    SQL(
                        "(%s, %s, %s, %s::date, %s::date, %s::date, %s)",
                        plan.id,
                        plan.user_id.id,
                        plan.company_id.id,
                        min(days[plan.id]),
                        max(days[plan.id]),
                        plan.date_end,
                        LOOK_AHEAD * plan.day_capacity * len(days[plan.id]),
                    )
                    for plan in working
                ),
                open=list(OPEN_STATES),
                today=self.env.user._card_today() - timedelta(days=1),
                urgency=Partner._get_contact_urgency_sql("card"),
            )
        )
        weekdays = self._get_preferred_weekdays([row[1] for row in rows])
        methods = self._get_policy_methods()
        for plan_id, card_id, policy_id, due, lat, lon, code, city, *rest in rows:
            begin, end, total = rest
            method = methods.get(policy_id, "visit")
            stops, _total = result[plan_id]
            result[plan_id] = (stops, total)
            stops.append(
                Stop(
                    key=card_id,
                    # a call has no way
                    point=(lat, lon) if method == "visit" and (lat or lon) else None,
                    area=self._get_area(method, code, city),
                    days=tuple(
                        day
                        for day in days[plan_id]
                        if day.weekday() in weekdays[card_id]
                    )
                    if card_id in weekdays
                    else (),
                    part=self._get_part_of_day(begin, end),
                    due=due,
                    note=(method, begin, end, card_id in weekdays),
                )
            )
        return {
            plan_id: (
                # whom one meets only on days that this week does not have
                [stop for stop in stops if stop.days or not stop.note[3]],
                total,
            )
            for plan_id, (stops, total) in result.items()
        }

    @api.model
    def _get_preferred_weekdays(self, card_ids):
        """:return: ``{card id: {0 … 6}}`` of those that prefer some days"""
        weekdays = defaultdict(set)
        for card_id, number in self.env.execute_query(
            SQL(
                """
                SELECT link.partner_id, weekday.number
                  FROM customer_visit_weekday_partner_rel link
                  JOIN customer_visit_weekday weekday ON weekday.id = link.weekday_id
                 WHERE link.partner_id = ANY(%s)
                """,
                card_ids,
            )
        ):
            weekdays[card_id].add(number)
        return weekdays

    @api.model
    def _get_policy_methods(self):
        """:return: ``{policy id: method}``: a visit where that counts, else the first
        method that does"""
        # sudo: how customers are contacted is no secret
        policies = (
            self.env["customer.contact.policy"].sudo().search([("active", "=", True)])
        )
        return {
            policy.id: "visit"
            if not policy.method_ids or "visit" in policy.method_ids.mapped("code")
            else policy.method_ids.sorted("sequence")[0].code
            for policy in policies
        }

    @api.model
    def _get_area(self, method, code, city):
        """:return: text by which places without coordinates are kept together"""
        return city.strip().lower() or code.strip()[:3] if method == "visit" else ""

    @api.model
    def _get_part_of_day(self, begin, end):
        """:return: see ``Stop``: 0 in the morning, 2 in the afternoon, else 1"""
        if begin >= MIDDAY:
            return 2
        return 0 if 0 < end <= MIDDAY else 1
