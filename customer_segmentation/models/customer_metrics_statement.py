import re

from odoo import api, models
from odoo.tools import SQL

from odoo.addons.customer_card.models.res_partner_card import OPEN_STATES

from .customer_metrics_refresh import RELATIVE_LAYERS, TABLE
from .customer_metrics_touched import DOCUMENTS

# what stood behind a change of class
HISTORY_FIGURES = (
    "amount",
    "share",
    "share_before",
    "rank",
    "purchase_days",
    "last_purchase",
)
# new rows after which the planner has to look at a table again
MANY_ROWS = 1000
# a column of a step before
COLUMN = re.compile(r'\bm\."?(\w+)')
# a column of the row of the last run
OLD_COLUMN = re.compile(r'\bold\."?(\w+)')


class CustomerMetrics(models.Model):
    """The two statements of a run: the sources joined and taken through the layers into
    a temporary table of the rows that differ, then written with their history.

    Two, because PostgreSQL plans no statement that writes in parallel.
    """

    _inherit = "customer.metrics"

    def init(self):  # pylint: disable=missing-return
        super().init()
        # whose documents are a customer's: found by the same expression
        self.env.cr.execute(
            """
            CREATE INDEX IF NOT EXISTS res_partner_customer_idx
                ON res_partner ((COALESCE(card_root_id, commercial_partner_id, id)))
            """
        )

    # ------------------------------------------------------------
    # WHOSE
    # ------------------------------------------------------------

    @api.model
    def _get_customer_sql(self, partner_alias):
        """:return: SQL: the customer that a partner belongs to today"""
        return SQL(
            "COALESCE(%(p)s.card_root_id, %(p)s.commercial_partner_id, %(p)s.id)",
            p=SQL.identifier(partner_alias),
        )

    @api.model
    def _get_customer_filter(self, run, partner_alias):
        """:return: SQL condition on res_partner: a contact of a customer of this run;
        companies of the database are no customers of each other"""
        own = self._get_own_partner_ids()
        condition = SQL(
            "COALESCE(%(p)s.commercial_partner_id, %(p)s.id) <> ALL(%(own)s)",
            p=SQL.identifier(partner_alias),
            own=own,
        )
        if not run.is_full:
            condition = SQL(
                "%s AND %s = ANY(%s)",
                condition,
                self._get_customer_sql(partner_alias),
                list(run.partner_ids),
            )
        return condition

    @api.model
    def _get_own_partner_ids(self):
        """:return: ids of the partners of this database's companies"""
        rows = self.env.execute_query(SQL("SELECT partner_id FROM res_company"))
        return [partner_id for (partner_id,) in rows]

    @api.model
    def _get_population_sql(self, run):
        """Customers with documents, open cards that the company may work with, and
        rows of the last run (which go when they are neither).

        :return: SQL subselect with ``partner_id``, ``is_customer``
        """
        company = run.company
        with_cards = run.fields is None
        cards = SQL(
            """
            SELECT card.id
              FROM res_partner card
             WHERE card.card_state = ANY(%s)
               AND card.active
               AND (card.company_id IS NULL OR card.company_id = ANY(%s))
               AND %s
            """,
            list(OPEN_STATES),
            company.parent_ids.ids or company.ids,
            self._get_customer_filter(run, "card"),
        )
        return SQL(
            """
            SELECT COALESCE(documents.partner_id, figures.partner_id, %(card)s)
                       AS partner_id,
                   documents.partner_id IS NOT NULL OR %(is_kept)s AS is_customer
              FROM documents
         FULL JOIN (SELECT one.partner_id
                      FROM customer_metrics one
                     WHERE one.company_id = %(company)s AND %(row_filter)s
                   ) figures ON figures.partner_id = documents.partner_id
              %(cards)s
            """,
            # who is a customer is for a run of everything to say
            is_kept=SQL("card.id IS NOT NULL") if with_cards else SQL("TRUE"),
            card=SQL("card.id") if with_cards else SQL("NULL"),
            cards=SQL(
                "FULL JOIN (%s) card"
                " ON card.id = COALESCE(documents.partner_id, figures.partner_id)",
                cards,
            )
            if with_cards
            else SQL(),
            company=run.company.id,
            row_filter=SQL("TRUE")
            if run.is_full
            else SQL("one.partner_id = ANY(%s)", list(run.partner_ids)),
        )

    # ------------------------------------------------------------
    # READ
    # ------------------------------------------------------------

    @api.model
    def _create_computed(self, run, layers, sources):
        """Fill the temporary table with the rows that differ from those kept."""
        table = SQL.identifier(TABLE)
        self.env.cr.execute(SQL("DROP TABLE IF EXISTS %s", table))
        self.env.cr.execute(
            SQL(
                "CREATE TEMP TABLE %s ON COMMIT DROP AS %s",
                table,
                self._get_statement(run, layers, sources),
            )
        )
        self.env.cr.execute(SQL("ANALYZE %s (old_id, is_customer)", table))

    @api.model
    def _get_plan(self, run):
        """:return: the layers and sources of a run: all, or what its fields are made of"""
        layers, sources = self._get_layers(run), self._get_sources(run)
        if run.fields is None:
            return layers, sources
        needed = set(run.fields)
        for name in reversed(layers):
            layers[name] = {
                column: sql for column, sql in layers[name].items() if column in needed
            }
            for sql in layers[name].values():
                needed.update(COLUMN.findall(sql.code))
        facts = " ".join(sql.code for sql in layers["facts"].values())
        used = dict(re.findall(r'(\w+)"?\.("?\w+)', facts))
        sources = {name: sql for name, sql in sources.items() if name in used}
        sources["documents"] = self._get_documents_sql(
            run, set(re.findall(r'documents"?\."?(\w+)', facts))
        )
        return layers, sources

    @api.model
    def _get_statement(self, run, layers, sources):
        """:return: SQL: the rows that differ, with ``old_id``, ``is_customer``, all
        fields of the layers, and ``old_<field>`` for the history"""
        names = self._get_computed_fields(layers)
        kept = SQL(", ").join(SQL("m.%s", SQL.identifier(name)) for name in names)
        old_values = SQL().join(
            SQL(
                ", old.%s AS %s",
                SQL.identifier(name),
                SQL.identifier(f"old_{name}"),
            )
            for name in self._get_history_fields()
            if name in names
        )
        return SQL(
            """
            WITH documents AS NOT MATERIALIZED (TABLE %(documents)s),
                 customer AS (%(population)s)
            SELECT m.partner_id, m.is_customer, m.old_id, %(remembered)s AS remembered,
                   %(kept)s %(old_values)s
              FROM (%(layers)s) m
        CROSS JOIN LATERAL (%(old)s) old
             WHERE m.old_id IS NULL
                OR NOT m.is_customer
                OR m.old_remembered IS DISTINCT FROM %(remembered)s
                OR ROW(%(kept)s) IS DISTINCT FROM ROW(%(before)s)
            """,
            documents=SQL.identifier(DOCUMENTS),
            population=self._get_population_sql(run),
            layers=self._get_layered(run, sources, layers),
            old=self._get_old_sql(run, layers),
            kept=kept,
            before=SQL(", ").join(
                SQL("m.%s", SQL.identifier(f"old_{name}")) for name in names
            ),
            old_values=old_values,
            remembered=self._get_remembered_sql(run, layers),
        )

    @api.model
    def _get_layered(self, run, sources, layers):
        """:return: SQL: customers joined to the sources and taken through the layers;
        the row of the last run comes in (as ``old_*``) before the ranks are used"""
        statement = SQL(
            "SELECT customer.partner_id, customer.is_customer, %s FROM customer %s",
            self._get_columns(layers["facts"]),
            SQL(" ").join(
                SQL(
                    "LEFT JOIN (%(source)s) %(alias)s"
                    " ON %(alias)s.partner_id = customer.partner_id",
                    source=source,
                    alias=SQL.identifier(alias),
                )
                for alias, source in {
                    "documents": SQL("TABLE documents"),
                    **sources,
                }.items()
            ),
        )
        joined = False
        for name, columns in layers.items():
            if name == "facts":
                continue
            if name in RELATIVE_LAYERS and not run.is_full:
                columns = self._get_kept_columns(columns)
            if not columns:
                continue
            old = SQL()
            if not (name == "measures" or (name == "ranks" and run.is_full)):
                statement = (
                    statement if joined else self._join_old(run, statement, layers)
                )
                joined = True
                old = SQL("CROSS JOIN LATERAL (%s) old", self._get_old_sql(run, layers))
            # OFFSET 0: a column is worked out once, not wherever it is used
            statement = SQL(
                "SELECT m.*, %s FROM (%s OFFSET 0) m %s",
                self._get_columns(columns),
                statement,
                old,
            )
        return statement if joined else self._join_old(run, statement, layers)

    @api.model
    def _join_old(self, run, statement, layers):
        """:return: SQL: with ``old_id`` and ``old_<field>`` of the row of the last run"""
        return SQL(
            """
            SELECT m.*, old.id AS old_id, %(old)s
              FROM (%(statement)s OFFSET 0) m
         LEFT JOIN customer_metrics old
                ON old.company_id = %(company)s AND old.partner_id = m.partner_id
            """,
            old=SQL(", ").join(
                SQL(
                    "old.%s AS %s",
                    SQL.identifier(name),
                    SQL.identifier(f"old_{name}"),
                )
                for name in self._get_old_names(run, layers)
            ),
            statement=statement,
            company=run.company.id,
        )

    @api.model
    def _get_old_sql(self, run, layers):
        """:return: SQL: the row of the last run under the names of its fields; after a
        look back its classes are those from before it"""
        remembered = (
            self._get_remembered_fields(layers)
            if run.returning and run.recorded
            else ()
        )

        def column(name):
            plain = SQL("m.%s", SQL.identifier(f"old_{name}"))
            if name not in remembered:
                return plain
            return SQL(
                "CASE WHEN m.old_remembered IS NULL THEN %s"
                " ELSE (m.old_remembered ->> %s)::%s END",
                plain,
                name,
                self._get_type(name),
            )

        return SQL(
            "SELECT m.old_id AS id, %s",
            SQL(", ").join(
                SQL("%s AS %s", column(name), SQL.identifier(name))
                for name in self._get_old_names(run, layers)
            ),
        )

    @api.model
    def _get_old_names(self, run, layers):
        """:return: fields of the row of the last run that something is compared with"""
        used = {"remembered", *self._get_computed_fields(layers)}
        for columns in layers.values():
            for sql in columns.values():
                used.update(OLD_COLUMN.findall(sql.code))
        if not run.recorded:
            used.update(self._get_remembered_fields(layers))
        return [name for name in self._get_stored_fields() if name in used]

    @api.model
    def _get_remembered_sql(self, run, layers):
        """:return: SQL: what the classes were before a look back, else NULL"""
        if run.recorded:
            return SQL("NULL::jsonb")
        pairs = SQL(", ").join(
            SQL("%s::text, m.%s", name, SQL.identifier(f"old_{name}"))
            for name in self._get_remembered_fields(layers)
        )
        return SQL(
            "CASE WHEN m.old_id IS NOT NULL THEN"
            " COALESCE(m.old_remembered, jsonb_build_object(%s)) END",
            pairs,
        )

    @api.model
    def _get_remembered_fields(self, layers):
        names = set(self._get_history_fields())
        for layer in ("abc", "loyalty", "risk", "lifecycle"):
            names.update(name for name in layers[layer] if name in self._fields)
        return sorted(names)

    @api.model
    def _get_kept_columns(self, columns):
        """:return: the columns of a layer as they were"""
        return {
            name: SQL("old.%s", SQL.identifier(name))
            if name in self._fields
            else SQL("NULL::numeric")
            for name in columns
        }

    @api.model
    def _get_columns(self, columns):
        """:return: SQL: the columns of a layer in the types of their fields"""
        return SQL(", ").join(
            SQL(
                "(%s)%s AS %s",
                sql,
                SQL("::%s", self._get_type(name)) if name in self._fields else SQL(),
                SQL.identifier(name),
            )
            for name, sql in columns.items()
        )

    @api.model
    def _get_type(self, name):
        return SQL(self._fields[name].column_type[0])

    @api.model
    def _get_stored_fields(self):
        """:return: names of all fields that are columns of the table"""
        return [
            name
            for name, field in self._fields.items()
            if field.store and field.column_type and name != "id"
        ]

    @api.model
    def _get_computed_fields(self, layers):
        """:return: names of the fields that the layers fill"""
        return [
            name
            for columns in layers.values()
            for name in columns
            if name in self._fields
        ]

    # ------------------------------------------------------------
    # WRITE
    # ------------------------------------------------------------

    @api.model
    def _write_computed(self, run, layers):
        """Write the rows that differ and, in the same statement, their history."""
        names = [*self._get_computed_fields(layers), "remembered"]
        columns = [SQL.identifier(name) for name in names]
        new = [SQL("new.%s", column) for column in columns]
        self.env.cr.execute(
            SQL(
                """
                WITH changed AS (
                    UPDATE customer_metrics figures
                       SET (%(columns)s, write_uid, write_date)
                           = ROW(%(new)s, %(uid)s, now() AT TIME ZONE 'UTC')
                      FROM %(table)s new
                     WHERE figures.id = new.old_id AND new.is_customer
                ), gone AS (
                    DELETE FROM customer_metrics figures
                          USING %(table)s new
                          WHERE figures.id = new.old_id AND NOT new.is_customer
                ), history AS (%(history)s)
                INSERT INTO customer_metrics
                       (company_id, partner_id, %(columns)s,
                        create_uid, create_date, write_uid, write_date)
                SELECT %(company)s, new.partner_id, %(new)s,
                       %(uid)s, now() AT TIME ZONE 'UTC',
                       %(uid)s, now() AT TIME ZONE 'UTC'
                  FROM %(table)s new
                 WHERE new.old_id IS NULL
                """,
                columns=SQL(", ").join(columns),
                new=SQL(", ").join(new),
                uid=self.env.uid,
                table=SQL.identifier(TABLE),
                company=run.company.id,
                history=self._get_history_insert(run, names),
            )
        )
        self._analyze_grown(self._table, self.env.cr.rowcount)

    @api.model
    def _analyze_grown(self, table, inserted):
        """After the first run of a company a table is many times what the planner
        believes, and the next statements would be planned for an empty one.

        :param inserted: how many rows are new
        """
        if inserted > MANY_ROWS:
            self.env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))

    @api.model
    def _get_history_insert(self, run, names):
        """:param names: the fields of this run
        :return: SQL that writes the changes of class of the temporary table"""
        if not (run.recorded and run.has_history):
            return SQL("SELECT 1")
        values = SQL(", ").join(
            SQL(
                "(%s, new.%s::text, new.%s::text)",
                dimension,
                SQL.identifier(f"old_{name}"),
                SQL.identifier(name),
            )
            for name, dimension in self._get_history_fields().items()
            if name in names
        )
        if not values:
            return SQL("SELECT 1")
        return SQL(
            """
            INSERT INTO customer_segment_change
                   (partner_id, company_id, date, dimension, value_from, value_to,
                    %(figure_names)s, create_uid, create_date, write_uid, write_date)
            SELECT new.partner_id, %(company)s, %(as_of)s, one.dimension,
                   one.value_from, COALESCE(one.value_to, ''),
                   %(figures)s,
                   %(uid)s, now() AT TIME ZONE 'UTC',
                   %(uid)s, now() AT TIME ZONE 'UTC'
              FROM %(table)s new
        CROSS JOIN LATERAL (VALUES %(values)s) one(dimension, value_from, value_to)
             WHERE new.is_customer
               AND one.value_from IS DISTINCT FROM one.value_to
               AND (one.value_from IS NOT NULL
                    OR one.value_to NOT IN ('none', 'false'))
            """,
            company=run.company.id,
            as_of=run.as_of,
            uid=self.env.uid,
            table=SQL.identifier(TABLE),
            values=values,
            figure_names=SQL(", ").join(map(SQL.identifier, HISTORY_FIGURES)),
            figures=SQL(", ").join(
                SQL("new.%s", SQL.identifier(name)) if name in names else SQL("NULL")
                for name in HISTORY_FIGURES
            ),
        )
