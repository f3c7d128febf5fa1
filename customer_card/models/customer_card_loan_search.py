import ast

from odoo import Command, api, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

# what a borrower types to describe customers that he may not see
SEARCHED_FIELDS = ("complete_name", "email", "phone", "ref", "vat", "city")
MATCH_LIMIT = 200


class CustomerCardLoan(models.Model):
    """Customers matching a search I may not see: the manager alone sees the
    matches, and lends a selection of them."""

    _inherit = "customer.card.loan"

    @api.constrains("search_domain")
    def _check_search_domain(self):
        for loan in self.filtered("search_domain"):
            try:
                loan._parse_search_domain().validate(self.env["res.partner"])
            except (ValueError, SyntaxError, TypeError) as error:
                raise ValidationError(
                    self.env._(
                        "%(loan)s: these search conditions cannot be used. Build them "
                        "again.",
                        loan=loan._approval_names(),
                    )
                ) from error

    @api.depends("search_text", "search_domain")
    def _compute_is_search(self):
        for loan in self:
            loan.is_search = bool(loan.search_text or loan._has_search_domain())

    @api.depends_context("uid")
    @api.depends("state", "search_text", "search_domain", "team_id")
    def _compute_match_ids(self):
        for loan in self:
            loan.match_ids = (
                loan._search_matches()
                if loan.can_decide and loan.is_search
                else self.env["res.partner"]
            )

    def _has_search_domain(self):
        # the widget leaves an empty list behind where nothing was asked
        return (self.search_domain or "[]").strip() != "[]"

    def _parse_search_domain(self):
        return Domain(ast.literal_eval(self.search_domain))

    def _search_matches(self):
        """:return: the cards that match a search request, of those that this user
        manages in the department asked; at most ``MATCH_LIMIT``"""
        self.ensure_one()
        user = self.env.user
        domain = Domain("card_root_id", "!=", False)
        if self.search_text:
            domain &= Domain.OR(
                Domain(name, "ilike", self.search_text) for name in SEARCHED_FIELDS
            ) | Domain("card_search", "ilike", self.search_text)
        if self._has_search_domain():
            domain &= self._parse_search_domain()
        if self.team_id:
            domain &= Domain("card_team_id", "child_of", self.team_id.id)
        if not user._is_card_admin():
            domain &= Domain("card_team_id", "in", list(user._card_managed_team_ids()))
        found = self.env["res.partner"].search(domain, limit=MATCH_LIMIT)
        return self.env["res.partner"].browse(found.card_root_id.ids)

    def action_lend_all_matches(self):
        """Choose all matches of a search request.

        :raise AccessError: for requests that this user may not decide
        """
        self._approval_check_decider()
        for loan in self:
            loan.write({"card_ids": [Command.set(loan.match_ids.ids)]})
        return True
