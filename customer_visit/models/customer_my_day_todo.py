from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

# birthdays are told so many days ahead
BIRTHDAY_DAYS = 7


class CustomerMyDay(models.AbstractModel):
    """What else waits for the user in My Day: reminders, decisions, what his manager
    told him, birthdays, and, for a manager, the days to discuss."""

    _inherit = "customer.my.day"

    @api.model
    def _get_day_blocks(self):
        return [
            *super()._get_day_blocks(),
            (15, "remarks"),
            (60, "approvals"),
            (70, "reviews"),
            (80, "activities"),
            (90, "birthdays"),
        ]

    # ------------------------------------------------------------
    # REMINDERS
    # ------------------------------------------------------------

    @api.model
    def _get_activities_block(self, day):
        """The user's activities up to this day, the oldest first; not those that stand
        for a visit or ask for a decision: they have blocks of their own."""
        activities, count = self._search_activities(
            self._get_activities_domain(day)
            & Domain("visit_id", "=", False)
            & (
                Domain("res_model", "=", False)
                | Domain("res_model", "not in", self._get_approval_models())
            )
        )
        return self._make_block(
            "activities",
            self.env._("Reminders"),
            "fa-clock-o",
            [
                self._get_activity_row(
                    activity,
                    note=activity.summary or activity.activity_type_id.name,
                    icon=activity.activity_type_id.icon or "fa-clock-o",
                    buttons=[
                        self._make_button(
                            self.env._("Done"), activity, "action_done", "fa-check"
                        )
                    ],
                )
                for activity in activities
            ],
            count=count,
            action="mail.mail_activity_action_my",
        )

    @api.model
    def _get_activities_domain(self, day):
        """Hook: which of the user's activities are reminders.

        :return: Domain on mail.activity
        """
        return Domain("user_id", "=", self.env.uid) & Domain(
            "date_deadline", "<=", max(day, self.env.user._card_today())
        )

    @api.model
    def _search_activities(self, domain):
        """:return: the first activities of the user, and how many there are"""
        Activity = self.env["mail.activity"]
        activities = Activity.search(domain, order="date_deadline, id")
        return activities[: self._get_most_rows()], len(activities)

    @api.model
    def _get_activity_row(self, activity, **values):
        today = self.env.user._card_today()
        return self._make_row(
            activity.id,
            activity.res_name or activity.summary or activity.activity_type_id.name,
            when=self._format_day(activity.date_deadline),
            late=activity.date_deadline < today,
            model=activity.res_model,
            id=activity.res_id,
            **values,
        )

    # ------------------------------------------------------------
    # DECISIONS
    # ------------------------------------------------------------

    @api.model
    def _get_approvals_block(self, day):
        """What waits for the user's decision: submitting gave him a to-do for it."""
        activities, count = self._search_activities(
            Domain("user_id", "=", self.env.uid)
            & Domain("res_model", "in", self._get_approval_models())
        )
        notes = self._get_approval_notes(activities)
        return self._make_block(
            "approvals",
            self.env._("Waiting for Your Decision"),
            "fa-gavel",
            [
                self._get_activity_row(activity, note=notes[activity.id])
                for activity in activities
            ],
            count=count,
            tone="primary",
        )

    @api.model
    def _get_approval_notes(self, activities):
        """:return: ``{activity id: what kind of request it is, and whose}``"""
        notes = {}
        for model, todos in activities.grouped("res_model").items():
            kind = self.env["ir.model"]._get(model).sudo().name
            requests = self.env[model].browse(todos.mapped("res_id")).exists()
            readable = requests._filtered_access("read")
            for todo in todos:
                request = readable.filtered(
                    lambda one, todo=todo: one.id == todo.res_id
                )
                # sudo: the name of a colleague
                who = request.requester_id.sudo().name
                notes[todo.id] = " · ".join(filter(None, (kind, who)))
        return notes

    @api.model
    def _get_approval_models(self):
        """:return: names of the models of requests"""
        mixin = self.env.registry["customer.approval.mixin"]
        return [
            name
            for name, model in self.env.registry.items()
            if issubclass(model, mixin) and not model._abstract
        ]

    # ------------------------------------------------------------
    # DAILY REVIEW
    # ------------------------------------------------------------

    @api.model
    def _get_remarks_block(self, day):
        """What the manager wrote in the daily review and the user has not read yet."""
        Review = self.env["customer.daily.review"]
        Line = self.env["customer.daily.review.line"]
        lines = Line.search(
            [
                ("review_id.user_id", "=", self.env.uid),
                ("remark", "!=", False),
                ("seen_date", "=", False),
            ],
            order="id DESC",
        )
        days = Review.search(
            [
                ("user_id", "=", self.env.uid),
                ("note", "!=", False),
                ("note_seen_date", "=", False),
            ]
        )
        most = self._get_most_rows()
        rows = [self._get_note_row(review) for review in days[:most]]
        shown = lines[: most - len(rows)]
        readable = shown.visit_id._filtered_access("read")
        names = self._get_plain_names(shown.partner_id)
        rows += [
            self._get_remark_row(line, names, line.visit_id in readable)
            for line in shown
        ]
        return self._make_block(
            "remarks",
            self.env._("From Your Manager"),
            "fa-comments-o",
            rows,
            count=len(lines) + len(days),
            tone="primary",
        )

    @api.model
    def _get_note_row(self, review):
        return self._make_row(
            f"day-{review.id}",
            self.env._(
                "Your day, %(day)s",
                day=format_date(self.env, review.date, date_format="EEEE"),
            ),
            when=self._format_day(review.date),
            text=review.note,
            buttons=[self._make_seen_button(review)],
        )

    @api.model
    def _get_remark_row(self, line, names, may_open):
        return self._make_row(
            f"line-{line.id}",
            names[line.partner_id.id],
            when=self._format_day(line.date),
            text=line.remark,
            note=line.remark_by_id.sudo().name or "",
            model=may_open and "customer.visit",
            id=may_open and line.visit_id.id,
            buttons=[self._make_seen_button(line)],
        )

    @api.model
    def _make_seen_button(self, records):
        return self._make_button(
            self.env._("Got It"), records, "action_acknowledge", "fa-check"
        )

    @api.model
    def _get_reviews_block(self, day):
        """The days that the user has to discuss with his salespeople."""
        team_ids = self.env.user._card_managed_team_ids()
        if not team_ids:
            return False
        reviews = self.env["customer.daily.review"].search(
            [
                ("team_id", "in", list(team_ids)),
                ("user_id", "!=", self.env.uid),
                ("state", "=", "open"),
                ("date", ">=", fields.Date.subtract(day, days=7)),
            ]
        )
        return self._make_block(
            "reviews",
            self.env._("Days to Discuss"),
            "fa-check-square-o",
            [
                self._make_row(
                    review.id,
                    review.user_id.sudo().name,
                    when=self._format_day(review.date),
                    user_id=review.user_id.id,
                    note=self.env._(
                        "%(made)s made, %(missed)s not done",
                        made=review.made_count,
                        missed=review.missed_count,
                    ),
                    badges=[
                        (
                            self.env._(
                                "%(count)s reports owed", count=review.owed_count
                            ),
                            "danger",
                        )
                    ]
                    if review.owed_count
                    else [],
                    model=review._name,
                    id=review.id,
                )
                for review in reviews[: self._get_most_rows()]
            ],
            count=len(reviews),
            tone="primary",
            action="customer_visit.customer_daily_review_action_open",
        )

    # ------------------------------------------------------------
    # BIRTHDAYS
    # ------------------------------------------------------------

    @api.model
    def _get_birthdays_block(self, day):
        """Whose birthday is near, among the contacts on the user's own cards."""
        persons = self.env["res.partner"].search(
            [
                ("card_custodian_id", "=", self.env.uid),
                ("next_birthday", "<=", fields.Date.add(day, days=BIRTHDAY_DAYS)),
            ],
            order="next_birthday",
        )
        return self._make_block(
            "birthdays",
            self.env._("Birthdays"),
            "fa-birthday-cake",
            [
                self._make_row(
                    person.id,
                    person.name or "",
                    when=self._format_day(person.next_birthday),
                    note=person.card_root_id.name
                    if person.card_root_id != person
                    else "",
                    model="res.partner",
                    id=person.id,
                    links=[self._make_phone_link(person.phone)] if person.phone else [],
                )
                for person in persons[: self._get_most_rows()]
            ],
            count=len(persons),
        )
