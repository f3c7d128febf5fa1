from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..tools import prediction

# parameters hold for a while: they are estimated anew after so many days
DAYS_BETWEEN = 7
# estimated from that many customers at most, drawn by chance but always the same way
MOST_SAMPLE = 50_000
# written in portions of so many
PORTION = 20_000
# of customers who never came back no rhythm is learnt
LEAST_REPEATERS = 5
DAYS_OF_WEEK = 7.0


class CustomerPrediction(models.Model):
    """The batch: figures in, parameters and predictions out.

    For each customer who has bought (``customer.metrics``, weeks of 7 days):
    x = ``repeat_purchases``, tx = (last - first purchase) / 7, T = (as of - first
    purchase) / 7; n = ``purchase_days_lifetime``, z = ``amount_lifetime`` / n: of all
    purchases, the first included, less credit notes. The Gamma-Gamma model is
    estimated from customers with z > 0; for the others z = 0. The weeks ahead are the
    days of the window / 7.

    ``alive_probability`` = 100 P(alive), ``predicted_purchases`` = E[Y(ahead)],
    ``predicted_value`` = E[Y(ahead)] x E[M]; rounded to 1 and 2 decimals and to the
    currency. Without stable parameters of the one model its predictions are empty.
    """

    _inherit = "customer.prediction"

    @api.model
    def _refresh_part(self, run):
        """Estimate and predict, unless that was done within the last week, or SciPy is
        missing.

        :param run: ``MetricsRun``; the figures are those of the last run
        """
        if not prediction.is_available():
            return
        last = self.search([("company_id", "=", run.company.id)], limit=1)
        if last and 0 <= (run.as_of - last.date).days < DAYS_BETWEEN:
            return
        self._predict(run)

    @api.model
    def _predict(self, run):
        """:return: the new record with the parameters"""
        np = prediction.np
        rows = np.array(self._get_sample(run), dtype=float).reshape(-1, 6)
        ids, x, days, age, n, amount = rows.T
        tx, t = days / DAYS_OF_WEEK, age / DAYS_OF_WEEK
        values = {
            "company_id": run.company.id,
            "date": run.as_of,
            "customers": len(ids),
            "repeaters": int((x > 0).sum()),
            "horizon_days": run.days,
        }
        if (
            values["customers"] < run.company.prediction_min_customers
            or values["repeaters"] < LEAST_REPEATERS
        ):
            self._write_predictions(run, [])
            return self.create({**values, "state": "few"})
        chosen = self._choose(len(ids))
        rhythm = prediction.fit_bgnbd(x[chosen], tx[chosen], t[chosen])
        mean = np.maximum(amount, 0) / n
        paying = chosen[mean[chosen] > 0]
        value = (
            prediction.fit_gamma_gamma(n[paying], mean[paying]) if len(paying) else None
        )
        values |= self._get_parameters(rhythm, value, len(chosen))
        if not rhythm.converged:
            self._write_predictions(run, [])
            return self.create({**values, "state": "unstable"})
        ahead = run.days / DAYS_OF_WEEK
        alive = 100 * prediction.alive_probability(*rhythm.parameters, x, tx, t)
        bought = prediction.expected_purchases(*rhythm.parameters, x, tx, t, ahead)
        worth = np.full(len(ids), np.nan)
        if value and value.converged:
            worth = bought * prediction.expected_value(*value.parameters, n, mean)
        places = run.company.currency_id.decimal_places
        found = list(
            zip(
                ids.astype(int).tolist(),
                self._to_values(alive, 1),
                self._to_values(bought, 2),
                self._to_values(worth, places),
                strict=True,
            )
        )
        self._write_predictions(run, found)
        return self.create(
            {
                **values,
                "state": "done",
                "value_total": sum(one[3] or 0 for one in found),
            }
        )

    @api.model
    def _get_sample(self, run):
        """:return: rows ``(id, x, last - first, as of - first, n, amount)`` of who has
        bought, ordered by the customer; times in days"""
        self.env["customer.metrics"].flush_model()
        return self.env.execute_query(
            SQL(
                """
                SELECT id, repeat_purchases, last_purchase - first_purchase,
                       %(as_of)s::date - first_purchase, purchase_days_lifetime,
                       amount_lifetime::float8
                  FROM customer_metrics
                 WHERE company_id = %(company_id)s
                   AND purchase_days_lifetime > 0
                   AND last_purchase <= %(as_of)s
              ORDER BY partner_id
                """,
                as_of=run.as_of,
                company_id=run.company.id,
            )
        )

    @api.model
    def _choose(self, count):
        """:return: array: places of the customers of the sample"""
        np = prediction.np
        if count <= MOST_SAMPLE:
            return np.arange(count)
        return np.random.default_rng(count).choice(count, MOST_SAMPLE, replace=False)

    @api.model
    def _get_parameters(self, rhythm, value, sample):
        names = ("r", "alpha", "a", "b")
        result = {
            **dict(zip(names, rhythm.parameters, strict=True)),
            "log_likelihood": rhythm.log_likelihood,
            "sample": sample,
        }
        if value:
            result |= dict(zip(("p", "q", "v"), value.parameters, strict=True))
            result["value_log_likelihood"] = value.log_likelihood
            result["value_is_stable"] = value.converged
        return result

    @api.model
    def _to_values(self, array, digits):
        """:return: list of rounded numbers, None where there is none"""
        np = prediction.np
        return [
            one if ok else None
            for one, ok in zip(
                np.round(array, digits).tolist(), np.isfinite(array), strict=True
            )
        ]

    @api.model
    def _write_predictions(self, run, found):
        """Write what differs, and empty the rows that are not predicted.

        :param found: list of ``(id of the figures, alive %, purchases, value)``
        """
        for start in range(0, len(found), PORTION):
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE customer_metrics figures
                       SET alive_probability = found.alive::numeric,
                           predicted_purchases = found.purchases::numeric,
                           predicted_value = found.value::numeric
                      FROM unnest(%s::int[], %s::float8[], %s::float8[], %s::float8[])
                           AS found(id, alive, purchases, value)
                     WHERE figures.id = found.id
                       AND ROW(figures.alive_probability, figures.predicted_purchases,
                               figures.predicted_value)
                           IS DISTINCT FROM ROW(found.alive::numeric,
                               found.purchases::numeric, found.value::numeric)
                    """,
                    *(
                        list(one)
                        for one in zip(*found[start : start + PORTION], strict=True)
                    ),
                )
            )
        self.env.cr.execute(
            SQL(
                """
                UPDATE customer_metrics
                   SET alive_probability = NULL, predicted_purchases = NULL,
                       predicted_value = NULL
                 WHERE company_id = %s
                   AND alive_probability IS NOT NULL
                   AND (%s OR purchase_days_lifetime = 0)
                """,
                run.company.id,
                not found,
            )
        )
        self.env["customer.metrics"].invalidate_model()

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_predict(self):
        """Estimate and predict now, for the current company, whatever is chosen.

        :raise AccessError: but for administrators of Customer Cards
        :raise UserError: when SciPy is missing
        """
        self._check_predict()
        run = self.env.company._get_metrics_run()
        # sudo: predictions are the system's; who asks has been checked
        self.sudo()._predict(run)
        return {"type": "ir.actions.client", "tag": "reload"}

    @api.model
    def _check_predict(self):
        if not self.env.user._is_card_admin():
            raise AccessError(
                self.env._(
                    "Predictions are made every week. Ask an administrator of Customer "
                    "Cards to make them now."
                )
            )
        if not prediction.is_available():
            raise UserError(
                self.env._(
                    "Predictions need the Python package SciPy. Ask whoever runs the "
                    "server to install it (pip install scipy); everything else works "
                    "without."
                )
            )
