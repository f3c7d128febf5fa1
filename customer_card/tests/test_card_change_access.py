import json

from odoo import Command
from odoo.tests import JsonRpcException, tagged
from odoo.tools import mute_logger

from .common import CustomerCardHttp
from .test_card_change import ChangeWorld


@tagged("post_install", "-at_install")
class TestCardChangeAccess(ChangeWorld, CustomerCardHttp):
    """P04, A06: proposals over RPC, by those who have no right to what they ask."""

    def call(self, user, model, method, *args, **kwargs):
        """:return: the answer to a call of the web client"""
        self.env.flush_all()
        self.authenticate(user.login, user.login)
        answer = self.make_jsonrpc_request(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": args, "kwargs": kwargs},
        )
        self.env.invalidate_all()
        return answer

    def assertRefused(self, user, model, method, *args, **kwargs):
        with (
            mute_logger("odoo.http", "odoo.addons.base.models.ir_rule"),
            self.assertRaises(JsonRpcException, msg=f"{model}.{method}{args}"),
        ):
            self.call(user, model, method, *args, **kwargs)
        self.env.invalidate_all()

    CHANGE = "customer.card.change"
    LINE = "customer.card.change.line"

    def propose_by_rpc(self, user, card, values):
        action = self.call(user, self.CHANGE, "propose", card.id, values)
        return self.env[self.CHANGE].browse(action["res_id"])

    def test_the_whole_story(self):
        change = self.propose_by_rpc(self.reader, self.card_east, {"phone": "1"})
        self.call(self.reader, self.CHANGE, "action_submit", change.ids)
        line = change.line_ids
        self.call(
            self.manager_east,
            self.CHANGE,
            "web_save",
            change.ids,
            {"line_ids": [[1, line.id, {"decision": "accept"}]]},
            specification={},
        )
        self.call(self.manager_east, self.CHANGE, "action_approve", change.ids)
        self.assertEqual(self.card_east.phone, "1")
        self.assertEqual(change.state, "approved")

    def test_a_hidden_card_cannot_be_proposed_on(self):
        for user in (self.employee, self.custodian_west):
            self.assertRefused(
                user, self.CHANGE, "propose", self.card_east.id, {"phone": "1"}
            )
            self.assertRefused(
                user, self.CHANGE, "create", {"partner_id": self.card_east.id}
            )
            self.assertRefused(
                user, "res.partner", "action_propose_change", [self.card_east.id]
            )

    def test_a_stranger_reads_nothing(self):
        change = self.propose_by_rpc(self.reader, self.card_east, {"phone": "1"})
        self.call(self.reader, self.CHANGE, "action_submit", change.ids)
        line = change.line_ids
        names = ["old_text", "present_text", "new_text"]
        for user in (self.employee, self.custodian_west, self.manager_west):
            self.assertRefused(user, self.LINE, "read", line.ids, names)
            self.assertRefused(user, self.CHANGE, "read", change.ids, ["summary"])
            self.assertEqual(self.call(user, self.LINE, "search", []), [])
            self.assertRefused(user, self.CHANGE, "action_approve", change.ids)
            self.assertRefused(user, self.CHANGE, "action_refuse", change.ids, "no")
            self.assertRefused(user, self.LINE, "action_accept", line.ids)

    def test_stored_values_are_out_of_reach(self):
        change = self.propose_by_rpc(self.reader, self.card_east, {"phone": "1"})
        for name in ("old_value", "new_value", "decided_on"):
            for user in (self.reader, self.card_admin):
                self.assertRefused(user, self.LINE, "read", change.line_ids.ids, [name])
                self.assertRefused(user, self.LINE, "search", [(name, "ilike", "290")])
                self.assertRefused(
                    user,
                    self.LINE,
                    "formatted_read_group",
                    [],
                    [name],
                    ["__count"],
                )

    def test_a_borrower_whose_loan_ended_reads_no_value(self):
        loan = self.lend(self.employee, self.card_east)
        change = self.propose_by_rpc(
            self.employee,
            self.card_east,
            {
                "phone": "1",
                "child_ids": [
                    Command.update(self.contact_east.id, {"function": "CEO"}),
                    Command.delete(self.address_east.id),
                ],
            },
        )
        self.call(self.employee, self.CHANGE, "action_submit", change.ids)
        spec = {
            "line_ids": {
                "fields": {
                    "label": {},
                    "contact_name": {},
                    "old_text": {},
                    "present_text": {},
                    "new_text": {},
                    "status": {},
                }
            },
            "summary": {},
            "conflict_count": {},
        }

        def read():
            return json.dumps(
                self.call(
                    self.employee,
                    self.CHANGE,
                    "web_read",
                    change.ids,
                    specification=spec,
                )
            )

        before = read()
        self.assertIn("+32 2 290 34 90", before)
        self.assertIn("Hidden Street 7", before)
        self.call(self.employee, "customer.card.loan", "action_return", loan.ids)
        # the card moves on: he learns nothing of it
        self.card_east.phone = "+32 2 777 77 77"
        after = read()
        for secret in ("290 34 90", "777 77 77", "Hidden Street"):
            self.assertNotIn(secret, after)
        self.assertIn("CEO", after)
        self.assertRefused(
            self.employee,
            self.LINE,
            "export_data",
            change.line_ids.ids,
            ["old_text"],
        )

    def test_nothing_but_the_methods_sets_lines_and_states(self):
        change = self.propose_by_rpc(self.reader, self.card_east, {"phone": "1"})
        line = change.line_ids
        forged = {
            "operation": "set",
            "field_name": "card_custodian_id",
            "partner_id": self.card_east.id,
            "old_value": None,
            "new_value": self.reader.id,
        }
        contexts = (
            {},
            {"approval_door": True, "customer_card_trust": True},
            {"default_decision": "accept", "default_state": "approved"},
        )
        for context in contexts:
            for model, method, args in (
                (self.LINE, "create", ({**forged, "change_id": change.id},)),
                (self.CHANGE, "write", (change.ids, {"line_ids": [[0, 0, forged]]})),
                (
                    self.CHANGE,
                    "create",
                    ({"partner_id": self.card_east.id, "line_ids": [[0, 0, forged]]},),
                ),
                (self.CHANGE, "create", ({"kind": "new", "state": "approved"},)),
                (self.CHANGE, "write", (change.ids, {"state": "approved"})),
                (self.CHANGE, "write", (change.ids, {"kind": "new"})),
                (self.CHANGE, "write", (change.ids, {"decided_by_id": 1})),
                (
                    self.CHANGE,
                    "write",
                    (change.ids, {"partner_id": self.card_west.id}),
                ),
                (self.LINE, "write", (line.ids, {"old_value": "x"})),
                (self.LINE, "write", (line.ids, {"new_value": "x"})),
                (self.LINE, "write", (line.ids, {"field_name": "card_state"})),
                (self.LINE, "write", (line.ids, {"partner_id": self.card_west.id})),
                (self.LINE, "write", (line.ids, {"decision": "accept"})),
                (self.LINE, "write", (line.ids, {"result": "applied"})),
                (self.LINE, "write", (line.ids, {"change_id": 1})),
                (
                    self.CHANGE,
                    "write",
                    (change.ids, {"line_ids": [[1, line.id, {"decision": "accept"}]]}),
                ),
                (
                    self.CHANGE,
                    "write",
                    (change.ids, {"line_ids": [[1, line.id, {"old_value": "x"}]]}),
                ),
                (self.CHANGE, "copy", (change.ids,)),
            ):
                with self.subTest(method=method, args=args, context=context):
                    self.assertRefused(
                        self.reader, model, method, *args, context=context
                    )
        self.assertEqual(change.state, "draft")
        self.assertEqual(len(change.line_ids), 1)
        self.assertFalse(line.decision)

    def test_a_default_approves_nothing(self):
        action = self.call(
            self.reader,
            self.CHANGE,
            "propose",
            self.card_east.id,
            {"phone": "1"},
            context={
                "default_state": "approved",
                "default_decision": "accept",
                "default_result": "applied",
                "default_requester_id": self.employee.id,
                "default_kind": "new",
                "default_partner_id": self.card_west.id,
            },
        )
        change = self.env[self.CHANGE].browse(action["res_id"])
        self.assertEqual((change.state, change.kind), ("draft", "change"))
        self.assertEqual(change.requester_id, self.reader)
        self.assertEqual(change.partner_id, self.card_east)
        self.assertFalse(change.line_ids.decision or change.line_ids.result)
        action = self.call(
            self.employee,
            self.CHANGE,
            "propose",
            False,
            {"name": "X"},
            context={"default_partner_id": self.card_east.id},
        )
        change = self.env[self.CHANGE].browse(action["res_id"])
        self.assertFalse(change.partner_id or change.line_ids.partner_id)

    def test_what_is_submitted_is_not_edited_by_whoever_proposed(self):
        change = self.propose_by_rpc(self.reader, self.card_east, {"phone": "1"})
        line = change.line_ids
        self.call(self.reader, self.LINE, "write", line.ids, {"new_text": "2"})
        self.call(self.reader, self.CHANGE, "action_submit", change.ids)
        self.assertRefused(self.reader, self.LINE, "write", line.ids, {"new_text": "3"})
        self.assertRefused(self.reader, self.LINE, "unlink", line.ids)
        self.assertRefused(self.reader, self.LINE, "action_remove", line.ids)
        self.assertRefused(
            self.reader,
            self.CHANGE,
            "propose",
            self.card_east.id,
            {"city": "X"},
            change.id,
        )
        # and whoever decides decides, he does not rewrite it
        self.assertRefused(
            self.manager_east, self.LINE, "write", line.ids, {"new_text": "3"}
        )
        self.assertRefused(
            self.manager_east,
            self.CHANGE,
            "write",
            change.ids,
            {"line_ids": [[2, line.id, 0]]},
        )
        self.assertEqual(line.new_text, "2")

    def test_links_to_hidden_records_are_not_probed(self):
        """The answer is the same for what is hidden and for what does not exist."""
        category = self.env["res.partner.category"].create({"name": "Secret"})
        self.env["ir.rule"].create(
            {
                "name": "Secret tags",
                "model_id": self.env.ref("base.model_res_partner_category").id,
                "groups": [Command.link(self.env.ref("base.group_user").id)],
                "domain_force": f"[('id', '!=', {category.id})]",
            }
        )
        answers = []
        for target in (category.id, 99999999):
            with (
                mute_logger("odoo.http"),
                self.assertRaises(JsonRpcException) as caught,
            ):
                self.call(
                    self.reader,
                    self.CHANGE,
                    "propose",
                    self.card_east.id,
                    {"category_id": [Command.link(target)]},
                )
            answers.append(str(caught.exception))
            self.env.invalidate_all()
        self.assertEqual(*answers)

    def test_borrowers_and_strangers_see_no_counts(self):
        change = self.propose_by_rpc(self.reader, self.card_east, {"phone": "1"})
        self.call(self.reader, self.CHANGE, "action_submit", change.ids)
        self.lend(self.employee, self.card_east)
        count = self.call(
            self.employee,
            "res.partner",
            "read",
            self.card_east.ids,
            ["card_change_count"],
        )
        self.assertEqual(count[0]["card_change_count"], 0)
