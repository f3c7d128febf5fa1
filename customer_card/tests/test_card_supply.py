from datetime import date, timedelta

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import CustomerCardCommon

TODAY = "2026-05-12"


class CustomerCardSupplyWorld:
    """What the two cards of the world are supplied with."""

    @classmethod
    def make_supply(cls):
        cls.malt, cls.crates = cls.env["customer.card.product"].create(
            [{"name": "Malt", "uom": "t"}, {"name": "Crates", "uom": "pcs"}]
        )

    @classmethod
    def make_contract(cls, partner=None, **values):
        return cls.env["customer.card.contract"].create(
            {
                "partner_id": (partner or cls.card_east).id,
                "name": "Malt 2026",
                "date_start": "2026-01-01",
                "date_end": "2026-12-31",
                "amount": 1000,
                "reminder_days": 30,
                **values,
            }
        )

    @classmethod
    def make_line(cls, partner=None, **values):
        return cls.env["customer.card.consumption"].create(
            {
                "partner_id": (partner or cls.card_east).id,
                "product_id": cls.malt.id,
                "stock_quantity": 20,
                "as_of_date": "2026-05-12",
                "usage_quantity": 2,
                "usage_period": "day",
                "lead_days": 0,
                **values,
            }
        )


class SupplyCase(CustomerCardSupplyWorld, CustomerCardCommon):
    @classmethod
    def setUpClass(cls):
        freezer = freeze_time(f"{TODAY} 10:00:00")
        freezer.start()
        cls.addClassCleanup(freezer.stop)
        super().setUpClass()
        cls.make_supply()

    def events(self, partner=None):
        return self.env["customer.card.event"].search(
            [("partner_id", "=", (partner or self.card_east).id)]
        )


@tagged("post_install", "-at_install")
class TestCardProduct(SupplyCase):
    """A01: the goods that customers talk about."""

    def test_a_card_user_adds_a_product_while_he_types(self):
        product = self.env["customer.card.product"].with_user(self.custodian_east)
        product_id, name = product.name_create("Hops")
        self.assertEqual(name, "Hops")
        with self.assertRaises(AccessError):
            product.browse(product_id).name = "Yeast"
        product.with_user(self.card_admin).browse(product_id).name = "Yeast"

    def test_an_employee_adds_none(self):
        with self.assertRaises(AccessError):
            self.env["customer.card.product"].with_user(self.employee).create(
                {"name": "Hops"}
            )

    def test_no_product_twice_however_it_is_spelled(self):
        for name in ("malt", " MALT", "Ma lt", "Ｍalt"):
            with self.subTest(name=name), self.assertRaises(ValidationError) as raised:
                self.malt.create({"name": name})
            self.assertIn("Malt", str(raised.exception))
        with self.assertRaises(ValidationError):
            self.malt.create([{"name": "Hops"}, {"name": "hops"}])
        # another category is another product
        self.malt.create({"name": "malt", "parent_id": self.crates.id})

    def test_no_product_twice_among_the_archived(self):
        self.malt.active = False
        with self.assertRaises(ValidationError) as raised:
            self.malt.create({"name": "malt"})
        self.assertIn("archived", str(raised.exception))

    def test_no_category_within_itself(self):
        child = self.malt.create({"name": "Pale malt", "parent_id": self.malt.id})
        self.assertEqual(child.complete_name, "Malt / Pale malt")
        with self.assertRaises(UserError):
            self.malt.parent_id = child

    def test_a_product_in_use_is_not_deleted(self):
        self.make_line()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.malt.unlink()


@tagged("post_install", "-at_install")
class TestCardContract(SupplyCase):
    """A01: the supply contract."""

    def test_term_states_on_the_day_of_the_user(self):
        contracts = {
            "future": self.make_contract(date_start="2026-05-13"),
            "running": self.make_contract(date_end="2026-06-12"),
            "ending": self.make_contract(date_end="2026-06-11"),
            "ended": self.make_contract(date_end="2026-05-11"),
        }
        last_day = self.make_contract(date_end=TODAY)
        forever = self.make_contract(date_end=False)
        never_reminded = self.make_contract(date_end="2026-05-13", reminder_days=0)
        everything = last_day | forever | never_reminded
        for contract in contracts.values():
            everything |= contract
        contracts["ending"] |= last_day
        contracts["running"] |= forever | never_reminded
        Contract = everything.with_user(self.custodian_east)
        groups = dict(
            Contract._read_group(
                [("id", "in", everything.ids)], ["term_state"], ["id:recordset"]
            )
        )
        for state, expected in contracts.items():
            with self.subTest(state=state):
                self.assertEqual(set(expected.mapped("term_state")), {state})
                found = Contract.search(
                    [("term_state", "=", state), ("id", "in", everything.ids)]
                )
                self.assertEqual(found, expected.sorted("id") & found)
                self.assertEqual(found.ids, (found & expected).ids)
                self.assertEqual(len(found), len(expected))
                self.assertEqual(set(groups[state].ids), set(expected.ids))
        self.assertEqual(
            Contract.search_count(
                [("term_state", "!=", "ended"), ("id", "in", everything.ids)]
            ),
            len(everything) - 1,
        )

    @freeze_time("2026-05-12 22:30:00")
    def test_the_day_is_that_of_the_time_zone_of_the_user(self):
        contract = self.make_contract(date_end="2026-05-12")
        for user, tz, state in (
            (self.custodian_east, "America/New_York", "ending"),
            (self.manager_east, "Asia/Seoul", "ended"),
        ):
            user.tz = tz
            seen = contract.with_user(user)
            self.assertEqual(seen.term_state, state)
            self.assertTrue(
                seen.search([("term_state", "=", state), ("id", "=", contract.id)])
            )
            # a time zone that the client claims changes nothing
            self.assertEqual(seen.with_context(tz="UTC").term_state, state)
            seen.invalidate_recordset()

    def test_numbers_and_dates_that_cannot_be(self):
        with self.assertRaises(ValidationError) as raised:
            self.make_contract(date_end="2025-12-31")
        self.assertIn("Malt 2026", str(raised.exception))
        for values in ({"amount": -1}, {"reminder_days": -1}):
            with (
                self.subTest(values=values),
                self.assertRaises(IntegrityError),
                mute_logger("odoo.sql_db"),
            ):
                self.make_contract(**values)

    def test_keepers_edit_readers_read_others_see_nothing(self):
        contract = self.make_contract()
        free = self.make_contract(self.free_partner)
        for user in (self.custodian_east, self.manager_east, self.card_admin):
            contract.with_user(user).performance_note = user.name
        self.assertTrue(contract.with_user(self.reader).has_access("read"))
        for user in (self.reader, self.custodian_west, self.deputy_east, self.employee):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                contract.with_user(user).performance_note = "mine"
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                contract.with_user(user).unlink()
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                contract.with_user(user).create(
                    {"partner_id": self.card_east.id, "name": "Mine"}
                )
        for user in (self.custodian_west, self.deputy_east, self.employee):
            self.assertFalse(
                contract.with_user(user).search([("id", "=", contract.id)])
            )
            self.assertTrue(free.with_user(user).has_access("read"))

    def test_a_borrower_reads_and_changes_nothing(self):
        contract = self.make_contract()
        self.env["customer.card.loan"].create(
            {
                "borrower_id": self.custodian_west.id,
                "card_ids": [Command.set(self.card_east.ids)],
                "purpose": "Visit",
                "valid_until": "2026-05-13 12:00:00",
            }
        )._approval_move("lent")
        borrowed = contract.with_user(self.custodian_west)
        self.assertEqual(borrowed.name, "Malt 2026")
        with self.assertRaises(AccessError):
            borrowed.name = "Mine"
        with self.assertRaises(AccessError):
            borrowed.action_renew()
        with self.assertRaises(AccessError):
            borrowed.message_post(body="mine")
        with freeze_time("2026-05-13 12:00:01"):
            self.assertFalse(borrowed.has_access("read"))

    def test_the_deputy_in_his_dates(self):
        contract = self.make_contract()
        self.card_east.with_user(self.manager_east).write(
            {
                "card_deputy_id": self.deputy_east.id,
                "card_deputy_until": "2026-05-20",
            }
        )
        contract.with_user(self.deputy_east).performance = "as_agreed"
        with freeze_time("2026-05-21 10:00:00"), self.assertRaises(AccessError):
            contract.with_user(self.deputy_east).performance = "breached"

    def test_the_contract_of_another_company(self):
        other = self.env["res.company"].create({"name": "Other Company"})
        contract = self.make_contract(company_id=other.id)
        self.assertEqual(contract.currency_id, other.currency_id)
        self.assertFalse(contract.with_user(self.custodian_east).has_access("read"))
        self.custodian_east.company_ids |= other
        both = (self.custodian_east.company_id | other).ids
        seen = contract.with_user(self.custodian_east)
        self.assertTrue(seen.with_context(allowed_company_ids=both).has_access("read"))

    def test_changes_are_tracked_and_in_the_ledger(self):
        contract = self.make_contract()
        self.cr.flush()
        contract.with_user(self.custodian_east).write(
            {"amount": 1200, "performance": "breached"}
        )
        self.cr.flush()
        event = self.events()[0]
        self.assertEqual(event.kind, "changed")
        self.assertEqual(event.user_id, self.custodian_east)
        for part in ("Malt 2026", "Amount", "Performance"):
            self.assertIn(part, event.description)
        tracked = contract.message_ids.tracking_value_ids.field_id.mapped("name")
        self.assertLessEqual({"amount", "performance"}, set(tracked))

    def test_renewing_makes_the_contract_that_follows(self):
        contract = self.make_contract(performance="as_agreed")
        action = contract.with_user(self.custodian_east).action_renew()
        successor = contract.browse(action["res_id"])
        self.assertEqual(successor.date_start, date(2027, 1, 1))
        self.assertEqual(successor.date_end, date(2027, 12, 31))
        self.assertEqual(successor.predecessor_id, contract)
        self.assertEqual(successor.amount, 1000)
        self.assertFalse(successor.performance)
        self.assertEqual(contract.date_end, date(2026, 12, 31))
        with self.assertRaises(UserError):
            contract.with_user(self.custodian_east).action_renew()
        with self.assertRaises(AccessError):
            contract.with_user(self.reader).action_renew()
        with self.assertRaises(UserError):
            self.make_contract(date_end=False).action_renew()
        self.assertIn("renewed", str(self.events().mapped("description")))

    def test_a_contract_renews_one_of_the_same_customer_only(self):
        with self.assertRaises(ValidationError):
            self.make_contract(predecessor_id=self.make_contract(self.card_west).id)

    def test_struck_out_and_restored(self):
        contract = self.make_contract()
        kept = contract.with_user(self.custodian_east)
        kept.action_strike_out()
        self.assertFalse(self.card_east.card_contract_ids)
        self.assertEqual(contract.struck_by_id, self.custodian_east)
        kept.action_restore()
        self.assertEqual(self.card_east.card_contract_ids, contract)
        with self.assertRaises(AccessError):
            contract.with_user(self.reader).action_strike_out()

    def test_a_former_custodian_hears_no_more_of_it(self):
        contract = self.make_contract()
        follower = self.custodian_east.partner_id
        contract.message_subscribe(follower.ids)
        message = contract.message_post(body="1", subtype_xmlid="mail.mt_comment")
        self.assertIn(follower, message.notified_partner_ids)
        self.card_east.with_user(self.manager_east).card_custodian_id = self.deputy_east
        message = contract.message_post(body="2", subtype_xmlid="mail.mt_comment")
        self.assertNotIn(follower, message.notified_partner_ids)

    def test_contracts_from_before_the_card_belong_to_it(self):
        contract = self.make_contract(self.free_partner)
        self.assertFalse(contract.card_root_id)
        self.free_partner._open_cards(custodian=self.custodian_west)
        self.assertEqual(contract.card_root_id, self.free_partner)
        self.assertFalse(contract.with_user(self.custodian_east).has_access("read"))

    def test_the_smart_button_counts_the_whole_card(self):
        self.make_contract()
        self.make_contract(self.contact_east)
        self.make_contract(self.card_west)
        partners = (self.card_east | self.contact_east).with_user(self.custodian_east)
        self.assertEqual(partners.mapped("card_contract_count"), [2, 1])
        action = partners[0].action_card_contracts()
        self.assertEqual(
            self.env["customer.card.contract"].search_count(action["domain"]), 2
        )

    def test_lists_cost_the_same_for_one_and_for_a_hundred(self):
        contracts = self.env["customer.card.contract"].create(
            [
                {"partner_id": self.card_east.id, "name": f"C{n}", "date_end": TODAY}
                | {"date_start": "2026-01-01"}
                for n in range(100)
            ]
        )
        spec = {
            name: {}
            for name in ("name", "term_state", "can_edit", "amount", "performance")
        } | {"custodian_id": {"fields": {"display_name": {}}}}
        counts = []
        for size in (1, 100):
            # the caches of rules are warm
            for _again in range(2):
                self.env.invalidate_all()
                before = self.cr.sql_log_count
                contracts[:size].with_user(self.custodian_east).web_read(spec)
                counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[3])


@tagged("post_install", "-at_install")
class TestCardContractReminder(SupplyCase):
    """A01, C05: whoever looks after the card is reminded before a contract ends."""

    def remind(self):
        with self.enter_registry_test_mode():
            self.env.ref(
                "customer_card.customer_card_contract_cron_remind"
            ).method_direct_trigger()

    def todos(self, contract):
        return contract.sudo().activity_ids

    def test_one_to_do_before_the_end_and_no_second(self):
        contract = self.make_contract(date_end="2026-06-11")
        later = self.make_contract(date_end="2026-06-12")
        self.remind()
        todo = self.todos(contract)
        self.assertEqual(todo.user_id, self.custodian_east)
        self.assertEqual(todo.date_deadline, date(2026, 5, 12))
        self.assertIn("06/11/2026", todo.summary)
        self.assertFalse(self.todos(later))
        self.remind()
        self.assertEqual(self.todos(contract), todo)
        todo.with_user(self.custodian_east).action_feedback(feedback="ends")
        self.remind()
        self.assertFalse(self.todos(contract))
        with freeze_time("2026-05-13 10:00:00"):
            self.remind()
        self.assertFalse(self.todos(contract))
        self.assertTrue(self.todos(later))

    def test_a_reminder_is_no_change_of_the_card(self):
        self.make_contract(date_end="2026-06-01")
        before = len(self.events())
        self.remind()
        self.assertEqual(len(self.events()), before)

    def test_the_deputy_in_his_dates_and_back(self):
        contract = self.make_contract(date_end="2026-06-01")
        card = self.card_east.with_user(self.manager_east)
        card.write(
            {"card_deputy_id": self.deputy_east.id, "card_deputy_until": "2026-05-20"}
        )
        self.remind()
        self.assertEqual(self.todos(contract).user_id, self.deputy_east)
        with freeze_time("2026-05-21 10:00:00"):
            self.remind()
            self.assertEqual(self.todos(contract).user_id, self.custodian_east)
        card.card_deputy_id = False
        card.card_custodian_id = self.deputy_east
        self.assertEqual(self.todos(contract).user_id, self.deputy_east)

    def test_a_handover_takes_the_reminders_along(self):
        contract = self.make_contract(date_end="2026-06-01")
        foreign = self.make_contract(self.card_west, date_end="2026-06-01")
        self.remind()
        handover = (
            self.env["customer.card.handover"]
            .with_user(self.manager_east)
            .create(
                {
                    "custodian_id": self.custodian_east.id,
                    "successor_id": self.deputy_east.id,
                }
            )
        )
        handover.action_submit()
        handover.with_user(self.regional_manager).action_approve()
        handover.with_user(self.deputy_east).action_accept()
        self.env.invalidate_all()
        self.assertEqual(self.card_east.card_custodian_id, self.deputy_east)
        self.assertEqual(self.todos(contract).user_id, self.deputy_east)
        self.assertEqual(self.todos(foreign).user_id, self.custodian_west)

    def test_without_custodian_the_manager(self):
        contract = self.make_contract(date_end="2026-06-01")
        self.card_east.with_user(self.manager_east).card_custodian_id = False
        self.remind()
        self.assertEqual(self.todos(contract).user_id, self.manager_east)

    def test_not_for_what_needs_no_reminder(self):
        renewed = self.make_contract(date_end="2026-06-01", name="renewed")
        renewed.action_renew()
        contracts = renewed | self.make_contract(date_end="2026-05-11", name="ended")
        contracts |= self.make_contract(date_end="2026-06-01", reminder_days=0)
        contracts |= self.make_contract(date_end=False, name="open")
        contracts |= self.make_contract(self.free_partner, date_end="2026-06-01")
        struck = self.make_contract(date_end="2026-06-01", name="struck")
        struck.action_strike_out()
        other = self.env["res.company"].create({"name": "Other Company"})
        contracts |= struck | self.make_contract(
            date_end="2026-06-01", company_id=other.id
        )
        contracts |= self.make_contract(self.contact_east, date_end="2026-06-01")
        self.contact_east.action_archive()
        closed = self.make_contract(self.card_west, date_end="2026-06-01")
        self.card_west.with_user(self.manager_west).action_card_close()
        self.remind()
        self.assertFalse(self.todos(contracts | closed))

    def test_it_moves_with_the_end_and_goes_with_the_contract(self):
        contract = self.make_contract(date_end="2026-06-01")
        self.remind()
        todo = self.todos(contract)
        contract.with_user(self.custodian_east).date_end = "2026-09-30"
        self.assertEqual(self.todos(contract), todo)
        self.assertEqual(todo.date_deadline, date(2026, 8, 31))
        contract.with_user(self.custodian_east).date_end = False
        self.assertFalse(self.todos(contract))
        for act in ("action_strike_out", "action_renew"):
            contract = self.make_contract(date_end="2026-06-01")
            self.remind()
            self.assertTrue(self.todos(contract))
            getattr(contract.with_user(self.custodian_east), act)()
            self.assertFalse(self.todos(contract))
        self.make_contract(self.card_west, date_end="2026-06-01")
        self.remind()
        self.assertTrue(self.todos(self.card_west.card_contract_ids))
        self.card_west.with_user(self.manager_west).action_card_close()
        self.assertFalse(self.todos(self.card_west.card_contract_ids))

    def test_a_done_reminder_comes_again_for_another_end(self):
        contract = self.make_contract(date_end="2026-06-01")
        self.remind()
        self.todos(contract).action_feedback()
        contract.date_end = "2026-06-05"
        self.remind()
        self.assertEqual(len(self.todos(contract)), 1)

    def test_an_interrupted_run_goes_on(self):
        contracts = self.env["customer.card.contract"].create(
            [
                {
                    "partner_id": self.card_east.id,
                    "name": f"C{n}",
                    "date_start": "2026-01-01",
                    "date_end": "2026-06-01",
                }
                for n in range(5)
            ]
        )
        # what an interrupted run has done
        contracts[:2]._schedule_reminders()
        self.remind()
        self.remind()
        for contract in contracts:
            self.assertEqual(len(self.todos(contract)), 1)

    def test_the_assignee_sees_his_to_do_others_do_not(self):
        contract = self.make_contract(date_end="2026-06-01")
        self.remind()
        todo = self.todos(contract)
        self.assertTrue(todo.with_user(self.custodian_east).has_access("read"))
        self.assertTrue(todo.with_user(self.manager_east).has_access("read"))
        for user in (self.custodian_west, self.employee):
            self.assertFalse(
                todo.with_user(user).search([("id", "=", todo.id)]), user.login
            )

    def test_scheduling_costs_the_same_for_one_and_for_a_hundred(self):
        contracts = self.env["customer.card.contract"].create(
            [
                {
                    "partner_id": self.card_east.id,
                    "name": f"C{n}",
                    "date_start": "2026-01-01",
                    "date_end": "2026-06-01",
                }
                for n in range(102)
            ]
        )
        counts = []
        for chosen in (contracts[:1], contracts[1:2], contracts[2:]):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            chosen._schedule_reminders()
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[2], counts[1] + 3)


@tagged("post_install", "-at_install")
class TestCardConsumption(SupplyCase):
    """A02: stock at the customer and rate of consumption; when will he need more?"""

    def test_cover_and_next_need(self):
        for quantity, period, cover, need in (
            (2, "day", 10, "2026-05-22"),
            (14, "week", 10, "2026-05-22"),
            (2, "month", 304.375, "2027-03-12"),
            (3, "day", 20 / 3, "2026-05-18"),
        ):
            line = self.make_line(usage_quantity=quantity, usage_period=period)
            with self.subTest(quantity=quantity, period=period):
                self.assertAlmostEqual(line.days_of_cover, cover, delta=0.05)
                self.assertEqual(str(line.next_need_date), need)
            line.unlink()

    def test_stock_of_today_is_estimated(self):
        line = self.make_line(as_of_date="2026-05-08", lead_days=2)
        self.assertEqual(line.stock_today, 12)
        self.assertEqual(line.days_left, 6)
        self.assertEqual(str(line.order_date), "2026-05-16")
        with freeze_time("2026-06-01"):
            line.invalidate_recordset()
            self.assertEqual(line.stock_today, 0)
            self.assertLess(line.days_left, 0)

    def test_an_endless_stock_ends_in_a_hundred_years(self):
        line = self.make_line(stock_quantity=10**9, usage_quantity=0.01)
        self.assertEqual(line.next_need_date, date(2026, 5, 12) + timedelta(36500))

    def test_need_states_on_the_day_of_the_user(self):
        # the stock lasts ten days, ordering takes three, soon is fourteen days
        lines = {
            state: self.make_line(
                partner,
                as_of_date=date(2026, 5, 12) - timedelta(10 - left),
                product_id=product.id,
                lead_days=3,
                **values,
            )
            for state, left, partner, product, values in (
                ("overdue", -1, self.card_east, self.malt, {}),
                ("due", 3, self.card_east, self.crates, {}),
                ("soon", 4, self.contact_east, self.malt, {}),
                ("ok", 8, self.contact_east, self.crates, {"stock_quantity": 40}),
            )
        }
        Line = self.malt.env["customer.card.consumption"].with_user(self.custodian_east)
        everything = [line.id for line in lines.values()]
        groups = dict(
            Line._read_group(
                [("id", "in", everything)], ["need_state"], ["id:recordset"]
            )
        )
        for state, line in lines.items():
            with self.subTest(state=state):
                self.assertEqual(line.need_state, state)
                self.assertEqual(
                    Line.search(
                        [("need_state", "=", state), ("id", "in", everything)]
                    ).ids,
                    line.ids,
                )
                self.assertEqual(groups[state].ids, line.ids)
        # the state of each of the next days, computed and searched alike
        for day in range(40):
            with freeze_time(date(2026, 5, 12) + timedelta(day)):
                self.env.invalidate_all()
                for line in lines.values():
                    self.assertTrue(
                        Line.search(
                            [
                                ("need_state", "=", line.with_env(Line.env).need_state),
                                ("id", "=", line.id),
                            ]
                        )
                    )

    def test_the_day_is_that_of_the_time_zone_of_the_user(self):
        line = self.make_line(as_of_date="2026-05-02")
        with freeze_time("2026-05-12 22:30:00"):
            for user, tz, state in (
                (self.custodian_east, "America/New_York", "due"),
                (self.manager_east, "Asia/Seoul", "overdue"),
            ):
                user.tz = tz
                self.assertEqual(line.with_user(user).need_state, state)
                line.invalidate_recordset()

    def test_soon_is_a_setting_of_the_company(self):
        line = self.make_line()
        self.assertEqual(line.need_state, "soon")
        self.env.company.card_need_soon_days = 5
        line.invalidate_recordset()
        self.assertEqual(line.need_state, "ok")

    def test_numbers_that_cannot_be(self):
        for values in (
            {"stock_quantity": -1},
            {"usage_quantity": 0},
            {"usage_quantity": -2},
            {"lead_days": -1},
        ):
            with (
                self.subTest(values=values),
                self.assertRaises(IntegrityError),
                mute_logger("odoo.sql_db"),
            ):
                self.make_line(**values)
        with self.assertRaises(ValidationError):
            self.make_line(as_of_date="2026-05-13")

    def test_a_product_once_for_each_customer(self):
        line = self.make_line()
        with self.assertRaises(ValidationError) as raised:
            self.make_line()
        self.assertIn("Malt", str(raised.exception))
        line.action_strike_out()
        self.make_line()
        with self.assertRaises(ValidationError):
            line.action_restore()

    def test_keepers_edit_readers_read_others_see_nothing(self):
        line = self.make_line()
        line.with_user(self.custodian_east).stock_quantity = 30
        line.with_user(self.manager_east).usage_quantity = 3
        self.assertEqual(line.with_user(self.reader).stock_quantity, 30)
        for user in (self.reader, self.custodian_west, self.employee):
            seen = line.with_user(user)
            for change in (
                lambda seen=seen: seen.write({"stock_quantity": 1}),
                lambda seen=seen: seen.unlink(),
                lambda seen=seen: seen.action_count(),
                lambda seen=seen: seen.action_schedule_followup(),
                lambda seen=seen: seen._enter_count(date(2026, 5, 12), 1),
            ):
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    change()
        for user in (self.custodian_west, self.employee):
            Line = line.with_user(user)
            self.assertFalse(Line.search([("id", "=", line.id)]))
            self.assertFalse(
                line.reading_ids.with_user(user).search(
                    [("consumption_id", "=", line.id)]
                )
            )

    def test_the_wizard_shows_nothing_of_a_hidden_line(self):
        line = self.make_line()
        wizard = self.env["customer.card.consumption.count"].with_user(
            self.custodian_west
        )
        with self.assertRaises(AccessError):
            _known = wizard.new({"consumption_id": line.id}).known_quantity
        with self.assertRaises(AccessError):
            wizard.create({"consumption_id": line.id}).action_save()


@tagged("post_install", "-at_install")
class TestCardConsumptionCount(SupplyCase):
    """A02: each count stays as history, and tells the use."""

    def readings(self, line):
        line.invalidate_recordset()
        return line.reading_ids

    def count(self, line, user=None, **values):
        wizard = (
            self.env["customer.card.consumption.count"]
            .with_user(user or self.custodian_east)
            .create({"consumption_id": line.id, **values})
        )
        wizard.action_save()
        return wizard

    def test_a_count_is_kept_and_moves_the_need(self):
        line = self.make_line(as_of_date="2026-04-12", stock_quantity=60)
        self.assertEqual(len(line.reading_ids), 1)
        wizard = self.env["customer.card.consumption.count"].create(
            {"consumption_id": line.id, "stock_quantity": 45}
        )
        self.assertEqual(wizard.estimated_quantity, 0)
        self.assertAlmostEqual(wizard.observed_quantity, 0.5)
        self.count(line, stock_quantity=45)
        self.assertEqual(self.readings(line).mapped("stock_quantity"), [45, 60])
        self.assertEqual(self.readings(line)[0].user_id, self.custodian_east)
        self.assertEqual(line.usage_quantity, 2, "the use stays as it was entered")
        self.assertEqual(str(line.next_need_date), "2026-06-03")

    def test_the_observed_use_counts_deliveries(self):
        line = self.make_line(
            as_of_date="2026-04-12", stock_quantity=60, usage_period="week"
        )
        self.count(line, stock_quantity=45, delivered_quantity=15, use_observed=True)
        self.assertAlmostEqual(line.usage_quantity, 7)
        self.assertEqual(self.readings(line)[0].delivered_quantity, 15)
        with freeze_time("2026-05-22 10:00:00"):
            # over all counts: 60 + 15 + 20 - 15 in 40 days
            self.count(
                line, stock_quantity=15, delivered_quantity=20, use_observed=True
            )
        self.assertAlmostEqual(line.usage_quantity, 14)

    def test_counts_of_more_than_a_year_ago_tell_nothing(self):
        line = self.make_line(as_of_date="2024-01-01", stock_quantity=9000)
        line._enter_count(date(2026, 5, 2), 60)
        line._enter_count(date(2026, 5, 12), 50, observe=True)
        self.assertAlmostEqual(line.usage_quantity, 1)

    def test_counts_that_tell_no_use(self):
        line = self.make_line()
        for values, text in (
            ({"stock_quantity": 10, "use_observed": True}, "second count"),
            ({"stock_quantity": -1}, "negative"),
            ({"stock_quantity": 1, "delivered_quantity": -1}, "negative"),
            ({"stock_quantity": 1, "date": "2026-05-01"}, "05/12/2026"),
        ):
            with self.subTest(values=values), self.assertRaises(UserError) as raised:
                self.count(line, **values)
            self.assertIn(text, str(raised.exception))
        with freeze_time("2026-05-20 10:00:00"):
            for stock in (20, 25):
                with self.assertRaises(UserError) as raised:
                    self.count(line, stock_quantity=stock, use_observed=True)
                self.assertIn("delivered", str(raised.exception))
            with self.assertRaises(ValidationError):
                self.count(line, stock_quantity=1, date="2026-05-22")

    def test_a_later_day_is_a_new_count_the_same_day_a_correction(self):
        line = self.make_line(as_of_date="2026-05-01").with_user(self.custodian_east)
        line.stock_quantity = 21
        self.assertEqual(self.readings(line).mapped("stock_quantity"), [21])
        line.write({"stock_quantity": 15, "as_of_date": "2026-05-10"})
        self.assertEqual(self.readings(line).mapped("stock_quantity"), [15, 21])
        line.as_of_date = "2026-05-08"
        self.assertEqual(
            [str(day) for day in self.readings(line).mapped("date")],
            ["2026-05-08", "2026-05-01"],
        )
        with self.assertRaises(UserError):
            line.as_of_date = "2026-05-01"

    def test_nobody_writes_the_history(self):
        reading = self.make_line().reading_ids
        for user in (self.custodian_east, self.card_admin):
            for change in (
                lambda seen: seen.write({"stock_quantity": 1}),
                lambda seen: seen.unlink(),
                lambda seen: seen.create(
                    {
                        "consumption_id": seen.consumption_id.id,
                        "date": "2026-01-01",
                        "stock_quantity": 1,
                    }
                ),
            ):
                with self.assertRaises(AccessError):
                    change(reading.with_user(user))


@tagged("post_install", "-at_install")
class TestCardNeeds(SupplyCase):
    """A02: needs stand out on the card, and are followed up once."""

    def follow_up(self):
        with self.enter_registry_test_mode():
            self.env.ref(
                "customer_card.customer_card_consumption_cron_followup"
            ).method_direct_trigger()

    def todos(self, line):
        return line.sudo().followup_activity_id.filtered("active")

    def test_the_card_shows_its_first_need(self):
        line = self.make_line()
        self.make_line(self.contact_east, stock_quantity=6)
        card = self.card_east
        self.assertEqual(str(card.card_next_need_date), "2026-05-15")
        self.assertFalse(self.contact_east.card_next_need_date)
        line.stock_quantity = 2
        self.assertEqual(str(card.card_next_need_date), "2026-05-13")
        line.action_strike_out()
        self.assertEqual(str(card.card_next_need_date), "2026-05-15")
        self.assertEqual(
            card.search([("card_next_need_date", "<=", "2026-05-15")]) & card, card
        )
        self.contact_east.consumption_ids.unlink()
        self.assertFalse(card.card_next_need_date)

    def test_a_closed_card_and_an_archived_contact_need_nothing(self):
        self.make_line()
        self.make_line(self.contact_east, stock_quantity=6)
        card = self.card_east.with_user(self.manager_east)
        self.assertEqual(str(card.card_next_need_date), "2026-05-15")
        self.contact_east.with_user(self.custodian_east).action_archive()
        self.assertEqual(str(card.card_next_need_date), "2026-05-22")
        card.action_card_close()
        self.assertFalse(card.card_next_need_date)
        card.action_card_reopen()
        self.assertEqual(str(card.card_next_need_date), "2026-05-22")

    def test_the_need_moves_with_the_contact(self):
        self.make_line(self.contact_east)
        self.contact_east.parent_id = self.card_west
        self.assertFalse(self.card_east.card_next_need_date)
        self.assertEqual(str(self.card_west.card_next_need_date), "2026-05-22")

    def test_needs_from_before_the_card(self):
        self.make_line(self.free_partner)
        self.assertFalse(self.free_partner.card_next_need_date)
        self.free_partner._open_cards()
        self.assertEqual(str(self.free_partner.card_next_need_date), "2026-05-22")

    def test_merged_customers_keep_their_lines(self):
        contract = self.make_contract(self.contact_east)
        line = self.make_line(self.contact_east)
        twin = self.make_line(self.address_east)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.contact_east | self.address_east).ids, self.address_east
        )
        self.env.invalidate_all()
        lines = (line | twin).exists()
        self.assertEqual(lines, line | twin)
        self.assertEqual(line.partner_id, self.address_east)
        self.assertEqual(lines.card_root_id, self.card_east)
        self.assertEqual(contract.exists().partner_id, self.address_east)
        # one of the two that are the same now is struck out
        line.with_user(self.custodian_east).action_strike_out()
        self.assertEqual(len(line.reading_ids), 1)

    def test_merged_cards_bring_their_needs(self):
        line = self.make_line(self.card_west)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.card_west | self.card_east).ids, self.card_east
        )
        self.env.invalidate_all()
        self.assertEqual(line.card_root_id, self.card_east)
        self.assertEqual(str(self.card_east.card_next_need_date), "2026-05-22")

    def test_a_follow_up_once_for_each_need(self):
        line = self.make_line(lead_days=3).with_user(self.custodian_east)
        line.action_schedule_followup()
        todo = self.todos(line)
        self.assertEqual(todo.user_id, self.custodian_east)
        self.assertEqual(todo.date_deadline, date(2026, 5, 19))
        self.assertEqual(
            (todo.res_model, todo.res_id), ("res.partner", self.card_east.id)
        )
        self.assertEqual(line.followup_date, todo.date_deadline)
        answer = line.action_schedule_followup()
        self.assertIn("already", answer["params"]["message"])
        self.assertEqual(self.todos(line), todo)
        # a new count moves it
        line.stock_quantity = 40
        self.assertEqual(todo.date_deadline, date(2026, 5, 29))
        line.action_strike_out()
        self.assertFalse(todo.exists())

    def test_a_manager_schedules_for_the_custodian(self):
        line = self.make_line()
        line.with_user(self.manager_east).action_schedule_followup()
        self.assertEqual(self.todos(line).user_id, self.custodian_east)

    def test_many_at_once_but_only_own_ones(self):
        lines = self.make_line() | self.make_line(product_id=self.crates.id)
        lines.with_user(self.custodian_east).action_schedule_followup()
        self.assertEqual(len(self.todos(lines)), 2)
        foreign = self.make_line(self.card_west)
        with self.assertRaises(AccessError):
            (lines | foreign).with_user(self.custodian_east).action_schedule_followup()

    def test_none_for_closed_cards(self):
        line = self.make_line()
        line.action_schedule_followup()
        self.card_east.with_user(self.manager_east).action_card_close()
        self.assertFalse(self.todos(line))
        with self.assertRaises(UserError):
            line.with_user(self.custodian_east).action_schedule_followup()
        with self.assertRaises(UserError):
            self.make_line(self.free_partner).action_schedule_followup()

    def test_the_cron_follows_up_what_is_due_if_the_company_wants_it(self):
        due = self.make_line(as_of_date="2026-05-01")
        later = self.make_line(product_id=self.crates.id)
        self.env["res.company"].search([]).card_need_followup = False
        self.follow_up()
        self.assertFalse(self.todos(due))
        self.custodian_east.company_id.card_need_followup = True
        self.follow_up()
        todo = self.todos(due)
        self.assertEqual(todo.user_id, self.custodian_east)
        self.assertFalse(self.todos(later))
        self.follow_up()
        self.assertEqual(self.todos(due), todo)
        todo.action_feedback()
        self.follow_up()
        self.assertFalse(self.todos(due), "whoever has done it is not asked again")
        due.write({"as_of_date": TODAY, "stock_quantity": 0})
        self.follow_up()
        self.assertTrue(self.todos(due), "a new need is another matter")

    def test_the_cron_leaves_other_companies_and_closed_cards_alone(self):
        other = self.env["res.company"].create({"name": "Other Company"})
        self.env["res.company"].search([]).card_need_followup = True
        other.card_need_followup = False
        keeper = new_test_user(
            self.env,
            login="test_other_keeper",
            groups="customer_card.customer_card_group_user",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        line = self.make_line(as_of_date="2026-05-01")
        closed = self.make_line(self.card_west, as_of_date="2026-05-01")
        self.card_east.with_user(self.manager_east).card_custodian_id = keeper
        self.card_west.with_user(self.manager_west).action_card_close()
        self.follow_up()
        self.assertFalse(self.todos(line | closed))

    def test_lists_cost_the_same_for_one_and_for_a_hundred(self):
        products = self.malt.create([{"name": f"P{n}"} for n in range(100)])
        lines = self.env["customer.card.consumption"].create(
            [
                {
                    "partner_id": self.card_east.id,
                    "product_id": product.id,
                    "stock_quantity": 1,
                    "usage_quantity": 1,
                    "as_of_date": "2026-05-01",
                }
                for product in products
            ]
        )
        spec = {
            name: {}
            for name in (
                "stock_today",
                "need_state",
                "uom",
                "followup_date",
                "can_edit",
            )
        } | {"product_id": {"fields": {"display_name": {}}}}
        counts = []
        for size in (1, 1, 100):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            lines[:size].with_user(self.custodian_east).web_read(spec)
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])
        counts = []
        for size in (1, 1, 98):
            chosen, lines = lines[:size], lines[size:]
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            chosen.with_user(self.custodian_east).action_schedule_followup()
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[2], counts[1] + 3)
