from . import customer_visit_preparation
from . import customer_promise_report
