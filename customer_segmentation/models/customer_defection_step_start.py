from odoo import models

from .customer_defection_step import VISIT_METHODS

STEP_TODO = "customer_segmentation.customer_defection_step_activity_type"


class CustomerDefectionStep(models.Model):
    """A step becomes what is to be done."""

    _inherit = "customer.defection.step"

    def _start(self):
        """Plan the steps, each by its method, with the rights of the user."""
        visits = self.filtered(lambda step: step.method in VISIT_METHODS)
        promises = self.filtered(lambda step: step.method == "promise")
        todos = self - visits - promises
        links = visits._make_visits() | promises._make_promises() | todos._make_todos()
        for step, values in links.items():
            step._through_defection_door().write(values)

    def _make_visits(self):
        Visit = self.env["customer.visit"]
        visits = Visit.create(
            [
                {
                    "partner_id": step.defection_id.partner_id.id,
                    "user_id": step.user_id.id,
                    "company_id": step.defection_id.company_id.id,
                    "method": step.method,
                    "objective": step.name,
                    "date_planned": Visit._get_next_working_moment(
                        step.user_id, step.defection_id.company_id, step.date_due
                    ),
                }
                for step in self
            ]
        )
        return {
            step: {"visit_id": visit.id}
            for step, visit in zip(self, visits, strict=True)
        }

    def _make_promises(self):
        promises = self.env["customer.promise"].create(
            [
                {
                    "name": step.name,
                    "partner_id": step.defection_id.partner_id.id,
                    "user_id": step.user_id.id,
                    "company_id": step.defection_id.company_id.id,
                    "date_due": step.date_due,
                }
                for step in self
            ]
        )
        return {
            step: {"promise_id": promise.id}
            for step, promise in zip(self, promises, strict=True)
        }

    def _make_todos(self):
        activities = self.env["mail.activity"]._schedule_card_todos(
            [
                (
                    step.defection_id,
                    step.user_id,
                    {"date_deadline": step.date_due, "summary": step.name},
                )
                for step in self
            ],
            STEP_TODO,
        )
        return {
            step: {"activity_id": activity.id}
            for step, activity in zip(self, activities, strict=True)
        }
