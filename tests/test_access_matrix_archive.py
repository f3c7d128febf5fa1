"""A06, A10, P04: who sees and edits what hangs on a card – relatives, competitors,
contracts, needs, other names, letters –, by whichever path.

See ``access_matrix.py`` for the roles and for what a cell asserts.
"""

from access_matrix import (
    KEEPERS,
    MANAGERS,
    READERS,
    AccessMatrixCase,
    Http,
    Json2,
    Row,
    Rpc,
)

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

    def test_documents_leave_as_the_card_does(self):
        """A10: what stands on letters, proposals, handovers and counts of stock is
        taken out by whoever keeps the card, by nobody who only reads it."""
        reading = self.entries["customer.card.consumption"].reading_ids[:1]
        self.assertTrue(reading)
        line = self.letter.line_ids
        rows = [
            Row(
                f"export of {records._name}",
                "RPC export_data",
                Rpc(
                    records._name,
                    "export_data",
                    records.ids,
                    names,
                    changes="anyway",
                    granted=lambda answer: answer.result["datas"],
                ),
                allowed,
            )
            for records, names, allowed in (
                (line, ["address"], KEEPERS),
                (line, ["letter_id", "address", "lang"], KEEPERS),
                (reading, ["stock_quantity", "date"], KEEPERS),
            )
        ]
        rows.append(
            Row(
                "export of a letter with its recipients",
                "RPC export_data",
                Rpc(
                    "customer.card.letter",
                    "export_data",
                    self.letter.ids,
                    ["subject", "line_ids/address"],
                    changes="anyway",
                    granted=lambda answer: "Hidden Street" in answer.text,
                ),
                KEEPERS,
            )
        )
        self.assert_matrix(rows)

    def test_proposals(self):
        """P04: what a colleague proposed is decided by whoever keeps the card and by
        the managers; what the card says now is read by whoever may read the card."""
        Change = self.env["customer.card.change"].with_user(self.reader)
        action = Change.propose(self.card_east.id, {"street": "Proposed Street 9"})
        change = Change.browse(action["res_id"])
        change.action_submit()
        line = change.line_ids
        # sees: the old value; back office sees it on its own proposal
        self.assert_matrix(
            [
                Row(
                    "compare a proposal",
                    "RPC web_read of the lines",
                    Rpc(
                        "customer.card.change.line",
                        "web_read",
                        line.ids,
                        specification={"old_text": {}, "present_text": {}},
                        sees=True,
                    ),
                    KEEPERS + "K",
                ),
                Row(
                    "decide on a line",
                    "RPC write",
                    Rpc(
                        "customer.card.change.line",
                        "write",
                        line.ids,
                        {"decision": "accept"},
                    ),
                    KEEPERS,
                    names_known=True,
                ),
                Row(
                    "approve a proposal",
                    "RPC action_approve",
                    Rpc(
                        "customer.card.change",
                        "action_approve",
                        change.ids,
                        changes=True,
                    ),
                    KEEPERS,
                    names_known=True,
                ),
                Row(
                    "export a proposal",
                    "RPC export_data",
                    Rpc(
                        "customer.card.change.line",
                        "export_data",
                        line.ids,
                        ["old_text"],
                        changes="anyway",
                        granted=lambda answer: answer.result["datas"],
                    ),
                    KEEPERS,
                ),
            ]
        )

    def test_handovers_reviews_exports(self):
        """K08, K11, A10: who learns of a card by the documents about it."""
        handover = self.env["customer.card.handover"].with_user(self.custodian_east)
        handover = handover.create(
            {
                "custodian_id": self.custodian_east.id,
                "successor_id": self.deputy_east.id,
            }
        )
        handover.action_submit()
        self.card_east.with_user(self.custodian_east).main_products = SECRET
        reviews = self.env["customer.card.review"]._generate()
        review = reviews.filtered(lambda one: one.custodian_id == self.custodian_east)
        rated = review.line_ids.filtered(lambda one: one.partner_id == self.card_east)
        export = (
            self.env["customer.card.export"]
            .with_user(self.custodian_east)
            .create({"purpose": SECRET, "card_ids": [Command.set(self.card_east.ids)]})
        )
        export.action_submit()
        self.env.flush_all()
        self.assert_matrix(
            [
                Row(
                    "read the cards of a handover",
                    "RPC read",
                    Rpc(
                        "customer.card.handover.line",
                        "read",
                        handover.line_ids.ids,
                        ["city", "open_items"],
                    ),
                    KEEPERS,
                ),
                Row(
                    "approve a handover",
                    "RPC action_approve",
                    Rpc(
                        "customer.card.handover",
                        "action_approve",
                        handover.ids,
                    ),
                    MANAGERS,
                    names_known=True,
                ),
                Row(
                    "accept a handover that is not approved",
                    "RPC action_accept",
                    Rpc(
                        "customer.card.handover",
                        "action_accept",
                        handover.ids,
                    ),
                    "",
                    names_known=True,
                ),
                Row(
                    "put a card into a handover",
                    "RPC write of x2many",
                    Rpc(
                        "customer.card.handover",
                        "write",
                        handover.ids,
                        {
                            "line_ids": [
                                Command.create(
                                    {
                                        "partner_id": self.card_west.id,
                                        "outcome": "planned",
                                    }
                                )
                            ]
                        },
                    ),
                    "",
                    names_known=True,
                ),
                Row(
                    "read a weekly check",
                    "RPC read",
                    Rpc(
                        "customer.card.review.line",
                        "read",
                        rated.ids,
                        ["reasons", "completeness", "changes"],
                    ),
                    # a deputy looks after the card, the check is of the custodian
                    KEEPERS.replace("D", ""),
                ),
                Row(
                    "rate a card",
                    "RPC write",
                    Rpc(
                        "customer.card.review.line",
                        "write",
                        rated.ids,
                        {"rating": "5"},
                    ),
                    MANAGERS,
                    names_known=True,
                ),
                Row(
                    "read an export request",
                    "RPC read",
                    Rpc(
                        "customer.card.export",
                        "read",
                        export.ids,
                        ["purpose"],
                        sees=True,
                    ),
                    KEEPERS.replace("D", ""),
                ),
                Row(
                    "approve an export",
                    "RPC action_approve",
                    Rpc(
                        "customer.card.export",
                        "action_approve",
                        export.ids,
                    ),
                    MANAGERS,
                    names_known=True,
                ),
                Row(
                    "print the card",
                    "RPC default_get of the dialog",
                    Rpc(
                        "customer.card.print",
                        "default_get",
                        ["card_ids"],
                        context={
                            "active_model": "res.partner",
                            "active_ids": self.card_east.ids,
                        },
                    ),
                    KEEPERS,
                ),
                Row(
                    "print the card",
                    "/report/html",
                    Http(
                        f"/report/html/customer_card.card_print/{self.card_east.id}",
                        sees=True,
                        changes="anyway",
                    ),
                    KEEPERS,
                ),
            ]
        )

    def test_settings_and_looks(self):
        """K17, A10: folders of the server, and news of a card, are not for everybody."""
        self.env["customer.card.look"].flush_model()
        for user in (self.portal_user, self.employee):
            self.env.cr.execute(
                "INSERT INTO customer_card_look (user_id, partner_id, date) "
                "VALUES (%s, %s, now() - interval '1 day')",
                [user.id, self.card_east.id],
            )
        self.card_east.with_user(self.custodian_east).main_products = SECRET
        self.env.flush_all()
        self.assert_matrix(
            [
                Row(
                    "where documents and backups are",
                    "RPC get_values of the settings",
                    Rpc(
                        "res.config.settings",
                        "get_values",
                        granted=lambda answer: "card_document_folder" in answer.result,
                    ),
                    "U",
                ),
                Row(
                    "handovers of a card",
                    "RPC action_card_handovers",
                    Rpc(
                        "res.partner",
                        "action_card_handovers",
                        self.contact_east.ids,
                    ),
                    READERS + "T",
                ),
                Row(
                    "news of a card",
                    "RPC card_look",
                    Rpc(
                        "res.partner",
                        "card_look",
                        self.card_east.ids,
                        granted=lambda answer: (
                            "news" in answer.result and not answer.result["since"]
                        ),
                        changes="anyway",
                    ),
                    # nobody else has looked before; a portal user has no look
                    READERS + "T",
                ),
            ]
        )
