from . import metrics_run
