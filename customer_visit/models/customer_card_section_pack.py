from odoo import fields, models
from odoo.tools import SQL


class CustomerCardSection(models.Model):
    """Which sections of the card a visitor takes with him."""

    _inherit = "customer.card.section"

    in_visit_pack = fields.Boolean(
        "In the Visit Pack",
        default=True,
        help="Part of the pack that is printed for an approved weekly plan. Of cards "
        "that the plan lends only sections that may be lent are printed.",
    )

    def _init_column(self, column_name):
        """The sections that are chosen by default are in the pack."""
        if column_name != "in_visit_pack":
            return super()._init_column(column_name)
        self.env.cr.execute(
            SQL("UPDATE customer_card_section SET in_visit_pack = is_default")
        )
        return None
