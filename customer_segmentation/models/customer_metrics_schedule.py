import logging
from datetime import timedelta

from psycopg2.extras import Json

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

_logger = logging.getLogger(__name__)
# a nightly run that was interrupted goes on with the companies not computed since
RESUME_HOURS = 6


class CustomerMetrics(models.Model):
    """When figures are computed: every night, and when somebody asks."""

    _inherit = "customer.metrics"

    @api.model
    def _cron_refresh(self):
        """Compute every company that was not computed today or in the last hours, one
        per transaction. Interrupted, it goes on with the next; a company that somebody
        else is computing is left to him, one that fails does not stop the others."""
        companies = self._get_companies_due()
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(companies))
        for company in companies:
            if self._lock_refresh(company, wait=False):
                self._refresh_scheduled(company)
            if not cron._commit_progress(1):
                break

    @api.model
    def _refresh_scheduled(self, company):
        try:
            with self.env.cr.savepoint():
                self._refresh_company(company._get_metrics_run())
        except Exception:
            _logger.exception("Customer figures of %s", company.display_name)

    @api.model
    def _get_companies_due(self):
        """:return: companies whose figures are not those of today, or are older than a
        few hours"""
        since = fields.Datetime.now() - timedelta(hours=RESUME_HOURS)
        # pylint: disable-next=no-search-all
        companies = self.env["res.company"].search([], order="id")
        return companies.filtered(
            lambda company: (
                not company.metrics_computed_at
                or company.metrics_computed_at < since
                or company.metrics_as_of != company._get_metrics_today()
            )
        )

    # ------------------------------------------------------------
    # ON DEMAND
    # ------------------------------------------------------------

    def action_refresh(self):
        """Compute the figures of these customers anew, as of today. Places and classes
        among all customers change with the next run of all.

        :raise AccessError: for figures that the user does not see
        """
        # called with any ids: what one does not see one does not compute either
        self.check_access("read")
        for company, rows in self.grouped("company_id").items():
            self._refresh(company, partners=rows.partner_id)
        return self._notify_refreshed()

    @api.model
    def action_refresh_company(self, *_ids):
        """Compute all customers of the current company anew, with places and classes.

        :raise AccessError: unless the user administers the cards
        """
        if not (self.env.su or self.env.user._is_card_admin()):
            raise AccessError(
                self.env._(
                    "Only administrators of Customer Cards compute all customers anew. "
                    "Select the customers that you need and compute those."
                )
            )
        self._refresh(self.env.company)
        return self._notify_refreshed()

    @api.model
    def _notify_refreshed(self):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("The figures are up to date."),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    @api.model
    def _set_as_of(self, run, product_state):
        """Note in the company what its rows are about now.

        :param product_state: dict, see ``_get_product_state``
        """
        # SQL: a write of the ORM would clear the caches of every process
        self.env.execute_query(
            SQL(
                """
                UPDATE res_company
                   SET metrics_as_of = %(as_of)s,
                       metrics_recorded_as_of =
                           GREATEST(metrics_recorded_as_of, %(as_of)s),
                       metrics_computed_at = %(now)s,
                       metrics_product_state = %(product_state)s
                 WHERE id = %(company)s
             RETURNING id
                """,
                as_of=run.as_of,
                now=fields.Datetime.now(),
                product_state=Json(product_state),
                company=run.company.id,
            )
        )
