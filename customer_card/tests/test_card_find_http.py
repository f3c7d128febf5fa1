import json

from odoo import Command, http
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CustomerCardHttp

SECRETS = ("Alpha Foods", "Ada Alpha", "290 34", "Hidden Street", "Custodian East")
# Each is something of the hidden card, never as it is written there.
TERMS = (
    "Alfa Fods",
    "Aplha",
    "290-34-9",
    "0032 2/290",
    "Zuiderbakkr",
    "hidden str",
    "477.472.701",
    "alpha.exampl",
)
STRANGERS = ("test_custodian_west", "test_manager_west", "test_employee")


@tagged("post_install", "-at_install")
class TestCardFindHttp(CustomerCardHttp):
    """K11, A07, A10: over RPC, in debug mode, a stranger learns nothing of a card."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.alias = cls.env["customer.card.alias"].create(
            {"partner_id": cls.card_east.id, "name": "Zuiderbakker"}
        )
        cls.env.flush_all()

    def log_in(self, login):
        self.authenticate(login, login)
        self.session.debug = "1"
        http.root.session_store.save(self.session)

    def rpc(self, model, method, *args, **kwargs):
        """:return: ``(result or error, everything that the client was sent)``"""
        answer = self.url_open(
            f"/web/dataset/call_kw/{model}/{method}",
            json=self.build_rpc_payload(
                {"model": model, "method": method, "args": args, "kwargs": kwargs}
            ),
        )
        body = json.loads(answer.text)
        return body.get("result", body.get("error")), answer.text

    def assertTellsNothing(self, text):
        for secret in (*SECRETS, "Zuiderbakker", "Alpha"):
            self.assertNotIn(secret, text)

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_rule")
    def test_strangers_find_nothing(self):
        for login in STRANGERS:
            self.log_in(login)
            for term in TERMS:
                found, text = self.rpc("res.partner", "card_find", term)
                self.assertEqual(found["rows"], [], (login, term))
                self.assertTellsNothing(text)
                for domain in (
                    [("card_search", "ilike", term)],
                    [("parent_id.card_search", "ilike", term)],
                    [("child_ids.card_search", "ilike", term)],
                ):
                    found, text = self.rpc("res.partner", "search", domain)
                    self.assertEqual(found, [], (login, domain))
                found, text = self.rpc("res.partner", "name_search", term)
                self.assertFalse(
                    {row[0] for row in found}
                    & {self.card_east.id, self.contact_east.id}
                )
                self.assertTellsNothing(text)

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_rule")
    def test_strangers_read_no_other_names(self):
        for login in STRANGERS:
            self.log_in(login)
            found, text = self.rpc(
                "customer.card.alias", "search_read", [], ["name", "partner_id"]
            )
            self.assertNotIn(self.alias.id, [row["id"] for row in found])
            self.assertTellsNothing(text)
            for method, args in (
                ("read", [self.alias.ids, ["name"]]),
                ("write", [self.alias.ids, {"name": "x"}]),
                ("action_strike_out", [self.alias.ids]),
                ("unlink", [self.alias.ids]),
                ("create", [{"partner_id": self.card_east.id, "name": "x"}]),
            ):
                _error, text = self.rpc("customer.card.alias", method, *args)
                self.assertIn('"error"', text, (login, method))
                self.assertTellsNothing(text)
        self.assertEqual(self.alias.name, "Zuiderbakker")

    def test_the_keeper_finds_and_edits(self):
        self.log_in("test_custodian_east")
        for term in TERMS:
            found, _text = self.rpc("res.partner", "card_find", term)
            self.assertEqual(
                [row["id"] for row in found["rows"]], self.card_east.ids, term
            )
        self.rpc(
            "res.partner",
            "web_save",
            self.card_east.ids,
            {"card_alias_ids": [Command.create({"name": "AFO"})]},
            specification={},
        )
        found, _text = self.rpc("res.partner", "card_find", "AFO")
        self.assertEqual(found["rows"][0]["id"], self.card_east.id)

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_rule")
    def test_a_form_or_a_new_contact_tells_a_stranger_that_a_card_exists(self):
        self.log_in("test_custodian_west")
        typed = {"name": "Q", "email": "office@alpha.example.com"}
        result, text = self.rpc(
            "res.partner",
            "onchange",
            [],
            typed,
            ["email"],
            {
                "name": {},
                "email": {},
                "card_duplicate_hidden": {},
                "card_duplicate_reason": {},
                "card_duplicate_hidden_reason": {},
                "card_duplicate_ids": {"fields": {"display_name": {}}},
                "same_vat_partner_id": {"fields": {"display_name": {}}},
            },
        )
        self.assertTrue(result["value"]["card_duplicate_hidden"])
        self.assertTellsNothing(text)
        self.env.company.card_duplicate_policy = "block"
        error, text = self.rpc("res.partner", "create", typed)
        self.assertEqual(
            error["data"]["name"],
            "odoo.addons.customer_card.exceptions.CardAccessError",
        )
        self.assertTellsNothing(text)
        self.assertNotIn(str(self.card_east.id), text)
        action, text = self.rpc("res.partner", "action_request_similar_card", typed)
        self.assertTellsNothing(text)
        _loan, text = self.rpc(
            "customer.card.loan",
            "web_read",
            [action["res_id"]],
            specification={
                "card_names": {},
                "search_text": {},
                "card_ids": {"fields": {"display_name": {}}},
                "match_ids": {"fields": {"display_name": {}}},
            },
        )
        self.assertTellsNothing(text)

    def test_nobody_writes_or_reads_the_questions(self):
        self.env["customer.card.probe"]._may_ask()
        for login in ("test_custodian_west", "test_manager_west"):
            self.log_in(login)
            for method, args in (
                ("search_read", [[]]),
                ("create", [{"user_id": self.env.uid, "date": "2026-01-01"}]),
            ):
                with mute_logger("odoo.http", "odoo.addons.base.models.ir_model"):
                    _error, text = self.rpc("customer.card.probe", method, *args)
                self.assertIn("AccessError", text)

    # in a browser

    def test_find_a_customer(self):
        self.start_tour(
            "/odoo/find-customer", "card_find_customer", login="test_custodian_east"
        )

    def test_find_what_a_colleague_keeps(self):
        self.start_tour(
            "/odoo/find-customer", "card_find_elsewhere", login="test_custodian_west"
        )
        loan = self.env["customer.card.loan"].search(
            [("borrower_id", "=", self.custodian_west.id)]
        )
        self.assertEqual(loan.search_text, "Alpha Foods Ltd")
        self.assertEqual(loan.team_id, self.team_east)

    def test_a_double_is_noticed_while_typing(self):
        self.start_tour(
            "/odoo/customer-cards/new",
            "card_duplicate_banner",
            login="test_custodian_east",
        )
