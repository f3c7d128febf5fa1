from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class CustomerCardPrint(models.TransientModel):
    """Asks what to print of the chosen cards.

    Who may print them is checked again where the print is made: the dialog is only
    its convenient way.
    """

    _name = "customer.card.print"
    _description = "Print Customer Cards"

    card_ids = fields.Many2many(
        "res.partner",
        string="Cards",
        required=True,
        context={"active_test": False},
        domain=[("card_state", "!=", False)],
    )
    section_ids = fields.Many2many(
        "customer.card.section",
        string="Sections",
        default=lambda self: self.env["customer.card.section"].search(
            [("is_default", "=", True)]
        ),
    )

    @api.model
    def default_get(self, fields):
        """:raise AccessError: for portal users, who could ask which contacts have a card
        :raise CardAccessError: when the user does not keep all of the cards"""
        self.check_access("create")
        values = super().default_get(fields)
        if self.env.context.get("active_model") == "res.partner":
            partners = self.env["res.partner"].browse(
                self.env.context.get("active_ids", [])
            )
            # sudo: only which cards the contacts belong to is read
            cards = self.env["res.partner"].browse(partners.sudo().card_root_id.ids)
            if not cards:
                raise UserError(
                    self.env._("Choose customers that have a card, then print them.")
                )
            cards._check_card_take_out_rights()
            values["card_ids"] = [Command.set(cards.ids)]
        return values

    def action_print(self):
        """:return: the action that makes the PDF
        :raise UserError: when no section is chosen"""
        self.ensure_one()
        if not self.section_ids:
            raise UserError(self.env._("Choose at least one section to print."))
        self.card_ids._check_card_take_out_rights()
        report = self.env.ref("customer_card.card_print_report")
        action = report.report_action(
            self.card_ids,
            data={"card_ids": self.card_ids.ids, "section_ids": self.section_ids.ids},
            config=False,
        )
        return {**action, "close_on_report_download": True}
