from . import customer_card_letter_report
from . import customer_card_score
from . import customer_card_unchecked
