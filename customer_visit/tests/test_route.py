"""C06: the shortest order of a day, and the days of a week."""

import itertools
import random
from datetime import date, timedelta

from odoo.tests import BaseCase

from ..tools.route import get_distance, get_length, get_matrix, get_order
from ..tools.week import Day, Ground, Stop, plan_week

MONDAY = date(2026, 11, 23)
WEEK = [MONDAY + timedelta(days=i) for i in range(5)]
BRUSSELS = (50.8503, 4.3517)
PARIS = (48.8566, 2.3522)
BOSTON = (42.3601, -71.0589)


def make_stop(key, point=None, area="", days=(), part=1, due=None):
    return Stop(key, point, area, tuple(days), part, due)


class TestRoute(BaseCase):
    def test_distance(self):
        # reference: geodesic distance of the two centres on WGS 84, 264 km
        self.assertAlmostEqual(get_distance(BRUSSELS, PARIS), 264, delta=1)
        self.assertEqual(get_distance(BRUSSELS, BRUSSELS), 0)
        # over the date line it is not once round the world
        self.assertLess(get_distance((0, 179.9), (0, -179.9)), 23)

    def test_shortest_of_all(self):
        """Against every possible order of seven customers, there and back."""
        rand = random.Random(4)
        for _round in range(20):
            points = [(50 + rand.random(), 4 + rand.random()) for _i in range(8)]
            matrix = get_matrix(points)
            order = get_order(matrix, range(7), 7, 7)
            self.assertEqual(sorted(order), list(range(7)))
            best = min(
                get_length(matrix, way, 7, 7)
                for way in itertools.permutations(range(7))
            )
            self.assertLessEqual(get_length(matrix, order, 7, 7), best * 1.02)

    def test_two_opt_undoes_crossings(self):
        """Nearest neighbour alone jumps to and fro along this road."""
        points = [(0, x) for x in (0, 1, -1.5, 4, -7)]
        matrix = get_matrix(points)
        first = get_order(matrix, range(1, 5), 0, None, improve=False)
        self.assertEqual(first, [1, 2, 3, 4])
        order = get_order(matrix, range(1, 5), 0, None)
        self.assertLess(
            get_length(matrix, order, 0), 0.8 * get_length(matrix, first, 0)
        )

    def test_no_way(self):
        self.assertEqual(get_order([], []), [])
        self.assertEqual(get_length([[0]], []), 0)
        self.assertEqual(get_order(get_matrix([PARIS]), [0]), [0])


class TestWeek(BaseCase):
    def test_days_stay_in_one_area(self):
        """Five towns of four customers each, five days of four."""
        rand = random.Random(1)
        towns = [(50, 4), (50.8, 4.2), (50.2, 5.3), (51, 5.2), (49.4, 5.9)]
        stops = [
            make_stop(
                (town, i),
                (
                    towns[town][0] + rand.random() / 50,
                    towns[town][1] + rand.random() / 50,
                ),
            )
            for i in range(4)
            for town in range(5)
        ]
        week, left = plan_week(stops, [Day(day, 4) for day in WEEK], BRUSSELS)
        self.assertFalse(left)
        for day in WEEK:
            self.assertEqual(len({stop.key[0] for stop in week[day]}), 1, week[day])

    def test_most_urgent_first(self):
        stops = [make_stop(i, (50 + i / 10, 4)) for i in range(12)]
        week, left = plan_week(stops, [Day(day, 2) for day in WEEK])
        self.assertEqual([stop.key for stop in left], [10, 11])
        self.assertEqual({len(day) for day in week.values()}, {2})

    def test_overdue_comes_early(self):
        """The same way in both directions: the overdue customer is met first."""
        days = [Day(day, 1) for day in WEEK[:2]]
        for late in (0, 1):
            stops = [
                make_stop(i, (50 + i, 4), due=MONDAY - timedelta(days=9 * (i == late)))
                if i == late
                else make_stop(i, (50 + i, 4), due=WEEK[4])
                for i in range(2)
            ]
            week, _left = plan_week(stops, days, (50.5, 4))
            self.assertEqual(week[MONDAY][0].key, late)

    def test_preferred_days(self):
        monday, tuesday = WEEK[:2]
        stops = [
            make_stop("either", BRUSSELS, days=(monday, tuesday)),
            make_stop("monday", PARIS, days=(monday,)),
            make_stop("never", PARIS, days=(WEEK[4],)),
        ]
        week, left = plan_week(stops, [Day(monday, 1), Day(tuesday, 1)])
        # the first one moves, so that both are met
        self.assertEqual(week[monday][0].key, "monday")
        self.assertEqual(week[tuesday][0].key, "either")
        self.assertEqual([stop.key for stop in left], ["never"])

    def test_mornings_before_afternoons(self):
        points = [(50, 4 + i / 10) for i in range(4)]
        stops = [
            make_stop(i, point, part=2 if i < 2 else 0)
            for i, point in enumerate(points)
        ]
        ground = Ground(stops, (50, 3.9))
        self.assertEqual([s.part for s in ground.get_order(stops)], [0, 0, 2, 2])

    def test_without_coordinates(self):
        """They are beside others of their town, and in no kilometre."""
        stops = [
            make_stop("a", (50, 4), "here"),
            make_stop("b", (51, 4), "there"),
            make_stop("lost", None, "here"),
        ]
        ground = Ground(stops, (49.9, 4))
        order = [stop.key for stop in ground.get_order(stops)]
        self.assertEqual(order.index("lost"), order.index("a") + 1)
        self.assertEqual(ground.get_km(stops), ground.get_km(stops[:2]))
        self.assertEqual(ground.get_legs(stops)[2], 0)

    def test_what_is_fixed_takes_room(self):
        fixed = make_stop("fixed", PARIS, days=(MONDAY,))
        stops = [make_stop(i, (48.8 + i / 50, 2.3)) for i in range(3)]
        days = [Day(MONDAY, 2, (fixed,)), Day(WEEK[1], 1)]
        week, left = plan_week(stops, days)
        self.assertEqual(len(week[MONDAY]), 2)
        self.assertIn(fixed, week[MONDAY])
        self.assertEqual(len(left), 1)

    def test_no_day(self):
        self.assertEqual(plan_week([make_stop(1)], []), ({}, [make_stop(1)]))
