from odoo import models

from ..exceptions import CardAccessError

# Models whose refusal would name a hidden customer, with the field that holds him.
MASKED_MODELS = {
    "res.partner": "id",
    "res.users": "partner_id",
    "res.partner.bank": "partner_id",
    "mail.followers": "partner_id",
    "mail.notification": "res_partner_id",
}
# Models that hang on documents, whose own names tell about the customer.
MASKED_ATTACHED_MODELS = {
    "ir.attachment": ("res_model", "res_id"),
    "mail.activity": ("res_model", "res_id"),
    "mail.message": ("model", "res_id"),
}


class IrRule(models.Model):
    """Odoo's access error lists the names of the records to every internal user who
    adds ``?debug=1`` to the address. For cards it names nobody, and offers a request."""

    _inherit = "ir.rule"

    def _make_access_error(self, operation, records):
        hidden = self._get_hidden_customers(records)
        if not hidden:
            return super()._make_access_error(operation, records)
        if operation == "read":
            message = self.env._(
                "This customer's card is kept by somebody else. Ask the manager of "
                "the department to lend it to you."
            )
        else:
            message = self.env._(
                "Only the custodian of this customer's card, his deputy or the "
                "manager of the department may change it."
            )
        # the check has put hidden records into the cache
        records.invalidate_recordset()
        return CardAccessError(message, hidden.ids)

    def _get_hidden_customers(self, records):
        """:return: the partners with a card that these records are about"""
        Partner = self.env["res.partner"]
        # sudo: only whether there is a card is read, to choose the message
        records = records.sudo().exists()
        field_name = MASKED_MODELS.get(records._name)
        if isinstance(records, self.env.registry["customer.card.line.mixin"]):
            field_name = "partner_id"
        if field_name:
            partners = records if field_name == "id" else records[field_name]
        elif names := MASKED_ATTACHED_MODELS.get(records._name):
            model_name, id_name = names
            partners = (
                Partner.sudo()
                .browse(
                    record[id_name]
                    for record in records
                    if record[model_name] == Partner._name
                )
                .exists()
            )
        else:
            return Partner
        return partners.filtered("card_root_id").sudo(False)
