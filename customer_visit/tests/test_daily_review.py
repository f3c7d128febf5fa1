from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import JsonRpcException, tagged
from odoo.tools import mute_logger

from .common import CustomerVisitCommon, CustomerVisitHttp

# a Wednesday, noon
NOW = datetime(2026, 6, 17, 12)
TUESDAY, MONDAY, SATURDAY, FRIDAY = (
    NOW.date() - timedelta(days=days) for days in (1, 2, 4, 5)
)


class TestDailyReview(CustomerVisitCommon):
    """M08: the manager discusses the last working day with each salesperson."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Review = cls.env["customer.daily.review"]
        cls.env.company.resource_calendar_id = cls.env["resource.calendar"].create(
            {"name": "Monday to Friday", "tz": "UTC"}
        )
        cls.env["res.users"].search([]).tz = "UTC"

    def setUp(self):
        super().setUp()
        self.travel_to(NOW)

    def travel_to(self, moment):
        freezer = freeze_time(moment)
        freezer.start()
        self.addCleanup(freezer.stop)

    def visit_on(self, day, **values):
        state = values.pop("state", "planned")
        visit = self.make_visit(
            values.pop("card", self.card_east),
            values.pop("user", self.custodian_east),
            date_planned=datetime.combine(day, datetime.min.time()).replace(hour=9),
            **values,
        )
        if state != "planned":
            # sudo: the past, at once
            visit.sudo().write(
                {
                    "state": state,
                    "date_start": visit.date_planned,
                    "report": "<p>He wants a better price</p>",
                }
            )
        return visit

    def review_of(self, user, day=TUESDAY):
        return self.Review.search([("user_id", "=", user.id), ("date", "=", day)])

    def make_review(self, **values):
        self.visit_on(TUESDAY, **values)
        self.Review._generate()
        return self.review_of(self.custodian_east)

    # ------------------------------------------------------------
    # HOW THEY ARE MADE
    # ------------------------------------------------------------

    def test_generate_last_working_day(self):
        undone = self.visit_on(TUESDAY)
        done = self.visit_on(TUESDAY, state="reported")
        owed = self.visit_on(TUESDAY, state="report_due")
        self.visit_on(NOW.date())
        self.visit_on(MONDAY)
        self.Review._generate()
        review = self.review_of(self.custodian_east)
        self.assertEqual(review.team_id, self.team_east)
        self.assertEqual(
            {line.visit_id: line.outcome for line in review.line_ids},
            {undone: "open", done: "reported", owed: "report_due"},
        )
        counts = review.made_count, review.missed_count, review.owed_count
        self.assertEqual(counts, (2, 1, 1))
        # nobody had a review before: earlier days are not dug out
        self.assertFalse(self.review_of(self.custodian_east, MONDAY))

    def test_generate_twice(self):
        review = self.make_review()
        before = self.Review.search_count([])
        self.assertFalse(self.Review._generate())
        self.assertEqual(self.Review.search_count([]), before)
        self.assertEqual(len(review.line_ids), 1)

    def test_recorded_later_is_added(self):
        review = self.make_review()
        late = self.visit_on(TUESDAY, state="reported")
        self.Review.with_user(self.manager_east).action_open_reviews()
        self.assertIn(late, review.line_ids.visit_id)

    def test_free_days_belong_to_the_working_day_before(self):
        """On Monday the review is that of Friday, with the visit of Saturday."""
        saturday = self.visit_on(SATURDAY)
        self.travel_to(datetime.combine(MONDAY, datetime.min.time()).replace(hour=8))
        self.Review._generate()
        review = self.review_of(self.custodian_east, FRIDAY)
        self.assertEqual(review.line_ids.visit_id, saturday)

    def test_public_holiday(self):
        self.env.company.resource_calendar_id.leave_ids = [
            (
                0,
                0,
                {
                    "name": "Holiday",
                    "date_from": f"{TUESDAY} 00:00:00",
                    "date_to": f"{TUESDAY} 23:59:59",
                    "resource_id": False,
                },
            )
        ]
        self.Review._generate()
        self.assertFalse(self.review_of(self.custodian_east, TUESDAY))
        self.assertTrue(self.review_of(self.custodian_east, MONDAY))

    def test_missed_mornings_are_made_up_for(self):
        self.Review._generate()
        self.travel_to(NOW + timedelta(days=2))
        self.Review._generate()
        for day in (TUESDAY, NOW.date(), NOW.date() + timedelta(days=1)):
            self.assertTrue(self.review_of(self.custodian_east, day), day)

    def test_moved_away_is_planned_and_not_done(self):
        """A visit put off on its own day does not slip out of the review."""
        self.travel_to(datetime.combine(TUESDAY, datetime.min.time()).replace(hour=8))
        visit = self.visit_on(TUESDAY).with_user(self.custodian_east)
        early = self.visit_on(NOW.date() + timedelta(days=3))
        self.flush_tracking()
        visit.action_reschedule(NOW + timedelta(days=2))
        early.action_reschedule(NOW + timedelta(days=1))
        self.flush_tracking()
        self.travel_to(NOW)
        self.Review._generate()
        line = self.review_of(self.custodian_east).line_ids
        self.assertEqual(line.visit_id.ids, visit.ids)
        self.assertEqual(line.outcome, "moved")
        self.assertEqual(line.moved_to, NOW.date() + timedelta(days=2))

    def test_on_leave_only_with_visits(self):
        self.card_east.sudo().write(
            {
                "card_deputy_id": self.deputy_east.id,
                "card_deputy_from": MONDAY,
                "card_deputy_until": NOW.date(),
            }
        )
        self.Review._generate()
        self.assertFalse(self.review_of(self.custodian_east))
        # who gives some cards away for a time is not on leave
        self.free_partner.user_id = self.custodian_east
        self.free_partner._open_cards()
        self.Review._generate()
        self.assertTrue(self.review_of(self.custodian_east))

    def test_on_leave_and_at_work(self):
        self.card_east.sudo().write(
            {
                "card_deputy_id": self.deputy_east.id,
                "card_deputy_from": MONDAY,
                "card_deputy_until": NOW.date(),
            }
        )
        self.make_review()
        self.assertTrue(self.review_of(self.custodian_east))

    def test_queries_do_not_grow(self):
        """Reviews of one salesperson cost as much as those of forty."""
        self.Review._generate()
        counts = []
        for number in (1, 40):
            users = self.env["res.users"].create(
                [
                    {
                        "name": f"Salesperson {number}-{one}",
                        "login": f"salesperson_{number}_{one}",
                        "tz": "UTC",
                    }
                    for one in range(number)
                ]
            )
            self.env["customer.visit"].create(
                [
                    {
                        "partner_id": self.card_east.id,
                        "user_id": user.id,
                        "date_planned": f"{TUESDAY} 09:00:00",
                    }
                    for user in users
                ]
            )
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            made = self.Review._generate()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(len(made), number)
        self.assertEqual(counts[0], counts[1])

    # ------------------------------------------------------------
    # WHO DOES IT
    # ------------------------------------------------------------

    def test_manager_remarks_and_ticks(self):
        review = self.make_review(state="reported").with_user(self.manager_east)
        line = review.line_ids
        self.assertTrue(review.can_review)
        line.write({"remark": "Well done", "discussed": True})
        review.write({"note": "Call earlier"})
        self.assertEqual(line.discussed_by_id, self.manager_east)
        self.assertEqual(line.remark_by_id, self.manager_east)
        self.assertEqual(review.progress, 100)
        # what has been discussed is reviewed
        self.assertEqual(line.visit_id.state, "reviewed")
        review.action_done()
        self.assertEqual(review.state, "done")
        with self.assertRaisesRegex(UserError, "Reopen"):
            line.remark = "Too late"
        review.action_reopen()
        line.remark = "In time"

    def test_done_ticks_the_rest(self):
        review = self.make_review().with_user(self.regional_manager)
        review.action_done()
        self.assertTrue(review.line_ids.discussed)
        self.assertEqual(review.done_by_id, self.regional_manager)

    def test_others_may_not(self):
        """The twin: neither the salesperson himself, nor a colleague, nor the manager
        of another department, nor anybody."""
        review = self.make_review()
        for user in (self.custodian_east, self.deputy_east, self.manager_west):
            mine = review.with_user(user)
            for call in (
                lambda mine=mine: mine.write({"note": "No"}),
                lambda mine=mine: mine.action_done(),
                lambda mine=mine: mine.action_reopen(),
                lambda mine=mine: mine.line_ids.sudo(False).write({"remark": "No"}),
                lambda mine=mine: mine.with_context(customer_daily_review=True).write(
                    {"state": "done"}
                ),
            ):
                with self.assertRaises(AccessError):
                    call()
        for user in (self.deputy_east, self.manager_west, self.employee):
            self.assertFalse(
                self.Review.with_user(user).search([("id", "=", review.id)])
            )
            with self.assertRaises(AccessError):
                review.with_user(user).line_ids.mapped("report_summary")
        for user in (self.custodian_east, self.employee):
            with self.assertRaises(AccessError):
                self.Review.with_user(user).action_open_reviews()

    def test_manager_writes_nothing_else(self):
        review = self.make_review().with_user(self.manager_east)
        for vals in (
            {"user_id": self.deputy_east.id},
            {"state": "done"},
            {"date": MONDAY},
        ):
            with self.assertRaises(AccessError):
                review.write(vals)
        with self.assertRaises(AccessError):
            review.line_ids.write({"visit_id": review.line_ids.visit_id.id})
        with self.assertRaises(AccessError):
            self.Review.with_user(self.manager_east).create(
                {"user_id": self.deputy_east.id, "date": MONDAY, "date_to": MONDAY}
            )

    def test_nobody_reviews_his_own_day(self):
        self.visit_on(TUESDAY, user=self.manager_east)
        self.Review._generate()
        review = self.review_of(self.manager_east)
        self.assertEqual(review.team_id, self.team_east)
        with self.assertRaisesRegex(AccessError, "nobody reviews his own day"):
            review.with_user(self.manager_east).action_done()
        review.with_user(self.regional_manager).action_done()

    def test_report_of_a_hidden_card(self):
        """His salesperson was at a customer of another department: the manager sees
        that, and not what is on the card."""
        visit = self.visit_on(TUESDAY, state="reported")
        visit.sudo().partner_id = self.card_west
        self.Review._generate()
        line = self.review_of(self.custodian_east).line_ids
        seen = line.with_user(self.manager_east)
        self.assertEqual((seen.outcome, seen.can_read), ("reported", False))
        self.assertFalse(seen.report)
        self.assertNotIn("better price", seen.report_summary)
        # the region has both departments
        seen = line.with_user(self.regional_manager)
        self.assertIn("better price", seen.report_summary)

    # ------------------------------------------------------------
    # HOW THE SALESPERSON LEARNS OF IT
    # ------------------------------------------------------------

    def remarks_of(self, user):
        page = self.env["customer.my.day"].with_user(user).get_day()
        blocks = {block["code"]: block for block in page["blocks"]}
        return blocks.get("remarks", {"rows": []})["rows"]

    def test_remark_reaches_the_salesperson(self):
        review = self.make_review(state="reported")
        line = review.line_ids
        line.with_user(self.manager_east).remark = "Call the owner"
        review.with_user(self.manager_east).note = "A good day"
        texts = [row["text"] for row in self.remarks_of(self.custodian_east)]
        self.assertEqual(texts, ["A good day", "Call the owner"])
        self.assertFalse(self.remarks_of(self.deputy_east))
        visit = line.visit_id.with_user(self.custodian_east)
        self.assertEqual(visit.review_line_ids.remark, "Call the owner")
        # read is read, until it changes
        line.with_user(self.custodian_east).action_acknowledge()
        review.with_user(self.custodian_east).action_acknowledge()
        self.assertFalse(self.remarks_of(self.custodian_east))
        line.with_user(self.manager_east).remark = "Call him today"
        self.assertEqual(len(self.remarks_of(self.custodian_east)), 1)

    def test_remark_is_between_the_two(self):
        """The twin: who reads the visit does not read the remark on its visitor."""
        review = self.make_review(state="reported")
        review.line_ids.with_user(self.manager_east).remark = "Be on time"
        self.card_east.sudo().card_custodian_id = self.deputy_east
        visit = review.line_ids.visit_id.with_user(self.deputy_east)
        visit.check_access("read")
        self.assertFalse(visit.review_line_ids)
        for records in (review.line_ids, review):
            with self.assertRaises(AccessError):
                records.with_user(self.deputy_east).action_acknowledge()
            with self.assertRaises(AccessError):
                records.with_user(self.manager_east).action_acknowledge()

    def test_days_to_discuss(self):
        review = self.make_review()
        page = self.env["customer.my.day"].with_user(self.manager_east).get_day()
        block = next(one for one in page["blocks"] if one["code"] == "reviews")
        self.assertIn(review.id, [row["id"] for row in block["rows"]])
        page = self.env["customer.my.day"].with_user(self.custodian_east).get_day()
        self.assertNotIn("reviews", [one["code"] for one in page["blocks"]])

    def flush_tracking(self):
        self.env.flush_all()
        self.cr.precommit.run()


@tagged("post_install", "-at_install")
class TestDailyReviewHttp(CustomerVisitHttp):
    """M08 as the web client does it: x2many commands pass other checks than calls from
    Python."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # sudo: yesterday, at once
        visit = cls.make_visit(cls.card_east, cls.custodian_east).sudo()
        today = cls.custodian_east._card_today()
        visit.write(
            {
                "state": "reported",
                "date_start": datetime.combine(today, datetime.min.time())
                - timedelta(days=1),
            }
        )
        cls.review = cls.env["customer.daily.review"].create(
            {
                "user_id": cls.custodian_east.id,
                "team_id": cls.team_east.id,
                "company_id": cls.env.company.id,
                "date": today - timedelta(days=1),
                "date_to": today - timedelta(days=1),
                "line_ids": [Command.create({"visit_id": visit.id})],
            }
        )
        cls.line = cls.review.line_ids
        cls.visit = visit

    def call(self, user, model, method, *args, **kwargs):
        self.env.flush_all()
        self.authenticate(user.login, user.login)
        answer = self.make_jsonrpc_request(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": args, "kwargs": kwargs},
        )
        self.env.invalidate_all()
        return answer

    def assertRefused(self, user, *args):
        with mute_logger("odoo.http"), self.assertRaises(JsonRpcException):
            self.call(user, *args)
        self.env.invalidate_all()

    def test_manager_writes_through_the_form(self):
        self.call(
            self.manager_east,
            "customer.daily.review",
            "web_save",
            self.review.ids,
            {
                "line_ids": [
                    Command.update(self.line.id, {"remark": "Good", "discussed": True})
                ]
            },
            specification={"line_ids": {"fields": {"report_summary": {}}}},
        )
        self.assertEqual(self.line.remark, "Good")
        self.assertEqual(self.line.discussed_by_id, self.manager_east)
        self.assertEqual(self.visit.state, "reviewed")

    def test_forged_lines_are_refused(self):
        """The twin: neither through the review nor through the visit."""
        update = [Command.update(self.line.id, {"remark": "Fine", "discussed": True})]
        other = self.make_visit(self.card_east, self.custodian_east)
        commands = (
            update,
            [Command.create({"visit_id": other.id, "review_id": self.review.id})],
            [Command.delete(self.line.id)],
        )
        for command in commands:
            for user in (self.custodian_east, self.deputy_east, self.manager_west):
                self.assertRefused(
                    user,
                    "customer.daily.review",
                    "write",
                    self.review.ids,
                    {"line_ids": command},
                )
            self.assertRefused(
                self.custodian_east,
                "customer.visit",
                "write",
                self.visit.ids,
                {"review_line_ids": command},
            )
        self.assertFalse(self.line.remark)
        self.assertFalse(self.line.discussed)

    def test_my_day_of_others(self):
        """Nobody asks for the day of somebody else: there is no such argument, and a
        client's context does not change whose day it is."""
        self.line.remark = "Between us"
        page = self.call(self.custodian_east, "customer.my.day", "get_day")
        self.assertIn("Between us", str(page))
        page = self.call(
            self.deputy_east,
            "customer.my.day",
            "get_day",
            context={"uid": self.custodian_east.id},
        )
        self.assertNotIn("Between us", str(page))

    def test_my_day_tour(self):
        """Prepare a visit, check in and out, read a remark: all from My Day."""
        self.line.remark = "Between us"
        # a browser without anybody in front of it does not say where it is
        self.env.company.visit_position = False
        visit = self.make_visit(
            self.card_east,
            self.custodian_east,
            date_planned=datetime.now().replace(microsecond=0),
        )
        self.start_tour(
            "/odoo/my-day", "customer_visit_my_day", login="test_custodian_east"
        )
        self.env.invalidate_all()
        self.assertEqual(visit.state, "report_due")
        self.assertEqual(visit.prepared_by_id, self.custodian_east)
        self.assertTrue(self.line.seen_date)
