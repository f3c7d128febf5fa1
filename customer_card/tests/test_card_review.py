from datetime import date, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import SQL

from .common import CustomerCardCommon, CustomerCardHttp

# Wednesday of 2030-W11
NOW = "2030-03-13 10:00:00"
MONDAY = date(2030, 3, 11)


class ReviewWorld:
    """East's cards: new, changed, stale, incomplete, and plain ones; only a phone is
    required. No weekly check exists before."""

    @classmethod
    def make_review_world(cls):
        cls.Review = cls.env["customer.card.review"]
        cls.Line = cls.env["customer.card.review.line"]
        cls.Event = cls.env["customer.card.event"]
        cls.Review.search([]).sudo().unlink()
        Requirement = cls.env["customer.card.requirement"]
        Requirement.search([]).active = False
        Requirement.create(
            {
                "name": "Phone",
                "field_id": cls.env["ir.model.fields"]._get("res.partner", "phone").id,
            }
        )
        cls.env["res.partner"]._recompute_card_completeness()
        cls.env.user.tz = "UTC"
        cls.teams = (cls.team_east | cls.team_west).ids

    @classmethod
    def make_cards_of(cls, user, count, **values):
        cards = cls.env["res.partner"].create(
            [{"name": f"{user.name} {i}", "phone": "1", **values} for i in range(count)]
        )
        cards._open_cards(user)
        return cards

    def age(self, cards, days):
        """Let these cards be opened and last updated some days before ``NOW``."""
        self.env.cr.flush()
        when = fields.Datetime.to_datetime(NOW) - timedelta(days=days)
        self.env.execute_query(
            SQL(
                "UPDATE res_partner SET card_last_update = %s WHERE id = ANY(%s)"
                " RETURNING id",
                when,
                cards.ids,
            )
        )
        self.env.execute_query(
            SQL(
                "UPDATE customer_card_event SET date = %s WHERE partner_id = ANY(%s)"
                " RETURNING id",
                when,
                cards.ids,
            )
        )
        self.env.invalidate_all()

    def generate(self, when=NOW, team_ids=None):
        with freeze_time(when):
            self.env.cr.flush()
            return self.Review._generate(team_ids or self.teams)

    def review_of(self, user, when=NOW):
        return self.generate(when).filtered(lambda r: r.custodian_id == user)


@tagged("post_install", "-at_install")
class TestCardReview(ReviewWorld, CustomerCardCommon):
    """The weekly check (M01, M07, A04)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_review_world()

    # which cards

    def test_the_list_of_a_week_says_why(self):
        new, changed, stale, incomplete, plain = (
            self.make_cards_of(self.custodian_east, 1, card_kind=kind)
            for kind in ("prospect",) * 5
        )
        self.age(new, 1)
        self.age(changed | stale | incomplete | plain | self.card_east, 20)
        self.age(stale, 40)
        with freeze_time("2030-03-12 09:00:00"):
            changed.website = "https://changed.example"
            self.env.cr.flush()
        with freeze_time("2030-02-21 09:00:00"):
            incomplete.phone = False
            self.env.cr.flush()
        self.env.company.card_review_sample_size = 1
        review = self.review_of(self.custodian_east)
        why = {
            line.partner_id: line.reasons
            for line in review.line_ids.filtered(lambda line: not line.is_sample)
        }
        self.assertEqual(
            why,
            {new: "New", changed: "Changed", stale: "Stale", incomplete: "Incomplete"},
        )
        [sample] = review.line_ids.filtered("is_sample")
        self.assertIn(sample.partner_id, plain | self.card_east)
        self.assertEqual(review.line_ids[0].partner_id, new, "new ones first")
        line = review.line_ids.filtered(lambda line: line.partner_id == changed)
        with freeze_time(NOW):
            self.assertEqual(line.changes, "Website Link: – → https://changed.example")
            self.assertEqual(line.changes_summary, line.changes)
            changed._log_card_changes({changed.id: "many words " * 20})
            line.invalidate_recordset()
            self.assertGreater(len(line.changes), 100)
            self.assertLessEqual(len(line.changes_summary), 90)
            self.assertEqual(line.changes_summary[-1], "…")
        self.assertEqual(line.completeness, 100)
        self.assertEqual(
            (review.card_count, review.stale_count, review.incomplete_count), (6, 1, 1)
        )
        self.assertAlmostEqual(review.completeness, 500 / 6)

    def test_not_more_cards_than_the_company_wants(self):
        self.env.company.write(
            {"card_review_max_lines": 4, "card_review_sample_size": 2}
        )
        self.make_cards_of(self.custodian_east, 9)
        review = self.review_of(self.custodian_east)
        self.assertEqual(len(review.line_ids), 6)
        self.assertEqual(len(review.line_ids.filtered("is_sample")), 2)

    def test_the_settings_of_the_departments_company_count(self):
        other = self.env["res.company"].create({"name": "Two"})
        (self.custodian_west | self.manager_west).company_ids |= other
        self.team_west.company_id = other
        other.write({"card_review_max_lines": 1, "card_review_sample_size": 0})
        self.env.company.card_review_max_lines = 50
        self.make_cards_of(self.custodian_west, 3)
        self.make_cards_of(self.custodian_east, 3)
        reviews = self.generate()
        self.assertEqual(
            {review.custodian_id: len(review.line_ids) for review in reviews},
            {self.custodian_east: 4, self.custodian_west: 1},
        )

    def test_closed_and_archived_cards_are_not_checked(self):
        closed, archived, merged = self.make_cards_of(self.custodian_east, 3)
        closed.action_card_close()
        archived.active = False
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (merged | self.card_east).ids, self.card_east, extra_checks=False
        )
        review = self.review_of(self.custodian_east)
        self.assertEqual(review.line_ids.partner_id, self.card_east)

    def test_a_merged_card_stays_on_the_check_once(self):
        twin = self.make_cards_of(self.custodian_east, 1)
        review = self.review_of(self.custodian_east)
        self.assertEqual(len(review.line_ids), 2)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (twin | self.card_east).ids, self.card_east, extra_checks=False
        )
        self.env.invalidate_all()
        self.assertEqual(review.line_ids.partner_id, self.card_east)

    # when

    def test_a_week_has_one_check_however_often_it_is_made(self):
        self.assertEqual(len(self.generate()), 2)
        self.assertFalse(self.generate())
        self.assertFalse(self.generate("2030-03-17 23:00:00"), "Sunday, the same week")
        self.assertEqual(len(self.generate("2030-03-18 00:10:00")), 2)
        weeks = set(self.Review.search([]).mapped("week"))
        self.assertEqual(weeks, {"2030-W11", "2030-W12"})

    @staticmethod
    def no_commit(_cron, processed=0, *, remaining=None, deactivate=False):
        """A test has one transaction; there is time for more."""
        return 60

    def test_the_scheduled_action_goes_on_where_it_stopped(self):
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *_a, **_k: 0)
        module = "odoo.addons.customer_card.models.customer_card_review_generate.BATCH"
        domain = [("week_start", "=", MONDAY), ("team_id", "in", self.teams)]
        with freeze_time(NOW), patch(module, 1):
            self.env.cr.flush()
            for _again in range(20):
                self.Review._cron_generate()
        self.assertEqual(self.Review.search_count(domain), 2)
        self.assertEqual(len(self.Review.search(domain).line_ids), 2)

    def test_two_at_once_make_one(self):
        self.generate()
        keepers = [(self.custodian_east.id, self.team_east.id)]
        self.assertFalse(
            self.Review._insert_reviews(keepers, MONDAY), "the other one was first"
        )

    def test_a_new_custodian_in_the_week_gets_his(self):
        self.generate()
        self.make_cards_of(self.deputy_east, 1)
        self.assertEqual(self.generate().custodian_id, self.deputy_east)

    def test_an_iso_week_belongs_to_one_year(self):
        for day, week, monday in (
            ("2026-12-31", "2026-W53", "2026-12-28"),
            ("2027-01-01", "2026-W53", "2026-12-28"),
            ("2027-01-03", "2026-W53", "2026-12-28"),
            ("2027-01-04", "2027-W01", "2027-01-04"),
            ("2024-12-30", "2025-W01", "2024-12-30"),
        ):
            start = self.Review._get_week_start(date.fromisoformat(day))
            self.assertEqual(
                (self.Review._get_week_name(start), str(start)), (week, monday)
            )
        self.generate("2026-12-31 10:00:00")
        self.assertFalse(self.generate("2027-01-02 10:00:00"))

    def test_the_week_is_the_users_week(self):
        self.manager_east.tz = "Pacific/Auckland"
        self.manager_west.tz = "America/Los_Angeles"
        with freeze_time("2030-03-17 20:00:00"):
            # Monday in Auckland, Sunday in Los Angeles
            self.Review.with_user(self.manager_east).action_start_now()
            self.Review.with_user(self.manager_west).action_start_now()
        weeks = {r.team_id: r.week for r in self.Review.search([])}
        self.assertEqual(
            weeks, {self.team_east: "2030-W12", self.team_west: "2030-W11"}
        )

    def test_changes_count_from_the_last_finished_check(self):
        self.env.company.card_review_sample_size = 0
        self.age(self.card_east, 60)
        first = self.review_of(self.custodian_east, "2030-03-04 08:00:00")
        first.line_ids.sudo().write({"rating": "4"})
        self.env.execute_query(
            SQL(
                "UPDATE customer_card_review SET create_date = '2030-03-04 08:00:00'"
                " WHERE id = %s RETURNING id",
                first.id,
            )
        )
        with freeze_time("2030-03-05 08:00:00"):
            first.with_user(self.manager_east).action_done()
            self.env.cr.flush()
        with freeze_time("2030-03-06 08:00:00"):
            self.card_east.website = "https://one.example"
            self.env.cr.flush()
        later = self.review_of(self.custodian_east, "2030-03-25 08:00:00")
        self.assertEqual(str(later.since_date), "2030-03-04 08:00:00")
        self.assertTrue(later.line_ids.is_changed)

    def test_the_scheduled_action_is_repeatable(self):
        cron = self.env.ref("customer_card.customer_card_review_cron")
        self.assertEqual(cron.code, "model._cron_generate()")
        self.assertEqual(cron.nextcall.weekday(), 0, "on Mondays")
        self.patch(type(self.env["ir.cron"]), "_commit_progress", self.no_commit)
        with freeze_time(NOW):
            self.env.cr.flush()
            self.Review._cron_generate()
            count = self.Review.search_count([("week_start", "=", MONDAY)])
            self.assertGreaterEqual(count, 2)
            self.Review._cron_generate()
            self.assertEqual(
                self.Review.search_count([("week_start", "=", MONDAY)]), count
            )

    def test_a_hundred_cards_cost_as_many_queries_as_one(self):
        self.generate("2030-03-01 10:00:00")
        counts = []
        for when, more in (("2030-03-13 10:00:00", 0), ("2030-03-20 10:00:00", 100)):
            self.make_cards_of(self.custodian_east, more)
            self.env.cr.flush()
            self.env.invalidate_all()
            with freeze_time(when):
                before = self.env.cr.sql_log_count
                reviews = self.Review._generate(self.teams)
                counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
        self.assertEqual(len(reviews), 2)

    # rating

    def test_the_manager_rates(self):
        review = self.review_of(self.custodian_east)
        line = review.line_ids.with_user(self.manager_east)
        with freeze_time("2030-03-14 09:00:00"):
            line.write({"rating": "4"})
            self.env.flush_all()
        self.assertEqual(
            (line.state, line.rated_by_id, str(line.rated_date)),
            ("rated", self.manager_east, "2030-03-14 09:00:00"),
        )
        self.assertEqual(str(self.card_east.card_last_review), "2030-03-14")
        self.assertEqual(review.rating_average, 4)
        line.write({"rating": "2"})
        entries = self.Event.search(
            [("partner_id", "=", self.card_east.id), ("kind", "=", "reviewed")]
        )
        self.assertEqual(len(entries), 1, "told once")
        self.assertEqual((entries.res_model, entries.res_id), (review._name, review.id))
        self.assertEqual(entries.user_id, self.manager_east)
        line.write({"rating": "0"})
        self.assertEqual(line.state, "todo")

    def test_nobody_else_rates(self):
        line = self.review_of(self.custodian_east).line_ids
        for user in (
            self.custodian_east,
            self.custodian_west,
            self.manager_west,
            self.reader,
            self.employee,
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                line.with_user(user).write({"rating": "5"})
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                line.with_user(user).action_skip()
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                line.review_id.with_user(user).action_done()
        self.assertEqual(line.state, "todo")
        line.with_user(self.regional_manager).write({"rating": "5"})
        self.assertEqual(line.state, "rated")

    def test_a_manager_who_keeps_cards_is_rated_from_above(self):
        own = self.env["res.partner"].create({"name": "Own", "phone": "1"})
        own._open_cards(self.manager_east, self.team_east)
        review = self.review_of(self.manager_east)
        self.assertEqual(review.line_ids.partner_id, own)
        mine = review.with_user(self.manager_east)
        self.assertFalse(mine.can_check)
        with self.assertRaisesRegex(AccessError, "nobody rates his own"):
            mine.line_ids.write({"rating": "5"})
        with self.assertRaisesRegex(AccessError, "nobody rates his own"):
            mine.action_done()
        above = review.with_user(self.regional_manager)
        self.assertTrue(above.can_check)
        above.line_ids.write({"rating": "3"})
        above.action_done()
        self.assertEqual(review.state, "done")

    def test_who_has_become_the_keeper_meanwhile_does_not_rate(self):
        line = self.review_of(self.custodian_east).line_ids
        self.card_east.with_user(
            self.regional_manager
        ).card_custodian_id = self.manager_east
        with self.assertRaisesRegex(AccessError, "nobody rates his own"):
            line.with_user(self.manager_east).write({"rating": "5"})

    def test_a_deputy_does_not_rate(self):
        line = self.review_of(self.custodian_east).line_ids
        self.card_east.with_user(self.regional_manager).write(
            {
                "card_deputy_id": self.manager_east.id,
                "card_deputy_until": fields.Date.today() + timedelta(days=3),
            }
        )
        with self.assertRaisesRegex(AccessError, "nobody rates his own"):
            line.with_user(self.manager_east).write({"rating": "5"})

    def test_only_rating_and_remark_are_written(self):
        review = self.review_of(self.custodian_east)
        line = review.line_ids.with_user(self.manager_east)
        for vals in (
            {"partner_id": self.card_west.id},
            {"completeness": 100},
            {"state": "rated"},
            {"rating": "5", "rated_by_id": self.regional_manager.id},
        ):
            with self.assertRaises(AccessError):
                line.write(vals)
        with self.assertRaises(AccessError):
            review.with_user(self.manager_east).write({"state": "done"})
        with self.assertRaises(AccessError):
            review.with_user(self.manager_east).with_context(
                customer_card_review=True
            ).write({"completeness": 100})
        for user in (self.manager_east, self.card_admin):
            with self.assertRaises(AccessError):
                review.with_user(user).unlink()
            with self.assertRaises(AccessError):
                self.Review.with_user(user).create(
                    {"custodian_id": user.id, "week_start": MONDAY, "week": "x"}
                )

    def test_a_hundred_ratings_cost_as_many_queries_as_one(self):
        self.env.company.card_review_max_lines = 200
        self.make_cards_of(self.custodian_east, 100)
        lines = self.review_of(self.custodian_east).line_ids.with_user(
            self.manager_east
        )
        counts = []
        for batch in (lines[:1], lines[1:]):
            self.env.flush_all()
            self.env.invalidate_all()
            self.manager_east._card_managed_team_ids()
            before = self.env.cr.sql_log_count
            batch.write({"rating": "4"})
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2)

    # done

    def test_done_when_every_card_is_rated_or_skipped(self):
        self.make_cards_of(self.custodian_east, 1)
        review = self.review_of(self.custodian_east).with_user(self.manager_east)
        first, second = review.line_ids
        first.write({"rating": "5"})
        with self.assertRaisesRegex(UserError, "1 cards are neither"):
            review.action_done()
        second.action_skip()
        self.assertEqual(review.progress, 100)
        review.action_done()
        self.assertEqual((review.state, review.done_by_id), ("done", self.manager_east))
        with self.assertRaisesRegex(UserError, "is done"):
            first.write({"rating": "1"})
        review.action_reopen()
        first.write({"rating": "1"})
        self.assertFalse(review.done_date)

    def test_what_has_gone_meanwhile_is_skipped(self):
        gone, closed = self.make_cards_of(self.custodian_east, 2)
        review = self.review_of(self.custodian_east).with_user(self.manager_east)
        gone.sudo()._with_card_trust().write(
            {
                "card_custodian_id": self.custodian_west.id,
                "card_team_id": self.team_west.id,
            }
        )
        closed.action_card_close()
        self.env.invalidate_all()
        self.assertNotIn(
            gone,
            self.Line.with_user(self.manager_east)
            .search([("review_id", "=", review.id)])
            .partner_id,
        )
        self.Line.with_user(self.manager_east).search(
            [("partner_id", "=", self.card_east.id)]
        ).write({"rating": "5"})
        review.action_done()
        self.assertEqual(
            sorted(review.sudo().line_ids.mapped("state")),
            ["rated", "skipped", "skipped"],
        )

    # remarks

    def test_a_remark_becomes_a_todo_once(self):
        line = self.review_of(self.custodian_east).line_ids.with_user(self.manager_east)
        self.env.company.card_review_remark_days = 5
        with freeze_time("2030-03-13 10:00:00"):
            line.write({"remark": "Who <decides>?\nAsk."})
        activity = self.card_east.activity_ids
        self.assertEqual(activity.user_id, self.custodian_east)
        self.assertEqual(str(activity.date_deadline), "2030-03-18")
        self.assertIn("2030-W11", activity.summary)
        self.assertIn("Who &lt;decides&gt;?", activity.note)
        line.write({"remark": "Who decides? Ask today."})
        self.assertEqual(self.card_east.activity_ids, activity)
        self.assertIn("today", activity.note)
        line.write({"remark": False})
        self.assertFalse(self.card_east.activity_ids, "taken back")

    def test_a_todo_that_is_done_stays_done(self):
        line = self.review_of(self.custodian_east).line_ids.with_user(self.manager_east)
        line.write({"remark": "Call"})
        self.card_east.activity_ids.with_user(self.custodian_east).action_feedback()
        line.write({"rating": "3"})
        self.assertFalse(self.card_east.activity_ids)
        line.write({"remark": False})
        line.write({"remark": "Call again"})
        self.assertEqual(len(self.card_east.activity_ids), 1)

    # who sees

    def test_a_custodian_sees_his_own_check_only(self):
        reviews = self.generate()
        east = reviews.filtered(lambda r: r.custodian_id == self.custodian_east)
        for user, seen in (
            (self.custodian_east, east),
            (self.custodian_west, reviews - east),
            (self.manager_east, east),
            (self.regional_manager, reviews),
            (self.card_admin, reviews),
            (self.deputy_east, self.Review),
        ):
            with self.subTest(user=user.name):
                found = self.Review.with_user(user).search([("id", "in", reviews.ids)])
                self.assertEqual(set(found.ids), set(seen.ids))
                lines = self.Line.with_user(user).search(
                    [("review_id", "in", reviews.ids)]
                )
                self.assertEqual(set(lines.review_id.ids), set(seen.ids))
        for user in (self.employee, self.reader):
            with self.assertRaises(AccessError):
                self.Review.with_user(user).search([])

    def test_only_managers_start_the_week(self):
        with freeze_time(NOW):
            self.env.cr.flush()
            for user in (self.custodian_east, self.employee, self.reader):
                with self.assertRaises(AccessError):
                    self.Review.with_user(user).action_start_now()
            self.Review.with_user(self.manager_east).action_start_now()
        self.assertEqual(self.Review.search([]).team_id, self.team_east, "his own only")

    # not checked

    def test_who_was_not_checked_this_week(self):
        Unchecked = self.env["customer.card.unchecked"]
        mine = [("custodian_id", "in", (self.custodian_east | self.custodian_west).ids)]
        with freeze_time(NOW):
            self.env.cr.flush()
            found = Unchecked.with_user(self.regional_manager).search(mine)
            self.assertEqual(set(found.mapped("state")), {"none"})
            self.assertEqual(
                Unchecked.with_user(self.manager_east).search(mine).custodian_id,
                self.custodian_east,
            )
            action = Unchecked.with_user(self.manager_east).search(mine).action_open()
            review = self.Review.browse(action["res_id"])
            self.assertEqual(review.custodian_id, self.custodian_east)
            review.line_ids.with_user(self.manager_east).write({"rating": "3"})
            self.env.invalidate_all()
            east = Unchecked.with_user(self.manager_east).search(mine)
            self.assertEqual((east.state, east.unrated_count), ("open", 0))
            review.with_user(self.manager_east).action_done()
            self.env.invalidate_all()
            self.assertFalse(Unchecked.with_user(self.manager_east).search(mine))
            cards = self.env["res.partner"].search(
                [
                    "|",
                    ("card_last_review", "=", False),
                    ("card_last_review", "<", "today -6d +monday"),
                    ("id", "in", (self.card_east | self.card_west).ids),
                ]
            )
            self.assertEqual(cards, self.card_west)
        with freeze_time("2030-03-18 10:00:00"):
            self.env.invalidate_all()
            found = Unchecked.with_user(self.manager_east).search(mine)
            self.assertEqual(str(found.last_check), "2030-03-11")
        with self.assertRaises(AccessError):
            Unchecked.with_user(self.custodian_east).search([])

    def test_monday_whatever_day_it_is(self):
        lang = self.env["res.lang"]._lang_get(self.env.user.lang or "en_US")
        lang.week_start = "7"
        review = self.review_of(self.custodian_east)
        for day in range(11, 18):
            with freeze_time(f"2030-03-{day} 12:00:00"):
                found = self.Review.search([("week_start", "=", "today -6d +monday")])
                self.assertIn(review, found, day)
        with freeze_time("2030-03-18 12:00:00"):
            self.assertFalse(
                self.Review.search([("week_start", "=", "today -6d +monday")])
            )

    # score

    def test_the_score_is_the_weighted_average_of_its_parts(self):
        self.env.company.write(
            {
                "card_score_weight_completeness": 50,
                "card_score_weight_freshness": 25,
                "card_score_weight_rating": 25,
            }
        )
        stale = self.make_cards_of(self.custodian_east, 1)
        incomplete = self.make_cards_of(self.custodian_east, 1, phone=False)
        self.age(self.card_east | incomplete, 5)
        self.age(stale, 300)
        review = self.review_of(self.custodian_east)
        [score] = self.env["customer.card.score"].search(
            [("review_id", "=", review.id)]
        )
        # nothing is rated yet: two parts
        self.assertAlmostEqual(score.completeness, 200 / 3, 3)
        self.assertAlmostEqual(score.freshness, 200 / 3, 3)
        self.assertAlmostEqual(score.score, 200 / 3, 3)
        review.line_ids[:2].with_user(self.manager_east).write({"rating": "5"})
        review.line_ids[2:].with_user(self.manager_east).write({"rating": "2"})
        self.env.invalidate_all()
        self.assertAlmostEqual(score.rating, (100 + 100 + 25) / 3, 3)
        self.assertAlmostEqual(
            score.score, 0.5 * 200 / 3 + 0.25 * 200 / 3 + 0.25 * 75, 3
        )
        self.assertEqual(score.rated_count, 3)

    def test_a_score_is_seen_by_its_custodian_and_his_managers(self):
        reviews = self.generate()
        Score = self.env["customer.card.score"]
        domain = [("review_id", "in", reviews.ids)]
        for user, custodians in (
            (self.custodian_east, self.custodian_east),
            (self.manager_west, self.custodian_west),
            (self.regional_manager, self.custodian_east | self.custodian_west),
        ):
            self.assertEqual(
                Score.with_user(user).search(domain).custodian_id, custodians
            )
        [(team, average)] = Score.with_user(self.manager_east)._read_group(
            domain, ["team_id"], ["score:avg"]
        )
        self.assertEqual(team, self.team_east)
        self.assertGreater(average, 0)
        with self.assertRaises(AccessError):
            Score.with_user(self.employee).search([])


@tagged("post_install", "-at_install")
class TestCardReviewRpc(ReviewWorld, CustomerCardHttp):
    """Rating through the form's lines, as the web client does it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_review_world()

    def save(self, user, review, vals):
        self.authenticate(user.login, user.login)
        return self.make_jsonrpc_request(
            "/web/dataset/call_kw/customer.card.review/web_save",
            {
                "model": "customer.card.review",
                "method": "web_save",
                "args": [review.ids, vals],
                "kwargs": {"specification": {"line_ids": {"fields": {"rating": {}}}}},
            },
        )

    def test_rating_through_the_form(self):
        review = self.review_of(self.custodian_east)
        vals = {"line_ids": [Command.update(review.line_ids.id, {"rating": "4"})]}
        self.save(self.manager_east, review, vals)
        review.invalidate_recordset()
        self.assertEqual(review.line_ids.state, "rated")
        self.assertEqual(review.line_ids.rated_by_id, self.manager_east)

    def test_forbidden_rating_through_the_form(self):
        from odoo.tests.common import JsonRpcException
        from odoo.tools import mute_logger

        review = self.review_of(self.custodian_east)
        other = self.review_of(self.custodian_west, "2030-04-03 10:00:00")
        vals = {"line_ids": [Command.update(review.line_ids.id, {"rating": "4"})]}
        foreign = {"line_ids": [Command.update(other.line_ids.id, {"rating": "4"})]}
        with mute_logger("odoo.http"):
            for user in (self.custodian_east, self.manager_west, self.employee):
                with self.assertRaises(JsonRpcException):
                    self.save(user, review, vals)
            # the lines of another department, through a check of one's own
            with self.assertRaises(JsonRpcException):
                self.save(self.manager_east, review, foreign)
            with self.assertRaises(JsonRpcException):
                self.save(
                    self.manager_east,
                    review,
                    {"line_ids": [Command.delete(review.line_ids.id)]},
                )
        self.env.invalidate_all()
        self.assertEqual((review | other).line_ids.mapped("state"), ["todo", "todo"])
