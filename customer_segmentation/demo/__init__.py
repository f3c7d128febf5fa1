from . import customer_trade_demo
from . import customer_segment_demo
