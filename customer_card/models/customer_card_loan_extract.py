from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError


class CustomerCardLoan(models.Model):
    """The paper extract of a loan: what is on it, and how often it is printed."""

    _inherit = "customer.card.loan"
    _approval_decider_fields = {"print_limit": "card_print_limit"}

    section_ids = fields.Many2many(
        "customer.card.section",
        "customer_card_loan_section_rel",
        "loan_id",
        "section_id",
        "Sections",
        default=lambda self: self.env["customer.card.section"]._get_default_lent(),
        domain=[("may_be_lent", "=", True)],
        help="What of the cards the paper extract shows. The manager may take sections "
        "away before he lends.",
    )
    print_limit = fields.Integer(
        "Copies Allowed",
        default=lambda self: self.env.user.company_id.card_print_limit,
        required=True,
        copy=False,
        tracking=True,
        help="How often the borrower may print the extract. Only whoever decides on the "
        "loan allows more.",
    )
    print_count = fields.Integer("Copies Printed", readonly=True, copy=False)
    last_print_date = fields.Datetime("Last Printed On", readonly=True, copy=False)
    can_print_extract = fields.Boolean(compute="_compute_can_print_extract")
    can_allow_copy = fields.Boolean(compute="_compute_can_allow_copy")
    decider_names = fields.Char("Will Be Decided By", compute="_compute_decider_names")

    _print_limit_positive = models.Constraint(
        "CHECK (print_limit >= 1)",
        "A paper extract is printed at least once: allow one copy or more.",
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends_context("uid")
    @api.depends(
        "state",
        "mode",
        "borrower_id",
        "date_from",
        "valid_until",
        "print_count",
        "print_limit",
    )
    def _compute_can_print_extract(self):
        now = fields.Datetime.now()
        for loan in self:
            loan.can_print_extract = (
                loan.state == "lent"
                and loan.mode == "paper"
                and loan.borrower_id == self.env.user
                and loan.date_from <= now < loan.valid_until
                and loan.print_count < loan.print_limit
            )

    @api.depends_context("uid")
    @api.depends("state", "mode", "borrower_id")
    def _compute_can_allow_copy(self):
        papers = self.filtered(
            lambda loan: loan.state == "lent" and loan.mode == "paper"
        )
        deciders = papers._approval_deciders()
        barred = papers._approval_barred()
        for loan in self:
            loan.can_allow_copy = loan in papers and loan._approval_may_decide(
                self.env.user, deciders[loan.id], barred[loan.id]
            )

    @api.depends("state", "card_ids", "team_id", "borrower_id", "search_text")
    def _compute_decider_names(self):
        """Of a draft, whom it will go to: each department decides on its own cards, so
        there may be several."""
        drafts = self.filtered(lambda loan: loan.state == "draft")
        departments = drafts._approval_departments()
        barred = drafts._approval_barred()
        administrators = drafts and self._approval_administrators()
        for loan in self:
            # sudo: the names of those who will decide
            users = self.env["res.users"].sudo()
            for team in departments[loan.id] if loan in drafts else ():
                managers = team._get_card_managers() - barred[loan.id]
                users |= managers or (administrators - barred[loan.id])
            loan.decider_names = ", ".join(users.mapped("name")) or False

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("section_ids")
    def _check_sections_may_be_lent(self):
        for loan in self:
            if kept := loan.section_ids.filtered(lambda part: not part.may_be_lent):
                raise ValidationError(
                    self.env._(
                        "%(loan)s: %(sections)s is only for whoever keeps the card. "
                        "Take it out of the request.",
                        loan=loan._approval_names(),
                        sections=", ".join(kept.mapped("name")),
                    )
                )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_print_extract(self):
        """Print the paper extract of a running loan, as its borrower.

        :return: the action that makes the PDF
        :raise AccessError, UserError: when it is not to be printed
        """
        self.ensure_one()
        self._check_extract()
        report = self.env.ref("customer_card.card_extract_report")
        return report.report_action(self, config=False)

    def action_allow_copy(self):
        """Let the borrower print his extract once more.

        :raise AccessError: for loans that this user may not decide
        :raise UserError: for what is not lent
        """
        self._approval_take(("lent",))
        self._approval_check_decider()
        for loan in self:
            loan._approval_through_door().write({"print_limit": loan.print_limit + 1})
        return True

    # ------------------------------------------------------------
    # EXTRACT
    # ------------------------------------------------------------

    def _get_extract_sections(self):
        """:return: the sections to print, without those that meanwhile are not lent"""
        self.ensure_one()
        return self.section_ids.filtered(lambda part: part.active and part.may_be_lent)

    def _check_extract(self):
        """:raise AccessError: unless the user is the borrower
        :raise UserError: when the extract is not to be printed now"""
        self.ensure_one()
        self.check_access("read")
        name = self._approval_names()
        if self.env.user != self.borrower_id:
            raise AccessError(
                self.env._(
                    "%(loan)s: only the borrower, %(borrower)s, prints the extract.",
                    loan=name,
                    # sudo: the borrower's name
                    borrower=self.sudo().borrower_id.name,
                )
            )
        now = fields.Datetime.now()
        if self.mode != "paper":
            raise UserError(
                self.env._(
                    "%(loan)s shows the cards on screen. To print them ask for a paper "
                    "extract.",
                    loan=name,
                )
            )
        if self.state != "lent" or not self.date_from <= now < self.valid_until:
            raise UserError(
                self.env._(
                    "%(loan)s: the extract can be printed while the loan is approved "
                    "and runs. Ask for an extension or for a new paper loan.",
                    loan=name,
                )
            )
        if not self._get_extract_sections():
            raise UserError(
                self.env._(
                    "%(loan)s: no section of the cards is lent. Make a new request and "
                    "choose what you need.",
                    loan=name,
                )
            )
        if self.print_count >= self.print_limit:
            raise UserError(
                self.env._(
                    "%(loan)s: the extract has been printed (copies: %(count)s). Ask "
                    "%(managers)s to allow another copy.",
                    loan=name,
                    count=self.print_count,
                    managers=", ".join(
                        self._approval_deciders()[self.id].mapped("name")
                    ),
                )
            )

    def _take_extract_copy(self):
        """Count a copy and enter it in the ledger of the cards. Of two prints at once
        one is refused or comes second, by the lock on the loan.

        :return: the number of this copy
        :raise AccessError, UserError: when the extract is not to be printed
        """
        self._check_extract()
        self._approval_take(("lent",))
        self.invalidate_recordset(["print_count", "print_limit"])
        # counted by somebody else while this one waited
        self._check_extract()
        copy = self.print_count + 1
        self._approval_through_door().write(
            {"print_count": copy, "last_print_date": fields.Datetime.now()}
        )
        sections = " · ".join(self._get_extract_sections().mapped("name"))
        cards = self._get_cards()[self.id]
        self.env["customer.card.event"]._log_requests(
            "printed",
            [
                (
                    self,
                    cards,
                    f"{self.name} · {copy}/{self.print_limit} · {sections}",
                )
            ],
        )
        return copy

    def _approval_check_submit(self):
        for loan in self:
            if loan.mode == "paper" and not loan._get_extract_sections():
                raise UserError(
                    self.env._(
                        "%(loan)s: choose what of the cards you need on paper.",
                        loan=loan._approval_names(),
                    )
                )
        return super()._approval_check_submit()

    def _approval_check_approve(self):
        for loan in self:
            if loan.mode == "paper" and not loan._get_extract_sections():
                raise UserError(
                    self.env._(
                        "%(loan)s: leave at least one section to print, or refuse the "
                        "request.",
                        loan=loan._approval_names(),
                    )
                )
        return super()._approval_check_approve()

    def _approval_move(self, state, values=None):
        """A request that is submitted anew is decided anew, copies included."""
        result = super()._approval_move(state, values)
        if state == "submitted":
            for loan in self:
                # sudo: the setting of the company that the borrower belongs to,
                # whichever he works in
                limit = loan.sudo().borrower_id.company_id.card_print_limit
                loan._approval_through_door().print_limit = limit
        return result

    def _approval_describe(self, state):
        """Handing a paper extract back acknowledges the copies that were printed."""
        text = super()._approval_describe(state)
        # sudo: whoever ends a loan may not see it any more
        loan = self.sudo()
        if loan.mode == "paper" and state in ("returned", "revoked"):
            copies = self.env._("copies: %(count)s", count=loan.print_count)
            return f"{text} · {copies}"
        if loan.mode == "paper" and state == "lent":
            return f"{text} · {', '.join(loan.section_ids.mapped('name'))}"
        return text
