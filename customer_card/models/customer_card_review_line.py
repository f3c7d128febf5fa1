from collections import defaultdict
from textwrap import shorten

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, LazyTranslate, plaintext2html

from .customer_card_review import DOOR
from .res_partner_card import OPEN_STATES
from .res_partner_look import NEWS_KINDS

_lt = LazyTranslate(__name__)

# what a manager writes
OPEN_FIELDS = {"rating", "remark"}
REASONS = {
    "is_new": _lt("New"),
    "is_changed": _lt("Changed"),
    "is_stale": _lt("Stale"),
    "is_incomplete": _lt("Incomplete"),
    "is_sample": _lt("Sample"),
}
MAX_CHANGES = 5
# characters of the changes in a list
SUMMARY = 90


class CustomerCardReviewLine(models.Model):
    """One card on a weekly check: why it is there, and what the manager thinks of it."""

    _name = "customer.card.review.line"
    _description = "Card on a Weekly Check"
    _order = "review_id, sequence, id"
    _rec_name = "partner_id"
    _allow_sudo_commands = False
    # whom a refusal must not name
    _card_customer_field = "partner_id"

    review_id = fields.Many2one(
        "customer.card.review",
        "Weekly Check",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    sequence = fields.Integer(readonly=True)
    partner_id = fields.Many2one(
        "res.partner",
        "Card",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    custodian_id = fields.Many2one(related="review_id.custodian_id")
    team_id = fields.Many2one(related="review_id.team_id", string="Department")
    week = fields.Char(related="review_id.week")
    review_state = fields.Selection(
        related="review_id.state", string="Weekly Check Status"
    )
    can_check = fields.Boolean(related="review_id.can_check")
    # why
    is_new = fields.Boolean("New", readonly=True)
    is_changed = fields.Boolean("Changed", readonly=True)
    is_stale = fields.Boolean("Stale", readonly=True)
    is_incomplete = fields.Boolean("Incomplete", readonly=True)
    is_sample = fields.Boolean("Sample", readonly=True)
    reasons = fields.Char("Why", compute="_compute_reasons")
    # what the card was like
    completeness = fields.Integer(readonly=True, aggregator="avg")
    last_update = fields.Datetime("Last Updated", readonly=True)
    changes = fields.Text("Changes Since the Last Check", compute="_compute_changes")
    changes_summary = fields.Char("Changes in Short", compute="_compute_changes")
    # what the manager thinks
    state = fields.Selection(
        [("todo", "To Check"), ("rated", "Rated"), ("skipped", "Skipped")],
        "Status",
        default="todo",
        required=True,
        readonly=True,
        group_expand=True,
    )
    rating = fields.Selection(
        [
            ("0", "Not rated"),
            ("1", "Poor"),
            ("2", "Needs work"),
            ("3", "Fair"),
            ("4", "Good"),
            ("5", "Excellent"),
        ],
        default="0",
        required=True,
        help="How well the card is kept.",
    )
    rating_value = fields.Integer(
        "Stars", compute="_compute_rating_value", store=True, aggregator="avg"
    )
    remark = fields.Text(
        help="What the custodian should do. It becomes a to-do on the card for him."
    )
    rated_by_id = fields.Many2one("res.users", readonly=True)
    rated_date = fields.Datetime("Rated On", readonly=True)
    activity_id = fields.Many2one(
        "mail.activity", "To-Do of the Custodian", readonly=True, ondelete="set null"
    )

    _review_partner_unique = models.Constraint(
        "UNIQUE (review_id, partner_id)",
        "A card is on a weekly check once.",
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends_context("lang")
    @api.depends(*REASONS)
    def _compute_reasons(self):
        for line in self:
            line.reasons = ", ".join(
                self.env._(label) for name, label in REASONS.items() if line[name]
            )

    @api.depends("rating")
    def _compute_rating_value(self):
        for line in self:
            line.rating_value = int(line.rating or 0)

    def _compute_changes(self):
        """From the ledger, by one query: who can read a line keeps its card."""
        self.env["customer.card.event"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT line.id, news.kind, news.description
                  FROM customer_card_review_line line
                  JOIN customer_card_review review ON review.id = line.review_id
            CROSS JOIN LATERAL (
                       SELECT event.description, event.kind, event.date
                         FROM customer_card_event event
                        WHERE event.partner_id = line.partner_id
                          AND event.date > review.since_date
                          AND event.date <= COALESCE(review.done_date, %(now)s)
                          AND event.kind = ANY(%(kinds)s)
                     ORDER BY event.date DESC
                        LIMIT %(limit)s
                       ) news
                 WHERE line.id = ANY(%(ids)s)
              ORDER BY line.id, news.date DESC
                """,
                now=fields.Datetime.now(),
                kinds=[kind for kind in NEWS_KINDS if kind != "reviewed"],
                limit=MAX_CHANGES,
                ids=self.ids,
            )
        )
        Event = self.env["customer.card.event"]
        labels = dict(Event._fields["kind"]._description_selection(self.env))
        changes = defaultdict(list)
        for line_id, kind, text in rows:
            # what was changed is said by the entry itself
            parts = [text] if kind == "changed" else [labels[kind], text]
            changes[line_id].append(": ".join(filter(None, parts)))
        for line in self:
            line.changes = "\n".join(changes[line.id])
            # a list shows one line, the form all of it
            line.changes_summary = shorten(line.changes, SUMMARY, placeholder=" …")

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def write(self, vals):
        """Rate cards, and remark on them.

        :raise AccessError: unless the user checks these cards
        :raise UserError: when the check is finished
        """
        if self.env.context.get("customer_card_review") is DOOR:
            return super().write(vals)
        self._check_checker()
        if not self.env.su and (closed := vals.keys() - OPEN_FIELDS):
            raise AccessError(
                self.env._(
                    "%(lines)s: only the rating and the remark of a card on a weekly "
                    "check are written; %(fields)s cannot be changed.",
                    lines=self._get_names(),
                    fields=", ".join(
                        self._fields[name]._description_string(self.env)
                        for name in sorted(closed & self._fields.keys())
                    ),
                )
            )
        result = super().write(vals)
        if "rating" in vals:
            self._rate(vals["rating"])
        if "remark" in vals:
            self._sync_remark_todos()
        return result

    def _through_door(self):
        return self.with_context(customer_card_review=DOOR)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_skip(self):
        """Leave cards unrated this week.

        :raise AccessError: unless the user checks these cards
        :raise UserError: when the check is finished
        """
        self._check_checker()
        self._through_door().write({"state": "skipped", "rating": "0"})
        return True

    def action_open_card(self):
        """Open the card of a line."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.partner_id.id,
            "views": [
                (self.env.ref("customer_card.res_partner_view_form_card").id, "form")
            ],
        }

    # ------------------------------------------------------------
    # RATING
    # ------------------------------------------------------------

    def _check_checker(self):
        """:raise AccessError: unless the user may rate these cards: he manages the
            department and keeps none of them himself
        :raise UserError: when the check is finished"""
        if self.env.su:
            return
        # sudo: whose cards these are and how far their checks
        lines = self.sudo()
        lines.review_id.sudo(False)._check_checker()
        self.check_access("write")
        user = self.env.user
        for line in lines:
            card = line.partner_id
            if (
                user == card.card_custodian_id
                or card.with_user(user).sudo().card_deputized_to_me
            ):
                raise AccessError(
                    self.env._(
                        "%(card)s: nobody rates his own cards. The manager above you "
                        "does.",
                        card=card.display_name,
                    )
                )
            if line.review_id.state == "done":
                raise UserError(
                    self.env._(
                        "%(review)s is done. Reopen it to rate its cards.",
                        review=line.review_id.display_name,
                    )
                )

    def _rate(self, rating):
        """Note who rated these cards; the ledger tells it once for each of them."""
        rated = rating and rating != "0"
        first = self.filtered(lambda line: line.state != "rated")
        self._through_door().write(
            {
                "state": "rated" if rated else "todo",
                "rated_by_id": self.env.uid if rated else False,
                "rated_date": fields.Datetime.now() if rated else False,
            }
        )
        if rated and first:
            cards = first.partner_id
            cards._stamp_card("card_last_review", self.env.user._card_today())
            self.env["customer.card.event"]._log(
                cards,
                "reviewed",
                document={line.partner_id.id: line.review_id for line in first},
            )

    def _sync_remark_todos(self):
        """A remark is a to-do of the custodian: once; a changed remark changes the
        to-do while it is open, a remark that is taken back takes it along."""
        # sudo: the to-do belongs to the custodian
        lines = self.sudo()
        opened = lines.filtered(lambda line: line.activity_id.active)
        opened.filtered(lambda line: not line.remark).activity_id.unlink()
        for line in opened.filtered("remark"):
            line.activity_id.note = line._get_remark_note()
        new = (lines - opened).filtered(
            lambda line: line.remark and line.partner_id.card_custodian_id.active
        )
        if not new:
            return
        today = self.env.user._card_today()
        activities = self.env["mail.activity"]._schedule_card_todos(
            [
                (
                    line.partner_id,
                    line.partner_id.card_custodian_id,
                    {
                        # the manager's own words
                        "automated": False,
                        "summary": line._get_remark_summary(),
                        "note": line._get_remark_note(),
                        "date_deadline": fields.Date.add(
                            today,
                            days=line.review_id.company_id.card_review_remark_days,
                        ),
                    },
                )
                for line in new
            ]
        )
        for line, activity in zip(new, activities, strict=True):
            line.activity_id = activity

    def _get_remark_summary(self):
        """:return: the summary of the to-do, in the custodian's language"""
        lang = self.partner_id.card_custodian_id.lang
        return self.with_context(lang=lang).env._(
            "Remark on this card (%(week)s)", week=self.review_id.week
        )

    def _get_remark_note(self):
        return Markup("%s") % plaintext2html(self.remark)

    def _is_gone(self):
        """:return: whether the card is no longer with this custodian and department,
        or no longer in use"""
        card = self.partner_id
        return (
            card.card_custodian_id != self.review_id.custodian_id
            or card.card_team_id != self.review_id.team_id
            or card.card_state not in OPEN_STATES
            or not card.active
        )

    def _get_names(self):
        return self.partner_id._get_card_names()
