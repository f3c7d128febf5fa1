from . import customer_segment_migration
from . import customer_trade_report
