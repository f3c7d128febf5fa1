from odoo.exceptions import AccessError, UserError
from odoo.tests import Form

from .common import CustomerSegmentationCommon


class TestAbcHistory(CustomerSegmentationCommon):
    """A14, O02: classes last, their changes are kept, and the past can be looked at."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customers = cls.env["res.partner"].create(
            [{"name": f"Customer {number}"} for number in range(1, 5)]
        )
        cls.large, cls.small = cls.card_east, cls.card_west
        cls.make_invoice(cls.large, 900, "2026-01-10")
        cls.make_invoice(cls.small, 60, "2026-01-10")
        cls.make_invoice(cls.customers[0], 40, "2026-01-10")
        cls.refresh("2026-01-31")

    def get_classes(self, *names):
        return [
            tuple(self.get_row(card)[name] for name in names)
            for card in (self.large, self.small)
        ]

    def get_changes(self, dimension="abc"):
        changes = self.env["customer.segment.change"].search(
            [("company_id", "=", self.company.id), ("dimension", "=", dimension)],
            order="id",
        )
        return [
            (change.partner_id, change.value_from, change.value_to, str(change.date))
            for change in changes
        ]

    def get_events(self):
        return self.env["customer.card.event"].search(
            [
                ("kind", "=", "class_changed"),
                ("partner_id", "in", (self.large | self.small).ids),
            ],
            order="id",
        )

    def overtake(self):
        """The small one becomes the largest by far."""
        self.make_invoice(self.small, 20_000, "2026-02-10")

    # ------------------------------------------------------------
    # HYSTERESIS
    # ------------------------------------------------------------

    def test_first_run_is_no_change(self):
        self.assertEqual(self.get_classes("abc_class"), [("a",), ("b",)])
        self.assertFalse(self.get_changes())
        self.assertFalse(self.get_events())
        self.assertEqual(str(self.company.segments_since), "2026-01-31")

    def test_rise_at_once_fall_after_two_runs(self):
        self.overtake()
        self.refresh("2026-02-28")
        names = ("abc_class", "abc_computed", "abc_lower_runs")
        self.assertEqual(self.get_classes(*names), [("a", "c", 1), ("a", "a", 0)])
        self.assertIn(
            "A goes on counting", str(self.get_row(self.large).abc_explanation)
        )
        self.refresh("2026-03-01")
        self.assertEqual(self.get_classes(*names), [("c", "c", 0), ("a", "a", 0)])
        self.assertEqual(
            self.get_changes(),
            [
                (self.small, "b", "a", "2026-02-28"),
                (self.large, "a", "c", "2026-03-01"),
            ],
        )

    def test_lower_runs_in_a_row(self):
        """O02: a class found again in between begins the count anew."""
        self.overtake()
        self.refresh("2026-02-28")
        self.make_invoice(self.small, -20_000, "2026-03-01")
        self.refresh("2026-03-01")
        self.assertEqual(self.get_row(self.large).abc_lower_runs, 0)
        self.make_invoice(self.small, 20_000, "2026-03-02")
        self.refresh("2026-03-02")
        self.assertEqual(self.get_row(self.large).abc_class, "a")
        self.refresh("2026-03-03")
        self.assertEqual(self.get_row(self.large).abc_class, "c")

    def test_fall_at_once_by_setting(self):
        self.company.abc_downgrade_runs = 1
        self.overtake()
        self.refresh("2026-02-28")
        self.assertEqual(self.get_row(self.large).abc_class, "c")

    def test_run_for_some_keeps_classes(self):
        """O02: a place depends on all others: the figures of one alone do not move it,
        nor do they count as a run that finds him lower."""
        self.overtake()
        self.env["customer.metrics"]._refresh(
            self.company, "2026-02-28", partners=self.large | self.small
        )
        self.assertEqual(self.get_classes("abc_class"), [("a",), ("b",)])
        self.assertEqual(self.get_row(self.small).amount, 20_060)
        self.assertEqual(self.get_row(self.large).abc_lower_runs, 0)

    # ------------------------------------------------------------
    # HISTORY
    # ------------------------------------------------------------

    def test_ledger(self):
        """A14: a change of class stands on the card, once."""
        self.overtake()
        self.refresh("2026-02-28")
        self.refresh("2026-02-28")
        self.refresh("2026-03-01")
        events = self.get_events().filtered(lambda one: "ABC" in one.description)
        self.assertEqual(
            [(event.partner_id, event.description) for event in events],
            [
                (self.small, "ABC Class: B → A"),
                (self.large, "ABC Class: A → C"),
            ],
        )
        change = self.env["customer.segment.change"].browse(events[0].res_id)
        self.assertEqual(change.partner_id, self.small)
        self.assertEqual(change.amount, 20_060)
        self.assertEqual(change.rank, 1)

    def test_change_has_names(self):
        self.overtake()
        self.refresh("2026-02-28")
        self.refresh("2026-03-01")
        Change = self.env["customer.segment.change"]
        mine = [("company_id", "=", self.company.id), ("dimension", "=", "abc")]
        up = Change.search([*mine, ("direction", "=", "up")])
        self.assertEqual((up.class_from, up.class_to), ("abc_b", "abc_a"))
        down = Change.search([*mine, ("class_to", "=", "abc_c")])
        self.assertEqual(down.direction, "down")
        self.assertEqual(Change.search([*mine, ("class_from", "!=", "abc_a")]), up)
        self.assertEqual(
            Change._read_group(mine, ["class_from", "direction"], ["__count"]),
            [("abc_a", "down", 1), ("abc_b", "up", 1)],
        )

    def test_change_is_not_changed(self):
        self.overtake()
        self.refresh("2026-02-28")
        change = self.env["customer.segment.change"].search(
            [("partner_id", "=", self.small.id), ("dimension", "=", "abc")]
        )
        with self.assertRaises(UserError):
            change.sudo().write({"value_to": "c"})
        with self.assertRaises(AccessError):
            change.with_user(self.card_admin).unlink()

    def test_change_of_hidden_card(self):
        """P04: history follows the card."""
        self.overtake()
        self.refresh("2026-02-28")
        Change = self.env["customer.segment.change"]
        self.assertEqual(
            Change.with_user(self.custodian_west).search([]).partner_id, self.small
        )
        self.assertFalse(Change.with_user(self.custodian_east).search([]))

    def test_take_out(self):
        """P04, A10: history leaves the system through those who keep the card only."""
        self.overtake()
        self.refresh("2026-02-28")
        change = self.env["customer.segment.change"].search(
            [("partner_id", "=", self.small.id), ("dimension", "=", "abc")]
        )
        names = ["partner_id/name", "class_to"]
        rows = change.with_user(self.manager_west).export_data(names)["datas"]
        self.assertEqual(rows, [["Beta Tools", "A"]])
        with self.assertRaises(AccessError):
            change.with_user(self.reader).export_data(names)

    # ------------------------------------------------------------
    # MIGRATION
    # ------------------------------------------------------------

    def migrate(self, date_from, date_to, user=None):
        Migration = self.env["customer.segment.migration"]
        if user:
            Migration = Migration.with_user(user)
        groups = Migration.with_context(
            migration_date_from=date_from, migration_date_to=date_to
        )._read_group(
            [("company_id", "=", self.company.id), ("dimension", "=", "abc")],
            ["class_from", "class_to", "direction"],
            ["customer_count:sum"],
        )
        return {
            (before[4:], after[4:]): count
            for before, after, _direction, count in groups
            if {before, after} != {"abc_none"}
        }

    def test_migration(self):
        """A14: from which class to which, between any two days."""
        self.overtake()
        self.refresh("2026-02-28")
        self.refresh("2026-03-01")
        self.assertEqual(
            self.migrate("2026-01-31", "2026-02-28"),
            {("a", "a"): 1, ("b", "a"): 1, ("c", "c"): 1},
        )
        self.assertEqual(
            self.migrate("2026-02-28", "2026-03-01"),
            {("a", "a"): 1, ("a", "c"): 1, ("c", "c"): 1},
        )
        self.assertEqual(
            self.migrate("2026-01-31", "2026-03-01"),
            {("a", "c"): 1, ("b", "a"): 1, ("c", "c"): 1},
        )
        # whoever comes later had no class before
        self.make_invoice(self.customers[1], 10, "2026-03-05")
        self.refresh("2026-03-10")
        self.assertEqual(self.migrate("2026-03-01", "2026-03-10")["", "c"], 1)

    def test_migration_of_hidden_cards(self):
        """P04: the matrix counts the cards that the reader sees."""
        self.overtake()
        self.refresh("2026-02-28")
        self.assertEqual(
            self.migrate("2026-01-31", "2026-02-28", self.custodian_west),
            {("b", "a"): 1},
        )
        self.assertEqual(
            self.migrate("nonsense", "2026-02-28", self.employee),
            {},
        )

    def test_compare(self):
        self.overtake()
        self.refresh("2026-02-28")
        Compare = self.env["customer.segment.compare"].with_company(self.company)
        with Form(Compare.with_user(self.manager_east)) as form:
            form.date_from = "2026-01-31"
            form.date_to = "2026-02-28"
        action = form.record.action_open()
        rows = (
            self.env["customer.segment.migration"]
            .with_context(**action["context"])
            .search([*action["domain"], ("class_to", "=", "abc_a")])
        )
        self.assertEqual(rows.partner_id, self.large | self.small)
        form.record.date_from = "2026-01-30"
        with self.assertRaisesRegex(UserError, "Test Traders records classes since"):
            form.record.action_open()
        form.record.date_from = "2026-03-30"
        with self.assertRaisesRegex(UserError, "before the second"):
            form.record.action_open()

    # ------------------------------------------------------------
    # THE PAST
    # ------------------------------------------------------------

    def look_back(self, date, user):
        wizard = (
            self.env["customer.segment.look.back"]
            .with_user(user)
            .create({"company_id": self.company.id, "date": date})
        )
        action = wizard.action_open()
        rows = (
            self.env["customer.segment.snapshot"]
            .with_user(user)
            .search(action["domain"])
        )
        return {
            row.partner_id: (row.class_recorded, row.class_computed, row.class_now)
            for row in rows
            if row.amount
        }

    def test_look_back(self):
        """A14: the classes of a past day, as recorded and as computed anew; nothing else
        changes."""
        self.overtake()
        self.refresh("2026-02-28")
        self.refresh("2026-03-01")
        before = self.env["customer.metrics"].search([]).read()
        changes = self.get_changes()
        rows = self.look_back("2026-02-28", self.regional_manager)
        self.assertEqual(rows[self.large], ("a", "c", "c"))
        self.assertEqual(rows[self.small], ("a", "a", "a"))
        rows = self.look_back("2026-01-31", self.regional_manager)
        self.assertEqual(rows[self.large], ("a", "a", "c"))
        self.assertEqual(rows[self.small], ("b", "b", "a"))
        rows = self.look_back("2026-01-15", self.regional_manager)
        self.assertEqual(rows[self.small], (False, "b", "a"))
        self.assertEqual(self.env["customer.metrics"].search([]).read(), before)
        self.assertEqual(self.get_changes(), changes)

    def test_look_back_of_hidden_cards(self):
        """P04: the past of a card is as closed as the card, and each looks back alone."""
        rows = self.look_back("2026-01-31", self.manager_west)
        self.assertEqual(set(rows), {self.small})
        Snapshot = self.env["customer.segment.snapshot"]
        self.assertFalse(Snapshot.with_user(self.regional_manager).search([]))
        self.assertFalse(Snapshot.with_user(self.custodian_west).search([]))

    def test_look_back_needs_a_manager(self):
        with self.assertRaises(AccessError):
            self.look_back("2026-01-31", self.custodian_west)
        wizard = (
            self.env["customer.segment.look.back"]
            .sudo()
            .create({"company_id": self.company.id, "date": "2026-01-31"})
        )
        with self.assertRaises(AccessError):
            wizard.with_user(self.employee).action_open()
        other = self.env["res.company"].create({"name": "Other"})
        wizard = (
            self.env["customer.segment.look.back"]
            .with_user(self.manager_west)
            .create({"company_id": self.company.id, "date": "2026-01-31"})
        )
        wizard.sudo().company_id = other
        with self.assertRaises(AccessError):
            wizard.action_open()

    def test_refresh_of_the_past(self):
        """A14: classes computed as of a past day are those of that day; they are no
        history, and the next run goes on where the last one was."""
        self.overtake()
        self.refresh("2026-02-28")
        changes = self.get_changes()
        self.refresh("2026-01-31")
        self.assertEqual(self.get_classes("abc_class"), [("a",), ("b",)])
        self.assertEqual(self.get_changes(), changes)
        self.refresh("2026-03-01")
        self.assertEqual(self.get_classes("abc_class"), [("c",), ("a",)])
        self.assertEqual(
            self.get_changes(), [*changes, (self.large, "a", "c", "2026-03-01")]
        )

    # ------------------------------------------------------------
    # WITHIN DEPARTMENTS
    # ------------------------------------------------------------

    def test_within_departments(self):
        """O02: beside the class in the company one in the department."""
        (self.large | self.small).invalidate_recordset()
        self.assertFalse(self.get_row(self.small).abc_class_team)
        self.company.abc_scope = "team"
        self.refresh("2026-02-28")
        row = self.get_row(self.small)
        self.assertEqual(
            (row.abc_class, row.abc_class_team, row.rank_team, row.abc_team_id),
            ("b", "a", 1, self.small.card_team_id),
        )
        self.assertIn("Within Test West: A, rank 1", str(row.abc_explanation))
        self.assertFalse(self.get_row(self.customers[0]).abc_class_team)

    def test_within_regions(self):
        self.company.abc_scope = "region"
        self.refresh("2026-02-28")
        row = self.get_row(self.small)
        self.assertEqual(row.abc_team_id, self.team_region)
        # of 960 in the region 900 are held by the large one
        self.assertEqual((row.abc_class_team, row.rank_team), ("b", 2))
