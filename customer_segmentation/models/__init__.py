from . import customer_metrics
from . import customer_metrics_refresh
from . import customer_segment_change
from . import res_company_metrics
from . import res_config_settings_metrics
from . import res_partner_segment
from . import res_users_metrics
