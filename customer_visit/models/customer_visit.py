from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .res_users_visit import DONE_STATES, OPEN_STATES

METHODS = [
    ("visit", "Visit"),
    ("reception", "Reception"),
    ("phone", "Phone Call"),
    ("letter", "Letter"),
    ("sms", "SMS"),
    ("email", "Email"),
    ("meeting", "Customer Meeting"),
    ("hotline", "Hotline"),
]
# the visitor goes there: with a way, a place and a check-in
OUTDOOR_METHODS = ("visit",)


class CustomerVisit(models.Model):
    """A contact with a customer: going out, coming in, phone, letter, SMS, e-mail,
    meeting or hotline; planned, prepared, made, reported and reviewed.

    A visit belongs to a card (``partner_id`` is always the card itself, the people met
    are ``contact_ids``) and to the user who makes it. It is what counts for cadence,
    coverage and figures; activities and calendar meetings lead to it.

    planned → prepared → in progress → report due → reported → reviewed; a visit that
    did not take place is cancelled or missed.
    """

    _name = "customer.visit"
    _description = "Visit"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "customer.link.guard.mixin",
        "customer.card.read.log.mixin",
        "customer.card.gate.mixin",
    ]
    _order = "date_planned DESC, id DESC"
    # an x2many command inside a privileged write runs with the client's own rights
    _allow_sudo_commands = False

    # who meets whom
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("card_state", "!=", False)],
        tracking=True,
    )
    card_root_id = fields.Many2one(
        related="partner_id.card_root_id",
        string="Customer Card",
        store=True,
        index="btree_not_null",
    )
    contact_ids = fields.Many2many(
        "res.partner",
        "customer_visit_contact_rel",
        "visit_id",
        "partner_id",
        "Persons Met",
        domain="[('card_root_id', '=', partner_id), ('id', '!=', partner_id)]",
    )
    user_id = fields.Many2one(
        "res.users",
        "Visitor",
        default=lambda self: self.env.user,
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("share", "=", False)],
        tracking=True,
    )
    company_id = fields.Many2one(
        "res.company",
        default=lambda self: self.env.company,
        required=True,
        index=True,
    )
    team_id = fields.Many2one(
        "crm.team",
        "Department",
        compute="_compute_team_id",
        store=True,
        precompute=True,
        index=True,
        help="The visitor's department when he made the visit.",
    )
    # how and what for
    method = fields.Selection(METHODS, default="visit", required=True, tracking=True)
    purpose_id = fields.Many2one(
        "customer.visit.purpose",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
    )
    objective = fields.Text(
        "Objectives",
        compute="_compute_objective",
        store=True,
        readonly=False,
        help="What the visit is to achieve.",
    )
    # where
    address_id = fields.Many2one(
        "res.partner",
        ondelete="set null",
        domain="[('card_root_id', '=', partner_id)]",
        help="Which of the customer's addresses. Empty: his main one.",
    )
    place = fields.Char(help="Where, if not at one of the customer's addresses.")
    # when
    date_planned = fields.Datetime("Planned For", index=True, tracking=True)
    duration_planned = fields.Float("Planned Duration", default=1.0, help="In hours.")
    date_start = fields.Datetime("Started", readonly=True, copy=False)
    date_end = fields.Datetime("Ended", readonly=True, copy=False)
    duration = fields.Float(
        compute="_compute_duration",
        store=True,
        aggregator="avg",
        help="In hours, from check-in to check-out.",
    )
    visit_date = fields.Date(
        "Day",
        compute="_compute_visit_date",
        store=True,
        index=True,
        help="The day of the visit where its visitor lives: when it took place, else "
        "when it is planned.",
    )
    state = fields.Selection(
        [
            ("planned", "Planned"),
            ("prepared", "Prepared"),
            ("in_progress", "In Progress"),
            ("report_due", "Report Due"),
            ("reported", "Reported"),
            ("reviewed", "Reviewed"),
            ("missed", "Missed"),
            ("cancelled", "Cancelled"),
        ],
        "Status",
        default="planned",
        required=True,
        readonly=True,
        index=True,
        copy=False,
        tracking=True,
        group_expand=True,
    )
    # where it comes from
    origin = fields.Selection(
        [
            ("manual", "Planned by Hand"),
            ("ad_hoc", "Ad Hoc"),
            ("plan", "Weekly Plan"),
            ("activity", "Activity"),
            ("calendar", "Calendar"),
            ("followup", "Follow-up Cycle"),
            ("stage", "Stage Reached"),
            ("event", "Event"),
        ],
        default="manual",
        required=True,
        readonly=True,
        copy=False,
    )
    lead_id = fields.Many2one(
        "crm.lead",
        "Opportunity",
        index="btree_not_null",
        ondelete="set null",
        domain="[('partner_id', 'child_of', partner_id)]",
    )
    color = fields.Integer(related="purpose_id.color")

    _day_idx = models.Index("(user_id, visit_date)")
    _card_day_idx = models.Index("(partner_id, visit_date DESC)")
    _duration_planned_positive = models.Constraint(
        "CHECK (duration_planned >= 0)", "A visit cannot last less than nothing."
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("date_planned", "date_start", "user_id")
    def _compute_visit_date(self):
        for visit in self:
            moment = visit.date_start or visit.date_planned
            visit.visit_date = (
                fields.Date.context_today(
                    visit.with_context(tz=visit.user_id.tz or "UTC"), moment
                )
                if moment
                else False
            )

    @api.depends("user_id")
    def _compute_team_id(self):
        """Figures of a department stay with it when a visitor leaves it."""
        for visit in self:
            # sudo: which team a colleague belongs to
            visit.team_id = visit.sudo().user_id.sale_team_id

    @api.depends("purpose_id")
    def _compute_objective(self):
        """The usual objectives of the purpose, unless others were entered."""
        for visit in self:
            visit.objective = visit.objective or visit.purpose_id.objective

    @api.depends("date_start", "date_end")
    def _compute_duration(self):
        for visit in self:
            visit.duration = (
                (visit.date_end - visit.date_start).total_seconds() / 3600
                if visit.date_start and visit.date_end
                else 0
            )

    @api.depends_context("uid")
    @api.depends("partner_id", "method")
    def _compute_display_name(self):
        """Whoever may not read a visit does not learn by its number whose it is: names
        are given to everybody who asks, the page's breadcrumbs among them."""
        methods = dict(self._fields["method"]._description_selection(self.env))
        readable = self if self.env.su else self._origin._filtered_access("read")
        for visit in self:
            if visit._origin and visit._origin not in readable:
                visit.display_name = self._description
                continue
            # sudo: the name of a customer is shown on every document that links him
            customer = visit.sudo().partner_id.display_name or ""
            visit.display_name = self.env._(
                "%(method)s: %(customer)s",
                method=methods.get(visit.method),
                customer=customer,
            )

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("partner_id")
    def _check_is_card(self):
        for visit in self.sudo():
            if visit.card_root_id != visit.partner_id:
                raise ValidationError(
                    self.env._(
                        "%(customer)s has no customer card. Open a card first.",
                        customer=visit.partner_id.display_name,
                    )
                )

    # ------------------------------------------------------------
    # HOOKS
    # ------------------------------------------------------------

    def _after_planned(self):
        """Hook: these visits have just been planned, or planned for another time,
        customer or visitor."""

    def _after_contact(self):
        """Hook: these contacts have just taken place; their report may still be due."""

    def _after_reported(self):
        """Hook: these visits have just been reported. Called as superuser: the report
        of a card that its visitor does not see is no longer his."""

    def _after_dropped(self):
        """Hook: these visits have just been cancelled, or missed."""

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _is_open(self):
        self.ensure_one()
        return self.state in OPEN_STATES

    def _is_done(self):
        self.ensure_one()
        return self.state in DONE_STATES
