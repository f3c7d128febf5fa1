from odoo import api, models
from odoo.fields import Domain
from odoo.tools import formatLang

RISK_TONES = {"medium": "warning", "high": "danger"}


class CustomerMyDay(models.AbstractModel):
    """Whom the user is about to lose, in My Day."""

    _inherit = "customer.my.day"

    @api.model
    def _get_day_blocks(self):
        return [*super()._get_day_blocks(), (52, "at_risk")]

    @api.model
    def _get_at_risk_block(self, day):
        """The customers on the user's own cards, and on those where he stands in, who
        are silent for longer than usual and not lost yet: most money at stake first."""
        Metrics = self.env["customer.metrics"]
        domain = (
            Domain(
                "partner_id",
                "any",
                Domain("card_custodian_id", "=", self.env.uid)
                | Domain("card_deputized_to_me", "=", True),
            )
            & Domain("company_id", "in", self.env.companies.ids)
            & Domain("defection_risk", "in", list(RISK_TONES))
            & Domain("money_at_stake", ">", 0)
        )
        found = Metrics.search(
            domain, order="money_at_stake DESC, id", limit=self._get_most_rows()
        )
        labels = dict(
            Metrics._fields["defection_risk"]._description_selection(self.env)
        )
        rows = [
            self._make_row(
                figures.id,
                figures.partner_id.name or "",
                note=figures._get_silence_text(),
                badges=[
                    (
                        labels[figures.defection_risk],
                        RISK_TONES[figures.defection_risk],
                    ),
                    (
                        formatLang(
                            self.env,
                            figures.money_at_stake,
                            currency_obj=figures.currency_id,
                            digits=0,
                        ),
                        "secondary",
                    ),
                ],
                model="res.partner",
                id=figures.partner_id.id,
                form="customer_card.res_partner_view_form_card",
                buttons=[
                    self._make_button(
                        self.env._("Plan"),
                        figures.partner_id,
                        "action_visit_plan",
                        "fa-calendar-plus-o",
                    ),
                    self._make_button(
                        self.env._("Defection"),
                        figures,
                        "action_open_defection",
                        "fa-user-times",
                        compact=True,
                    ),
                ],
                links=[self._make_phone_link(figures.partner_id.phone)]
                if figures.partner_id.phone
                else [],
            )
            for figures in found
        ]
        return self._make_block(
            "at_risk",
            self.env._("About to Leave"),
            "fa-user-times",
            rows,
            column="main",
            count=Metrics.search_count(domain) if rows else 0,
            tone="danger",
            action="customer_segmentation.customer_metrics_action_risk",
            context={
                "search_default_about_to_leave": 1,
                "search_default_my_risk_cards": 1,
            },
        )
