from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_date

from .customer_card_letter import LETTER_DOOR


class CustomerCardLetterLine(models.Model):
    """One recipient of a letter: the address as it was printed, and what became of
    his letter. Whoever may read the customer reads it."""

    _name = "customer.card.letter.line"
    _description = "Recipient of a Letter"
    _inherit = ["customer.card.gate.mixin"]
    _order = "letter_id DESC, reason NULLS FIRST, id"
    _rec_name = "partner_id"
    _allow_sudo_commands = False
    # whom a refusal must not name
    _card_customer_field = "partner_id"
    _card_gate_names = frozenset({"name", "street", "zip", "city", "country_id"})

    letter_id = fields.Many2one(
        "customer.card.letter", required=True, index=True, ondelete="cascade"
    )
    subject = fields.Char(related="letter_id.subject", related_sudo=True)
    letter_user_id = fields.Many2one(related="letter_id.user_id", related_sudo=True)
    letter_state = fields.Selection(
        related="letter_id.state", related_sudo=True, string="Status of the Letter"
    )
    partner_id = fields.Many2one(
        "res.partner", "Recipient", required=True, index=True, ondelete="cascade"
    )
    card_root_id = fields.Many2one(
        related="partner_id.card_root_id",
        string="Customer Card",
        store=True,
        index="btree_not_null",
    )
    address = fields.Text(help="As it is printed. It can be changed for this letter.")
    lang = fields.Selection(related="partner_id.lang", related_sudo=False)
    state = fields.Selection(
        [
            ("to_send", "To Send"),
            ("sent", "Sent"),
            ("returned", "Came Back"),
            ("left_out", "Left Out"),
        ],
        "Status",
        default="to_send",
        required=True,
        readonly=True,
    )
    reason = fields.Selection(
        [
            ("no_contact", "No such contact or address"),
            ("closed", "Card is closed"),
            ("opted_out", "Wants no letters"),
            ("no_address", "No postal address"),
        ],
        "Why Left Out",
        readonly=True,
    )
    sent_date = fields.Date("Sent On", readonly=True)

    # no unique index: customers that are merged later may both have got the letter
    @api.constrains("letter_id", "partner_id")
    def _check_once(self):
        for letter, partner, count in self._read_group(
            [("letter_id", "in", self.letter_id.ids)],
            ["letter_id", "partner_id"],
            ["__count"],
            having=[("__count", ">", 1)],
        ):
            raise ValidationError(
                self.env._(
                    "%(letter)s: %(recipient)s is there %(count)s times. A customer "
                    "gets a letter only once.",
                    letter=letter.subject,
                    recipient=partner.display_name,
                    count=count,
                )
            )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        ids = [vals["partner_id"] for vals in vals_list if vals.get("partner_id")]
        self.env["res.partner"].browse(ids)._check_letters_allowed()
        lines = super().create([self._complete_values(vals, ids) for vals in vals_list])
        lines.letter_id._check_editable()
        lines.letter_id._check_state(("draft",))
        return lines

    def write(self, vals):
        if not (self._door_open() or self.env.su):
            if vals.keys() - {"address"}:
                raise AccessError(
                    self.env._(
                        "Only the address of a recipient can be changed. Remove the "
                        "recipient and add another one instead."
                    )
                )
            self.letter_id._check_editable()
            self.letter_id._check_state(("draft", "printed"))
        return super().write(vals)

    def onchange(self, values, field_names, fields_spec):
        """:raise AccessError: for a letter that the user may not read: the fields that
        tell about it are there for whoever may read its recipient"""
        letter_id = values.get("letter_id")
        if isinstance(letter_id, dict):
            letter_id = letter_id.get("id")
        # sudo: which letter a line belongs to
        if isinstance(letter_id, int) and letter_id not in self.sudo().letter_id.ids:
            self.env["customer.card.letter"].browse(letter_id).check_access("read")
        return super().onchange(values, field_names, fields_spec)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_from_drafts(self):
        self.letter_id._check_editable()
        self.letter_id._check_state(("draft", "cancelled"))

    @api.model
    def _complete_values(self, vals, prefetch_ids):
        """:return: ``vals`` with the address as it is now; whether a recipient who is
        added by hand can get a letter is not for the client to say"""
        Partner = self.env["res.partner"].with_prefetch(prefetch_ids)
        partner = Partner.browse(vals.get("partner_id"))
        values = {"address": partner._get_letter_address() if partner else "", **vals}
        if self._door_open() or not partner:
            return values
        card = partner.card_root_id or partner
        reasons = self.env["customer.card.audience"]._get_obstacles({card: partner})
        values["state"] = "left_out" if reasons else "to_send"
        values["reason"] = reasons.get(card, False)
        values["sent_date"] = False
        return values

    def _door_open(self):
        return self.env.context.get("letter_door") is LETTER_DOOR

    def _through_door(self):
        return self.with_context(letter_door=LETTER_DOOR)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_returned(self):
        """The post brought these letters back: whoever keeps the card is asked to
        find the right address.

        :raise UserError: for letters that were not sent
        """
        self._check_kept()
        for line in self:
            if line.state != "sent":
                raise UserError(
                    self.env._(
                        "%(recipient)s: only a letter that was sent can come back.",
                        recipient=line.partner_id.display_name,
                    )
                )
        self._through_door().write({"state": "returned"})
        for line in self:
            card = line.card_root_id or line.partner_id
            card.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("Find the right address"),
                note=self.env._(
                    "The letter “%(subject)s” came back from: %(address)s",
                    subject=line.subject,
                    address=", ".join((line.address or "").splitlines()),
                ),
                user_id=(card.card_custodian_id or self.env.user).id,
            )
        return True

    # ------------------------------------------------------------
    # WHAT STANDS ON THE LETTER
    # ------------------------------------------------------------

    def _check_kept(self):
        """:raise CardAccessError: for recipients whose card the user does not keep:
        their address leaves the system with the letter"""
        self.partner_id._check_letters_allowed()

    def _get_salutation(self):
        """:return: how a letter to this recipient begins, in his language"""
        self.ensure_one()
        partner = self.partner_id
        env = self.with_context(lang=self.lang or self.env.lang).env
        if partner.is_company or partner.type in ("invoice", "delivery", "other"):
            return env._("Dear Sir or Madam,")
        if partner.gender == "female":
            return env._("Dear Ms. %(name)s,", name=partner.name)
        if partner.gender == "male":
            return env._("Dear Mr. %(name)s,", name=partner.name)
        return env._("Dear %(name)s,", name=partner.name)

    def _get_placeholder_values(self):
        """:return: ``{line id: {placeholder: text}}``, see
        ``customer.card.letter._get_placeholders``"""
        values = {}
        for line in self:
            partner = line.partner_id
            card = line.card_root_id or partner
            # sudo: name, phone and e-mail of the custodian and of the own company
            custodian = card.card_custodian_id.sudo()
            letter = line.letter_id.sudo()
            values[line.id] = {
                "salutation": line._get_salutation(),
                "name": partner.name or card.name or "",
                "company": card.name or "",
                "city": card.city or "",
                "main_products": card.main_products or "",
                "card_number": card.card_number or "",
                "custodian": custodian.name or "",
                "custodian_phone": custodian.phone or "",
                "custodian_email": custodian.email or "",
                "sender": letter.company_id.name,
                "date": format_date(
                    self.env,
                    letter.date,
                    lang_code=line.lang or self.env.lang,
                    date_format="long",
                ),
            }
        return values
