from odoo import api, models


class CustomerMyDay(models.AbstractModel):
    """Follow-up in My Day: what stands still until the custodian decides."""

    _inherit = "customer.my.day"

    @api.model
    def _get_day_blocks(self):
        return [*super()._get_day_blocks(), (45, "followup")]

    @api.model
    def _get_followup_block(self, day):
        """Steps of the user's customers whose visit was cancelled or missed: planned
        again, or skipped. Whatever is planned is in the route."""
        followups = self.env["customer.followup"].search(
            [
                ("partner_id.card_custodian_id", "=", self.env.uid),
                ("state", "=", "running"),
                ("current_line_id.state", "=", "to_plan"),
            ],
            order="next_date, id",
        )
        followups = followups.filtered("can_edit")
        shown = followups[: self._get_most_rows()]
        names = self._get_plain_names(shown.partner_id)
        return self._make_block(
            "followup",
            self.env._("Follow-up to Plan Again"),
            "fa-refresh",
            [
                self._make_row(
                    followup.id,
                    followup.current_line_id.name,
                    note=names[followup.partner_id.id],
                    when=self._format_day(followup.next_date),
                    model=followup._name,
                    id=followup.id,
                    buttons=[
                        self._make_button(
                            self.env._("Plan Again"),
                            followup,
                            "action_plan_again",
                            "fa-calendar-plus-o",
                        ),
                        self._make_button(
                            self.env._("Skip"), followup, "action_ask_skip"
                        ),
                    ],
                )
                for followup in shown
            ],
            count=len(followups),
            tone="warning",
        )
