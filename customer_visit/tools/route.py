"""The order of a day's visits: nearest neighbour, improved by 2-opt.

Distances are straight lines over the ground: no road map is asked, and no coordinate
leaves the server. Pure functions; a point is ``(latitude, longitude)`` in degrees.
"""

import math

# mean radius of the earth, as the IUGG gives it
EARTH_KM = 6371.0088
# a gain below this is the noise of floating point
NOISE_KM = 1e-9
# up to so many stops each of them is tried as the first one
MOST_STARTS = 12


def get_distance(one, other):
    """Great-circle distance by the haversine formula (R. W. Sinnott, "Virtues of the
    Haversine", Sky and Telescope 68, 1984).

    :return: kilometres
    """
    lat1, lon1, lat2, lon2 = map(math.radians, (*one, *other))
    chord = (
        math.sin((lat2 - lat1) / 2) ** 2
        + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    )
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(chord)))


def get_matrix(points):
    """:return: distances between all points, as a list of rows"""
    matrix = [[0.0] * len(points) for _point in points]
    for i, one in enumerate(points):
        for j in range(i + 1, len(points)):
            matrix[i][j] = matrix[j][i] = get_distance(one, points[j])
    return matrix


def get_length(matrix, order, start=None, end=None):
    """:param order: indices of points
    :param start: index where the way begins, not in ``order``; None: at the first point
    :param end: index where it ends; None: at the last point
    :return: kilometres
    """
    way = [i for i in (start, *order, end) if i is not None] if order else []
    return sum(matrix[i][j] for i, j in zip(way, way[1:], strict=False))


def get_order(matrix, stops, start=None, end=None, improve=True):
    """A short way through all stops. Deterministic: equal ways keep the given order.

    :param matrix: distances, see ``get_matrix``
    :param stops: indices to go through
    :param start: index where the way begins, see ``get_length``
    :param end: index where it ends
    :param improve: False for a first guess, by nearest neighbour alone
    :return: list of ``stops`` in their order
    """
    stops = list(stops)
    if len(stops) < 2:
        return stops
    if improve and len(stops) <= MOST_STARTS:
        firsts = stops
    elif start is not None:
        firsts = [min(stops, key=matrix[start].__getitem__)]
    else:
        # a way with free ends begins at the rim: far from all others
        firsts = [max(stops, key=lambda i: sum(matrix[i][j] for j in stops))]
    ways = [_go_to_nearest(matrix, stops, first) for first in firsts]
    if improve:
        ways = [_improve(matrix, way, start, end) for way in ways]
    return min(ways, key=lambda way: get_length(matrix, way, start, end))


def _go_to_nearest(matrix, stops, first):
    left = [stop for stop in stops if stop != first]
    way = [first]
    while left:
        nearest = min(left, key=matrix[way[-1]].__getitem__)
        left.remove(nearest)
        way.append(nearest)
    return way


def _improve(matrix, way, start, end):
    """2-opt: turn a part of the way round as long as that makes it shorter (G. A.
    Croes, "A Method for Solving Traveling-Salesman Problems", Operations Research 6,
    1958). At a free end only one edge changes."""
    count = len(way)
    improved = True
    while improved:
        improved = False
        for i in range(count - 1):
            for j in range(i + 1, count):
                before = way[i - 1] if i else start
                after = way[j + 1] if j + 1 < count else end
                gain = 0.0
                if before is not None:
                    gain += matrix[before][way[i]] - matrix[before][way[j]]
                if after is not None:
                    gain += matrix[way[j]][after] - matrix[way[i]][after]
                if gain > NOISE_KM:
                    way[i : j + 1] = way[i : j + 1][::-1]
                    improved = True
    return way
