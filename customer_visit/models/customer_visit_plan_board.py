from odoo import api, fields, models

from ..tools.week import Ground


class CustomerVisit(models.Model):
    """What the board of a plan shows on each visit, as far as the user may open the
    card: where it is, how far from the last one, and what is to be minded."""

    _inherit = "customer.visit"

    plan_city = fields.Char("City", compute="_compute_plan_place")
    plan_leg_km = fields.Float(
        "From the Last Stop (km)",
        compute="_compute_plan_leg",
        digits=(10, 1),
        help="As a straight line, among the customers that you may open.",
    )
    plan_hint = fields.Char("To Mind", compute="_compute_plan_place")

    @api.depends_context("uid", "lang")
    @api.depends("partner_id", "visit_date", "date_planned")
    def _compute_plan_place(self):
        # sudo: which cards they are
        cards = self.sudo().partner_id.sudo(False)._filtered_access("read")
        seen = {card.id: card for card in cards}
        for visit in self:
            card = seen.get(visit.sudo().partner_id.id)
            visit.plan_city = card.city if card else False
            visit.plan_hint = (
                card and visit.method == "visit" and visit._get_plan_hint(card)
            )

    def _get_plan_hint(self, card):
        """:return: which wish of the customer the time does not meet, or False"""
        if not self.visit_date:
            return False
        days = card.visit_weekday_ids
        if days and self.visit_date.weekday() not in days.mapped("number"):
            return self.env._("Prefers %(days)s", days=", ".join(days.mapped("name")))
        begin = fields.Datetime.context_timestamp(
            self.with_context(tz=self.user_id.tz or "UTC"), self.date_planned
        )
        hour = begin.hour + begin.minute / 60
        if card.visit_time_from and hour < card.visit_time_from:
            return self.env._(
                "Not before %(time)s", time=self._format_hour(card.visit_time_from)
            )
        if card.visit_time_to and hour > card.visit_time_to:
            return self.env._(
                "Not after %(time)s", time=self._format_hour(card.visit_time_to)
            )
        return False

    @api.model
    def _format_hour(self, hour):
        return f"{int(hour):02d}:{round(hour % 1 * 60):02d}"

    @api.depends_context("uid")
    @api.depends("plan_id", "visit_date", "plan_sequence", "state")
    def _compute_plan_leg(self):
        # sudo: the order of the whole day; distances are those the user may know
        plans = self.sudo().plan_id
        legs = {}
        for plan_id, days in plans._get_stops_of_visits(self.env.user).items():
            start = plans.browse(plan_id)._get_start_point()
            for stops in days.values():
                kms = Ground(stops, start).get_legs(stops)
                legs |= {stop.key.id: km for stop, km in zip(stops, kms, strict=True)}
        for visit in self:
            visit.plan_leg_km = legs.get(visit._origin.id, 0.0)
