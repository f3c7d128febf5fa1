from . import base_partner_merge
from . import customer_approval_refuse
from . import customer_card_deputize
from . import customer_card_label_print
from . import customer_card_open
from . import customer_card_strike_out
from . import customer_card_print
from . import mail_compose_message
