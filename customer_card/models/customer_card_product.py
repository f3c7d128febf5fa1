import re
import unicodedata

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CustomerCardProduct(models.Model):
    """Goods that customers and their competitors talk about, as a tree of categories.

    A light catalogue of the users' own words: this addon does not depend on Odoo's
    products. An addon that does links the two.
    """

    _name = "customer.card.product"
    _description = "Product on Customer Cards"
    _parent_store = True
    _rec_names_search = ["complete_name"]
    _order = "complete_name, id"

    name = fields.Char("Product or Category", required=True)
    complete_name = fields.Char(
        compute="_compute_complete_name", store=True, recursive=True, index="trigram"
    )
    name_key = fields.Char(
        compute="_compute_name_key",
        store=True,
        help="The name without the differences of spelling that do not count.",
    )
    parent_id = fields.Many2one(
        "customer.card.product", "Category", index=True, ondelete="restrict"
    )
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("customer.card.product", "parent_id", "Contains")
    uom = fields.Char(
        "Unit",
        help="In which unit stock and use are counted: bottles, pallets, tonnes …",
    )
    active = fields.Boolean(default=True)

    _name_key_unique = models.UniqueIndex(
        "(COALESCE(parent_id, 0), name_key)",
        "There is a product of this name in this category already.",
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("name", "parent_id.complete_name")
    def _compute_complete_name(self):
        for product in self:
            product.complete_name = " / ".join(
                filter(None, (product.parent_id.complete_name, product.name))
            )

    @api.depends("complete_name")
    def _compute_display_name(self):
        for product in self:
            product.display_name = product.complete_name

    @api.depends("name")
    def _compute_name_key(self):
        for product in self:
            product.name_key = product._get_name_key(product.name)

    @api.model
    def _get_name_key(self, name):
        """:return: ``name`` without what spelling may add: case, spaces, and signs
        that look the same in another width"""
        return re.sub(r"\s", "", unicodedata.normalize("NFKC", name or "").casefold())

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("parent_id")
    def _check_parent(self):
        if self._has_cycle():
            raise ValidationError(self.env._("A category cannot be a part of itself."))

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self.browse()._check_names_free(
            [(vals.get("parent_id"), vals.get("name")) for vals in vals_list]
        )
        return super().create(vals_list)

    def write(self, vals):
        if {"name", "parent_id"} & vals.keys():
            self._check_names_free(
                [
                    (
                        vals.get("parent_id", product.parent_id.id),
                        vals.get("name", product.name),
                    )
                    for product in self
                ]
            )
        return super().write(vals)

    def _check_names_free(self, places):
        """Say which product it is that another one would double; the unique index
        could only say that there is one.

        :param places: ``[(id of the category, name), …]`` that the products of
            ``self``, or new ones, are to have
        :raise ValidationError: for a name without letters, and for one that is there
        """
        keys = [(parent or False, self._get_name_key(name)) for parent, name in places]
        if not all(key for _parent, key in keys):
            raise ValidationError(self.env._("A product needs a name."))
        twins = {
            (twin.parent_id.id, twin.name_key): twin
            for twin in self.with_context(active_test=False).search(
                [
                    ("name_key", "in", [key for _parent, key in keys]),
                    ("id", "not in", self.ids),
                ]
            )
        }
        for index, (place, (_parent, name)) in enumerate(
            zip(keys, places, strict=True)
        ):
            twin = twins.get(place)
            if twin and not twin.active:
                raise ValidationError(
                    self.env._(
                        "%(name)s is in the catalogue already, but archived, as "
                        "%(twin)s. Ask an administrator of Customer Cards to restore "
                        "it.",
                        name=name,
                        twin=twin.complete_name,
                    )
                )
            if twin or place in keys[:index]:
                raise ValidationError(
                    self.env._(
                        "%(name)s is in the catalogue already, as %(twin)s. Choose "
                        "that one.",
                        name=name,
                        twin=twin.complete_name if twin else name,
                    )
                )
