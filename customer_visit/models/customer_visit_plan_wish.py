from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.customer_card.models.customer_card_loan_search import (
    MATCH_LIMIT,
    SEARCHED_FIELDS,
)

from .customer_visit_weekday import WEEKDAYS

FIRST_HOUR = time(9)


class CustomerVisitPlanWish(models.Model):
    """A customer whom the person wants to visit and whose card he may not open: he
    describes him, by number, name or place, and is told nothing. The managers of the
    plan alone see which of their cards match, and plan the visit or leave it."""

    _name = "customer.visit.plan.wish"
    _description = "Customer Asked For in a Weekly Plan"
    _order = "plan_id, id"
    _allow_sudo_commands = False

    plan_id = fields.Many2one(
        "customer.visit.plan", required=True, index=True, ondelete="cascade"
    )
    name = fields.Char(
        "Customer",
        required=True,
        help="His card number, or part of a name, a place, a phone number.",
    )
    purpose = fields.Char("What For")
    plan_day = fields.Selection(WEEKDAYS, "Day")
    visit_id = fields.Many2one(
        "customer.visit", "Planned As", readonly=True, copy=False, ondelete="set null"
    )
    # what only managers see
    match_ids = fields.Many2many(
        "res.partner",
        string="Matching Cards",
        compute="_compute_match_ids",
        groups="customer_card.customer_card_group_manager",
    )
    card_id = fields.Many2one(
        "res.partner",
        ondelete="set null",
        copy=False,
        groups="customer_card.customer_card_group_manager",
        domain="[('id', 'in', match_ids)]",
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends_context("uid")
    @api.depends("name")
    def _compute_match_ids(self):
        for wish in self:
            wish.match_ids = wish._search_matches()

    def _search_matches(self):
        """:return: the cards that match, of those that this user manages; at most
        ``MATCH_LIMIT``, and none for the person himself"""
        self.ensure_one()
        user = self.env.user
        if not self.name or self.plan_id.user_id == user:
            return self.env["res.partner"]
        domain = Domain("card_root_id", "!=", False) & (
            Domain("card_number", "=ilike", self.name.strip())
            | Domain("card_search", "ilike", self.name)
            | Domain.OR(Domain(name, "ilike", self.name) for name in SEARCHED_FIELDS)
        )
        if not user._is_card_admin():
            domain &= Domain("card_team_id", "in", list(user._card_managed_team_ids()))
        found = self.env["res.partner"].search(domain, limit=MATCH_LIMIT)
        return self.env["res.partner"].browse(found.card_root_id.ids)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            # by the bare number of a visit its customer's name would be read
            vals_list = [{**vals, "visit_id": False} for vals in vals_list]
        wishes = super().create(vals_list)
        wishes._check_draft()
        return wishes

    def write(self, vals):
        if not self.env.su:
            vals = {name: vals[name] for name in vals if name != "visit_id"}
        if vals.keys() - {"card_id", "plan_day"}:
            self._check_draft()
        else:
            self.plan_id._check_may_arrange()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_of_drafts(self):
        self._check_draft()

    def _check_draft(self):
        """:raise AccessError, UserError: when the plan is not the user's to change"""
        if self.env.su:
            return
        self.plan_id._approval_check_mine()
        for wish in self:
            if wish.plan_id.state != "draft":
                raise UserError(
                    self.env._(
                        "%(plan)s is no draft: take it back before you ask for another "
                        "customer.",
                        plan=wish.plan_id._approval_names(),
                    )
                )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_plan_visit(self):
        """Plan the visit of the chosen card into the plan, as a manager of the card.
        From then on the person knows the customer's name, and nothing else of the card
        until the plan is approved.

        :raise CardAccessError: for a card that the user does not manage
        :raise UserError: when no card is chosen, or the visit is planned already
        """
        for wish in self:
            wish.plan_id._check_may_arrange()
            if wish.visit_id or not wish.card_id:
                raise UserError(
                    self.env._(
                        "%(customer)s: choose one of the matching cards first, and plan "
                        "each only once.",
                        customer=wish.name,
                    )
                )
            wish.card_id._check_card_managed()
            wish._plan_visit()
        return True

    def _plan_visit(self):
        # sudo: checked by the caller; what is submitted is joined by nothing else
        plan = self.sudo().plan_id
        times = plan._get_free_days()[plan.id]
        day = plan.date_start + timedelta(days=int(self.plan_day or 0))
        if not self.plan_day or day not in times:
            day = min(times, default=plan.date_start)
        begin = times[day][0][0] if day in times else datetime.combine(day, FIRST_HOUR)
        self.sudo().visit_id = (
            self.env["customer.visit"]
            .sudo()
            .create(
                {
                    "partner_id": self.card_id.id,
                    "user_id": plan.user_id.id,
                    "company_id": plan.company_id.id,
                    "plan_id": plan.id,
                    "date_planned": plan._to_utc(begin),
                    "objective": self.purpose,
                }
            )
        )


class CustomerVisitPlan(models.Model):
    """The customers asked for."""

    _inherit = "customer.visit.plan"

    wish_ids = fields.One2many(
        "customer.visit.plan.wish", "plan_id", "Customers Asked For", copy=False
    )
