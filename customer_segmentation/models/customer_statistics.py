from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

# with the company's id: who works out its statistics holds this lock
STATISTICS_LOCK = 190_300_052


class CustomerStatistics(models.AbstractModel):
    """What follows from the figures of all customers of a company together: cohorts,
    rates, products bought together, what to offer next, predictions. A scheduled action
    works them out at night after the figures, one company and one part at a time; what
    has been done today is not done again.
    """

    _name = "customer.statistics"
    _description = "Statistics on Customers"

    @api.model
    def _get_parts(self):
        """:return: names of the models whose ``_refresh_part(run)`` is called, in their
        order; each writes the rows of one company anew by a constant number of
        statements, whatever the number of customers"""
        return [
            "customer.cohort",
            "customer.defection.rate",
            "customer.product.affinity",
            "customer.next.sale",
            "customer.prediction",
        ]

    @api.model
    def _cron_refresh(self):
        """Of each company that was not done today, part by part."""
        Cron = self.env["ir.cron"]
        companies = (
            self.env["res.company"]
            .search(Domain.TRUE, order="id")
            .filtered(
                lambda company: company.statistics_as_of != company._get_metrics_today()
            )
        )
        remaining = len(companies)
        Cron._commit_progress(0, remaining=remaining)
        for company in companies:
            self._refresh(company)
            remaining -= 1
            if not Cron._commit_progress(1, remaining=remaining):
                break

    @api.model
    def _refresh(self, companies, as_of=None):
        """Work out the statistics of these companies anew.

        :param as_of: date, the last day that counts; today when not given
        """
        for company in companies:
            self.env.execute_query(
                SQL("SELECT pg_advisory_xact_lock(%s, %s)", STATISTICS_LOCK, company.id)
            )
            self.env.flush_all()
            run = company._get_metrics_run(as_of)
            for name in self._get_parts():
                # sudo: statistics are the system's, about every customer
                self.env[name].sudo()._refresh_part(run)
            # SQL: a write of the ORM would clear every cache of every process
            self.env.execute_query(
                SQL(
                    "UPDATE res_company SET statistics_as_of = %s WHERE id = %s"
                    " RETURNING id",
                    run.as_of,
                    company.id,
                )
            )
            self.env.invalidate_all(flush=False)
