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
    "data": [],
    "demo": [],
}
