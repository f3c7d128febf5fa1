from odoo import models


class ResPartner(models.Model):
    """Reading a card on loan is recorded."""

    _name = "res.partner"
    _inherit = ["res.partner", "customer.card.read.log.mixin"]
