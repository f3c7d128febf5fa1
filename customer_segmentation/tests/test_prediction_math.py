import unittest

from odoo.tests import BaseCase

from ..tools import prediction

# Fader, Hardie & Lee (2005): estimated from the CDNOW data; the prediction for a
# customer with x = 2, tx = 30.43, T = 38.86 over 39 weeks is printed as 1.226
CDNOW = (0.243, 4.414, 0.793, 2.426)
# Fader & Hardie (2013) on the same data; expectations of single customers as the
# documentation of the library "lifetimes" prints them
CDNOW_VALUE = (6.25, 3.74, 15.45)
CDNOW_EXPECTED = ((2, 22.35, 24.6586), (1, 11.77, 18.9115), (7, 73.74, 71.4628))


@unittest.skipUnless(prediction.is_available(), "SciPy is not installed")
class TestPredictionMath(BaseCase):
    """O08: BG/NBD and Gamma-Gamma against published figures, against integrals worked
    out by other means, and by recovering what was simulated."""

    def test_published_purchases(self):
        found = prediction.expected_purchases(*CDNOW, 2, 30.43, 38.86, 39)
        self.assertAlmostEqual(float(found), 1.226, 3)

    def test_no_gap_at_one(self):
        """The formula divides by a - 1, its result does not jump there."""
        below, at, above = (
            float(prediction.expected_purchases(1.2, 3, a, 2, 5, 40, 50, 52))
            for a in (0.999, 1.0, 1.001)
        )
        self.assertGreater(at, 1)
        self.assertAlmostEqual((below + above) / 2 / at, 1, 4)

    def test_published_values(self):
        for n, z, expected in CDNOW_EXPECTED:
            found = float(prediction.expected_value(*CDNOW_VALUE, n, z))
            # the parameters are printed with two decimals
            self.assertLess(abs(found / expected - 1), 0.001)

    def test_likelihood_is_the_integral_of_its_story(self):
        """A customer buys at a rate drawn from a gamma distribution and leaves after
        each repeat purchase with a probability drawn from a beta distribution."""
        from scipy import integrate, special

        np = prediction.np
        r, alpha, a, b = CDNOW
        for x, tx, t in ((0, 0.0, 20.0), (1, 5.0, 20.0), (4, 18.0, 20.0)):

            def likelihood(u, v, x=x, tx=tx, t=t):
                # so substituted, the densities have no poles
                rate, p = u**4, v**2
                still = (1 - p) ** x * rate**x * np.exp(-rate * t)
                left = p * (1 - p) ** (x - 1) * rate**x * np.exp(-rate * tx) if x else 0
                rates = alpha**r * rate ** (r - 1) * np.exp(-alpha * rate)
                leaving = p ** (a - 1) * (1 - p) ** (b - 1)
                densities = rates / special.gamma(r) * leaving / special.beta(a, b)
                return (still + left) * densities * 4 * u**3 * 2 * v

            expected, _error = integrate.dblquad(
                likelihood, 0, 1, 0, 2, epsabs=1e-10, epsrel=1e-6
            )
            found = prediction.bgnbd_log_likelihood(r, alpha, a, b, x, tx, t)
            self.assertAlmostEqual(float(np.exp(found)) / expected, 1, 6)

    def test_alive(self):
        """Certain before the first repeat purchase, then less and less in silence."""
        alive = prediction.alive_probability(
            *CDNOW, [0, 3, 3, 3], [0, 20, 20, 20], [90, 20, 30, 90]
        )
        self.assertEqual(alive[0], 1)
        self.assertTrue(1 > alive[1] > alive[2] > alive[3] > 0)

    def test_fit_finds_what_was_simulated(self):
        np = prediction.np
        true = (1.5, 10.0, 0.8, 6.0)
        random = np.random.default_rng(7)
        t = random.uniform(52, 104, 6000)
        x, tx = _simulate(random, true, t)
        fit = prediction.fit_bgnbd(x, tx, t)
        self.assertTrue(fit.converged)
        self.assertEqual(fit.customers, 6000)
        for found, expected in zip(fit.parameters, true, strict=True):
            self.assertLess(abs(found / expected - 1), 0.15)
        at_truth = prediction.bgnbd_log_likelihood(*true, x, tx, t).sum()
        self.assertGreaterEqual(fit.log_likelihood, at_truth)
        self.assertLess(fit.log_likelihood - at_truth, 12)

    def test_prediction_comes_true(self):
        """What is expected of everybody together is what the simulation brings."""
        np = prediction.np
        true = (1.5, 10.0, 0.8, 6.0)
        random = np.random.default_rng(11)
        t = random.uniform(30, 60, 6000)
        x, tx, later = _simulate(random, true, t, ahead=26)
        expected = prediction.expected_purchases(*true, x, tx, t, 26).sum()
        self.assertLess(abs(expected / later.sum() - 1), 0.04)

    def test_value_fit_finds_what_was_simulated(self):
        np = prediction.np
        random = np.random.default_rng(5)
        true = (6.25, 3.74, 1544.0)
        nu = random.gamma(true[1], 1 / true[2], 8000)
        n = random.integers(1, 9, 8000)
        z = random.gamma(true[0] * n, 1 / (nu * n))
        fit = prediction.fit_gamma_gamma(n, z)
        self.assertTrue(fit.converged)
        # p and v make up for each other; what they say together is sharp
        p, q, v = fit.parameters
        mean = true[0] * true[2] / (true[1] - 1)
        self.assertLess(abs(p * v / (q - 1) / mean - 1), 0.05)
        self.assertLess(abs(q / true[1] - 1), 0.15)

    def test_all_alike(self):
        """Customers who all leave with the same probability let the beta distribution
        run to its limit; what is predicted is true all the same."""
        np = prediction.np
        random = np.random.default_rng(2)
        t = random.uniform(60, 100, 400)
        x, tx, later = _simulate(random, (1.5, 10.0, 5e5, 4.5e6), t, ahead=26)
        fit = prediction.fit_bgnbd(x, tx, t)
        self.assertTrue(fit.converged)
        _r, _alpha, a, b = fit.parameters
        self.assertLess(abs(a / (a + b) - 0.1), 0.03)
        expected = prediction.expected_purchases(*fit.parameters, x, tx, t, 26).sum()
        self.assertLess(abs(expected / later.sum() - 1), 0.15)

    def test_nothing_to_learn(self):
        """Everybody alike determines no model: it says so instead of a figure."""
        np = prediction.np
        fit = prediction.fit_bgnbd(np.zeros(50), np.zeros(50), np.full(50, 30.0))
        self.assertFalse(fit.converged)


def _simulate(random, parameters, t, ahead=None):
    """:return: arrays x, tx, and with ``ahead`` the purchases after t within it"""
    np = prediction.np
    r, alpha, a, b = parameters
    rates = random.gamma(r, 1 / alpha, len(t))
    leaving = random.beta(a, b, len(t))
    x, tx, later = np.zeros(len(t)), np.zeros(len(t)), np.zeros(len(t))
    for i, end in enumerate(t):
        moment = random.exponential(1 / rates[i])
        while moment <= end + (ahead or 0):
            if moment <= end:
                x[i], tx[i] = x[i] + 1, moment
            else:
                later[i] += 1
            if random.random() < leaving[i]:
                break
            moment += random.exponential(1 / rates[i])
    return (x, tx) if ahead is None else (x, tx, later)
