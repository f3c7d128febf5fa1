from . import customer_card_open
