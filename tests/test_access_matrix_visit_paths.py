"""P04, A06, A10, A01: ways to what was said at a customer's, beside reading it: links,
photos, the chatter, exports and prints, My Day.

See ``access_matrix.py`` for the roles and for what a cell asserts, and
``access_matrix_visit.py`` for the visits.
"""

from access_matrix import KEEPERS, READERS, Http, JsonRoute, Row, Rpc
from access_matrix_visit import SECRET, VisitMatrixCase

from odoo import fields
from odoo.tests import tagged

VISIT = "customer.visit"


def found(answer):
    return bool(answer.result)


@tagged("post_install", "-at_install")
class TestVisitPathsMatrix(VisitMatrixCase):
    def test_links(self):
        """A10: a bare id, or a default, links nobody and nothing that is hidden."""
        card, contact = self.card_east.id, self.contact_east.id
        spec = {
            "partner_id": {"fields": {"display_name": {}}},
            "customer_phone": {},
            "customer_address": {},
        }
        rows = [
            Row(
                "fill in a new visit",
                f"RPC onchange {path}",
                Rpc(
                    VISIT,
                    "onchange",
                    [],
                    values,
                    list(values),
                    spec,
                    context=context,
                    granted=lambda answer: "290 34 9" in answer.text,
                ),
                READERS,
            )
            for path, values, context in (
                ("of the customer", {"partner_id": card}, {}),
                ("with a default", {}, {"default_partner_id": card}),
            )
        ]
        rows += [
            Row(
                f"put a hidden {name} on a visit of one's own",
                "RPC write",
                Rpc(VISIT, "write", self.own.ids, {name: value}, changes=True),
                # who keeps the other card, and sees this one
                "RAU",
            )
            for name, value in (
                ("contact_ids", [(4, contact)]),
                ("address_id", contact),
                ("lead_id", self.lead.id),
            )
        ]
        rows += [
            Row(
                f"create with a default {name}",
                "RPC create with a context",
                Rpc(
                    VISIT,
                    "create",
                    {
                        "partner_id": self.card_west.id,
                        "user_id": self.custodian_west.id,
                    },
                    context={f"default_{name}": value},
                    changes=True,
                ),
                "RAU",
            )
            for name, value in (
                ("address_id", self.address_east.id),
                ("lead_id", self.lead.id),
            )
        ]
        self.assert_matrix(rows)

    def test_proof(self):
        """A01: photos and the signature are as secret as the report."""
        rows = [
            Row(
                "open a photo",
                "/web/content",
                Http(
                    f"/web/content/{self.photo.id}",
                    granted=lambda answer: answer.status == 200,
                ),
                READERS,
            ),
            Row(
                "list photos",
                "RPC search_read of attachments",
                Rpc(
                    "ir.attachment",
                    "search_read",
                    [("id", "=", self.photo.id)],
                    ["name"],
                    sees=True,
                ),
                READERS,
            ),
            Row(
                "take a photo over",
                "RPC write",
                Rpc(
                    VISIT,
                    "write",
                    self.own.ids,
                    {"photo_ids": [(4, self.photo.id)]},
                ),
                "U",
                names_known=True,
            ),
            Row(
                "the signature",
                "RPC read",
                Rpc(VISIT, "read", self.reported.ids, ["signature", "signed_by"]),
                READERS,
            ),
        ]
        self.assert_matrix(rows)

    def test_talk(self):
        """The chatter of a visit, and what Odoo knows about its recipients."""
        visit = self.reported
        request = ["activities", "attachments", "followers", "suggestedRecipients"]
        self.assert_matrix(
            [
                Row(
                    "read the chatter",
                    "/mail/thread/messages",
                    JsonRoute(
                        "/mail/thread/messages",
                        {"thread_model": VISIT, "thread_id": visit.id},
                        granted=lambda answer: f"{SECRET} note" in answer.text,
                    ),
                    READERS,
                    names_known=True,
                ),
                Row(
                    "read a note",
                    "RPC read of mail.message",
                    Rpc("mail.message", "read", self.note.ids, ["body"], sees=True),
                    READERS,
                ),
                Row(
                    "whom to write to",
                    "/mail/data of one's own visit",
                    JsonRoute(
                        "/mail/data",
                        {
                            "fetch_params": [
                                [
                                    "mail.thread",
                                    {
                                        "thread_model": VISIT,
                                        "thread_id": self.owed.id,
                                        "request_list": request,
                                    },
                                ]
                            ]
                        },
                        granted=lambda answer: "office@alpha" in answer.text,
                    ),
                    # a visitor writes to whom he may open
                    READERS.replace("U", ""),
                ),
                Row(
                    "log a note",
                    "RPC message_post",
                    Rpc(VISIT, "message_post", visit.ids, body="x", changes=True),
                    KEEPERS,
                ),
                Row(
                    "follow",
                    "RPC message_subscribe",
                    Rpc(
                        VISIT,
                        "message_subscribe",
                        visit.ids,
                        [self.employee.partner_id.id],
                        granted=found,
                    ),
                    KEEPERS,
                ),
            ]
        )

    def test_leaving(self):
        """A10: what was found leaves the system as the card does."""
        self.assert_matrix(
            [
                Row(
                    f"export {records._name}",
                    "RPC export_data",
                    Rpc(
                        records._name,
                        "export_data",
                        records.ids,
                        names,
                        changes="anyway",
                        granted=lambda answer: answer.result["datas"],
                    ),
                    KEEPERS,
                )
                for records, names in (
                    (self.reported, ["report"]),
                    (self.owed, ["objective", "partner_id/phone"]),
                    (self.reported.answer_ids, ["answer_text"]),
                    (self.promise, ["name"]),
                    (self.introduction, ["note"]),
                )
            ]
            + [
                Row(
                    "print the preparation sheet",
                    "/report/html",
                    Http(
                        f"/report/html/customer_visit.preparation/{self.planned.id}",
                        sees=True,
                        changes="anyway",
                    ),
                    "CDMRA",
                ),
                Row(
                    "print the preparation sheet of one's own visit",
                    "/report/html",
                    Http(
                        f"/report/html/customer_visit.preparation/{self.owed.id}",
                        sees=True,
                        changes="anyway",
                    ),
                    "CDMRA",
                ),
                Row(
                    "print the preparation sheet",
                    "/report/pdf",
                    Http(
                        f"/report/pdf/customer_visit.preparation/{self.planned.id}",
                        sees=True,
                        changes="anyway",
                    ),
                    "CDMRA",
                ),
            ]
        )

    def test_my_day(self):
        """My Day shows the plain name of whom one meets, and nothing more."""
        tomorrow = fields.Date.add(fields.Date.today(), days=1)
        self.assert_matrix(
            [
                Row(
                    "what the day brings",
                    "RPC get_day",
                    Rpc(
                        "customer.my.day",
                        "get_day",
                        str(tomorrow),
                        granted=lambda answer: "Alpha Foods" in answer.text,
                    ),
                    # who has a visit, or a promise to keep
                    "CBE",
                ),
                Row(
                    "how to reach whom one meets",
                    "RPC get_day",
                    Rpc(
                        "customer.my.day",
                        "get_day",
                        str(tomorrow),
                        granted=lambda answer: "+32229034" in answer.text,
                    ),
                    "CB",
                    names_known=True,
                ),
            ]
        )

    def test_internal_only(self):
        """A portal user has no part in all this; whoever works here may ask."""
        models = [
            name
            for name, model in sorted(self.env.registry.items())
            if model._original_module == "customer_visit"
            and not model._abstract
            and not model._transient
        ]
        self.assertIn(VISIT, models)
        for name in models:
            with self.subTest(model=name):
                answer = self.try_call("T", name, "search_read", [], ["id"], limit=1)
                self.assertEqual(answer.error, "AccessError", answer.text[:500])
                self.call("C", name, "search_read", [], ["id"], limit=1)
