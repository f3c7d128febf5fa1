from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from .customer_daily_review import DOOR
from .customer_visit import METHODS
from .res_users_visit import DONE_STATES

# what a manager writes
OPEN_FIELDS = {"remark", "discussed"}


class CustomerDailyReviewLine(models.Model):
    """One contact on a daily review: what came of it, and what the manager says.

    The line shows how the visit stands now. Its report belongs to the card: who may not
    open the card sees that the contact took place, and whose it was.
    """

    _name = "customer.daily.review.line"
    _description = "Contact on a Daily Review"
    _order = "review_id, id"
    _rec_name = "visit_id"
    _allow_sudo_commands = False
    # whom a refusal must not name
    _card_customer_field = "partner_id"

    review_id = fields.Many2one(
        "customer.daily.review",
        "Daily Review",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    user_id = fields.Many2one(related="review_id.user_id")
    date = fields.Date(related="review_id.date")
    review_state = fields.Selection(
        related="review_id.state", string="Daily Review Status"
    )
    can_review = fields.Boolean(related="review_id.can_review")
    visit_id = fields.Many2one(
        "customer.visit", required=True, readonly=True, index=True, ondelete="cascade"
    )
    # of the visit: nothing of the customer but his name
    partner_id = fields.Many2one(related="visit_id.partner_id")
    method = fields.Selection(METHODS, compute="_compute_visit")
    time = fields.Datetime(
        compute="_compute_visit", help="When it took place, else when it was planned."
    )
    outcome = fields.Selection(
        [
            ("reported", "Reported"),
            ("report_due", "Report Due"),
            ("open", "Not Done"),
            ("moved", "Moved"),
            ("missed", "Missed"),
            ("cancelled", "Cancelled"),
        ],
        compute="_compute_visit",
    )
    is_made = fields.Boolean("Took Place", compute="_compute_visit")
    moved_to = fields.Date(compute="_compute_visit")
    # of the card: as far as one may read it
    can_read = fields.Boolean("I May Read the Report", compute="_compute_report")
    purpose_id = fields.Many2one("customer.visit.purpose", compute="_compute_report")
    report = fields.Html(compute="_compute_report")
    report_summary = fields.Text("What Came of It", compute="_compute_report")
    # what the manager says
    remark = fields.Text(help="The salesperson reads it in My Day and on the visit.")
    discussed = fields.Boolean()
    discussed_by_id = fields.Many2one("res.users", readonly=True)
    discussed_date = fields.Datetime("Discussed On", readonly=True)
    remark_by_id = fields.Many2one("res.users", readonly=True)
    seen_date = fields.Datetime(
        "Read On", readonly=True, help="When the salesperson read the remark."
    )

    _visit_unique = models.Constraint(
        "UNIQUE (review_id, visit_id)", "A contact is on a daily review once."
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("visit_id.state", "visit_id.visit_date", "review_id.date_to")
    def _compute_visit(self):
        for line in self:
            # sudo: that a salesperson met somebody, and when, is his manager's business
            visit = line.sudo().visit_id
            line.method = visit.method
            line.time = visit.date_start or visit.date_planned
            line.is_made = visit.state in DONE_STATES
            late = visit.visit_date and visit.visit_date > line.sudo().review_id.date_to
            line.moved_to = visit.visit_date if late else False
            if late:
                line.outcome = "moved"
            elif line.is_made:
                line.outcome = (
                    "report_due" if visit.state == "report_due" else "reported"
                )
            elif visit.state in ("missed", "cancelled"):
                line.outcome = visit.state
            else:
                line.outcome = "open"

    @api.depends_context("uid")
    @api.depends("visit_id.report", "visit_id.purpose_id", "visit_id.state")
    def _compute_report(self):
        readable = set(self.visit_id._filtered_access("read").ids)
        for line in self:
            visit = line.visit_id
            line.can_read = visit.id in readable
            if not line.can_read:
                line.purpose_id = line.report = False
                line.report_summary = self.env._(
                    "The report is on a card that you may not open."
                )
                continue
            line.purpose_id = visit.purpose_id
            line.report = visit.report
            line.report_summary = line._get_summary()

    def _get_summary(self):
        """:return: what came of it, or why it was not done"""
        visit = self.visit_id
        if self.moved_to:
            return self.env._(
                "Moved to %(day)s", day=format_date(self.env, self.moved_to)
            )
        if visit.state == "cancelled":
            return visit.cancel_reason or ""
        result = dict(visit._fields["result"]._description_selection(self.env))
        lines = [result.get(visit.result), visit._get_report_summary()]
        return "\n".join(filter(None, lines))

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def write(self, vals):
        """Remark on contacts, and tick what has been discussed.

        :raise AccessError: unless the user reviews these days
        :raise UserError: when a day is finished
        """
        if self.env.context.get("customer_daily_review") is DOOR:
            return super().write(vals)
        self._check_reviewer()
        if not self.env.su and vals.keys() - OPEN_FIELDS:
            raise AccessError(
                self.env._(
                    "%(reviews)s: only the remark on a contact and whether it has been "
                    "discussed are written.",
                    reviews=self.review_id._get_names(),
                )
            )
        if "remark" in vals:
            # a changed remark is news to the salesperson
            vals = {**vals, "seen_date": False, "remark_by_id": self.env.uid}
        if "discussed" in vals:
            ticked = bool(vals["discussed"])
            vals = {
                **vals,
                "discussed_by_id": ticked and self.env.uid,
                "discussed_date": ticked and fields.Datetime.now(),
            }
        result = super().write(vals)
        if vals.get("discussed"):
            self._review_visits()
        return result

    def _review_visits(self):
        """A reported visit that has been discussed is reviewed, where the manager keeps
        its card."""
        visits = self.visit_id._filtered_access("write").filtered(
            lambda visit: (
                visit.state == "reported" and visit.can_manage and not visit.is_mine
            )
        )
        if visits:
            visits.action_review()

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_acknowledge(self):
        """The salesperson has read the remarks on these contacts.

        :raise AccessError: for contacts of somebody else
        """
        # sudo: whose day it was
        if others := self.filtered(
            lambda line: line.sudo().review_id.user_id != self.env.user
        ):
            raise AccessError(
                self.env._(
                    "%(reviews)s: only the salesperson says that he has read the "
                    "remarks.",
                    reviews=others.review_id._get_names(),
                )
            )
        # sudo: a salesperson writes nothing else on a review
        self.sudo().with_context(customer_daily_review=DOOR).write(
            {"seen_date": fields.Datetime.now()}
        )
        return True

    def action_open_visit(self):
        """:return: the action that opens the visit of a line"""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "customer.visit",
            "res_id": self.visit_id.id,
            "views": [[False, "form"]],
        }

    # ------------------------------------------------------------
    # WHO
    # ------------------------------------------------------------

    def _check_reviewer(self):
        """:raise AccessError: unless the user reviews these days
        :raise UserError: when a day is finished"""
        if self.env.su:
            return
        self.check_access("write")
        # sudo: whose days these are and how far
        reviews = self.sudo().review_id
        reviews.sudo(False)._check_reviewer()
        if done := reviews.filtered(lambda review: review.state == "done"):
            raise UserError(
                self.env._(
                    "%(reviews)s: this day has been discussed. Reopen it to change "
                    "its remarks.",
                    reviews=done._get_names(),
                )
            )
