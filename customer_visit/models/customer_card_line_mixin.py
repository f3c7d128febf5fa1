from odoo import api, models
from odoo.tools import SQL


class CustomerCardLineMixin(models.AbstractModel):
    """Visits, promises, cycles and answers follow their customer to his card, as the
    parts of the card do."""

    _inherit = "customer.card.line.mixin"

    @api.model
    def _update_line_roots(self, card_ids):
        result = super()._update_line_roots(card_ids)
        for name in self._get_rooted_models():
            Model = self.env[name]
            Model.flush_model(["partner_id", "card_root_id"])
            self.env.execute_query(
                SQL(
                    """
                    UPDATE %(table)s document
                       SET card_root_id = partner.card_root_id
                      FROM res_partner partner
                     WHERE partner.id = document.partner_id
                       AND partner.card_root_id = ANY(%(card_ids)s)
                       AND document.card_root_id IS DISTINCT FROM partner.card_root_id
                 RETURNING document.id
                    """,
                    table=SQL.identifier(Model._table),
                    card_ids=list(card_ids),
                )
            )
            Model.invalidate_model(["card_root_id"])
        # answers from before the card was opened count for it
        self.env["res.partner"].browse(card_ids)._refresh_satisfaction()
        return result

    @api.model
    def _get_rooted_models(self):
        """Hook: other addons add theirs.

        :return: names of models that are no part of a card, and store the card of
            their ``partner_id`` as ``card_root_id``
        """
        return [
            "customer.visit",
            "customer.followup",
            "customer.followup.line",
            "customer.promise",
            "survey.user_input",
        ]
