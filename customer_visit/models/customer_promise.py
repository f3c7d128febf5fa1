from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

# The key to what only the methods of a promise write: an object that no client can
# put into the context.
PROMISE_DOOR = object()
# Written by the methods alone.
GUARDED_FIELDS = {"state", "date_closed", "reason", "date_first_due"}


class CustomerPromise(models.Model):
    """What was promised to a customer: what, to whom, by whom, until when; and whether
    it was kept, and in time.

    A promise belongs to a card. Whoever sees the card sees it, whoever keeps the card
    edits it; who has to keep a promise sees it until it is settled. A promise is
    settled, never deleted.
    """

    _name = "customer.promise"
    _description = "Promise to a Customer"
    _inherit = [
        # before the thread: it filters what that returns
        "customer.follower.guard.mixin",
        "mail.thread",
        "mail.activity.mixin",
        "customer.link.guard.mixin",
        "customer.card.read.log.mixin",
        "customer.card.gate.mixin",
    ]
    _order = "date_due, id"
    _allow_sudo_commands = False
    # whom a refusal must not name
    _card_customer_field = "partner_id"

    # what
    name = fields.Char(
        "What Was Promised", required=True, tracking=True, help="In one sentence."
    )
    note = fields.Text("Details")
    # to whom
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        required=True,
        index=True,
        ondelete="cascade",
        domain=[("card_state", "!=", False)],
    )
    card_root_id = fields.Many2one(
        related="partner_id.card_root_id",
        string="Customer Card",
        store=True,
        index="btree_not_null",
    )
    contact_id = fields.Many2one(
        "res.partner",
        "Promised To",
        index="btree_not_null",
        ondelete="set null",
        domain="[('card_root_id', '=', partner_id), ('id', '!=', partner_id)]",
        help="The person to whom it was promised.",
    )
    visit_id = fields.Many2one(
        "customer.visit",
        "Promised During",
        index="btree_not_null",
        ondelete="set null",
        domain="[('partner_id', '=', partner_id)]",
    )
    custodian_id = fields.Many2one(related="partner_id.card_custodian_id")
    team_id = fields.Many2one(related="partner_id.card_team_id")
    company_id = fields.Many2one(
        "res.company", default=lambda self: self.env.company, required=True
    )
    # by whom
    promised_by_id = fields.Many2one(
        "res.users",
        default=lambda self: self.env.user,
        required=True,
        ondelete="restrict",
        domain=[("share", "=", False)],
        help="Who gave his word.",
    )
    user_id = fields.Many2one(
        "res.users",
        "To Be Kept By",
        default=lambda self: self.env.user,
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("share", "=", False)],
        tracking=True,
        help="Who has to see to it. When the card gets another custodian, his promises "
        "pass to the successor.",
    )
    # until when
    date_promised = fields.Date(
        "Promised On", default=lambda self: self.env.user._card_today(), required=True
    )
    date_due = fields.Date("Until", required=True, index=True, tracking=True)
    date_first_due = fields.Date(
        "First Promised For",
        readonly=True,
        copy=False,
        help="The day that was promised at first, before it was put off.",
    )
    is_postponed = fields.Boolean(
        "Put Off", compute="_compute_is_postponed", store=True
    )
    # what became of it
    state = fields.Selection(
        [
            ("open", "Open"),
            ("kept", "Kept"),
            ("released", "Released"),
            ("broken", "Broken"),
        ],
        "Status",
        default="open",
        required=True,
        readonly=True,
        index=True,
        copy=False,
        tracking=True,
        group_expand=True,
    )
    date_closed = fields.Date("Settled On", readonly=True, copy=False)
    reason = fields.Char(readonly=True, copy=False, tracking=True)
    in_time = fields.Selection(
        [("yes", "Kept in Time"), ("late", "Kept Late"), ("no", "Not Kept")],
        "Kept in Time",
        compute="_compute_in_time",
        store=True,
    )
    is_overdue = fields.Boolean(
        "Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("date_due", "date_first_due")
    def _compute_is_postponed(self):
        for promise in self:
            promise.is_postponed = bool(
                promise.date_first_due
                and promise.date_due
                and promise.date_due > promise.date_first_due
            )

    @api.depends("state", "date_closed", "date_due")
    def _compute_in_time(self):
        for promise in self:
            if promise.state == "kept":
                promise.in_time = (
                    "yes" if promise.date_closed <= promise.date_due else "late"
                )
            else:
                promise.in_time = "no" if promise.state == "broken" else False

    @api.depends_context("uid")
    @api.depends("state", "date_due")
    def _compute_is_overdue(self):
        today = self.env.user._card_today()
        for promise in self:
            promise.is_overdue = bool(
                promise.state == "open"
                and promise.date_due
                and promise.date_due < today
            )

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = fields.Domain("state", "=", "open") & fields.Domain(
            "date_due", "<", self.env.user._card_today()
        )
        return domain if True in value else ~domain

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("partner_id", "contact_id", "visit_id")
    def _check_card(self):
        # sudo: whether the parts belong together does not depend on who asks
        for promise in self.sudo():
            if promise.card_root_id != promise.partner_id:
                raise ValidationError(
                    self.env._(
                        "%(promise)s: choose a customer who has a card.",
                        promise=promise.name,
                    )
                )
            contact, visit = promise.contact_id, promise.visit_id
            if (contact and contact.card_root_id != promise.partner_id) or (
                visit and visit.partner_id != promise.partner_id
            ):
                raise ValidationError(
                    self.env._(
                        "%(promise)s: the person and the visit belong to another "
                        "customer. Choose them anew.",
                        promise=promise.name,
                    )
                )

    @api.constrains("date_promised", "date_due")
    def _check_dates(self):
        for promise in self:
            if promise.date_due < promise.date_promised:
                raise ValidationError(
                    self.env._(
                        "%(promise)s: it cannot be due before it was promised.",
                        promise=promise.name,
                    )
                )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._get_promise_values(vals) for vals in vals_list]
        # the to-do tells who has to keep it; a borrower who noted it does not follow
        quiet = self.with_context(mail_create_nosubscribe=True)
        promises = super(CustomerPromise, quiet).create(vals_list).with_env(self.env)
        promises._log_promises("promise_made")
        promises._remind()
        return promises

    def write(self, vals):
        """:raise AccessError: when a client writes what only the buttons write
        :raise UserError: when a promise that is settled is changed, or moves to another
            customer"""
        if not self._is_promise_door_open():
            self._check_guarded(vals)
        result = super().write(vals)
        if {"date_due", "user_id", "name"} & vals.keys():
            self._remind()
        return result

    def _get_promise_values(self, vals):
        """:return: what a new promise begins with"""
        if not self._is_promise_door_open():
            # a client may send any value, and any default
            vals = {
                **vals,
                "state": "open",
                "date_closed": False,
                "reason": False,
            }
        if vals.get("visit_id") and not vals.get("partner_id"):
            visit = self.env["customer.visit"].browse(vals["visit_id"])
            vals = {**vals, "partner_id": visit.partner_id.id}
        return {**vals, "date_first_due": vals.get("date_due")}

    def _check_guarded(self, vals):
        if GUARDED_FIELDS & vals.keys():
            raise AccessError(
                self.env._(
                    "What became of a promise is said by its buttons: Kept, Release, "
                    "Not Kept."
                )
            )
        if "partner_id" in vals and self.partner_id.ids not in (
            [],
            [vals["partner_id"]],
        ):
            raise UserError(
                self.env._(
                    "%(promises)s: a promise stays with its customer. Release it and "
                    "add a new one to the other customer.",
                    promises=", ".join(self.mapped("name")),
                )
            )
        # what is said below in the chatter, and by activities, goes on
        if self._get_promised_names() & vals.keys():
            self._check_open()

    @api.model
    def _get_promised_names(self):
        """:return: names of the fields that stay as they are once it is settled"""
        return {
            "name",
            "contact_id",
            "user_id",
            "promised_by_id",
            "date_promised",
            "date_due",
        }

    def _through_promise_door(self):
        """:return: ``self`` with the right to write what only methods write. For
        methods that have checked who calls them."""
        return self.with_context(promise_door=PROMISE_DOOR)

    def _is_promise_door_open(self):
        return self.env.context.get("promise_door") is PROMISE_DOOR
