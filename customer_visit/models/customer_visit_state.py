import psycopg2.errors

from odoo import api, fields, models
from odoo.exceptions import UserError
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
        "res.users", readonly=True, copy=False, ondelete="set null"
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
        values = {"date_start": fields.Datetime.now()}
        try:
            with self.env.cr.savepoint():
                self._move_visits("in_progress", values)
                self.flush_recordset(["state", "user_id"])
        except psycopg2.errors.UniqueViolation:
            # he has checked in elsewhere at this very moment
            raise UserError(self._get_in_progress_text()) from None
        self._record_position("in", position)
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
            {"date_end": fields.Datetime.now(), **values},
        )
        self._record_position("out", position)
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
