from odoo import api, models

from .res_partner_gates import FREE_NAMES, JSON_ROUTE


class Base(models.AbstractModel):
    """Groups name the values of the fields by which they are made, of any document:
    grouping orders by their customers' e-mail takes these out."""

    _inherit = "base"

    @api.model
    def web_read_group(self, domain, groupby, aggregates=(), *args, **kwargs):
        if self.env.context.get(JSON_ROUTE):
            self._check_card_groups_take_out(domain, [*groupby, *aggregates], "json")
        return super().web_read_group(domain, groupby, aggregates, *args, **kwargs)

    @api.model
    def _check_card_groups_take_out(self, domain, specs, way):
        """Check the customers whose fields are in groups, see
        ``res.partner._check_card_take_out``.

        :param domain: of the records that are grouped
        :param specs: what they are grouped by, and aggregates
        :param way: ``json`` or ``table``
        """
        for spec in specs:
            for path, model, name in self._walk_group_path(spec.split(":")[0]):
                groups = self._read_group(
                    domain, [".".join([*path, model._get_card_path()])]
                )
                # sudo: only which cards are in the groups is read
                cards = self.env["res.partner"].browse(
                    card.id for (card,) in groups if card.sudo().card_root_id
                )
                cards._check_card_take_out(
                    "exported",
                    "JSON" if way == "json" else "",
                    way=way,
                    names=model._get_card_take_out_names({name}),
                    unique=True,
                )

    @api.model
    def _walk_group_path(self, spec):
        """:return: where the path of a grouping reads a field of a customer or of a part
        of his card: ``[(names before, model, name of the field), …]``"""
        found = []
        path = []
        model = self
        for name in spec.split("."):
            if model._get_card_path() and name not in (*FREE_NAMES, "__count"):
                found.append((tuple(path), model, name))
            field = model._fields.get(name)
            if not field or not field.relational:
                break
            path.append(name)
            model = self.env[field.comodel_name]
        return found

    @api.model
    def _get_card_path(self):
        """:return: the field that leads to the card, for models that tell about one"""
        return False

    @api.model
    def _get_card_take_out_names(self, names):
        """:return: which fields of the customer stand for these fields"""
        return names
