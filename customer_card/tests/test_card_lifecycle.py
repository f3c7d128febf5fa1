from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..wizards import customer_card_open
from .common import CustomerCardCommon


@tagged("post_install", "-at_install")
class TestCardLifecycle(CustomerCardCommon):
    """C01, P04: a card for customers and prospects, one person in charge of it."""

    # opening

    def test_opened_card_has_number_custodian_team_and_ledger_entry(self):
        self.assertEqual(self.card_east.card_state, "active")
        self.assertTrue(self.card_east.card_number)
        self.assertNotEqual(self.card_east.card_number, self.card_west.card_number)
        self.assertEqual(self.card_east.card_custodian_id, self.custodian_east)
        self.assertEqual(self.card_east.card_team_id, self.team_east)
        self.assertEqual(self.card_east.card_kind, "prospect")
        events = self.env["customer.card.event"].search(
            [("partner_id", "=", self.card_east.id)]
        )
        self.assertEqual(events.mapped("kind"), ["opened"])

    def test_keepers_are_copied_down_the_tree(self):
        for contact in self.contact_east | self.address_east:
            self.assertEqual(contact.card_root_id, self.card_east)
            self.assertEqual(contact.card_custodian_id, self.custodian_east)
            self.assertEqual(contact.card_team_id, self.team_east)
            self.assertFalse(contact.card_state)
        grandchild = self.env["res.partner"].create(
            {"name": "Assistant", "parent_id": self.contact_east.id}
        )
        self.assertEqual(grandchild.card_root_id, self.card_east)
        self.card_east.card_custodian_id = self.deputy_east
        self.assertEqual(grandchild.card_custodian_id, self.deputy_east)

    def test_a_subsidiary_with_its_own_card(self):
        subsidiary = self.env["res.partner"].create(
            {
                "name": "Alpha West",
                "is_company": True,
                "parent_id": self.card_east.id,
                "child_ids": [Command.create({"name": "Willy"})],
            }
        )
        subsidiary._open_cards(custodian=self.custodian_west)
        self.assertEqual(subsidiary.card_root_id, subsidiary)
        self.assertEqual(subsidiary.child_ids.card_root_id, subsidiary)
        self.assertEqual(subsidiary.child_ids.card_custodian_id, self.custodian_west)
        self.card_east.card_custodian_id = self.deputy_east
        self.assertEqual(subsidiary.child_ids.card_custodian_id, self.custodian_west)

    def test_refusals_carry_their_reason(self):
        company = self.env.company.partner_id
        user = self.employee.partner_id
        public = self.env.ref("base.public_partner")
        archived = self.env["res.partner"].create({"name": "Old", "active": False})
        partners = (
            company
            | user
            | public
            | archived
            | self.card_west
            | self.address_east
            | self.free_partner
        )
        opened, refused = partners._open_cards(custodian=self.custodian_east)
        self.assertEqual(opened, self.free_partner)
        self.assertEqual(set(refused), set(partners - opened))
        self.assertIn("companies", refused[company])
        self.assertIn("user", refused[user])
        self.assertIn("user", refused[public])
        self.assertIn("archived", refused[archived])
        self.assertIn(self.card_west.card_number, refused[self.card_west])
        self.assertIn("address", refused[self.address_east])

    def test_a_partner_with_a_card_cannot_become_an_internal_user(self):
        with self.assertRaises(ValidationError):
            self.env["res.users"].create(
                {
                    "login": "test_alpha",
                    "partner_id": self.card_east.id,
                    "group_ids": [Command.set(self.env.ref("base.group_user").ids)],
                }
            )
        portal = self.env["res.users"].create(
            {
                "login": "test_alpha",
                "partner_id": self.card_east.id,
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
            }
        )
        with self.assertRaises(ValidationError):
            portal.group_ids = self.env.ref("base.group_user")

    def test_a_colleague_under_a_card_is_never_hidden(self):
        self.employee.partner_id.parent_id = self.card_east
        self.assertFalse(self.employee.partner_id.card_root_id)

    def test_opening_twice_changes_nothing(self):
        number = self.card_east.card_number
        opened, refused = self.card_east._open_cards(custodian=self.custodian_west)
        self.assertFalse(opened)
        self.assertIn(self.card_east, refused)
        self.assertEqual(self.card_east.card_number, number)
        self.assertEqual(self.card_east.card_custodian_id, self.custodian_east)

    def test_opening_is_set_based(self):
        def prepare(count):
            partners = self.env["res.partner"].create(
                [{"name": f"P{count}-{index}"} for index in range(count)]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            return partners

        def queries(count):
            partners = prepare(count)
            before = self.env.cr.sql_log_count
            opened, _refused = partners._open_cards(custodian=self.custodian_east)
            self.env.flush_all()
            self.assertEqual(len(opened), count)
            return self.env.cr.sql_log_count - before

        queries(1)  # warm the caches
        self.assertEqual(queries(1), queries(100))

    def test_a_portal_user_cannot_be_custodian(self):
        portal = self.env["res.users"].create(
            {
                "login": "test_portal",
                "name": "Portal",
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
            }
        )
        with self.assertRaises(UserError):
            self.free_partner._open_cards(custodian=portal)

    def test_a_salespersons_card_waits_for_the_manager(self):
        partner = self.free_partner.with_user(self.custodian_east)
        partner._open_cards(custodian=self.custodian_east)
        self.assertEqual(self.free_partner.card_state, "draft")
        with self.assertRaises(AccessError):
            partner.action_card_confirm()
        self.free_partner.with_user(self.manager_east).action_card_confirm()
        self.assertEqual(self.free_partner.card_state, "active")

    # life

    def test_custodian_rests_and_wakes_his_card(self):
        card = self.card_east.with_user(self.custodian_east)
        card.action_card_rest()
        self.assertEqual(card.card_state, "dormant")
        card.action_card_wake()
        self.assertEqual(card.card_state, "active")
        with self.assertRaises(AccessError):
            self.card_east.with_user(self.custodian_west).action_card_rest()

    def test_manager_closes_and_reopens(self):
        with self.assertRaises(AccessError):
            self.card_east.with_user(self.custodian_east).action_card_close()
        with self.assertRaises(AccessError):
            self.card_east.with_user(self.manager_west).action_card_close()
        card = self.card_east.with_user(self.manager_east)
        card.action_card_close()
        self.assertEqual(card.card_state, "closed")
        with self.assertRaises(AccessError):
            self.card_east.with_user(self.custodian_east).action_card_reopen()
        with self.assertRaises(UserError):
            card.action_card_close()
        card.action_card_reopen()
        self.assertEqual(card.card_state, "active")

    def test_a_closed_card_stays_protected(self):
        self.card_east.action_card_close()
        self.assertFalse(
            self.card_east.with_user(self.employee)._filtered_access("read")
        )

    def test_lifecycle_is_in_the_ledger(self):
        self.card_east.action_card_close()
        self.card_east.action_card_reopen()
        events = self.env["customer.card.event"].search(
            [("partner_id", "=", self.card_east.id)], order="id"
        )
        self.assertEqual(events.mapped("kind"), ["opened", "closed", "reopened"])

    # keepers

    def test_manager_changes_custodian_and_it_is_recorded(self):
        self.card_east.with_user(self.manager_east).card_custodian_id = self.deputy_east
        self.assertEqual(self.contact_east.card_custodian_id, self.deputy_east)
        event = self.env["customer.card.event"].search(
            [
                ("kind", "=", "custodian_changed"),
                ("partner_id", "=", self.card_east.id),
            ]
        )
        self.assertEqual(len(event), 1)
        self.assertIn("Deputy East", event.description)

    def test_custodian_cannot_give_his_card_away(self):
        card = self.card_east.with_user(self.custodian_east)
        for name, value in (
            ("card_custodian_id", self.custodian_west.id),
            ("card_team_id", self.team_west.id),
            ("card_deputy_id", self.custodian_west.id),
            ("card_number", "C-1"),
            ("card_state", False),
            ("card_root_id", False),
        ):
            with self.subTest(name), self.assertRaises(AccessError):
                card.write({name: value})
        self.assertEqual(self.card_east.card_custodian_id, self.custodian_east)

    def test_manager_gives_cards_only_to_departments_that_he_manages(self):
        with self.assertRaises(AccessError):
            self.card_east.with_user(self.manager_east).card_team_id = self.team_west
        self.card_east.with_user(self.regional_manager).card_team_id = self.team_west
        self.assertEqual(self.contact_east.card_team_id, self.team_west)

    def test_custodian_says_who_became_a_customer(self):
        self.card_east.with_user(self.custodian_east).card_kind = "customer"
        self.assertEqual(self.card_east.card_kind, "customer")
        with self.assertRaises(AccessError):
            self.card_east.with_user(self.custodian_west).card_kind = "former"

    def test_a_forged_trust_key_opens_nothing(self):
        card = self.card_east.with_user(self.custodian_east)
        for forged in (True, 1, "TRUSTED", {}):
            with self.assertRaises(AccessError):
                card.with_context(customer_card_trust=forged).write(
                    {"card_custodian_id": self.custodian_west.id}
                )

    def test_deputy_needs_dates_and_is_somebody_else(self):
        with self.assertRaises(ValidationError):
            self.card_east.write({"card_deputy_id": self.deputy_east.id})
        with self.assertRaises(ValidationError):
            self.card_east.write(
                {
                    "card_deputy_id": self.custodian_east.id,
                    "card_deputy_until": "2030-01-01",
                }
            )
        with self.assertRaises(ValidationError):
            self.card_east.write(
                {
                    "card_deputy_id": self.deputy_east.id,
                    "card_deputy_from": "2030-01-02",
                    "card_deputy_until": "2030-01-01",
                }
            )

    def test_copying_a_card_copies_the_contact_only(self):
        copy = self.card_east.copy()
        self.assertFalse(copy.card_state)
        self.assertFalse(copy.card_number)
        self.assertFalse(copy.card_root_id)

    # import

    def test_import_opens_cards_with_number_and_custodian(self):
        result = (
            self.env["res.partner"]
            .with_user(self.manager_east)
            .load(
                ["name", "is_company", "card_number", "card_custodian_id"],
                [
                    ["By Login", "1", "IMP-1", "test_custodian_east"],
                    ["By E-mail", "1", "IMP-2", "custodian_east@sales.example.com"],
                    ["By Name", "1", "IMP-3", "Custodian East"],
                ],
            )
        )
        self.assertFalse(result["messages"], result["messages"])
        partners = self.env["res.partner"].browse(result["ids"])
        self.assertEqual(partners.mapped("card_number"), ["IMP-1", "IMP-2", "IMP-3"])
        self.assertEqual(partners.card_custodian_id, self.custodian_east)
        self.assertEqual(set(partners.mapped("card_state")), {"active"})

    def test_import_for_a_foreign_department_is_refused(self):
        result = (
            self.env["res.partner"]
            .with_user(self.manager_east)
            .load(
                ["name", "card_number", "card_custodian_id"],
                [["Foreign", "IMP-9", "test_custodian_west"]],
            )
        )
        self.assertTrue(result["messages"])
        self.assertFalse(
            self.env["res.partner"].search([("card_number", "=", "IMP-9")])
        )

    def test_import_of_a_used_number_is_refused(self):
        with mute_logger("odoo.sql_db"):
            result = self.env["res.partner"].load(
                ["name", "card_number"], [["Twin", self.card_east.card_number]]
            )
        self.assertTrue(result["messages"])

    # wizard

    def _open_wizard(self, user, partners, **values):
        form = Form(
            self.env["customer.card.open"]
            .with_user(user)
            .with_context(active_model="res.partner", active_ids=partners.ids)
        )
        for name, value in values.items():
            setattr(form, name, value)
        return form.save()

    def test_wizard_opens_a_selection_and_lists_the_rest(self):
        child = self.env["res.partner"].create(
            {"name": "Fred Free", "parent_id": self.free_partner.id}
        )
        partners = self.free_partner | child | self.card_east | self.employee.partner_id
        wizard = self._open_wizard(
            self.card_admin,
            partners,
            custodian_mode="chosen",
            custodian_id=self.custodian_east,
        )
        self.assertEqual(wizard.match_count, 4)
        wizard.action_start()
        self.assertEqual(wizard.state, "done")
        self.assertEqual(wizard.opened_count, 1)
        self.assertEqual(self.free_partner.card_custodian_id, self.custodian_east)
        self.assertEqual(child.card_root_id, self.free_partner)
        reasons = {line.partner_id: line.reason for line in wizard.refusal_ids}
        self.assertEqual(set(reasons), set(partners - self.free_partner))
        self.assertIn("Free Supplier", reasons[child])

    def test_wizard_works_off_a_domain_in_batches(self):
        self.env["res.partner"].create(
            [
                {"name": f"Batch {index}", "ref": "BATCH", "is_company": True}
                for index in range(7)
            ]
        )
        wizard = (
            self.env["customer.card.open"]
            .with_user(self.manager_east)
            .create(
                {
                    "source": "domain",
                    "domain": "[('ref', '=', 'BATCH')]",
                    "custodian_mode": "chosen",
                    "custodian_id": self.custodian_east.id,
                }
            )
        )
        self.assertEqual(wizard.match_count, 7)
        self.patch(customer_card_open, "BATCH_SIZE", 3)
        wizard.action_start()
        self.assertEqual(wizard.state, "running")
        self.assertTrue(wizard.run_batch())
        self.assertEqual(wizard.progress, 42)
        self.assertTrue(wizard.run_batch())
        self.assertFalse(wizard.run_batch())
        self.assertEqual(wizard.opened_count, 7)
        self.assertEqual(wizard.progress, 100)
        self.assertFalse(wizard.run_batch())

    def test_wizard_salesperson_opens_for_himself_only(self):
        wizard = self._open_wizard(self.custodian_east, self.free_partner)
        self.assertEqual(wizard.custodian_mode, "chosen")
        wizard.custodian_id = self.custodian_west
        with self.assertRaises(AccessError):
            wizard.action_start()
        wizard.custodian_id = self.custodian_east
        wizard.action_start()
        self.assertEqual(self.free_partner.card_custodian_id, self.custodian_east)
        self.assertEqual(self.free_partner.card_state, "draft")

    def test_wizard_manager_stays_in_his_departments(self):
        self.free_partner.user_id = self.custodian_west
        wizard = self._open_wizard(self.manager_east, self.free_partner)
        with self.assertRaises(AccessError):
            wizard.action_start()
        self._open_wizard(self.manager_west, self.free_partner).action_start()
        self.assertEqual(self.free_partner.card_team_id, self.team_west)

    def test_wizard_is_closed_to_others(self):
        with self.assertRaises(AccessError):
            self._open_wizard(self.employee, self.free_partner)

    def test_wizard_names_a_broken_filter(self):
        wizard = self.env["customer.card.open"].create(
            {"source": "domain", "domain": "oops("}
        )
        with self.assertRaises(UserError):
            wizard.action_start()


@tagged("post_install", "-at_install")
class TestTeamHierarchy(CustomerCardCommon):
    """A parent team is a region; its leader manages the cards of the teams below."""

    def test_no_cycles(self):
        with self.assertRaises(ValidationError):
            self.team_region.parent_id = self.team_east

    def test_leaders_above_manage(self):
        self.assertEqual(
            self.card_east._get_card_managers(),
            self.manager_east | self.regional_manager,
        )
        cards = self.card_east | self.card_west
        self.assertEqual(cards._card_managed_by(self.manager_east), self.card_east)
        self.assertEqual(cards._card_managed_by(self.regional_manager), cards)
        self.assertFalse(cards._card_managed_by(self.custodian_east))

    def test_new_leader_at_once(self):
        card = self.card_east.with_user(self.employee)
        self.assertFalse(card.has_access("read"))
        self.team_east.user_id = self.employee
        self.assertTrue(card.has_access("read"))
        self.assertFalse(self.card_east.with_user(self.manager_east).has_access("read"))

    def test_new_region_at_once(self):
        region = self.env["crm.team"].create(
            {"name": "Other Region", "user_id": self.employee.id}
        )
        self.team_east.parent_id = region
        self.assertTrue(self.card_east.with_user(self.employee).has_access("read"))
        self.assertFalse(
            self.card_east.with_user(self.regional_manager).has_access("read")
        )

    def test_sales_administrator_cannot_make_himself_leader(self):
        self.employee.group_ids |= self.env.ref("sales_team.group_sale_manager")
        for team in self.team_east | self.team_region:
            with self.assertRaises(AccessError):
                team.with_user(self.employee).user_id = self.employee
        with self.assertRaises(AccessError):
            self.team_east.with_user(self.employee).parent_id = self.env[
                "crm.team"
            ].create({"name": "Mine", "user_id": self.employee.id})
        with self.assertRaises(AccessError):
            self.team_east.with_user(self.employee).action_archive()
        empty = self.env["crm.team"].create({"name": "Without Cards"})
        empty.with_user(self.employee).user_id = self.employee
        self.team_east.with_user(self.card_admin).user_id = self.employee
