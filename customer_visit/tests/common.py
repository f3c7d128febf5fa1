from odoo.addons.customer_card.tests.common import CustomerCardCommon, CustomerCardHttp


class CustomerVisitWorld:
    """Visits in the world of ``CustomerCardWorld``."""

    @classmethod
    def make_visit(cls, card, user, **values):
        """:return: a visit of ``user`` at ``card``, made by himself"""
        return (
            cls.env["customer.visit"]
            .with_user(user)
            .create({"partner_id": card.id, "user_id": user.id, **values})
        )


class CustomerVisitCommon(CustomerVisitWorld, CustomerCardCommon):
    """The world of visits in one transaction."""


class CustomerVisitHttp(CustomerVisitWorld, CustomerCardHttp):
    """The world of visits through a server and a browser."""
