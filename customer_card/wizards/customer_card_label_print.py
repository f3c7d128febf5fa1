from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError


class CustomerCardLabelPrint(models.TransientModel):
    """Print addresses on labels: those of a letter's recipients, or of cards chosen
    in a list."""

    _name = "customer.card.label.print"
    _description = "Print Address Labels"

    letter_id = fields.Many2one("customer.card.letter", readonly=True)
    partner_ids = fields.Many2many(
        "res.partner",
        string="Recipients",
        default=lambda self: self._default_partner_ids(),
        domain="[('card_can_edit', '=', True)]",
    )
    partner_count = fields.Integer("Labels", compute="_compute_partner_count")
    missing_count = fields.Integer(
        "Without Postal Address", compute="_compute_partner_count"
    )
    sheet_id = fields.Many2one(
        "customer.card.label.sheet",
        "Label Sheet",
        required=True,
        default=lambda self: self._default_sheet_id(),
    )
    start_at = fields.Integer(
        "First Label",
        default=1,
        required=True,
        help="On a sheet that has been used partly, the first label that is left, "
        "counted row by row.",
    )

    @api.model
    def _default_partner_ids(self):
        if self.env.context.get("active_model") != "res.partner":
            return False
        return [Command.set(self.env.context.get("active_ids", []))]

    @api.model
    def _default_sheet_id(self):
        paper = self.env.company.paperformat_id.format
        page = "letter" if paper == "Letter" else "a4"
        return self.env["customer.card.label.sheet"].search(
            [("page_format", "=", page)], limit=1
        )

    @api.depends("partner_ids")
    def _compute_partner_count(self):
        for label_print in self:
            reachable = label_print.partner_ids.filtered(
                lambda partner: partner._has_postal_address()
            )
            label_print.partner_count = len(reachable)
            label_print.missing_count = len(label_print.partner_ids) - len(reachable)

    @api.constrains("start_at", "sheet_id")
    def _check_start_at(self):
        for label_print in self:
            if not 1 <= label_print.start_at <= label_print.sheet_id.label_count:
                raise ValidationError(
                    self.env._(
                        "%(sheet)s has %(count)s labels: the first one must be "
                        "between 1 and %(count)s.",
                        sheet=label_print.sheet_id.name,
                        count=label_print.sheet_id.label_count,
                    )
                )

    def action_print(self):
        """Print the labels.

        :raise CardAccessError: for customers that the user does not keep
        :raise UserError: when nobody has a postal address
        """
        self.ensure_one()
        self.partner_ids._check_letters_allowed()
        if not self.partner_count:
            raise UserError(
                self.env._(
                    "None of these customers has a postal address: enter street and "
                    "town on their cards first."
                )
            )
        suffix = "_us" if self.sheet_id.page_format == "letter" else ""
        report = self.env.ref(
            f"customer_card.action_report_customer_card_label{suffix}"
        )
        return report.report_action(self)

    def _get_addresses(self):
        """:return: the addresses, in the order of the postcodes, as the post likes
            them; those of a letter as they were noted there
        :raise CardAccessError: for customers that the user does not keep"""
        self.ensure_one()
        self.partner_ids._check_letters_allowed()
        noted = {
            line.partner_id: line.address
            for line in self.letter_id.line_ids
            if line.address
        }
        reachable = self.partner_ids.filtered(
            lambda partner: partner in noted or partner._has_postal_address()
        )
        return [
            noted.get(partner) or partner._get_letter_address()
            for partner in reachable.sorted(
                lambda partner: (
                    partner.country_id.code or "",
                    partner.zip or "",
                    partner.name or "",
                )
            )
        ]

    def _record_print(self):
        """Enter the print in the ledger of every card."""
        self.ensure_one()
        # sudo: only which cards these contacts belong to is read
        card_ids = self.partner_ids.sudo().card_root_id.ids
        self.env["customer.card.event"]._log(
            self.env["res.partner"].browse(card_ids),
            "printed",
            self.env._("Address label"),
            self.letter_id or None,
        )
