from datetime import timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, RedirectWarning
from odoo.tests import tagged

from odoo.addons.mail.tools.discuss import Store

from ..exceptions import CardAccessError
from .common import CustomerCardCommon


@tagged("post_install", "-at_install")
class TestCardAccess(CustomerCardCommon):
    """P04, A06, A07: only designated persons maintain a card, nobody else sees it.

    The matrix of all roles and paths is in the repository's ``tests/``; here are the
    rules themselves and the guards in Python, each with its forbidden twin.
    """

    def setUp(self):
        super().setUp()
        self.tree = self.card_east | self.contact_east | self.address_east

    def _can(self, user, operation, partners=None):
        partners = self.tree if partners is None else partners
        return partners.with_user(user).has_access(operation)

    # who sees, who edits

    def test_keepers_see_and_edit_the_whole_tree(self):
        for user in (
            self.custodian_east,
            self.manager_east,
            self.regional_manager,
            self.card_admin,
        ):
            with self.subTest(user=user.login):
                self.assertTrue(self._can(user, "read"))
                self.assertTrue(self._can(user, "write"))

    def test_strangers_see_nothing(self):
        for user in (
            self.custodian_west,
            self.manager_west,
            self.deputy_east,
            self.employee,
        ):
            for partner in self.tree:
                with self.subTest(user=user.login, partner=partner.name):
                    self.assertFalse(self._can(user, "read", partner))
                    self.assertFalse(self._can(user, "write", partner))
                    self.assertFalse(
                        partner.with_user(user).search([("id", "=", partner.id)])
                    )

    def test_back_office_reads_and_does_not_edit(self):
        self.assertTrue(self._can(self.reader, "read"))
        self.assertFalse(self._can(self.reader, "write"))

    def test_sales_wins_over_back_office(self):
        self.custodian_west.group_ids |= self.env.ref(
            "customer_card.customer_card_group_reader"
        )
        self.assertFalse(self._can(self.custodian_west, "read"))

    def test_partners_without_card_are_as_ever(self):
        for user in (self.custodian_west, self.employee, self.reader):
            self.assertTrue(self._can(user, "read", self.free_partner))
        self.assertTrue(self._can(self.custodian_west, "write", self.free_partner))
        for user in (self.custodian_east, self.employee):
            colleagues = (self.reader | user).partner_id | self.env.company.partner_id
            self.assertTrue(self._can(user, "read", colleagues))
            self.assertIn(user, self.env["res.users"].with_user(user).search([]))

    def test_nobody_but_the_administrator_deletes(self):
        for user in (self.custodian_east, self.manager_east, self.reader):
            self.assertFalse(self._can(user, "unlink", self.contact_east))
        self.contact_east.with_user(self.card_admin).unlink()

    # deputy

    def test_deputy_on_his_days_only_where_the_custodian_is(self):
        self.custodian_east.tz = "Pacific/Auckland"  # UTC+13 in January
        self.card_east.write(
            {
                "card_deputy_id": self.deputy_east.id,
                "card_deputy_from": "2030-01-10",
                "card_deputy_until": "2030-01-11",
            }
        )
        for moment, expected in (
            ("2030-01-09 10:59:00", False),  # the 9th, 23:59 in Auckland
            ("2030-01-09 11:01:00", True),  # the 10th, 00:01
            ("2030-01-11 10:59:00", True),
            ("2030-01-11 11:01:00", False),
        ):
            with self.subTest(moment), freeze_time(moment):
                self.env.invalidate_all()
                deputy_tree = self.tree.with_user(self.deputy_east)
                self.assertEqual(deputy_tree.has_access("write"), expected)
                self.assertEqual(
                    bool(deputy_tree.search([("id", "in", self.tree.ids)])), expected
                )
                forged = deputy_tree.with_context(tz="America/Los_Angeles")
                self.env.invalidate_all()
                self.assertEqual(forged.has_access("read"), expected)
                for own in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
                    self.deputy_east.tz = own
                    self.assertEqual(deputy_tree.has_access("read"), expected)

    def test_a_users_day_does_not_depend_on_who_asks(self):
        self.deputy_east.tz = False
        for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
            self.env.user.tz = zone
            with freeze_time("2030-01-10 12:00:00"):
                today = self.deputy_east._card_today()
                self.assertEqual(fields.Date.to_string(today), "2030-01-10")

    def test_deputy_of_another_card_sees_only_that_one(self):
        self.card_east.write(
            {
                "card_deputy_id": self.deputy_east.id,
                "card_deputy_until": fields.Date.today() + timedelta(days=3),
            }
        )
        self.assertTrue(self._can(self.deputy_east, "write"))
        self.assertFalse(self._can(self.deputy_east, "read", self.card_west))

    # rules

    def test_a_permissive_group_rule_of_another_addon_opens_nothing(self):
        self.env["ir.rule"].create(
            {
                "name": "foreign",
                "model_id": self.env.ref("base.model_res_partner").id,
                "domain_force": "[(1, '=', 1)]",
                "groups": [Command.set(self.env.ref("base.group_user").ids)],
            }
        )
        self.assertFalse(self._can(self.employee, "read"))
        self.assertFalse(self._can(self.custodian_west, "write"))

    def test_new_group_takes_effect_at_once(self):
        self.assertFalse(self._can(self.employee, "read"))
        self.employee.group_ids |= self.env.ref(
            "customer_card.customer_card_group_reader"
        )
        self.assertTrue(self._can(self.employee, "read"))

    def test_bank_accounts_follow_the_card(self):
        account = self.env["res.partner.bank"].create(
            {"acc_number": "BE71 0961 2345 6769", "partner_id": self.card_east.id}
        )
        self.assertTrue(account.with_user(self.custodian_east).has_access("write"))
        self.assertFalse(account.with_user(self.custodian_west).has_access("read"))
        self.assertTrue(account.with_user(self.reader).has_access("read"))
        self.assertFalse(account.with_user(self.reader).has_access("write"))
        self.assertFalse(
            account.with_user(self.custodian_west).search([("id", "=", account.id)])
        )

    def test_followers_do_not_tell_a_hidden_customers_email(self):
        self.free_partner.message_subscribe(self.contact_east.ids)
        Followers = self.env["mail.followers"]
        by_email = [("email", "=", self.contact_east.email)]
        self.assertTrue(Followers.with_user(self.custodian_east).search(by_email))
        self.assertFalse(Followers.with_user(self.custodian_west).search(by_email))
        thread = self.free_partner.with_user(self.custodian_west)
        self.assertNotIn(self.contact_east.email, str(thread.message_get_followers()))

    # errors

    def test_error_names_nobody_and_offers_a_request(self):
        with self.assertRaises(CardAccessError) as caught:
            self.contact_east.with_user(self.custodian_west).read(["phone"])
        message = str(caught.exception)
        self.assertNotIn("Alpha", message)
        self.assertNotIn("Ada", message)
        self.assertEqual(
            caught.exception.context,
            {"card_request": {"partner_ids": self.contact_east.ids}},
        )

    def test_error_on_other_records_is_odoos_own(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.free_partner.company_id = company
        with self.assertRaises(AccessError) as caught:
            self.free_partner.with_user(self.employee).read(["phone"])
        self.assertNotIsInstance(caught.exception, CardAccessError)

    # guards of write

    def test_new_contact_under_a_card(self):
        values = {"name": "New Contact", "parent_id": self.card_east.id}
        contact = self.env["res.partner"].with_user(self.custodian_east).create(values)
        self.assertEqual(contact.card_root_id, self.card_east)
        for user in (self.custodian_west, self.reader):
            with self.assertRaises(AccessError):
                self.env["res.partner"].with_user(user).create(values)

    def test_attaching_and_detaching_contacts(self):
        with self.assertRaises(AccessError):
            self.free_partner.with_user(self.custodian_west).parent_id = self.card_east
        with self.assertRaises(AccessError):
            # out of the card the contact would be open to everybody
            self.contact_east.with_user(self.custodian_east).parent_id = False
        with self.assertRaises(AccessError):
            self.contact_east.with_user(
                self.custodian_east
            ).parent_id = self.free_partner
        self.contact_east.with_user(self.manager_east).parent_id = self.free_partner
        self.assertFalse(self.contact_east.card_root_id)
        self.assertFalse(self.contact_east.card_custodian_id)
        self.contact_east.with_user(self.custodian_east).parent_id = self.card_east
        self.assertEqual(self.contact_east.card_root_id, self.card_east)

    def test_archiving_is_closing_by_the_manager(self):
        with self.assertRaises(AccessError):
            self.card_east.with_user(self.custodian_east).action_archive()
        self.contact_east.with_user(self.custodian_east).action_archive()
        self.card_east.with_user(self.manager_east).action_archive()
        self.assertFalse(self.card_east.active)
        self.assertFalse(self._can(self.employee, "read", self.card_east))

    def test_is_company_alone_is_checked_too(self):
        with self.assertRaises(AccessError):
            self.card_east.with_user(self.custodian_west).write({"is_company": False})
        self.assertTrue(self.card_east.is_company)

    def test_a_subsidiarys_address_is_its_own(self):
        subsidiary = self.env["res.partner"].create(
            {
                "name": "Alpha West",
                "is_company": True,
                "parent_id": self.card_east.id,
            }
        )
        subsidiary._open_cards(custodian=self.custodian_west)
        # Odoo would write the street up into the card above, which is not his
        subsidiary.with_user(self.custodian_west).street = "West Street 1"
        self.assertFalse(self.card_east.street)
        self.card_east.with_user(self.custodian_east).street = "East Street 1"
        self.assertEqual(subsidiary.street, "West Street 1")
        self.assertEqual(self.contact_east.street, "East Street 1")

    def test_a_vat_reaches_hidden_contacts_of_the_company(self):
        hidden = self.env["res.partner"].create(
            {"name": "Petra Person", "parent_id": self.card_east.id}
        )
        hidden._open_cards(custodian=self.custodian_west)
        card = self.card_east.with_user(self.custodian_east)
        self.assertNotIn(hidden, card.child_ids)
        card.vat = "BE0403170701"
        self.assertEqual(hidden.vat, "BE0403170701")

    # links

    def test_bank_account_on_a_hidden_customer(self):
        values = {"acc_number": "BE68539007547034", "partner_id": self.card_east.id}
        Bank = self.env["res.partner.bank"]
        Bank.with_user(self.custodian_east).create(values)
        values = {"acc_number": "BE71096123456769", "partner_id": self.card_east.id}
        with self.assertRaises(AccessError):
            Bank.with_user(self.custodian_west).create(values)
        with self.assertRaises(CardAccessError):
            Bank.with_user(self.custodian_west).onchange(
                values, ["partner_id"], {"partner_id": {}, "acc_holder_name": {}}
            )

    def test_tag_on_a_hidden_customer(self):
        tag = self.env["res.partner.category"].create({"name": "Tag"})
        command = {"partner_ids": [Command.link(self.card_east.id)]}
        with self.assertRaises(CardAccessError):
            tag.with_user(self.custodian_west).write(command)

    # lookups

    def test_find_or_create_neither_tells_nor_doubles(self):
        Partner = self.env["res.partner"]
        email = self.contact_east.email
        found = Partner.with_user(self.custodian_east).find_or_create(email)
        self.assertEqual(found, self.contact_east)
        for call in (
            lambda: Partner.with_user(self.custodian_west).find_or_create(email),
            lambda: Partner.with_user(self.custodian_west)._find_or_create_from_emails(
                [f'"Ada" <{email.upper()}>']
            ),
        ):
            with self.assertRaises(CardAccessError) as caught:
                call()
            self.assertNotIn("Alpha", str(caught.exception))
        self.assertEqual(Partner.search_count([("email_normalized", "=", email)]), 1)
        quiet = Partner.with_user(self.custodian_west)._find_or_create_from_emails(
            [email], no_create=True
        )
        self.assertFalse(quiet[0])

    def test_same_vat_names_no_hidden_customer(self):
        self.free_partner.vat = self.card_east.vat
        self.env.invalidate_all()
        self.assertEqual(
            self.free_partner.with_user(self.custodian_east).same_vat_partner_id,
            self.card_east,
        )
        self.assertFalse(
            self.free_partner.with_user(self.custodian_west).same_vat_partner_id
        )

    def test_a_name_carries_no_address_email_or_vat(self):
        """Every many2one is shown as the superuser, with the context of the client."""
        self.card_east.write({"street": "Secret Street 1"})
        message = self.free_partner.message_post(
            body="From him", author_id=self.card_east.id
        )
        details = {"show_address": True, "show_email": True, "show_vat": True}
        specification = {
            "author_id": {"fields": {"display_name": {}}, "context": details}
        }

        def shown_to(user):
            self.env.invalidate_all()
            [values] = message.with_user(user).web_read(specification)
            return values["author_id"]["display_name"]

        full = shown_to(self.custodian_east)
        for secret in ("Secret Street", self.card_east.email, self.card_east.vat):
            self.assertIn(secret, full)
        # the stranger's read refuses, a sudo() name tells the bare name only
        stranger = self.card_east.with_user(self.custodian_west).sudo()
        self.env.invalidate_all()
        self.assertEqual(stranger.with_context(**details).display_name, "Alpha Foods")
        self.assertEqual(
            self.card_east.with_user(self.reader)
            .sudo()
            .with_context(**details)
            .display_name.splitlines()[0],
            full.splitlines()[0],
        )

    # taking out

    def test_no_key_to_the_picture_of_a_hidden_customer(self):
        """Whoever puts a customer in a channel gets what the browser draws him with."""

        def key(user, partner):
            member = partner.with_user(user).sudo()
            return (
                Store()
                .add(member)
                .get_result()["res.partner"][0]["avatar_128_access_token"]
            )

        for user in (self.custodian_west, self.employee):
            for partner in self.card_east | self.contact_east:
                self.assertFalse(key(user, partner))
            self.assertTrue(key(user, self.free_partner))
            self.assertTrue(key(user, self.custodian_east.partner_id))
        for user in (self.custodian_east, self.manager_east, self.reader):
            self.assertTrue(key(user, self.card_east))

    def test_only_keepers_take_data_out_and_it_is_recorded(self):
        self.card_east.with_user(self.custodian_east)._get_vcard_file()
        data = self.tree.with_user(self.custodian_east).export_data(["name", "phone"])
        self.assertEqual(len(data["datas"]), 3)
        events = self.env["customer.card.event"].search([("kind", "=", "exported")])
        self.assertEqual(events.partner_id, self.card_east)
        self.assertEqual(events.user_id, self.custodian_east)
        with self.assertRaises(CardAccessError):
            self.card_east.with_user(self.reader)._get_vcard_file()
        with self.assertRaises(CardAccessError):
            self.tree.with_user(self.reader).export_data(["name", "phone"])
        self.free_partner.with_user(self.reader).export_data(["name", "phone"])

    def test_import_gives_existing_contacts_a_card(self):
        result = (
            self.env["res.partner"]
            .with_user(self.manager_east)
            .load(
                [".id", "card_number", "card_custodian_id"],
                [[str(self.free_partner.id), "IMP-7", "test_custodian_east"]],
            )
        )
        self.assertFalse(result["messages"], result["messages"])
        self.assertEqual(self.free_partner.card_number, "IMP-7")
        self.assertEqual(self.free_partner.card_custodian_id, self.custodian_east)

    # merging

    def _merge(self, user, partners, target):
        self.env["base.partner.merge.automatic.wizard"].with_user(user)._merge(
            partners.ids, target.with_user(user)
        )

    def test_merging_needs_the_right_on_every_card(self):
        self.free_partner.email = self.card_east.email
        both = self.card_east | self.free_partner
        with self.assertRaises(AccessError):
            self._merge(self.custodian_west, both, self.free_partner)
        with self.assertRaises(AccessError):
            self._merge(self.custodian_east, both, self.free_partner)
        self.assertTrue(self.card_east.exists())

    def test_a_card_survives_merging_into_a_plain_contact(self):
        self.free_partner.email = self.card_east.email
        number = self.card_east.card_number
        self._merge(
            self.manager_east, self.card_east | self.free_partner, self.free_partner
        )
        self.assertFalse(self.card_east.exists())
        self.assertEqual(self.free_partner.card_number, number)
        self.assertEqual(self.free_partner.card_custodian_id, self.custodian_east)
        self.assertEqual(self.contact_east.card_root_id, self.free_partner)
        events = self.env["customer.card.event"].search(
            [("partner_id", "=", self.free_partner.id)]
        )
        self.assertIn("opened", events.mapped("kind"))
        self.assertIn("merged", events.mapped("kind"))

    def test_merging_two_cards_keeps_the_targets(self):
        self.card_west.email = self.card_east.email
        both = self.card_east | self.card_west
        with self.assertRaises(AccessError):
            self._merge(self.manager_east, both, self.card_east)
        number = self.card_east.card_number
        self._merge(self.regional_manager, both, self.card_east)
        self.assertFalse(self.card_west.exists())
        self.assertEqual(self.card_east.card_number, number)
        self.assertEqual(self.contact_west.card_root_id, self.card_east)
        self.assertEqual(self.contact_west.card_custodian_id, self.custodian_east)
        self.assertFalse(self._can(self.custodian_west, "read", self.contact_west))

    # messages

    def test_a_stranger_cannot_log_a_note(self):
        self.card_east.with_user(self.custodian_east).message_post(body="Mine")
        self.card_east.with_user(self.reader).message_post(body="Office")
        with self.assertRaises(AccessError):
            self.card_east.with_user(self.custodian_west).message_post(body="Theirs")

    def test_users_cannot_be_deleted_while_they_keep_cards(self):
        with self.assertRaises(RedirectWarning), self.cr.savepoint():
            self.custodian_east.unlink()

    def test_how_many_cards_somebody_keeps_is_for_administrators(self):
        """P04: a count is information about customers, too."""
        keeper = self.custodian_east
        for user in (self.employee, self.custodian_west, self.reader):
            with self.assertRaises(AccessError):
                keeper.with_user(user).read(["card_count"])
        [values] = keeper.with_user(self.card_admin).read(["card_count"])
        self.assertEqual(values["card_count"], 1)

    def test_form_and_list_queries_do_not_grow_with_the_cards(self):
        Partner = self.env["res.partner"]
        partners = Partner.create(
            [{"name": f"Many {index}", "is_company": True} for index in range(100)]
        )
        partners._open_cards(custodian=self.custodian_east)
        specification = {
            "card_number": {},
            "complete_name": {},
            "card_can_edit": {},
            "card_can_manage": {},
            "card_custodian_id": {"fields": {"display_name": {}}},
            "card_team_id": {"fields": {"display_name": {}}},
            "card_state": {},
        }

        def queries(limit):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            result = Partner.with_user(self.custodian_east).web_search_read(
                [("card_state", "!=", False)], specification, limit=limit
            )
            self.assertEqual(len(result["records"]), limit)
            return self.env.cr.sql_log_count - before

        queries(1)
        self.assertEqual(queries(1), queries(100))
