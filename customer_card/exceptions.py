from odoo.exceptions import AccessError


class CardAccessError(AccessError):
    """The user may not open a customer's card, and may ask for it.

    The web client turns it into an offer: see ``static/src/access_error``.

    :param message: translated text that names no hidden customer
    :param partner_ids: ids of the partners that the user tried to open
    :param values: instead of ids, what the user typed of a customer: he has not seen
        the card, and its id would tell him the name
    """

    def __init__(self, message, partner_ids=(), values=None):
        super().__init__(message)
        self.context = {"card_request": {"partner_ids": list(partner_ids)}}
        if values:
            self.context["card_request"]["values"] = values
