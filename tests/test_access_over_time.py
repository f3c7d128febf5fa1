"""C05, P04, A07: rights begin and end at their time, and every worker knows at once."""

import os
import socket
import subprocess
import sys
import time
import xmlrpc.client
from contextlib import closing
from datetime import datetime, timedelta

import pytz
from access_matrix import AccessMatrixCase

from odoo import Command, api, fields
from odoo.modules.registry import Registry
from odoo.tests import TransactionCase, new_test_user, tagged

READ = ("res.partner", "read")


@tagged("post_install", "-at_install")
class TestAccessOverTime(AccessMatrixCase):
    """Loans and deputies, over HTTP; no scheduled action runs and no cache is cleared."""

    def can_read(self, role, partner=None):
        partner = partner or self.contact_east
        answer = self.try_call(role, *READ, partner.ids, ["email"])
        self.assertIn(answer.error, (None, "AccessError"), answer.text)
        return not answer.error

    def lend(self, role, date_from, valid_until):
        """:return: a loan of the card to the user of this role, approved"""
        loan = (
            self.env["customer.card.loan"]
            .with_user(self.users[role])
            .create(
                {
                    "card_ids": [Command.set(self.card_east.ids)],
                    "purpose": "Trade fair",
                    "date_from": date_from,
                    "valid_until": valid_until,
                }
            )
        )
        loan.action_submit()
        loan.with_user(self.manager_east).action_approve()
        self.env.flush_all()
        return loan

    def test_a_loan_ends_to_the_second(self):
        """P04, A07: with the clock alone."""
        now = fields.Datetime.now()
        loan = self.lend("S", now - timedelta(hours=1), now + timedelta(seconds=3))
        self.assertTrue(self.can_read("S"))
        # the sequence by which workers tell each other to clear caches stands still
        signals = self.cache_signals()
        while fields.Datetime.now() < loan.valid_until:
            time.sleep(0.05)
        self.assertFalse(self.can_read("S"))
        self.assertFalse(
            self.try_call("S", "res.partner", "search", self.by_mail).result
        )
        self.assertEqual(self.cache_signals(), signals)
        self.assertEqual(loan.state, "lent", "nothing has tidied up yet")

    def test_a_loan_begins_to_the_second(self):
        now = fields.Datetime.now()
        loan = self.lend("S", now + timedelta(seconds=3), now + timedelta(hours=1))
        self.assertFalse(self.can_read("S"))
        while fields.Datetime.now() < loan.date_from:
            time.sleep(0.05)
        self.assertTrue(self.can_read("S"))

    def test_a_loan_ends_when_it_is_returned_or_revoked(self):
        now = fields.Datetime.now()
        for role, actor, action in (
            ("S", "S", "action_return"),
            ("N", "M", "action_revoke"),
        ):
            loan = self.lend(role, now - timedelta(hours=1), now + timedelta(hours=1))
            self.assertTrue(self.can_read(role))
            self.call(actor, "customer.card.loan", action, loan.ids)
            self.assertFalse(self.can_read(role))

    def test_a_borrower_who_follows_reads_nothing_new_after_the_end(self):
        """A10: he subscribed himself during the loan, as far as the server let him."""
        self.try_call(
            "B",
            "res.partner",
            "message_subscribe",
            self.card_east.ids,
            self.borrower_screen.partner_id.ids,
        )
        note = self.call(
            "B", "res.partner", "message_post", self.card_east.ids, body="My note"
        )
        loan = self.env["customer.card.loan"].search(
            [("borrower_id", "=", self.borrower_screen.id)]
        )
        self.call("B", "customer.card.loan", "action_return", loan.ids)
        self.card_east.message_post(
            body="alpha-secret news", subtype_xmlid="mail.mt_comment"
        )
        answer = self.try_call(
            "B",
            "mail.message",
            "search_read",
            [("body", "ilike", "alpha-secret news")],
            ["body"],
        )
        self.assertEqual(answer.result, [])
        # what he wrote himself stays his
        self.assertTrue(
            self.try_call("B", "mail.message", "read", note, ["body"]).result
        )

    def test_a_deputy_has_the_days_of_the_custodian(self):
        """C05: the two zones never share a calendar day; neither a forged zone nor
        one that the deputy sets, for himself or for the custodian, stretches them."""
        ahead, behind = "Pacific/Kiritimati", "Pacific/Pago_Pago"
        day_ahead = datetime.now(pytz.timezone(ahead)).date()
        self.custodian_east.tz = behind
        self.card_east.write(
            {
                "card_deputy_id": self.deputy_east.id,
                "card_deputy_from": day_ahead,
                "card_deputy_until": day_ahead,
            }
        )
        self.assertFalse(self.can_read("D"))
        for context in ({"tz": ahead}, {"tz": ahead, "lang": "en_US", "uid": 2}):
            answer = self.try_call(
                "D", *READ, self.card_east.ids, ["email"], context=context
            )
            self.assertEqual(answer.error, "AccessError")
            found = self.try_call(
                "D", "res.partner", "search", self.by_mail, context=context
            )
            self.assertEqual(found.result, [])
        self.call("D", "res.users", "write", self.deputy_east.ids, {"tz": ahead})
        self.assertFalse(self.can_read("D"))
        answer = self.try_call(
            "D",
            "res.partner",
            "write",
            self.custodian_east.partner_id.ids,
            {"tz": ahead},
        )
        self.assertEqual(answer.error, "AccessError")
        self.call("C", "res.users", "write", self.custodian_east.ids, {"tz": ahead})
        self.assertTrue(self.can_read("D"))

    def test_custodian_and_deputy_at_the_same_time(self):
        """C05: the deputy stands in; nobody loses the card by it."""
        today = self.deputy_east._card_today()
        self.card_east.write(
            {
                "card_deputy_id": self.deputy_east.id,
                "card_deputy_from": today,
                "card_deputy_until": today,
            }
        )
        for role in "CDM":
            self.assertTrue(self.can_read(role))
            self.call(
                role, "res.partner", "write", self.contact_east.ids, {"phone": role}
            )
        yesterday = today - timedelta(1)
        self.card_east.write(
            {"card_deputy_from": yesterday, "card_deputy_until": yesterday}
        )
        self.assertFalse(self.can_read("D"))

    def test_a_new_custodian_takes_over_at_once(self):
        """C05: and the old one is out, contacts and messages too."""
        self.assertTrue(self.can_read("C"))
        news = self.card_east.message_post(body="alpha-secret news")
        own = self.message
        self.call(
            "M",
            "res.partner",
            "write",
            self.card_east.ids,
            {"card_custodian_id": self.deputy_east.id},
        )
        self.assertFalse(self.can_read("C"))
        self.assertTrue(self.can_read("D"))
        found = self.try_call(
            "C", "mail.message", "search", [("id", "in", (news | own).ids)]
        )
        # what he wrote himself stays his
        self.assertEqual(found.result, own.ids)

    @property
    def by_mail(self):
        return [("email", "ilike", "alpha.example")]

    def cache_signals(self):
        self.env.cr.execute("SELECT max(id) FROM orm_signaling_default")
        return self.env.cr.fetchone()


@tagged("post_install", "-at_install")
class TestForeignRule(AccessMatrixCase):
    """P04: what another addon may bring along."""

    def test_a_permissive_group_rule_opens_nothing(self):
        models = {
            "res.partner": ["name", "email", "phone", "street"],
            "res.partner.bank": ["acc_number"],
            "mail.followers": ["name", "email"],
            "mail.notification": ["mail_email_address"],
            "customer.card.loan": ["card_ids"],
            "customer.card.event": ["partner_name"],
        }
        for model in models:
            self.env["ir.rule"].create(
                {
                    "name": f"Everybody sees every {model}",
                    "model_id": self.env["ir.model"]._get_id(model),
                    "domain_force": "[(1, '=', 1)]",
                    "groups": [
                        Command.set(
                            [
                                self.env.ref("base.group_user").id,
                                self.env.ref(
                                    "customer_card.customer_card_group_user"
                                ).id,
                            ]
                        )
                    ],
                }
            )
        for role in "SOPEXN":
            for model, names in models.items():
                answer = self.try_call(role, model, "search_read", [], names)
                self.assertFalse(answer.error, answer.text)
                for secret in (
                    "alpha.example.com",
                    "290 34 9",
                    "Hidden Street",
                    "BE71",
                ):
                    self.assertNotIn(secret, answer.text, f"{model} by {role}")
            answer = self.try_call(
                role, "res.partner", "write", self.card_east.ids, {"name": "X"}
            )
            self.assertEqual(answer.error, "AccessError")
        # the rule does widen what has no card
        self.assertTrue(
            self.try_call("S", *READ, self.free_partner.ids, ["email"]).result
        )

    def test_an_archived_or_unlinked_rule_is_told(self):
        """Whoever may edit record rules may open everything: that is Odoo's group of
        settings, and no other."""
        rule = self.env.ref("customer_card.res_partner_rule_card_read")
        for role in "CMRKAB":
            answer = self.try_call(
                role, "ir.rule", "write", rule.ids, {"active": False}
            )
            self.assertEqual(answer.error, "AccessError", role)


@tagged("post_install", "-at_install")
class TestSecondWorker(TransactionCase):
    """P04: a team gets another leader in one worker; a second process serves the next
    request."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # the tests' own registry tells nobody of its changes: two real servers
        cls.workers = [cls.start_worker() for _index in range(2)]

    @classmethod
    def start_worker(cls):
        """:return: ``(process, port)`` of an Odoo server on this database"""
        with closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [sys.executable, "-m", "odoo", "-c", os.environ["ODOO_RC"]]
        command += ["-d", cls.env.cr.dbname, "--http-interface=127.0.0.1"]
        command += [f"--http-port={port}", "--max-cron-threads=0", "--workers=0"]
        process = subprocess.Popen(
            [*command, "--log-level=error"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

        def stop():
            process.terminate()
            process.wait(30)

        cls.addClassCleanup(stop)
        return process, port

    def setUp(self):
        super().setUp()
        # a real transaction: the other processes have to see what it makes
        self.world_cr = Registry(self.env.cr.dbname).cursor()
        self.addCleanup(self.world_cr.close)
        self.world = api.Environment(self.world_cr, api.SUPERUSER_ID, {})
        self.made = []
        self.addCleanup(self.remove_world)
        self.old, self.new = (
            self.make_user(name, "manager") for name in ("old", "new")
        )
        self.admin = self.make_user("admin", "administrator")
        self.region = self.make("crm.team", {"name": "Worker Region"})
        self.team = self.make(
            "crm.team",
            {
                "name": "Worker Team",
                "user_id": self.old.id,
                "parent_id": self.region.id,
            },
        )
        self.card = self.make(
            "res.partner", {"name": "Worker Card", "is_company": True}
        )
        self.card._open_cards(team=self.team)
        self.world_cr.commit()

    def make_user(self, name, group):
        user = new_test_user(
            self.world,
            login=f"second_worker_{name}",
            groups=f"customer_card.customer_card_group_{group}",
        )
        self.made += [user.partner_id, user]
        return user

    def make(self, model, values):
        record = self.world[model].create(values)
        self.made.append(record)
        return record

    def remove_world(self):
        self.world_cr.rollback()
        self.world.invalidate_all()
        for record in reversed(self.made):
            record.exists().unlink()
        self.world_cr.commit()

    def call(self, worker, user, model, method, *args):
        """Call a method in the first or second worker, once that has started."""
        process, port = self.workers[worker]
        url = f"http://127.0.0.1:{port}/xmlrpc/2/object"
        proxy = xmlrpc.client.ServerProxy(url, allow_none=True)
        deadline = time.monotonic() + 60
        while True:
            try:
                return proxy.execute_kw(
                    self.env.cr.dbname, user.id, user.login, model, method, args
                )
            except ConnectionError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def reads(self, user):
        """:return: whether the second worker lets the user read the card"""
        found = self.call(
            1, user, "res.partner", "search_count", [("id", "=", self.card.id)]
        )
        try:
            read = bool(
                self.call(1, user, "res.partner", "read", self.card.ids, ["name"])
            )
        except xmlrpc.client.Fault as fault:
            self.assertIn("kept by somebody else", fault.faultString)
            read = False
        self.assertEqual(read, bool(found))
        return read

    def change_team(self, team, values):
        """Change a team in the first worker."""
        self.call(0, self.admin, "crm.team", "write", team.ids, values)

    def test_a_new_leader_counts_at_once(self):
        self.assertTrue(self.reads(self.old))
        self.assertFalse(self.reads(self.new))
        self.change_team(self.team, {"user_id": self.new.id})
        self.assertTrue(self.reads(self.new))
        self.assertFalse(self.reads(self.old))

    def test_a_new_leader_of_the_region_counts_at_once(self):
        self.assertFalse(self.reads(self.new))
        self.change_team(self.region, {"user_id": self.new.id})
        self.assertTrue(self.reads(self.new))
        self.change_team(self.team, {"parent_id": False})
        self.assertFalse(self.reads(self.new))
