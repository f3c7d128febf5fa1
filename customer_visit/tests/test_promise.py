from datetime import date

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from odoo.addons.customer_card.exceptions import CardAccessError
from odoo.addons.customer_card.tests.test_card_handover import HandoverWorld

from .common import CustomerVisitCommon


class PromiseWorld:
    """Promises on card_east. The day is Monday, 5 January 2026."""

    def promise(self, card=None, user=None, **values):
        """:return: a promise that ``user`` has noted"""
        return (
            self.env["customer.promise"]
            .with_user(user or self.custodian_east)
            .create(
                {
                    "name": "Bring samples",
                    "partner_id": (card or self.card_east).id,
                    "date_due": "2026-01-12",
                    **values,
                }
            )
        )

    def todos(self, promise):
        return (
            self.env["mail.activity"]
            .sudo()
            .search([("res_model", "=", promise._name), ("res_id", "in", promise.ids)])
        )

    def ledger(self, card, kind):
        return (
            self.env["customer.card.event"]
            .sudo()
            .search([("partner_id", "=", card.id), ("kind", "=", kind)])
        )

    def lend(self, card, borrower):
        """:return: a running loan"""
        return (
            self.env["customer.card.loan"]
            .sudo()
            ._approval_through_door()
            .create(
                {
                    "borrower_id": borrower.id,
                    "requester_id": borrower.id,
                    "card_ids": [Command.set(card.ids)],
                    "purpose": "Visit",
                    "date_from": "2026-01-01 00:00:00",
                    "valid_until": "2026-02-01 00:00:00",
                    "state": "lent",
                }
            )
        )


@tagged("post_install", "-at_install")
@freeze_time("2026-01-05 10:00:00")
class TestPromise(PromiseWorld, HandoverWorld, CustomerVisitCommon):
    """K18: promises are recorded with a date and an owner, and kept."""

    def test_a_promise_reminds_until_it_is_kept(self):
        promise = self.promise()
        todo = self.todos(promise)
        self.assertEqual(todo.user_id, self.custodian_east)
        self.assertEqual(todo.date_deadline, date(2026, 1, 12))
        self.assertEqual(todo.summary, "Bring samples")
        promise.write({"date_due": "2026-01-14", "user_id": self.deputy_east.id})
        self.assertEqual(todo.date_deadline, date(2026, 1, 14))
        self.assertEqual(todo.user_id, self.deputy_east)
        promise.action_keep()
        self.assertFalse(self.todos(promise))
        self.assertEqual(promise.state, "kept")
        self.assertEqual(promise.date_closed, date(2026, 1, 5))
        self.assertEqual(promise.in_time, "yes")

    def test_finishing_the_to_do_keeps_the_promise(self):
        promise = self.promise()
        self.todos(promise).with_user(self.custodian_east).action_feedback(
            "Handed over"
        )
        self.assertEqual(promise.state, "kept")
        self.assertEqual(len(self.ledger(self.card_east, "promise_kept")), 1)

    def test_kept_late_released_and_broken(self):
        late, let_off, broken = self.promise(), self.promise(), self.promise()
        with freeze_time("2026-01-13 10:00:00"):
            self.assertTrue(late.is_overdue)
            late.action_keep()
            let_off.action_release("He has got them elsewhere")
            broken.action_break("Sold out")
        self.assertEqual(late.in_time, "late")
        self.assertFalse(let_off.in_time)
        self.assertEqual(broken.in_time, "no")
        self.assertEqual(broken.reason, "Sold out")
        self.assertEqual(
            self.ledger(self.card_east, "promise_broken").description,
            "Bring samples – Sold out",
        )
        for promise in late | let_off | broken:
            with self.assertRaises(UserError):
                promise.action_keep()
            with self.assertRaises(UserError):
                promise.date_due = "2026-03-01"

    def test_a_reason_is_required(self):
        promise = self.promise()
        for method in (promise.action_release, promise.action_break):
            with self.assertRaises(UserError):
                method(" ")
        wizard = (
            self.env["customer.promise.settle"]
            .with_user(self.custodian_east)
            .with_context(**promise.action_ask_break()["context"])
            .create({"reason": "Forgotten"})
        )
        wizard.action_confirm()
        self.assertEqual(promise.state, "broken")

    def test_it_was_kept_yesterday(self):
        promise = self.promise(date_promised="2026-01-02")
        with self.assertRaises(UserError):
            promise.action_keep("2026-01-06")
        with self.assertRaises(UserError):
            promise.action_keep("2026-01-01")
        promise.action_keep("2026-01-04")
        self.assertEqual(promise.date_closed, date(2026, 1, 4))

    def test_putting_off_shows(self):
        promise = self.promise()
        self.assertFalse(promise.is_postponed)
        promise.date_due = "2026-01-20"
        self.assertTrue(promise.is_postponed)
        self.assertEqual(promise.date_first_due, date(2026, 1, 12))

    def test_settled_by_mistake_it_is_open_again(self):
        promise = self.promise()
        promise.action_keep()
        promise.action_reopen()
        self.assertEqual(promise.state, "open")
        self.assertFalse(promise.date_closed)
        self.assertEqual(len(self.todos(promise)), 1)
        with self.assertRaises(UserError):
            promise.action_reopen()

    def test_what_does_not_fit_is_refused(self):
        with self.assertRaises(ValidationError):
            self.promise(date_due="2026-01-01")
        with self.assertRaises(ValidationError):
            self.promise(self.free_partner, user=self.card_admin)
        with self.assertRaises(ValidationError):
            self.promise(contact_id=self.free_partner.id)
        with self.assertRaises(ValidationError):
            self.promise(
                user=self.card_admin,
                visit_id=self.make_visit(self.card_west, self.custodian_west).id,
            )
        promise = self.promise()
        with self.assertRaises(UserError):
            promise.with_user(self.card_admin).partner_id = self.card_west

    def test_a_client_does_not_say_what_became_of_it(self):
        promise = self.promise(state="kept", date_closed="2025-01-01")
        self.assertEqual(promise.state, "open")
        self.assertFalse(promise.date_closed)
        with_default = (
            self.env["customer.promise"]
            .with_user(self.custodian_east)
            .with_context(default_state="kept", promise_door=True)
            .create(
                {
                    "name": "x",
                    "partner_id": self.card_east.id,
                    "date_due": "2026-01-12",
                }
            )
        )
        self.assertEqual(with_default.state, "open")
        for vals in ({"state": "kept"}, {"date_first_due": "2026-05-01"}):
            with self.assertRaises(AccessError):
                promise.with_context(promise_door=True).write(vals)

    # who may do what

    def test_promises_are_read_with_the_card(self):
        promise = self.promise()
        for user in (self.custodian_east, self.manager_east, self.reader):
            self.assertTrue(promise.with_user(user).has_access("read"))
        for user in (self.custodian_west, self.deputy_east, self.employee):
            self.assertFalse(promise.with_user(user).has_access("read"))
            with self.assertRaises(AccessError):
                promise.with_user(user).action_keep()
        self.assertFalse(promise.with_user(self.reader).has_access("write"))
        self.assertFalse(promise.with_user(self.manager_east).has_access("unlink"))
        self.assertTrue(promise.with_user(self.card_admin).has_access("unlink"))

    def test_who_has_to_keep_it_sees_it_until_it_is_settled(self):
        promise = self.promise(user_id=self.custodian_west.id)
        theirs = promise.with_user(self.custodian_west)
        self.assertEqual(theirs.name, "Bring samples")
        self.assertFalse(
            self.card_east.with_user(self.custodian_west).has_access("read")
        )
        theirs.action_keep()
        self.env.invalidate_all()
        self.assertFalse(theirs.has_access("read"))
        self.assertEqual(promise.state, "kept")

    def test_a_borrower_notes_what_he_promised(self):
        with self.assertRaises(CardAccessError):
            self.promise(user=self.custodian_west)
        self.lend(self.card_east, self.custodian_west)
        promise = self.promise(user=self.custodian_west)
        self.assertEqual(promise.user_id, self.custodian_west)
        other = self.promise()
        with self.assertRaises(AccessError):
            other.with_user(self.custodian_west).action_keep()

    def test_who_lost_the_card_hears_no_more(self):
        promise = self.promise(user_id=self.deputy_east.id)
        self.assertNotIn(
            self.custodian_east.partner_id, promise.sudo().message_partner_ids
        )
        both = (self.custodian_west | self.manager_east).partner_id
        promise.sudo().message_subscribe(both.ids)
        message = promise.message_post(
            body="The samples cost 300", subtype_xmlid="mail.mt_comment"
        )
        # who has to keep it hears of it, as the manager does
        self.assertEqual(
            message.sudo().notified_partner_ids,
            (self.deputy_east | self.manager_east).partner_id,
        )

    # visits

    def test_a_visit_notes_promises(self):
        visit = self.make_visit(self.card_east, self.custodian_east)
        promise = (
            self.env["customer.promise"]
            .with_user(self.custodian_east)
            .create(
                {"name": "Call back", "date_due": "2026-01-06", "visit_id": visit.id}
            )
        )
        self.assertEqual(promise.partner_id, self.card_east)
        self.assertEqual(visit.promise_ids, promise)
        visit.action_start()
        with Form(visit) as form, form.promise_ids.new() as line:
            line.name = "Send the price list"
            line.date_due = "2026-01-07"
        self.assertEqual(len(visit.promise_ids), 2)
        self.assertEqual(self.card_east.open_promise_count, 2)

    # keepers

    def test_a_handover_passes_on_open_promises(self):
        mine, colleague = self.promise(), self.promise(user_id=self.manager_east.id)
        kept = self.promise()
        kept.action_keep()
        self.hand_over(self.manager_east)
        self.assertEqual(mine.sudo().user_id, self.deputy_east)
        self.assertEqual(self.todos(mine).user_id, self.deputy_east)
        self.assertEqual(mine.sudo().promised_by_id, self.custodian_east)
        self.assertEqual(colleague.sudo().user_id, self.manager_east)
        self.assertEqual(kept.sudo().user_id, self.custodian_east)

    def test_a_new_custodian_takes_over_promises(self):
        promise = self.promise()
        self.card_east.with_user(self.manager_east).card_custodian_id = self.deputy_east
        self.assertEqual(promise.sudo().user_id, self.deputy_east)
        self.assertEqual(self.todos(promise).user_id, self.deputy_east)

    def test_open_promises_are_open_items(self):
        self.promise()
        self.promise().action_keep()
        items = {
            item["kind"]: item["count"]
            for item in self.card_east._get_card_open_items()
        }
        self.assertEqual(items["promise"], 1)
        mine = self.card_east._get_card_open_items(self.custodian_west)
        self.assertNotIn("promise", [item["kind"] for item in mine])

    def test_a_hundred_promises_cost_what_one_costs(self):
        counts = []
        for number in (1, 100):
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            promises = self.env["customer.promise"].create(
                [
                    {
                        "name": f"Promise {n}",
                        "partner_id": self.card_east.id,
                        "date_due": "2026-01-12",
                    }
                    for n in range(number)
                ]
            )
            promises.action_keep()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0], counts)

    # the figure

    def rate(self, user, domain=()):
        self.env.flush_all()
        ((rate,),) = (
            self.env["customer.promise.report"]
            .with_user(user)
            ._read_group(
                [("user_id", "=", self.custodian_east.id), *domain],
                [],
                ["kept_rate:avg"],
            )
        )
        return rate

    def test_kept_in_time_is_a_figure(self):
        kept, late, overdue, let_off, coming = (
            self.promise(),
            self.promise(),
            self.promise(),
            self.promise(),
            self.promise(date_due="2026-02-20"),
        )
        kept.action_keep()
        let_off.action_release("not needed")
        with freeze_time("2026-01-20 10:00:00"):
            late.action_keep()
            self.assertAlmostEqual(self.rate(self.manager_east), 100 / 3)
            report = self.env["customer.promise.report"].browse(overdue.id)
            self.assertEqual(report.days_late, 8)
            self.assertEqual(coming.state, "open")
        self.assertFalse(self.rate(self.manager_west))

    def test_overdue_is_searched_by_the_day_of_the_user(self):
        promise = self.promise(date_due="2026-01-05")
        Promise = self.env["customer.promise"].with_user(self.custodian_east)
        domain = [("is_overdue", "=", True), ("id", "=", promise.id)]
        with freeze_time("2026-01-06 02:00:00"):
            self.custodian_east.tz = "America/New_York"
            self.assertFalse(Promise.search(domain))
            self.custodian_east.tz = "Asia/Tokyo"
            self.assertEqual(Promise.search(domain), promise)
            self.assertEqual(fields.Date.to_string(promise.date_due), "2026-01-05")
