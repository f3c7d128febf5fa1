from datetime import timedelta

from odoo import Command, fields

from .common import CustomerSegmentationHttp


class TestKeepHttp(CustomerSegmentationHttp):
    """P04, A07: what a client sends about a hidden customer's defection and offers is
    refused, whichever way he asks; each refusal has its allowed twin."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.today()
        Defection = cls.env["customer.defection"].with_company(cls.company)
        cls.hidden, cls.own = Defection.create(
            [
                {"partner_id": card.id, "kind": "price", "goal": f"Goal {card.name}"}
                for card in (cls.card_east, cls.card_west)
            ]
        )
        cls.hidden_step, cls.own_step = cls.env["customer.defection.step"].create(
            [
                {
                    "defection_id": defection.id,
                    "name": f"Step {defection.partner_id.name}",
                    "method": "todo",
                    "date_due": cls.today + timedelta(days=2),
                    "user_id": user.id,
                }
                for defection, user in (
                    (cls.hidden, cls.custodian_east),
                    (cls.own, cls.custodian_west),
                )
            ]
        )
        cls.env.flush_all()
        cls.env.cr.execute(
            """
            INSERT INTO customer_next_sale
                   (company_id, partner_id, card_root_id, product_id, kind, state,
                    quantity, score)
            SELECT %s, id, id, %s, 'stopped', 'open', 1, 1
              FROM unnest(%s) AS id
            """,
            (
                cls.company.id,
                cls.product.id,
                [cls.card_east.id, cls.card_west.id],
            ),
        )

    def west(self, *args, **kwargs):
        return self.call(self.custodian_west, *args, **kwargs)

    def refused(self, *args, **kwargs):
        return self.get_refusal(self.custodian_west, *args, **kwargs)

    def test_reading(self):
        spec = {"goal": {}, "step_ids": {"fields": {"name": {}}}}
        [own] = self.west("customer.defection", "web_read", self.own.ids, spec)
        self.assertEqual(own["step_ids"][0]["name"], "Step Beta Tools")
        self.assertTrue(
            self.refused("customer.defection", "web_read", self.hidden.ids, spec)
        )
        found = self.west("customer.defection", "search_read", [], ["goal"])
        self.assertEqual([one["id"] for one in found], self.own.ids)
        for model in ("customer.defection.step", "customer.next.sale"):
            found = self.west(model, "search_read", [], ["card_root_id"])
            self.assertEqual(
                {one["card_root_id"][0] for one in found}, {self.card_west.id}
            )

    def test_asking_by_path(self):
        """Neither a search nor a sum over a path tells what is hidden."""
        hidden = [("partner_id.name", "=", "Alpha Foods")]
        for model in ("customer.defection", "customer.next.sale"):
            self.assertEqual(self.west(model, "search_count", hidden), 0)
            groups = self.west(
                model, "formatted_read_group", [], ["partner_id"], ["__count"]
            )
            self.assertEqual(
                [group["partner_id"][0] for group in groups], self.card_west.ids
            )
        steps = [("defection_id.goal", "like", "Alpha")]
        self.assertEqual(self.west("customer.defection.step", "search_count", steps), 0)
        twin = [("defection_id.goal", "like", "Beta")]
        self.assertEqual(self.west("customer.defection.step", "search_count", twin), 1)

    def test_recording(self):
        values = {"kind": "price", "company_id": self.company.id}
        self.assertIn(
            "AccessError",
            self.refused(
                "customer.defection",
                "create",
                [{**values, "partner_id": self.card_east.id}],
            )
            or "",
        )
        other = {"partner_id": {}, "amount": {}, "date_since": {}}
        self.assertTrue(
            self.refused(
                "customer.defection",
                "onchange",
                [],
                {"partner_id": self.card_east.id},
                ["partner_id"],
                other,
            )
        )
        self.own.action_won()
        self.assertTrue(
            self.west(
                "customer.defection",
                "create",
                [{**values, "partner_id": self.card_west.id, "state": "won"}],
            )
        )
        latest = self.own.search([("partner_id", "=", self.card_west.id)], limit=1)
        self.assertEqual(latest.state, "confirmed")

    def test_buttons(self):
        for method in (
            "action_won",
            "action_start_plan",
            "action_propose_plan",
            "action_dismiss",
            "action_reopen",
        ):
            self.assertTrue(
                self.refused("customer.defection", method, self.hidden.ids), method
            )
        close = {
            "state": "lost",
            "reason": "No",
            "defection_ids": [Command.set(self.hidden.ids)],
        }
        self.assertTrue(self.refused("customer.defection.close", "create", [close]))
        self.assertEqual(self.hidden.state, "confirmed")
        self.assertTrue(
            self.west("customer.defection", "action_start_plan", self.own.ids)
        )
        self.assertEqual(self.own.state, "winback")
        self.assertEqual(self.own_step.state, "open")

    def test_steps_of_others(self):
        """A step is neither moved, changed nor planted by the commands of a form."""
        for commands in (
            [Command.update(self.hidden_step.id, {"name": "Mine"})],
            [Command.link(self.hidden_step.id)],
            [Command.delete(self.hidden_step.id)],
        ):
            self.assertTrue(
                self.refused(
                    "customer.defection",
                    "web_save",
                    self.own.ids,
                    {"step_ids": commands},
                    {},
                ),
                commands,
            )
        step = {
            "name": "Planted",
            "method": "todo",
            "date_due": fields.Date.to_string(self.today),
        }
        self.assertTrue(
            self.refused(
                "customer.defection.step",
                "create",
                [{**step, "defection_id": self.hidden.id}],
            )
        )
        self.env.invalidate_all()
        self.assertEqual(self.hidden.step_ids, self.hidden_step)
        self.assertEqual(self.hidden_step.name, "Step Alpha Foods")
        self.west(
            "customer.defection",
            "web_save",
            self.own.ids,
            {"step_ids": [Command.create({**step, "user_id": self.custodian_west.id})]},
            {},
        )
        self.env.invalidate_all()
        self.assertEqual(len(self.own.step_ids), 2)

    def test_system_values(self):
        """State, links and offers are written by the system, whatever a client puts
        into the values or the context."""
        for context in ({}, {"defection_door": True}, {"defection_door": {}}):
            self.assertTrue(
                self.refused(
                    "customer.defection",
                    "write",
                    self.own.ids,
                    {"state": "won"},
                    context=context,
                )
            )
        offer = self.env["customer.next.sale"].search(
            [("partner_id", "=", self.card_west.id)]
        )
        self.assertTrue(
            self.refused(
                "customer.next.sale",
                "write",
                offer.ids,
                {"state": "dismissed"},
                context={"next_sale_door": True},
            )
        )
        self.assertTrue(self.west("customer.next.sale", "action_dismiss", offer.ids))
        for model, method in (
            ("customer.statistics", "_refresh"),
            ("customer.defection", "_follow_figures"),
            ("customer.prediction", "_predict"),
        ):
            self.assertTrue(self.refused(model, method, []))

    def test_from_the_card(self):
        spec = {"defection_ids": {"fields": {"goal": {}}}, "next_sale_ids": {}}
        [own] = self.west("res.partner", "web_read", self.card_west.ids, spec)
        self.assertEqual(own["defection_ids"][0]["goal"], "Goal Beta Tools")
        self.assertTrue(own["next_sale_ids"])
        self.assertTrue(
            self.refused("res.partner", "web_read", self.card_east.ids, spec)
        )
        self.assertTrue(
            self.refused("res.partner", "action_open_defection", self.card_east.ids)
        )
