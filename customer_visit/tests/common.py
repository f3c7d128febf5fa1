from datetime import timedelta

from odoo import Command, fields
from odoo.tests.common import JsonRpcException
from odoo.tools import mute_logger

from odoo.addons.customer_card.tests.common import CustomerCardCommon, CustomerCardHttp


class CustomerVisitWorld:
    """Visits in the world of ``CustomerCardWorld``."""

    @classmethod
    def make_visit(cls, card, user, **values):
        """:return: a visit of ``user`` at ``card``, made by himself"""
        return (
            cls.env["customer.visit"]
            .with_user(user)
            .create({"partner_id": card.id, "user_id": user.id, **values})
        )

    @classmethod
    def make_purpose(cls, *checks, **values):
        """:param checks: dicts of questions; those of kind ``choice`` have the choices
            *One* and *Two*
        :return: a purpose"""
        purpose = cls.env["customer.visit.purpose"].create(
            {
                "name": "Test Purpose",
                "check_ids": [Command.create(check) for check in checks],
                **values,
            }
        )
        for check in purpose.check_ids.filtered(lambda one: one.kind == "choice"):
            check.choice_ids = [
                Command.create({"name": "One"}),
                Command.create({"name": "Two"}),
            ]
        return purpose

    @classmethod
    def get_report_values(cls, **values):
        """:return: what makes a report complete"""
        return {
            "result": "achieved",
            "report": "<p>He is content.</p>",
            "next_none_reason": "Season is over",
            **values,
        }

    @classmethod
    def report_visit(cls, visit, **values):
        """Report a visit as its visitor.

        :return: the visit"""
        mine = visit.with_user(visit.sudo().user_id)
        mine.write(cls.get_report_values(**values))
        mine.action_report()
        return visit

    @classmethod
    def lend_card(cls, borrower, cards, manager=None):
        """:return: a loan of these cards, approved by ``manager`` (manager_east)"""
        now = fields.Datetime.now()
        loan = (
            cls.env["customer.card.loan"]
            .with_user(borrower)
            .create(
                {
                    "card_ids": [Command.set(cards.ids)],
                    "purpose": "Visit",
                    "date_from": now,
                    "valid_until": now + timedelta(days=7),
                }
            )
        )
        loan.action_submit()
        loan.with_user(manager or cls.manager_east).action_approve()
        return loan

    def get_kinds(self, card):
        """:return: the kinds of the entries in the ledger of a card, oldest first"""
        return (
            self.env["customer.card.event"]
            .search([("partner_id", "=", card.id)], order="id")
            .mapped("kind")
        )


class CustomerVisitCommon(CustomerVisitWorld, CustomerCardCommon):
    """The world of visits in one transaction."""

    def run_cron(self, xmlid):
        """Run a scheduled action of this addon as the scheduler does."""
        with self.enter_registry_test_mode():
            self.env.ref(f"customer_visit.{xmlid}").method_direct_trigger()
        self.env.invalidate_all()

    def count_queries(self, make):
        """:param make: function that is called with the number of records
        :return: how many queries it takes for one record and for a hundred"""
        counts = []
        # what is asked once in a transaction is asked before
        for count in (1, 1, 100):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            make(count)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        return counts[1:]


class CustomerVisitHttp(CustomerVisitWorld, CustomerCardHttp):
    """The world of visits through a server and a browser."""

    def call(self, user, model, method, *args, **kwargs):
        """Call a method as a client does.

        :raise JsonRpcException: what the server refuses"""
        if getattr(self, "logged_in", None) != user:
            self.authenticate(user.login, user.login)
            self.logged_in = user
        with mute_logger("odoo.http", "odoo.addons.base.models.ir_rule"):
            return self.make_jsonrpc_request(
                f"/web/dataset/call_kw/{model}/{method}",
                {"model": model, "method": method, "args": args, "kwargs": kwargs},
            )

    def get_refusal(self, *args, **kwargs):
        """:return: how the server refuses a call: the name of the error, False if it
        does not"""
        try:
            self.call(*args, **kwargs)
        except JsonRpcException as error:
            return str(error)
        return False
