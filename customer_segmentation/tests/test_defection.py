from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import mute_logger

from odoo.addons.customer_card.tests.test_card_handover import HandoverWorld

from .common import CustomerSegmentationCommon


class CustomerDefectionCase(CustomerSegmentationCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.today()
        cls.Defection = cls.env["customer.defection"].with_company(cls.company)

    def buy(self, card, *days_ago, amount=500):
        for days in days_ago:
            self.make_invoice(card, amount, self.today - timedelta(days=days))

    def make_defection(self, card=None, user=None, **values):
        """:return: one recorded by hand, by the custodian of the East"""
        return self.Defection.with_user(user or self.custodian_east).create(
            {"partner_id": (card or self.card_east).id, "kind": "price", **values}
        )

    def get_defections(self, card):
        return self.Defection.search([("partner_id", "=", card.id)], order="id")


class TestDefectionSuggested(CustomerDefectionCase):
    """O05: who falls silent is suggested, and who buys again has come back."""

    def test_suggested_once_with_todo(self):
        self.buy(self.card_east, 250, 220, 190, 130)
        self.refresh(self.today)
        defection = self.get_defections(self.card_east)
        self.assertEqual(defection.state, "suggested")
        self.assertEqual(defection.origin, "figures")
        self.assertEqual(defection.risk, "high")
        self.assertEqual(defection.amount, 2000)
        self.assertEqual(defection.last_purchase, self.today - timedelta(days=130))
        self.assertEqual(defection.date_since, defection.last_purchase)
        self.assertEqual(defection.card_root_id, self.card_east)
        todo = defection.activity_ids
        self.assertEqual(todo.user_id, self.custodian_east)
        self.assertIn("2,000", todo.summary)
        self.assertIn("defection_suggested", self.get_kinds(self.card_east))
        self.refresh(self.today + timedelta(days=1))
        self.assertEqual(self.get_defections(self.card_east), defection)

    def test_not_suggested(self):
        """Not who keeps his rhythm, not who is no card, not below the settings."""
        self.company.defection_min_amount = 1000
        self.buy(self.card_east, 90, 60, 30, amount=5000)
        self.buy(self.card_west, 250, 220, 190)
        free = self.env["res.partner"].create({"name": "Free", "is_company": True})
        self.buy(free, 250, 220, 190, amount=5000)
        self.company.defection_min_amount = 1501
        self.refresh(self.today)
        self.assertFalse(self.Defection.search([("company_id", "=", self.company.id)]))
        # its twin: the same customer above the limit
        self.company.defection_min_amount = 1500
        self.refresh(self.today)
        self.assertEqual(
            self.Defection.search([("company_id", "=", self.company.id)]).partner_id,
            self.card_west,
        )

    def test_not_suggested_by_setting(self):
        self.buy(self.card_east, 250, 220, 190, 130)
        self.company.defection_detect = "lost"
        self.refresh(self.today)
        self.assertFalse(self.get_defections(self.card_east))
        self.company.defection_detect = "no"
        self.refresh(self.today + timedelta(days=90))
        self.assertFalse(self.get_defections(self.card_east))

    def test_looking_back_suggests_nothing(self):
        self.buy(self.card_east, 250, 220, 190)
        self.buy(self.card_east, 1)
        self.refresh(self.today)
        self.refresh(self.today - timedelta(days=2))
        self.assertEqual(self.get_row(self.card_east).defection_risk, "lost")
        self.assertFalse(self.get_defections(self.card_east))

    def test_so_many_for_one_custodian(self):
        """The largest first; the next one follows when he has decided."""
        self.company.defection_most_open = 1
        small = self.env["res.partner"].create(
            {
                "name": "Small East",
                "is_company": True,
                "user_id": self.custodian_east.id,
            }
        )
        small._open_cards()
        self.buy(self.card_east, 250, 220, 190)
        self.buy(small, 250, 220, 190, amount=20)
        self.buy(self.card_west, 250, 220, 190, amount=10)
        self.refresh(self.today)
        self.assertTrue(self.get_defections(self.card_east))
        self.assertTrue(self.get_defections(self.card_west))
        self.assertFalse(self.get_defections(small))
        self.get_defections(self.card_east).with_user(
            self.custodian_east
        ).action_dismiss("He is on holiday")
        self.refresh(self.today)
        self.assertTrue(self.get_defections(small))

    def test_dismissed_is_not_suggested_again(self):
        """… until he has bought and fallen silent once more."""
        self.buy(self.card_east, 400, 380, 360)
        self.refresh(self.today - timedelta(days=200))
        defection = self.get_defections(self.card_east)
        defection.with_user(self.custodian_east).action_dismiss("Buys by the season")
        self.assertEqual(defection.state, "dismissed")
        self.assertFalse(defection.activity_ids)
        self.refresh(self.today - timedelta(days=150))
        self.assertEqual(self.get_defections(self.card_east), defection)

    def test_suggested_again_after_coming_back(self):
        self.buy(self.card_east, 400, 380, 360)
        self.refresh(self.today - timedelta(days=200))
        first = self.get_defections(self.card_east)
        self.buy(self.card_east, 190)
        self.refresh(self.today - timedelta(days=180))
        self.assertEqual(first.state, "returned")
        self.assertEqual(first.date_back, self.today - timedelta(days=190))
        self.assertFalse(first.activity_ids)
        self.assertIn("defection_returned", self.get_kinds(self.card_east))
        self.refresh(self.today)
        again = self.get_defections(self.card_east) - first
        self.assertEqual(again.state, "suggested")

    def test_plan_wins_back(self):
        self.buy(self.card_east, 400, 380, 360)
        self.refresh(self.today)
        defection = self.get_defections(self.card_east).with_user(self.custodian_east)
        defection.kind = "service"
        defection.action_confirm()
        defection.action_propose_plan()
        defection.action_start_plan()
        # a document of before, entered late, is no return
        self.buy(self.card_east, 20)
        self.refresh(self.today)
        self.assertEqual(defection.state, "winback")
        self.buy(self.card_east, 0)
        self.refresh(self.today)
        self.assertEqual(defection.state, "won")
        self.assertFalse(defection.activity_ids)
        self.assertIn("bought again", defection.message_ids[0].body)

    def test_given_up_and_come_back(self):
        self.buy(self.card_east, 400, 380)
        self.refresh(self.today)
        defection = self.get_defections(self.card_east).with_user(self.custodian_east)
        defection.kind = "market"
        defection.action_confirm()
        defection.action_lost("Has closed his plant")
        self.refresh(self.today)
        self.assertEqual(defection.state, "lost")
        self.make_invoice(self.card_east, 10, self.today + timedelta(days=3))
        self.refresh(self.today + timedelta(days=3))
        self.assertEqual(defection.state, "returned")

    def test_half_gone(self):
        """Who was lost in part only, and goes on buying, has not come back by that; who
        was silent when it was recorded has."""
        self.buy(self.card_east, 30, 10)
        self.buy(self.card_west, 140, 120, 100)
        self.company.defection_detect = "no"
        self.refresh(self.today)
        half = self.make_defection()
        gone = self.make_defection(self.card_west, self.custodian_west)
        self.assertEqual((half.risk, gone.risk), ("low", "high"))
        self.buy(self.card_east, 0)
        self.buy(self.card_west, 0)
        self.refresh(self.today)
        self.assertEqual(half.state, "confirmed")
        self.assertEqual(gone.state, "returned")

    def test_closed_card(self):
        self.buy(self.card_east, 250, 220, 190)
        self.refresh(self.today)
        self.card_east.with_user(self.manager_east).action_card_close()
        self.assertEqual(self.get_defections(self.card_east).state, "dismissed")

    def test_sets_not_loops(self):
        """As many statements for sixty cards as for one."""
        counts = []
        run = self.company._get_metrics_run(self.today)
        self.company.defection_most_open = 1000
        for number in (1, 1, 60):
            cards = self.env["res.partner"].create(
                [
                    {
                        "name": f"Silent {number} {one}",
                        "is_company": True,
                        "user_id": self.custodian_east.id,
                    }
                    for one in range(number)
                ]
            )
            cards._open_cards()
            self.env["customer.metrics"].create(
                [
                    {
                        "partner_id": card.id,
                        "company_id": self.company.id,
                        "defection_risk": "lost",
                        "money_at_stake": 100,
                        "last_purchase": self.today - timedelta(days=300),
                    }
                    for card in cards
                ]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.Defection._follow_figures(run)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(
                self.Defection.search_count([("partner_id", "in", cards.ids)]), number
            )
        self.assertEqual(counts[1], counts[2])


class TestDefection(CustomerDefectionCase):
    """O05: why he left, the plan, and what became of it; the server enforces it."""

    def test_recorded_by_hand(self):
        self.buy(self.card_east, 30, 10)
        self.refresh(self.today)
        defection = self.make_defection(
            state="won", origin="figures", date_closed=self.today
        )
        self.assertEqual(defection.state, "confirmed")
        self.assertEqual(defection.origin, "manual")
        self.assertFalse(defection.date_closed)
        self.assertEqual(defection.confirmed_by_id, self.custodian_east)
        self.assertEqual(defection.amount, 1000)
        self.assertEqual(defection.date_since, self.today - timedelta(days=10))
        self.assertEqual(defection.user_id, self.custodian_east)
        self.assertEqual(self.get_kinds(self.card_east)[-1], "defection_confirmed")
        with self.assertRaisesRegex(UserError, "Alpha Foods.*open defection already"):
            self.make_defection()

    def test_kind_is_needed(self):
        with (
            self.assertRaisesRegex(ValidationError, "Alpha Foods.*why he left"),
            self.cr.savepoint(),
        ):
            self.make_defection(kind=False)
        self.buy(self.card_east, 250, 220, 190)
        self.refresh(self.today)
        suggested = self.get_defections(self.card_east).with_user(self.custodian_east)
        with self.assertRaisesRegex(UserError, "Alpha Foods"):
            suggested.action_confirm()
        suggested.kind = "technology"
        suggested.action_confirm()
        self.assertEqual(suggested.state, "confirmed")
        self.assertFalse(suggested.activity_ids)

    def test_lost_to_a_brand_of_his_own_card(self):
        Competitor = self.env["customer.card.competitor"]
        own, foreign = Competitor.create(
            [
                {"partner_id": self.card_east.id, "brand": "Cheaper"},
                {"partner_id": self.card_west.id, "brand": "Elsewhere"},
            ]
        )
        defection = self.make_defection(competitor_id=own.id)
        self.assertEqual(defection.competitor_id, own)
        with self.assertRaises(AccessError):
            defection.competitor_id = foreign
        with self.assertRaises(ValidationError):
            defection.with_user(self.card_admin).competitor_id = foreign

    def test_plan(self):
        """Steps become a visit, a promise and a to-do; what becomes of these is their
        state."""
        defection = self.make_defection()
        with self.assertRaisesRegex(UserError, "no step"):
            defection.action_start_plan()
        soon = self.today + timedelta(days=5)
        defection.step_ids = [
            Command.create(
                {
                    "name": name,
                    "method": method,
                    "date_due": soon,
                    "user_id": self.custodian_east.id,
                }
            )
            for name, method in (
                ("Bring the new offer", "visit"),
                ("Send the samples", "promise"),
                ("Work out the price", "todo"),
            )
        ]
        visit_step, promise_step, todo_step = defection.step_ids.sorted("id")
        defection.action_start_plan()
        self.assertEqual(defection.state, "winback")
        self.assertEqual(set(defection.step_ids.mapped("state")), {"open"})
        visit = visit_step.visit_id
        self.assertEqual(visit.partner_id, self.card_east)
        self.assertEqual(visit.user_id, self.custodian_east)
        self.assertGreaterEqual(visit.visit_date, soon)
        self.assertEqual(promise_step.promise_id.name, "Send the samples")
        self.assertEqual(promise_step.promise_id.date_due, soon)
        self.assertEqual(todo_step.activity_id.user_id, self.custodian_east)
        promise_step.promise_id.with_user(self.custodian_east).action_keep()
        self.assertEqual(promise_step.state, "done")
        todo_step.activity_id.with_user(self.custodian_east).action_done()
        self.assertEqual(todo_step.state, "done")
        self.assertEqual(defection.progress, 66)
        visit.with_user(self.custodian_east).action_cancel("He is away")
        self.assertEqual(visit_step.state, "dropped")
        self.assertEqual(defection.progress, 100)
        with self.assertRaises(UserError):
            todo_step.with_user(self.custodian_east).name = "Something else"

    def test_lost_drops_what_has_not_begun(self):
        defection = self.make_defection()
        defection.step_ids = [
            Command.create(
                {"name": "Calculate", "method": "todo", "date_due": self.today}
            )
        ]
        defection.action_start_plan()
        step = defection.step_ids
        activity = step.activity_id
        action = defection.action_lost()
        self.assertEqual(action["res_model"], "customer.defection.close")
        self.assertEqual(defection.state, "winback")
        self.env["customer.defection.close"].with_user(
            self.custodian_east
        ).with_context(**action["context"]).create(
            {"reason": "Signed for three years"}
        ).action_confirm()
        self.assertEqual(defection.state, "lost")
        self.assertEqual(defection.close_reason, "Signed for three years")
        self.assertEqual(step.state, "dropped")
        self.assertFalse(activity.exists())
        defection.action_reopen()
        self.assertEqual(defection.state, "confirmed")
        self.assertFalse(defection.date_closed)

    def test_wrong_state(self):
        defection = self.make_defection()
        with self.assertRaisesRegex(UserError, "Alpha Foods.*Confirmed"):
            defection.action_confirm()
        defection.action_won()
        with self.assertRaisesRegex(UserError, "Won Back"):
            defection.action_lost("No")

    def test_usual_steps_by_kind(self):
        defection = self.make_defection(kind="service")
        defection.action_propose_plan()
        names = defection.step_ids.mapped("name")
        self.assertTrue(any("Apologise" in name for name in names))
        self.assertFalse(any("trial" in name for name in names))
        self.assertTrue(any("what would bring him back" in name for name in names))
        with self.assertRaisesRegex(UserError, "steps already"):
            defection.action_propose_plan()

    def test_who_sees_and_works(self):
        """P04: the custodian, his managers, the administrator work on it; the back
        office reads; the other custodian does not know of it."""
        defection = self.make_defection()
        for user in (self.manager_east, self.regional_manager, self.card_admin):
            defection.with_user(user).reason = f"Seen by {user.name}"
            self.assertIn("Seen by", defection.with_user(user).reason)
        self.assertEqual(defection.with_user(self.reader).kind, "price")
        with self.assertRaises(AccessError):
            defection.with_user(self.reader).reason = "Changed"
        for user in (self.custodian_west, self.manager_west, self.employee):
            hidden = defection.with_user(user)
            hidden.invalidate_recordset()
            with self.assertRaises(AccessError), mute_logger("odoo.addons.base"):
                hidden.kind  # noqa: B018
            self.assertFalse(
                hidden.search([("partner_id", "=", self.card_east.id)]), user.name
            )
            self.assertNotIn("Alpha", hidden.display_name)
            for method in ("action_won", "action_confirm", "action_propose_plan"):
                with self.assertRaises(AccessError):
                    getattr(hidden, method)()
            with self.assertRaises(AccessError):
                hidden.action_lost("No")
            with self.assertRaises(AccessError):
                self.make_defection(user=user)
        self.assertEqual(defection.state, "confirmed")

    def test_borrower_reads(self):
        defection = self.make_defection()
        self.lend_card(self.custodian_west, self.card_east)
        lent = defection.with_user(self.custodian_west)
        self.assertEqual(lent.kind, "price")
        with self.assertRaises(AccessError):
            lent.action_won()
        with self.assertRaises(AccessError):
            lent.reason = "Mine"

    def test_only_buttons_write_the_state(self):
        defection = self.make_defection()
        for vals in (
            {"state": "won"},
            {"date_back": self.today},
            {"origin": "figures"},
        ):
            with self.assertRaises(AccessError):
                defection.write(vals)
            with self.assertRaises(AccessError):
                defection.with_context(defection_door=True).write(vals)
        with self.assertRaises(UserError):
            defection.partner_id = self.card_west
        with self.assertRaises(AccessError):
            defection.with_user(self.custodian_east).unlink()
        step = self.env["customer.defection.step"].with_user(self.custodian_east)
        step = step.create(
            {
                "defection_id": defection.id,
                "name": "Call",
                "method": "phone",
                "date_due": self.today,
                "is_dropped": True,
            }
        )
        self.assertEqual(step.state, "draft")
        with self.assertRaises(AccessError):
            step.is_dropped = True

    def test_merge_keeps_the_one_that_got_furthest(self):
        other = self.env["res.partner"].create(
            {
                "name": "Alpha Foods Twin",
                "is_company": True,
                "user_id": self.custodian_east.id,
            }
        )
        other._open_cards()
        first = self.make_defection()
        second = self.make_defection(other, kind="product")
        second.step_ids = [
            Command.create({"name": "Call", "method": "todo", "date_due": self.today})
        ]
        second.action_start_plan()
        self.env["base.partner.merge.automatic.wizard"]._merge(
            [self.card_east.id, other.id], self.card_east, extra_checks=False
        )
        found = self.Defection.search([("partner_id", "=", self.card_east.id)])
        self.assertEqual(found, first | second)
        self.assertEqual(first.state, "dismissed")
        self.assertEqual(second.state, "winback")

    def test_open_from_the_figures(self):
        self.buy(self.card_east, 10)
        self.refresh(self.today)
        row = self.get_row(self.card_east).with_user(self.custodian_east)
        action = row.action_open_defection()
        self.assertFalse(action["res_id"])
        self.assertEqual(action["context"]["default_partner_id"], self.card_east.id)
        defection = self.make_defection()
        self.assertEqual(row.action_open_defection()["res_id"], defection.id)
        card = self.card_east.with_user(self.custodian_east)
        self.assertEqual(card.with_company(self.company).defection_state, "confirmed")
        with self.assertRaises(AccessError):
            row.with_user(self.custodian_west).action_open_defection()


class TestDefectionPassesOn(HandoverWorld, CustomerDefectionCase):
    """C05: whoever takes over the card wins the customer back."""

    def make_running(self):
        """:return: a defection of the East with a to-do of its custodian"""
        defection = self.make_defection()
        defection.step_ids = [
            Command.create(
                {
                    "name": "Work out the price",
                    "method": "todo",
                    "date_due": self.today,
                    "user_id": self.custodian_east.id,
                }
            )
        ]
        defection.action_start_plan()
        return defection.sudo()

    def check_passed_on(self, defection):
        self.assertEqual(defection.user_id, self.deputy_east)
        self.assertEqual(defection.step_ids.user_id, self.deputy_east)
        self.assertEqual(defection.activity_ids.user_id, self.deputy_east)
        own = defection.with_user(self.deputy_east).sudo(False)
        own.action_lost("No way")
        self.assertEqual(own.state, "lost")

    def test_handover(self):
        defection = self.make_running()
        self.hand_over(self.manager_east)
        self.check_passed_on(defection)

    def test_new_custodian(self):
        defection = self.make_running()
        self.card_east.with_user(self.manager_east).card_custodian_id = self.deputy_east
        self.check_passed_on(defection)

    def test_suggestion_goes_to_the_deputy(self):
        self.buy(self.card_east, 250, 220, 190)
        self.refresh(self.today)
        defection = self.get_defections(self.card_east)
        self.card_east.with_user(self.manager_east).write(
            {
                "card_deputy_id": self.deputy_east.id,
                "card_deputy_from": self.today - timedelta(days=2),
                "card_deputy_until": self.today + timedelta(days=5),
            }
        )
        self.assertEqual(defection.activity_ids.user_id, self.deputy_east)

    def test_open_item(self):
        self.make_defection(amount=700)
        items = {one["kind"]: one for one in self.card_east._get_card_open_items()}
        self.assertEqual(items["defection"]["count"], 1)
        self.assertEqual(items["defection"]["amount"], 700)
        mine = self.card_east._get_card_open_items(self.custodian_west)
        self.assertNotIn("defection", [one["kind"] for one in mine])
