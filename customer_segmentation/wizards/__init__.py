from . import customer_key_star
from . import customer_lifecycle_move
