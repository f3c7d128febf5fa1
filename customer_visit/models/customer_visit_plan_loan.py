from datetime import datetime, time, timedelta

import pytz

from odoo import Command, api, fields, models
from odoo.fields import Domain
from odoo.tools import LazyTranslate

from .res_users_visit import OWED_STATES

_lt = LazyTranslate(__name__)

# A visit of Monday is prepared on the Friday before.
DAYS_BEFORE = 3


class CustomerVisitPlan(models.Model):
    """Approval takes out exactly the cards that the plan needs and that are not the
    person's own; each goes back when its visit is reported."""

    _inherit = "customer.visit.plan"

    loan_ids = fields.One2many(
        "customer.card.loan", "visit_plan_id", "Cards Lent", readonly=True
    )

    loan_count = fields.Integer(compute="_compute_loan_count")

    @api.depends("loan_ids")
    def _compute_loan_count(self):
        """Of the loans that the user may see."""
        counts = dict(
            self.env["customer.card.loan"]._read_group(
                [("visit_plan_id", "in", self.ids)], ["visit_plan_id"], ["__count"]
            )
        )
        for plan in self:
            plan.loan_count = counts.get(plan._origin, 0)

    def action_open_loans(self):
        """:return: the action that shows the cards that the plan has lent"""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "customer_card.customer_card_loan_action"
        )
        return {
            **action,
            "view_mode": "list,form",
            "views": [(False, "list"), (False, "form")],
            "domain": [("visit_plan_id", "in", self.ids)],
            "context": {},
        }

    # ------------------------------------------------------------
    # WHICH CARDS
    # ------------------------------------------------------------

    def _get_foreign_cards(self):
        """The cards of the visits still to be made that the person may not open anyway
        on their days: those that an approval lends, or has lent.

        :return: ``{plan id: res.partner (sudo)}`` with a key for every plan
        """
        visits = self._get_open_visits()
        borrowed = self._get_borrowed_card_ids()
        foreign = {}
        # sudo: the keepers of the cards are compared; their names are shown at most
        for plan in self.sudo():
            person = plan.user_id
            if person._is_outside_card_rules() or person._is_card_reader():
                foreign[plan.id] = self.env["res.partner"].sudo()
                continue
            led = set(person._card_managed_team_ids())
            needed = visits[plan.id].filtered(
                lambda visit, led=led, own=borrowed[plan.id]: (
                    visit.partner_id.card_custodian_id != visit.user_id
                    and visit.partner_id.card_team_id.id not in led
                    and visit.partner_id.id not in own
                    and not visit._is_deputy_then()
                )
            )
            foreign[plan.id] = needed.partner_id
        return foreign

    def _get_borrowed_card_ids(self):
        """:return: ``{plan id: set of ids}`` of cards that other loans give the person
        for the whole week"""
        # sudo: the person's loans, whoever looks at his plan
        loans = (
            self.env["customer.card.loan"]
            .sudo()
            .search(
                [
                    ("borrower_id", "in", self.sudo().user_id.ids),
                    ("state", "=", "lent"),
                    ("mode", "=", "screen"),
                    ("valid_until", ">", fields.Datetime.now()),
                ]
            )
        )
        cards = loans._get_cards()
        result = {}
        for plan in self.sudo():
            start, until = plan._get_loan_term()
            result[plan.id] = {
                card_id
                for loan in loans
                if loan.borrower_id == plan.user_id
                and loan.visit_plan_id != plan
                and loan.date_from <= max(start, fields.Datetime.now())
                and loan.valid_until >= until
                for card_id in cards[loan.id].ids
            }
        return result

    def _get_loan_term(self):
        """From the Friday before the week, or now, until the week is over where the
        person lives; no longer than the company lends cards.

        :return: ``(from, until)``, datetimes in UTC
        """
        self.ensure_one()
        zone = pytz.timezone(self.user_id.tz or "UTC")

        def to_utc(day):
            midnight = zone.localize(datetime.combine(day, time.min))
            return midnight.astimezone(pytz.utc).replace(tzinfo=None)

        start = max(
            to_utc(self.date_start - timedelta(days=DAYS_BEFORE)), fields.Datetime.now()
        )
        most = start + timedelta(days=self.company_id.card_loan_max_days)
        return start, min(to_utc(self.date_end + timedelta(days=1)), most)

    # ------------------------------------------------------------
    # LEND
    # ------------------------------------------------------------

    def _lend_cards(self):
        """One loan for each card that is not the person's own."""
        foreign = self._get_foreign_cards()
        values = [
            plan._get_loan_values(card)
            # sudo: whose plan it is, and when
            for plan in self.sudo()
            for card in foreign[plan.id]
        ]
        if not values:
            return
        # sudo: whoever has approved the plan manages all these cards; the person may
        # not make a loan that is granted already
        Loan = self.env["customer.card.loan"].sudo()._approval_through_door()
        loans = self.env["customer.card.loan"].sudo().browse(Loan.create(values).ids)
        loans._approval_log("lent")

    def _get_loan_values(self, card):
        start, until = self._get_loan_term()
        env = self.with_context(lang=self.user_id.lang).env
        return {
            "borrower_id": self.user_id.id,
            "requester_id": self.user_id.id,
            "card_ids": [Command.set(card.ids)],
            "mode": "screen",
            "team_id": card.card_team_id.id,
            "purpose": env._("Visit in the approved weekly plan"),
            "date_from": start,
            "valid_until": until,
            "state": "lent",
            "submit_date": self.submit_date,
            "submit_count": 1,
            "decided_by_id": self.env.uid,
            "decision_date": fields.Datetime.now(),
            "visit_plan_id": self.id,
        }

    # ------------------------------------------------------------
    # TAKE BACK
    # ------------------------------------------------------------

    def _return_cards(self):
        """The cards whose visits are reported, dropped or moved out of the plan go
        back. Idempotent: what is still owed stays lent."""
        loans = self._get_running_loans()
        if not loans:
            return
        needed = {
            plan.id: set(visits.partner_id.ids)
            for plan, visits in self.env["customer.visit"]
            # sudo: see _get_visits
            .sudo()
            .search(
                Domain("plan_id", "in", loans.visit_plan_id.ids)
                & Domain("state", "in", OWED_STATES)
            )
            .grouped("plan_id")
            .items()
        }
        cards = loans._get_cards()
        loans.filtered(
            lambda loan: (
                not needed.get(loan.visit_plan_id.id, set()) & set(cards[loan.id].ids)
            )
        )._end("returned")

    def _take_cards_back(self):
        self._get_running_loans()._end("returned")

    def _get_running_loans(self):
        """:return: customer.card.loan (sudo) of these plans that are not over"""
        if not self:
            return self.env["customer.card.loan"].sudo()
        # sudo: who reports a visit, or moves it, hands its card back by that
        return (
            self.env["customer.card.loan"]
            .sudo()
            .search([("visit_plan_id", "in", self.ids), ("state", "=", "lent")])
        )
