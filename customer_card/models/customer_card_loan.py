from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from .customer_approval_mixin import CustomerApprovalMixin


class CustomerCardLoan(models.Model):
    """A permission of the department manager, limited in time, to see a card of
    somebody else: on screen, or as a paper extract.

    Whoever asks names cards that he may not read, or describes customers that he may
    not even search. He sees of them what he saw before he asked: their plain names.
    ``card_ids`` therefore shows a user the cards that he may read, and methods read it
    through ``_get_cards``, past rules and cache; ``card_names`` gives the names.

    A loan on screen ends at ``valid_until`` to the second, by the comparison that each
    search makes (``res.users._card_lent_ids``). The scheduled action only tidies up.
    """

    _name = "customer.card.loan"
    _description = "Card Loan"
    _inherit = ["customer.approval.mixin"]
    _order = "id DESC"

    _approval_state_approved = "lent"
    _approval_folded_states = (
        "returned",
        "expired",
        "revoked",
        "refused",
        "cancelled",
    )
    _approval_guarded_fields = CustomerApprovalMixin._approval_guarded_fields | {
        "name",
        "end_date",
        "ended_by_id",
        "extension_of_id",
        "print_count",
        "last_print_date",
    }
    _approval_event_kinds = {
        "draft": "request_withdrawn",
        "submitted": "loan_requested",
        "lent": "loan_lent",
        "refused": "loan_refused",
        "cancelled": "loan_cancelled",
        "returned": "loan_returned",
        "expired": "loan_expired",
        "revoked": "loan_revoked",
    }

    name = fields.Char("Reference", readonly=True, copy=False, index="trigram")
    # who, what for
    borrower_id = fields.Many2one(
        "res.users",
        default=lambda self: self.env.user,
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("share", "=", False)],
        help="Only a manager of the cards requests a loan for somebody else.",
    )
    mode = fields.Selection(
        [("screen", "On Screen"), ("paper", "Paper Extract")],
        "Loan Type",
        default="screen",
        required=True,
        tracking=True,
        help="A paper extract does not open the card on screen, and has to be handed "
        "back.",
    )
    purpose = fields.Text(help="What the borrower needs the cards for.")
    # which cards
    card_ids = fields.Many2many(
        "res.partner",
        "customer_card_loan_card_rel",
        "loan_id",
        "partner_id",
        "Cards",
        domain=[("card_state", "!=", False)],
    )
    card_names = fields.Char("Customers", compute="_compute_card_names")
    team_id = fields.Many2one(
        "crm.team",
        "Department",
        index=True,
        ondelete="restrict",
        help="Whose manager decides. For a search: where to look.",
    )
    search_text = fields.Char(
        "Customers Searched",
        help="Describe customers that you may not see: the manager alone sees who "
        "matches, and lends a selection.",
    )
    search_domain = fields.Char("Search Conditions")
    is_search = fields.Boolean("Search", compute="_compute_is_search")
    match_ids = fields.Many2many(
        "res.partner", string="Matching Customers", compute="_compute_match_ids"
    )
    # when
    date_from = fields.Datetime(
        "From", default=fields.Datetime.now, required=True, tracking=True
    )
    valid_until = fields.Datetime(
        "Until",
        default=lambda self: fields.Datetime.now() + timedelta(days=7),
        required=True,
        index=True,
        tracking=True,
        help="A loan on screen ends at this second, a paper extract is due back.",
    )
    due_state = fields.Selection(
        [("running", "Running"), ("due", "Due Soon"), ("overdue", "Overdue")],
        "Due Status",
        compute="_compute_due_state",
        search="_search_due_state",
    )
    # how it ended
    end_date = fields.Datetime("Ended On", readonly=True, copy=False)
    ended_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    extension_of_id = fields.Many2one(
        "customer.card.loan",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    # what the user may see and do
    concerns_my_cards = fields.Boolean(
        "On Cards I Keep",
        compute="_compute_concerns_my_cards",
        search="_search_concerns_my_cards",
    )
    can_return = fields.Boolean(compute="_compute_can_end")
    can_revoke = fields.Boolean(compute="_compute_can_end")

    _dates_in_order = models.Constraint(
        "CHECK (valid_until > date_from)",
        "A loan has to end after it begins: correct the two dates.",
    )
    # what a user borrows is looked up whenever contacts are searched
    _running_idx = models.Index(
        "(borrower_id, valid_until) WHERE state = 'lent' AND mode = 'screen'"
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.model
    def _get_approval_states(self):
        labels = {
            "draft": self.env._("Draft"),
            "submitted": self.env._("To Approve"),
            "lent": self.env._("Lent"),
            "returned": self.env._("Returned"),
            "expired": self.env._("Expired"),
            "revoked": self.env._("Revoked"),
            "refused": self.env._("Refused"),
            "cancelled": self.env._("Cancelled"),
        }
        return list(labels.items())

    @api.depends_context("uid", "loan_customers")
    @api.depends("name", "card_names")
    def _compute_display_name(self):
        """The reference; in the calendar the customers, whom one looks for there."""
        by_customer = self.env.context.get("loan_customers")
        for loan in self:
            loan.display_name = (by_customer and loan.card_names) or loan.name

    @api.depends_context("uid")
    @api.depends("card_ids", "state", "search_text", "search_domain")
    def _compute_card_names(self):
        """Whoever asked knows the names of what he asked for; of a search he learns
        what was lent, never what else matched."""
        cards = self._get_cards()
        was_lent = {"lent", "returned", "expired", "revoked"}
        for loan in self:
            shown = cards[loan.id]
            # sudo: which state and borrower; the cards are filtered below
            request = loan.sudo()
            asked = self.env.user in (request.borrower_id | request.requester_id)
            if not asked or (request.is_search and loan.state not in was_lent):
                shown = shown.sudo(self.env.su)._filtered_access("read").sudo()
            loan.card_names = ", ".join(shown.mapped("display_name")) or False

    @api.depends_context("uid")
    @api.depends("card_ids")
    def _compute_concerns_my_cards(self):
        # for the record rule, which would otherwise leave all cards in the cache that
        # the user reads from
        cards = self._get_cards()
        for loan in self:
            loan.concerns_my_cards = bool(
                cards[loan.id]._card_maintained_by(self.env.user)
            )

    def _search_concerns_my_cards(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = Domain("card_ids", "any", self.env.user._card_maintain_domain())
        return domain if True in value else ~domain

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        sequence = self.env["ir.sequence"]
        cards = []
        cleaned = []
        for vals in vals_list:
            commands = vals.get("card_ids", self.env.context.get("default_card_ids"))
            cards.append(self._apply_card_commands(set(), commands))
            # linked below: whoever asks may not read what he asks for
            cleaned.append({**vals, "card_ids": []})
        loans = super().create(cleaned)
        for loan, card_ids in zip(loans, cards, strict=True):
            loan._approval_through_door().write(
                {"name": sequence.next_by_code("customer.card.loan")}
            )
            if card_ids:
                loan._link_cards(card_ids)
        loans._check_borrower()
        return loans

    def write(self, vals):
        names = set(vals)
        if "card_ids" in vals:
            vals = dict(vals)
            commands = vals.pop("card_ids")
            if not self._approval_door_open():
                self.check_access("write")
                self._approval_check_edit({"card_ids"})
            for loan_id, cards in self._get_cards().items():
                loan = self.browse(loan_id)
                loan._link_cards(self._apply_card_commands(set(cards.ids), commands))
        result = super().write(vals) if vals else True
        if "borrower_id" in names:
            self._check_borrower()
        elif "card_ids" in names:
            self.filtered(lambda loan: loan.state == "draft")._check_borrower()
        if {"state", "mode", "date_from", "valid_until", "borrower_id"} & names:
            self.env["res.users"]._forget_card_loans()
        return result

    def unlink(self):
        result = super().unlink()
        self.env["res.users"]._forget_card_loans()
        return result

    def copy_data(self, default=None):
        """A copy asks for the same cards, seen or not, for as long, from now on."""
        now = fields.Datetime.now()
        cards = self._get_cards()
        return [
            {
                **vals,
                "card_ids": [Command.set(cards[loan.id].ids)],
                "borrower_id": self.env.uid,
                "date_from": now,
                "valid_until": now + (loan.valid_until - loan.date_from),
                **(default or {}),
            }
            for loan, vals in zip(self, super().copy_data(default), strict=True)
        ]

    @api.autovacuum
    def _gc_drafts(self):
        """Drafts that *Request access* opened and nobody filled in."""
        week_ago = fields.Datetime.now() - timedelta(days=7)
        self.search(
            [
                ("state", "=", "draft"),
                ("purpose", "=", False),
                ("write_date", "<", week_ago),
            ],
            limit=1000,
        ).unlink()

    @api.model
    def _apply_card_commands(self, card_ids, commands):
        """:param card_ids: set of ids before
        :param commands: as for any x2many field, or a list of ids
        :return: set of ids after
        :raise UserError: for commands that would write contacts
        """
        card_ids = set(card_ids)
        for command in commands or ():
            if isinstance(command, int):
                card_ids.add(command)
            elif command[0] == Command.LINK:
                card_ids.add(command[1])
            elif command[0] == Command.UNLINK:
                card_ids.discard(command[1])
            elif command[0] == Command.CLEAR:
                card_ids = set()
            elif command[0] == Command.SET:
                card_ids = set(command[2])
            else:
                raise UserError(
                    self.env._(
                        "A request cannot create or change customers: choose existing ones."
                    )
                )
        return card_ids

    def _link_cards(self, partner_ids):
        """Make the cards of these partners the cards of this loan.

        :raise UserError: for partners without a card
        """
        self.ensure_one()
        # sudo: whoever asks may not read what he asks for; he gives ids, and gets
        # nothing back
        partners = self.env["res.partner"].sudo().browse(partner_ids).exists()
        if free := partners.filtered(lambda partner: not partner.card_root_id):
            raise UserError(
                self.env._(
                    "%(partners)s: no customer card is kept for this contact, so it "
                    "needs no loan.",
                    partners=", ".join(free.mapped("display_name")),
                )
            )
        result = super(CustomerCardLoan, self.sudo()).write(
            {"card_ids": [Command.set(partners.card_root_id.ids)]}
        )
        # the cache would show the user cards that he may not read
        self.invalidate_recordset(["card_ids", "card_names"])
        self.env["res.users"]._forget_card_loans()
        return result

    def _check_borrower(self):
        """:raise AccessError: when somebody else than a manager of all the cards asks
        for another person"""
        if self.env.su:
            return
        cards = self._get_cards()
        # sudo: which loans run; their cards are compared below
        for loan in self.sudo().filtered(
            lambda loan: loan.borrower_id != self.env.user
        ):
            asked = cards[loan.id]
            if not asked or asked - asked._card_managed_by(self.env.user).sudo():
                raise AccessError(
                    self.env._(
                        "%(loan)s: only the manager of the cards can request a loan "
                        "for somebody else. Let %(borrower)s ask himself.",
                        loan=loan._approval_names(),
                        borrower=loan.borrower_id.name,
                    )
                )

    # ------------------------------------------------------------
    # CARDS
    # ------------------------------------------------------------

    def _get_cards(self):
        """:return: ``{loan id: res.partner (sudo)}``, the cards of each loan, all of
        them whatever the user may read, with a key for every loan"""
        return self._approval_read_cards()

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def _get_form_action(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Request Access"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "current",
        }
