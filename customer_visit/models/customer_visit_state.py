import psycopg2.errors

from odoo import api, fields, models
from odoo.exceptions import AccessError, LockError, UserError
from odoo.tools import format_datetime

from .res_users_visit import OPEN_STATES

PLANNED_STATES = ("planned", "prepared")


class CustomerVisit(models.Model):
    """The states of a visit, and the buttons that move it on."""

    _inherit = "customer.visit"

    date_prepared = fields.Datetime("Prepared On", readonly=True, copy=False)
    date_reported = fields.Datetime("Reported On", readonly=True, copy=False)
    date_reviewed = fields.Datetime("Reviewed On", readonly=True, copy=False)
    reviewed_by_id = fields.Many2one(
        "res.users", "Reviewed By", readonly=True, copy=False, ondelete="set null"
    )
    cancel_reason = fields.Char(
        "Why Cancelled", readonly=True, copy=False, tracking=True
    )
    move_count = fields.Integer(
        "Times Moved",
        readonly=True,
        copy=False,
        help="How often the visit was put off, or brought forward, to another day.",
    )
    rescheduled_from_id = fields.Many2one(
        "customer.visit",
        "Instead Of",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The visit that was missed or cancelled, and takes place by this one.",
    )
    rescheduled_ids = fields.One2many(
        "customer.visit", "rescheduled_from_id", "Takes Place As"
    )
    end_estimated = fields.Boolean(
        "End Is Estimated",
        readonly=True,
        copy=False,
        help="The visitor forgot to check out: the end follows from the planned "
        "duration.",
    )
    is_mine = fields.Boolean(compute="_compute_is_mine")
    can_manage = fields.Boolean("I Manage This Card", compute="_compute_is_mine")

    _one_in_progress = models.UniqueIndex(
        "(user_id) WHERE state = 'in_progress'",
        "A person can be at one customer only. Check out of the visit in progress "
        "first.",
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends_context("uid")
    @api.depends("user_id", "partner_id")
    def _compute_is_mine(self):
        # sudo: the keepers of the cards are compared
        managed = self.sudo().partner_id._card_managed_by(self.env.user)
        for visit in self:
            visit.is_mine = visit.user_id == self.env.user
            visit.can_manage = visit.sudo().partner_id.id in managed._ids

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_prepare(self):
        """The visitor has read what he has to know before the visit.

        :raise AccessError: for somebody else's visit
        :raise UserError: when it is no longer planned
        """
        self._check_visitor()
        self._take_visits(("planned",))
        self._move_visits("prepared", {"date_prepared": fields.Datetime.now()})
        return True

    def action_start(self, position=None):
        """Check in: the visit begins now.

        :param position: where the browser says that the visitor is, see
            ``_get_position_values``
        :raise AccessError: for somebody else's visit
        :raise UserError: when it is not planned, or when the visitor is still at
            another customer
        """
        self.ensure_one()
        self._check_visitor()
        self._take_visits(PLANNED_STATES)
        self._check_none_in_progress()
        values = {
            "date_start": fields.Datetime.now(),
            **self._get_position_values("in", position),
        }
        try:
            with self.env.cr.savepoint():
                self._move_visits("in_progress", values)
                self.flush_recordset(["state", "user_id"])
        except psycopg2.errors.UniqueViolation:
            # he has checked in elsewhere at this very moment
            raise UserError(self._get_in_progress_text()) from None
        return True

    def action_end(self, position=None):
        """Check out: the contact has taken place, its report is due.

        :param position: as for ``action_start``
        :return: the action that asks for the report
        :raise AccessError: for somebody else's visit
        :raise UserError: when the visit is not in progress
        """
        self.ensure_one()
        self._check_visitor()
        self._take_visits(("in_progress",))
        self._end_visit(position)
        return self.action_open_report()

    def _end_visit(self, position=None, **values):
        self._move_visits(
            "report_due",
            {
                "date_end": fields.Datetime.now(),
                **self._get_position_values("out", position),
                **values,
            },
        )
        self._after_contact()

    def action_report(self):
        """Hand in the report. A contact without check-in took place when it was
        planned, at the latest now.

        :raise AccessError: for the report of somebody else
        :raise UserError: naming the visit and what its report still lacks
        """
        self._check_reporter()
        self._take_visits((*OPEN_STATES, "report_due", "missed"))
        self._check_report_complete()
        if unended := self.filtered(lambda visit: visit.state != "report_due"):
            unended._set_taken_place()
        self._move_visits("reported", {"date_reported": fields.Datetime.now()})
        # sudo: on a card that its visitor does not see, the report is no longer his
        reported = self.sudo()
        # whoever sent it back has got it
        reported.activity_feedback(["mail.mail_activity_data_todo"])
        reported._log_visits("visit_reported")
        reported._after_reported()
        if self._filtered_access("read") != self:
            # the report has handed the card back: its form cannot be loaded again
            return self._get_handed_back_action()
        return {"type": "ir.actions.act_window_close"}

    def _get_handed_back_action(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_visit.customer_visit_action"
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "Report handed in. It belongs to the card, which is handed back."
                ),
                "next": {**action, "target": "main"},
            },
        }

    def _set_taken_place(self):
        """These visits are reported without a check-in, or without a check-out."""
        now = fields.Datetime.now()
        for visit in self:
            start = visit.date_start or min(visit.date_planned or now, now)
            end = fields.Datetime.add(start, hours=visit.duration_planned)
            visit._visit_through_door().write(
                {
                    "date_start": start,
                    "date_end": max(start, min(end, now)),
                    "state": "report_due",
                    "end_estimated": bool(visit.date_start),
                }
            )
        self._after_contact()

    def action_review(self):
        """The manager has read the report. What was reported stays as it is from now
        on.

        :raise AccessError: unless the user manages the card, and for his own visit
        :raise UserError: when there is no report yet
        """
        self._check_reviewer()
        self._take_visits(("reported",))
        self._move_visits(
            "reviewed",
            {"date_reviewed": fields.Datetime.now(), "reviewed_by_id": self.env.uid},
        )
        self._log_visits("visit_reviewed")
        return True

    def action_send_back(self, reason=None):
        """The report is not good enough yet: its visitor gets it back.

        :param reason: what is missing; without one, a dialog asks for it
        :raise AccessError: unless the user manages the card
        :raise UserError: when there is no report
        """
        self._check_reviewer(own=True)
        if not reason:
            return self._get_reason_action("action_send_back")
        self._take_visits(("reported", "reviewed"))
        self._move_visits(
            "report_due",
            {"date_reviewed": False, "reviewed_by_id": False, "date_reported": False},
        )
        for visit in self:
            visit.message_post(body=reason)
            visit.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("Complete the report: %(reason)s", reason=reason),
                user_id=visit.user_id.id,
            )
        return {"type": "ir.actions.act_window_close"}

    def action_cancel(self, reason=None):
        """The visit will not take place.

        :param reason: why; without one, a dialog asks for it
        :raise AccessError: for visits that the user may not write
        :raise UserError: when it has taken place already
        """
        if not reason:
            return self._get_reason_action("action_cancel")
        self._take_visits(OPEN_STATES)
        self._move_visits("cancelled", {"cancel_reason": reason})
        self._log_visits("visit_cancelled")
        self._after_dropped()
        return {"type": "ir.actions.act_window_close"}

    def action_reschedule(self, date=None):
        """Plan these visits for another time. A visit that was missed or cancelled
        stays on record as such; another one is planned in its place.

        :param date: datetime (UTC); without one, a dialog asks for it
        :return: the visits that are planned now
        :raise UserError: when one has begun, or is over
        """
        if not date:
            return self._get_reschedule_action()
        date = fields.Datetime.to_datetime(date)
        self._take_visits((*PLANNED_STATES, "missed", "cancelled"))
        dropped = self.filtered(lambda visit: visit.state not in PLANNED_STATES)
        for visit in self - dropped:
            visit.write({"date_planned": date})
        replacing = self.browse()
        for visit in dropped:
            visit._check_not_replaced()
            replacing |= visit._visit_through_door().copy(
                {"date_planned": date, "rescheduled_from_id": visit.id}
            )
        return (self - dropped) | self.browse(replacing.ids)

    def _check_not_replaced(self):
        """:raise UserError: when another visit takes the place of this one already"""
        if other := self.rescheduled_ids[:1]:
            raise UserError(
                self.env._(
                    "%(visit)s was planned anew already, for %(date)s.",
                    visit=self._get_visit_names(),
                    date=format_datetime(self.env, other.date_planned),
                )
            )

    def _get_reason_action(self, method):
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Cancel Visit")
            if method == "action_cancel"
            else self.env._("Send Back"),
            "res_model": "customer.visit.reason",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_visit_ids": self.ids,
                "default_kind": method.removeprefix("action_"),
            },
        }

    def _get_reschedule_action(self):
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Plan for Another Time"),
            "res_model": "customer.visit.reason",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_visit_ids": self.ids,
                "default_kind": "reschedule",
                "default_date": self[:1].date_planned,
            },
        }

    def action_open_report(self):
        """:return: the action that asks for the report, big enough for a thumb"""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": self._name,
            "res_id": self.id,
            "views": [
                (self.env.ref("customer_visit.customer_visit_view_form_report").id, "form")
            ],
            "target": "new",
        }

    @api.model
    def visit_check_in_info(self):
        """What a browser has to know before somebody checks in or out.

        :return: dict with ``position`` (whether to ask the device where it is) and
            ``running``, the user's visit in progress: its ``id``, ``name`` and
            ``since`` (text), or False
        """
        user = self.env.user
        running = self._get_in_progress(user)
        return {
            # sudo: settings
            "position": any(self.env.companies.sudo().mapped("visit_position"))
            and user.sudo().visit_share_position,
            "running": {
                "id": running.id,
                "name": running.display_name,
                "since": format_datetime(
                    self.env, running.date_start, dt_format="short"
                ),
            }
            if running
            else False,
        }

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def _take_visits(self, from_states):
        """Lock the visits, so that two people at once do no harm, and check that they
        are still where the user saw them.

        :raise UserError: naming the first visit that is not
        """
        self.check_access("write")
        try:
            self.lock_for_update(allow_referencing=True)
        except LockError:
            raise UserError(
                self.env._(
                    "%(visits)s: somebody else is working on it at this moment. "
                    "Reload and look again.",
                    visits=self._get_visit_names(),
                )
            ) from None
        self.invalidate_recordset(["state"])
        labels = dict(self._fields["state"]._description_selection(self.env))
        for visit in self:
            if visit.state not in from_states:
                raise UserError(
                    self.env._(
                        "%(visit)s is in the state %(state)s. This can only be done "
                        "in the state %(needed)s.",
                        visit=visit._get_visit_names(),
                        state=labels[visit.state],
                        needed=", ".join(labels[state] for state in from_states),
                    )
                )

    def _move_visits(self, state, values=None):
        """Move visits to a state, with what the system records about it."""
        self._visit_through_door().write({"state": state, **(values or {})})

    def _check_none_in_progress(self):
        """:raise UserError: when the visitor is still at another customer"""
        if self._get_in_progress(self.user_id):
            raise UserError(self._get_in_progress_text())

    @api.model
    def _get_in_progress(self, user):
        """:return: the visit of ``user`` that is in progress, if any"""
        # sudo: his own visit, of another company perhaps
        return self.sudo().search(
            [("user_id", "=", user.id), ("state", "=", "in_progress")], limit=1
        )

    def _get_in_progress_text(self):
        other = self._get_in_progress(self.user_id)
        if not other:
            return self.env._(
                "You have just checked in at another customer. Check out there first."
            )
        return self.env._(
            "You are still checked in: %(visit)s, since %(time)s. Check out there first.",
            visit=other.display_name,
            time=format_datetime(self.env, other.date_start, dt_format="short"),
        )

    def _check_reviewer(self, own=False):
        """:param own: whether the user may decide about a visit of his own
        :raise AccessError: unless the user manages the cards of all these visits"""
        if self.env.su:
            return
        # sudo: the keepers of the cards are compared
        self.sudo().partner_id.sudo(False)._check_card_managed()
        if not own and (mine := self.filtered("is_mine")):
            raise AccessError(
                self.env._(
                    "%(visit)s is your own visit: your manager reviews it.",
                    visit=mine[0]._get_visit_names(),
                )
            )

    def _log_visits(self, kind):
        """Enter a step of these visits in the ledger of their cards, by one query."""
        self.env["customer.card.event"]._log_requests(
            kind,
            [
                # sudo: which card it is, nothing of it
                (visit, visit.sudo().partner_id, visit._describe_visit())
                for visit in self
            ],
        )

    def _describe_visit(self):
        """:return: one line about the visit, for the ledger"""
        self.ensure_one()
        visit = self.sudo()
        method = dict(self._fields["method"]._description_selection(self.env))
        return " · ".join(
            filter(
                None,
                (
                    method.get(visit.method),
                    visit.purpose_id.name,
                    visit.user_id.name,
                    visit.cancel_reason if visit.state == "cancelled" else None,
                ),
            )
        )
