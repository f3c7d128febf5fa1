from collections import defaultdict

from odoo import api, fields, models

from .customer_followup import CURRENT_STATES
from .res_users_visit import DONE_STATES, OPEN_STATES

OPEN_CARD_STATES = ("draft", "active", "dormant")
# Of a step that a line of a cycle copies.
COPIED_FIELDS = (
    "name",
    "note",
    "method",
    "sequence",
    "delay",
    "delay_unit",
)
COPIED_LINKS = (
    "purpose_id",
    "letter_template_id",
    "mail_template_id",
    "sms_template_id",
)


class CustomerFollowup(models.Model):
    """How a cycle starts, goes on and ends, for any number of customers at once. The
    callers have checked who asks; what happens here is the system's doing."""

    _inherit = "customer.followup"

    # ------------------------------------------------------------
    # STARTING
    # ------------------------------------------------------------

    @api.model
    def _start_for(
        self, cards, template, origin="manual", document=None, date=None, previous=None
    ):
        """Begin following up these customers; the first step is planned at once.

        The caller has checked that the user may. Closed cards are left out; a customer
        who goes through the template already goes on, or begins again, as the template
        says. Nobody is followed up twice for the same document.

        :param cards: res.partner
        :param template: customer.followup.template
        :param origin: one of the values of ``origin``
        :param document: record that is the occasion, or ``{card id: record}``
        :param date: from which day the first delay counts; today by default
        :param previous: ``{card id: customer.followup}`` that starts again
        :return: the new cycles
        """
        # sudo: a cycle may start for whoever wins an opportunity, whatever he may see
        cards = cards.sudo().filtered(
            lambda card: card.card_state in OPEN_CARD_STATES and card.active
        )
        documents = (
            document
            if isinstance(document, dict)
            else dict.fromkeys(cards.ids, document)
        )
        known = self._get_known_documents(cards, documents)
        cards = cards.filtered(lambda card: card.id not in known)
        running = self.sudo().search(
            [
                ("partner_id", "in", cards.ids),
                ("template_id", "=", template.id),
                ("state", "=", "running"),
            ]
        )
        if running:
            cards -= self._meet_running(running, template, documents)
        if not cards:
            return self.browse()
        today = fields.Date.to_date(date) or self.env.user._card_today()
        followups = (
            self.sudo()
            ._through_followup_door()
            # whoever wins an opportunity may not see the card
            .with_context(mail_create_nosubscribe=True)
            .create(
                [
                    {
                        "partner_id": card.id,
                        "template_id": template.id,
                        "company_id": (template.company_id or self.env.company).id,
                        "origin": origin,
                        "date_start": today,
                        "previous_id": (previous or {}).get(card.id, self).id,
                        **self._get_document_values(documents.get(card.id)),
                    }
                    for card in cards
                ]
            )
        )
        followups._add_lines()
        followups._log_followups("followup_started")
        followups._schedule_next()
        return self.browse(followups.ids)

    @api.model
    def _get_document_values(self, document):
        if not document:
            return {}
        return {"res_model": document._name, "res_id": document.id}

    @api.model
    def _get_known_documents(self, cards, documents):
        """:return: ids of the cards that were followed up for their document before"""
        models_of = defaultdict(set)
        for card_id in cards.ids:
            if record := documents.get(card_id):
                models_of[record._name].add(record.id)
        found = set()
        for name, ids in models_of.items():
            for followup in self.sudo().search(
                [
                    ("partner_id", "in", cards.ids),
                    ("res_model", "=", name),
                    ("res_id", "in", list(ids)),
                ]
            ):
                if documents[followup.partner_id.id].id == followup.res_id:
                    found.add(followup.partner_id.id)
        return found

    @api.model
    def _meet_running(self, running, template, documents):
        """What a further occasion does to customers who are being followed up.

        :return: the cards that get no new cycle
        """
        if template.when_running == "restart":
            running._stop(self.env._("Started again"))
            return running.partner_id.browse()
        for followup in running:
            if record := documents.get(followup.partner_id.id):
                followup._message_log(
                    body=self.env._(
                        "A further occasion while it was running: %(document)s",
                        document=record.sudo().display_name,
                    )
                )
        return running.partner_id

    def _add_lines(self):
        """Copy the steps of the templates, in the language of whoever looks after the
        card."""
        duty = self.partner_id._get_card_duty_users()
        self.env["customer.followup.line"].with_env(
            self._through_followup_door().env
        ).create(
            [
                {
                    "followup_id": followup.id,
                    "step_id": step.id,
                    **{name: step[name] for name in COPIED_FIELDS},
                    **{name: step[name].id for name in COPIED_LINKS},
                }
                for followup in self
                for step in followup.template_id.with_context(
                    lang=duty[followup.partner_id.id].lang or self.env.lang
                ).step_ids
            ]
        )

    # ------------------------------------------------------------
    # GOING ON
    # ------------------------------------------------------------

    def _schedule_next(self):
        """Plan the visit of the step whose turn it is, where none is planned; a cycle
        without a further step is done. Safe to call twice."""
        # sudo: visits of whoever looks after the cards, for whoever has just finished
        # a step
        self = self.sudo()  # noqa: PLW0642
        self._lock()
        running = self.filtered(lambda one: one.state == "running")
        turns = {}
        for followup in running:
            lines = followup.line_ids
            if any(line.state == "planned" for line in lines):
                continue
            line = lines.filtered(lambda one: one.state in ("waiting", "to_plan"))[:1]
            if line:
                turns[followup] = line
            else:
                followup._finish()
        if turns:
            self._plan_lines(turns)

    def _plan_lines(self, turns):
        """:param turns: ``{followup: the line whose turn it is}``"""
        duty = self.partner_id._get_card_duty_users()
        Visit = self.env["customer.visit"]
        moments = {}
        values = []
        lines = []
        leads = self._get_leads()
        for followup, line in turns.items():
            line = line._through_door()
            user = duty[followup.partner_id.id]
            day = followup._get_due_date(line)
            if not user:
                # nobody looks after the card: it waits until somebody does
                line.write({"state": "to_plan", "date_due": day})
                continue
            key = (user, followup.company_id, day)
            if key not in moments:
                moments[key] = Visit._get_next_working_moment(*key)
            lines.append(line)
            values.append(
                {
                    **line._get_visit_values(),
                    "lead_id": leads.get(followup.id),
                    "user_id": user.id,
                    "date_planned": moments[key],
                }
            )
        if not values:
            return
        visits = Visit._plan_followup_visits(values)
        for line, visit in zip(lines, visits, strict=True):
            line.write(
                {
                    "state": "planned",
                    "visit_id": visit.id,
                    "date_due": visit.visit_date,
                }
            )

    def _get_leads(self):
        """:return: ``{followup id: id of the opportunity}`` that started them, where it
        is still there"""
        of_leads = self.filtered(lambda one: one.res_model == "crm.lead")
        there = self.env["crm.lead"].browse(of_leads.mapped("res_id")).exists().ids
        return {one.id: one.res_id for one in of_leads if one.res_id in there}

    def _get_due_date(self, line):
        """:return: the day of a step: so long after the one before was done; never in
        the past"""
        self.ensure_one()
        before = self.line_ids.filtered(lambda one: one.date_done and one != line)
        start = max(before.mapped("date_done"), default=self.date_start)
        day = line.step_id._add_delay(start, line.delay, line.delay_unit)
        return max(day, self.env.user._card_today())

    def _finish(self):
        """The last step is done."""
        self._through_followup_door().write(
            {"state": "done", "date_end": self.env.user._card_today()}
        )
        self._log_followups("followup_done")

    def _skip_current(self, reason):
        """Leave out the step whose turn it is, and plan the next one."""
        # sudo: the visit belongs to whoever looks after the card
        self = self.sudo()  # noqa: PLW0642
        self._lock()
        lines = self.line_ids.filtered(lambda line: line.state in CURRENT_STATES)
        visits = lines.visit_id.filtered(lambda visit: visit.state in OPEN_STATES)
        lines._through_door().write(
            {
                "state": "skipped",
                "skip_reason": reason,
                "date_done": self.env.user._card_today(),
            }
        )
        if visits:
            visits.action_cancel(reason)
        self.env["customer.card.event"]._log_requests(
            "followup_skipped",
            [
                (line.followup_id, line.partner_id, f"{line.name} – {reason}")
                for line in lines
            ],
        )
        self._schedule_next()

    # ------------------------------------------------------------
    # ENDING
    # ------------------------------------------------------------

    def _stop(self, reason):
        """End these cycles before their last step; planned visits are cancelled."""
        # sudo: the system stops what it has started, see _start_for
        self = self.sudo()  # noqa: PLW0642
        self._lock()
        running = self.filtered(lambda one: one.state == "running")
        if not running:
            return
        lines = running.line_ids.filtered(
            lambda line: line.state in ("waiting", *CURRENT_STATES)
        )
        visits = lines.visit_id.filtered(lambda visit: visit.state in OPEN_STATES)
        lines._through_door().write({"state": "dropped"})
        running._through_followup_door().write(
            {
                "state": "stopped",
                "stop_reason": reason,
                "date_end": self.env.user._card_today(),
            }
        )
        # the unique index sees what is written: a new cycle may begin at once
        running.flush_recordset(["state"])
        if visits:
            visits.action_cancel(reason)
        running._log_followups("followup_stopped", reason)

    def _log_followups(self, kind, reason=False):
        """Enter in the ledger of the cards what happened to their cycles."""
        self.env["customer.card.event"]._log_requests(
            kind,
            [
                (
                    followup,
                    followup.partner_id,
                    f"{followup.template_id.name} – {reason}"
                    if reason
                    else followup.template_id.name,
                )
                for followup in self
            ],
        )

    # ------------------------------------------------------------
    # KEEPERS
    # ------------------------------------------------------------

    def _reassign_visits(self, former):
        """Whoever looks after these cards now makes the visits that were planned for
        their former custodians.

        :param former: ``{card id: res.users}``
        """
        duty = self.partner_id._get_card_duty_users()
        visits = self.line_ids.visit_id.filtered(
            lambda visit: (
                visit.state in OPEN_STATES
                and visit.user_id == former.get(visit.partner_id.id)
            )
        )
        for user, theirs in visits.grouped(
            lambda visit: duty[visit.partner_id.id]
        ).items():
            if user:
                theirs.write({"user_id": user.id})
        # what waited for somebody to look after the card
        waiting = self.filtered(lambda one: one.next_state == "to_plan")
        waiting.filtered(lambda one: not one.current_line_id.visit_id)._schedule_next()


class CustomerFollowupLine(models.Model):
    """A step becomes a visit, and the visit settles the step."""

    _inherit = "customer.followup.line"

    def _through_door(self):
        return self.with_env(self.followup_id._through_followup_door().env)

    def _get_visit_values(self):
        """:return: values of the visit of this step, without visitor and time"""
        self.ensure_one()
        return {
            "partner_id": self.partner_id.id,
            "company_id": self.followup_id.company_id.id,
            "method": self.method,
            "purpose_id": self.purpose_id.id,
            "objective": self.note,
            "origin": "followup",
            "followup_line_id": self.id,
        }

    def _settle_by_visits(self):
        """The visits of these steps took place: the steps are done, the next ones are
        planned. Safe to call twice."""
        lines = self.filtered(
            lambda line: (
                line.state in CURRENT_STATES and line.visit_id.state in DONE_STATES
            )
        )
        for line in lines:
            line._through_door().write(
                {"state": "done", "date_done": line.visit_id.visit_date}
            )
        lines.followup_id._schedule_next()
