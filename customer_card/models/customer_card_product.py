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
