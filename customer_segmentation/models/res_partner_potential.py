from odoo import api, fields, models
from odoo.tools.sql import column_exists, create_column

# who estimated, and when, is said by the system
POTENTIAL_COLUMNS = {
    "potential_amount": "numeric",
    "potential_currency_id": "int4",
    "potential_user_id": "int4",
    "potential_date": "date",
}
STAMPS = {"potential_user_id", "potential_date"}


class ResPartner(models.Model):
    """What a customer or prospect could buy from us in a year: estimated by whoever
    keeps his card, for the rules of key customers (P02)."""

    _inherit = "res.partner"

    potential_amount = fields.Monetary(
        "Potential per Year",
        currency_field="potential_currency_id",
        copy=False,
        groups="base.group_user",
        help="What this customer could buy from us in a year, untaxed. Estimate it for "
        "prospects too: rules of key customers look at it.",
    )
    potential_currency_id = fields.Many2one(
        "res.currency",
        "Currency of the Potential",
        copy=False,
        groups="base.group_user",
    )
    potential_user_id = fields.Many2one(
        "res.users",
        "Estimated By",
        readonly=True,
        copy=False,
        ondelete="set null",
        groups="base.group_user",
    )
    potential_date = fields.Date(
        "Estimated On", readonly=True, copy=False, groups="base.group_user"
    )

    _potential_positive = models.Constraint(
        "CHECK (potential_amount >= 0)", "The potential of a customer is 0 or more."
    )
    _potential_idx = models.Index("(potential_amount) WHERE potential_amount > 0")

    def _auto_init(self):
        """Add the columns empty: at installation nothing is estimated."""
        for name, column_type in POTENTIAL_COLUMNS.items():
            if not column_exists(self.env.cr, self._table, name):
                create_column(self.env.cr, self._table, name, column_type)
        return super()._auto_init()

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._stamp_potential(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._stamp_potential(vals))

    @api.model
    def _stamp_potential(self, vals):
        """:return: ``vals`` with who estimates now, whatever a client says about it"""
        if not self.env.su and STAMPS & vals.keys():
            vals = {name: vals[name] for name in vals if name not in STAMPS}
        if not vals.get("potential_amount"):
            return vals
        return {
            "potential_currency_id": self.env.company.currency_id.id,
            "potential_user_id": self.env.uid,
            "potential_date": self.env.user._card_today(),
            **vals,
        }

    @api.model
    def _get_card_tracked_fields(self):
        return super()._get_card_tracked_fields() | {"potential_amount"}
