from odoo import api, models
from odoo.fields import Domain
from odoo.tools import mail as tools_mail

from ..exceptions import CardAccessError


class ResPartner(models.Model):
    """Looking a partner up by e-mail or VAT: never a second contact for a customer
    whose card is hidden, and never a word about who he is."""

    _inherit = "res.partner"

    @api.model
    def find_or_create(self, email, assert_valid_email=False):
        self._check_hidden_cards([email])
        return super().find_or_create(email, assert_valid_email=assert_valid_email)

    @api.model
    def name_create(self, name):
        # where nobody looks the e-mail up before
        self._check_hidden_cards([name])
        return super().name_create(name)

    @api.model
    def _find_or_create_from_emails(
        self,
        emails,
        ban_emails=None,
        filter_found=None,
        additional_values=None,
        no_create=False,
        sort_key=None,
        sort_reverse=True,
    ):
        if not no_create:
            self._check_hidden_cards(set(emails) - set(ban_emails or ()))
        return super()._find_or_create_from_emails(
            emails,
            ban_emails=ban_emails,
            filter_found=filter_found,
            additional_values=additional_values,
            no_create=no_create,
            sort_key=sort_key,
            sort_reverse=sort_reverse,
        )

    @api.model
    def _check_hidden_cards(self, emails):
        """:raise CardAccessError: when creating a contact for one of these e-mails
        would double a customer whose card is hidden from the user"""
        if self.env.su:
            return
        normalized = {
            address
            for email in emails
            for address in tools_mail.email_normalize_all(email or "")
        }
        if not normalized:
            return
        by_email = Domain("email_normalized", "in", sorted(normalized))
        # sudo: a hidden card is looked for in order not to double it
        found = self.sudo().search_fetch(
            by_email & Domain("card_root_id", "!=", False), ["email_normalized"]
        )
        if not found:
            return
        visible = self.search_fetch(by_email, ["email_normalized"])
        missing = normalized - set(visible.mapped("email_normalized"))
        hidden = found.filtered(lambda p: p.email_normalized in missing)
        if hidden:
            raise CardAccessError(
                self.env._(
                    "A customer card with this e-mail exists and is not yours to "
                    "open. Ask the department manager for it instead of creating "
                    "the contact again."
                ),
                # what was typed, and nothing of a list of guesses
                values=len(normalized) == 1 and {"email": normalized.pop()},
            )

    @api.depends_context("uid")
    def _compute_same_vat_partner_id(self):
        """Odoo looks for the same VAT among all partners; the name of a hidden
        customer is not told."""
        super()._compute_same_vat_partner_id()
        if self.env.su:
            return
        names = ("same_vat_partner_id", "same_company_registry_partner_id")
        found = self.browse(
            {partner[name].id for partner in self for name in names} - {False}
        )
        hidden = found - found._filtered_access("read")
        for partner in self if hidden else ():
            for name in names:
                if partner[name] in hidden:
                    partner[name] = False
