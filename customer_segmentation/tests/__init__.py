from . import test_metrics_schedule
from . import test_metrics_behaviour
from . import test_metrics_receivable
from . import test_abc
from . import test_metrics
from . import test_segments
from . import test_trade_access
from . import test_lifecycle
from . import test_trade_card
from . import test_independent_check, test_segments
from . import test_independent_check
from . import test_metrics
from . import test_segments
from . import test_trade_access
from . import test_trade_http
from . import test_trade_report
from . import test_figures_access
