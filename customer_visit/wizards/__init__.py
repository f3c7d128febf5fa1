from . import customer_visit_reason
