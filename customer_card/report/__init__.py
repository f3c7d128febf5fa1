from . import customer_card_letter_report
