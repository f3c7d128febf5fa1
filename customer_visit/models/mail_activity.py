from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import html2plaintext, plaintext2html

from .res_users_visit import OPEN_STATES

# the documents of a customer, and the way from each to him
CUSTOMER_DOCUMENTS = {"res.partner": None, "crm.lead": "partner_id"}


class MailActivity(models.Model):
    """The two-way link between an activity on a card and its visit: scheduled, moved,
    given to somebody else, cancelled or done here, so is the visit, and the reverse (see
    ``customer_visit_activity.py``). A change is passed on only where the other side
    differs, so nothing goes round in circles."""

    _inherit = "mail.activity"

    visit_id = fields.Many2one(
        "customer.visit",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
        copy=False,
    )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            for vals in vals_list:
                self._check_visit_untouched(vals)
            # nor by a default in the context
            vals_list = [{**vals, "visit_id": False} for vals in vals_list]
        activities = super().create(vals_list)
        activities._plan_visits()
        return activities

    def write(self, vals):
        self._check_visit_untouched(vals)
        result = super().write(vals)
        if {"user_id", "date_deadline", "activity_type_id"} & vals.keys():
            self._move_visits()
        return result

    @api.model
    def _check_visit_untouched(self, vals):
        """:raise AccessError: when a client ties an activity to a visit: what he does
        to the one is done to the other, whatever his rights on it"""
        if vals.get("visit_id") and not self.env.su:
            raise AccessError(
                self.env._(
                    "The visit of an activity is planned by the activity itself."
                )
            )

    def unlink(self):
        # sudo: who may delete the activity has called off what it stands for
        visits = self.sudo().filtered("active").visit_id._filter_planned()
        result = super().unlink()
        if visits:
            visits.action_cancel(self.env._("The activity was cancelled."))
        return result

    # ------------------------------------------------------------
    # VISITS
    # ------------------------------------------------------------

    def _plan_visits(self):
        """Plan the visits that these activities announce. A meeting of the calendar
        plans its own visits."""
        announced = self.filtered(
            lambda todo: (
                todo.active and not todo.visit_id and not todo.calendar_event_id
            )
        )
        # sudo: who may schedule an activity on a customer may plan the contact
        announced = announced._filter_communication().sudo()
        targets = announced._get_visit_targets()
        announced = announced.filtered(lambda todo: todo.id in targets)
        if not announced:
            return
        visits = self.env["customer.visit"].sudo()
        visits = visits.create(
            [
                {**targets[todo.id], **todo._get_visit_values(), "origin": "activity"}
                for todo in announced
            ]
        )
        for todo, visit in zip(announced, visits, strict=True):
            todo.visit_id = visit

    def _filter_communication(self):
        """:return: the activities by which a customer is contacted"""
        # sudo: the type says what kind of work it is
        return self.filtered(
            lambda todo: (
                todo.res_model in CUSTOMER_DOCUMENTS
                and todo.sudo().activity_type_id.is_communication
            )
        )

    def _get_visit_targets(self):
        """Whom these activities are about, by one read for each kind of document.

        :return: ``{activity id: values of a visit}``, without those on customers who
            have no card
        """
        targets = {}
        for model_name, path in CUSTOMER_DOCUMENTS.items():
            todos = self.filtered(lambda todo, name=model_name: todo.res_model == name)
            documents = {
                document.id: document
                for document in self.env[model_name]
                .browse(todos.mapped("res_id"))
                .exists()
            }
            for todo in todos:
                document = documents.get(todo.res_id)
                partner = document and (document[path] if path else document)
                if partner and partner.card_root_id:
                    targets[todo.id] = self.env["customer.visit"]._get_target_values(
                        partner
                    )
                    if path:
                        targets[todo.id]["lead_id"] = document.id
        return targets

    def _get_visit_values(self):
        """:return: what the visit takes from the activity"""
        self.ensure_one()
        kind = self.activity_type_id
        user = self._get_visitor()
        values = {
            "user_id": user.id,
            "method": kind.visit_method,
            "purpose_id": kind.visit_purpose_id.id,
            "date_planned": self._get_visit_time(),
            "company_id": self.env["customer.visit"]._get_contact_company(user).id,
        }
        objective = "\n".join(
            text for text in (self.summary, html2plaintext(self.note or "")) if text
        )
        if objective:
            values["objective"] = objective
        return values

    def _get_visitor(self):
        self.ensure_one()
        return self.user_id or self.env.user

    def _get_visit_time(self):
        """:return: datetime in UTC: the usual hour of the activity's day, where its
        assignee lives"""
        self.ensure_one()
        return self.env["customer.visit"]._get_usual_time(
            self._get_visitor(), self.date_deadline
        )

    def _move_visits(self):
        """Give the planned visits the day, the visitor and the kind of their
        activities."""
        # sudo: who may write the activity moves what it stands for
        for todo in self.sudo().filtered("active"):
            visit = todo.visit_id._filter_planned()
            if not visit:
                continue
            values = {}
            if visit.user_id != todo._get_visitor():
                values["user_id"] = todo._get_visitor().id
            if visit._get_planned_day() != todo.date_deadline:
                values["date_planned"] = (
                    visit._get_time_on_day(todo.date_deadline) or todo._get_visit_time()
                )
            kind = todo.activity_type_id
            if kind.is_communication and visit.method != kind.visit_method:
                values["method"] = kind.visit_method
            if kind.visit_purpose_id and visit.purpose_id != kind.visit_purpose_id:
                values["purpose_id"] = kind.visit_purpose_id.id
            if values:
                visit.write(values)
            if "user_id" in values:
                # an activity outlives the loan of its card
                visit.with_env(self.env)._check_planned_for_others()

    # ------------------------------------------------------------
    # DONE
    # ------------------------------------------------------------

    def _action_done(self, feedback=False, attachment_ids=None):
        contacts = self.filtered("active")._filter_communication()
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        # an activity whose record is gone is gone as well
        contacts.exists()._record_contacts(feedback)
        return result

    def _record_contacts(self, feedback):
        """Record the contacts that these activities were: in the visits that they had
        planned, else in new ones.

        :param feedback: plain text, the report
        """
        # sudo: an assignee tells what he did, also when the card is closed to him by now
        todos = self.sudo()
        report = plaintext2html(feedback) if feedback else False
        planned = todos.filtered(lambda todo: todo.visit_id.state in OPEN_STATES)
        if planned:
            planned.visit_id._record_done(report)
        todos = (todos - planned).filtered(lambda todo: not todo._is_visit_done())
        targets = todos._get_visit_targets()
        todos = todos.filtered(lambda todo: todo.id in targets)
        if not todos:
            return
        visits = (
            self.env["customer.visit"]
            .sudo()
            ._log_contacts(
                [
                    {
                        **targets[todo.id],
                        "user_id": todo._get_visitor().id,
                        "method": todo.activity_type_id.visit_method,
                        "purpose_id": todo.activity_type_id.visit_purpose_id.id,
                        "report": report,
                        "origin": "activity",
                    }
                    for todo in todos
                ]
            )
        )
        for todo, visit in zip(todos, visits, strict=True):
            todo.visit_id = visit

    def _is_visit_done(self):
        self.ensure_one()
        return bool(self.visit_id) and self.visit_id._is_done()
