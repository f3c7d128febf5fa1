"""P04, A06, A10: who changes a card, by whichever path.

See ``access_matrix.py`` for the roles and for what a cell asserts.
"""

from access_matrix import (
    INTERNAL,
    KEEPERS,
    MANAGERS,
    READERS,
    AccessMatrixCase,
    Json2,
    JsonRoute,
    Row,
    Rpc,
    Steps,
)

from odoo import Command
from odoo.tests import tagged

# Keys that open doors inside Odoo or inside this addon, as far as a client can forge
# them.
FORGED = {
    "approval_door": True,
    "bypass_search_access": True,
    "customer_card_trust": True,
    "import_file": True,
    "install_mode": True,
    "mail_create_nosubscribe": True,
    "su": True,
    "tracking_disable": True,
    "uid": 1,
}
# Managers above both departments.
ABOVE = "RAU"
# Only an administrator deletes.
DELETERS = "AU"
# The back office writes to customers, a borrower does not.
WRITERS = KEEPERS + "K"


def write(partner, values, **more):
    """:return: Rpc that writes one partner"""
    return Rpc("res.partner", "write", [partner.id], values, changes=True, **more)


def act(partner, method):
    """:return: Rpc of a button"""
    return Rpc("res.partner", method, [partner.id], changes=True)


@tagged("post_install", "-at_install")
class TestWriteMatrix(AccessMatrixCase):
    @classmethod
    def make_belongings(cls):
        super().make_belongings()
        Partner = cls.env["res.partner"]
        # without e-mail: Odoo merges contacts of the same e-mail only
        cls.plain = Partner.create({"name": "Ada Alpha", "parent_id": cls.card_east.id})
        cls.double = Partner.create(
            {"name": "Ada Alpha", "parent_id": cls.card_east.id}
        )
        cls.free_double = Partner.create({"name": "Gemini"})
        cls.plain.name = "Gemini"
        cls.bank_free = cls.env["res.partner.bank"].create(
            {"partner_id": cls.free_partner.id, "acc_number": "BE68 5390 0754 7034"}
        )
        cls.template = cls.env["mail.template"].create(
            {
                "name": "Letter",
                "model_id": cls.env["ir.model"]._get("res.partner").id,
                "subject": "News",
                "body_html": "<p>News</p>",
                "email_to": "{{ object.email }}",
            }
        )

    def test_write(self):
        """A06: only the keepers change what is on a card."""
        card, contact = self.card_east, self.contact_east
        self.assert_matrix(
            [
                Row(
                    "rename the card", "RPC write", write(card, {"name": "X"}), KEEPERS
                ),
                Row(
                    "change a contact",
                    "RPC write",
                    write(contact, {"phone": "1"}),
                    KEEPERS,
                ),
                Row(
                    "change an address",
                    "RPC write",
                    write(self.address_east, {"street": "X"}),
                    KEEPERS,
                ),
                Row(
                    "save the form",
                    "RPC web_save",
                    Rpc(
                        "res.partner",
                        "web_save",
                        [card.id],
                        {"phone": "1"},
                        specification={"phone": {}},
                        changes=True,
                    ),
                    KEEPERS,
                ),
                Row(
                    "change a contact",
                    "JSON-2 write",
                    Json2(
                        "res.partner",
                        "write",
                        {"ids": [contact.id], "vals": {"phone": "1"}},
                        changes=True,
                    ),
                    KEEPERS,
                ),
                Row(
                    "rename the card with a forged context",
                    "RPC write",
                    write(card, {"name": "X"}, context=FORGED),
                    KEEPERS,
                ),
                Row(
                    "make the company a person",
                    "RPC write of is_company alone",
                    write(card, {"is_company": False}),
                    KEEPERS,
                ),
                Row(
                    "archive a contact",
                    "RPC write of active",
                    write(self.plain, {"active": False}),
                    KEEPERS,
                ),
                Row(
                    "archive the card",
                    "RPC write of active",
                    write(card, {"active": False}),
                    MANAGERS,
                ),
                Row(
                    "archive the card",
                    "RPC action_archive",
                    act(card, "action_archive"),
                    MANAGERS,
                ),
                Row(
                    "give the card another salesperson",
                    "RPC write",
                    write(card, {"user_id": self.custodian_west.id}),
                    KEEPERS,
                ),
                Row(
                    "delete an address",
                    "RPC unlink",
                    act(self.address_east, "unlink"),
                    DELETERS,
                ),
                Row("delete the card", "RPC unlink", act(card, "unlink"), DELETERS),
            ]
        )

    def test_card_fields(self):
        """P04: one person in charge, and only the manager says who."""
        card, contact = self.card_east, self.contact_east
        self.assert_matrix(
            [
                Row(
                    "another custodian",
                    "RPC write",
                    write(card, {"card_custodian_id": self.deputy_east.id}),
                    MANAGERS,
                ),
                Row(
                    "another custodian with a forged context",
                    "RPC write",
                    write(
                        card, {"card_custodian_id": self.deputy_east.id}, context=FORGED
                    ),
                    MANAGERS,
                ),
                Row(
                    "another custodian of a contact",
                    "RPC write of the copied field",
                    write(contact, {"card_custodian_id": self.custodian_west.id}),
                    ABOVE,
                ),
                Row(
                    "another department",
                    "RPC write",
                    write(card, {"card_team_id": self.team_west.id}),
                    ABOVE,
                ),
                Row(
                    "a deputy",
                    "RPC write",
                    write(
                        card,
                        {
                            "card_deputy_id": self.custodian_west.id,
                            "card_deputy_from": False,
                            "card_deputy_until": "2099-12-31",
                        },
                    ),
                    MANAGERS,
                ),
                Row(
                    "the deputy's dates",
                    "RPC write",
                    write(card, {"card_deputy_from": "2001-01-01"}),
                    MANAGERS,
                ),
                Row(
                    "customer or prospect",
                    "RPC write",
                    write(card, {"card_kind": "former"}),
                    KEEPERS,
                ),
                Row(
                    "the number",
                    "RPC write",
                    write(card, {"card_number": "X-1"}),
                    MANAGERS,
                ),
                Row(
                    "the state past the buttons",
                    "RPC write",
                    write(card, {"card_state": "closed"}),
                    "U",
                ),
                Row(
                    "no card any more",
                    "RPC write of card_state",
                    write(card, {"card_state": False}),
                    "U",
                ),
                Row(
                    "a contact out of its card",
                    "RPC write of card_root_id",
                    write(contact, {"card_root_id": False}),
                    "",
                ),
                Row("let it rest", "button", act(card, "action_card_rest"), KEEPERS),
                Row("close it", "button", act(card, "action_card_close"), MANAGERS),
                Row(
                    "open a card for somebody else",
                    "RPC create with a custodian",
                    Rpc(
                        "res.partner",
                        "create",
                        {"name": "New", "card_custodian_id": self.custodian_west.id},
                        changes=True,
                    ),
                    ABOVE + "OS",
                ),
                Row(
                    "open a card in somebody else's department",
                    "RPC write of card_team_id",
                    write(self.free_partner, {"card_team_id": self.team_west.id}),
                    ABOVE + "OS",
                ),
                Row(
                    "lead the department",
                    "RPC write of crm.team",
                    Rpc(
                        "crm.team",
                        "write",
                        [self.team_east.id],
                        {"user_id": self.custodian_west.id},
                        changes=True,
                    ),
                    "AU",
                ),
                Row(
                    "be above the department",
                    "RPC write of the parent team",
                    Rpc(
                        "crm.team",
                        "write",
                        [self.team_east.id],
                        {"parent_id": self.team_west.id},
                        changes=True,
                    ),
                    "AU",
                ),
            ]
        )

    def test_tree(self):
        """P04: contacts come and go with the consent of the keepers."""
        card, contact, free = self.card_east, self.contact_east, self.free_partner
        self.assert_matrix(
            [
                Row(
                    "add a contact",
                    "RPC create",
                    Rpc(
                        "res.partner",
                        "create",
                        {"name": "New", "parent_id": card.id},
                        changes=True,
                    ),
                    KEEPERS,
                ),
                Row(
                    "add a contact",
                    "RPC create by a default in the context",
                    Rpc(
                        "res.partner",
                        "create",
                        {"name": "New"},
                        context={"default_parent_id": card.id},
                        changes=True,
                    ),
                    KEEPERS,
                ),
                Row(
                    "put a free contact below the card",
                    "RPC write of parent_id",
                    write(free, {"parent_id": card.id}),
                    KEEPERS,
                ),
                Row(
                    "take a contact out",
                    "RPC write of parent_id",
                    write(contact, {"parent_id": False}),
                    MANAGERS,
                ),
                Row(
                    "take a contact over to a free company",
                    "RPC write of parent_id",
                    write(contact, {"parent_id": free.id}),
                    MANAGERS,
                ),
                Row(
                    "take a contact over to the card of another custodian",
                    "RPC write of parent_id",
                    write(contact, {"parent_id": self.card_west.id}),
                    ABOVE,
                ),
                Row(
                    "merge two contacts of the card",
                    "wizard over RPC",
                    self.merge(self.plain | self.double, self.plain),
                    KEEPERS,
                ),
                Row(
                    "merge a contact into a free one",
                    "wizard over RPC",
                    self.merge(self.plain | self.free_double, self.free_double),
                    MANAGERS,
                ),
                Row(
                    "merge a free contact into one of the card",
                    "wizard over RPC",
                    self.merge(self.plain | self.free_double, self.plain),
                    MANAGERS,
                ),
                Row(
                    "look for duplicates",
                    "wizard over RPC, which searches by SQL",
                    Steps(
                        lambda _: Rpc(
                            "base.partner.merge.automatic.wizard",
                            "create",
                            {"group_by_name": True},
                        ),
                        lambda answer: Rpc(
                            "base.partner.merge.automatic.wizard",
                            "action_start_manual_process",
                            [answer.result],
                        ),
                        lambda answer: Rpc(
                            "base.partner.merge.automatic.wizard",
                            "web_read",
                            [answer.result["res_id"]],
                            specification={
                                "partner_ids": {"fields": {"display_name": {}}},
                                "dst_partner_id": {"fields": {"display_name": {}}},
                                "line_ids": {"fields": {"aggr_ids": {}}},
                            },
                        ),
                        granted=lambda answer: "Alpha" in answer.text,
                    ),
                    READERS,
                ),
                Row(
                    "change a contact",
                    "RPC load (import)",
                    Rpc(
                        "res.partner",
                        "load",
                        [".id", "phone"],
                        [[str(contact.id), "1"]],
                        changes=True,
                        granted=lambda answer: answer.result.get("ids"),
                    ),
                    KEEPERS,
                ),
                Row(
                    "add a contact to a company by name",
                    "RPC load (import)",
                    Rpc(
                        "res.partner",
                        "load",
                        ["name", "parent_id"],
                        [["New", "Alpha Foods"]],
                        changes=True,
                        granted=lambda answer: answer.result.get("ids"),
                    ),
                    KEEPERS,
                    names_known=True,
                ),
                Row(
                    "change a contact",
                    "base_import.import",
                    Steps(
                        lambda _: Rpc(
                            "base_import.import",
                            "create",
                            {
                                "res_model": "res.partner",
                                "file": f".id,phone\n{contact.id},1\n",
                                "file_type": "text/csv",
                                "file_name": "contacts.csv",
                            },
                        ),
                        lambda answer: Rpc(
                            "base_import.import",
                            "execute_import",
                            [answer.result],
                            [".id", "phone"],
                            [".id", "phone"],
                            {"quoting": '"', "separator": ",", "has_headers": True},
                        ),
                        changes=True,
                        granted=lambda answer: answer.result.get("ids"),
                    ),
                    KEEPERS,
                ),
            ]
        )

    def merge(self, partners, target):
        """:return: Steps that merge contacts as the wizard does"""
        wizard = "base.partner.merge.automatic.wizard"
        return Steps(
            lambda _: Rpc(
                wizard,
                "create",
                {
                    "state": "selection",
                    "partner_ids": [Command.set(partners.ids)],
                    "dst_partner_id": target.id,
                },
            ),
            lambda answer: Rpc(wizard, "action_merge", [answer.result]),
            changes=True,
        )

    def test_x2many_commands(self):
        """P04: commands on the lists of an open record, and of the card itself."""
        card, contact, free = self.card_east, self.contact_east, self.free_partner

        def commands(partner, *commands):
            return write(partner, {"child_ids": [tuple(c) for c in commands]})

        def tag(*commands):
            return Rpc(
                "res.partner.category",
                "write",
                [self.tag.id],
                {"partner_ids": [tuple(c) for c in commands]},
                changes=True,
            )

        self.assert_matrix(
            [
                Row(
                    "link a contact to an open company",
                    "child_ids LINK",
                    commands(free, Command.link(contact.id)),
                    MANAGERS,
                ),
                Row(
                    "change a contact from an open company",
                    "child_ids UPDATE",
                    commands(free, Command.update(contact.id, {"phone": "1"})),
                    KEEPERS,
                ),
                Row(
                    "set the contacts of an open company",
                    "child_ids SET",
                    commands(free, Command.set([contact.id])),
                    MANAGERS,
                ),
                Row(
                    "delete a contact from an open company",
                    "child_ids DELETE",
                    commands(free, Command.delete(self.plain.id)),
                    DELETERS,
                ),
                Row(
                    "change a contact",
                    "child_ids UPDATE on the card",
                    commands(card, Command.update(contact.id, {"phone": "1"})),
                    KEEPERS,
                ),
                Row(
                    "add a contact",
                    "child_ids CREATE on the card",
                    commands(card, Command.create({"name": "New"})),
                    KEEPERS,
                ),
                Row(
                    "take a contact out",
                    "child_ids UNLINK on the card",
                    commands(card, Command.unlink(contact.id)),
                    MANAGERS,
                ),
                Row(
                    "delete a contact",
                    "child_ids DELETE on the card",
                    commands(card, Command.delete(self.plain.id)),
                    DELETERS,
                ),
                Row(
                    "add a bank account",
                    "bank_ids CREATE on the card",
                    write(card, {"bank_ids": [Command.create({"acc_number": "1"})]}),
                    KEEPERS,
                ),
                Row(
                    "tag the card",
                    "category_id LINK on the card",
                    write(card, {"category_id": [Command.clear()]}),
                    KEEPERS,
                ),
                Row(
                    "tag a contact",
                    "partner_ids LINK of a tag",
                    tag(Command.link(contact.id)),
                    KEEPERS,
                ),
                Row(
                    "take the tag off the card",
                    "partner_ids UNLINK of a tag",
                    tag(Command.unlink(card.id)),
                    KEEPERS,
                ),
                Row(
                    "take the tag off all",
                    "partner_ids CLEAR of a tag",
                    tag(Command.clear()),
                    KEEPERS,
                ),
                Row(
                    "give the tag to others",
                    "partner_ids SET of a tag",
                    tag(Command.set([])),
                    KEEPERS,
                ),
                Row(
                    "a new tag for the card",
                    "RPC create of a tag",
                    Rpc(
                        "res.partner.category",
                        "create",
                        {"name": "Mine", "partner_ids": [Command.set([card.id])]},
                        changes=True,
                    ),
                    KEEPERS,
                ),
            ]
        )

    def test_links(self):
        """A06: documents that name the customer."""
        card = self.card_east
        bank = "res.partner.bank"
        self.assert_matrix(
            [
                Row(
                    "add a bank account",
                    "RPC create",
                    Rpc(
                        bank,
                        "create",
                        {"partner_id": card.id, "acc_number": "1"},
                        changes=True,
                    ),
                    KEEPERS,
                ),
                Row(
                    "change a bank account",
                    "RPC write",
                    Rpc(
                        bank, "write", [self.bank.id], {"acc_number": "1"}, changes=True
                    ),
                    KEEPERS,
                ),
                Row(
                    "take a bank account over",
                    "RPC write of partner_id",
                    Rpc(
                        bank,
                        "write",
                        [self.bank.id],
                        {"partner_id": self.free_partner.id},
                        changes=True,
                    ),
                    KEEPERS,
                ),
                Row(
                    "give the customer somebody's bank account",
                    "RPC write of partner_id",
                    Rpc(
                        bank,
                        "write",
                        [self.bank_free.id],
                        {"partner_id": card.id},
                        changes=True,
                    ),
                    KEEPERS,
                ),
                Row(
                    "delete a bank account",
                    "RPC unlink",
                    Rpc(bank, "unlink", [self.bank.id], changes=True),
                    KEEPERS,
                ),
                Row(
                    "choose the customer on a new bank account",
                    "RPC onchange",
                    Rpc(
                        bank,
                        "onchange",
                        [],
                        {"partner_id": card.id},
                        ["partner_id"],
                        {
                            "partner_id": {"fields": {"display_name": {}}},
                            "acc_holder_name": {},
                        },
                    ),
                    KEEPERS,
                ),
                Row(
                    "whose e-mail is this",
                    "RPC find_or_create",
                    Rpc(
                        "res.partner",
                        "find_or_create",
                        "office@alpha.example.com",
                        typed="office@alpha.example.com",
                    ),
                    READERS + "T",
                ),
                Row(
                    "a new contact by its e-mail",
                    "RPC name_create",
                    Rpc(
                        "res.partner",
                        "name_create",
                        "Somebody <office@alpha.example.com>",
                        changes=True,
                        typed="office@alpha.example.com",
                    ),
                    READERS,
                ),
                Row(
                    "ask for the card",
                    "RPC action_request_card_access",
                    Rpc(
                        "res.partner",
                        "action_request_card_access",
                        [card.id],
                        changes=True,
                    ),
                    INTERNAL + "U",
                ),
                Row(
                    "guess with the help of the own request",
                    "RPC search of the loan by the card's phone",
                    Steps(
                        lambda _: Rpc(
                            "customer.card.loan",
                            "create",
                            {"card_ids": [Command.set([card.id])]},
                        ),
                        lambda answer: Rpc(
                            "customer.card.loan",
                            "search",
                            [
                                ("id", "=", answer.result),
                                ("card_ids.phone", "ilike", "290 34"),
                            ],
                        ),
                        granted=lambda answer: answer.result,
                        changes="anyway",
                    ),
                    READERS,
                ),
                Row(
                    "lend the card to oneself",
                    "RPC create, action_submit, action_approve",
                    Steps(
                        lambda _: Rpc(
                            "customer.card.loan",
                            "create",
                            {
                                "card_ids": [Command.set([card.id])],
                                "purpose": "Curiosity",
                            },
                            context=FORGED,
                        ),
                        lambda answer: Rpc(
                            "customer.card.loan",
                            "search",
                            [("id", "=", answer.result)],
                        ),
                        lambda answer: Rpc(
                            "customer.card.loan", "action_submit", answer.result
                        ),
                        lambda _: Rpc(
                            "customer.card.loan",
                            "search",
                            [("purpose", "=", "Curiosity")],
                        ),
                        lambda answer: Rpc(
                            "customer.card.loan",
                            "action_approve",
                            answer.result,
                            context=FORGED,
                        ),
                        changes="anyway",
                    ),
                    "",
                ),
                Row(
                    "prolong a loan that has run out",
                    "RPC write of valid_until",
                    Rpc(
                        "customer.card.loan",
                        "write",
                        [self.loan_expired.id],
                        {"valid_until": "2099-12-31 00:00:00"},
                        context=FORGED,
                        changes=True,
                    ),
                    "U",
                ),
                Row(
                    "lend past the manager",
                    "RPC write of the state",
                    Rpc(
                        "customer.card.loan",
                        "write",
                        [self.loan_expired.id],
                        {"state": "draft"},
                        context=FORGED,
                    ),
                    "",
                ),
                Row(
                    "write the ledger",
                    "RPC create of customer.card.event",
                    Rpc(
                        "customer.card.event",
                        "create",
                        {
                            "partner_id": card.id,
                            "partner_name": "X",
                            "kind": "read",
                            "date": "2001-01-01 00:00:00",
                        },
                        context=FORGED,
                    ),
                    "",
                ),
            ]
        )

    def test_chatter(self):
        """A10: who writes on a card, and to the customer."""
        card, free = self.card_east, self.free_partner
        channel = {}

        def post(**values):
            return Rpc(
                "res.partner",
                "message_post",
                [card.id],
                body="Hello",
                message_type="comment",
                changes=True,
                **values,
            )

        compose = {
            "model": "res.partner",
            "res_ids": repr(card.ids),
            "composition_mode": "comment",
            "body": "Hello",
        }
        self.assert_matrix(
            [
                Row(
                    "log a note",
                    "RPC message_post",
                    post(subtype_xmlid="mail.mt_note"),
                    READERS,
                ),
                Row(
                    "log a note",
                    "/mail/message/post",
                    JsonRoute(
                        "/mail/message/post",
                        {
                            "thread_model": "res.partner",
                            "thread_id": card.id,
                            "post_data": {
                                "body": "Hello",
                                "message_type": "comment",
                                "subtype_xmlid": "mail.mt_note",
                            },
                        },
                        changes=True,
                    ),
                    READERS,
                ),
                Row(
                    "write to the customer",
                    "RPC message_post",
                    post(subtype_xmlid="mail.mt_comment", partner_ids=card.ids),
                    WRITERS,
                ),
                Row(
                    "write to the followers",
                    "RPC message_post",
                    post(subtype_xmlid="mail.mt_comment"),
                    WRITERS,
                ),
                Row(
                    "a note that goes to the customer",
                    "RPC message_post",
                    post(subtype_xmlid="mail.mt_note", partner_ids=card.ids),
                    WRITERS,
                ),
                Row(
                    "write to the customer",
                    "RPC mail.compose.message",
                    Steps(
                        lambda _: Rpc(
                            "mail.compose.message",
                            "create",
                            {**compose, "partner_ids": [Command.set(card.ids)]},
                        ),
                        lambda answer: Rpc(
                            "mail.compose.message", "action_send_mail", [answer.result]
                        ),
                        changes=True,
                    ),
                    WRITERS,
                ),
                Row(
                    "write to many customers",
                    "RPC mail.compose.message in mass mode",
                    Steps(
                        lambda _: Rpc(
                            "mail.compose.message",
                            "create",
                            {
                                **compose,
                                "composition_mode": "mass_mail",
                                "subject": "News",
                            },
                        ),
                        lambda answer: Rpc(
                            "mail.compose.message", "action_send_mail", [answer.result]
                        ),
                        changes=True,
                    ),
                    WRITERS,
                ),
                Row(
                    "send a template",
                    "RPC mail.template send_mail",
                    Rpc(
                        "mail.template",
                        "send_mail",
                        [self.template.id],
                        card.id,
                        changes=True,
                    ),
                    WRITERS,
                ),
                Row(
                    "write later",
                    "RPC mail.scheduled.message",
                    Rpc(
                        "mail.scheduled.message",
                        "create",
                        {
                            "model": "res.partner",
                            "res_id": card.id,
                            "body": "Hello",
                            "author_id": self.env.user.partner_id.id,
                            "scheduled_date": "2099-12-31 00:00:00",
                            "partner_ids": [Command.set(card.ids)],
                        },
                        changes=True,
                    ),
                    KEEPERS,
                ),
                Row(
                    "change somebody's note",
                    "RPC write of mail.message",
                    Rpc(
                        "mail.message",
                        "write",
                        [self.message.id],
                        {"body": "X"},
                        changes=True,
                    ),
                    KEEPERS,
                ),
                Row(
                    "delete somebody's note",
                    "RPC unlink of mail.message",
                    Rpc("mail.message", "unlink", [self.message.id], changes=True),
                    KEEPERS,
                ),
                Row(
                    "attach a file",
                    "RPC create of ir.attachment",
                    Rpc(
                        "ir.attachment",
                        "create",
                        {
                            "name": "x",
                            "raw": "x",
                            "res_model": "res.partner",
                            "res_id": card.id,
                        },
                        changes=True,
                    ),
                    KEEPERS,
                ),
                Row(
                    "take a file over to an open document",
                    "RPC write of ir.attachment",
                    Rpc(
                        "ir.attachment",
                        "write",
                        [self.attachment.id],
                        {"res_id": free.id},
                        changes=True,
                    ),
                    KEEPERS,
                ),
                Row(
                    "delete a file",
                    "RPC unlink of ir.attachment",
                    Rpc("ir.attachment", "unlink", [self.attachment.id], changes=True),
                    KEEPERS,
                ),
                Row(
                    "plan a to-do",
                    "RPC activity_schedule",
                    Rpc(
                        "res.partner",
                        "activity_schedule",
                        [card.id],
                        "mail.mail_activity_data_todo",
                        changes=True,
                    ),
                    READERS,
                ),
                Row(
                    "do somebody's to-do",
                    "RPC action_done",
                    Rpc(
                        "mail.activity", "action_done", [self.activity.id], changes=True
                    ),
                    KEEPERS,
                ),
                Row(
                    "delete somebody's to-do",
                    "RPC unlink of mail.activity",
                    Rpc("mail.activity", "unlink", [self.activity.id], changes=True),
                    KEEPERS,
                ),
                Row(
                    "make a colleague follow the card",
                    "RPC message_subscribe",
                    Rpc(
                        "res.partner",
                        "message_subscribe",
                        [card.id],
                        self.employee.partner_id.ids,
                        changes="only",
                    ),
                    "",
                ),
                Row(
                    "let the customer follow an open document, and look",
                    "RPC message_subscribe, message_get_followers",
                    Steps(
                        lambda _: Rpc(
                            "res.partner", "message_subscribe", [free.id], [card.id]
                        ),
                        lambda _: Rpc(
                            "res.partner", "message_get_followers", [free.id]
                        ),
                        granted=lambda answer: "office@alpha" in answer.text,
                        changes="anyway",
                    ),
                    READERS,
                    names_known=True,
                ),
                Row(
                    "write to the customer on an open document, and look",
                    "/mail/message/post",
                    JsonRoute(
                        "/mail/message/post",
                        {
                            "thread_model": "res.partner",
                            "thread_id": free.id,
                            "post_data": {
                                "body": "Hello",
                                "message_type": "comment",
                                "subtype_xmlid": "mail.mt_comment",
                                "partner_ids": card.ids,
                            },
                        },
                        granted=lambda answer: "office@alpha" in answer.text,
                        changes="anyway",
                    ),
                    READERS,
                    names_known=True,
                ),
                Row(
                    "talk to the customer in a channel, and look",
                    "RPC add_members, /discuss/channel/members",
                    Steps(
                        lambda _: Rpc(
                            "discuss.channel",
                            "create",
                            {"name": "Talk", "channel_type": "group"},
                        ),
                        lambda answer: (
                            channel.update(channel_id=answer.result)
                            or Rpc(
                                "discuss.channel",
                                "add_members",
                                [answer.result],
                                partner_ids=card.ids,
                            )
                        ),
                        lambda _: JsonRoute(
                            "/discuss/channel/members",
                            {**channel, "known_member_ids": []},
                        ),
                        granted=lambda answer: "alpha.example" in answer.text,
                        changes="anyway",
                        over_http=True,
                    ),
                    READERS,
                    names_known=True,
                ),
            ]
        )
