from odoo import models

from ..exceptions import CardAccessError

# Models whose refusal would name a hidden customer, with the field that holds him. Ours
# say it themselves: ``_card_customer_field``, or ``_card_gate_partner``.
MASKED_MODELS = {
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
        # sudo: only whether there is a card is read, to choose the message
        customers = self._get_customers(records.sudo().exists())
        return customers.filtered("card_root_id").sudo(False)

    def _get_customers(self, records):
        """:param records: sudo records of any model
        :return: the partners that their names, or their documents' names, tell about
        """
        customers = self.env["res.partner"].sudo()
        if records._name == customers._name:
            return records
        if field_name := (
            MASKED_MODELS.get(records._name)
            or getattr(records, "_card_customer_field", None)
            or getattr(records, "_card_gate_partner", None)
        ):
            return records.mapped(field_name)
        model_name, id_name = MASKED_ATTACHED_MODELS.get(records._name, (None, None))
        if model_name:
            for model, attached in records.grouped(model_name).items():
                if model in self.env and self.env[model]._auto:
                    # sudo: which customers a refused document is about; none is named
                    documents = self.env[model].sudo().browse(attached.mapped(id_name))
                    customers |= self._get_customers(documents.exists())
        return customers
