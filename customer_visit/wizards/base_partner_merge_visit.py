from odoo import models
from odoo.tools import SQL


class MergePartnerAutomatic(models.TransientModel):
    """The visits of merged customers have been given to the one that stays, by SQL:
    they, their answers and competitors are on his card now."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _recompute_card_tree(self, target):
        result = super()._recompute_card_tree(target)
        names = ("customer.visit.answer", "customer.visit.competitor")
        for name in ("customer.visit", *names):
            self.env[name].flush_model(["card_root_id"])
        visits = SQL(
            "UPDATE customer_visit SET card_root_id = partner_id"
            " WHERE partner_id = %s RETURNING id",
            target.id,
        )
        parts = [
            SQL(
                """
                UPDATE %(table)s part
                   SET card_root_id = visit.partner_id
                  FROM customer_visit visit
                 WHERE visit.id = part.visit_id
                   AND visit.partner_id = %(target_id)s
             RETURNING part.id
                """,
                table=SQL.identifier(self.env[name]._table),
                target_id=target.id,
            )
            for name in names
        ]
        for query in (visits, *parts):
            self.env.execute_query(query)
        for name in ("customer.visit", *names):
            self.env[name].invalidate_model()
        return result
