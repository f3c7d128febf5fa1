from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL, format_date

from .res_users_visit import DONE_STATES

# Opens the guard of daily reviews for this addon's own methods. An object, because a
# client can put any boolean into the context of a call but never this object.
DOOR = object()
# what a manager writes
OPEN_FIELDS = {"note", "line_ids"}


class CustomerDailyReview(models.Model):
    """A salesperson's working day, as his manager discusses it with him the next
    morning: what he did, what he had planned and did not do.

    One for each salesperson and working day of his company; visits on the free days
    that follow belong to it as well, so that none is forgotten. Made by ``_generate``,
    see customer_daily_review_generate.py. Who reviews whom is ``_card_checks``: the
    manager of the department, and never oneself.
    """

    _name = "customer.daily.review"
    _description = "Daily Review"
    _order = "date DESC, team_id, user_id, id"
    _allow_sudo_commands = False

    # whose day
    user_id = fields.Many2one(
        "res.users",
        "Salesperson",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    team_id = fields.Many2one(
        "crm.team", "Department", readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", readonly=True)
    date = fields.Date("Working Day", required=True, readonly=True, index=True)
    date_to = fields.Date(
        "Up To",
        required=True,
        readonly=True,
        help="The last day before the next working day: visits on free days belong to "
        "the working day before them.",
    )
    # what came of it
    line_ids = fields.One2many(
        "customer.daily.review.line", "review_id", "Visits and Contacts"
    )
    note = fields.Text(
        "Remarks on the Day",
        help="The salesperson reads them in My Day.",
    )
    state = fields.Selection(
        [("open", "To Discuss"), ("done", "Discussed")],
        "Status",
        default="open",
        required=True,
        readonly=True,
        group_expand=True,
    )
    done_date = fields.Datetime("Discussed On", readonly=True)
    done_by_id = fields.Many2one("res.users", "Discussed By", readonly=True)
    note_seen_date = fields.Datetime("Read On", readonly=True)
    # figures
    line_count = fields.Integer("Contacts", compute="_compute_counts")
    made_count = fields.Integer("Made", compute="_compute_counts")
    missed_count = fields.Integer(
        "Not Done",
        compute="_compute_counts",
        help="Planned, and missed, cancelled, moved to another day or still open.",
    )
    owed_count = fields.Integer(
        "Reports Owed",
        compute="_compute_counts",
        help="Contacts that took place and have no report yet.",
    )
    discussed_count = fields.Integer("Discussed Contacts", compute="_compute_counts")
    progress = fields.Integer("Discussed (%)", compute="_compute_counts")
    can_review = fields.Boolean("I Review This Day", compute="_compute_can_review")

    _day_unique = models.Constraint(
        "UNIQUE (user_id, date)",
        "A working day of a salesperson is reviewed once.",
    )
    _dates_ordered = models.Constraint(
        "CHECK (date_to >= date)", "A review ends on the day it begins, or later."
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("date", "user_id")
    def _compute_display_name(self):
        for review in self:
            review.display_name = self.env._(
                "%(salesperson)s, %(day)s",
                salesperson=review.user_id.sudo().name or "",
                day=format_date(self.env, review.date, date_format="EEE d MMM")
                if review.date
                else "",
            )

    @api.depends("line_ids.discussed", "line_ids.visit_id")
    def _compute_counts(self):
        """By one query, also of visits that this user may not open: they are counted,
        not shown."""
        self.env["customer.daily.review.line"].flush_model()
        self.env["customer.visit"].flush_model(["state", "visit_date"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT line.review_id, COUNT(*),
                       COUNT(*) FILTER (WHERE visit.state = ANY(%(done)s)),
                       COUNT(*) FILTER (WHERE visit.state = 'report_due'),
                       COUNT(*) FILTER (WHERE line.discussed)
                  FROM customer_daily_review_line line
                  JOIN customer_visit visit ON visit.id = line.visit_id
                 WHERE line.review_id = ANY(%(ids)s)
              GROUP BY line.review_id
                """,
                done=list(DONE_STATES),
                ids=self.ids,
            )
        )
        found = {review_id: counts for review_id, *counts in rows}
        for review in self:
            count, made, owed, discussed = found.get(review.id, (0, 0, 0, 0))
            review.line_count = count
            review.made_count = made
            review.missed_count = count - made
            review.owed_count = owed
            review.discussed_count = discussed
            review.progress = (
                100 * discussed // count if count else 100 * (review.state == "done")
            )

    @api.depends_context("uid")
    @api.depends("user_id", "team_id")
    def _compute_can_review(self):
        for review in self:
            review.can_review = self.env.user._card_checks(
                review.user_id, review.team_id
            )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def write(self, vals):
        """A manager writes his remarks, and those on the visits; all else is done by
        methods.

        :raise AccessError: unless the user reviews these days
        """
        if not self._has_door():
            if vals.keys() - OPEN_FIELDS:
                raise AccessError(
                    self.env._(
                        "%(reviews)s: a daily review is made by the system. Write "
                        "your remarks and tick what you have discussed.",
                        reviews=self._get_names(),
                    )
                )
            self._check_reviewer()
            if "note" in vals:
                # a changed remark is news to the salesperson
                self._through_door().write({"note_seen_date": False})
        return super().write(vals)

    def _has_door(self):
        return self.env.su or self.env.context.get("customer_daily_review") is DOOR

    def _through_door(self):
        """:return: ``self`` with the right to write what clients may not. For methods
        that have checked who calls them."""
        return self.with_context(customer_daily_review=DOOR)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_done(self):
        """The manager has discussed these days: what is not ticked yet is ticked.

        :raise AccessError: unless the user reviews these days
        """
        self._check_reviewer()
        self._update_lines()
        self.line_ids.filtered(lambda line: not line.discussed).write(
            {"discussed": True}
        )
        self._through_door().write(
            {
                "state": "done",
                "done_date": fields.Datetime.now(),
                "done_by_id": self.env.uid,
            }
        )
        return True

    def action_reopen(self):
        """The manager takes up a day again. What was ticked stays ticked.

        :raise AccessError: unless the user reviews these days
        """
        self._check_reviewer()
        self._through_door().write(
            {"state": "open", "done_date": False, "done_by_id": False}
        )
        return True

    def action_acknowledge(self):
        """The salesperson has read the remarks on these days.

        :raise AccessError: for days of somebody else
        """
        if others := self.filtered(lambda review: review.user_id != self.env.user):
            raise AccessError(
                self.env._(
                    "%(reviews)s: only the salesperson says that he has read the "
                    "remarks.",
                    reviews=others._get_names(),
                )
            )
        # sudo: a salesperson writes nothing else on a review
        self.sudo().write({"note_seen_date": fields.Datetime.now()})
        return True

    @api.model
    def action_open_reviews(self, *_ids):
        """Bring the reviews of the user's departments up to date, and show them.

        :return: an action
        :raise AccessError: when the user manages no department
        """
        user = self.env.user
        team_ids = user._card_managed_team_ids()
        if not (user._is_card_admin() or team_ids):
            raise AccessError(
                self.env._(
                    "Only the manager of a department reviews the days of its "
                    "salespeople."
                )
            )
        # sudo: made by the system, for the departments of this manager
        self.sudo()._generate(None if user._is_card_admin() else team_ids)
        return self.env["ir.actions.act_window"]._for_xml_id(
            "customer_visit.customer_daily_review_action"
        )

    # ------------------------------------------------------------
    # WHO
    # ------------------------------------------------------------

    def _check_reviewer(self):
        """:raise AccessError: unless the user manages the departments of these
        salespeople, and is none of them"""
        if self.env.su:
            return
        # sudo: whose days these are
        for review in self.sudo():
            if not self.env.user._card_checks(review.user_id, review.team_id):
                raise AccessError(
                    self.env._(
                        "%(review)s: nobody reviews his own day. The manager above "
                        "you does.",
                        review=review.display_name,
                    )
                    if review.user_id == self.env.user
                    else self.env._(
                        "%(review)s: only the manager of the department reviews this "
                        "day.",
                        review=review.display_name,
                    )
                )

    def _get_names(self):
        # sudo: a date and the name of a colleague
        return ", ".join(self.sudo().mapped("display_name")[:5])
