from datetime import timedelta

from odoo import api, models

# promises are told so many days ahead
PROMISE_DAYS = 3
# who is due is asked again on that weekday: a plan for the next week is missing
PLAN_WEEKDAY = 3
STATUS_TONES = {"overdue": "danger", "due": "warning"}


class CustomerMyDay(models.AbstractModel):
    """What the user owes his customers in My Day: contacts that are due, promises, and
    the plan of the week."""

    _inherit = "customer.my.day"

    @api.model
    def _get_day_blocks(self):
        return [
            *super()._get_day_blocks(),
            (12, "plan"),
            (40, "promises"),
            (50, "due"),
        ]

    # ------------------------------------------------------------
    # CONTACTS DUE
    # ------------------------------------------------------------

    @api.model
    def _get_due_block(self, day):
        """The customers whom the user keeps, or stands in for, and who are due and not
        planned: the most urgent first."""
        Partner = self.env["res.partner"]
        domain = [
            "|",
            ("card_custodian_id", "=", self.env.uid),
            ("card_deputized_to_me", "=", True),
            ("card_state", "!=", False),
            ("contact_status", "in", list(STATUS_TONES)),
        ]
        cards = Partner.search(
            domain, order="contact_urgency DESC, id", limit=self._get_most_rows()
        )
        labels = dict(
            Partner._fields["contact_status"]._description_selection(self.env)
        )
        rows = [
            self._make_row(
                card.id,
                card.name or "",
                when=self._format_day(card.next_contact_due),
                late=card.contact_status == "overdue",
                note=self._get_last_contact_text(card),
                badges=[
                    (labels[card.contact_status], STATUS_TONES[card.contact_status])
                ],
                model=card._name,
                id=card.id,
                form="customer_card.res_partner_view_form_card",
                buttons=[
                    self._make_button(
                        self.env._("Plan"),
                        card,
                        "action_visit_plan",
                        "fa-calendar-plus-o",
                    ),
                    self._make_button(
                        self.env._("Log a Contact"),
                        card,
                        "action_visit_log",
                        "fa-pencil",
                    ),
                ],
                links=[self._make_phone_link(card.phone)] if card.phone else [],
            )
            for card in cards
        ]
        return self._make_block(
            "due",
            self.env._("Contacts Due"),
            "fa-bell-o",
            rows,
            column="main",
            count=Partner.search_count(domain) if len(rows) else 0,
            tone="warning",
            action="customer_visit.res_partner_action_contact_due",
        )

    @api.model
    def _get_last_contact_text(self, card):
        if not card.last_contact_date:
            return self.env._("Never contacted")
        return self.env._(
            "Last contact: %(day)s", day=self._format_day(card.last_contact_date)
        )

    # ------------------------------------------------------------
    # PROMISES
    # ------------------------------------------------------------

    @api.model
    def _get_promises_block(self, day):
        """What the user has to keep by now, or in the next days."""
        until = max(day, self.env.user._card_today()) + timedelta(days=PROMISE_DAYS)
        promises = self.env["customer.promise"].search(
            [
                ("user_id", "=", self.env.uid),
                ("state", "=", "open"),
                ("date_due", "<=", until),
            ],
            order="date_due, id",
        )
        shown = promises[: self._get_most_rows()]
        names = self._get_plain_names(shown.partner_id)
        return self._make_block(
            "promises",
            self.env._("Promises to Keep"),
            "fa-handshake-o",
            [
                self._make_row(
                    promise.id,
                    promise.name,
                    note=names[promise.partner_id.id],
                    when=self._format_day(promise.date_due),
                    late=promise.is_overdue,
                    model=promise._name,
                    id=promise.id,
                    buttons=[
                        self._make_button(
                            self.env._("Kept"), promise, "action_keep", "fa-check"
                        )
                    ],
                )
                for promise in shown
            ],
            count=len(promises),
            tone="warning",
        )

    # ------------------------------------------------------------
    # WEEKLY PLAN
    # ------------------------------------------------------------

    @api.model
    def _get_plan_block(self, day):
        """A plan that the manager sent back, one that waits to be submitted, and from
        Thursday on the one for the next week that somebody who plans has not made."""
        Plan = self.env["customer.visit.plan"]
        monday = day - timedelta(days=day.weekday())
        plans = Plan.search(
            [("user_id", "=", self.env.uid), ("state", "!=", "cancelled")],
            order="date_start DESC",
            limit=2,
        )
        labels = dict(Plan._fields["state"]._description_selection(self.env))
        rows = [
            self._make_row(
                plan.id,
                plan.display_name,
                note=plan.refusal_reason or "" if plan.state == "refused" else "",
                badges=[
                    (
                        labels[plan.state],
                        "danger" if plan.state == "refused" else "secondary",
                    )
                ],
                model=plan._name,
                id=plan.id,
            )
            for plan in plans
            if plan.state in ("draft", "refused") and plan.date_start >= monday
        ]
        following = Plan._get_next_week()
        if (
            plans
            and plans[0].date_start < following
            and self.env.user._card_today().weekday() >= PLAN_WEEKDAY
        ):
            rows.append(
                self._make_row(
                    "next",
                    self.env._("Plan your visits of next week"),
                    action="customer_visit.customer_visit_plan_action",
                )
            )
        return self._make_block("plan", self.env._("Weekly Plan"), "fa-calendar", rows)
