from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

# Opens the guard of weekly checks for this addon's own methods. An object, because a
# client can put any boolean into the context of a call but never this object.
DOOR = object()


class CustomerCardReview(models.Model):
    """The weekly check of a custodian's cards by his manager.

    One for each custodian, department and ISO week (it begins on Monday). It lists
    cards that are new, changed, stale or incomplete, and some at random; the manager
    rates each of them. Made by ``_generate``, see customer_card_review_generate.py; it
    also keeps how complete and fresh all cards of the custodian were at that time.
    """

    _name = "customer.card.review"
    _description = "Weekly Check of Cards"
    _order = "week_start DESC, team_id, custodian_id, id"
    _allow_sudo_commands = False

    # what
    custodian_id = fields.Many2one(
        "res.users", required=True, readonly=True, index=True, ondelete="cascade"
    )
    team_id = fields.Many2one(
        "crm.team", "Department", readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company",
        readonly=True,
        help="Whose settings apply: the company of the department.",
    )
    week_start = fields.Date("Monday", required=True, readonly=True, index=True)
    week = fields.Char(required=True, readonly=True, help="ISO week, such as 2026-W47.")
    since_date = fields.Datetime(
        "Changes Since",
        readonly=True,
        help="When the last finished check of these cards was made.",
    )
    # how far
    state = fields.Selection(
        [("open", "To Check"), ("done", "Done")],
        "Status",
        default="open",
        required=True,
        readonly=True,
        group_expand=True,
    )
    done_date = fields.Datetime("Done On", readonly=True)
    done_by_id = fields.Many2one("res.users", readonly=True)
    line_ids = fields.One2many("customer.card.review.line", "review_id", "Cards")
    line_count = fields.Integer("Cards to Check", compute="_compute_progress")
    checked_count = fields.Integer("Checked", compute="_compute_progress")
    progress = fields.Integer(compute="_compute_progress")
    rating_average = fields.Float(
        "Average Rating", compute="_compute_progress", digits=(2, 1)
    )
    can_check = fields.Boolean("I Check These Cards", compute="_compute_can_check")
    # all cards of the custodian, when the check was made
    card_count = fields.Integer("Cards Kept", readonly=True)
    stale_count = fields.Integer("Stale", readonly=True)
    incomplete_count = fields.Integer("Incomplete", readonly=True)
    completeness = fields.Float(
        readonly=True,
        aggregator="avg",
        digits=(4, 1),
        help="Average completeness of all cards that the custodian kept.",
    )

    _week_unique = models.UniqueIndex(
        "(custodian_id, COALESCE(team_id, 0), week_start)",
        "The cards of a custodian are on one weekly check a week.",
    )
    _week_start_monday = models.Constraint(
        "CHECK (EXTRACT(ISODOW FROM week_start) = 1)",
        "A week begins on Monday.",
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("week", "custodian_id")
    def _compute_display_name(self):
        for review in self:
            review.display_name = f"{review.week} · {review.custodian_id.name or ''}"

    @api.depends("line_ids.state", "line_ids.rating")
    def _compute_progress(self):
        # sudo: cards that have left the department meanwhile count as well
        groups = (
            self.env["customer.card.review.line"]
            .sudo()
            ._read_group(
                [("review_id", "in", self.ids)],
                ["review_id", "state"],
                ["__count", "rating_value:avg"],
            )
        )
        found = {(review.id, state): rest for review, state, *rest in groups}
        for review in self:
            counts = {
                state: found.get((review.id, state), [0, 0])[0]
                for state in ("todo", "rated", "skipped")
            }
            review.line_count = sum(counts.values())
            review.checked_count = review.line_count - counts["todo"]
            review.progress = (
                100 * review.checked_count // review.line_count
                if review.line_count
                else 100
            )
            review.rating_average = found.get((review.id, "rated"), [0, 0])[1]

    @api.depends_context("uid")
    @api.depends("custodian_id", "team_id")
    def _compute_can_check(self):
        for review in self:
            review.can_check = self.env.user._card_checks(
                review.custodian_id, review.team_id
            )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def write(self, vals):
        """A client writes the lines, through the form; all else is done by methods.

        :raise AccessError: unless the user checks these cards
        """
        if not self._has_door():
            if vals.keys() - {"line_ids"}:
                raise AccessError(
                    self.env._(
                        "%(reviews)s: a weekly check is made by the system. Rate its "
                        "cards, then press Done.",
                        reviews=self._get_names(),
                    )
                )
            self._check_checker()
        return super().write(vals)

    def _has_door(self):
        return self.env.su or self.env.context.get("customer_card_review") is DOOR

    def _through_door(self):
        """:return: ``self`` with the right to write what clients may not. For methods
        that have checked who calls them."""
        return self.with_context(customer_card_review=DOOR)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_done(self):
        """The manager has looked at all cards. Cards that have been closed, archived or
        given to somebody else meanwhile are skipped.

        :raise AccessError: unless the user checks these cards
        :raise UserError: while cards are neither rated nor skipped
        """
        self._check_checker()
        # sudo: also the cards that the manager no longer sees
        lines = self.sudo().line_ids.filtered(lambda line: line.state == "todo")
        gone = lines.filtered(lambda line: line._is_gone())
        gone.write({"state": "skipped"})
        if waiting := lines - gone:
            raise UserError(
                self.env._(
                    "%(reviews)s: %(count)s cards are neither rated nor skipped yet: "
                    "%(cards)s",
                    reviews=waiting.review_id.sudo(False)._get_names(),
                    count=len(waiting),
                    cards=waiting.partner_id.sudo(False)._get_card_names(),
                )
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
        """The manager takes up a finished check again.

        :raise AccessError: unless the user checks these cards
        """
        self._check_checker()
        self._through_door().write(
            {"state": "open", "done_date": False, "done_by_id": False}
        )
        return True

    def action_open_cards(self):
        """Open the cards of these checks, one after the other."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_card.customer_card_review_line_action"
        )
        action["domain"] = [("review_id", "in", self.ids)]
        action["context"] = {}
        return action

    @api.model
    def action_start_now(self, *_ids):
        """Make this week's checks of all departments that the user manages, for the
        custodians who have none yet.

        :return: the action that shows them
        :raise AccessError: when the user manages no department
        """
        user = self.env.user
        team_ids = user._card_managed_team_ids()
        if not (user._is_card_admin() or team_ids):
            raise AccessError(
                self.env._(
                    "Only the manager of a department starts the weekly check of its "
                    "cards."
                )
            )
        # sudo: made by the system, for the departments of this manager
        self.sudo()._generate(None if user._is_card_admin() else team_ids)
        return self.env["ir.actions.act_window"]._for_xml_id(
            "customer_card.customer_card_review_action"
        )

    # ------------------------------------------------------------
    # WHO AND WHEN
    # ------------------------------------------------------------

    def _check_checker(self):
        """:raise AccessError: unless the user may rate the cards of these checks"""
        if self.env.su:
            return
        # sudo: whose cards are checked, compared and not shown
        for review in self.sudo():
            if not self.env.user._card_checks(review.custodian_id, review.team_id):
                own = review.custodian_id == self.env.user
                raise AccessError(
                    self.env._(
                        "%(review)s: nobody rates his own cards. The manager above you "
                        "does.",
                        review=review.display_name,
                    )
                    if own
                    else self.env._(
                        "%(review)s: only the manager of the department checks these "
                        "cards.",
                        review=review.display_name,
                    )
                )

    def _get_names(self):
        # sudo: the names of a week and of a colleague
        return ", ".join(self.sudo().mapped("display_name")[:5])

    @api.model
    def _get_week_start(self, day=None):
        """:param day: date, by default the user's today
        :return: the Monday of its ISO week"""
        day = day or self.env.user._card_today()
        return day - timedelta(days=day.weekday())

    @api.model
    def _get_week_name(self, day):
        """:return: ISO year and week of a date, such as 2026-W53 for 2027-01-01"""
        year, week, _weekday = day.isocalendar()
        return f"{year}-W{week:02d}"
