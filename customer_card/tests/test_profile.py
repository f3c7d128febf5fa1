from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from ..models.res_partner_habits import HABIT_FIELDS, HABIT_LINES
from ..models.res_partner_profile import PROFILE_FIELDS, PROFILE_LINES
from .common import CustomerCardCommon


@tagged("post_install", "-at_install")
class TestProfile(CustomerCardCommon):
    """A11, A12, K16: what the card says about organisations and persons."""

    def test_constants_name_fields_that_only_colleagues_read(self):
        Partner = self.env["res.partner"]
        for name in (*PROFILE_FIELDS, *PROFILE_LINES, *HABIT_FIELDS, *HABIT_LINES):
            with self.subTest(field=name):
                self.assertEqual(Partner._fields[name].groups, "base.group_user")
        for name, field in Partner._fields.items():
            if name.startswith("card_"):
                with self.subTest(field=name):
                    self.assertTrue(field.groups, "portal users read their contact")

    def test_custodian_fills_in_the_card(self):
        """A01, A11, A12: with the form that the web client uses."""
        card = self.card_east.with_user(self.custodian_east)
        with Form(card, "base.view_partner_form") as form:
            form.legal_form = "Cooperative"
            form.ownership = "private"
            form.main_products = "Preserves"
            form.brand_attitude = "switcher"
            form.habit_purchase = "Twice a year, the price comes first"
        self.assertEqual(card.legal_form, "Cooperative")
        self.assertTrue(card.card_profile_filled)
        self.assertTrue(card.card_habits_filled)
        contact = self.contact_east.with_user(self.custodian_east)
        with Form(contact, "base.view_partner_form") as form:
            form.contact_role = "legal_representative"
            form.hobbies = "Chess"
            form.personality = "Careful"
            form.home_address = "4 Elm Street"
            form.family_notes = "Two daughters"
            with form.relative_ids.new() as relative:
                relative.name = "Anna"
                relative.relation = "child"
                relative.birthdate_date = date(2010, 5, 4)
        self.assertEqual(contact.relative_ids.card_root_id, card)
        self.assertEqual(contact.contact_role, "legal_representative")

    def test_contact_in_the_small_dialog_of_the_company(self):
        card = self.card_east.with_user(self.custodian_east)
        with Form(card, "base.view_partner_form") as form:
            with form.child_ids.new() as contact:
                contact.name = "Hans Handler"
                contact.contact_role = "handler"
                contact.hobbies = "Jazz"
                contact.personality = "Quick"
        handler = card.child_ids.filtered(lambda p: p.name == "Hans Handler")
        self.assertEqual(handler.contact_role, "handler")
        self.assertEqual(handler.hobbies, "Jazz")

    def test_contacts_are_found_and_grouped_by_role(self):
        self.contact_east.contact_role = "handler"
        self.contact_west.contact_role = "handler"
        Partner = self.env["res.partner"].with_user(self.custodian_east)
        found = Partner.search([("contact_role", "=", "handler")])
        self.assertIn(self.contact_east, found)
        self.assertNotIn(self.contact_west, found, "another custodian's card")
        groups = dict(
            Partner._read_group(
                [("card_root_id", "=", self.card_east.id)],
                ["contact_role"],
                ["__count"],
            )
        )
        self.assertEqual(groups["handler"], 1)

    def test_other_peoples_contacts_stay_uncluttered(self):
        """The pages are there for cards and their contacts, elsewhere once filled."""
        free = self.free_partner.with_user(self.custodian_east)
        form = Form(free, "base.view_partner_form")
        self.assertTrue(form._get_modifier("legal_form", "invisible") is not None)
        self.assertFalse(free.card_profile_filled)
        self.assertFalse(free.card_habits_filled)
        free.legal_form = "Ltd"
        free.invalidate_recordset()
        self.assertTrue(free.card_profile_filled)

    def test_import_by_names_and_labels(self):
        """The labels are what a file has in its columns."""
        result = (
            self.env["res.partner"]
            .with_user(self.custodian_east)
            .load(
                [
                    "name",
                    "parent_id",
                    "contact_role",
                    "birthdate_date",
                    "hobbies",
                    "relative_ids/name",
                    "relative_ids/relation",
                ],
                [
                    [
                        "Ida",
                        "Alpha Foods",
                        "Finance",
                        "1980-02-29",
                        "Golf",
                        "Tom",
                        "Child",
                    ],
                    ["", "", "", "", "", "Tim", "Sibling"],
                ],
            )
        )
        self.assertTrue(result["ids"], result["messages"])
        partner = self.env["res.partner"].browse(result["ids"])
        self.assertEqual(partner.contact_role, "finance")
        self.assertEqual(partner.relative_ids.mapped("relation"), ["child", "sibling"])
        self.assertEqual(partner.card_root_id, self.card_east)
        rows = partner.with_user(self.custodian_east).export_data(
            ["name", "contact_role", "relative_ids/name"]
        )["datas"]
        self.assertEqual(rows[0][:2], ["Ida", "Finance"])
        result = (
            self.env["customer.card.competitor"]
            .with_user(self.custodian_east)
            .load(
                ["partner_id", "brand", "attitude", "spend_share", "currency_id"],
                [
                    [
                        "Alpha Foods",
                        "Rex",
                        "Rejects It",
                        "12.5",
                        self.env.company.currency_id.name,
                    ]
                ],
            )
        )
        self.assertTrue(result["ids"], result["messages"])
        result = (
            self.env["customer.card.competitor"]
            .with_user(self.custodian_east)
            .load(["partner_id", "brand"], [["Beta Tools", "Rex"]])
        )
        self.assertFalse(result["ids"], "a card of somebody else")

    def test_merge_fills_what_is_empty_and_keeps_entries(self):
        double = self.env["res.partner"].create(
            {
                "name": "Alpha Foods",
                "is_company": True,
                "email": self.card_east.email,
                "legal_form": "Cooperative",
                "main_products": "Jam",
                "competitor_ids": [Command.create({"brand": "Rex"})],
            }
        )
        self.card_east.write({"legal_form": "Ltd"})
        self.env["base.partner.merge.automatic.wizard"].with_user(
            self.manager_east
        )._merge(
            (self.card_east | double).ids, self.card_east.with_user(self.manager_east)
        )
        card = self.card_east
        self.assertEqual(card.legal_form, "Ltd", "what was there stays")
        self.assertEqual(card.main_products, "Jam", "what was empty is filled")
        self.assertEqual(card.competitor_ids.mapped("brand"), ["Rex"])
        self.assertEqual(card.competitor_ids.card_root_id, card)

    def test_opening_a_card_takes_its_entries_along(self):
        """Cards are opened by SQL, past the computed fields."""
        self.free_partner.competitor_ids = [Command.create({"brand": "Rex"})]
        line = self.free_partner.competitor_ids
        self.assertFalse(line.card_root_id)
        self.assertTrue(line.with_user(self.employee).has_access("read"))
        self.free_partner._open_cards(self.custodian_east)
        self.assertEqual(line.card_root_id, self.free_partner)
        self.assertFalse(line.with_user(self.employee).has_access("read"))


@tagged("post_install", "-at_install")
class TestProfileForm(CustomerCardCommon):
    """What nobody filled in is not shown to whoever may not fill it in."""

    def _visible(self, partner, user):
        """:return: names of the visible fields of the form"""
        form = Form(partner.with_user(user), "base.view_partner_form")
        return {
            name
            for name in (
                *PROFILE_FIELDS,
                *HABIT_FIELDS,
                "relative_ids",
                "competitor_ids",
            )
            if not form._get_modifier(name, "invisible")
        }

    def test_reader_sees_what_is_there(self):
        self.contact_east.write({"hobbies": "Chess", "habit_media": "Radio"})
        self.assertEqual(
            self._visible(self.contact_east, self.reader), {"hobbies", "habit_media"}
        )

    def test_custodian_sees_what_he_may_fill_in(self):
        visible = self._visible(self.contact_east, self.custodian_east)
        self.assertLessEqual(
            {"hobbies", "contact_role", "relative_ids", "brand_attitude"}, visible
        )
        self.assertNotIn("legal_form", visible, "he is a person")
        visible = self._visible(self.card_east, self.custodian_east)
        self.assertIn("legal_form", visible)
        self.assertNotIn("hobbies", visible)
        self.assertNotIn("relative_ids", visible)


@tagged("post_install", "-at_install")
class TestBirthdays(CustomerCardCommon):
    """K09, A11: birthdays over the turn of the year, and of 29 February."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = {
            born: cls.env["customer.card.relative"].create(
                {
                    "partner_id": cls.contact_east.id,
                    "name": str(born),
                    "birthdate_date": born,
                }
            )
            for born in (
                date(1960, 2, 29),
                date(1970, 1, 5),
                date(1980, 12, 20),
                date(1990, 12, 31),
                date(2000, 6, 15),
                date(2001, 3, 1),
            )
        }
        cls.nobody = cls.env["customer.card.relative"].create(
            {"partner_id": cls.contact_east.id, "name": "Unknown"}
        )

    def _search(self, *conditions, order=None):
        domain = [("next_birthday", *condition) for condition in conditions]
        mine = ("partner_id", "=", self.contact_east.id)
        return self.env["customer.card.relative"].search([mine, *domain], order=order)

    def _born(self, *dates):
        return self.env["customer.card.relative"].union(
            *(self.people[born] for born in dates)
        )

    @freeze_time("2026-12-22")
    def test_over_the_turn_of_the_year(self):
        found = self._search(("<=", "today +30d"))
        self.assertEqual(found, self._born(date(1970, 1, 5), date(1990, 12, 31)))
        self.assertEqual(
            self._search(("<=", date(2027, 1, 21)), (">=", date(2027, 1, 1))),
            self._born(date(1970, 1, 5)),
        )
        person = self.people[date(1970, 1, 5)]
        self.assertEqual(person.next_birthday, date(2027, 1, 5))
        self.assertEqual(person.age, 56)
        self.assertEqual(self.people[date(1980, 12, 20)].next_birthday.year, 2027)

    @freeze_time("2027-02-20")
    def test_29_february_in_other_years(self):
        person = self.people[date(1960, 2, 29)]
        self.assertEqual(person.next_birthday, date(2027, 2, 28))
        self.assertIn(person, self._search(("<=", "2027-02-28")))
        self.assertIn(person, self._search(("=", "2027-02-28")))
        self.assertNotIn(person, self._search(("<=", "2027-02-27")))
        self.assertNotIn(person, self._search((">=", "2027-03-01")))
        self.assertEqual(person.age, 66)

    @freeze_time("2027-03-01")
    def test_29_february_has_passed(self):
        person = self.people[date(1960, 2, 29)]
        self.assertEqual(person.age, 67)
        self.assertEqual(person.next_birthday, date(2028, 2, 29))
        self.assertEqual(
            self._search(("=", "2027-03-01")), self._born(date(2001, 3, 1))
        )

    @freeze_time("2028-02-20")
    def test_29_february_in_a_leap_year(self):
        person = self.people[date(1960, 2, 29)]
        self.assertEqual(person.next_birthday, date(2028, 2, 29))
        self.assertNotIn(person, self._search(("<=", "2028-02-28")))
        self.assertIn(person, self._search(("<=", "2028-02-29")))

    @freeze_time("2026-06-15")
    def test_search_agrees_with_the_value(self):
        """Each day of two years, compared with what is computed."""
        people = self._born(*self.people) | self.nobody
        for day in (
            date(2026, 6, 15),
            date(2026, 12, 31),
            date(2027, 1, 5),
            date(2027, 2, 28),
            date(2027, 3, 1),
            date(2027, 6, 14),
        ):
            for operator, keep in (
                ("<=", lambda p, d=day: p.next_birthday <= d),
                ("<", lambda p, d=day: p.next_birthday < d),
                (">=", lambda p, d=day: p.next_birthday >= d),
                (">", lambda p, d=day: p.next_birthday > d),
                ("=", lambda p, d=day: p.next_birthday == d),
            ):
                with self.subTest(day=day, operator=operator):
                    expected = people.filtered("next_birthday").filtered(keep)
                    self.assertEqual(self._search((operator, day)), expected)
        self.assertEqual(self._search(("=", False)), self.nobody)
        self.assertEqual(self._search(("!=", False)), people - self.nobody)

    @freeze_time("2026-12-22")
    def test_sorted_by_the_next_one(self):
        ordered = self._search(("!=", False), order="next_birthday")
        self.assertEqual(
            ordered.mapped("birthdate_date"),
            [
                date(1990, 12, 31),
                date(1970, 1, 5),
                date(1960, 2, 29),
                date(2001, 3, 1),
                date(2000, 6, 15),
                date(1980, 12, 20),
            ],
        )
        fields = self.env["customer.card.relative"].fields_get(["next_birthday"])
        self.assertTrue(fields["next_birthday"]["sortable"])

    @freeze_time("2026-12-22")
    def test_contacts_have_birthdays_too(self):
        self.contact_east.birthdate_date = date(1970, 1, 5)
        self.contact_west.birthdate_date = date(1970, 1, 5)
        Partner = self.env["res.partner"].with_user(self.custodian_east)
        found = Partner.search([("next_birthday", "<=", "today +30d")])
        self.assertIn(self.contact_east, found)
        self.assertNotIn(self.contact_west, found)
        self.assertEqual(self.contact_east.with_user(self.custodian_east).age, 56)


@tagged("post_install", "-at_install")
class TestLines(CustomerCardCommon):
    """K16, P01: the entries of a card: competitors, relatives."""

    def _competitor(self, partner=None, **values):
        return self.env["customer.card.competitor"].create(
            {"partner_id": (partner or self.card_east).id, "brand": "Rex", **values}
        )

    def _last_entry(self):
        return self.env["customer.card.event"].search(
            [("partner_id", "=", self.card_east.id)], order="id DESC", limit=1
        )

    def test_shares_of_a_customer_do_not_exceed_all(self):
        first = self._competitor(spend_share=60)
        self._competitor(self.contact_east, spend_share=40)
        self._competitor(self.card_west, spend_share=100)
        with self.assertRaises(ValidationError) as refused:
            self._competitor(spend_share=0.1)
        self.assertIn("100.1 %", str(refused.exception))
        self.assertIn("Alpha Foods", str(refused.exception))
        first.action_strike_out()
        second = self._competitor(spend_share=60)
        with self.assertRaises(ValidationError):
            first.action_restore()
        second.action_strike_out()
        # as from the list of what was struck out
        first.with_context(active_test=False).action_restore()

    def test_shares_without_a_card(self):
        self._competitor(self.free_partner, spend_share=100)
        with self.assertRaises(ValidationError):
            self._competitor(self.free_partner, spend_share=1)

    def test_unit_of_the_product(self):
        product = self.env["customer.card.product"].create(
            {"name": "Jars", "uom": "pallet"}
        )
        self.assertEqual(self._competitor(product_id=product.id).uom, "pallet")
        self.assertEqual(self._competitor(product_id=product.id, uom="jar").uom, "jar")

    def test_strike_out_and_restore(self):
        """It leaves the card and stays on record, with who and when."""
        line = self._competitor().with_user(self.custodian_east)
        self.card_east.invalidate_recordset()
        with freeze_time("2026-03-02"):
            line.action_strike_out()
        self.assertNotIn(line, self.card_east.competitor_ids)
        self.assertEqual(line.struck_by_id, self.custodian_east)
        self.assertEqual(line.struck_date, date(2026, 3, 2))
        self.assertIn("Rex struck out", self._last_entry().description)
        card = self.card_east.with_user(self.custodian_east)
        self.assertEqual(card.competitor_struck_count, 1)
        action = card.action_card_struck_competitors()
        found = (
            self.env["customer.card.competitor"]
            .with_context(**action["context"])
            .search(action["domain"])
        )
        self.assertEqual(found, line)
        line.action_restore()
        self.assertIn("Rex restored", self._last_entry().description)
        self.assertFalse(line.struck_date)
        self.assertIn(line, self.card_east.competitor_ids)

    def test_nobody_says_who_struck_out(self):
        line = self._competitor()
        line.with_user(self.custodian_east).write(
            {"active": False, "struck_by_id": self.manager_east.id}
        )
        self.assertEqual(line.struck_by_id, self.custodian_east)
        line.with_user(self.custodian_east).struck_date = date(2001, 1, 1)
        self.assertNotEqual(line.struck_date, date(2001, 1, 1))

    def test_changes_are_in_the_ledger_of_the_card(self):
        line = self._competitor(self.contact_east)
        self.assertIn("Rex added", self._last_entry().description)
        line.price = 12
        self.assertIn("Price", self._last_entry().description)
        line.as_of_date = date(2027, 3, 2)
        count = self.env["customer.card.event"].search_count([])
        # a client sends a date as text, and a link as an id
        line.write(
            {
                "price": 12,
                "as_of_date": "2027-03-02",
                "currency_id": line.currency_id.id,
                "note": False,
            }
        )
        self.assertEqual(self.env["customer.card.event"].search_count([]), count)
        line.unlink()
        self.assertIn("Rex deleted", self._last_entry().description)

    # a card is stamped with the second of its last change
    @freeze_time("2027-03-02 10:00:00")
    def test_many_lines_cost_no_query_each(self):
        def measure(count, work):
            lines = self.env["customer.card.competitor"].create(
                [
                    {"partner_id": self.card_east.id, "brand": f"B{index}"}
                    for index in range(count)
                ]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            lines = lines.with_user(self.custodian_east)
            start = self.env.cr.sql_log_count
            work(lines)
            self.env.flush_all()
            return self.env.cr.sql_log_count - start

        def create(lines):
            lines.create(
                [
                    {"partner_id": self.card_east.id, "brand": line.brand}
                    for line in lines
                ]
            )

        for name, work in {
            "create": create,
            "write": lambda lines: lines.write({"price": 3}),
            "strike out": lambda lines: lines.action_strike_out(),
            "delete": lambda lines: lines.unlink(),
            "may edit": lambda lines: lines.mapped("can_edit"),
        }.items():
            with self.subTest(work=name):
                measure(1, work)
                self.assertEqual(measure(1, work), measure(100, work))

    def test_long_entries_of_the_ledger_are_cut(self):
        self.env["customer.card.competitor"].create(
            [{"partner_id": self.card_east.id, "brand": f"B{n}"} for n in range(8)]
        )
        self.assertTrue(self._last_entry().description.endswith("; 3 more"))


@tagged("post_install", "-at_install")
class TestStrikeOutContacts(CustomerCardCommon):
    """P01: contacts who left are struck out with a reason."""

    def _strike_out(self, user, partners, reason="left the company"):
        wizard = (
            self.env["customer.card.strike.out"]
            .with_user(user)
            .create({"partner_ids": [Command.set(partners.ids)], "reason": reason})
        )
        return wizard.action_confirm()

    def test_out_and_in_again(self):
        card = self.card_east.with_user(self.custodian_east)
        self._strike_out(self.custodian_east, self.contact_east)
        self.assertNotIn(self.contact_east, card.child_ids)
        self.assertEqual(card.contact_struck_count, 1)
        action = card.action_card_struck_contacts()
        found = card.with_context(**action["context"]).search(action["domain"])
        self.assertEqual(found, self.contact_east)
        self.assertTrue(
            found.card_struck_info.endswith(", Custodian East: left the company")
        )
        self.assertIn("left the company", found.message_ids[0].body)
        found.action_card_restore()
        self.assertTrue(found.active)
        self.assertFalse(found.card_struck_info)
        self._strike_out(self.manager_east, self.contact_east, "retired")
        found.invalidate_recordset()
        self.assertIn("retired", found.card_struck_info)

    def test_cards_and_plain_contacts_are_not_struck_out(self):
        with self.assertRaisesRegex(UserError, "closed by its manager"):
            self._strike_out(self.manager_east, self.card_east)
        with self.assertRaisesRegex(UserError, "Archive it"):
            self._strike_out(self.manager_east, self.free_partner)

    def test_the_reason_is_asked_for(self):
        action = self.contact_east.with_user(
            self.custodian_east
        ).action_card_strike_out()
        wizard = self.env[action["res_model"]].with_context(**action["context"])
        self.assertEqual(wizard.new({}).partner_ids._origin, self.contact_east)
        self.assertTrue(wizard._fields["reason"].required)

    def test_query_counts(self):
        def measure(count):
            card = self.env["res.partner"].create(
                {"name": "Many", "child_ids": [Command.create({"name": "A"})] * count}
            )
            card._open_cards(self.custodian_east)
            card.child_ids._card_strike_out("gone")
            struck = self.env["res.partner"].search(
                [("parent_id", "=", card.id), ("active", "=", False)]
            )
            self.assertEqual(len(struck), count)
            self.env.flush_all()
            self.env.invalidate_all()
            struck = struck.with_user(self.custodian_east)
            start = self.env.cr.sql_log_count
            self.assertEqual(len(set(struck.mapped("card_struck_info"))), 1)
            (struck | card).mapped("contact_struck_count")
            (struck | card).mapped("card_profile_filled")
            (struck | card).mapped("next_birthday")
            return self.env.cr.sql_log_count - start

        measure(1)
        self.assertEqual(measure(1), measure(100))
