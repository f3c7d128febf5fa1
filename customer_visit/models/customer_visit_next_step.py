from odoo import fields, models

from .customer_visit import METHODS


class CustomerVisit(models.Model):
    """What comes next: no contact ends without a next step, or a reason why there is
    none (K17: nobody waits for the customer to call)."""

    _inherit = "customer.visit"

    next_step = fields.Char(copy=False, help="What you, or a colleague, will do next.")
    next_date = fields.Date("Next Step By", copy=False)
    next_method = fields.Selection(
        METHODS,
        "Plan It As",
        copy=False,
        help="The next contact is planned at once. Empty: a to-do instead.",
    )
    next_none_reason = fields.Char(
        "Why No Next Step",
        copy=False,
        help="Only if nothing is left to do with this customer for now.",
    )
    next_visit_id = fields.Many2one(
        "customer.visit",
        "Next Contact",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )

    def _get_missing_next_step(self):
        if self.next_none_reason and not self.next_step and not self.next_date:
            return []
        missing = []
        if not self.next_step:
            missing.append(
                self.env._("a next step, or the reason why there is none")
                if not self.next_date
                else self._get_label("next_step")
            )
        elif not self.next_date:
            missing.append(self._get_label("next_date"))
        return missing

    def _after_reported(self):
        result = super()._after_reported()
        self._plan_next_steps()
        return result

    def _plan_next_steps(self):
        """The next step of each report becomes a planned contact, or a to-do, of its
        visitor; on a card that he does not keep, of its custodian."""
        # sudo: whoever reports on a lent card leaves its custodian something to do
        visits = self.sudo().filtered(
            lambda visit: (
                visit.next_step and visit.next_date and not visit.next_visit_id
            )
        )
        planned = visits.filtered("next_method")
        successors = planned._visit_through_door().create(
            [visit._get_next_visit_values() for visit in planned]
        )
        for visit, successor in zip(planned, successors, strict=True):
            visit._visit_through_door().next_visit_id = successor
        for visit in visits - planned:
            visit.activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=visit.next_date,
                summary=visit.next_step,
                user_id=visit._get_next_user().id,
            )

    def _get_next_visit_values(self):
        return {
            "partner_id": self.partner_id.id,
            "user_id": self._get_next_user().id,
            "company_id": self.company_id.id,
            "method": self.next_method,
            "contact_ids": [fields.Command.set(self.contact_ids.ids)],
            "address_id": self.address_id.id,
            "lead_id": self.lead_id.id,
            "objective": self.next_step,
            "date_planned": self._get_next_moment(),
        }

    def _get_next_user(self):
        """:return: who takes the next step"""
        card = self.partner_id
        if card._card_maintained_by(self.user_id) or not card.card_custodian_id:
            return self.user_id
        return card.card_custodian_id

    def _get_next_moment(self):
        """:return: when the next contact is planned (UTC): at the hour of this one,
        where the visitor lives"""
        tz = self.user_id.tz or "UTC"
        local = fields.Datetime.context_timestamp(
            self.with_context(tz=tz), self.date_planned or self.date_start
        )
        return self._to_utc(
            fields.Datetime.to_datetime(self.next_date).replace(
                hour=local.hour, minute=local.minute
            ),
            tz,
        )
