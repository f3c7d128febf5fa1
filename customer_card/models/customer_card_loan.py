import ast
from collections import defaultdict
from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_datetime

# what a borrower types to describe customers that he may not see
SEARCHED_FIELDS = ("complete_name", "email", "phone", "ref", "vat", "city")
MATCH_LIMIT = 200
BATCH = 100


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
    _approval_guarded_fields = frozenset(
        {
            "state",
            "submit_date",
            "decided_by_id",
            "decision_date",
            "refusal_reason",
            "name",
            "end_date",
            "ended_by_id",
            "extension_of_id",
        }
    )
    _approval_event_kinds = {
        "submitted": "loan_requested",
        "lent": "loan_lent",
        "refused": "loan_refused",
        "cancelled": "loan_cancelled",
        "returned": "loan_returned",
        "expired": "loan_expired",
        "revoked": "loan_revoked",
    }

    name = fields.Char("Number", readonly=True, copy=False, index="trigram")
    # who, what for
    borrower_id = fields.Many2one(
        "res.users",
        "Borrower",
        default=lambda self: self.env.user,
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("share", "=", False)],
        help="Only a manager of the cards requests a loan for somebody else.",
    )
    mode = fields.Selection(
        [("screen", "On Screen"), ("paper", "Paper Extract")],
        "Form",
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
        "Due",
        compute="_compute_due_state",
        search="_search_due_state",
    )
    # how it ended
    end_date = fields.Datetime("Ended On", readonly=True, copy=False)
    ended_by_id = fields.Many2one(
        "res.users", "Ended By", readonly=True, copy=False, ondelete="restrict"
    )
    extension_of_id = fields.Many2one(
        "customer.card.loan",
        "Extension Of",
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
        return [
            ("draft", self.env._("Draft")),
            ("submitted", self.env._("To Approve")),
            ("lent", self.env._("Lent")),
            ("returned", self.env._("Returned")),
            ("expired", self.env._("Expired")),
            ("revoked", self.env._("Revoked")),
            ("refused", self.env._("Refused")),
            ("cancelled", self.env._("Cancelled")),
        ]

    @api.depends_context("uid")
    @api.depends("card_ids", "state", "search_text", "search_domain")
    def _compute_card_names(self):
        """Whoever asked knows the names of what he asked for; of a search he learns
        what was lent, never what else matched."""
        cards = self._get_cards()
        was_lent = {"lent", "returned", "expired", "revoked"}
        for loan in self:
            shown = cards[loan.id]
            request = loan.sudo()
            asked = self.env.user in (request.borrower_id | request.requester_id)
            if not asked or (request.is_search and loan.state not in was_lent):
                shown = shown.sudo(self.env.su)._filtered_access("read").sudo()
            loan.card_names = ", ".join(shown.mapped("display_name")) or False

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

    @api.depends("state", "valid_until")
    def _compute_due_state(self):
        now = fields.Datetime.now()
        for loan in self:
            if loan.state != "lent":
                loan.due_state = False
            elif loan.valid_until <= now:
                loan.due_state = "overdue"
            elif loan.valid_until <= now + timedelta(days=2):
                loan.due_state = "due"
            else:
                loan.due_state = "running"

    def _search_due_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        now = fields.Datetime.now()
        soon = now + timedelta(days=2)
        lent = Domain("state", "=", "lent")
        due_at = {
            "overdue": Domain("valid_until", "<=", now),
            "due": Domain("valid_until", ">", now) & Domain("valid_until", "<=", soon),
            "running": Domain("valid_until", ">", soon),
        }
        domains = [lent & due_at[state] for state in value if state]
        if False in value:
            domains.append(~lent)
        return Domain.OR(domains)

    def _read_group_groupby(self, alias, groupby_spec, query):
        """Group by ``due_state``, for the progress bar of the pipeline."""
        if groupby_spec != "due_state":
            return super()._read_group_groupby(alias, groupby_spec, query)
        now = fields.Datetime.now()
        state = self._field_to_sql(alias, "state", query)
        until = self._field_to_sql(alias, "valid_until", query)
        return SQL(
            """
            CASE WHEN %(state)s != 'lent' THEN NULL
                 WHEN %(until)s <= %(now)s THEN 'overdue'
                 WHEN %(until)s <= %(soon)s THEN 'due'
                 ELSE 'running' END
            """,
            state=state,
            until=until,
            now=now,
            soon=now + timedelta(days=2),
        )

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

    @api.depends_context("uid")
    @api.depends("state", "borrower_id")
    def _compute_can_end(self):
        lent = self.filtered(lambda loan: loan.state == "lent")
        returnable = lent._filter_returnable()
        revocable = lent._filter_revocable()
        for loan in self:
            loan.can_return = loan in returnable
            loan.can_revoke = loan in revocable

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

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
                    self.env._("Choose existing customers: a request changes none.")
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
        super(CustomerCardLoan, self.sudo()).write(
            {"card_ids": [Command.set(partners.card_root_id.ids)]}
        )
        # the cache would show the user cards that he may not read
        self.invalidate_recordset(["card_ids", "card_names"])
        self.env["res.users"]._forget_card_loans()

    def _check_borrower(self):
        """:raise AccessError: when somebody else than a manager of all the cards asks
        for another person"""
        if self.env.su:
            return
        cards = self._get_cards()
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
        """The cards of each loan, all of them whatever the user may read.

        Read past the cache, which mixes what was read with and without rights.

        :return: ``{loan id: res.partner (sudo)}`` with a key for every loan
        """
        # sudo: see above; callers show nothing of them but names, where they may
        Partner = self.env["res.partner"].sudo()
        saved = self.filtered(lambda loan: isinstance(loan.id, int))
        cards = {loan.id: loan.sudo().card_ids for loan in self - saved}
        card_ids = defaultdict(list)
        if saved:
            for loan_id, card_id in self.env.execute_query(
                SQL(
                    "SELECT loan_id, partner_id FROM customer_card_loan_card_rel "
                    "WHERE loan_id = ANY(%s) ORDER BY partner_id",
                    saved.ids,
                )
            ):
                card_ids[loan_id].append(card_id)
        prefetch_ids = [card_id for ids in card_ids.values() for card_id in ids]
        for loan in saved:
            cards[loan.id] = Partner.browse(card_ids[loan.id]).with_prefetch(
                prefetch_ids
            )
        return cards

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
            )
        if self._has_search_domain():
            domain &= self._parse_search_domain()
        if self.team_id:
            domain &= Domain("card_team_id", "child_of", self.team_id.id)
        if not user._is_card_admin():
            domain &= Domain("card_team_id", "in", list(user._card_managed_team_ids()))
        found = self.env["res.partner"].search(domain, limit=MATCH_LIMIT)
        return self.env["res.partner"].browse(found.card_root_id.ids)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_lend_all_matches(self):
        """Choose all matches of a search request.

        :raise AccessError: for requests that this user may not decide
        """
        self._approval_check_decider()
        for loan in self:
            loan.write({"card_ids": [Command.set(loan.match_ids.ids)]})
        return True

    def action_return(self):
        """Hand lent cards back.

        :raise AccessError: when the user is neither the borrower nor keeps the cards
        :raise UserError: for what is not lent
        """
        if not self.env.su:
            for loan in self - self._filter_returnable():
                raise AccessError(
                    self.env._(
                        "%(loan)s: only the borrower, %(borrower)s, or whoever keeps "
                        "the cards can hand them back.",
                        loan=loan._approval_names(),
                        borrower=loan.sudo().borrower_id.name,
                    )
                )
        self._approval_take(("lent",))
        self._end("returned")
        return True

    def action_revoke(self):
        """End loans before their time.

        :raise AccessError: when the user does not manage all the cards
        :raise UserError: for what is not lent
        """
        if not self.env.su:
            for loan in self - self._filter_revocable():
                raise AccessError(
                    self.env._(
                        "%(loan)s: only the manager of the cards can end this loan "
                        "before its time. Ask %(managers)s.",
                        loan=loan._approval_names(),
                        managers=", ".join(
                            loan._get_cards()[loan.id]
                            ._get_card_managers()
                            .mapped("name")
                        )
                        or self.env._("an administrator"),
                    )
                )
        self._approval_take(("lent",))
        self._end("revoked")
        return True

    def action_request_extension(self):
        """Ask for more time: a new request, to be decided like the first one.

        :return: the action that opens the draft
        :raise AccessError: when somebody else than the borrower asks
        :raise UserError: for what was never lent
        """
        self.ensure_one()
        if self.env.user != self.sudo().borrower_id:
            raise AccessError(
                self.env._(
                    "%(loan)s: only the borrower, %(borrower)s, can ask for more time.",
                    loan=self._approval_names(),
                    borrower=self.sudo().borrower_id.name,
                )
            )
        if self.state not in ("lent", "expired"):
            raise UserError(
                self.env._(
                    "%(loan)s is not lent. Make a new request.",
                    loan=self._approval_names(),
                )
            )
        start = max(self.valid_until, fields.Datetime.now())
        extension = self.create(
            {
                "card_ids": [Command.set(self._get_cards()[self.id].ids)],
                "mode": self.mode,
                "purpose": self.purpose,
                "date_from": start,
                "valid_until": start + (self.valid_until - self.date_from),
            }
        )
        extension._approval_through_door().write({"extension_of_id": self.id})
        return extension._get_form_action()

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

    # ------------------------------------------------------------
    # PIPELINE
    # ------------------------------------------------------------

    def _approval_cards(self):
        return self._get_cards()

    def _approval_departments(self):
        """A search is decided by the department that it was addressed to."""
        departments = super()._approval_departments()
        for loan in self.sudo():
            if loan.is_search:
                departments[loan.id] |= {loan.team_id}
        return departments

    def _approval_barred(self):
        """Whoever borrows does not decide. A manager who asks for somebody else may:
        it is his to grant."""
        return {loan.id: loan.sudo().borrower_id for loan in self}

    def _approval_filter_mine(self):
        own = self.filtered(lambda loan: loan.sudo().borrower_id == self.env.user)
        return own | super()._approval_filter_mine()

    def _approval_split(self):
        """Each department decides on its own cards: one request for each."""
        loans = self
        cards = self._get_cards()
        for loan in self:
            if loan.is_search:
                continue
            by_team = cards[loan.id].grouped("card_team_id")
            for index, (team, team_cards) in enumerate(by_team.items()):
                part = loan
                if index:
                    # sudo: the parts keep who asked and for whom
                    part = loan.sudo().copy(
                        {
                            "borrower_id": loan.borrower_id.id,
                            "requester_id": loan.requester_id.id,
                            "date_from": loan.date_from,
                            "valid_until": loan.valid_until,
                        }
                    )
                    part._approval_through_door().write(
                        {"extension_of_id": loan.extension_of_id.id}
                    )
                    part = self.browse(part.id)
                part._approval_through_door().write({"team_id": team.id})
                if len(by_team) > 1:
                    part._link_cards(team_cards.ids)
                loans |= part
        return loans

    def _approval_check_submit(self):
        cards = self._get_cards()
        for loan in self:
            if not (loan.purpose or "").strip():
                raise UserError(
                    self.env._(
                        "%(loan)s: say what you need the cards for.",
                        loan=loan._approval_names(),
                    )
                )
            if loan.is_search and not loan.team_id:
                raise UserError(
                    self.env._(
                        "%(loan)s: choose the department whose customers are to be "
                        "searched.",
                        loan=loan._approval_names(),
                    )
                )
            if not loan.is_search and not cards[loan.id]:
                raise UserError(
                    self.env._(
                        "%(loan)s: choose the cards, or describe the customers that "
                        "you are looking for.",
                        loan=loan._approval_names(),
                    )
                )
        self._check_terms()
        return super()._approval_check_submit()

    def _approval_check_approve(self):
        cards = self._get_cards()
        for loan in self:
            if not cards[loan.id]:
                raise UserError(
                    self.env._(
                        "%(loan)s: choose the customers to lend among those that "
                        "match, or refuse the request.",
                        loan=loan._approval_names(),
                    )
                )
        self._check_terms()
        return super()._approval_check_approve()

    def _check_terms(self):
        """Borrower and dates, before a request is submitted and before it is granted.

        :raise UserError: naming the loan and what is wrong
        """
        cards = self._get_cards()
        now = fields.Datetime.now()
        # sudo: who the borrower and the custodians are
        for loan in self.sudo():
            borrower = loan.borrower_id
            if not borrower.active or borrower.share:
                raise UserError(
                    self.env._(
                        "%(loan)s: %(borrower)s is no active internal user and cannot "
                        "borrow a card.",
                        loan=loan._approval_names(),
                        borrower=borrower.name,
                    )
                )
            if borrower in cards[loan.id].card_custodian_id:
                raise UserError(
                    self.env._(
                        "%(loan)s: %(borrower)s keeps one of these cards himself and "
                        "needs no loan for it. Take it out of the request.",
                        loan=loan._approval_names(),
                        borrower=borrower.name,
                    )
                )
            if loan.valid_until <= now:
                raise UserError(
                    self.env._(
                        "%(loan)s: the loan would end in the past. Correct the date "
                        "until which it is needed.",
                        loan=loan._approval_names(),
                    )
                )
            most = borrower.company_id.card_loan_max_days
            if loan.valid_until - loan.date_from > timedelta(days=most):
                raise UserError(
                    self.env._(
                        "%(loan)s: a card is lent for at most %(days)s days. Shorten "
                        "the time, and ask for an extension when it runs out.",
                        loan=loan._approval_names(),
                        days=most,
                    )
                )

    def _approval_on_approved(self):
        """An extension takes the place of the paper that is still out."""
        super()._approval_on_approved()
        replaced = self.extension_of_id.filtered(
            lambda loan: loan.state == "lent" and loan.mode == "paper"
        )
        if replaced:
            replaced._end("returned")

    def _approval_log(self, state, kind=None):
        extensions = (
            self.filtered("extension_of_id")
            if state == self._approval_state_approved
            else self.browse()
        )
        super(CustomerCardLoan, extensions)._approval_log(state, "loan_extended")
        return super(CustomerCardLoan, self - extensions)._approval_log(state, kind)

    def _approval_describe(self, state):
        text = super()._approval_describe(state)
        loan = self.sudo()
        return self.env._(
            "%(loan)s, %(borrower)s, %(mode)s until %(until)s",
            loan=text,
            borrower=loan.borrower_id.name,
            mode=dict(self._fields["mode"]._description_selection(self.env))[loan.mode],
            until=format_datetime(self.env, loan.valid_until, dt_format="short"),
        )

    # ------------------------------------------------------------
    # END
    # ------------------------------------------------------------

    def _filter_returnable(self):
        """:return: the loans that this user may hand back: his own, and those of
        cards that he keeps"""
        cards = self._get_cards()
        user = self.env.user
        return self.filtered(
            lambda loan: (
                loan.sudo().borrower_id == user
                or not cards[loan.id] - cards[loan.id]._card_maintained_by(user).sudo()
            )
        )

    def _filter_revocable(self):
        """:return: the loans all of whose cards this user manages"""
        cards = self._get_cards()
        user = self.env.user
        return self.filtered(
            lambda loan: (
                not (cards[loan.id] - cards[loan.id]._card_managed_by(user).sudo())
            )
        )

    def _end(self, state):
        """End lent loans, and take from the borrowers what they had only by them."""
        self._approval_clear_todos()
        self._approval_move(
            state, {"end_date": fields.Datetime.now(), "ended_by_id": self.env.uid}
        )
        cards = self._get_cards()
        ended = defaultdict(lambda: self.env["res.partner"].sudo())
        for loan in self.sudo():
            ended[loan.borrower_id] |= cards[loan.id]
        for borrower, borrowed in ended.items():
            kept = borrowed._card_maintained_by(borrower).sudo()
            lent = borrowed.filtered(
                lambda card, ids=borrower._card_lent_ids(): card.id in ids
            )
            (borrowed - kept - lent)._release_card_borrower(borrower)

    @api.model
    def _cron_expire(self):
        """Tidy up loans on screen that have run out, in batches. The borrowers see
        nothing of these cards any more since the second they ran out."""
        domain = Domain("state", "=", "lent") & Domain("mode", "=", "screen")
        while True:
            over = domain & Domain("valid_until", "<=", fields.Datetime.now())
            loans = self.search(over, limit=BATCH, order="id").try_lock_for_update(
                allow_referencing=True
            )
            if not loans:
                break
            loans._end("expired")
            if not self.env["ir.cron"]._commit_progress(
                len(loans), remaining=self.search_count(over)
            ):
                break

    @api.model
    def _cron_chase(self):
        """Chase paper extracts that are overdue: a to-do for the borrower, and after
        some days for his managers, each until it is done; again the next time, until
        the paper is back. Also gives new leaders their to-dos for what waits."""
        last_id = 0
        while loans := self.search(
            [
                ("id", ">", last_id),
                "|",
                ("state", "=", "submitted"),
                "&",
                ("due_state", "=", "overdue"),
                ("mode", "=", "paper"),
            ],
            limit=BATCH,
            order="id",
        ):
            last_id = loans[-1].id
            waiting = loans.filtered(lambda loan: loan.state == "submitted")
            waiting._approval_schedule_todos()
            (loans - waiting)._chase()
            if not self.env["ir.cron"]._commit_progress(len(loans)):
                break

    def _chase(self):
        """Ask for overdue paper extracts. Idempotent while the to-dos are open."""
        self._approval_schedule(
            {loan.id: loan.borrower_id for loan in self},
            self.env._("Hand back the paper extract"),
            self.env._("A paper extract is overdue"),
        )
        now = fields.Datetime.now()
        late = self.filtered(
            lambda loan: (
                loan.valid_until
                + timedelta(days=loan.borrower_id.company_id.card_loan_escalation_days)
                <= now
            )
        )
        late._approval_schedule(
            late._approval_deciders(),
            self.env._("Get the paper extract back"),
            self.env._("A paper extract has not come back"),
        )
