from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged

from odoo.addons.customer_card.exceptions import CardAccessError

from .test_cadence import CadenceCase


@tagged("post_install", "-at_install")
class TestEscalation(CadenceCase):
    """A neglected customer becomes his manager's concern."""

    def setUp(self):
        super().setUp()
        # the cards of the demo data are nobody's concern here
        self.env["res.partner"].search(
            [
                ("card_state", "!=", False),
                ("id", "not in", (self.card_east | self.card_west).ids),
            ]
        ).sudo()._with_card_trust().write({"card_state": "closed"})
        self.card_west.card_kind = "customer"
        self.contact(days_ago=60)
        self.contact(self.card_west, days_ago=40)

    def escalate(self, days=0):
        with freeze_time(f"{self.today + timedelta(days=days)} 12:00:00"):
            return self.env["res.partner"]._escalate_contacts()

    def get_messages(self, user):
        return (
            self.env["mail.message"]
            .search([("message_type", "=", "user_notification")])
            .filtered(
                lambda message: (
                    user.partner_id in message.notified_partner_ids
                    and "contacts-overdue" in message.body
                )
            )
        )

    def test_once_for_each_interval(self):
        self.assertEqual(self.escalate(), self.card_east)
        self.assertEqual(self.card_east.contact_escalated_date, self.today)
        message = self.get_messages(self.manager_east)
        self.assertIn("Alpha Foods", message.body)
        self.assertIn("Custodian East", message.body)
        self.assertNotIn("Beta Tools", message.body)
        self.assertFalse(self.get_messages(self.manager_west))
        self.assertFalse(self.get_messages(self.regional_manager))
        self.assertFalse(self.escalate(1))
        # the other one has become overdue for long, this one has missed an interval
        self.assertEqual(self.escalate(29), self.card_west)
        self.assertEqual(self.escalate(30), self.card_east)

    def test_a_contact_begins_a_new_period(self):
        self.escalate()
        self.contact()
        self.assertFalse(self.escalate(30) & self.card_east)
        self.assertEqual(self.escalate(55) & self.card_east, self.card_east)

    def test_planned_soon_spares(self):
        self.contact(days_ago=50)
        visit = self.plan(days=10)
        self.assertFalse(self.escalate())
        visit.date_planned += timedelta(days=10)
        self.assertEqual(self.escalate(), self.card_east)

    def test_planned_again_and_again_spares_once(self):
        """50 days ago: 19 or 20 days overdue; ten days later, 29 or 30."""
        self.contact(days_ago=50)
        visit = self.plan(days=3)
        self.assertFalse(self.escalate())
        visit.date_planned += timedelta(days=8)
        self.assertEqual(self.escalate(10) & self.card_east, self.card_east)

    def test_off(self):
        self.env["res.company"].search([]).contact_escalation_days = 0
        self.assertFalse(self.escalate(300))

    def test_nobody_is_told_of_himself(self):
        """The manager above is told of the cards that a manager keeps himself."""
        self.card_east.card_custodian_id = self.manager_east
        self.assertEqual(self.escalate(), self.card_east)
        self.assertFalse(self.get_messages(self.manager_east))
        self.assertTrue(self.get_messages(self.regional_manager))

    def test_without_custodian_and_without_manager(self):
        self.card_east.card_custodian_id = False
        self.assertEqual(self.escalate(), self.card_east)
        self.assertIn("a vacant post", self.get_messages(self.manager_east).body)
        (self.team_west | self.team_region).user_id = False
        self.assertFalse(self.escalate(40) & self.card_west)

    def test_ledger(self):
        self.escalate()
        event = self.env["customer.card.event"].search(
            [("partner_id", "=", self.card_east.id), ("kind", "=", "contact_overdue")]
        )
        self.assertEqual(len(event), 1)

    def test_queries_do_not_grow_with_the_cards(self):
        counts = []
        for number in (1, 40):
            cards = self.env["res.partner"].create(
                [{"name": f"Late {n}", "is_company": True} for n in range(number)]
            )
            cards._open_cards(self.custodian_east)
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE res_partner SET contact_since = %s WHERE id = ANY(%s)",
                [self.today - timedelta(days=200), cards.ids],
            )
            self.env["res.partner"]._refresh_contacts(cards.ids)
            counts.append(self.count_queries(self.escalate))
            self.assertEqual(set(cards.mapped("contact_escalated_date")), {self.today})
        self.assertLessEqual(counts[1], counts[0] + 5)


@tagged("post_install", "-at_install")
class TestCoverage(CadenceCase):
    """How many customers are covered, by person, department and policy."""

    def report(self, user=None, *domain):
        Report = self.env["customer.coverage.report"].with_user(user or self.env.user)
        cards = self.card_east | self.card_west
        return Report.search([("partner_id", "in", cards.ids), *domain])

    def test_statuses(self):
        self.contact()
        east, west = self.report()
        if east.partner_id != self.card_east:
            east, west = west, east
        self.assertEqual(east.status, "covered")
        self.assertEqual(east.coverage, 100)
        self.assertEqual(east.user_id, self.custodian_east)
        self.assertEqual(east.team_id, self.team_east)
        self.assertEqual(west.status, "due")
        self.assertEqual(west.coverage, 0)
        self.assertEqual(west.never_count, 1)
        with freeze_time(f"{self.today + timedelta(days=10)} 12:00:00"):
            self.env.invalidate_all()
            self.assertEqual(west.status, "overdue")
            self.assertEqual(west.days_late, 3)
            self.assertEqual(west.overdue_count, 1)

    def test_policy_for_managers_is_the_managers_business(self):
        self.policy(who="manager", domain=str([("id", "=", self.card_east.id)]))
        row = self.report().filtered(lambda row: row.partner_id == self.card_east)
        self.assertEqual(row.user_id, self.manager_east)

    def test_by_person(self):
        self.contact()
        groups = self.env["customer.coverage.report"]._read_group(
            [("partner_id", "in", (self.card_east | self.card_west).ids)],
            ["user_id", "status"],
            ["__count", "coverage:avg"],
        )
        self.assertIn((self.custodian_east, "covered", 1, 100.0), groups)
        self.assertIn((self.custodian_west, "due", 1, 0.0), groups)

    def test_who_sees_what(self):
        """Allowed, and the forbidden twin: the rows are those of the cards."""
        for user, cards in (
            (self.custodian_east, self.card_east),
            (self.manager_east, self.card_east),
            (self.custodian_west, self.card_west),
            (self.regional_manager, self.card_east | self.card_west),
            (self.card_admin, self.card_east | self.card_west),
            (self.reader, self.card_east | self.card_west),
            (self.employee, self.env["res.partner"]),
        ):
            with self.subTest(user=user.login):
                self.assertEqual(self.report(user).partner_id.sudo(False), cards)
        row = self.report().filtered(lambda row: row.partner_id == self.card_west)
        with self.assertRaises(AccessError):
            row.with_user(self.custodian_east).read(["status"])

    def test_rows_leave_as_the_cards_do(self):
        """Who only sees a card, on loan or in the back office, takes no list along."""
        row = self.report().filtered(lambda row: row.partner_id == self.card_east)
        names = ["partner_id", "status", "next_contact_due"]
        for user in (self.custodian_east, self.manager_east):
            ((name, *_rest),) = row.with_user(user).export_data(names)["datas"]
            self.assertEqual(name, "Alpha Foods")
        with self.assertRaises(CardAccessError):
            row.with_user(self.reader).export_data(names)

    def test_borrowed_card(self):
        """A borrower sees the row of the card while the loan lasts."""
        rows = self.report(self.custodian_west)
        self.assertEqual(rows.partner_id.sudo(False), self.card_west)
        loan = (
            self.env["customer.card.loan"]
            .with_user(self.custodian_west)
            .create(
                {
                    "card_ids": [Command.set(self.card_east.ids)],
                    "purpose": "Visit together",
                    "date_from": fields.Datetime.now() - timedelta(hours=1),
                    "valid_until": fields.Datetime.now() + timedelta(days=3),
                }
            )
        )
        loan.action_submit()
        loan.with_user(self.manager_east).action_approve()
        rows = self.report(self.custodian_west)
        self.assertEqual(rows.partner_id.sudo(False), self.card_east | self.card_west)
        loan.with_user(self.custodian_west).action_return()
        self.env.invalidate_all()
        rows = self.report(self.custodian_west)
        self.assertEqual(rows.partner_id.sudo(False), self.card_west)

    def test_week_is_noted_once(self):
        Week = self.env["customer.coverage.week"]
        self.contact()
        here = [("team_id", "in", (self.team_east | self.team_west).ids)]
        for _time in range(2):
            self.env["customer.contact.policy"]._cron_refresh()
            weeks = Week.search(here)
            east = weeks.filtered(lambda week: week.team_id == self.team_east)
            west = weeks - east
            self.assertEqual((east.card_count, east.covered_count), (1, 1))
            self.assertEqual((west.card_count, west.due_count), (1, 1))
        self.assertEqual(east.week_start.weekday(), 0)
        with freeze_time(f"{self.today + timedelta(days=7)} 12:00:00"):
            self.env["customer.contact.policy"]._cron_refresh()
        self.assertEqual(Week.search_count(here), 4)

    def test_average_is_that_of_the_cards(self):
        """One of two customers of east, none of one of west: a third of all."""
        self.contact()
        more = self.env["res.partner"].create({"name": "More", "is_company": True})
        more._open_cards(self.custodian_east)
        self.env["customer.coverage.week"]._note_week()
        here = [("team_id", "in", (self.team_east | self.team_west).ids)]
        for model in ("customer.coverage.week", "customer.visit.report"):
            ((coverage,),) = self.env[model]._read_group(here, [], ["coverage:avg"])
            self.assertAlmostEqual(coverage, 100 / 3, 1)

    def test_weeks_of_others(self):
        self.env["customer.coverage.week"]._note_week()
        for user, teams in (
            (self.custodian_east, self.team_east),
            (self.manager_west, self.team_west),
            (self.regional_manager, self.team_east | self.team_west),
            (self.employee, self.env["crm.team"]),
        ):
            Week = self.env["customer.coverage.week"].with_user(user)
            here = [("team_id", "in", (self.team_east | self.team_west).ids)]
            self.assertEqual(Week.search(here).team_id.sudo(False), teams)
        with self.assertRaises(AccessError):
            self.env["customer.coverage.week"].with_user(self.card_admin).create(
                {"week_start": self.today}
            )


@tagged("post_install", "-at_install")
class TestFigures(CadenceCase):
    """Visits per person, punctuality, lead time of reports, intention, coverage."""

    def figures(self, user=None, groupby=(), domain=()):
        Report = self.env["customer.visit.report"].with_user(user or self.env.user)
        users = self.custodian_east | self.custodian_west
        return Report._read_group(
            [("user_id", "in", users.ids), *domain],
            groupby,
            [
                "contact_count:sum",
                "visit_count:sum",
                "on_time:avg",
                "report_hours:avg",
                "intention:avg",
                "intention_change:sum",
                "coverage:avg",
            ],
        )

    def made(self, late=0, **values):
        """:return: a visit that began ``late`` minutes after its time, planned ahead"""
        visit = self.contact(**values)
        visit._visit_through_door().write(
            {
                "date_planned": visit.date_start - timedelta(minutes=late),
                "date_end": visit.date_start + timedelta(hours=1),
                "date_reported": visit.date_start + timedelta(hours=3),
            }
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE customer_visit SET create_date = %s WHERE id = %s",
            [visit.date_start - timedelta(days=5), visit.id],
        )
        return visit

    def test_one_row_for_each_person(self):
        self.made(days_ago=30, purchase_intention="none")
        self.made(late=10, days_ago=20, purchase_intention="interested")
        self.made(late=60, days_ago=10, method="phone")
        missed = self.plan(days=-3)
        missed._visit_through_door().write({"state": "missed"})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE customer_visit SET create_date = %s WHERE id = %s",
            [missed.date_planned - timedelta(days=1), missed.id],
        )
        ((user, *figures),) = self.figures(groupby=["user_id"])
        self.assertEqual(user, self.custodian_east)
        self.assertEqual(figures, [3, 2, 50.0, 2.0, 25.0, 50.0, False])

    def test_what_nobody_planned_is_not_punctual(self):
        self.contact(days_ago=1)
        ((contacts, _visits, on_time, *_rest),) = self.figures()
        self.assertEqual(contacts, 1)
        self.assertIs(on_time, False)

    def test_coverage_beside_the_visits(self):
        self.contact()
        self.env["customer.coverage.week"]._note_week()
        rows = self.figures(groupby=["team_id"])
        by_team = {row[0]: row for row in rows if row[0]}
        self.assertEqual(by_team[self.team_east][2], 1)
        self.assertEqual(by_team[self.team_east][-1], 100)
        self.assertEqual(by_team[self.team_west][-1], 0)

    def test_who_sees_what(self):
        self.contact()
        self.contact(self.card_west, user_id=self.custodian_west.id)
        for user, count in (
            (self.custodian_east, 1),
            (self.manager_west, 1),
            (self.regional_manager, 2),
            (self.reader, 2),
            (self.employee, 0),
        ):
            with self.subTest(user=user.login):
                ((contacts, *_rest),) = self.figures(user)
                self.assertEqual(contacts or 0, count)

    def test_company(self):
        visit = self.contact()
        visit._visit_through_door().company_id = self.env["res.company"].create(
            {"name": "Elsewhere"}
        )
        ((contacts, *_rest),) = self.figures(self.custodian_east)
        self.assertFalse(contacts)
