from odoo import api, fields, models
from odoo.exceptions import AccessError, LockError, UserError
from odoo.fields import Domain

# The key to the state and to the decision of a request: an object, because a client
# can put any boolean or text into the context, but never this very object.
APPROVAL_DOOR = object()


class CustomerApprovalMixin(models.AbstractModel):
    """Something that somebody asks and a manager decides.

    draft → submitted → approved or refused; cancelled by whoever asked. A model that
    inherits this brings its own fields and, as far as needed:

    * ``_get_approval_states``: its own states (keeping *draft* and *submitted*), with
      the ``_approval_state_*`` knobs naming them;
    * ``_approval_cards``: which cards the request is about;
    * ``_approval_deciders``: who may decide, by default the managers of these cards;
    * ``_approval_check_submit``, ``_approval_check_approve``: what must hold;
    * ``_approval_on_approved``: what an approval does;
    * ``_approval_event_kinds``: what is written into the cards' ledger.

    Nobody writes the state or the decision but the ``action_*`` methods, each of which
    takes a set of requests and checks rights and states on the server.
    """

    _name = "customer.approval.mixin"
    _description = "Request to Approve"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    # an x2many command inside a privileged write runs with the client's own rights
    _allow_sudo_commands = False

    # what the decided states are called
    _approval_state_approved = "approved"
    _approval_state_refused = "refused"
    _approval_state_cancelled = "cancelled"
    # from which states whoever asked may cancel, or start again
    _approval_cancel_from = ("draft", "submitted")
    _approval_reset_from = ("submitted", "refused", "cancelled")
    # columns that a kanban pipeline shows folded
    _approval_folded_states = ("refused", "cancelled")
    # fields that stay open after the decision
    _approval_open_fields = frozenset()
    # fields whose value whoever decides says: {field: field of the company that gives
    # the value of a new request}
    _approval_decider_fields = {}
    # fields that only the actions write
    _approval_guarded_fields = frozenset(
        {
            "state",
            "submit_date",
            "submit_count",
            "decided_by_id",
            "decision_date",
            "refusal_reason",
        }
    )
    # state reached: kind of the ledger entry
    _approval_event_kinds = {
        "draft": "request_withdrawn",
        "submitted": "request_submitted",
        "approved": "request_approved",
        "refused": "request_refused",
        "cancelled": "request_cancelled",
    }

    state = fields.Selection(
        "_get_approval_states",
        "Status",
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )
    requester_id = fields.Many2one(
        "res.users",
        "Requested By",
        default=lambda self: self.env.user,
        required=True,
        readonly=True,
        copy=False,
        index=True,
        ondelete="restrict",
    )
    submit_date = fields.Datetime("Submitted On", readonly=True, copy=False)
    submit_count = fields.Integer("Times Submitted", readonly=True, copy=False)
    # decision
    decided_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    decision_date = fields.Datetime("Decided On", readonly=True, copy=False)
    refusal_reason = fields.Text(
        "Reason for the Refusal", readonly=True, copy=False, tracking=True
    )
    # what the user may do
    can_decide = fields.Boolean(
        "To Approve by Me",
        compute="_compute_can_decide",
        search="_search_can_decide",
        help="The request waits for a decision, and you may take it.",
    )
    is_my_request = fields.Boolean("My Request", compute="_compute_is_my_request")
    approver_names = fields.Char("Waiting For", compute="_compute_approver_names")

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.model
    def _get_approval_states(self):
        """:return: ``[(state, label), …]`` in the order of the pipeline. Extend."""
        labels = {
            "draft": self.env._("Draft"),
            "submitted": self.env._("To Approve"),
            "approved": self.env._("Approved"),
            "refused": self.env._("Refused"),
            "cancelled": self.env._("Cancelled"),
        }
        return list(labels.items())

    @api.depends_context("uid")
    @api.depends("state", "requester_id")
    def _compute_can_decide(self):
        submitted = self.filtered(lambda request: request.state == "submitted")
        deciders = submitted._approval_deciders()
        barred = submitted._approval_barred()
        for request in self:
            request.can_decide = request in submitted and request._approval_may_decide(
                self.env.user, deciders[request.id], barred[request.id]
            )

    def _search_can_decide(self, operator, value):
        if operator != "in":
            return NotImplemented
        # who may decide follows from teams and cards as they are now: not stored. Few
        # requests wait at a time, and the record rules leave those of this user.
        waiting = self.search([("state", "=", "submitted")])
        domain = Domain("id", "in", waiting.filtered("can_decide").ids)
        return domain if True in value else ~domain

    @api.depends_context("uid")
    @api.depends("requester_id")
    def _compute_is_my_request(self):
        mine = self._approval_filter_mine()
        for request in self:
            request.is_my_request = request in mine

    @api.depends("state")
    def _compute_approver_names(self):
        waiting = self.filtered(lambda request: request.state == "submitted")
        deciders = waiting._approval_deciders()
        for request in self:
            request.approver_names = (
                ", ".join(deciders[request.id].mapped("name"))
                if request in waiting
                else False
            )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self._approval_door_open():
            vals_list = [self._approval_clean_values(vals) for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        if not self._approval_door_open():
            if guarded := self._approval_guarded_fields & vals.keys():
                self._approval_raise_guarded(guarded)
            self._approval_check_requester(vals)
            self._approval_check_edit(vals.keys())
            self._approval_check_decider_fields(vals.keys())
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_undecided(self):
        """A decision is kept. Only whoever asked may drop what he never submitted."""
        if self.env.su:
            return
        for request in self:
            if request.state not in ("draft", self._approval_state_cancelled):
                raise UserError(
                    self.env._(
                        "%(request)s has been submitted and stays on record. Cancel "
                        "it if it is no longer needed.",
                        request=request._approval_names(),
                    )
                )
        self._approval_check_mine()

    def _approval_door_open(self):
        return self.env.context.get("approval_door") is APPROVAL_DOOR

    def _approval_through_door(self):
        """:return: the same requests, allowed to write state and decision. Only for
        methods that have checked who asks and what must hold."""
        return self.with_context(approval_door=APPROVAL_DOOR)

    def _approval_clean_values(self, vals):
        """A request starts as a draft of the user who makes it, whatever the client
        sends and whatever defaults stand in its context.

        :raise UserError: when ``vals`` sets the state or the decision
        """
        initial = dict.fromkeys(self._approval_guarded_fields, False)
        initial["state"] = "draft"
        initial = {name: initial[name] for name in initial if name in self._fields}
        guarded = {
            name
            for name, value in initial.items()
            if (vals.get(name) or value) != value
        }
        if guarded:
            self._approval_raise_guarded(guarded)
        self.browse()._approval_check_requester(vals)
        requester_id = vals.get("requester_id") or self.env.uid
        company = self.env.user.company_id
        decided = {
            name: company[setting]
            for name, setting in self._approval_decider_fields.items()
            if not self.env.su
        }
        return {**vals, **initial, **decided, "requester_id": requester_id}

    def _approval_check_requester(self, vals):
        """Nobody asks in the name of another person: it would be he whom the decision
        is barred to.

        :raise AccessError: when ``vals`` makes somebody else than the user, or than
            whoever asked already, the requester
        """
        requester_id = vals.get("requester_id")
        if not requester_id or self.env.su:
            return
        # sudo: who asked is compared, nothing of it is shown
        present = set(self.sudo().requester_id.ids) or {self.env.uid}
        if present != {requester_id}:
            raise AccessError(
                self.env._(
                    "You can only make requests of your own. Ask the other person to "
                    "make this one."
                )
            )

    def _approval_raise_guarded(self, names):
        raise UserError(
            self.env._(
                "%(requests)s: %(fields)s is set by the system. Use the buttons to submit, "
                "approve, refuse or cancel.",
                requests=self._approval_names() or self._description,
                fields=self._approval_labels(names),
            )
        )

    def _approval_labels(self, names):
        """:return: what the form calls these fields"""
        return ", ".join(
            self._fields[name]._description_string(self.env) for name in sorted(names)
        )

    def _approval_check_edit(self, names):
        """Who may change a request: a draft whoever asked, a submitted one whoever
        decides, later nobody (but the ``_approval_open_fields``).

        :param names: of the fields to write
        :raise AccessError, UserError: naming the request
        """
        thread = self.env["mail.activity.mixin"]._fields.keys()
        thread |= self.env["mail.thread"]._fields.keys()
        names = set(names) - thread - self._approval_open_fields
        if not names or self.env.su:
            return
        drafts = self.filtered(lambda request: request.state == "draft")
        submitted = self.filtered(lambda request: request.state == "submitted")
        drafts._approval_check_mine()
        submitted._approval_check_decider()
        for request in self - drafts - submitted:
            raise UserError(
                self.env._(
                    "%(request)s is decided and can no longer be changed. Make a new "
                    "request instead.",
                    request=request._approval_names(),
                )
            )

    def _approval_check_decider_fields(self, names):
        """:raise AccessError: when whoever asks says what whoever decides has to say"""
        named = names & self._approval_decider_fields.keys()
        if not named or self.env.su:
            return
        for request in self.filtered(lambda request: request.state == "draft"):
            raise AccessError(
                self.env._(
                    "%(request)s: %(fields)s is said by whoever decides.",
                    request=request._approval_names(),
                    fields=self._approval_labels(named),
                )
            )

    # ------------------------------------------------------------
    # HOOKS
    # ------------------------------------------------------------

    def _approval_split(self):
        """Divide drafts that different people have to decide.

        :return: all requests to submit, ``self`` included
        """
        return self

    def _approval_check_submit(self):
        """What must hold before drafts are submitted.

        :raise UserError: naming the request and what is missing
        """
        deciders = self._approval_deciders()
        for request in self:
            if not deciders[request.id]:
                raise UserError(
                    self.env._(
                        "%(request)s: nobody may decide this request, because its cards "
                        "have no other manager. Let an administrator set the leader "
                        "of the department.",
                        request=request._approval_names(),
                    )
                )

    def _approval_check_seen(self):
        """The button of a form says which submission it shows: whoever asked may have
        taken the request back and submitted another one meanwhile.

        :raise UserError: when the request is no longer the one that was looked at
        """
        seen = self.env.context.get("approval_seen")
        for request in self:
            if seen and request.submit_count != seen:
                raise UserError(
                    self.env._(
                        "%(request)s has been changed and submitted again since you "
                        "opened it. Reload and look at it once more.",
                        request=request._approval_names(),
                    )
                )

    def _approval_check_approve(self):
        """What must hold before requests are approved.

        :raise UserError: naming the request and what is wrong
        """

    def _approval_on_approved(self):
        """What an approval does. The requests are approved already."""

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def _approval_lock(self):
        """Lock the requests, so that two people at once do no harm.

        :raise UserError: when somebody else has one in his hands
        """
        try:
            self.lock_for_update(allow_referencing=True)
        except LockError:
            raise UserError(
                self.env._(
                    "%(requests)s: somebody else is working on it at this moment. "
                    "Reload and look again.",
                    requests=self._approval_names(),
                )
            ) from None

    def _approval_take(self, from_states):
        """Lock the requests and check that they are still where the user saw them.

        :raise UserError: naming the first request that is not
        """
        self.check_access("write")
        self._approval_lock()
        self.invalidate_recordset(["state", "submit_count"])
        labels = dict(self._fields["state"]._description_selection(self.env))
        for request in self:
            if request.state in from_states:
                continue
            # sudo: the name of whoever decided
            decided_by = request.sudo().decided_by_id.name
            raise UserError(
                self.env._(
                    "%(request)s is in the state %(state)s (%(decider)s). This can "
                    "only be done in the state %(needed)s.",
                    request=request._approval_names(),
                    state=labels[request.state],
                    decider=decided_by or self.env._("undecided"),
                    needed=", ".join(labels[state] for state in from_states),
                )
            )

    def _approval_move(self, state, values=None):
        """Move requests to a state, in the chatter and in the ledger of their cards.

        :param values: further guarded fields to write
        """
        self._approval_through_door().write({"state": state, **(values or {})})
        self._approval_log(state)

    def _approval_decide(self, state, values=None):
        self._approval_clear_todos()
        self._approval_move(
            state,
            {
                "decided_by_id": self.env.uid,
                "decision_date": fields.Datetime.now(),
                **(values or {}),
            },
        )
        self._approval_tell_requesters(state)

    def _approval_log(self, state, kind=None):
        """Enter a step of these requests in the ledger of their cards."""
        kind = kind or self._approval_event_kinds.get(state)
        if not kind:
            return
        cards = self._approval_cards()
        self.env["customer.card.event"]._log_requests(
            kind,
            [
                (request, cards[request.id], request._approval_describe(state))
                for request in self
            ],
        )

    def _approval_names(self):
        """:return: what messages call these requests"""
        # sudo: whoever acts on a request is told which one
        return ", ".join(
            request.display_name or f"{self._description} {request.id}"
            for request in self.sudo()
        )

    def _approval_describe(self, state):
        """:return: the text of the ledger entry of one request"""
        self.ensure_one()
        # sudo: a short text for the ledger, whose readers have their own rules
        if state == self._approval_state_refused:
            return f"{self._approval_names()}: {self.sudo().refusal_reason}"
        return self._approval_names()

    # ------------------------------------------------------------
    # VIEWS
    # ------------------------------------------------------------

    def _web_read_group_format(self, groupby, aggregates, groups):
        """Fold the columns of a kanban pipeline that are rarely looked at."""
        result = super()._web_read_group_format(groupby, aggregates, groups)
        if groupby[:1] == ("state",) and self.env.context.get("read_group_expand"):
            for (state, *_rest), group in zip(groups, result, strict=True):
                group["__fold"] = state in self._approval_folded_states
        return result
