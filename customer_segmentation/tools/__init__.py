from . import metrics_run
from . import prediction
