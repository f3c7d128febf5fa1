{
    "name": "Customer Segmentation",
    "summary": "What each customer is worth, and why: ABC, loyalty, life cycle, "
    "key customers, defection and the next sale, from real invoices and orders",
    "version": "19.0.1.0.0",
    "category": "Sales/Customer Card",
    "author": "Customer Card maintainers",
    "license": "LGPL-3",
    "depends": ["customer_visit", "account", "sale"],
    "data": [
        "security/ir.model.access.csv",
        "security/customer_defection_security.xml",
        "security/customer_metrics_security.xml",
        "security/customer_segment_security.xml",
        "security/customer_trade_security.xml",
        "security/customer_loyalty_security.xml",
        "data/customer_defection_data.xml",
        "data/customer_winback_step_data.xml",
        "data/customer_metrics_data.xml",
        "data/customer_loyalty_cron.xml",
        "data/customer_lifecycle_rule_data.xml",
        "data/customer_key_rule_data.xml",
        "views/customer_segmentation_menus.xml",
        "views/res_config_settings_views.xml",
        "views/customer_metrics_views.xml",
        "views/customer_segment_change_views.xml",
        "views/res_partner_trade_views.xml",
    ],
    "demo": [
        # the trade of the demo cards: the other stories build on it
        "demo/product_product_demo.xml",
        "demo/account_move_demo.xml",
    ],
    "assets": {
        "web.assets_backend": ["customer_segmentation/static/src/**/*"],
        "web.assets_tests": ["customer_segmentation/static/tests/tours/*.js"],
    },
}
