from odoo import api, models
from odoo.exceptions import AccessError, LockError, UserError
from odoo.tools import format_datetime

# columns of the pipeline that are rarely looked at
FOLDED_STATES = ("reviewed", "missed", "cancelled")


class CustomerVisit(models.Model):
    """What the buttons of a visit share: locking, checks, dialogs, the ledger."""

    _inherit = "customer.visit"

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

    # ------------------------------------------------------------
    # VIEWS
    # ------------------------------------------------------------

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
                (
                    self.env.ref("customer_visit.customer_visit_view_form_report").id,
                    "form",
                )
            ],
            "target": "new",
        }

    def _web_read_group_format(self, groupby, aggregates, groups):
        result = super()._web_read_group_format(groupby, aggregates, groups)
        if groupby[:1] == ("state",) and self.env.context.get("read_group_expand"):
            for (state, *_rest), group in zip(groups, result, strict=True):
                group["__fold"] = state in FOLDED_STATES
        return result
