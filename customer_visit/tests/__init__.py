from . import test_daily_review
from . import test_visit
from . import test_followup
from . import test_cadence
from . import test_coverage
from . import test_my_day
from . import test_route
from . import test_plan
