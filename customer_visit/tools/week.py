"""One person's week: which customer on which day, and in which order.

Route first, cluster second (J. E. Beasley, "Route first—Cluster second methods for
vehicle routing", Omega 11, 1983): one way through all customers that are free to come
on any day is cut into days, so that a day stays in one area. Customers who prefer
certain days are placed before. Pure functions, without a database.
"""

from collections import defaultdict, namedtuple

from .route import get_length, get_matrix, get_order

# key: what the caller knows it by · point: (latitude, longitude) or None · area: text
# by which places without coordinates are kept together · days: keys of the days on
# which he is to be met, empty for any · part: 0 in the morning, 2 in the afternoon,
# 1 at any time · due: a date or None · note: what else the caller keeps with it
Stop = namedtuple("Stop", "key point area days part due note", defaults=(None,))
# key: its date · room: how many visits fit · fixed: stops that are planned already
Day = namedtuple("Day", "key room fixed", defaults=((),))

# by how many kilometres a way may be longer to be one day earlier at a due customer
KM_PER_DAY = 5.0


class Ground:
    """The distances between all places of one person's week, measured once.

    :param start: point where each day begins and ends, or None
    """

    def __init__(self, stops, start=None):
        self.placed = [stop for stop in stops if stop.point]
        points = [stop.point for stop in self.placed]
        self.index = {stop.key: i for i, stop in enumerate(self.placed)}
        self.start = None
        if start:
            self.start = len(points)
            points.append(start)
        self.matrix = get_matrix(points)

    def get_km(self, stops):
        """:param stops: in the order in which they are visited
        :return: kilometres of the day, there and back; without the stops that have no
            coordinates"""
        order = [self.index[stop.key] for stop in stops if stop.key in self.index]
        return get_length(self.matrix, order, self.start, self.start)

    def get_legs(self, stops):
        """:return: kilometres to each of the stops from where one was before, 0 where
        that is not known"""
        legs = []
        here = self.start
        for stop in stops:
            there = self.index.get(stop.key)
            legs.append(
                0.0 if here is None or there is None else self.matrix[here][there]
            )
            here = here if there is None else there
        return legs

    def get_order(self, stops):
        """The order of one day: who prefers the morning before who prefers the
        afternoon; places without coordinates beside others of their area.

        :return: list of stops
        """
        early, late = self._split_by_time(
            [stop for stop in stops if stop.key in self.index]
        )
        first = self.sort(early, self.start, None if late else self.start)
        last = self.index[first[-1].key] if first else self.start
        order = first + self.sort(late, last, self.start)
        return self._add_unplaced(
            order, [stop for stop in stops if stop.key not in self.index]
        )

    def _split_by_time(self, stops):
        """Who has no preference goes with whoever is nearer."""
        early = [stop for stop in stops if stop.part == 0]
        late = [stop for stop in stops if stop.part == 2]
        if not late:
            return stops, []
        groups = (list(early), list(late))
        for stop in stops:
            if stop.part == 1:
                nearer = (
                    min(self._measure(stop, group) for group in (early, late))
                    if early
                    else None
                )
                to_late = nearer is not None and nearer == self._measure(stop, late)
                groups[to_late].append(stop)
        return groups

    def _measure(self, stop, others):
        here = self.matrix[self.index[stop.key]]
        return min(here[self.index[other.key]] for other in others)

    def sort(self, stops, start, end, improve=True):
        """:return: the stops, all of them with coordinates, in a short way"""
        order = [self.index[stop.key] for stop in stops]
        order = get_order(self.matrix, order, start, end, improve)
        return [self.placed[i] for i in order]

    def _add_unplaced(self, order, unplaced):
        order = list(order)
        for stop in unplaced:
            places = [
                i
                for i, other in enumerate(order)
                if other.area == stop.area and other.part <= stop.part
            ]
            later = [i for i, other in enumerate(order) if other.part > stop.part]
            if places:
                order.insert(places[-1] + 1, stop)
            else:
                order.insert(later[0] if later else len(order), stop)
        return order


def plan_week(stops, days, start=None):
    """Distribute customers over the days of a week.

    :param stops: list of ``Stop``, the most urgent first
    :param days: list of ``Day`` in their order
    :param start: point where each day begins and ends, or None
    :return: ``({day key: [stop, …] in the order of the day}, [stops that do not fit])``;
        what is fixed on a day is among the stops of that day
    """
    rooms = {day.key: max(day.room - len(day.fixed), 0) for day in days}
    chosen, free, left = _choose(stops, rooms)
    bound = {day.key: list(day.fixed) + chosen[day.key] for day in days}
    rooms = {key: rooms[key] - len(chosen[key]) for key in rooms}
    ground = Ground(free + sum(bound.values(), []), start)
    quotas = _share({key: len(bound[key]) for key in rooms}, rooms, len(free))
    weeks = _cut(bound, quotas, _get_grand_tour(ground, free))
    week = min(weeks, key=lambda week: _get_cost(ground, week))
    return {key: ground.get_order(day) for key, day in week.items()}, left


def _choose(stops, rooms):
    """The most urgent stops for which there is room on a day on which they are met.

    Who prefers certain days takes the emptiest of them; a later one may move him to
    another of his days (augmenting paths, as in bipartite matching), so that nobody is
    left out because others were placed badly.

    :return: ``({day key: its bound stops}, [free stops], [stops that do not fit])``
    """
    bound = {key: [] for key in rooms}

    def find_room(stop, tried):
        keys = [key for key in stop.days if key in rooms and key not in tried]
        for key in sorted(keys, key=lambda key: len(bound[key]) - rooms[key]):
            tried.add(key)
            if len(bound[key]) < rooms[key]:
                bound[key].append(stop)
                return True
            for other in bound[key]:
                if find_room(other, tried):
                    bound[key].remove(other)
                    bound[key].append(stop)
                    return True
        return False

    room = sum(rooms.values())
    free, left = [], []
    for stop in stops:
        if room and (not stop.days or find_room(stop, set())):
            room -= 1
            if not stop.days:
                free.append(stop)
        else:
            left.append(stop)
    return bound, free, left


def _share(loads, rooms, count):
    """:param loads: ``{day: how many visits it has}``
    :param rooms: ``{day: how many more fit}``
    :return: ``{day: how many of the free stops}``, so that the days are equally full as
        far as their room goes"""
    quotas = dict.fromkeys(rooms, 0)
    for _one in range(count):
        key = min(
            (key for key in rooms if quotas[key] < rooms[key]),
            key=lambda key: loads[key] + quotas[key],
        )
        quotas[key] += 1
    return quotas


def _get_grand_tour(ground, stops):
    """:return: all free stops in one way; unplaced ones beside others of their area"""
    by_area = defaultdict(list)
    for stop in stops:
        if not stop.point:
            by_area[stop.area].append(stop)
    placed = [stop for stop in stops if stop.point]
    tour = ground.sort(placed, ground.start, ground.start)
    for area, unplaced in by_area.items():
        beside = [i for i, stop in enumerate(tour) if area and stop.area == area]
        at = beside[-1] + 1 if beside else len(tour)
        tour[at:at] = unplaced
    return tour


def _cut(bound, quotas, tour):
    """Cut the tour into days, beginning with each day in turn, in both directions.

    :return: the possible weeks
    """
    keys = list(quotas)
    for turn in range(max(len(keys), 1)):
        for way in (tour, tour[::-1]) if tour else ([],):
            week = {key: list(stops) for key, stops in bound.items()}
            at = 0
            for key in keys[turn:] + keys[:turn]:
                week[key] += way[at : at + quotas[key]]
                at += quotas[key]
            yield week


def _get_cost(ground, week):
    """:return: kilometres of the week, as a first guess, and of being late"""
    cost = 0.0
    first = min(week, default=None)
    for key, stops in week.items():
        placed = [stop for stop in stops if stop.key in ground.index]
        cost += ground.get_km(ground.sort(placed, ground.start, ground.start, False))
        cost += KM_PER_DAY * sum(
            max((key - max(stop.due, first)).days, 0) for stop in stops if stop.due
        )
    return cost
