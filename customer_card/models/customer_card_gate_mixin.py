from odoo import api, models

from .res_partner_gates import FREE_NAMES, JSON_ROUTE


class CustomerCardGateMixin(models.AbstractModel):
    """What tells about a card leaves the system as the card itself does: parts of the
    card, and documents with data of the customer on them."""

    _name = "customer.card.gate.mixin"
    _description = "Gate of What Tells About a Card"

    # path to the customer, and to what says which card he has
    _card_gate_partner = "partner_id"
    _card_gate_path = "card_root_id"
    # the fields of the customer that these records show, where they are no part of
    # the card with a field of its own
    _card_gate_names = frozenset()

    def _check_line_take_out(self, names, **options):
        """:raise CardAccessError, UserError: see ``res.partner._check_card_take_out``"""
        if set(names) - FREE_NAMES:
            # sudo: which card a line belongs to; the card's own gate checks the user
            partner_ids = self.sudo().mapped(self._card_gate_partner).ids
            self.env["res.partner"].browse(partner_ids)._check_card_take_out(
                "exported",
                self._description,
                names=self._get_card_take_out_names(names),
                **options,
            )

    @api.model
    def _get_card_path(self):
        return self._card_gate_path

    @api.model
    def _get_card_take_out_names(self, names):
        """The field of the customer that these lines belong to: who may take out that
        field takes out its lines."""
        return set(self._card_gate_names) or {
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
