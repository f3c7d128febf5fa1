from odoo import models
from odoo.tools import SQL


class MergePartnerAutomatic(models.TransientModel):
    """What is left behind by a merge: the meetings that were made from a contact, which
    Odoo forgets, and the card of visits and other records of two cards that became
    one."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_reference_fields(self, src_partners, dst_partner):
        result = super()._update_reference_fields(src_partners, dst_partner)
        self.env["calendar.event"].flush_model(["res_id", "res_model"])
        self.env.execute_query(
            SQL(
                """
                UPDATE calendar_event
                   SET res_id = %s
                 WHERE res_model = 'res.partner'
                   AND res_id = ANY(%s)
             RETURNING id
                """,
                dst_partner.id,
                src_partners.ids,
            )
        )
        self.env["calendar.event"].invalidate_model(["res_id"])
        return result

    def _recompute_card_tree(self, target):
        result = super()._recompute_card_tree(target)
        for name in self._get_card_record_models():
            Model = self.env[name].sudo().with_context(active_test=False)
            records = Model.search([("partner_id", "=", target.id)])
            self.env.add_to_compute(Model._fields["card_root_id"], records)
        return result

    def _get_card_record_models(self):
        """:return: names of the models that keep the card of their customer"""
        return [
            name
            for name, Model in self.env.registry.items()
            if Model._auto
            and not Model._abstract
            and name.startswith("customer.")
            and "partner_id" in Model._fields
            and (field := Model._fields.get("card_root_id"))
            and field.store
            and field.related == "partner_id.card_root_id"
        ]
