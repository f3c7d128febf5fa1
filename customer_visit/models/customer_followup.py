from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

# The key to what only the methods of a cycle write: an object that no client can put
# into the context.
FOLLOWUP_DOOR = object()
# lines whose turn it is
CURRENT_STATES = ("planned", "to_plan")


class CustomerFollowup(models.Model):
    """The follow-up of one customer after an occasion: the steps of a template, one at
    a time. The next step becomes a planned visit of whoever looks after the card when
    the one before is done, or skipped for a reason.

    Whoever sees the card sees it, whoever keeps the card steers it. A customer goes
    through the same template once at a time. What it says is written by its methods
    alone (see ``_through_followup_door``).
    """

    _name = "customer.followup"
    _description = "Follow-up Cycle"
    _inherit = [
        # before the thread: it filters what that returns
        "customer.follower.guard.mixin",
        "mail.thread",
        "customer.card.read.log.mixin",
        "customer.card.gate.mixin",
    ]
    _order = "state, next_date, id DESC"
    _rec_name = "template_id"
    _allow_sudo_commands = False
    # whom a refusal must not name
    _card_customer_field = "partner_id"

    # whose
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        required=True,
        index=True,
        readonly=True,
        ondelete="cascade",
    )
    card_root_id = fields.Many2one(
        related="partner_id.card_root_id",
        string="Customer Card",
        store=True,
        index="btree_not_null",
    )
    custodian_id = fields.Many2one(related="partner_id.card_custodian_id")
    team_id = fields.Many2one(related="partner_id.card_team_id")
    company_id = fields.Many2one(
        "res.company",
        default=lambda self: self.env.company,
        required=True,
        readonly=True,
    )
    # what
    template_id = fields.Many2one(
        "customer.followup.template",
        "Follow-up",
        required=True,
        index=True,
        readonly=True,
        ondelete="restrict",
    )
    line_ids = fields.One2many("customer.followup.line", "followup_id", "Steps")
    # why
    origin = fields.Selection(
        [("manual", "Started by Hand"), ("won", "Opportunity Won")],
        default="manual",
        required=True,
        readonly=True,
    )
    res_model = fields.Char("Document Model", readonly=True)
    res_id = fields.Many2oneReference(
        "Document", model_field="res_model", readonly=True
    )
    previous_id = fields.Many2one(
        "customer.followup",
        "Starts Again",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The follow-up that this one took up again from the first step.",
    )
    # where it stands
    state = fields.Selection(
        [("running", "Running"), ("done", "Done"), ("stopped", "Stopped")],
        "Status",
        default="running",
        required=True,
        readonly=True,
        index=True,
        tracking=True,
        group_expand=True,
    )
    date_start = fields.Date("Started On", required=True, readonly=True)
    date_end = fields.Date("Ended On", readonly=True)
    stop_reason = fields.Char(readonly=True, tracking=True)
    current_line_id = fields.Many2one(
        "customer.followup.line",
        "Next Step",
        compute="_compute_progress",
        store=True,
        ondelete="set null",
    )
    step_id = fields.Many2one(
        "customer.followup.template.step",
        compute="_compute_progress",
        store=True,
        index="btree_not_null",
        ondelete="set null",
        group_expand="_read_group_steps",
    )
    next_date = fields.Date(
        "Next Step On", compute="_compute_progress", store=True, index=True
    )
    next_method = fields.Selection(
        related="current_line_id.method", string="Next Method"
    )
    next_state = fields.Selection(
        related="current_line_id.state", string="State of the Step"
    )
    progress = fields.Integer(
        compute="_compute_progress",
        store=True,
        aggregator="avg",
        help="Percent of the steps that are done or were skipped.",
    )
    done_count = fields.Integer("Steps Done", compute="_compute_progress", store=True)
    step_count = fields.Integer("All Steps", compute="_compute_progress", store=True)
    can_edit = fields.Boolean("I May Steer It", compute="_compute_can_edit")

    _running_unique = models.UniqueIndex(
        "(partner_id, template_id) WHERE state = 'running'",
        "The customer is being followed up with this template already.",
    )
    _document_unique = models.UniqueIndex(
        "(res_model, res_id, partner_id) WHERE res_id IS NOT NULL",
        "The customer has been followed up for this document already.",
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends(
        "state",
        "line_ids.sequence",
        "line_ids.state",
        "line_ids.date_due",
        "line_ids.step_id",
    )
    def _compute_progress(self):
        for followup in self:
            lines = followup.line_ids
            current = lines.filtered(lambda line: line.state in CURRENT_STATES)[:1]
            done = lines.filtered(lambda line: line.state in ("done", "skipped"))
            followup.current_line_id = current
            followup.step_id = current.step_id
            followup.next_date = current.date_due
            followup.step_count = len(lines)
            followup.done_count = len(done)
            followup.progress = round(100 * len(done) / len(lines)) if lines else 0

    @api.depends("template_id", "partner_id")
    def _compute_display_name(self):
        for followup in self:
            followup.display_name = self.env._(
                "%(followup)s: %(customer)s",
                followup=followup.template_id.name or "",
                customer=followup.partner_id.display_name or "",
            )

    @api.depends_context("uid")
    @api.depends("partner_id")
    def _compute_can_edit(self):
        allowed = set(self._origin._filtered_access("write").ids)
        for followup in self:
            followup.can_edit = followup._origin.id in allowed

    @api.model
    def _read_group_steps(self, steps, domain):
        """The columns of the kanban: every step of the templates that are in use."""
        templates = self._read_group(domain, ["template_id"])
        return (
            self.env["customer.followup.template.step"].search(
                [("template_id", "in", [template.id for (template,) in templates])]
            )
            | steps
        )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """:raise AccessError: when a client calls it, see ``_start_for``"""
        self._check_followup_door()
        return super().create(vals_list)

    def write(self, vals):
        """:raise AccessError: when a client writes what only the buttons write"""
        if vals.keys() & self._get_guarded_names():
            self._check_followup_door()
        return super().write(vals)

    @api.model
    def _get_guarded_names(self):
        """:return: names of the fields that only the methods of a cycle write"""
        return {
            name
            for name, field in self._fields.items()
            if field.store
            # a step checks itself what may be changed
            and field.type != "one2many"
            and not name.startswith(("message_", "activity_", "website_"))
        }

    def _through_followup_door(self):
        """:return: ``self`` with the right to write what only methods write. For
        methods that have checked who calls them."""
        return self.with_context(followup_door=FOLLOWUP_DOOR)

    def _check_followup_door(self):
        """:raise AccessError: unless one of the methods writes"""
        if self.env.context.get("followup_door") is not FOLLOWUP_DOOR:
            raise AccessError(
                self.env._(
                    "A follow-up goes its way by its buttons: Start, Skip, Plan Again, "
                    "Stop, Start Again."
                )
            )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_skip(self, reason):
        """Leave out the step whose turn it is; the next one is planned.

        :param reason: why, required
        :raise AccessError: for cards that the user does not keep
        :raise UserError: without a reason, or when nothing is left to skip
        """
        self._check_may_steer()
        self._check_reason(reason)
        self._check_running()
        self._skip_current(reason.strip())
        return True

    def action_plan_again(self):
        """Plan the step whose visit was cancelled or missed anew.

        :raise AccessError: for cards that the user does not keep
        :raise UserError: when the visit of the step is still planned
        """
        self._check_may_steer()
        self._check_running()
        for followup in self:
            if followup.next_state != "to_plan":
                raise UserError(
                    self.env._(
                        "%(followup)s: the next step is planned already.",
                        followup=followup.display_name,
                    )
                )
        self._schedule_next()
        return True

    def action_stop(self, reason):
        """End the cycle before its last step; its planned visit is cancelled.

        :param reason: why, required
        :raise AccessError: for cards that the user does not keep
        :raise UserError: without a reason, or when it is not running
        """
        self._check_may_steer()
        self._check_reason(reason)
        self._check_running()
        self._stop(reason.strip())
        return True

    def action_restart(self):
        """Begin again with the first step; a running one is stopped before.

        :return: the action that opens the new cycle
        :raise AccessError: for cards that the user does not keep
        :raise UserError: when the card is closed
        """
        self.ensure_one()
        self._check_may_steer()
        if self.state == "running":
            self._stop(self.env._("Started again"))
        started = self._start_for(
            self.partner_id, self.template_id, previous={self.partner_id.id: self}
        )
        if not started:
            raise UserError(
                self.env._(
                    "%(followup)s: it runs again already, or the customer card is "
                    "closed. Reopen the card first.",
                    followup=self.display_name,
                )
            )
        return started.get_formview_action()

    def action_ask_skip(self):
        """Ask for the reason before a step is skipped."""
        return self._get_reason_action("skip", self.env._("Skip This Step"))

    def action_ask_stop(self):
        """Ask for the reason before the cycle is stopped."""
        return self._get_reason_action("stop", self.env._("Stop the Follow-up"))

    def action_open_document(self):
        """Open what started the cycle.

        :raise UserError: when it no longer exists
        """
        self.ensure_one()
        document = (
            self.res_model in self.env
            and self.env[self.res_model].browse(self.res_id).exists()
        )
        if not document:
            raise UserError(
                self.env._(
                    "%(followup)s: the document that started it no longer exists.",
                    followup=self.display_name,
                )
            )
        document.check_access("read")
        return document.get_formview_action()

    def action_open_visit(self):
        """Open the visit of the step whose turn it is.

        :raise UserError: when none is planned
        """
        self.ensure_one()
        visit = self.current_line_id.visit_id
        if not visit:
            raise UserError(
                self.env._(
                    "%(followup)s: no visit is planned for the next step.",
                    followup=self.display_name,
                )
            )
        return visit.get_formview_action()

    def _get_reason_action(self, kind, title):
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "customer.followup.reason",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_kind": kind,
                "default_followup_ids": [fields.Command.set(self.ids)],
            },
        }

    # ------------------------------------------------------------
    # WHO AND WHEN
    # ------------------------------------------------------------

    def _check_may_steer(self):
        """:raise AccessError: unless the user keeps the cards"""
        self.check_access("write")

    def _check_running(self):
        """:raise UserError: for cycles that are over"""
        for followup in self:
            if followup.state != "running":
                raise UserError(
                    self.env._(
                        "%(followup)s is over. Start it again if the customer is to be "
                        "followed up once more.",
                        followup=followup.display_name,
                    )
                )

    def _check_reason(self, reason):
        """:raise UserError: for an empty reason"""
        if not (reason or "").strip():
            raise UserError(self.env._("Say why: whoever follows wants to know."))

    def _lock(self):
        """Make whoever moves the same cycles at the same time wait."""
        if self.ids:
            self.env.execute_query(
                SQL(
                    "SELECT id FROM customer_followup WHERE id = ANY(%s)"
                    " ORDER BY id FOR UPDATE",
                    self.ids,
                )
            )
            self.invalidate_recordset(["state"])
