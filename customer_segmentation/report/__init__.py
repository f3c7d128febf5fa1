from . import customer_segment_migration
from . import customer_trade_report
from . import card_print_trade
