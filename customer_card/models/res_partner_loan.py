from collections import defaultdict

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class ResPartner(models.Model):
    """What of a card is lent to whom, how to ask for it, and its history."""

    _inherit = "res.partner"

    card_lent_to_me = fields.Boolean(
        "Lent to Me",
        compute="_compute_card_lent_to_me",
        search="_search_card_lent_to_me",
        compute_sudo=True,
        groups="base.group_user",
        help="The card is lent to you on screen at this moment.",
    )
    card_lent_until = fields.Datetime(
        compute="_compute_card_lent_until", compute_sudo=True, groups="base.group_user"
    )
    card_loan_count = fields.Integer(
        "Loans", compute="_compute_card_loan_count", groups="base.group_user"
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends_context("uid")
    @api.depends("card_root_id")
    def _compute_card_lent_to_me(self):
        lent_ids = self.env.user._card_lent_ids()
        for partner in self:
            partner.card_lent_to_me = partner.card_root_id.id in lent_ids

    def _search_card_lent_to_me(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = Domain("card_root_id", "in", list(self.env.user._card_lent_ids()))
        return domain if True in value else ~domain

    @api.depends_context("uid")
    @api.depends("card_root_id")
    def _compute_card_lent_until(self):
        """The end of the user's running loan, the latest of several."""
        until = self.env.user._card_lent_until()
        for partner in self:
            partner.card_lent_until = until.get(partner.card_root_id.id)

    @api.depends_context("uid")
    def _compute_card_loan_count(self):
        """How many loans of each card are out, of those that this user may see."""
        counts = dict(
            self.env["customer.card.loan"]._read_group(
                [("card_ids", "in", self.ids), ("state", "=", "lent")],
                ["card_ids"],
                ["__count"],
            )
        )
        counts = {card.id: count for card, count in counts.items()}
        for partner in self:
            partner.card_loan_count = counts.get(partner._origin.id, 0)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    @api.model
    def action_request_card_access(self, partner_ids):
        """Open a request for the loan of cards that the user may not be able to read.

        A request of his for the same cards that is not decided yet is opened again.

        :param partner_ids: ids of contacts that belong to cards
        :return: the action that opens the request
        :raise UserError: when none of them has a card
        """
        # sudo: only which cards the contacts belong to is read
        partners = self.sudo().browse(partner_ids).exists()
        card_ids = partners.card_root_id.ids
        if not card_ids:
            raise UserError(
                self.env._(
                    "No customer card is kept for this contact, so there is nothing to "
                    "request."
                )
            )
        Loan = self.env["customer.card.loan"]
        pending = Loan.search(
            [
                ("borrower_id", "=", self.env.uid),
                ("requester_id", "=", self.env.uid),
                ("state", "in", ("draft", "submitted")),
            ]
        )
        cards = pending._get_cards()
        loan = pending.filtered(lambda loan: set(cards[loan.id].ids) == set(card_ids))
        loan = loan[:1] or Loan.create({"card_ids": [Command.set(card_ids)]})
        return loan._get_form_action()

    def action_card_loans(self):
        """:return: the action that shows the loans of these cards"""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "customer_card.customer_card_loan_action"
        )
        # sudo: only which card a contact belongs to is read
        card_ids = self.sudo().card_root_id.ids
        return {
            **action,
            "domain": [("card_ids", "in", card_ids)],
            "context": {"search_default_lent": 1},
        }

    def action_card_history(self):
        """:return: the action that shows the history of these cards"""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "customer_card.customer_card_event_action"
        )
        # sudo: which card a contact belongs to
        card_ids = self.sudo().card_root_id.ids
        return {**action, "domain": [("partner_id", "in", card_ids)], "context": {}}

    # ------------------------------------------------------------
    # FOLLOWERS
    # ------------------------------------------------------------

    def _group_by_card_followers(self, partner_ids):
        """Divide documents by who may follow them.

        :param partner_ids: ids of the partners to subscribe
        :return: ``[(ids of documents, ids of followers), …]``
        """
        # sudo: who keeps the cards, and which partners are colleagues
        cards = self.sudo().filtered("card_root_id")
        users = cards and self.env["res.users"].sudo().with_context(
            active_test=False
        ).search([("partner_id", "in", list(partner_ids)), ("share", "=", False)])
        if not users:
            return [(self.ids, list(partner_ids))]
        groups = defaultdict(list)
        kept_by = {user: set(cards._card_maintained_by(user).ids) for user in users}
        for document in self:
            refused = (
                {
                    user.partner_id.id
                    for user, kept_ids in kept_by.items()
                    if document.id not in kept_ids
                }
                if document.id in cards.ids
                else set()
            )
            followers = tuple(
                partner_id for partner_id in partner_ids if partner_id not in refused
            )
            if followers:
                groups[followers].append(document.id)
        return [(ids, list(followers)) for followers, ids in groups.items()]

    def _release_card_borrower(self, borrower):
        """The loan of these cards has ended: their borrower stops following them and
        their contacts, and his to-dos on them go to the custodian, or are closed where
        there is none. Other addons add what they hang on a card.

        :param borrower: res.users
        """
        if not self:
            return
        # sudo: whoever ends a loan has no rights on the borrower's affairs
        tree = (
            self.env["res.partner"]
            .sudo()
            .with_context(active_test=False)
            .search([("card_root_id", "in", self.ids)])
        )
        self.env["mail.followers"].sudo().search(
            [
                ("res_model", "=", "res.partner"),
                ("res_id", "in", tree.ids),
                ("partner_id", "=", borrower.partner_id.id),
            ]
        ).unlink()
        activities = (
            self.env["mail.activity"]
            # sudo: to-dos of the borrower on cards that he no longer sees
            .sudo()
            .search(
                [
                    ("res_model", "=", "res.partner"),
                    ("res_id", "in", tree.ids),
                    ("user_id", "=", borrower.id),
                ]
            )
        )
        custodians = {
            partner.id: partner.card_custodian_id
            for partner in tree
            if partner.card_custodian_id.active
        }
        orphans = activities.filtered(lambda todo: todo.res_id not in custodians)
        orphans.unlink()
        for custodian, todos in (
            (activities - orphans).grouped(lambda todo: custodians[todo.res_id]).items()
        ):
            todos.with_context(mail_activity_quick_update=True).write(
                {"user_id": custodian.id}
            )
