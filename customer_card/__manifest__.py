{
    "name": "Customer Card",
    "summary": "A card for every customer: one custodian each, "
    "shown to others only on a loan the department manager approves",
    "version": "19.0.1.0.0",
    "category": "Sales/Customer Card",
    "author": "Customer Card maintainers",
    "license": "LGPL-3",
    "application": True,
    "depends": ["contacts", "mail", "sales_team", "phone_validation"],
    "data": [
        "security/customer_card_groups.xml",
        "security/ir.model.access.csv",
        "security/res_partner_security.xml",
        "data/res_partner_data.xml",
        "wizards/customer_card_open_views.xml",
        "views/res_partner_views.xml",
        "views/crm_team_views.xml",
        "views/customer_card_menus.xml",
    ],
    "demo": [],
    "assets": {
        "web.assets_backend": ["customer_card/static/src/**/*"],
        "web.assets_tests": ["customer_card/static/tests/tours/*.js"],
    },
}
