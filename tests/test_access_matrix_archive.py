"""A06, A10, P04: who sees and edits what hangs on a card – relatives, competitors,
contracts, needs, other names, letters –, by whichever path.

See ``access_matrix.py`` for the roles and for what a cell asserts.
"""

from access_matrix import KEEPERS, READERS, AccessMatrixCase, Http, Json2, Row, Rpc

from odoo import Command, fields
from odoo.tests import tagged

SECRET = "alpha-secret"


@tagged("post_install", "-at_install")
class TestArchiveMatrix(AccessMatrixCase):
    @classmethod
    def make_belongings(cls):
        super().make_belongings()
        cls.product, cls.other_product = cls.env["customer.card.product"].create(
            [{"name": "Test Malt"}, {"name": "Test Hops"}]
        )
        today = fields.Date.today()
        # model: (values of an entry, the field that tells, one2many on the customer)
        cls.parts = {
            "customer.card.relative": (
                {"name": "Anna", "relation": "child", "note": SECRET},
                "note",
                "relative_ids",
            ),
            "customer.card.competitor": (
                {"brand": SECRET, "spend_share": 10},
                "brand",
                "competitor_ids",
            ),
            "customer.card.contract": (
                {"name": SECRET, "date_start": str(today)},
                "name",
                "card_contract_ids",
            ),
            "customer.card.consumption": (
                {
                    "product_id": cls.product.id,
                    "note": SECRET,
                    "stock_quantity": 9,
                    "usage_quantity": 1,
                },
                "note",
                "consumption_ids",
            ),
            "customer.card.alias": ({"name": SECRET}, "name", None),
        }
        cls.entries = {
            model: cls.env[model].create({**values, "partner_id": cls.card_east.id})
            for model, (values, _tells, _lines) in cls.parts.items()
        }
        cls.foreign = {
            model: cls.env[model].create(
                {
                    **values,
                    **(
                        {"product_id": cls.other_product.id}
                        if "product_id" in values
                        else {}
                    ),
                    tells: "West",
                    "partner_id": cls.card_west.id,
                }
            )
            for model, (values, tells, _lines) in cls.parts.items()
        }
        cls.contract_file = cls.env["ir.attachment"].create(
            {
                "name": f"{SECRET}.pdf",
                "raw": b"alpha-secret signed copy",
                "res_model": "customer.card.contract",
                "res_id": cls.entries["customer.card.contract"].id,
            }
        )
        cls.letter = (
            cls.env["customer.card.letter"]
            .with_user(cls.custodian_east)
            .create({"subject": "News", "body": "<p>News</p>"})
        )
        cls.card_east.city = "Ghent"
        cls.letter._add_recipients({cls.card_east: cls.card_east})

    def test_entries_read(self):
        rows = []
        for model, (_values, tells, lines) in self.parts.items():
            entry = self.entries[model]
            rows += [
                Row(
                    f"read a {model}",
                    "RPC read",
                    Rpc(model, "read", entry.ids, [tells], sees=True),
                    READERS,
                ),
                Row(
                    f"list {model}",
                    "RPC search_read",
                    Rpc(model, "search_read", [], [tells], sees=True),
                    READERS,
                ),
                Row(
                    f"find a {model} by a part of its text",
                    "RPC search_count",
                    Rpc(
                        model,
                        "search_count",
                        [(tells, "ilike", SECRET)],
                        granted=lambda answer: answer.result,
                    ),
                    READERS,
                ),
                Row(
                    f"group {model}",
                    "RPC formatted_read_group",
                    Rpc(
                        model,
                        "formatted_read_group",
                        [],
                        [tells],
                        ["__count"],
                        sees=True,
                    ),
                    READERS,
                ),
                Row(
                    f"read a {model}",
                    "JSON-2 search_read",
                    Json2(
                        model,
                        "search_read",
                        {"domain": [], "fields": [tells]},
                        sees=True,
                    ),
                    READERS,
                ),
                Row(
                    f"find customers by their {model}",
                    "RPC search_read of contacts",
                    Rpc(
                        "res.partner",
                        "search_read",
                        [(f"{lines}.{tells}", "ilike", SECRET)],
                        ["name"],
                        sees=True,
                    ),
                    READERS,
                )
                if lines
                else Row(
                    "find customers by another name",
                    "RPC name_search",
                    Rpc("res.partner", "name_search", SECRET, sees=True),
                    # the superuser searches as in plain Odoo
                    READERS.replace("U", ""),
                ),
            ]
            if lines:
                rows.append(
                    Row(
                        f"open the form with {model}",
                        "RPC nested web_read",
                        Rpc(
                            "res.partner",
                            "web_read",
                            self.card_east.ids,
                            specification={lines: {"fields": {tells: {}}}},
                            granted=lambda answer: SECRET in answer.text,
                        ),
                        READERS,
                    )
                )
        self.assert_matrix(rows)

    def test_signed_copy(self):
        """A01: the copy of a contract is as secret as the card."""
        file = self.contract_file
        self.assert_matrix(
            [
                Row(
                    "open the signed copy",
                    "/web/content",
                    Http(f"/web/content/{file.id}", sees=True),
                    READERS,
                ),
                Row(
                    "list the signed copies",
                    "RPC search_read of attachments",
                    Rpc(
                        "ir.attachment",
                        "search_read",
                        [("id", "=", file.id)],
                        ["name"],
                        sees=True,
                    ),
                    READERS,
                ),
                Row(
                    "throw the signed copy away",
                    "RPC unlink",
                    Rpc("ir.attachment", "unlink", file.ids, changes="anyway"),
                    KEEPERS,
                ),
            ]
        )

    def test_entries_written(self):
        card = self.card_east
        rows = []
        for model, (values, tells, lines) in self.parts.items():
            entry, foreign = self.entries[model], self.foreign[model]
            rows += [
                Row(
                    f"change a {model}",
                    "RPC write",
                    Rpc(model, "write", entry.ids, {tells: "x"}, changes=True),
                    KEEPERS,
                ),
                Row(
                    f"add a {model}",
                    "RPC create",
                    Rpc(
                        model,
                        "create",
                        {**values, tells: "new", "partner_id": self.contact_east.id},
                        changes=True,
                    ),
                    KEEPERS,
                ),
                Row(
                    f"strike out a {model}",
                    "RPC action_strike_out",
                    Rpc(model, "action_strike_out", entry.ids, changes=True),
                    KEEPERS,
                ),
                Row(
                    f"delete a {model}",
                    "RPC unlink",
                    Rpc(model, "unlink", entry.ids, changes=True),
                    KEEPERS,
                ),
                Row(
                    f"take a {model} to another customer",
                    "RPC write",
                    Rpc(
                        model,
                        "write",
                        entry.ids,
                        {"partner_id": self.free_partner.id},
                        changes=True,
                    ),
                    "U",
                    # the refusal names the entry to whoever may read it
                    names_known=True,
                ),
                Row(
                    f"hang a {model} of another customer on this one",
                    "RPC write",
                    Rpc(
                        model,
                        "write",
                        foreign.ids,
                        {"partner_id": card.id},
                        changes=True,
                    ),
                    "U",
                ),
            ]
            if not lines:
                continue
            if "product_id" in values:
                values = {**values, "product_id": self.other_product.id}
            commands = {
                "add": [Command.create({**values, tells: "new"})],
                "change": [Command.update(entry.id, {tells: "x"})],
                "delete": [Command.delete(entry.id)],
            }
            rows += [
                Row(
                    f"{operation} a {model} on the form",
                    "RPC write of the customer",
                    Rpc(
                        "res.partner", "write", card.ids, {lines: command}, changes=True
                    ),
                    KEEPERS,
                )
                for operation, command in commands.items()
            ]
            rows.append(
                Row(
                    f"change a {model} from a contact of one's own",
                    "RPC write of another contact",
                    Rpc(
                        "res.partner",
                        "write",
                        self.free_partner.ids,
                        {lines: [Command.update(entry.id, {tells: "x"})]},
                        changes=True,
                    ),
                    KEEPERS,
                )
            )
        self.assert_matrix(rows)

    def test_letters(self):
        """C02: whoever keeps the card knows what its customer got."""
        letter, line = self.letter, self.letter.line_ids
        self.assert_matrix(
            [
                Row(
                    "read the address on a letter",
                    "RPC read",
                    Rpc(
                        "customer.card.letter.line",
                        "read",
                        line.ids,
                        ["address"],
                        sees=True,
                    ),
                    READERS,
                ),
                Row(
                    "read a letter",
                    "RPC read",
                    Rpc("customer.card.letter", "read", letter.ids, ["subject"]),
                    KEEPERS,
                ),
                Row(
                    "record a letter as sent",
                    "RPC action_mark_sent",
                    Rpc(
                        "customer.card.letter",
                        "action_mark_sent",
                        letter.ids,
                        changes=True,
                    ),
                    "CMRAU",
                ),
                Row(
                    "write to the customer",
                    "RPC create of a recipient",
                    Rpc(
                        "res.partner",
                        "action_write_letter",
                        self.card_east.ids,
                        changes=True,
                    ),
                    KEEPERS,
                ),
                Row(
                    "print the letter",
                    "/report/html",
                    Http(
                        f"/report/html/customer_card.letter_document/{letter.id}",
                        sees=True,
                        changes="anyway",
                    ),
                    "CMRA",
                ),
            ]
        )
