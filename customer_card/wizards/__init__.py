from . import customer_approval_refuse
from . import customer_card_open
