from . import customer_key_star
from . import customer_lifecycle_move
from . import base_partner_merge_defection
from . import customer_defection_close
