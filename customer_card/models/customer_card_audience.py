from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

# A letter arrives with a street or post box, and a town or its postcode.
POSTAL_FIELDS = ("street", "street2", "city", "zip")


class CustomerCardAudience(models.Model):
    """Whom a letter goes to: a saved choice of cards, and who is written to on each.

    An audience is evaluated with the rights of whoever uses it, and only ever holds
    cards that he keeps: addresses leave the system with the letter. Sharing one shares
    the choice, not the customers.
    """

    _name = "customer.card.audience"
    _description = "Audience of Letters"
    _order = "name, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    # who may use it
    user_id = fields.Many2one(
        "res.users",
        "Owner",
        default=lambda self: self.env.user,
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    sharing = fields.Selection(
        [
            ("private", "Only me"),
            ("team", "My department"),
            ("everybody", "Everybody"),
        ],
        "Shared With",
        default="private",
        required=True,
        help="Whoever uses a shared audience writes to his own cards with it.",
    )
    team_id = fields.Many2one(
        "crm.team",
        "Department",
        compute="_compute_team_id",
        store=True,
        index=True,
    )
    # which cards
    domain = fields.Char(
        "Cards",
        default='[("card_state", "!=", "closed")]',
        required=True,
        help="Which of the cards that you keep.",
    )
    # whom on each card
    recipient = fields.Selection(
        [
            ("card", "The customer"),
            ("role", "A contact with a role"),
            ("address", "An address"),
        ],
        "Write To",
        default="card",
        required=True,
    )
    contact_role = fields.Selection(
        lambda self: self.env["res.partner"]._fields["contact_role"].selection,
        "Role",
        help="The first contact with this role.",
    )
    address_type = fields.Selection(
        [
            ("invoice", "Invoice Address"),
            ("delivery", "Delivery Address"),
            ("other", "Other Address"),
        ],
        help="The first address of this type.",
    )
    fallback = fields.Boolean(
        "Else the Customer",
        default=True,
        help="Write to the customer himself where there is no such contact or address.",
    )
    # how many
    card_count = fields.Integer("My Cards", compute="_compute_counts")
    recipient_count = fields.Integer("Letters", compute="_compute_counts")
    left_out_count = fields.Integer("Left Out", compute="_compute_counts")

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("user_id", "sharing")
    def _compute_team_id(self):
        for audience in self:
            audience.team_id = audience.user_id.sale_team_id

    @api.depends_context("uid")
    @api.depends("domain", "recipient", "contact_role", "address_type", "fallback")
    def _compute_counts(self):
        for audience in self:
            try:
                recipients = audience._get_recipients()
            except (ValueError, UserError):
                recipients = {}
            reasons = audience._get_obstacles(recipients)
            audience.card_count = len(recipients)
            audience.left_out_count = len(reasons)
            audience.recipient_count = len(recipients) - len(reasons)

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("domain")
    def _check_domain(self):
        for audience in self:
            try:
                Domain(literal_eval(audience.domain)).validate(self.env["res.partner"])
            except (ValueError, SyntaxError, TypeError) as error:
                raise ValidationError(
                    self.env._(
                        "%(audience)s: this choice of cards cannot be read. Choose the "
                        "conditions anew.",
                        audience=audience.name,
                    )
                ) from error

    @api.constrains("recipient", "contact_role", "address_type")
    def _check_recipient(self):
        for audience in self:
            if (audience.recipient == "role" and not audience.contact_role) or (
                audience.recipient == "address" and not audience.address_type
            ):
                raise ValidationError(
                    self.env._(
                        "%(audience)s: say which role or which address the letters "
                        "go to.",
                        audience=audience.name,
                    )
                )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_cards(self):
        """Show the cards of this audience that the user keeps."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_card.res_partner_action_card"
        )
        action["name"] = self.name
        action["domain"] = [("id", "in", self._get_cards().ids)]
        action["context"] = {"create": False}
        return action

    def action_write_letter(self):
        """Start a letter to this audience."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Letter"),
            "res_model": "customer.card.letter",
            "view_mode": "form",
            "context": {"default_audience_id": self.id},
        }

    # ------------------------------------------------------------
    # WHO GETS A LETTER
    # ------------------------------------------------------------

    def _get_cards(self):
        """:return: res.partner: the cards of this audience that the user keeps
        :raise ValueError: for a domain that no longer fits the fields"""
        self.ensure_one()
        Partner = self.env["res.partner"]
        return Partner.search(
            Domain(literal_eval(self.domain))
            & Domain("card_state", "!=", False)
            & self.env.user._card_maintain_domain()
        )

    def _get_recipients(self):
        """:return: ``{card: whom to write to}``, the recipient empty where there is
        no such contact. Two queries, however many cards."""
        self.ensure_one()
        cards = self._get_cards()
        if self.recipient == "card":
            return {card: card for card in cards}
        wanted = (
            Domain("contact_role", "=", self.contact_role)
            if self.recipient == "role"
            else Domain("type", "=", self.address_type)
        )
        found = {}
        for contact in self.env["res.partner"].search(
            wanted & Domain("card_root_id", "in", cards.ids), order="id"
        ):
            found.setdefault(contact.card_root_id, contact)
        nobody = self.env["res.partner"]
        return {
            card: found.get(card) or (card if self.fallback else nobody)
            for card in cards
        }

    @api.model
    def _get_obstacles(self, recipients):
        """:param recipients: ``{card: res.partner}``
        :return: ``{card: reason}`` for the cards that get no letter; the reasons are
            those of ``customer.card.letter.line``"""
        reasons = {}
        for card, partner in recipients.items():
            if not partner:
                reasons[card] = "no_contact"
            elif card.card_state == "closed":
                reasons[card] = "closed"
            elif card.card_no_letters or partner.card_no_letters:
                reasons[card] = "opted_out"
            elif not partner._has_postal_address():
                reasons[card] = "no_address"
        return reasons
