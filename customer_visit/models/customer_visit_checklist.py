from odoo import api, fields, models


class CustomerVisit(models.Model):
    """The checklist of a visit: the questions of its purpose, copied onto it."""

    _inherit = "customer.visit"

    answer_ids = fields.One2many(
        "customer.visit.answer", "visit_id", "Checklist", copy=False
    )

    @api.onchange("purpose_id")
    def _onchange_purpose_id(self):
        """A contact that is told after the fact shows its questions at once."""
        if not self._origin:
            self.answer_ids = [
                fields.Command.clear(),
                *(
                    fields.Command.create({"check_id": check.id})
                    for check in self.purpose_id.check_ids._filter_askable()
                ),
            ]

    @api.model_create_multi
    def create(self, vals_list):
        visits = super().create(vals_list)
        visits._sync_checklists()
        return visits

    def write(self, vals):
        result = super().write(vals)
        if "purpose_id" in vals:
            self._sync_checklists()
        return result

    def _sync_checklists(self):
        """Give each visit the questions of its purpose. What was answered already
        stays, of another purpose too; an unanswered question of another purpose goes.
        """
        # sudo: questions are the system's, only the answers are the visitor's
        visits = self.sudo()
        Answer = self.env["customer.visit.answer"].sudo()
        stale = visits.answer_ids.filtered(
            lambda answer: (
                answer.check_id.purpose_id != answer.visit_id.purpose_id
                and not answer.is_answered
            )
        )
        stale.unlink()
        Answer.create(
            [
                {"visit_id": visit.id, "check_id": check.id}
                for visit in visits
                for check in (
                    visit.purpose_id.check_ids - visit.answer_ids.check_id
                )._filter_askable()
            ]
        )

    def _get_missing_answers(self):
        """:return: the required questions without answer"""
        return [
            self.env._("“%(question)s”", question=answer.question)
            for answer in self.answer_ids
            if answer.required and not answer.is_answered
        ]
