"""BG/NBD and Gamma-Gamma: what customers will buy, from when and how often they bought.

Pure functions on arrays. NumPy and SciPy are optional on a server: ask
``is_available`` before anything else is called.

Sources: Fader, Hardie & Lee (2005), "Counting Your Customers" the Easy Way, Marketing
Science 24(2) 275-284 (BG/NBD); Fader & Hardie (2013), The Gamma-Gamma Model of Monetary
Value. Letters are theirs:

* ``x``: number of repeat purchases (the first does not count), ``tx``: time of the last
  purchase, ``t``: length of observation, both from the first purchase and in weeks;
* ``r, alpha``: gamma distribution of the purchase rates; ``a, b``: beta distribution of
  the probability to leave after a purchase;
* ``p, q, v``: Gamma-Gamma model of the value of a purchase; ``n``: number of purchases
  observed, ``z``: their mean value.
"""

from dataclasses import dataclass

try:
    import numpy as np
    from scipy import optimize, special
except ImportError:  # optional dependencies
    np = optimize = special = None

# limits of the logarithms of the parameters
LOG_LIMITS = (-7.0, 9.0)
# where the likelihood is flat the data determine nothing: least curvature of the logarithms of the
# parameters, over all customers (the square of the inverse of a standard error)
LEAST_CURVATURE = 0.01


def is_available():
    """:return: whether NumPy and SciPy are installed"""
    return special is not None


@dataclass(frozen=True)
class Fit:
    """Parameters that make the data most likely.

    ``parameters``: tuple in the order of the functions below; ``log_likelihood``: of
    all customers; ``customers``: how many there were; ``converged``: whether the search
    ended on a peak: not on a plain, and no parameter at its lower limit. One at the upper
    limit means that customers are all alike in it.
    """

    parameters: tuple
    log_likelihood: float
    customers: int
    converged: bool


# ------------------------------------------------------------
# BG/NBD
# ------------------------------------------------------------


def bgnbd_log_likelihood(r, alpha, a, b, x, tx, t):
    """:return: array: log likelihood of each customer (eq. 6 of the paper, computed
    without overflow)"""
    x, tx, t = (np.asarray(one, dtype=float) for one in (x, tx, t))
    common = (
        special.gammaln(r + x)
        - special.gammaln(r)
        + r * np.log(alpha)
        + special.betaln(a, b + x)
        - special.betaln(a, b)
    )
    alive = -(r + x) * np.log(alpha + t)
    # a / (b + x - 1) of a customer who has repeated; of the others nothing
    left = np.where(
        x > 0,
        np.log(a)
        - np.log(np.maximum(b + x, 1 + 1e-12) - 1)
        - (r + x) * np.log(alpha + tx),
        -np.inf,
    )
    return common + np.logaddexp(alive, left)


def fit_bgnbd(x, tx, t):
    """Estimate ``r, alpha, a, b`` by maximum likelihood.

    :param x, tx, t: arrays, a value per customer
    :return: ``Fit``
    """
    x, tx, t = (np.asarray(one, dtype=float) for one in (x, tx, t))
    # customers alike are counted once: purchases are whole days
    rows, counts = np.unique(np.column_stack([x, tx, t]), axis=0, return_counts=True)
    # b is loose: a and b together may grow without end, when all leave with the same
    # probability a / (a + b). The search likes times of about one.
    scale = max(float(np.max(t)), 1e-9) / 10

    def loss(logs):
        r, alpha, a, b = np.exp(logs)
        values = bgnbd_log_likelihood(
            r, alpha, a, b, rows[:, 0], rows[:, 1] / scale, rows[:, 2] / scale
        )
        return -float(np.dot(values, counts)) / len(x)

    (r, alpha, a, b), converged = _minimize(
        loss, [(0, 0, 0, 0), (-1, 1, 0, 1)], len(x), loose=(3,)
    )
    alpha *= scale
    total = float(np.dot(bgnbd_log_likelihood(r, alpha, a, b, *rows.T), counts))
    return Fit((r, alpha, a, b), total, len(x), converged)


def alive_probability(r, alpha, a, b, x, tx, t):
    """:return: array: probability that the customer still buys. Who has bought once is
    certain to: in this model one leaves after a repeat purchase only."""
    x, tx, t = (np.asarray(one, dtype=float) for one in (x, tx, t))
    odds = np.where(
        x > 0,
        a
        / (np.maximum(b + x, 1 + 1e-12) - 1)
        * np.exp((r + x) * (np.log(alpha + t) - np.log(alpha + tx))),
        0.0,
    )
    return 1 / (1 + odds)


def expected_purchases(r, alpha, a, b, x, tx, t, ahead):
    """:param ahead: weeks to come
    :return: array: expected number of purchases in these weeks (eq. 10)"""
    x, tx, t = (np.asarray(one, dtype=float) for one in (x, tx, t))
    # for a = 1 the formula is 0/0: its limit is taken from beside it
    near = 1 + 1e-5 if abs(a - 1) < 1e-5 else a
    hyper = special.hyp2f1(r + x, b + x, near + b + x - 1, ahead / (alpha + t + ahead))
    shrunk = np.exp((r + x) * (np.log(alpha + t) - np.log(alpha + t + ahead)))
    bought = (near + b + x - 1) / (near - 1) * (1 - shrunk * hyper)
    return np.maximum(bought, 0) * alive_probability(r, alpha, a, b, x, tx, t)


# ------------------------------------------------------------
# GAMMA-GAMMA
# ------------------------------------------------------------


def gamma_gamma_log_likelihood(p, q, v, n, z):
    """:return: array: log likelihood of each customer with ``n`` >= 1 purchases of a
    positive mean value ``z``"""
    n, z = (np.asarray(one, dtype=float) for one in (n, z))
    return (
        special.gammaln(p * n + q)
        - special.gammaln(p * n)
        - special.gammaln(q)
        + q * np.log(v)
        + (p * n - 1) * np.log(z)
        + p * n * np.log(n)
        - (p * n + q) * np.log(n * z + v)
    )


def fit_gamma_gamma(n, z):
    """Estimate ``p, q, v`` by maximum likelihood.

    :param n, z: arrays, a value per customer; ``z`` > 0
    :return: ``Fit``
    """
    n, z = (np.asarray(one, dtype=float) for one in (n, z))
    scale = float(np.median(z))

    def loss(logs):
        p, q, v = np.exp(logs)
        return -float(np.mean(gamma_gamma_log_likelihood(p, q, v, n, z / scale)))

    (p, q, v), converged = _minimize(loss, [(1, 1, 0), (2, 1.5, 0)], len(n))
    v *= scale
    total = float(np.sum(gamma_gamma_log_likelihood(p, q, v, n, z)))
    return Fit((p, q, v), total, len(n), converged)


def expected_value(p, q, v, n, z):
    """:return: array: expected value of a purchase to come, a mean of the customer's own
    and of everybody's: ``p (v + n z) / (p n + q - 1)``. NaN where the model has no mean
    (``p n + q <= 1``)."""
    n, z = (np.asarray(one, dtype=float) for one in (n, z))
    below = p * n + q - 1
    return np.where(below > 0, p * (v + n * z) / np.where(below > 0, below, 1), np.nan)


def _minimize(loss, starts, count, loose=()):
    """:param loss: function of the logarithms of the parameters, a mean per customer
    :param count: number of customers
    :param loose: places of parameters that need not be determined
    :return: the parameters, and whether the data determine them"""
    best = None
    for start in starts:
        found = optimize.minimize(
            loss,
            np.asarray(start, dtype=float),
            method="L-BFGS-B",
            bounds=[LOG_LIMITS] * len(start),
            options={"maxiter": 1000},
        )
        if np.isfinite(found.fun) and (best is None or found.fun < best.fun):
            best = found
    if best is None:
        return tuple([1.0] * len(starts[0])), False
    low, high = LOG_LIMITS
    # at the upper limit customers are all alike in it: fixed there, it says what it can
    free = best.x < high - 0.01
    free[list(loose)] = False
    peaked = (
        bool(np.all(best.x > low + 0.01) and np.any(free))
        and _get_curvature(loss, best.x, free) * count >= LEAST_CURVATURE
    )
    return tuple(float(one) for one in np.exp(best.x)), bool(best.success and peaked)


def _get_curvature(loss, point, free, step=0.01):
    """:param free: which parameters move
    :return: the least eigenvalue of the second derivatives of ``loss``"""
    places = np.flatnonzero(free)
    hessian = np.zeros((len(places), len(places)))
    for row, i in enumerate(places):
        for column, j in enumerate(places[: row + 1]):
            total = 0.0
            for one, other in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
                moved = np.array(point)
                moved[i] += one * step
                moved[j] += other * step
                total += one * other * loss(moved)
            hessian[row, column] = hessian[column, row] = total / (4 * step**2)
    return float(np.linalg.eigvalsh(hessian)[0])
