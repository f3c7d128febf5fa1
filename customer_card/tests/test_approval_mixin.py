from odoo import Command, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.orm.model_classes import add_to_registry
from odoo.tests import tagged

from ..models.customer_approval_mixin import APPROVAL_DOOR
from .common import CustomerCardCommon

TODO = "mail.mail_activity_data_todo"


class WishModel(models.Model):
    """A small request: somebody wishes something for a customer."""

    _name = "customer.test.wish"
    _description = "Test Wish"
    _inherit = ["customer.approval.mixin"]
    # belongs to no addon: no database ever loads it by itself
    _module = None

    name = fields.Char()
    note = fields.Char()
    partner_id = fields.Many2one("res.partner")
    bundle_id = fields.Many2one("customer.test.bundle")

    _approval_open_fields = frozenset({"note"})


class BundleModel(models.Model):
    """Something with wishes, to reach them by x2many commands."""

    _name = "customer.test.bundle"
    _description = "Test Bundle"
    _module = None

    name = fields.Char()
    wish_ids = fields.One2many("customer.test.wish", "bundle_id")


@tagged("post_install", "-at_install")
class TestApprovalMixin(CustomerCardCommon):
    """The pipeline, on a model of the test's own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._add_models(BundleModel, WishModel)
        cls.wish = cls._make_wish(cls.custodian_east, cls.card_east)

    @classmethod
    def _add_models(cls, *definitions):
        """Tables inside the test's transaction, forgotten with it."""
        registry = cls.registry
        names = [definition._name for definition in definitions]

        def forget():
            for name in names:
                registry.models.pop(name, None)
            for name in registry:
                if registry[name]._inherit_children:
                    for added in names:
                        registry[name]._inherit_children.discard(added)
            registry._setup_models__(cls.env.cr)
            registry.clear_all_caches()

        cls.addClassCleanup(forget)
        for definition in definitions:
            add_to_registry(registry, definition)
        registry._setup_models__(cls.env.cr, [])
        registry.init_models(cls.env.cr, names, {"module": "customer_card"})
        cls.env["ir.model.access"].create(
            [
                {
                    "name": name,
                    "model_id": cls.env["ir.model"]._get_id(name),
                    "group_id": cls.env.ref("base.group_user").id,
                    "perm_read": True,
                    "perm_write": True,
                    "perm_create": True,
                    "perm_unlink": True,
                }
                for name in names
            ]
        )

    @classmethod
    def _make_wish(cls, user, partner, **vals):
        return (
            cls.env["customer.test.wish"]
            .with_user(user)
            .create({"name": "Wish", "partner_id": partner.id, **vals})
        )

    def _todos(self, wish):
        return self.env["mail.activity"].search(
            [("res_model", "=", wish._name), ("res_id", "in", wish.ids)]
        )

    def _kinds(self, partner):
        return (
            self.env["customer.card.event"]
            .search([("partner_id", "=", partner.id)], order="id")
            .mapped("kind")
        )

    # the pipeline

    def test_submitted_and_approved(self):
        self.assertEqual(self.wish.state, "draft")
        self.assertEqual(self.wish.requester_id, self.custodian_east)
        self.wish.action_submit()
        self.assertEqual(self.wish.state, "submitted")
        self.assertTrue(self.wish.submit_date)
        self.wish.with_user(self.manager_east).action_approve()
        self.assertEqual(self.wish.state, "approved")
        self.assertEqual(self.wish.decided_by_id, self.manager_east)
        self.assertTrue(self.wish.decision_date)
        self.assertEqual(
            self._kinds(self.card_east)[-2:], ["request_submitted", "request_approved"]
        )

    def test_refused_with_a_reason_and_asked_again(self):
        self.wish.action_submit()
        self.wish.with_user(self.manager_east).action_refuse("Too expensive")
        self.assertEqual(self.wish.state, "refused")
        self.assertEqual(self.wish.refusal_reason, "Too expensive")
        self.wish.action_draft()
        self.assertEqual(self.wish.state, "draft")
        self.assertFalse(self.wish.decided_by_id or self.wish.refusal_reason)
        self.wish.action_submit()
        self.wish.with_user(self.manager_east).action_approve()
        self.assertEqual(self.wish.state, "approved")

    def test_a_refusal_needs_a_reason(self):
        self.wish.action_submit()
        wish = self.wish.with_user(self.manager_east)
        with self.assertRaises(UserError):
            wish.action_refuse("  ")
        action = wish.action_refuse()
        self.assertEqual(action["res_model"], "customer.approval.refuse")
        self.assertEqual(wish.state, "submitted")
        wizard = (
            self.env["customer.approval.refuse"]
            .with_user(self.manager_east)
            .with_context(**action["context"])
            .create({"reason": "Not now"})
        )
        wizard.action_confirm()
        self.assertEqual(wish.state, "refused")

    def test_the_refusal_dialog_refuses_requests_alone(self):
        for model in ("res.partner", "no.such.model", "customer.approval.refuse"):
            wizard = (
                self.env["customer.approval.refuse"]
                .with_user(self.manager_east)
                .create({"res_model": model, "res_ids": [1], "reason": "x"})
            )
            with self.assertRaises(UserError):
                wizard.action_confirm()

    def test_cancelled_by_whoever_asked(self):
        self.wish.action_submit()
        for user in (self.custodian_west, self.manager_east):
            with self.assertRaises(AccessError):
                self.wish.with_user(user).action_cancel()
        self.wish.action_cancel()
        self.assertEqual(self.wish.state, "cancelled")
        self.assertFalse(self._todos(self.wish))

    def test_each_action_checks_the_state(self):
        manager = self.wish.with_user(self.manager_east)
        with self.assertRaises(UserError):
            manager.action_approve()
        with self.assertRaises(UserError):
            manager.action_refuse("x")
        with self.assertRaises(UserError):
            self.wish.action_draft()
        self.wish.action_submit()
        with self.assertRaises(UserError):
            self.wish.action_submit()
        manager.action_approve()
        for action in (self.wish.action_cancel, self.wish.action_draft):
            with self.assertRaises(UserError):
                action()
        with self.assertRaises(UserError):
            manager.action_approve()
        with self.assertRaises(UserError):
            manager.action_refuse("too late")

    # who decides

    def test_managers_of_the_card_decide_and_nobody_else(self):
        self.wish.action_submit()
        self.assertEqual(
            self.wish._approval_deciders()[self.wish.id],
            self.manager_east | self.regional_manager,
        )
        for user in (
            self.custodian_east,
            self.manager_west,
            self.custodian_west,
            self.employee,
            self.reader,
        ):
            wish = self.wish.with_user(user)
            self.assertFalse(wish.can_decide, user.name)
            self.assertFalse(wish.search([("can_decide", "=", True)]), user.name)
            with self.assertRaises(AccessError):
                wish.action_approve()
            with self.assertRaises(AccessError):
                wish.action_refuse("no")
        for user in (self.manager_east, self.regional_manager):
            wish = self.wish.with_user(user)
            self.assertTrue(wish.can_decide)
            self.assertEqual(wish.search([("can_decide", "=", True)]), wish)
            self.assertNotIn(wish, wish.search([("can_decide", "=", False)]))

    def test_an_administrator_may_step_in_but_is_not_asked(self):
        self.wish.action_submit()
        wish = self.wish.with_user(self.card_admin)
        self.assertTrue(wish.can_decide)
        self.assertNotIn(self.card_admin, self.wish.sudo().activity_ids.user_id)
        wish.action_approve()
        own = self._make_wish(self.card_admin, self.card_east)
        own.action_submit()
        self.assertFalse(own.can_decide)
        with self.assertRaises(AccessError):
            own.action_approve()

    def test_a_manager_decides_what_he_has_seen(self):
        self.wish.action_submit()
        seen = self.wish.submit_count
        manager = self.wish.with_user(self.manager_east)
        self.wish.action_draft()
        self.wish.action_submit()
        for action, args in (("action_approve", ()), ("action_refuse", ("no",))):
            with self.assertRaisesRegex(UserError, "submitted again"):
                getattr(manager.with_context(approval_seen=seen), action)(*args)
        kinds = self.env["customer.card.event"].search(
            [("partner_id", "=", self.card_east.id)]
        )
        self.assertIn("request_withdrawn", kinds.mapped("kind"))
        manager.with_context(approval_seen=seen + 1).action_approve()

    def test_nobody_decides_his_own_request(self):
        wish = self._make_wish(self.manager_east, self.card_east)
        wish.action_submit()
        self.assertFalse(wish.can_decide)
        with self.assertRaisesRegex(AccessError, "Regional Manager"):
            wish.action_approve()
        wish.with_user(self.regional_manager).action_approve()

    def test_administrators_decide_where_there_is_no_other_manager(self):
        self.team_east.parent_id = False
        wish = self._make_wish(self.manager_east, self.card_east)
        wish.action_submit()
        self.assertIn(self.card_admin, wish._approval_deciders()[wish.id])
        wish.with_user(self.card_admin).action_approve()

    def test_a_new_leader_decides_at_once(self):
        self.wish.action_submit()
        self.team_east.user_id = self.deputy_east
        with self.assertRaises(AccessError):
            self.wish.with_user(self.manager_east).action_approve()
        self.wish.with_user(self.deputy_east).action_approve()

    def test_without_anybody_to_decide(self):
        admins = self.env.ref("customer_card.customer_card_group_administrator")
        admins.user_ids = [Command.clear()]
        wish = self._make_wish(self.custodian_east, self.env["res.partner"])
        with self.assertRaises(UserError):
            wish.action_submit()

    def test_error_names_request_and_remedy(self):
        self.wish.action_submit()
        with self.assertRaisesRegex(AccessError, "Wish.*Ask.*Manager East"):
            self.wish.with_user(self.employee).action_approve()

    # guards

    def test_state_and_decision_cannot_be_written(self):
        values = {
            "state": "approved",
            "decided_by_id": self.manager_east.id,
            "decision_date": "2026-01-01",
            "refusal_reason": "x",
            "submit_date": "2026-01-01",
        }
        for user in (self.custodian_east, self.manager_east, self.card_admin):
            for name, value in values.items():
                with self.assertRaises(UserError):
                    self.wish.with_user(user).write({name: value})
        with self.assertRaises(UserError):
            self.wish.sudo().write({"state": "approved"})

    def test_state_and_decision_cannot_be_created(self):
        for vals in (
            {"state": "approved"},
            {"decided_by_id": self.manager_east.id},
            {"refusal_reason": "x"},
        ):
            with self.assertRaises(UserError):
                self._make_wish(self.custodian_east, self.card_east, **vals)
        with self.assertRaises(AccessError):
            self._make_wish(
                self.custodian_east, self.card_east, requester_id=self.employee.id
            )

    def test_nobody_asks_in_the_name_of_another(self):
        """He would be barred from the decision in the place of whoever asked."""
        own = self._make_wish(self.manager_east, self.card_east)
        with self.assertRaises(AccessError):
            own.requester_id = self.employee
        with self.assertRaises(AccessError):
            (own | self.wish).with_user(self.manager_east).write(
                {"requester_id": self.manager_east.id}
            )
        own.requester_id = self.manager_east
        self.assertEqual(own.requester_id, self.manager_east)
        self.assertEqual(self.wish.requester_id, self.custodian_east)

    def test_x2many_commands_decide_nothing(self):
        bundle = (
            self.env["customer.test.bundle"]
            .with_user(self.custodian_east)
            .create({"wish_ids": [Command.link(self.wish.id)]})
        )
        for command in (
            Command.update(self.wish.id, {"state": "approved"}),
            Command.create({"state": "approved"}),
            Command.create({"decided_by_id": self.manager_east.id}),
        ):
            for holder in (bundle, bundle.sudo(), bundle.with_user(self.card_admin)):
                with self.assertRaises(UserError):
                    holder.write({"wish_ids": [command]})
        self.assertEqual(self.wish.state, "draft")
        self.assertFalse(type(self.wish)._allow_sudo_commands)

    def test_defaults_of_a_client_decide_nothing(self):
        wish = (
            self.env["customer.test.wish"]
            .with_user(self.custodian_east)
            .with_context(
                default_state="approved",
                default_decided_by_id=self.manager_east.id,
                default_requester_id=self.employee.id,
            )
            .create({"partner_id": self.card_east.id})
        )
        self.assertEqual(wish.state, "draft")
        self.assertFalse(wish.decided_by_id)
        self.assertEqual(wish.requester_id, self.custodian_east)

    def test_only_the_object_opens_the_door(self):
        for forged in (True, 1, "APPROVAL_DOOR", str(APPROVAL_DOOR), object()):
            with self.assertRaises(UserError):
                self.wish.with_context(approval_door=forged).write(
                    {"state": "approved"}
                )

    def test_a_copy_starts_as_a_draft(self):
        self.wish.action_submit()
        self.wish.with_user(self.manager_east).action_approve()
        copy = self.wish.with_user(self.custodian_west).copy()
        self.assertEqual(copy.state, "draft")
        self.assertEqual(copy.requester_id, self.custodian_west)
        self.assertFalse(copy.decided_by_id)

    def test_who_may_edit_when(self):
        with self.assertRaises(AccessError):
            self.wish.with_user(self.manager_east).name = "x"
        self.wish.name = "by whoever asked"
        self.wish.action_submit()
        with self.assertRaises(AccessError):
            self.wish.name = "afterwards"
        self.wish.with_user(self.manager_east).name = "by the manager"
        self.wish.with_user(self.manager_east).action_approve()
        for user in (self.custodian_east, self.manager_east, self.card_admin):
            with self.assertRaises(UserError):
                self.wish.with_user(user).name = "after the decision"
        self.wish.note = "an open field"

    def test_only_drafts_are_deleted(self):
        with self.assertRaises(AccessError):
            self.wish.with_user(self.manager_east).unlink()
        self.wish.action_submit()
        with self.assertRaises(UserError):
            self.wish.unlink()
        self.wish.action_cancel()
        self.wish.unlink()

    # to-dos, chatter

    def test_every_approver_gets_a_to_do_and_loses_it(self):
        self.wish.action_submit()
        todos = self._todos(self.wish)
        self.assertEqual(todos.user_id, self.manager_east | self.regional_manager)
        self.assertEqual(todos.activity_type_id, self.env.ref(TODO))
        self.wish._approval_schedule_todos()
        self.assertEqual(len(self._todos(self.wish)), 2, "each has one")
        self.wish.with_user(self.regional_manager).action_approve()
        self.assertFalse(self._todos(self.wish))

    def test_steps_are_in_the_chatter_and_told(self):
        # changes are tracked from the end of the transaction that created the record
        self.env.cr.flush()
        self.wish.action_submit()
        told = self.env["mail.message"].search(
            [("model", "=", self.wish._name), ("res_id", "=", self.wish.id)]
        )
        self.assertEqual(
            told.notified_partner_ids,
            (self.manager_east | self.regional_manager).partner_id,
        )
        self.env.cr.flush()
        self.wish.with_user(self.manager_east).action_refuse("Because")
        self.env.cr.flush()
        self.env.invalidate_all()
        tracked = self.wish.sudo().message_ids.tracking_value_ids
        self.assertIn("To Approve", tracked.mapped("old_value_char"))
        self.assertIn("Refused", tracked.mapped("new_value_char"))
        answer = self.env["mail.message"].search(
            [
                ("model", "=", self.wish._name),
                ("res_id", "=", self.wish.id),
                ("partner_ids", "in", self.custodian_east.partner_id.ids),
            ]
        )
        self.assertEqual(len(answer), 1)

    # sets

    def test_queries_do_not_grow_with_the_requests(self):
        def decide(count):
            wishes = (
                self.env["customer.test.wish"]
                .with_user(self.custodian_east)
                .create([{"partner_id": self.card_east.id}] * count)
            )
            used = []
            for user, action in (
                (self.custodian_east, "action_submit"),
                (self.manager_east, "action_approve"),
            ):
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                getattr(wishes.with_user(user), action)()
                self.env.flush_all()
                used.append(self.env.cr.sql_log_count - before)
            return used

        decide(1)
        one, some = decide(2), decide(60)
        for few, many in zip(one, some, strict=True):
            # the ORM inserts rows by the hundred
            self.assertLessEqual(many, few + 6)

    def test_one_of_a_set_that_cannot_stops_all(self):
        other = self._make_wish(self.custodian_east, self.card_west)
        wishes = self.wish | other
        wishes.action_submit()
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            wishes.with_user(self.manager_east).action_approve()
        self.assertEqual(set(wishes.mapped("state")), {"submitted"})
        wishes.with_user(self.regional_manager).action_approve()

    def test_request_about_cards_of_two_departments(self):
        class_cards = self.card_east | self.card_west
        wish = self.wish
        self.patch(
            type(wish),
            "_approval_cards",
            lambda self: {request.id: class_cards.sudo() for request in self},
        )
        self.assertEqual(wish._approval_deciders()[wish.id], self.regional_manager)

    def test_kanban_folds_what_is_rarely_looked_at(self):
        groups = (
            self.env["customer.test.wish"]
            .with_context(read_group_expand=True)
            .formatted_read_group([], ["state"], ["__count"])
        )
        self.assertEqual(
            {group["state"]: group["__fold"] for group in groups},
            {
                "draft": False,
                "submitted": False,
                "approved": False,
                "refused": True,
                "cancelled": True,
            },
        )
