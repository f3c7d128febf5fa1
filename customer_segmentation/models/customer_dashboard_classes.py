from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

CURVE_POINTS = 60


class CustomerDashboard(models.AbstractModel):
    """How the sales are spread over the customers."""

    _inherit = "customer.dashboard"

    # ------------------------------------------------------------
    # CLASSES AND CONCENTRATION
    # ------------------------------------------------------------

    @api.model
    def _get_classes(self, domain):
        """:return: list of ``{code, label, count, amount, share, domain}``"""
        Metrics = self.env["customer.metrics"]
        found = {
            code: (count, amount or 0.0)
            for code, count, amount in Metrics._read_group(
                domain, ["abc_class"], ["__count", "amount:sum"]
            )
        }
        total = sum(amount for _count, amount in found.values() if amount > 0)
        labels = dict(Metrics._fields["abc_class"]._description_selection(self.env))
        return [
            {
                "code": code,
                "label": label,
                "count": found.get(code, (0, 0.0))[0],
                "amount": found.get(code, (0, 0.0))[1],
                "share": 100 * max(0.0, found.get(code, (0, 0.0))[1]) / total
                if total
                else 0.0,
                "domain": list(domain & Domain("abc_class", "=", code)),
            }
            for code, label in labels.items()
        ]

    @api.model
    def _get_concentration(self, domain):
        """How much of the sales the largest customers hold, of those that the user may
        see and that buy.

        * HHI: sum of the squared shares, times 10,000 (1 customer: 10,000);
        * Gini = sum((2i - n - 1) x_i) / (n sum(x)), x ascending: 0 all alike, near 1 one
          has all.

        :return: ``{customers, top1, top5, top10, hhi, gini}`` (shares in percent), and
            the ABC curve as a list of ``{x, y}`` in percent of customers and of sales
        """
        Metrics = self.env["customer.metrics"]
        query = Metrics._search(domain & Domain("amount", ">", 0))
        self.env.flush_all()
        row = self.env.execute_query(
            SQL(
                """
                WITH customers AS (
                    SELECT amount,
                           ROW_NUMBER() OVER largest AS place,
                           COUNT(*) OVER () AS many,
                           SUM(amount) OVER () AS total,
                           SUM(amount) OVER largest AS held
                      FROM (%(amounts)s) figures
                    WINDOW largest AS (
                        ORDER BY amount DESC, id ROWS UNBOUNDED PRECEDING)
                )
                SELECT COUNT(*),
                       100 * MAX(held / total) FILTER (WHERE place <= 1),
                       100 * MAX(held / total) FILTER (WHERE place <= 5),
                       100 * MAX(held / total) FILTER (WHERE place <= 10),
                       10000 * SUM((amount / total) ^ 2),
                       SUM((many + 1 - 2 * place) * amount) / MAX(many * total),
                       (SELECT json_agg(json_build_array(
                                   100.0 * place / many, 100 * held / total)
                                   ORDER BY place)
                          FROM customers
                         WHERE many <= %(points)s
                            OR place IN (1, many)
                            OR place * %(points)s / many
                               <> (place - 1) * %(points)s / many)
                  FROM customers
                """,
                amounts=query.select(
                    SQL("%s AS id", Metrics._field_to_sql(Metrics._table, "id")),
                    SQL(
                        "%s::numeric AS amount",
                        Metrics._field_to_sql(Metrics._table, "amount"),
                    ),
                ),
                points=CURVE_POINTS,
            )
        )[0]
        count, *shares, hhi, gini, points = row
        names = ("top1", "top5", "top10")
        return (
            {
                "customers": count,
                **{
                    name: float(share or 0)
                    for name, share in zip(names, shares, strict=True)
                },
                "hhi": round(hhi or 0),
                "gini": round(float(gini or 0), 2),
            },
            [{"x": float(x), "y": float(y)} for x, y in points or []],
        )
