from odoo import api, models
from odoo.exceptions import AccessError, UserError

from .res_users_visit import OPEN_STATES

# The key to the state of a visit and to what the system records on it: an object,
# because a client can put anything else into the context.
VISIT_DOOR = object()
# Written by methods that check what must hold, never by a client.
SYSTEM_FIELDS = {
    "state",
    "origin",
    "date_start",
    "date_end",
    "date_prepared",
    "date_reported",
    "date_reviewed",
    "reviewed_by_id",
    "cancel_reason",
    "move_count",
    "rescheduled_from_id",
    "next_visit_id",
    "end_estimated",
    "signed_date",
}
# Once it has begun, a visit is that of this person at this customer.
IDENTITY_FIELDS = {"partner_id", "user_id", "company_id"}
# When one of these changes, the visit is planned anew.
PLANNING_FIELDS = {
    "partner_id",
    "user_id",
    "date_planned",
    "duration_planned",
    "method",
    "address_id",
}


class CustomerVisit(models.Model):
    """Who may write what on a visit, beside the record rules."""

    _inherit = "customer.visit"

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model
    def default_get(self, fields):
        """A client keeps defaults of its own in the database, too: of what the system
        says of a visit it has none."""
        if self._is_visit_door_open():
            return super().default_get(fields)
        system = self._get_system_fields()
        values = super().default_get([name for name in fields if name not in system])
        initial = {"state": "planned", "origin": "manual"}
        return {**values, **{name: initial[name] for name in initial if name in fields}}

    @api.model_create_multi
    def create(self, vals_list):
        if not self._is_visit_door_open():
            vals_list = [self._clean_new_values(vals) for vals in vals_list]
        # who plans a visit has it in his list: he need not follow each of them
        Visit = self.with_context(mail_create_nosubscribe=True)
        if not self._is_visit_door_open():
            Visit = Visit._without_system_defaults()
        visits = super(CustomerVisit, Visit).create(vals_list)
        visits = visits.with_env(self.env)
        visits._check_planned_for_others()
        if planned := visits.filtered(lambda visit: visit.state in OPEN_STATES):
            planned._after_planned()
        return visits

    def write(self, vals):
        if not self._is_visit_door_open():
            self._check_written_values(vals)
        changes = PLANNING_FIELDS & vals.keys()
        days = {visit: visit.visit_date for visit in self if "date_planned" in vals}
        result = super().write(vals)
        if moved := self._filter_moved(days):
            for visit in moved:
                visit._visit_through_door().move_count += 1
        if changes:
            if changes & {"user_id", "partner_id"}:
                self._check_planned_for_others()
            if planned := self.filtered(lambda visit: visit.state in OPEN_STATES):
                planned._after_planned()
        return result

    def _filter_moved(self, days):
        """:param days: ``{visit: its day before}``
        :return: the visits that were planned and have been put onto another day"""
        return self.filtered(
            lambda visit: (
                visit.state in OPEN_STATES
                and days.get(visit)
                and visit.visit_date != days[visit]
            )
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_only_plans(self):
        """What happened stays on record: only a plan can be deleted.

        :raise UserError: naming the visit, and what to do instead
        """
        if self.env.user._is_card_admin() or self.env.su:
            return
        for visit in self:
            if visit.state not in ("planned", "prepared", "cancelled"):
                raise UserError(
                    self.env._(
                        "%(visit)s stays on record: it is part of the customer's "
                        "history. Only a visit that was just planned can be deleted.",
                        visit=visit._get_visit_names(),
                    )
                )

    # ------------------------------------------------------------
    # THE DOOR
    # ------------------------------------------------------------

    def _visit_through_door(self):
        """:return: the same visits, allowed to write their state and what the system
        records. Only for methods that have checked who asks and what must hold."""
        return self.with_context(visit_door=VISIT_DOOR)

    def _is_visit_door_open(self):
        return self.env.su or self.env.context.get("visit_door") is VISIT_DOOR

    def _check_document_links(self, vals_list):
        """What our own methods take over from a visit was linked before."""
        if self._is_visit_door_open():
            return None
        return super()._check_document_links(vals_list)

    @api.model
    def _get_system_fields(self):
        """:return: names of the fields that no client writes. Hook: add your own."""
        return SYSTEM_FIELDS

    def _clean_new_values(self, vals):
        """A visit starts as planned, whatever the client sends and whatever defaults
        stand in its context.

        :raise UserError: when ``vals`` says anything else
        """
        system = self._get_system_fields()
        initial = {"state": "planned", "origin": "manual"}
        wrong = {
            name
            for name in system & vals.keys()
            if vals[name] and vals[name] != initial.get(name)
        }
        if wrong:
            self._raise_system_fields(wrong)
        return {name: value for name, value in vals.items() if name not in system}

    def _without_system_defaults(self):
        """:return: ``self`` without the defaults that a client put into the context"""
        defaults = {f"default_{name}" for name in self._get_system_fields()}
        return self.with_env(
            self.env(
                context={
                    key: value
                    for key, value in self.env.context.items()
                    if key not in defaults
                }
            )
        )

    def _check_written_values(self, vals):
        """:raise UserError: for what a client may not write, or not any more
        :raise AccessError: for the report of somebody else"""
        if wrong := self._get_system_fields() & vals.keys():
            self._raise_system_fields(wrong)
        thread = self.env["mail.activity.mixin"]._fields.keys()
        thread |= self.env["mail.thread"]._fields.keys()
        names = vals.keys() - thread
        if not names:
            return
        for visit in self:
            if visit.state == "reviewed":
                raise UserError(
                    self.env._(
                        "%(visit)s has been reviewed and can no longer be changed. "
                        "Ask the manager of the card to send it back.",
                        visit=visit._get_visit_names(),
                    )
                )
            if IDENTITY_FIELDS & names and visit.state not in ("planned", "prepared"):
                raise UserError(
                    self.env._(
                        "%(visit)s has begun already, or is over: customer and "
                        "visitor stay as they are. Plan another visit instead.",
                        visit=visit._get_visit_names(),
                    )
                )
        if names & self._get_report_fields():
            self._check_reporter()

    def _raise_system_fields(self, names):
        raise UserError(
            self.env._(
                "%(visits)s: %(fields)s is set by the system. Use the buttons to "
                "prepare, start, end, report or cancel a visit.",
                visits=self._get_visit_names() or self._description,
                fields=", ".join(
                    self._fields[name]._description_string(self.env)
                    for name in sorted(names)
                ),
            )
        )

    # ------------------------------------------------------------
    # WHO
    # ------------------------------------------------------------

    def _check_visitor(self):
        """:raise AccessError: unless the user is the visitor of all these visits"""
        if self.env.su:
            return
        for visit in self:
            if visit.user_id != self.env.user:
                raise AccessError(
                    self.env._(
                        "%(visit)s: only %(visitor)s can do this, whose visit it is.",
                        visit=visit._get_visit_names(),
                        visitor=visit.sudo().user_id.name,
                    )
                )

    def _check_reporter(self):
        """Nobody reports in the name of another person, but for the managers of the
        card.

        :raise AccessError: naming the visit and the visitor
        """
        if self.env.su:
            return
        foreign = self.filtered(lambda visit: visit.user_id != self.env.user)
        # sudo: the keepers of the cards are compared
        managed = foreign.sudo().partner_id._card_managed_by(self.env.user)
        for visit in foreign:
            # sudo: which card it is, nothing of it
            if visit.sudo().partner_id.id not in managed._ids:
                raise AccessError(
                    self.env._(
                        "%(visit)s: the report is written by %(visitor)s, who was "
                        "there, or by the manager of the card. Add a note below "
                        "instead.",
                        visit=visit._get_visit_names(),
                        visitor=visit.sudo().user_id.name,
                    )
                )

    def _check_planned_for_others(self):
        """Whoever keeps a card plans visits for others; whoever only sees it, for
        himself.

        :raise AccessError: naming the visit
        """
        if self._is_visit_door_open():
            return
        others = self.filtered(lambda visit: visit.user_id != self.env.user)
        if not others:
            return
        # sudo: the keepers of the cards are compared
        kept = others.sudo().partner_id._card_maintained_by(self.env.user)
        for visit in others:
            # sudo: which card it is, nothing of it
            if visit.sudo().partner_id.id not in kept._ids:
                raise AccessError(
                    self.env._(
                        "%(visit)s: only the custodian, his deputy or the manager of "
                        "the department plans visits for others. Plan it for "
                        "yourself, or ask them.",
                        visit=visit._get_visit_names(),
                    )
                )

    def _get_visit_names(self):
        """:return: what messages call these visits"""
        # sudo: whoever acts on a visit is told which one
        return ", ".join(
            visit.display_name for visit in self.sudo() if visit.partner_id
        )
