from dataclasses import replace

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .customer_metrics import ABC_CLASSES

# after so many days nobody looks at it any more
KEEP_DAYS = 2


class CustomerSegmentSnapshot(models.Model):
    """The ABC classes of a past day, twice: as they were recorded then, and as the
    documents of then say today.

    The second is computed anew from the documents until that day, with the limits and
    the structure of customers of today and without waiting for a second computation
    before a class falls. The two differ where a class was kept for a while, where a
    document was booked later with an earlier date or corrected, and where contacts were
    merged or moved since.

    Everybody has his own, and of each company one: the next one replaces it. Making one
    changes neither figures nor history.
    """

    _name = "customer.segment.snapshot"
    _description = "Classes of a Past Day"
    _inherit = ["customer.card.gate.mixin"]
    _card_gate_path = "partner_id.card_root_id"
    _card_gate_names = frozenset({"metrics_ids"})
    _order = "amount desc, id"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    custodian_id = fields.Many2one(related="partner_id.card_custodian_id")
    team_id = fields.Many2one(related="partner_id.card_team_id")
    date = fields.Date("As Of", required=True)
    class_recorded = fields.Selection(
        ABC_CLASSES,
        "Recorded",
        help="The class that counted on that day. Empty: nothing was recorded yet.",
    )
    class_computed = fields.Selection(
        ABC_CLASSES,
        "Computed Anew",
        help="What the documents until that day say today.",
    )
    class_now = fields.Selection(ABC_CLASSES, "Now")
    is_different = fields.Boolean(
        "Differs", help="Recorded and computed anew are not the same."
    )
    amount = fields.Monetary(
        "Net Sales", help="Untaxed, less credit notes, in the window up to that day."
    )
    rank = fields.Integer(aggregator="min")
    share = fields.Float("Share (%)", digits=(16, 4))
    share_before = fields.Float(
        "Share of Larger Customers (%)", digits=(16, 4), aggregator="max"
    )

    _owner_idx = models.Index("(create_uid, company_id)")

    @api.model
    def _make(self, company, date):
        """Make the snapshot of the current user; constant number of statements.

        :param company: res.company
        :param date: the last day that counts
        """
        Metrics = self.env["customer.metrics"].sudo()
        # sudo: the classes of all customers depend on each other; what of it the user
        # sees is up to the record rules
        company = company.sudo()
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "DELETE FROM customer_segment_snapshot"
                " WHERE create_uid = %s AND company_id = %s",
                self.env.uid,
                company.id,
            )
        )
        run = replace(
            company._get_metrics_run(date),
            fields=frozenset(Metrics._get_abc_fields()),
            recorded=False,
            returning=False,
        )
        self.env.cr.execute(self._get_insert_query(Metrics, run))
        self.env.invalidate_all(flush=False)

    @api.model
    def _get_insert_query(self, Metrics, run):
        """:return: SQL that writes the rows of a snapshot"""
        layers, sources = Metrics._get_plan(run)
        documents = sources.pop("documents")
        return SQL(
            """
            WITH documents AS MATERIALIZED (%(documents)s),
                 customer AS (%(population)s)
            INSERT INTO customer_segment_snapshot (
                   create_uid, create_date, write_uid, write_date, company_id,
                   partner_id, date, class_recorded, class_computed, class_now,
                   is_different, amount, rank, share, share_before)
            SELECT %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC',
                   %(company)s, m.partner_id, %(date)s,
                   recorded.class, m.abc_class, today.class,
                   recorded.class IS NOT NULL AND recorded.class <> m.abc_class,
                   m.amount, m.rank, m.share, m.share_before
              FROM (%(layers)s) m
         LEFT JOIN customer_metrics figures
                ON figures.company_id = %(company)s
               AND figures.partner_id = m.partner_id
         LEFT JOIN (%(changes)s) change
                ON change.company_id = %(company)s AND change.partner_id = m.partner_id
        CROSS JOIN LATERAL (
                   SELECT COALESCE(figures.remembered ->> 'abc_class',
                                   figures.abc_class) AS class) today
        CROSS JOIN LATERAL (
                   SELECT CASE WHEN %(date)s < %(since)s THEN NULL
                               WHEN change.partner_id IS NULL THEN today.class
                               ELSE NULLIF(change.value_from, '') END AS class) recorded
             WHERE m.is_customer
            """,
            documents=documents,
            population=Metrics._get_population_sql(run),
            layers=Metrics._get_layered(run, sources, layers),
            changes=self.env["customer.segment.migration"]._get_first_changes_query(
                "abc", run.as_of
            ),
            uid=self.env.uid,
            company=run.company.id,
            date=run.as_of,
            # of a company that has computed nothing yet nothing is recorded
            since=run.company.segments_since or fields.Date.today(),
        )

    @api.autovacuum
    def _gc_snapshots(self):
        """Remove what nobody looks at any more."""
        before = fields.Datetime.now() - relativedelta(days=KEEP_DAYS)
        self.env.cr.execute(
            SQL("DELETE FROM customer_segment_snapshot WHERE create_date < %s", before)
        )
