from odoo import fields, models


class CustomerVisit(models.Model):
    """What was promised during a visit."""

    _inherit = "customer.visit"

    promise_ids = fields.One2many("customer.promise", "visit_id", "Promises")
