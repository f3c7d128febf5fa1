from odoo import models


class ResPartnerBank(models.Model):
    """Bank accounts: readable and writable by every contact manager in plain Odoo."""

    _name = "res.partner.bank"
    _inherit = ["res.partner.bank", "customer.link.guard.mixin"]


class ResPartnerCategory(models.Model):
    """Tags: ``partner_ids`` would list and tag hidden customers."""

    _name = "res.partner.category"
    _inherit = ["res.partner.category", "customer.link.guard.mixin"]
