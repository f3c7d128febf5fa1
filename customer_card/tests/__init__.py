from . import test_card_access
from . import test_card_lifecycle
from . import test_approval_mixin
from . import test_card_event
from . import test_card_loan
from . import test_card_loan_read_log
from . import test_card_loan_tour
from . import test_stories
