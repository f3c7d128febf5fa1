from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import CustomerCardCommon
from .test_card_change import TODO, ChangeWorld


@tagged("post_install", "-at_install")
class TestCardChangeNew(ChangeWorld, CustomerCardCommon):
    """A04: whoever discovers a new customer reports him to the head of a department."""

    def report(self, user=None, submit=True, vals=None, **values):
        return self.propose(
            user or self.employee,
            None,
            {"name": "Newcomer", "phone": "+32 2 555 55 55", **values},
            submit=submit,
            **{"team_id": self.team_east.id, **(vals or {})},
        )

    def test_reported_and_opened(self):
        change = self.report(
            vals={"custodian_id": self.deputy_east.id},
            child_ids=[Command.create({"name": "Nina", "function": "Buyer"})],
        )
        self.assertEqual(change.customer_name, "Newcomer")
        self.assertFalse(change.partner_id)
        self.assertFalse(self.env["res.partner"].search([("name", "=", "Newcomer")]))
        manager = change.with_user(self.manager_east)
        action = manager.action_approve()
        card = change.sudo().partner_id.sudo(False).with_env(self.env)
        self.assertEqual(action["res_id"], card.id)
        self.assertEqual(card.name, "Newcomer")
        self.assertTrue(card.is_company)
        self.assertEqual(card.create_uid, self.manager_east)
        self.assertEqual(card.card_kind, "prospect")
        self.assertEqual(card.card_state, "active")
        self.assertEqual(card.card_custodian_id, self.deputy_east)
        self.assertEqual(card.card_team_id, self.team_east)
        self.assertEqual(card.child_ids.name, "Nina")
        self.assertEqual(card.child_ids.card_root_id, card)
        self.assertIn("opened", self.kinds(card))
        self.assertIn("change_applied", self.kinds(card))
        todo = card.activity_ids
        self.assertEqual(todo.user_id, self.deputy_east)
        self.assertEqual(todo.summary, "Complete the card")
        # whoever reported him sees his report, and not the card
        self.assertEqual(change.line_ids[0].new_text, "Newcomer")
        self.assertFalse(self.can_read(self.employee, card))

    def test_the_manager_changes_kind_and_custodian(self):
        change = self.report(company_type="person")
        manager = change.with_user(self.manager_east)
        manager.write({"card_kind": "customer", "custodian_id": self.custodian_east.id})
        self.line(manager, "phone").action_reject()
        manager.action_approve()
        card = change.sudo().partner_id
        self.assertEqual(card.card_kind, "customer")
        self.assertFalse(card.is_company)
        self.assertFalse(card.phone)
        self.assertEqual(card.card_custodian_id, self.custodian_east)

    def test_without_custodian_the_manager_completes(self):
        change = self.report()
        change.with_user(self.manager_east).action_approve()
        todo = change.sudo().partner_id.activity_ids
        self.assertEqual(todo.user_id, self.manager_east)
        self.assertEqual(
            todo.activity_type_id, self.env.ref(TODO), "a to-do, not a mail"
        )

    def test_who_decides(self):
        change = self.report()
        self.assertEqual(
            change._approval_deciders()[change.id],
            self.manager_east | self.regional_manager,
        )
        for user in (self.manager_west, self.custodian_east, self.employee):
            with self.assertRaises(AccessError):
                change.with_user(user).action_approve()
        change.with_user(self.regional_manager).action_approve()
        self.assertEqual(change.state, "approved")

    def test_a_manager_does_not_approve_his_own_report(self):
        change = self.report(user=self.manager_east)
        with self.assertRaises(AccessError):
            change.action_approve()
        change.with_user(self.regional_manager).action_approve()

    def test_the_own_department_is_proposed(self):
        change = self.propose(self.custodian_west, None, {"name": "X"}, submit=False)
        self.assertEqual(change.team_id, self.team_west)
        change = self.propose(self.employee, None, {"name": "X"}, submit=False)
        self.assertFalse(change.team_id)
        with self.assertRaisesRegex(UserError, "choose the department"):
            change.action_submit()

    def test_a_name_is_needed(self):
        with self.assertRaisesRegex(UserError, "name of the new customer"):
            self.propose(self.employee, None, {"phone": "1"})
        change = self.report()
        manager = change.with_user(self.manager_east)
        self.line(manager, "name").action_reject()
        with self.assertRaisesRegex(UserError, "needs a name"):
            manager.action_approve()

    def test_a_custodian_outside_the_department_is_the_managers_choice(self):
        share = new_test_user(self.env, "portal_keeper", groups="base.group_portal")
        change = self.report(vals={"custodian_id": share.id})
        with self.assertRaises(UserError):
            change.with_user(self.manager_east).action_approve()
        self.env.invalidate_all()
        self.assertFalse(self.env["res.partner"].search([("name", "=", "Newcomer")]))

    def test_no_report_hangs_on_a_partner(self):
        change = (
            self.env["customer.card.change"]
            .with_user(self.employee)
            .create({"kind": "new", "partner_id": self.card_east.id})
        )
        self.assertFalse(change.partner_id)
        with self.assertRaises(UserError):
            change.write({"partner_id": self.card_east.id})

    def test_resembling_a_hidden_card_teaches_nothing(self):
        hidden = self.report(name=self.card_east.name, vat=self.card_east.vat)
        free = self.report(name="Quite Another")
        shown = ["state", "summary", "customer_name", "approver_names"]
        one, other = (
            change.read(shown, load=None)[0] | {"id": 0} for change in (hidden, free)
        )
        self.assertEqual(one["state"], other["state"])
        self.assertEqual(one["approver_names"], other["approver_names"])
        self.assertEqual(one["customer_name"], "Alpha Foods")

    def test_the_manager_sees_possible_duplicates(self):
        mine = self.report(name="Alpha  FOODS Ltd", phone=self.card_east.phone)
        other = self.report(email=self.card_west.email)
        free = self.report(name="Quite Another", phone="+32 2 666 66 66")
        changes = mine | other | free
        manager = changes.with_user(self.manager_east)
        self.assertEqual(manager[0].duplicate_ids, self.card_east)
        self.assertIn("phone", manager[0].duplicate_reason)
        # another department's: whom to ask, not which customer
        self.assertFalse(manager[1].duplicate_ids)
        self.assertIn("Manager West", manager[1].duplicate_elsewhere)
        self.assertNotIn("Beta", manager[1].duplicate_elsewhere)
        self.assertFalse(manager[2].duplicate_ids or manager[2].duplicate_elsewhere)
        for change in changes:
            self.assertFalse(change.duplicate_ids)
            self.assertFalse(change.duplicate_reason or change.duplicate_elsewhere)
