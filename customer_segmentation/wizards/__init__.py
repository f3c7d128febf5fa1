from . import base_partner_merge_defection
from . import base_partner_merge_metrics
from . import customer_defection_close
from . import customer_key_star
from . import customer_lifecycle_move
from . import customer_segment_compare
from . import customer_segment_look_back
from . import customer_trade_guards
