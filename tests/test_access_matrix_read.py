"""P03, P04, A06, A07, A10: who sees a card, by whichever path.

See ``access_matrix.py`` for the roles and for what a cell asserts.
"""

import json
from urllib.parse import quote

from access_matrix import (
    INTERNAL,
    KEEPERS,
    READERS,
    AccessMatrixCase,
    Http,
    Json2,
    JsonRoute,
    Row,
    Rpc,
)

from odoo.tests import tagged

# A portal user reads his own company, as in plain Odoo.
WITH_PORTAL = READERS + "T"
# The base record rule lets everybody read the partners of internal users.
SPEC = {"name": {}, "email": {}, "phone": {}}


@tagged("post_install", "-at_install")
class TestReadMatrix(AccessMatrixCase):
    def test_read_by_id(self):
        """P04, A07: the card, its contacts and its addresses, opened by id."""
        card, contact, address = (
            self.card_east.id,
            self.contact_east.id,
            self.address_east.id,
        )
        tree = {**SPEC, "child_ids": {"fields": SPEC}, "bank_ids": {"fields": {}}}
        self.assert_matrix(
            [
                Row(
                    "read the card",
                    "RPC read",
                    Rpc("res.partner", "read", [card], ["name", "email"], sees=True),
                    WITH_PORTAL,
                ),
                Row(
                    "read a contact",
                    "RPC read",
                    Rpc("res.partner", "read", [contact], ["phone"], sees=True),
                    WITH_PORTAL,
                ),
                Row(
                    "read a delivery address",
                    "RPC read",
                    Rpc("res.partner", "read", [address], ["street"], sees=True),
                    WITH_PORTAL,
                ),
                Row(
                    "read the name only",
                    "RPC read display_name",
                    Rpc("res.partner", "read", [card], ["display_name"], sees=True),
                    WITH_PORTAL,
                ),
                Row(
                    "open the form",
                    "RPC nested web_read",
                    Rpc(
                        "res.partner", "web_read", [card], specification=tree, sees=True
                    ),
                    READERS,
                ),
                Row(
                    "open the form with a forged context",
                    "RPC web_read",
                    Rpc(
                        "res.partner",
                        "web_read",
                        [card],
                        specification=SPEC,
                        context={
                            "customer_card_trust": True,
                            "approval_door": True,
                            "su": True,
                            "bypass_search_access": True,
                            "uid": 1,
                            "active_test": False,
                            "allowed_company_ids": [],
                        },
                        sees=True,
                    ),
                    WITH_PORTAL,
                ),
                Row(
                    "read the card",
                    "JSON-2 read",
                    Json2(
                        "res.partner",
                        "read",
                        {"ids": [card], "fields": ["email"]},
                        sees=True,
                    ),
                    WITH_PORTAL,
                ),
                Row(
                    "open the form with changed values",
                    "RPC onchange of an existing card",
                    Rpc(
                        "res.partner",
                        "onchange",
                        [card],
                        {"website": "www"},
                        ["website"],
                        {**SPEC, "street": {}, "child_ids": {"fields": SPEC}},
                        granted=lambda answer: True,
                    ),
                    KEEPERS,
                ),
                Row(
                    "new contact below the card, address taken over",
                    "RPC onchange of parent_id",
                    Rpc(
                        "res.partner",
                        "onchange",
                        [],
                        {"parent_id": card, "type": "contact"},
                        ["parent_id"],
                        {"parent_id": {"fields": {}}, "street": {}, "lang": {}},
                        granted=lambda answer: "Hidden Street" in answer.text,
                    ),
                    READERS,
                ),
                Row(
                    "avatar card, by a click on a name",
                    "/mail/data avatar_card",
                    JsonRoute(
                        "/mail/data",
                        {
                            "fetch_params": [
                                ["avatar_card", {"id": card, "model": "res.partner"}]
                            ]
                        },
                        sees=True,
                    ),
                    READERS,
                ),
                Row(
                    "reload the page",
                    "/web/action/load_breadcrumbs",
                    JsonRoute(
                        "/web/action/load_breadcrumbs",
                        {"actions": [{"model": "res.partner", "resId": card}]},
                        sees=True,
                    ),
                    WITH_PORTAL,
                ),
                Row(
                    "addresses for a document",
                    "RPC address_get",
                    Rpc("res.partner", "address_get", [card], ["delivery"]),
                    WITH_PORTAL,
                ),
                Row(
                    "the picture",
                    "/web/image",
                    Http(
                        f"/web/image/res.partner/{card}/image_1920",
                        granted=lambda answer: (
                            "IDAT" in answer.text and len(answer.text) < 150
                        ),
                    ),
                    WITH_PORTAL,
                ),
                Row(
                    "bank account",
                    "RPC read",
                    Rpc(
                        "res.partner.bank",
                        "read",
                        [self.bank.id],
                        ["acc_number"],
                        sees=True,
                    ),
                    READERS,
                ),
                Row(
                    "the portal user",
                    "RPC read of res.users",
                    Rpc(
                        "res.users",
                        "read",
                        [self.portal_user.id],
                        ["login", "email"],
                        sees=True,
                    ),
                    WITH_PORTAL,
                ),
                Row(
                    "history of the card",
                    "RPC search_read of the ledger",
                    Rpc(
                        "customer.card.event",
                        "search_read",
                        [("partner_id", "=", card)],
                        ["partner_name", "kind"],
                        sees=True,
                    ),
                    KEEPERS + "K",
                ),
            ]
        )

    def test_search(self):
        """A07: searching finds nothing of somebody else's customers."""
        card = self.card_east.id
        by_mail = [("email", "ilike", "alpha.example")]

        def some(answer):
            return bool(answer.result)

        self.assert_matrix(
            [
                Row(
                    "list",
                    "RPC web_search_read by name",
                    Rpc(
                        "res.partner",
                        "web_search_read",
                        [("name", "ilike", "alpha")],
                        specification=SPEC,
                        sees=True,
                    ),
                    WITH_PORTAL,
                ),
                Row(
                    "list",
                    "RPC search_read by e-mail",
                    Rpc("res.partner", "search_read", by_mail, ["name"], sees=True),
                    WITH_PORTAL,
                ),
                Row(
                    "list",
                    "JSON-2 search_read by phone",
                    Json2(
                        "res.partner",
                        "search_read",
                        {"domain": [["phone", "ilike", "290 34"]], "fields": ["name"]},
                        sees=True,
                    ),
                    WITH_PORTAL,
                ),
                Row(
                    "search by part of a phone number",
                    "RPC search",
                    Rpc(
                        "res.partner",
                        "search",
                        [("phone_mobile_search", "ilike", "2903490")],
                        granted=some,
                    ),
                    WITH_PORTAL,
                ),
                Row(
                    "count as an oracle",
                    "RPC search_count by VAT",
                    Rpc(
                        "res.partner",
                        "search_count",
                        [("vat", "=", "BE0477472701")],
                        granted=some,
                    ),
                    WITH_PORTAL,
                ),
                Row(
                    "archived ones too",
                    "RPC search with active_test",
                    Rpc(
                        "res.partner",
                        "search",
                        [*by_mail, ("active", "in", [True, False])],
                        context={"active_test": False},
                        granted=some,
                    ),
                    WITH_PORTAL,
                ),
                Row(
                    "choose in a many2one",
                    "RPC name_search by name",
                    Rpc("res.partner", "name_search", "alpha", sees=True),
                    WITH_PORTAL,
                ),
                Row(
                    "choose in a many2one",
                    "RPC name_search by reference",
                    Rpc("res.partner", "name_search", "ALPHA", sees=True),
                    WITH_PORTAL,
                ),
                Row(
                    "choose in a many2one",
                    "RPC web_name_search by VAT",
                    Rpc(
                        "res.partner",
                        "web_name_search",
                        "BE0477472701",
                        specification={"display_name": {}},
                        sees=True,
                    ),
                    WITH_PORTAL,
                ),
                Row(
                    "group",
                    "RPC formatted_read_group with array_agg",
                    Rpc(
                        "res.partner",
                        "formatted_read_group",
                        by_mail,
                        ["parent_id"],
                        ["id:array_agg", "__count"],
                        granted=some,
                    ),
                    WITH_PORTAL,
                ),
                Row(
                    "group",
                    "RPC web_read_group with opened groups",
                    Rpc(
                        "res.partner",
                        "web_read_group",
                        by_mail,
                        ["card_state"],
                        auto_unfold=True,
                        unfold_read_specification=SPEC,
                        granted=lambda answer: (
                            answer.result["length"]
                            and "alpha.example.com" in answer.text
                        ),
                    ),
                    # no field of a card is there for him
                    READERS,
                ),
                Row(
                    "group, the old way",
                    "RPC read_group",
                    Rpc(
                        "res.partner",
                        "read_group",
                        by_mail,
                        ["email:array_agg"],
                        ["country_id"],
                        sees=True,
                    ),
                    WITH_PORTAL,
                ),
                Row(
                    "the tree below",
                    "RPC search child_of",
                    Rpc(
                        "res.partner",
                        "search",
                        [("id", "child_of", card)],
                        granted=some,
                    ),
                    WITH_PORTAL,
                ),
                Row(
                    "the company above a contact",
                    "RPC search parent_of",
                    Rpc(
                        "res.partner",
                        "search",
                        [("id", "parent_of", self.contact_east.id)],
                        granted=some,
                    ),
                    WITH_PORTAL,
                ),
                Row(
                    "by a path from a tag",
                    "RPC search any",
                    Rpc(
                        "res.partner.category",
                        "search_count",
                        [("partner_ids", "any", by_mail)],
                        granted=some,
                    ),
                    READERS,
                ),
                Row(
                    "by the path of a bank account",
                    "RPC search_read",
                    Rpc(
                        "res.partner.bank",
                        "search_read",
                        [("partner_id.email", "ilike", "alpha")],
                        ["acc_number", "acc_holder_name"],
                        sees=True,
                    ),
                    READERS,
                ),
                Row(
                    "the contacts of a tag",
                    "RPC web_read of a many2many",
                    Rpc(
                        "res.partner.category",
                        "web_read",
                        [self.tag.id],
                        specification={"partner_ids": {"fields": SPEC}},
                        sees=True,
                    ),
                    READERS,
                ),
                Row(
                    "the portal user",
                    "RPC search_read of res.users by e-mail",
                    Rpc(
                        "res.users",
                        "search_read",
                        [("login", "ilike", "alpha")],
                        ["login", "name"],
                        sees=True,
                    ),
                    WITH_PORTAL,
                ),
                Row(
                    "mention",
                    "RPC get_mention_suggestions",
                    Rpc("res.partner", "get_mention_suggestions", "Alpha", sees=True),
                    WITH_PORTAL,
                ),
                Row(
                    "whose e-mail is this",
                    "/mail/partner/from_email",
                    JsonRoute(
                        "/mail/partner/from_email",
                        {
                            "thread_model": "res.partner",
                            "thread_id": self.free_partner.id,
                            "emails": ["office@alpha.example.com"],
                        },
                        # the refusal offers to ask for the card of this e-mail
                        typed="office@alpha.example.com",
                        granted=lambda answer: "Alpha Foods" in answer.text,
                    ),
                    WITH_PORTAL,
                ),
                Row(
                    "which of these e-mails is a customer's",
                    "/mail/partner/from_email",
                    JsonRoute(
                        "/mail/partner/from_email",
                        {
                            "thread_model": "res.partner",
                            "thread_id": self.free_partner.id,
                            "emails": [
                                "nobody@beta.example",
                                "office@alpha.example.com",
                            ],
                        },
                        granted=lambda answer: "Alpha Foods" in answer.text,
                        changes="anyway",
                    ),
                    WITH_PORTAL,
                ),
                Row(
                    "filters of a list",
                    "RPC search_panel_select_range with counts",
                    Rpc(
                        "res.partner",
                        "search_panel_select_range",
                        "parent_id",
                        enable_counters=True,
                        search_domain=by_mail,
                        sees=True,
                    ),
                    WITH_PORTAL,
                ),
            ]
        )

    def test_take_out(self):
        """A10: files and prints leave through the keepers of the card only."""
        card = self.card_east.id

        def export(**more):
            params = {
                "model": "res.partner",
                "fields": [{"name": name, "label": name} for name in ("name", "email")],
                "ids": False,
                "domain": [],
                "import_compat": False,
                **more,
            }
            return Http("/web/export/csv", {"data": json.dumps(params)}, sees=True)

        report = self.report.report_name
        self.assert_matrix(
            [
                Row("export the card", "/web/export/csv", export(ids=[card]), KEEPERS),
                Row(
                    "export what a search finds",
                    "/web/export/csv",
                    export(domain=[("email", "ilike", "example.com")]),
                    KEEPERS,
                ),
                Row(
                    "export the card",
                    "RPC export_data",
                    Rpc(
                        "res.partner",
                        "export_data",
                        [card],
                        ["name", "email"],
                        sees=True,
                    ),
                    KEEPERS,
                ),
                Row(
                    "export the card's contacts as columns",
                    "RPC export_data of a path",
                    Rpc(
                        "res.partner",
                        "export_data",
                        [card],
                        ["child_ids/email"],
                        sees=True,
                    ),
                    KEEPERS,
                ),
                Row(
                    "export bank accounts with the customer's e-mail",
                    "RPC export_data of another model",
                    Rpc(
                        "res.partner.bank",
                        "export_data",
                        [self.bank.id],
                        ["partner_id/email"],
                        sees=True,
                    ),
                    KEEPERS,
                ),
                Row(
                    "export",
                    "JSON-2 export_data",
                    Json2(
                        "res.partner",
                        "export_data",
                        {"ids": [card], "fields_to_export": ["email"]},
                        sees=True,
                    ),
                    KEEPERS,
                ),
                Row(
                    "one address book entry",
                    "/web/partner/vcard",
                    Http(f"/web/partner/vcard?partner_ids={card}", sees=True),
                    KEEPERS + "T",
                ),
                Row(
                    "one address book entry",
                    "/web_enterprise/partner/…/vcard",
                    Http(
                        f"/web_enterprise/partner/{self.contact_east.id}/vcard",
                        sees=True,
                    ),
                    KEEPERS + "T",
                ),
                Row(
                    "print a sheet",
                    "/report/html",
                    Http(f"/report/html/{report}/{card}", sees=True),
                    KEEPERS + "T",
                ),
                Row(
                    "print a sheet",
                    "/report/text",
                    Http(f"/report/text/{report}/{card}", sees=True),
                    KEEPERS + "T",
                ),
                Row(
                    "print a sheet with a forged context",
                    "/report/html",
                    Http(
                        f"/report/html/{report}/{card}?context="
                        + quote(json.dumps({"customer_card_trust": True, "su": True})),
                        sees=True,
                    ),
                    KEEPERS + "T",
                ),
                Row(
                    "copy the card to a contact that is open to all",
                    "RPC copy",
                    Rpc("res.partner", "copy", [card], changes=True),
                    KEEPERS,
                ),
                Row(
                    "the values of a copy",
                    "RPC copy_data",
                    Rpc("res.partner", "copy_data", [card], sees=True),
                    KEEPERS,
                ),
                Row(
                    "a file of the card",
                    "/web/content of an attachment",
                    Http(f"/web/content/{self.attachment.id}", sees=True),
                    READERS,
                ),
                Row(
                    "a file of the card",
                    "RPC search_read of attachments",
                    Rpc(
                        "ir.attachment",
                        "search_read",
                        [("res_model", "=", "res.partner"), ("res_id", "=", card)],
                        ["name", "raw"],
                        sees=True,
                    ),
                    READERS,
                ),
            ]
        )

    def test_read_chatter(self):
        """A10: talk, followers and to-dos of a card are as hidden as the card."""
        card, free = self.card_east.id, self.free_partner.id
        self.assert_matrix(
            [
                Row(
                    "messages",
                    "RPC search_read",
                    Rpc(
                        "mail.message",
                        "search_read",
                        [("body", "ilike", "alpha-secret")],
                        ["body", "record_name"],
                        sees=True,
                    ),
                    READERS,
                ),
                Row(
                    "messages",
                    "RPC read by id",
                    Rpc("mail.message", "read", [self.message.id], ["body"], sees=True),
                    READERS,
                ),
                Row(
                    "messages",
                    "/mail/thread/messages",
                    JsonRoute(
                        "/mail/thread/messages",
                        {"thread_model": "res.partner", "thread_id": card},
                        granted=lambda answer: "alpha-secret" in answer.text,
                    ),
                    READERS,
                    names_known=True,
                ),
                Row(
                    "open the chatter",
                    "/mail/data",
                    JsonRoute(
                        "/mail/data",
                        {
                            "fetch_params": [
                                [
                                    "mail.thread",
                                    {
                                        "thread_model": "res.partner",
                                        "thread_id": card,
                                        "request_list": [
                                            "activities",
                                            "attachments",
                                            "followers",
                                            "suggestedRecipients",
                                        ],
                                    },
                                ]
                            ]
                        },
                        sees=True,
                    ),
                    READERS,
                ),
                Row(
                    "to-dos",
                    "RPC search_read",
                    Rpc(
                        "mail.activity",
                        "search_read",
                        [("summary", "ilike", "alpha-secret")],
                        ["summary", "res_name"],
                        sees=True,
                    ),
                    KEEPERS,
                ),
                Row(
                    "activity view",
                    "RPC get_activity_data",
                    Rpc(
                        "mail.activity",
                        "get_activity_data",
                        "res.partner",
                        [("id", "=", card)],
                        granted=lambda answer: (
                            card in answer.result["activity_res_ids"]
                        ),
                    ),
                    KEEPERS,
                ),
                Row(
                    "the customer follows an open document",
                    "RPC search_read of followers by e-mail",
                    Rpc(
                        "mail.followers",
                        "search_read",
                        [("email", "ilike", "alpha")],
                        ["name", "email"],
                        sees=True,
                    ),
                    READERS,
                ),
                Row(
                    "the customer follows an open document",
                    "RPC read of a follower",
                    Rpc(
                        "mail.followers",
                        "read",
                        [self.follower.id],
                        ["email"],
                        sees=True,
                    ),
                    READERS,
                ),
                Row(
                    "the customer follows an open document",
                    "RPC message_get_followers",
                    Rpc("res.partner", "message_get_followers", [free], sees=True),
                    READERS,
                ),
                Row(
                    "the customer was written to on an open document",
                    "/mail/thread/messages",
                    JsonRoute(
                        "/mail/thread/messages",
                        {"thread_model": "res.partner", "thread_id": free},
                        granted=lambda answer: "alpha.example" in answer.text,
                    ),
                    READERS,
                    names_known=True,
                ),
                Row(
                    "the customer was written to on an open document",
                    "RPC search_read of notifications",
                    Rpc(
                        "mail.notification",
                        "search_read",
                        [("res_partner_id.email", "ilike", "alpha")],
                        ["res_partner_id", "mail_email_address"],
                        sees=True,
                    ),
                    READERS,
                ),
                Row(
                    "documents that the customer follows",
                    "RPC search by a follower's phone",
                    Rpc(
                        "res.partner",
                        "search",
                        [
                            ("id", "=", free),
                            ("message_partner_ids.phone", "ilike", "290 34"),
                        ],
                        granted=lambda answer: answer.result,
                    ),
                    READERS,
                ),
                Row(
                    "documents that the customer follows",
                    "RPC search by a follower's name",
                    Rpc(
                        "res.partner",
                        "search",
                        [("id", "=", free), ("message_partner_ids", "ilike", "Ada")],
                        granted=lambda answer: answer.result,
                    ),
                    READERS,
                ),
                Row(
                    "messages to the customer",
                    "RPC search by a recipient's phone",
                    Rpc(
                        "mail.message",
                        "search",
                        [("partner_ids.phone", "ilike", "290 34")],
                        granted=lambda answer: answer.result,
                    ),
                    READERS,
                ),
                Row(
                    "open the chatter of an open document",
                    "/mail/data",
                    JsonRoute(
                        "/mail/data",
                        {
                            "fetch_params": [
                                [
                                    "mail.thread",
                                    {
                                        "thread_model": "res.partner",
                                        "thread_id": free,
                                        "request_list": [
                                            "activities",
                                            "attachments",
                                            "followers",
                                            "suggestedRecipients",
                                        ],
                                    },
                                ]
                            ]
                        },
                    ),
                    INTERNAL + "T",
                ),
                Row(
                    "answer on an open document",
                    "/mail/thread/recipients",
                    JsonRoute(
                        "/mail/thread/recipients",
                        {
                            "thread_model": "res.partner",
                            "thread_id": free,
                            "message_id": self.open_message.id,
                        },
                    ),
                    INTERNAL,
                ),
                Row(
                    "recipients of an answer",
                    "/mail/thread/recipients/get_suggested_recipients",
                    JsonRoute(
                        "/mail/thread/recipients/get_suggested_recipients",
                        {
                            "thread_model": "res.partner",
                            "thread_id": free,
                            "partner_ids": [card],
                        },
                        sees=True,
                    ),
                    READERS,
                ),
                Row(
                    "a template shown for the card",
                    "RPC mail.template.preview",
                    Rpc(
                        "mail.template.preview",
                        "onchange",
                        [],
                        {
                            "mail_template_id": self.template.id,
                            "resource_ref": f"res.partner,{card}",
                        },
                        ["resource_ref"],
                        {"email_to": {}, "subject": {}, "body_html": {}},
                        sees=True,
                    ),
                    READERS,
                ),
                Row(
                    "compose a message about the card",
                    "RPC onchange of mail.compose.message",
                    Rpc(
                        "mail.compose.message",
                        "onchange",
                        [],
                        {
                            "model": "res.partner",
                            "res_ids": repr([card]),
                            "composition_mode": "comment",
                            "template_id": self.template.id,
                        },
                        ["template_id"],
                        {"body": {}, "subject": {}, "partner_ids": {"fields": SPEC}},
                        sees=True,
                    ),
                    READERS,
                ),
            ]
        )

    def test_documented_policy(self):
        """What stays visible, on purpose: the display name behind a many2one, and all
        that is no card."""
        colleague = self.manager_east
        # a colleague may be a contact of the customer: his own partner stays open
        insider = self.employee.partner_id
        insider.parent_id = self.card_east
        self.assert_matrix(
            [
                Row(
                    "the name of the company that a colleague belongs to",
                    "RPC web_read of a many2one",
                    Rpc(
                        "res.partner",
                        "web_read",
                        [insider.id],
                        specification={"parent_id": {"fields": {"display_name": {}}}},
                        sees=True,
                    ),
                    INTERNAL + "TU",
                ),
                Row(
                    "nothing but the name of it",
                    "RPC web_read below a many2one",
                    Rpc(
                        "res.partner",
                        "web_read",
                        [insider.id],
                        specification={"parent_id": {"fields": {"email": {}}}},
                        sees=True,
                    ),
                    READERS + "T",
                    names_known=True,
                ),
                Row(
                    "nothing but the name of it, with the keys of an address label",
                    "RPC read of a many2one",
                    Rpc(
                        "res.partner",
                        "read",
                        [insider.id],
                        ["parent_id"],
                        context={
                            "address_inline": True,
                            "show_address": True,
                            "show_email": True,
                            "show_vat": True,
                            "partner_show_db_id": True,
                            "formatted_display_name": True,
                        },
                        sees=True,
                    ),
                    INTERNAL + "TU",
                ),
                Row(
                    "colleagues",
                    "RPC read of res.users",
                    Rpc("res.users", "read", [colleague.id], ["name", "email"]),
                    INTERNAL + "U",
                ),
                Row(
                    "contact of a colleague",
                    "RPC read",
                    Rpc("res.partner", "read", [colleague.partner_id.id], ["email"]),
                    INTERNAL + "U",
                ),
                Row(
                    "the own company",
                    "RPC read",
                    Rpc(
                        "res.partner", "read", self.env.company.partner_id.ids, ["name"]
                    ),
                    INTERNAL + "U",
                ),
                Row(
                    "a supplier without a card",
                    "RPC read",
                    Rpc("res.partner", "read", [self.free_partner.id], ["email"]),
                    INTERNAL + "U",
                ),
            ]
        )

    @classmethod
    def make_belongings(cls):
        super().make_belongings()
        cls.partner_model = cls.env["ir.model"]._get("res.partner")
        cls.template = cls.env["mail.template"].create(
            {
                "name": "Card",
                "model_id": cls.partner_model.id,
                "subject": "{{ object.email }}",
                "body_html": "<p t-out='object.phone'/>",
                "use_default_to": True,
            }
        )
