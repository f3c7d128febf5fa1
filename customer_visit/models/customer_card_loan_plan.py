from odoo import fields, models

from odoo.addons.customer_card.models.customer_card_loan import CustomerCardLoan as Base


class CustomerCardLoan(models.Model):
    """A loan that a weekly plan brings about: of one card, for one person, until the
    visit is reported or the week is over."""

    _inherit = "customer.card.loan"

    _approval_guarded_fields = Base._approval_guarded_fields | {"visit_plan_id"}

    visit_plan_id = fields.Many2one(
        "customer.visit.plan",
        "Weekly Plan",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The approved plan that lends this card. It comes back as soon as the "
        "visit is reported.",
    )
