from . import card_print_visits
from . import customer_visit_preparation
from . import customer_promise_report
from . import customer_coverage_report
from . import customer_visit_report
from . import visit_print
from . import visit_pack
