from odoo import api, models
from odoo.tools import SQL

from odoo.addons.customer_visit.models.customer_contact_policy import AT_ONCE


class CustomerMetrics(models.Model):
    """What follows from changes of class: the rules that read classes look at the cards
    anew whose classes changed – at once, unless there are very many; these, and what a
    first run finds, are left to the scheduled actions of the rules."""

    _inherit = "customer.metrics"

    @api.model
    def _after_rows(self, run):
        super()._after_rows(run)
        if not run.recorded:
            return
        for rule_model, refresh in (
            ("customer.contact.policy", self._refresh_rule_contacts),
            ("customer.card.requirement", self._refresh_rule_completeness),
        ):
            Rule = self.env[rule_model]
            dimensions = self._get_rule_dimensions(Rule)
            if not dimensions:
                continue
            cards = run.has_history and self._get_changed_cards(run, dimensions)
            if cards is False or len(cards) > AT_ONCE:
                cron = self.env.ref(Rule._rule_cron, raise_if_not_found=False)
                if cron:
                    # sudo: whoever computes figures may not run scheduled actions
                    cron.sudo()._trigger()
            elif cards:
                refresh(cards)

    @api.model
    def _refresh_rule_contacts(self, cards):
        cards._refresh_contacts(cards.ids)

    @api.model
    def _refresh_rule_completeness(self, cards):
        cards._write_card_completeness()

    @api.model
    def _get_rule_dimensions(self, Rule):
        """:return: the kinds of class that the rules of a model read"""
        shown = self.env["res.partner"]._get_segment_fields()
        watched = {shown.get(name) for name in Rule._get_watched_fields()}
        return [
            dimension
            for field_name, dimension in self._get_history_fields().items()
            if field_name in watched
        ]

    @api.model
    def _get_changed_cards(self, run, dimensions):
        """:return: res.partner: the cards whose classes changed on the day of the run,
        one more than ``AT_ONCE`` at the most"""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT card.id
                  FROM customer_segment_change change
                  JOIN res_partner card
                    ON card.id = change.partner_id AND card.card_state IS NOT NULL
                 WHERE change.company_id = %s
                   AND change.date = %s
                   AND change.dimension = ANY(%s)
              ORDER BY card.id
                 LIMIT %s
                """,
                run.company.id,
                run.as_of,
                dimensions,
                AT_ONCE + 1,
            )
        )
        return self.env["res.partner"].browse([card_id for (card_id,) in rows])
