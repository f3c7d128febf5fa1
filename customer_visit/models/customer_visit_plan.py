from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

from odoo.addons.customer_card.models.customer_approval_mixin import (
    CustomerApprovalMixin,
)

from .res_users_visit import DONE_STATES, OPEN_STATES, OWED_STATES

# what follows from the person
PERSON_FIELDS = {"team_id", "company_id"}
# what a plan is about from its first day on
WEEK_FIELDS = {"user_id", "date_start", *PERSON_FIELDS}


class CustomerVisitPlan(models.Model):
    """One person's visits of one week: proposed from the cards that are due, arranged
    by him, and approved by a manager of his department.

    The plan holds the open visits of its person in its week (``plan_id`` on the visit
    is set by the system). Approval lends him the cards among them that are not his own,
    and gives him the pack to print. A plan is over when its week is over and no visit
    of it is owed any more.
    """

    _name = "customer.visit.plan"
    _description = "Weekly Visit Plan"
    _inherit = ["customer.approval.mixin"]
    _order = "date_start DESC, id DESC"

    _approval_folded_states = ("done", "cancelled")
    _approval_reset_from = ("submitted", "refused", "cancelled", "approved")
    _approval_guarded_fields = CustomerApprovalMixin._approval_guarded_fields | {
        "left_count",
        "pack_count",
    }
    # what an approval does with a card is the lending, and recorded as such
    _approval_event_kinds = {
        "submitted": "request_submitted",
        "refused": "request_refused",
    }

    # whose, when
    user_id = fields.Many2one(
        "res.users",
        "Person",
        default=lambda self: self.env.user,
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("share", "=", False)],
        tracking=True,
    )
    date_start = fields.Date(
        "Week Of",
        default=lambda self: self._get_next_week(),
        required=True,
        index=True,
        tracking=True,
        help="The Monday of the week. Any day of the week may be entered.",
    )
    date_end = fields.Date("Until", compute="_compute_date_end", store=True)
    team_id = fields.Many2one(
        "crm.team",
        "Department",
        compute="_compute_team",
        store=True,
        precompute=True,
        index=True,
        ondelete="restrict",
        help="The department of the person when the plan was made: its managers see "
        "and decide the plan.",
    )
    company_id = fields.Many2one(
        "res.company",
        compute="_compute_team",
        store=True,
        precompute=True,
        required=True,
    )
    day_capacity = fields.Integer(
        "Visits per Day",
        compute="_compute_day_capacity",
        store=True,
        precompute=True,
        readonly=False,
        help="How many contacts a proposal puts on one working day.",
    )
    note = fields.Text("Note to the Manager", help="What the week is about.")
    # what is in it
    visit_ids = fields.One2many("customer.visit", "plan_id", "Visits", readonly=True)
    visit_count = fields.Integer("Number of Visits", compute="_compute_visit_count")
    done_count = fields.Integer("Made", compute="_compute_visit_count")
    owed_count = fields.Integer(
        "Reports Owed",
        compute="_compute_visit_count",
        help="Visits whose day has come and that are neither reported nor dropped.",
    )
    left_count = fields.Integer(
        "Due, Not in the Plan",
        readonly=True,
        copy=False,
        help="Customers due in this week for whom the last proposal found no room.",
    )

    _one_per_week = models.UniqueIndex(
        "(user_id, date_start) WHERE state != 'cancelled'",
        "There is a plan for this person and this week already. Open that one.",
    )

    _day_capacity_positive = models.Constraint(
        "CHECK (day_capacity > 0)", "A day has room for at least one visit."
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.model
    def _get_approval_states(self):
        labels = {
            "draft": self.env._("Draft"),
            "submitted": self.env._("To Approve"),
            "approved": self.env._("Approved"),
            "done": self.env._("Completed"),
            "refused": self.env._("Sent Back"),
            "cancelled": self.env._("Cancelled"),
        }
        return list(labels.items())

    @api.model
    def _get_next_week(self):
        """:return: the Monday after today"""
        today = self.env.user._card_today()
        return today + timedelta(days=7 - today.weekday())

    @api.depends("user_id")
    def _compute_team(self):
        """Of the person as he belongs when the plan is made: who moves to another
        department takes none of the old plans with him."""
        for plan in self:
            plan.team_id = plan.user_id.sale_team_id
            plan.company_id = plan.user_id.company_id or self.env.company

    @api.depends("company_id")
    def _compute_day_capacity(self):
        for plan in self:
            plan.day_capacity = plan.company_id.visit_day_capacity

    @api.depends("date_start")
    def _compute_date_end(self):
        for plan in self:
            plan.date_end = plan.date_start and plan.date_start + timedelta(days=6)

    @api.depends_context("lang")
    @api.depends("user_id", "date_start")
    def _compute_display_name(self):
        for plan in self:
            plan.display_name = self.env._(
                "%(person)s, week of %(date)s",
                # sudo: whoever sees a plan may know whose it is
                person=plan.sudo().user_id.name or "",
                date=format_date(self.env, plan.date_start),
            )

    @api.depends("visit_ids.state", "visit_ids.visit_date")
    def _compute_visit_count(self):
        """Numbers of visits, whether the user may open each of them or not."""
        visits = self._get_visits()
        for plan in self:
            mine = visits[plan.id]
            plan.visit_count = len(mine)
            plan.done_count = len(mine.filtered(lambda v: v.state in DONE_STATES))
            plan.owed_count = len(mine._filter_owed()) if mine else 0

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("date_start")
    def _check_monday(self):
        for plan in self:
            if plan.date_start.weekday():
                raise ValidationError(
                    self.env._(
                        "%(plan)s: a week begins on Monday.", plan=plan.display_name
                    )
                )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """The department and the company are those of the person, whatever a client
        sends; the visits that he has planned for the week belong to the plan."""
        checked = []
        for vals in vals_list:
            vals = {name: vals[name] for name in vals if name not in PERSON_FIELDS}
            day = fields.Date.to_date(vals.get("date_start")) or self._get_next_week()
            checked.append({**vals, "date_start": day - timedelta(days=day.weekday())})
        plans = super().create(checked)
        plans._adopt_visits()
        return plans

    def write(self, vals):
        if WEEK_FIELDS & vals.keys() and not self._approval_door_open():
            for plan in self:
                raise UserError(
                    self.env._(
                        "%(plan)s: person and week stay as they are. Make another plan, "
                        "and cancel this one if it is no longer needed.",
                        plan=plan._approval_names(),
                    )
                )
        return super().write(vals)

    def _adopt_visits(self):
        """The visits that the persons have planned already are in their plans."""
        if not self:
            return
        # sudo: visits planned for the person by others are part of his week too
        visits = (
            self.env["customer.visit"]
            .sudo()
            .search(
                [
                    ("user_id", "in", self.user_id.ids),
                    ("state", "in", OPEN_STATES),
                    ("plan_id", "=", False),
                    ("visit_date", ">=", min(self.mapped("date_start"))),
                    ("visit_date", "<=", max(self.mapped("date_end"))),
                ]
            )
        )
        visits._match_plans()

    def copy_data(self, default=None):
        """A copy is for the week after, without visits: those are proposed anew."""
        return [
            {
                **vals,
                "date_start": plan.date_start + timedelta(days=7),
                **(default or {}),
            }
            for plan, vals in zip(self, super().copy_data(default), strict=True)
        ]

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _get_visits(self):
        """The visits of each plan, all of them whatever the user may read.

        :return: ``{plan id: customer.visit (sudo)}`` in the order of the days, with a
            key for every plan
        """
        # sudo: callers count them, or look at their cards; what is shown is read anew
        visits = (
            self.env["customer.visit"]
            .sudo()
            .search(
                [("plan_id", "in", self.ids)],
                order="visit_date, plan_sequence, date_planned, id",
            )
        )
        groups = {plan.id: visits.browse() for plan in self}
        for plan, group in visits.grouped("plan_id").items():
            groups[plan.id] = group
        return groups

    def _get_open_visits(self):
        """:return: as ``_get_visits``, those that still are to be made or reported"""
        return {
            plan_id: visits.filtered(lambda visit: visit.state in OWED_STATES)
            for plan_id, visits in self._get_visits().items()
        }
