from . import customer_trade_demo
