import json
from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CustomerCardCommon, CustomerCardHttp
from .test_card_loan import LoanWorld


class RpcError(Exception):
    """What the server answered instead of a result."""

    def __init__(self, data):
        super().__init__(data["message"])
        self.data = data


class ReadLog(LoanWorld):
    def reads(self, partner=None, user=None):
        domain = [("kind", "=", "read")]
        if partner:
            domain.append(("partner_id", "=", partner.id))
        if user:
            domain.append(("user_id", "=", user.id))
        return self.env["customer.card.event"].search(domain)


@tagged("post_install", "-at_install")
class TestCardLoanReadLog(ReadLog, CustomerCardCommon):
    """Whatever way a borrower reads a card, it is on record; others pay nothing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time("2026-03-02 10:01:00"):
            cls.loan = cls().lend(cls.employee, cls.card_east)

    def setUp(self):
        super().setUp()
        self.clock = self.startPatcher_clock("2026-03-02 10:02:00")

    def startPatcher_clock(self, now):
        frozen = freeze_time(now)
        clock = frozen.start()
        self.addCleanup(frozen.stop)
        return clock

    def _read_by(self, run, user=None):
        """Run one way of reading as the next transaction would."""
        self.env.cr.flush()
        self.env.invalidate_all()
        run(self.env["res.partner"].with_user(user or self.employee))
        return self.reads(self.card_east, user or self.employee)

    def test_all_ways_of_reading(self):
        domain = [("id", "=", self.contact_east.id)]
        ways = {
            "read": lambda P: P.browse(self.card_east.id).read(["phone"]),
            "attribute": lambda P: P.browse(self.contact_east.id).email,
            "web_read": lambda P: P.browse(self.card_east.id).web_read({"phone": {}}),
            "search_read": lambda P: P.search_read(domain, ["phone"]),
            "web_search_read": lambda P: P.web_search_read(domain, {"phone": {}}),
            "name_search": lambda P: P.name_search("Ada Alpha"),
            "name_search of all": lambda P: P.name_search(""),
            "_read_format": lambda P: (
                P.search(domain).sudo(False)._read_format(["phone"])
            ),
            "read_group": lambda P: P.formatted_read_group(
                domain, ["phone"], ["email:array_agg"]
            ),
            "_read_group": lambda P: P._read_group(domain, [], ["phone:array_agg"]),
        }
        for minutes, (way, run) in enumerate(ways.items()):
            self.clock.move_to(
                fields.Datetime.to_datetime("2026-03-02 10:02:00")
                + timedelta(minutes=15 * minutes)
            )
            before = self.reads(self.card_east, self.employee)
            after = self._read_by(run)
            self.assertEqual(len(after - before), 1, way)

    def test_once_per_quarter_of_an_hour_and_card(self):
        def read(Partner):
            return Partner.browse(self.card_east.id).read(["phone"])

        for time, expected in (
            ("10:02:00", 1),
            ("10:03:00", 1),
            ("10:14:59", 1),
            ("10:15:00", 2),
            ("10:29:59", 2),
            ("10:30:00", 3),
        ):
            self.clock.move_to(f"2026-03-02 {time}")
            self.assertEqual(len(self._read_by(read)), expected, time)

    def test_nobody_else_is_recorded(self):
        def read(Partner):
            return Partner.browse(self.card_east.id).read(["phone"])

        for user in (
            self.custodian_east,
            self.manager_east,
            self.regional_manager,
            self.reader,
            self.card_admin,
        ):
            self.assertFalse(self._read_by(read, user), user.name)
        self._read_by(
            lambda Partner: Partner.browse(self.free_partner.id).read(["phone"])
        )
        self.assertFalse(self.reads(self.free_partner))
        self.assertFalse(self.reads(self.card_east, self.employee))

    @mute_logger("odoo.addons.customer_card.models.customer_card_read_log_mixin")
    def test_reading_works_when_recording_does_not(self):
        with patch.object(
            type(self.env["customer.card.event"]),
            "_log_reads",
            side_effect=ValueError("disk full"),
        ):
            values = (
                self.env["res.partner"]
                .with_user(self.employee)
                .browse(self.card_east.id)
                .read(["phone"])
            )
        self.assertTrue(values[0]["phone"])

    def test_a_borrowers_failing_request_is_recorded_all_the_same(self):
        with self.enter_registry_test_mode():
            card = self.card_east.with_user(self.employee)
            self.env.invalidate_all()
            card.read(["phone"])
            self.assertEqual(len(self.reads(self.card_east, self.employee)), 1)

    def test_others_pay_nothing(self):
        """No query of its own for whoever borrows nothing."""
        Partner = self.env["res.partner"].with_user(self.custodian_east)
        ids = Partner.search([], limit=40).ids

        def count(run):
            self.env.flush_all()
            self.env.invalidate_all()
            self.env.user.has_group("base.group_user")
            before = self.env.cr.sql_log_count
            run()
            return self.env.cr.sql_log_count - before

        for run in (
            lambda: Partner.browse(ids).read(["name", "phone"]),
            lambda: Partner.search_read([("id", "in", ids)], ["name"]),
            lambda: Partner._read_group([("id", "in", ids)], ["city"], ["__count"]),
        ):
            count(run)
            with_log = count(run)
            with patch.object(
                type(Partner), "_get_cards_lent_to_log", lambda self: set()
            ):
                without_log = count(run)
            self.assertEqual(with_log, without_log)

    def test_a_loan_lookup_serves_the_whole_transaction(self):
        Partner = self.env["res.partner"].with_user(self.employee)
        Partner.search([], limit=1)
        before = self.env.cr.sql_log_count
        for _index in range(5):
            Partner.search([("card_lent_to_me", "=", True)], limit=1)
        self.assertEqual(self.env.cr.sql_log_count - before, 5)

    def test_a_borrowers_queries_do_not_grow(self):
        partners = self.env["res.partner"].create(
            [
                {"name": f"Contact {index}", "parent_id": self.card_east.id}
                for index in range(100)
            ]
        )

        def count(contacts):
            self.env.cr.flush()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            contacts.with_user(self.employee).read(["phone"])
            return self.env.cr.sql_log_count - before

        count(partners[:1])
        self.assertEqual(count(partners[:1]), count(partners))


@tagged("post_install", "-at_install")
class TestCardLoanReadLogHttp(ReadLog, CustomerCardHttp):
    """Through real requests, whose cursors only read."""

    def _call(self, model, method, *args, **kwargs):
        response = self.url_open(
            f"/web/dataset/call_kw/{model}/{method}",
            data=json.dumps(
                {
                    "params": {
                        "model": model,
                        "method": method,
                        "args": args,
                        "kwargs": kwargs,
                    }
                }
            ),
            headers={"Content-Type": "application/json"},
        ).json()
        if "error" in response:
            raise RpcError(response["error"]["data"])
        return response["result"]

    def test_a_read_by_rpc_is_recorded_with_its_path(self):
        self.lend(self.employee, self.card_east)
        self.authenticate("test_employee", "test_employee")
        rows = self._call(
            "res.partner", "search_read", [("id", "=", self.card_east.id)], ["phone"]
        )
        self.assertEqual(len(rows), 1)
        self._call("res.partner", "web_read", self.card_east.ids, {"phone": {}})
        entry = self.reads(self.card_east, self.employee)
        self.assertEqual(len(entry), 1)
        self.assertEqual(entry.path, "/web/dataset/call_kw/res.partner/search_read")

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_rule")
    def test_from_refusal_to_loan_by_rpc(self):
        self.authenticate("test_employee", "test_employee")
        with self.assertRaises(RpcError) as refused:
            self._call("res.partner", "web_read", self.card_east.ids, {"phone": {}})
        error = refused.exception.data
        self.assertEqual(
            error["name"], "odoo.addons.customer_card.exceptions.CardAccessError"
        )
        partner_ids = error["context"]["card_request"]["partner_ids"]
        self.assertEqual(partner_ids, self.card_east.ids)
        self.assertNotIn("Alpha", json.dumps(error["arguments"]))
        action = self._call("res.partner", "action_request_card_access", partner_ids)
        loan_id = action["res_id"]
        self._call("customer.card.loan", "web_save", [loan_id], {"purpose": "x"}, {})
        self._call("customer.card.loan", "action_submit", [loan_id])
        with self.assertRaises(RpcError):
            self._call("customer.card.loan", "action_approve", [loan_id])
        for vals in (
            {"state": "lent"},
            {"activity_ids": [], "decided_by_id": self.manager_east.id},
        ):
            with self.assertRaises(RpcError):
                self._call("customer.card.loan", "write", [loan_id], vals)
        self.authenticate("test_manager_east", "test_manager_east")
        self._call("customer.card.loan", "action_approve", [loan_id])
        self.authenticate("test_employee", "test_employee")
        rows = self._call("res.partner", "web_read", self.card_east.ids, {"phone": {}})
        self.assertTrue(rows[0]["phone"])
