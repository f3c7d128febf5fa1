"""A06, A11, A12, K16, P04: who reads and who changes the profile of a card, its habits
and its entries, by whichever path.

See ``access_matrix.py`` for the roles and for what a cell asserts.
"""

from access_matrix import KEEPERS, READERS, AccessMatrixCase, Json2, Row, Rpc

from odoo import Command
from odoo.tests import new_test_user, tagged

from odoo.addons.customer_card.models.res_partner_habits import HABIT_FIELDS
from odoo.addons.customer_card.models.res_partner_profile import PROFILE_FIELDS

SECRET = "alpha-secret"
# The superuser passes all rules; portal users have no access to the lines at all.
RELATIVE, COMPETITOR = "customer.card.relative", "customer.card.competitor"


class ProfileCase(AccessMatrixCase):
    @classmethod
    def make_belongings(cls):
        super().make_belongings()
        cls.contact_east.write(
            {
                "contact_role": "handler",
                "hobbies": f"{SECRET} sailing",
                "relative_ids": [
                    Command.create({"name": f"{SECRET} son", "relation": "child"})
                ],
            }
        )
        cls.relative = cls.contact_east.relative_ids
        cls.card_east.write(
            {
                "legal_form": f"{SECRET} cooperative",
                "habit_purchase": f"{SECRET} habit",
                "competitor_ids": [
                    Command.create({"brand": f"{SECRET} brand", "spend_share": 40})
                ],
            }
        )
        cls.competitor = cls.card_east.competitor_ids
        cls.struck = cls.env["res.partner"].create(
            {"name": "Ada Alpha", "parent_id": cls.card_east.id, "active": False}
        )
        cls.other_line = cls.env[COMPETITOR].create(
            {"partner_id": cls.card_west.id, "brand": "Western brand"}
        )


@tagged("post_install", "-at_install")
class TestProfileMatrix(ProfileCase):
    def test_read(self):
        """A07: whoever may open the card, and nobody else; no portal user reads what
        is noted about himself."""
        relative, competitor = self.relative, self.competitor
        self.assert_matrix(
            [
                Row(
                    "read the profile of a contact",
                    "RPC read",
                    Rpc(
                        "res.partner",
                        "read",
                        [self.contact_east.id],
                        ["hobbies"],
                        sees=True,
                    ),
                    READERS,
                ),
                Row(
                    "find by a hobby",
                    "RPC search_count",
                    Rpc(
                        "res.partner",
                        "search_count",
                        [("hobbies", "ilike", SECRET)],
                        granted=lambda answer: answer.result == 1 or answer.text == "1",
                    ),
                    READERS,
                ),
                Row(
                    "read relatives through the contact",
                    "RPC web_read",
                    Rpc(
                        "res.partner",
                        "web_read",
                        [self.contact_east.id],
                        specification={"relative_ids": {"fields": {"name": {}}}},
                        sees=True,
                    ),
                    READERS,
                ),
                *(
                    Row(
                        f"read {line._name} directly",
                        f"RPC {method}",
                        Rpc(line._name, method, *args, sees=True),
                        READERS,
                    )
                    for line, name in ((relative, "name"), (competitor, "brand"))
                    for method, args in (
                        ("read", ([line.id], [name])),
                        ("search_read", ([], [name])),
                        ("formatted_read_group", ([], [name], ["__count"])),
                        ("name_search", (SECRET,)),
                    )
                ),
                Row(
                    "read competitors",
                    "JSON-2 search_read",
                    Json2(
                        COMPETITOR,
                        "search_read",
                        {"domain": [], "fields": ["brand"]},
                        sees=True,
                    ),
                    READERS,
                ),
            ]
        )

    def test_write(self):
        """A06: only the keepers fill in the card, line by line or with its form."""
        relative, competitor = self.relative, self.competitor
        card, contact = self.card_east, self.contact_east

        def change(partner, values):
            return Rpc("res.partner", "write", [partner.id], values, changes=True)

        self.assert_matrix(
            [
                Row(
                    "write the profile",
                    "RPC write",
                    change(contact, {"hobbies": "chess", "contact_role": "finance"}),
                    KEEPERS,
                ),
                Row(
                    "write the habits",
                    "RPC write",
                    change(card, {"brand_attitude": "loyal"}),
                    KEEPERS,
                ),
                Row(
                    "add a competitor",
                    "RPC write of the card",
                    change(card, {"competitor_ids": [(0, 0, {"brand": "X"})]}),
                    KEEPERS,
                ),
                Row(
                    "change a competitor",
                    "RPC write of the card",
                    change(
                        card, {"competitor_ids": [(1, competitor.id, {"brand": "X"})]}
                    ),
                    KEEPERS,
                ),
                Row(
                    "delete a competitor",
                    "RPC write of the card",
                    change(card, {"competitor_ids": [(2, competitor.id)]}),
                    KEEPERS,
                ),
                Row(
                    "change a relative",
                    "RPC write of the company",
                    change(
                        card,
                        {
                            "child_ids": [
                                (
                                    1,
                                    contact.id,
                                    {"relative_ids": [(1, relative.id, {"name": "X"})]},
                                )
                            ]
                        },
                    ),
                    KEEPERS,
                ),
                Row(
                    "add a relative",
                    "RPC create",
                    Rpc(
                        RELATIVE,
                        "create",
                        [{"partner_id": contact.id, "name": "X"}],
                        changes=True,
                    ),
                    KEEPERS,
                ),
                *(
                    Row(
                        f"{method} {line._name}",
                        "RPC",
                        Rpc(line._name, method, [line.id], *args, changes=True),
                        KEEPERS,
                    )
                    for line in (relative, competitor)
                    for method, args in (
                        ("write", ({"note": "X"},)),
                        ("unlink", ()),
                        ("action_strike_out", ()),
                    )
                ),
                Row(
                    "restore a contact",
                    "RPC button",
                    Rpc(
                        "res.partner",
                        "action_card_restore",
                        [self.struck.id],
                        changes=True,
                    ),
                    KEEPERS,
                ),
                Row(
                    "ask to strike a contact out",
                    "RPC button",
                    Rpc("res.partner", "action_card_strike_out", [contact.id]),
                    KEEPERS,
                ),
            ]
        )


@tagged("post_install", "-at_install")
class TestProfilePaths(ProfileCase):
    def test_portal_user_and_his_own_contact(self):
        """P04: he reads his address, and no field of the card, by whatever path."""
        partner = self.portal_contact
        partner.write({"hobbies": SECRET, "street": "Portal Street 1"})
        self.env.flush_all()
        read = self.call("T", "res.partner", "read", partner.ids, ["name", "street"])
        self.assertEqual(read[0]["street"], "Portal Street 1")
        hidden = [
            name
            for name in self.env["res.partner"]._fields
            if name.startswith("card_") or name in (*PROFILE_FIELDS, *HABIT_FIELDS)
        ] + ["relative_ids", "competitor_ids", "age", "next_birthday"]
        self.assertIn("card_state", hidden)
        self.assertIn("card_custodian_id", hidden)
        for name in hidden:
            with self.subTest(field=name):
                answer = self.try_call("T", "res.partner", "read", partner.ids, [name])
                self.assertEqual(answer.error, "AccessError")
        described = self.call("T", "res.partner", "fields_get")
        self.assertFalse(set(hidden) & set(described))
        for domain in ([("hobbies", "=", SECRET)], [("card_state", "!=", False)]):
            answer = self.try_call("T", "res.partner", "search", domain)
            self.assertEqual(answer.error, "AccessError")
        internal = self.call("C", "res.partner", "read", partner.ids, hidden)[0]
        self.assertEqual(internal["hobbies"], SECRET)

    def test_portal_user_edits_his_address_as_in_plain_odoo(self):
        """Odoo's own pages write as superuser in the name of the portal user."""
        partner = self.portal_contact.with_user(self.portal_user)
        partner.sudo().write({"street": "New Street 2", "phone": "12"})
        child = (
            self.env["res.partner"]
            .with_user(self.portal_user)
            .sudo()
            .create({"name": "Home", "type": "delivery", "parent_id": partner.id})
        )
        self.assertEqual(partner.street, "New Street 2")
        self.assertEqual(child.card_root_id, self.card_east)
        answer = self.try_call(
            "T", "res.partner", "write", self.portal_contact.ids, {"street": "X"}
        )
        self.assertEqual(answer.error, "AccessError", "as in plain Odoo")

    def test_accountant_reads_and_does_not_edit(self):
        """The record rule lets him write partners; of the profile he writes nothing."""
        group = self.env.ref("account.group_account_invoice", False)
        if not group:
            group = self.env["res.groups"].create({"name": "Invoicing"})
            self.env["ir.model.data"].create(
                {
                    "module": "account",
                    "name": "group_account_invoice",
                    "model": "res.groups",
                    "res_id": group.id,
                }
            )
        user = new_test_user(
            self.env,
            "test_accountant",
            groups="base.group_user,base.group_partner_manager",
        )
        user.group_ids += group
        self.env.flush_all()
        self.users = {**self.users, "F": user}
        card, line = self.card_east, self.competitor
        self.assertEqual(
            self.call("F", COMPETITOR, "read", line.ids, ["brand"])[0]["brand"],
            line.brand,
        )
        for model, method, *args in (
            ("res.partner", "write", card.ids, {"hobbies": "X"}),
            ("res.partner", "write", card.ids, {"competitor_ids": [(2, line.id)]}),
            ("res.partner", "action_card_strike_out", self.contact_east.ids),
            (COMPETITOR, "write", line.ids, {"brand": "X"}),
            (COMPETITOR, "create", [{"partner_id": card.id, "brand": "X"}]),
            (COMPETITOR, "action_strike_out", line.ids),
            (COMPETITOR, "unlink", line.ids),
        ):
            with self.subTest(model=model, method=method):
                answer = self.try_call("F", model, method, *args)
                self.assertEqual(answer.error, "AccessError", answer.text[:1000])

    def test_an_entry_stays_with_its_customer(self):
        """The rules check before a write, so the target is checked in Python: nobody
        moves an entry, nor reaches for that of another customer."""
        mine, other = self.competitor, self.other_line
        west = self.card_west.id
        for role, model, method, *args in (
            ("C", COMPETITOR, "write", mine.ids, {"partner_id": west}),
            ("R", COMPETITOR, "write", mine.ids, {"partner_id": west}),
            ("C", COMPETITOR, "write", mine.ids, {"partner_id": self.free_partner.id}),
            ("C", "res.partner", "write", self.card_east.ids)
            + ({"competitor_ids": [(4, other.id)]},),
            ("C", "res.partner", "write", self.card_east.ids)
            + ({"competitor_ids": [(6, 0, other.ids)]},),
            ("C", "res.partner", "write", self.card_east.ids)
            + ({"competitor_ids": [(1, other.id, {"brand": "X"})]},),
            ("C", "res.partner", "write", self.card_east.ids)
            + ({"competitor_ids": [(2, other.id)]},),
            ("R", "res.partner", "write", self.card_east.ids)
            + ({"competitor_ids": [(4, other.id)]},),
            ("S", "res.partner", "write", self.free_partner.ids)
            + ({"competitor_ids": [(4, mine.id)]},),
            ("C", COMPETITOR, "create", [{"partner_id": west, "brand": "X"}]),
        ):
            with self.subTest(role=role, method=method, args=args):
                answer = self.try_call(role, model, method, *args)
                self.assertIn(answer.error, ("AccessError", "UserError"), answer.text)
                self.assertNotIn("Western brand", answer.text if role == "C" else "")
                self.env.invalidate_all()
                self.assertEqual(mine.partner_id, self.card_east)
                self.assertEqual(other.partner_id, self.card_west)
                self.assertEqual(other.brand, "Western brand")

    def test_striking_a_contact_out(self):
        """P01: by whoever keeps the card, with a reason that stays on record."""
        contact = self.contact_east
        for role in "BKNST":
            with self.subTest(role=role):
                self._strike_out(role, contact)
                self.env.invalidate_all()
                self.assertTrue(contact.active)
        answer = self._strike_out("C", contact)
        self.assertFalse(answer.error, answer.text)
        self.env.invalidate_all()
        self.assertFalse(contact.active)
        read = self.call(
            "C", "res.partner", "read", contact.ids, ["card_struck_info", "active"]
        )[0]
        self.assertIn("left the company", read["card_struck_info"])
        self.assertIn("Custodian East", read["card_struck_info"])
        self.call("C", "res.partner", "action_card_restore", contact.ids)
        self.env.invalidate_all()
        self.assertTrue(contact.active)
        events = self.env["customer.card.event"].search(
            [("partner_id", "=", self.card_east.id), ("res_id", "=", contact.id)]
        )
        self.assertEqual(
            set(events.mapped("kind")), {"contact_struck_out", "contact_restored"}
        )

    def _strike_out(self, role, contact):
        answer = self.try_call(
            role,
            "customer.card.strike.out",
            "create",
            {"partner_ids": [(6, 0, contact.ids)], "reason": "left the company"},
        )
        if answer.error:
            return answer
        return self.try_call(
            role, "customer.card.strike.out", "action_confirm", [answer.result]
        )

    def test_a_borrower_who_reads_entries_directly_is_on_record(self):
        """P04, as for the customer himself."""
        Event = self.env["customer.card.event"]
        reads = [("kind", "=", "read"), ("user_id", "=", self.borrower_screen.id)]
        self.assertFalse(Event.search_count(reads))
        self.call("B", COMPETITOR, "search_count", [])
        self.env.invalidate_all()
        self.assertFalse(Event.search_count(reads), "counting all reads nothing")
        self.call("B", COMPETITOR, "read", self.competitor.ids, ["brand"])
        self.env.invalidate_all()
        event = Event.search(reads)
        self.assertEqual(event.partner_id, self.card_east)
        self.assertIn(COMPETITOR, event.path)
        self.call("C", COMPETITOR, "read", self.competitor.ids, ["brand"])
        self.assertFalse(
            Event.search_count(
                [("kind", "=", "read"), ("user_id", "=", self.custodian_east.id)]
            )
        )

    def test_a_borrower_who_groups_entries_is_on_record(self):
        self.call("B", RELATIVE, "formatted_read_group", [], ["name"], ["__count"])
        self.env.invalidate_all()
        event = self.env["customer.card.event"].search(
            [("kind", "=", "read"), ("user_id", "=", self.borrower_screen.id)]
        )
        self.assertEqual(event.partner_id, self.card_east)
