{
    "name": "Customer Visit",
    "summary": "Visits and every other contact with a customer: planned, prepared, "
    "reported and followed up",
    "version": "19.0.1.0.0",
    "category": "Sales/Customer Card",
    "author": "Customer Card maintainers",
    "license": "LGPL-3",
    "depends": ["customer_card", "calendar", "crm", "sms", "survey", "event"],
    "data": [
        "security/ir.model.access.csv",
        "security/customer_visit_security.xml",
        "security/customer_daily_review_security.xml",
        "data/customer_daily_review_data.xml",
        "views/customer_visit_menus.xml",
        "views/customer_daily_review_views.xml",
    ],
    "demo": [],
    "assets": {
        "web.assets_backend": ["customer_visit/static/src/**/*"],
        "web.assets_tests": ["customer_visit/static/tests/tours/*.js"],
    },
}
