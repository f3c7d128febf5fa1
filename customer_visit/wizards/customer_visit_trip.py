from datetime import datetime, timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..tools.week import Ground, Stop


class CustomerVisitTrip(models.TransientModel):
    """Several customers in one trip: a visit at each of them, one after the other, in
    the shortest order or in the order chosen. Today's trip is ad hoc."""

    _name = "customer.visit.trip"
    _description = "Trip to Several Customers"
    _inherit = ["customer.link.guard.mixin"]

    date = fields.Date(
        "Day", default=lambda self: self.env.user._card_today(), required=True
    )
    hour = fields.Float(
        "Begin",
        default=lambda self: self._get_next_hour(),
        required=True,
        help="When the first visit begins.",
    )
    duration = fields.Float("At Each Customer", default=1.0, required=True)
    purpose_id = fields.Many2one("customer.visit.purpose")
    objective = fields.Text("Objectives")
    is_shortest = fields.Boolean(
        "Shortest Order",
        default=True,
        help="Otherwise in the order in which the customers were chosen.",
    )
    line_ids = fields.One2many("customer.visit.trip.line", "trip_id", "Customers")
    distance_km = fields.Float(
        "Way (km)",
        compute="_compute_distance_km",
        digits=(10, 1),
        help="As straight lines, from and to where your days begin.",
    )

    _duration_positive = models.Constraint(
        "CHECK (duration > 0)", "A visit lasts longer than nothing."
    )

    @api.model
    def default_get(self, fields):
        """From a list of cards: the selected ones."""
        values = super().default_get(fields)
        context = self.env.context
        if "line_ids" in fields and context.get("active_model") == "res.partner":
            partners = self.env["res.partner"].browse(context.get("active_ids", ()))
            cards = partners._filtered_access("read").card_root_id
            values["line_ids"] = [
                Command.create({"partner_id": card.id})
                for card in cards._filtered_access("read")
            ]
        return values

    @api.model
    def _get_next_hour(self):
        """:return: the next full hour where the user lives, 9 in the night"""
        now = fields.Datetime.context_timestamp(
            self.with_context(tz=self.env.user.tz or "UTC"), fields.Datetime.now()
        )
        return now.hour + 1 if 7 <= now.hour < 18 else 9

    @api.depends("line_ids.partner_id", "is_shortest")
    def _compute_distance_km(self):
        for trip in self:
            stops = trip._get_stops()
            trip.distance_km = Ground(stops, trip._get_start_point()).get_km(stops)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_plan(self):
        """Plan the visits of the trip.

        :return: the action that shows them
        :raise UserError: without customers, or for a day that is over
        """
        self.ensure_one()
        if not self.line_ids:
            raise UserError(self.env._("Choose the customers of the trip."))
        today = self.env.user._card_today()
        if self.date < today:
            raise UserError(
                self.env._(
                    "The day of the trip is over: choose today or a day to come. What "
                    "has taken place is reported on each visit."
                )
            )
        # the origin is the system's; who may visit whom is checked by the rules
        visits = (
            self.env["customer.visit"]
            ._visit_through_door()
            .create(
                [
                    {
                        **values,
                        "purpose_id": self.purpose_id.id,
                        "origin": "ad_hoc" if self.date == today else "manual",
                        **({"objective": self.objective} if self.objective else {}),
                    }
                    for values in self._get_visit_values()
                ]
            )
        )
        action = self.env["ir.actions.actions"]._for_xml_id(
            "customer_visit.customer_visit_action"
        )
        return {
            **action,
            "name": self.env._("Trip"),
            "views": [(False, "list"), (False, "form"), (False, "calendar")],
            "domain": [("id", "in", visits.ids)],
            "context": {},
        }

    def _get_visit_values(self):
        """:return: customer and times of each visit, in their order"""
        Plan = self.env["customer.visit.plan"].new({"user_id": self.env.uid})
        stops = self._get_stops()
        legs = Ground(stops, self._get_start_point()).get_legs(stops)
        moment = datetime.combine(self.date, datetime.min.time())
        moment += timedelta(hours=self.hour)
        values = []
        for place, (stop, km) in enumerate(zip(stops, legs, strict=True)):
            if values:
                moment = Plan._round_up(moment + Plan._get_way(stop, km))
            values.append(
                {
                    "partner_id": stop.key,
                    "user_id": self.env.uid,
                    "plan_sequence": place,
                    "date_planned": Plan._to_utc(moment),
                    "duration_planned": self.duration,
                }
            )
            moment += timedelta(hours=self.duration)
        return values

    def _get_stops(self):
        """:return: list of ``Stop``; a customer chosen twice is met once"""
        Plan = self.env["customer.visit.plan"]
        # the guard has checked what was chosen; what is read is checked once more
        cards = self.line_ids.partner_id._filtered_access("read")
        stops = [
            Stop(
                key=card.id,
                point=(card.partner_latitude, card.partner_longitude)
                if card.partner_latitude or card.partner_longitude
                else None,
                area=Plan._get_area("visit", card.zip or "", card.city or ""),
                days=(),
                part=Plan._get_part_of_day(card.visit_time_from, card.visit_time_to),
                due=None,
                note=("visit",),
            )
            for card in cards
        ]
        if self.is_shortest:
            stops = Ground(stops, self._get_start_point()).get_order(stops)
        return stops

    def _get_start_point(self):
        Plan = self.env["customer.visit.plan"]
        return Plan._get_start_point_of(self.env.user, self.env.company)
