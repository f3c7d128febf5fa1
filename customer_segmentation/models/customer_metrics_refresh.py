from odoo import api, fields, models
from odoo.tools import SQL

# with the company's id: who computes its figures holds this lock
REFRESH_LOCK = 190_300_051
# what is worked out from all customers together: a run for some keeps what was
RELATIVE_LAYERS = ("ranks", "abc")
TABLE = "customer_metrics_computed"


class CustomerMetrics(models.Model):
    """The computation, in sets: per company one statement that reads and one that
    writes what has changed, whatever the number of customers.

    It is built in layers. ``_get_sources`` are subselects with a row per customer;
    ``_get_layers`` are named steps, each a set of columns worked out from all columns
    before it (alias ``m``; ``old`` is the row of the last run). Classifications extend
    the layer of their name. What cannot be said by a column (rules with a stored
    domain) is done in ``_after_rows``.

    **History.** ``_get_history_fields`` tells whose changes are kept. The first run of
    a company is the start and records nothing; a customer who comes later is recorded
    with an empty ``value_from`` (unless his value is empty, false or ``none``). So the
    value at the end of a day is that of the last change until then, else the
    ``value_from`` of the first change after it, else the value of today.

    **Looking back.** A run for a day before ``metrics_recorded_as_of`` of the company
    rewrites the rows as of that day but records nothing, and keeps what the classes
    were in ``remembered``; the next run for a later day compares with those.
    """

    _inherit = "customer.metrics"

    remembered = fields.Json(
        help="Classes of the last recorded run, while the row looks back."
    )

    def init(self):  # pylint: disable=missing-return
        super().init()
        # rows change in place every night: room for their next version on their page
        self.env.cr.execute("ALTER TABLE customer_metrics SET (fillfactor = 80)")

    @api.model
    def _refresh(self, companies, as_of=None, partners=None, names=None):
        """Compute figures and classes anew.

        :param companies: res.company
        :param as_of: date, the last day that counts; today when not given
        :param partners: only the figures of these customers; places and classes that
            depend on the others are left to the next run of all
        :param names: only these figures and classes of the customers there are, from as
            few documents as they need; nothing follows from them until the next run
        """
        # sudo: figures are the system's; who may ask for them is checked by who calls
        for company in companies.sudo():
            self._lock_refresh(company)
            run = company._get_metrics_run(as_of, partners, names)
            self.sudo()._refresh_company(run)

    @api.model
    def _lock_refresh(self, company, wait=True):
        """Two who compute the same company do it one after the other.

        :param wait: else say whether nobody else is at it
        :return: whether it is ours, until the end of the transaction
        """
        name = "pg_advisory_xact_lock" if wait else "pg_try_advisory_xact_lock"
        [(got,)] = self.env.execute_query(
            SQL("SELECT %s(%s, %s)", SQL(name), REFRESH_LOCK, company.id)
        )
        return wait or got

    @api.model
    def _refresh_company(self, run):
        """Compute, write what has changed with its history, then what follows."""
        self.env.flush_all()
        layers, sources = self._get_plan(run)
        self._set_planner(True)
        self._create_documents(run, sources.pop("documents"))
        if run.fields is None:
            product_run = self._get_product_run(run)
            self.env["customer.metrics.product"]._refresh_products(product_run)
            sources["product"] = self._get_product_source(run, product_run)
        self._create_computed(run, layers, sources)
        self._write_computed(run, layers)
        self._set_planner(False)
        if run.is_full and run.fields is None:
            self._set_as_of(run, self._get_product_state(run, product_run))
        self.env.invalidate_all(flush=False)
        if run.fields is None:
            self._after_rows(run)

    @api.model
    def _set_planner(self, is_ours):
        """Room to sort and to hash, and no time spent on compiling, for our
        statements only."""
        for setting, value in (("jit", "off"), ("work_mem", "64MB")):
            self.env.cr.execute(
                SQL(
                    "SET LOCAL %s TO %s",
                    SQL(setting),
                    SQL(f"'{value}'" if is_ours else "DEFAULT"),
                )
            )

    @api.model
    def _get_abc_fields(self):
        """:return: names of the figures of place and ABC, for ``_refresh``"""
        run = self.env.company._get_metrics_run()
        layers = self._get_layers(run)
        return [
            "amount",
            "rank",
            "share",
            "share_before",
            "share_cumulated",
            *(name for name in layers["abc"] if name in self._fields),
        ]

    # ------------------------------------------------------------
    # WHAT IS COMPUTED: to be extended
    # ------------------------------------------------------------

    @api.model
    def _get_sources(self, run):
        """:return: subselects joined to the customers: ``{alias: SQL}``; each has the
        column ``partner_id`` (the customer) and what the columns name"""
        return {}

    @api.model
    def _get_layers(self, run):
        """:return: the steps in their order: ``{name: {field: SQL}}``. The first reads
        the aliases of the sources, the others ``m`` (all columns before) and, after
        ``ranks``, ``old`` (NULL for a new customer). A column that is no field of the
        model serves the steps after it and is not kept."""
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
    def _after_rows(self, run):
        """For what follows from the new rows of one company: rules with a domain,
        contact policies, early adopters, defections. To be extended."""
