from odoo import models
from odoo.modules.db import FunctionStatus


def _trigram(column):
    """:return: the definition of a trigram index as Odoo's ``ilike`` uses it, or
    nothing where the database has no trigrams"""

    def definition(registry):
        if not registry.has_trigram:
            return ""
        expression = f'"{column}"'
        if registry.has_unaccent == FunctionStatus.INDEXABLE:
            expression = registry.unaccent(expression)
        return f"USING gin ({expression} gin_trgm_ops)"

    return definition


class ResPartner(models.Model):
    """Indexes for searching among a million contacts by a part of a name, of an
    e-mail or of a number: 3 s without them, 4–35 ms with them. Odoo searches these
    columns together, so one without index would spoil the others."""

    _inherit = "res.partner"

    _card_complete_name_idx = models.Index(_trigram("complete_name"))
    _card_email_idx = models.Index(_trigram("email"))
    _card_phone_idx = models.Index(_trigram("phone"))
    _card_ref_idx = models.Index(_trigram("ref"))
    _card_vat_idx = models.Index(_trigram("vat"))
    _card_company_registry_idx = models.Index(_trigram("company_registry"))
    _card_number_idx = models.Index(_trigram("card_number"))
    _card_email_normalized_idx = models.Index(
        "(email_normalized) WHERE email_normalized IS NOT NULL"
    )
