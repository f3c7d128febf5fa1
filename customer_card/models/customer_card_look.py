from odoo import fields, models


class CustomerCardLook(models.Model):
    """When a user last looked at a card, so that he is told what changed since.

    Written by ``res.partner.card_look`` alone; everybody sees his own looks only.
    """

    _name = "customer.card.look"
    _description = "Last Look at a Customer Card"
    _rec_name = "partner_id"
    _log_access = False
    _allow_sudo_commands = False
    # whom a refusal must not name
    _card_customer_field = "partner_id"

    user_id = fields.Many2one(
        "res.users", required=True, readonly=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(
        "res.partner",
        "Customer Card",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    date = fields.Datetime("Last Look", required=True, readonly=True)
    since_date = fields.Datetime(
        "Look Before",
        readonly=True,
        help="What changed after it is shown. A card that is opened again within some "
        "minutes still shows the same.",
    )

    _user_partner_unique = models.Constraint(
        "UNIQUE (user_id, partner_id)",
        "A user has one last look at a card.",
    )
