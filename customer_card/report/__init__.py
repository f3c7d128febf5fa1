from . import card_print
from . import card_print_sections
from . import card_extract
from . import customer_card_letter_report
from . import customer_card_score
from . import customer_card_unchecked
