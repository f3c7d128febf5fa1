from odoo import api, models
from odoo.tools import SQL


class CustomerMetrics(models.Model):
    """The computation, in sets: per company one statement that reads and a few that
    write what has changed, whatever the number of customers.

    It is built in layers. ``_get_sources`` are subselects with a row per customer;
    ``_get_layers`` are named steps, each a set of columns worked out from all columns
    before it (alias ``m``; ``old`` is the row of the last run). Classifications extend
    the layer of their name. What cannot be said by a column (rules with a stored
    domain) is done in ``_after_rows``.
    """

    _inherit = "customer.metrics"

    @api.model
    def _refresh(self, companies, as_of=None, partners=None):
        """Compute figures and classes anew.

        :param companies: res.company
        :param as_of: date, the last day that counts; today when not given
        :param partners: only the figures of these customers; places and classes that
            depend on the others are left to the next run of all
        """
        for company in companies:
            run = company._get_metrics_run(as_of, partners)
            self._refresh_company(run)

    @api.model
    def _refresh_company(self, run):
        # owner metrics: locks, statement, changed rows, history, cache
        self._after_rows(run)

    @api.model
    def _get_sources(self, run):
        """:return: subselects joined to the customers: ``{alias: SQL}``; each has the
        column ``partner_id`` (the customer) and what the columns name"""
        return {}

    @api.model
    def _get_layers(self, run):
        """:return: the steps in their order: ``{name: {field: SQL}}``. The first reads
        the aliases of the sources, the others ``m`` (all columns before) and, after
        ``ranks``, ``old``."""
        return {
            "facts": {},
            "measures": {},
            "ranks": {},
            "abc": {},
            "loyalty": {},
            "risk": {},
            "lifecycle": {},
        }

    @api.model
    def _get_history_fields(self):
        """:return: fields whose changes are kept: ``{field: dimension of
        customer.segment.change}``"""
        return {
            "abc_class": "abc",
            "loyalty_class": "loyalty",
            "lifecycle_stage": "lifecycle",
            "is_key_customer": "key",
            "defection_risk": "risk",
        }

    @api.model
    def _get_customer_sql(self, partner_alias):
        """:return: SQL: the customer that a partner belongs to today"""
        return SQL(
            "COALESCE(%(p)s.card_root_id, %(p)s.commercial_partner_id, %(p)s.id)",
            p=SQL.identifier(partner_alias),
        )

    @api.model
    def _after_rows(self, run):
        """For what follows from the new rows of one company: rules with a domain,
        contact policies, early adopters, defections. To be extended."""
