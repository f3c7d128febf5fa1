from . import base_partner_merge_cadence
from . import customer_visit_reason
from . import customer_followup_start
from . import customer_followup_reason
from . import customer_promise_settle
from . import base_partner_merge_meeting
from . import customer_visit_call_back
