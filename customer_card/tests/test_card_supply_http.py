import base64
import json

from odoo import Command
from odoo.tests import tagged

from .common import CustomerCardHttp
from .test_card_supply import CustomerCardSupplyWorld

COPY = b"%PDF-1.4 signed by both"


@tagged("post_install", "-at_install")
class TestCardSupplyHttp(CustomerCardSupplyWorld, CustomerCardHttp):
    """A01, A06, A10: contracts, their copies and consumption as a client reaches them,
    each with its forbidden twin."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_supply()
        cls.contract = cls.make_contract()
        cls.line = cls.make_line(as_of_date="2026-01-01")

    def call(self, user, model, method, *args, **kwargs):
        """:return: ``(result, name of the error or None)``"""
        login = f"test_{user}"
        self.authenticate(login, login)
        answer = self.url_open(
            f"/web/dataset/call_kw/{model}/{method}",
            data=json.dumps(
                {
                    "jsonrpc": "2.0",
                    "method": "call",
                    "params": {
                        "model": model,
                        "method": method,
                        "args": args,
                        "kwargs": kwargs,
                    },
                }
            ),
            headers={"Content-Type": "application/json"},
        ).json()
        self.env.invalidate_all()
        error = answer.get("error")
        name = error and error["data"]["name"].split(".")[-1]
        return answer.get("result"), name and name.removeprefix("Card")

    def make_copy(self, contract=None):
        contract = contract or self.contract
        copy = self.env["ir.attachment"].create(
            {
                "name": "signed.pdf",
                "raw": COPY,
                "res_model": contract._name,
                "res_id": contract.id,
            }
        )
        contract.attachment_ids = copy
        return copy

    def lend(self, borrower):
        self.env["customer.card.loan"].create(
            {
                "borrower_id": borrower.id,
                "card_ids": [Command.set(self.card_east.ids)],
                "purpose": "Visit",
            }
        )._approval_move("lent")

    # the signed copy

    def test_whoever_reads_the_card_reads_the_copy(self):
        copy = self.make_copy()
        self.lend(self.deputy_east)
        for user in ("custodian_east", "manager_east", "reader", "deputy_east"):
            with self.subTest(user=user):
                found, error = self.call(
                    user,
                    "ir.attachment",
                    "search_read",
                    [("id", "=", copy.id)],
                    ["name"],
                )
                self.assertFalse(error)
                self.assertEqual(found[0]["name"], "signed.pdf")
                answer = self.url_open(f"/web/content/{copy.id}?download=1")
                self.assertEqual((answer.status_code, answer.content), (200, COPY))

    def test_nobody_else_reads_the_copy(self):
        copy = self.make_copy()
        for user in ("custodian_west", "manager_west", "deputy_east", "employee"):
            with self.subTest(user=user):
                for domain in (
                    [("id", "=", copy.id)],
                    [("res_model", "=", self.contract._name)],
                ):
                    found, _error = self.call(
                        user, "ir.attachment", "search_read", domain, ["name"]
                    )
                    self.assertFalse(found)
                _found, error = self.call(
                    user, "ir.attachment", "read", copy.ids, ["name", "datas"]
                )
                self.assertEqual(error, "AccessError")
                for url in (
                    f"/web/content/{copy.id}",
                    f"/web/content/ir.attachment/{copy.id}/datas",
                    f"/web/image/{copy.id}",
                ):
                    answer = self.url_open(url)
                    self.assertNotIn(COPY, answer.content)
        self.authenticate(None, None)
        self.assertNotIn(COPY, self.url_open(f"/web/content/{copy.id}").content)

    def test_keepers_upload_and_replace_the_copy(self):
        for user in ("custodian_east", "manager_east"):
            old = self.make_copy()
            copy_id, _error = self.call(
                user,
                "ir.attachment",
                "create",
                [
                    {
                        "name": "new.pdf",
                        "datas": base64.b64encode(COPY).decode(),
                        "res_model": self.contract._name,
                        "res_id": 0,
                    }
                ],
            )
            _done, error = self.call(
                user,
                self.contract._name,
                "web_save",
                self.contract.ids,
                {"attachment_ids": [[3, old.id], [4, copy_id[0]]]},
                specification={},
            )
            self.assertFalse(error)
            copy = self.contract.attachment_ids
            self.assertEqual(copy.name, "new.pdf")
            self.assertEqual(copy.res_id, self.contract.id)
            _done, error = self.call(user, "ir.attachment", "unlink", copy.ids)
            self.assertFalse(error)

    def test_nobody_else_replaces_or_deletes_the_copy(self):
        copy = self.make_copy()
        self.lend(self.deputy_east)
        for user in ("reader", "deputy_east", "custodian_west", "employee"):
            for model, method, args in (
                ("ir.attachment", "unlink", (copy.ids,)),
                ("ir.attachment", "write", (copy.ids, {"name": "mine"})),
                (
                    "ir.attachment",
                    "create",
                    (
                        [
                            {
                                "name": "mine",
                                "res_model": self.contract._name,
                                "res_id": self.contract.id,
                            }
                        ],
                    ),
                ),
                (
                    self.contract._name,
                    "write",
                    (self.contract.ids, {"attachment_ids": [[5]]}),
                ),
            ):
                with self.subTest(user=user, model=model, method=method):
                    _done, error = self.call(user, model, method, *args)
                    self.assertEqual(error, "AccessError")
        self.assertEqual(self.contract.attachment_ids, copy)
        self.assertEqual(copy.name, "signed.pdf")

    def test_a_file_of_another_document_is_not_taken_over(self):
        """By its bare id anybody could put it on a contract of his own."""
        foreign = self.make_copy(self.make_contract(self.card_west))
        draft = self.env["ir.attachment"].create({"name": "draft", "raw": b"secret"})
        for copy in (foreign, draft):
            _done, error = self.call(
                "custodian_east",
                self.contract._name,
                "write",
                self.contract.ids,
                {"attachment_ids": [[4, copy.id]]},
            )
            self.assertIn(error, ("UserError", "AccessError"))
            _done, error = self.call(
                "custodian_east",
                self.contract._name,
                "create",
                [
                    {
                        "partner_id": self.card_east.id,
                        "name": "Mine",
                        "attachment_ids": [[6, 0, copy.ids]],
                    }
                ],
            )
            self.assertIn(error, ("UserError", "AccessError"))
        self.assertFalse(self.contract.attachment_ids)

    # lines through the customer

    def test_the_keeper_edits_lines_on_the_form_of_the_customer(self):
        _done, error = self.call(
            "custodian_east",
            "res.partner",
            "web_save",
            self.card_east.ids,
            {
                "consumption_ids": [
                    [1, self.line.id, {"stock_quantity": 7}],
                    [
                        0,
                        0,
                        {
                            "product_id": self.crates.id,
                            "stock_quantity": 5,
                            "usage_quantity": 1,
                        },
                    ],
                ],
                "card_contract_ids": [[1, self.contract.id, {"amount": 77}]],
            },
            specification={},
        )
        self.assertFalse(error)
        self.assertEqual(self.line.stock_quantity, 7)
        self.assertEqual(self.line.reading_ids.user_id, self.custodian_east)
        self.assertEqual(len(self.card_east.consumption_ids), 2)
        self.assertEqual(self.contract.amount, 77)

    def test_nobody_else_edits_lines_on_the_form_of_the_customer(self):
        self.lend(self.deputy_east)
        for user in ("reader", "deputy_east", "custodian_west", "employee"):
            for vals in (
                {"consumption_ids": [[1, self.line.id, {"stock_quantity": 7}]]},
                {"consumption_ids": [[2, self.line.id]]},
                {"card_contract_ids": [[1, self.contract.id, {"amount": 77}]]},
                {"card_contract_ids": [[0, 0, {"name": "Mine"}]]},
            ):
                with self.subTest(user=user, vals=vals):
                    _done, error = self.call(
                        user, "res.partner", "write", self.card_east.ids, vals
                    )
                    self.assertEqual(error, "AccessError")
        self.assertEqual(self.line.exists().stock_quantity, 20)
        self.assertEqual(self.contract.amount, 1000)

    def test_a_line_of_a_hidden_card_is_not_reached_through_an_own_one(self):
        for vals in (
            {"consumption_ids": [[1, self.line.id, {"stock_quantity": 7}]]},
            {"consumption_ids": [[4, self.line.id]]},
            {"consumption_ids": [[6, 0, self.line.ids]]},
            {"card_contract_ids": [[4, self.contract.id]]},
            {"card_contract_ids": [[2, self.contract.id]]},
        ):
            with self.subTest(vals=vals):
                _done, error = self.call(
                    "custodian_west", "res.partner", "write", self.card_west.ids, vals
                )
                self.assertEqual(error, "AccessError")
        self.assertEqual(self.line.exists().partner_id, self.card_east)
        self.assertEqual(self.contract.exists().partner_id, self.card_east)

    def test_hidden_lines_are_not_grouped_or_counted(self):
        for model, group in (
            (self.contract._name, "term_state"),
            (self.line._name, "need_state"),
        ):
            for user, count in (("custodian_east", 1), ("custodian_west", 0)):
                groups, error = self.call(
                    user,
                    model,
                    "web_read_group",
                    [("partner_id", "in", self.card_east.ids)],
                    [group],
                    ["__count"],
                )
                self.assertFalse(error)
                self.assertEqual(
                    sum(group["__count"] for group in groups["groups"]), count
                )

    def test_what_the_system_notes_down_is_out_of_reach(self):
        for name in ("followup_need_date", "followup_activity_id"):
            _done, error = self.call(
                "custodian_east", self.line._name, "write", self.line.ids, {name: False}
            )
            self.assertEqual(error, "AccessError")
        _done, error = self.call(
            "custodian_east",
            self.contract._name,
            "write",
            self.contract.ids,
            {"reminded_date": "2026-01-01"},
        )
        self.assertEqual(error, "AccessError")

    def test_a_refusal_names_no_hidden_customer(self):
        self.authenticate("test_employee", "test_employee")
        answer = self.url_open(
            f"/web/dataset/call_kw/{self.contract._name}/read?debug=1",
            data=json.dumps(
                {
                    "jsonrpc": "2.0",
                    "method": "call",
                    "params": {
                        "model": self.contract._name,
                        "method": "read",
                        "args": [self.contract.ids, ["name"]],
                        "kwargs": {},
                    },
                }
            ),
            headers={"Content-Type": "application/json"},
        ).text
        self.assertIn("AccessError", answer)
        for secret in ("Malt 2026", "Alpha Foods"):
            self.assertNotIn(secret, answer)
