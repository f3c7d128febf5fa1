from datetime import timedelta

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools import format_date

TODO_DAYS = 7


class CustomerRouteAdjustment(models.Model):
    """The manager decides; the custodian gets a to-do on the card."""

    _inherit = "customer.route.adjustment"

    def action_more(self):
        """Have these customers visited more often.

        :raise AccessError: unless the user is a manager of the cards
        """
        return self._decide("more")

    def action_less(self):
        """Have these customers visited less often.

        :raise AccessError: unless the user is a manager of the cards
        """
        return self._decide("less")

    def action_keep(self):
        """Leave the route of these customers as it is: the row is done.

        :raise AccessError: unless the user is a manager of the cards
        """
        return self._decide("keep")

    def action_open_visits(self):
        """:return: the action that opens the contacts of the period
        :raise AccessError: for a customer whose card the user may not open
        """
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._(
                "Contacts: %(customer)s", customer=self.partner_id.display_name
            ),
            "res_model": "customer.visit",
            "views": [(False, "list"), (False, "form")],
            "domain": [
                ("card_root_id", "=", self.partner_id.id),
                ("visit_date", ">=", self.date_from),
                ("visit_date", "<=", self.date_to),
            ],
        }

    def _decide(self, decision):
        self.check_access("read")
        self._check_can_decide()
        # sudo: nobody writes these rows but by these actions
        rows = self.sudo()
        rows.write(
            {
                "decision": decision,
                "decided_by_id": self.env.uid,
                "decided_date": self.env.user._card_today(),
            }
        )
        if decision != "keep":
            for row in rows:
                row._schedule_adjustment()
        return True

    def _check_can_decide(self):
        refused = self.filtered(lambda row: not row.can_decide)
        if refused:
            raise AccessError(
                self.env._(
                    "Which customers are visited more or less is for the manager of the "
                    "department to decide: %(customers)s.",
                    customers=", ".join(refused.partner_id._get_card_names()),
                )
            )

    def _schedule_adjustment(self):
        """The to-do of the custodian: which customer, how often now, how often would
        be in proportion."""
        texts = self._get_adjustment_texts()
        self.partner_id.activity_schedule(
            "mail.mail_activity_data_todo",
            user_id=self.custodian_id.id,
            date_deadline=self.custodian_id._card_today() + timedelta(days=TODO_DAYS),
            summary=texts[self.decision],
            note=self.env._(
                "From %(start)s to %(end)s there were %(visits)s contacts: "
                "%(time)s %% of your time for %(value)s %% of your sales. In proportion "
                "it would be %(wanted)s. Change your planned visits, or ask for another "
                "contact policy.",
                start=format_date(self.env, self.date_from),
                end=format_date(self.env, self.date_to),
                visits=self.visits,
                time=round(self.time_share),
                value=round(self.value_share),
                wanted=self.visits_wanted,
            ),
        )

    @api.model
    def _get_adjustment_texts(self):
        return {
            "more": self.env._("Visit this customer more often"),
            "less": self.env._("Visit this customer less often"),
        }
