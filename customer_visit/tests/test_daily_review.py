from datetime import datetime, timedelta

from freezegun import freeze_time

from .common import CustomerVisitCommon

# a Wednesday, noon
NOW = datetime(2026, 6, 17, 12)
TUESDAY, MONDAY, FRIDAY = (NOW.date() - timedelta(days=days) for days in (1, 2, 5))


class TestDailyReview(CustomerVisitCommon):
    """M08: the manager discusses the last working day with each salesperson."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Review = cls.env["customer.daily.review"]
        cls.env.company.resource_calendar_id = cls.env["resource.calendar"].create(
            {"name": "Monday to Friday", "tz": "UTC"}
        )
        (cls.custodian_east | cls.custodian_west | cls.manager_east).tz = "UTC"

    def setUp(self):
        super().setUp()
        freezer = freeze_time(NOW)
        freezer.start()
        self.addCleanup(freezer.stop)

    def visit_on(self, day, **values):
        return self.make_visit(
            values.pop("card", self.card_east),
            values.pop("user", self.custodian_east),
            date_planned=datetime.combine(day, datetime.min.time()).replace(hour=9),
            **values,
        )

    def review_of(self, user, day=TUESDAY):
        return self.Review.search([("user_id", "=", user.id), ("date", "=", day)])

    def test_generate_last_working_day(self):
        visit = self.visit_on(TUESDAY)
        self.visit_on(NOW.date())
        self.Review._generate()
        review = self.review_of(self.custodian_east)
        self.assertEqual(review.team_id, self.team_east)
        self.assertEqual(review.line_ids.visit_id, visit)
        self.assertEqual(review.line_ids.outcome, "open")
        self.assertEqual((review.made_count, review.missed_count), (0, 1))
