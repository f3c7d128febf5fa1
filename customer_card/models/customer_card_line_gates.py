from odoo import api, models

from .res_partner_gates import FREE_NAMES, JSON_ROUTE


class CustomerCardLineMixin(models.AbstractModel):
    """The parts of a card leave the system as the card itself does."""

    _inherit = "customer.card.line.mixin"

    def _check_line_take_out(self, names, **options):
        """:raise CardAccessError, UserError: see ``res.partner._check_card_take_out``"""
        if set(names) - FREE_NAMES:
            # sudo: which card a line belongs to; the card's own gate checks the user
            partners = self.env["res.partner"].browse(self.sudo().partner_id.ids)
            partners._check_card_take_out(
                "exported",
                self._description,
                names=self._get_card_take_out_names(names),
                **options,
            )

    @api.model
    def _get_card_path(self):
        return "card_root_id"

    @api.model
    def _get_card_take_out_names(self, names):
        """The field of the customer that these lines belong to: who may take out that
        field takes out its lines."""
        return {
            name
            for name, field in self.env["res.partner"]._fields.items()
            if field.type == "one2many" and field.comodel_name == self._name
        }

    def _export_rows(self, fields, *, _is_toplevel_call=True):
        self._check_line_take_out(
            {path[0] for path in fields if path},
            way="table",
            unique=not _is_toplevel_call,
        )
        return super()._export_rows(fields, _is_toplevel_call=_is_toplevel_call)

    def web_read(self, specification):
        if self.env.context.get(JSON_ROUTE):
            self._check_line_take_out(specification, way="json", unique=True)
        return super().web_read(specification)
