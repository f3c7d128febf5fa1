from odoo import api, models

# Set by the system, or by whoever keeps the card.
NEVER_PROPOSED = {
    "id",
    "display_name",
    "partner_id",
    "card_root_id",
    "active",
    "sequence",
    "struck_date",
    "struck_by_id",
    "company_id",
    "create_uid",
    "create_date",
    "write_uid",
    "write_date",
}


class CustomerCardLineMixin(models.AbstractModel):
    """What others may propose to change on an entry of a card."""

    _inherit = "customer.card.line.mixin"

    @api.model
    def _get_card_proposable_fields(self):
        """:return: names of the fields of an entry that others may propose to change:
        all that are stored and typed by hand, no attachments, users or companies.
        Extend or reduce."""
        Line = self.env["customer.card.change.line"]
        return {
            name
            for name, field in self._fields.items()
            if name not in NEVER_PROPOSED
            and not field.readonly
            and not field.related
            and Line._is_proposable_type(field)
        }

    @api.model
    def _get_card_basic_fields(self):
        """:return: names of fields that are said of a new entry and never change"""
        return set()

    @api.model
    def _get_card_ignored_fields(self):
        """:return: names of fields that a form sends along and that say nothing"""
        return NEVER_PROPOSED
