from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common import CustomerSegmentationHttp


@tagged("post_install", "-at_install")
class TestLifecycleHttp(CustomerSegmentationHttp):
    """O03, P02, P04: what a client may do with stages and stars, over the wire."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.refresh()
        cls.row = cls.get_row(cls.card_east)
        cls.context = {"allowed_company_ids": cls.company.ids}
        cls.until = fields.Date.to_string(
            cls.company._get_metrics_today() + timedelta(days=20)
        )

    def ask(self, user, model, method, *args, **kwargs):
        """:return: what the server answers, in the company of the world"""
        kwargs["context"] = {**self.context, **kwargs.get("context", {})}
        return self.call(user, model, method, *args, **kwargs)

    def refuse(self, user, model, method, *args, **kwargs):
        kwargs["context"] = {**self.context, **kwargs.get("context", {})}
        self.assertTrue(
            self.get_refusal(user, model, method, *args, **kwargs),
            f"{user.name} called {model}.{method}",
        )

    def drag(self, user):
        """What the board does: ask for the dialog, fill it in, press its button."""
        action = self.ask(
            user, "customer.metrics", "action_move_stage", self.row.ids, "supporter"
        )
        wizard = self.ask(
            user,
            "customer.lifecycle.move",
            "web_save",
            [],
            {"reason": "Chairs the fair", "valid_until": self.until},
            specification={},
            context=action["context"],
        )
        self.ask(user, "customer.lifecycle.move", "action_move", [wizard[0]["id"]])
        self.env.invalidate_all()

    def test_drag(self):
        self.drag(self.custodian_east)
        self.assertEqual(self.row.lifecycle_stage, "supporter")
        override = self.env["customer.lifecycle.override"].search(
            [("partner_id", "=", self.card_east.id)]
        )
        self.assertEqual(override.user_id, self.custodian_east)
        self.ask(
            self.custodian_east,
            "customer.metrics",
            "action_end_override",
            self.row.ids,
        )
        self.env.invalidate_all()
        self.assertEqual(self.row.lifecycle_stage, "potential")

    def test_drag_by_a_manager(self):
        self.drag(self.manager_east)
        self.assertEqual(self.row.lifecycle_stage, "supporter")

    def test_drag_by_others(self):
        """Neither the dialog, nor past it with a wizard of one's own."""
        self.lend_card(self.custodian_west, self.card_east)
        for user in (
            self.custodian_west,
            self.manager_west,
            self.employee,
            self.reader,
        ):
            with self.subTest(user=user.name):
                self.refuse(
                    user,
                    "customer.metrics",
                    "action_move_stage",
                    self.row.ids,
                    "supporter",
                )
        values = {
            "metrics_ids": [[4, self.row.id]],
            "stage": "supporter",
            "reason": "Mine now",
            "valid_until": self.until,
        }
        wizard = self.ask(
            self.custodian_west, "customer.lifecycle.move", "create", [values]
        )
        self.refuse(
            self.custodian_west, "customer.lifecycle.move", "action_move", wizard
        )
        self.env.invalidate_all()
        self.assertEqual(self.row.lifecycle_stage, "potential")

    def test_written_past_the_dialog(self):
        """No write, no command of an x2many, no key in the context."""
        self.drag(self.custodian_east)
        override = self.env["customer.lifecycle.override"].search(
            [("partner_id", "=", self.card_east.id)]
        )
        stage = {"lifecycle_stage": "loyal"}
        for user in (self.custodian_east, self.card_admin):
            with self.subTest(user=user.name):
                for method in ("write", "web_save"):
                    self.refuse(
                        user,
                        "customer.metrics",
                        method,
                        self.row.ids,
                        stage,
                        **({"specification": {}} if method == "web_save" else {}),
                        context={"sudo": True, "su": True},
                    )
                for name, line in (
                    ("metrics_ids", [1, self.row.id, stage]),
                    (
                        "lifecycle_override_ids",
                        [1, override.id, {"valid_until": "2099-01-01"}],
                    ),
                    (
                        "lifecycle_override_ids",
                        [
                            0,
                            0,
                            {
                                "company_id": self.company.id,
                                "stage": "loyal",
                                "reason": "-",
                                "date_from": self.until,
                                "valid_until": self.until,
                            },
                        ],
                    ),
                    (
                        "key_mark_ids",
                        [
                            0,
                            0,
                            {
                                "company_id": self.company.id,
                                "is_key": True,
                                "reason": "-",
                                "date": self.until,
                            },
                        ],
                    ),
                ):
                    self.refuse(
                        user, "res.partner", "write", self.card_east.ids, {name: [line]}
                    )
        for method, args in (
            ("_set_stage", [self.row.ids, "loyal", "-", self.until]),
            ("_end", [override.ids, "expired"]),
        ):
            self.refuse(
                self.custodian_east, "customer.lifecycle.override", method, *args
            )
        self.env.invalidate_all()
        self.assertEqual(self.row.lifecycle_stage, "supporter")
        self.assertEqual(override.valid_until, fields.Date.to_date(self.until))

    def test_hidden_card_through_dialogs(self):
        """No dialog takes a customer whose card the user may not open."""
        for model, values in (
            ("customer.key.star", {"partner_ids": [[4, self.card_east.id]]}),
            (
                "customer.lifecycle.move",
                {
                    "metrics_ids": [[4, self.row.id]],
                    "stage": "loyal",
                    "valid_until": self.until,
                },
            ),
        ):
            with self.subTest(model=model):
                values["reason"] = "?"
                self.refuse(self.custodian_west, model, "create", [values])
                self.assertTrue(
                    self.ask(self.custodian_east, model, "create", [values])
                )

    def test_star(self):
        for user, refused in (
            (self.custodian_west, True),
            (self.employee, True),
            (self.custodian_east, False),
        ):
            with self.subTest(user=user.name):
                if refused:
                    self.refuse(
                        user, "res.partner", "action_key_star", self.card_east.ids
                    )
                else:
                    self.ask(user, "res.partner", "action_key_star", self.card_east.ids)

    def test_groups_and_paths(self):
        """Groupings and dotted paths show the stages of one's own cards alone."""
        self.drag(self.custodian_east)
        for user, count in ((self.custodian_east, 1), (self.custodian_west, 0)):
            with self.subTest(user=user.name):
                groups = self.ask(
                    user,
                    "customer.metrics",
                    "formatted_read_group",
                    [["lifecycle_stage", "=", "supporter"]],
                    ["lifecycle_stage"],
                    ["__count"],
                )
                self.assertEqual(
                    sum(
                        one["__count"]
                        for one in groups
                        if one["lifecycle_stage"] == "supporter"
                    ),
                    count,
                )
                self.assertEqual(
                    self.ask(
                        user,
                        "res.partner",
                        "search_count",
                        [
                            ["id", "=", self.card_east.id],
                            ["lifecycle_override_ids.reason", "ilike", "fair"],
                        ],
                    ),
                    count,
                )

    def test_drag_in_the_browser(self):
        self.custodian_east.company_ids = self.company
        self.start_tour(
            "/odoo/customer-life-cycle",
            "customer_lifecycle_drag",
            login=self.custodian_east.login,
        )
        self.env.invalidate_all()
        self.assertEqual(self.row.lifecycle_stage, "supporter")
        self.assertEqual(self.row.lifecycle_override_reason, "Chairs the fair")
        self.assertTrue(self.row.is_key_customer)

    def test_drag_refused_in_the_browser(self):
        self.lend_card(self.custodian_west, self.card_east)
        self.custodian_west.company_ids = self.company
        self.start_tour(
            "/odoo/customer-life-cycle",
            "customer_lifecycle_drag_refused",
            login=self.custodian_west.login,
        )
        self.env.invalidate_all()
        self.assertEqual(self.row.lifecycle_stage, "potential")
