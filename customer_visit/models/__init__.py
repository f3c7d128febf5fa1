from . import res_users_visit
from . import customer_card_event
from . import customer_visit_purpose
from . import customer_visit
from . import customer_visit_contact
from . import res_partner_visit
