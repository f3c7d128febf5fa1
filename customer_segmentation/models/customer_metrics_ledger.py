from odoo import api, models
from odoo.tools import SQL

from .customer_segment_change import DIMENSIONS
from .customer_segment_change_class import CLASSES

# a second class in the department is no event in the life of the card
LEDGER_DIMENSIONS = [one for one in DIMENSIONS if one[0] != "abc_team"]


class CustomerMetrics(models.Model):
    """What follows from changes of class: they stand in the ledger of the card, by one
    statement for all changes of a run."""

    _inherit = "customer.metrics"

    @api.model
    def _after_rows(self, run):
        super()._after_rows(run)
        if not run.recorded:
            return
        if not run.has_history:
            self._begin_history(run)
        else:
            self._log_class_changes(run)

    @api.model
    def _begin_history(self, run):
        # SQL: a write of the ORM would clear every cache of every process
        self.env.execute_query(
            SQL(
                "UPDATE res_company SET segments_since = %s"
                " WHERE id = %s AND segments_since IS NULL RETURNING id",
                run.as_of,
                run.company.id,
            )
        )
        run.company.invalidate_recordset(["segments_since"], flush=False)

    @api.model
    def _log_class_changes(self, run):
        """One entry for each change of class of a card on this day that has none yet: a
        run that is repeated adds none. First classes are no changes."""
        self.env.execute_query(
            SQL(
                """
                INSERT INTO customer_card_event (
                    partner_id, partner_name, kind, description, date,
                    user_id, user_name, res_model, res_id)
                SELECT card.id, COALESCE(card.complete_name, card.name, '–'),
                       'class_changed',
                       concat_ws(' · ', %(what)s || ': ' || %(before)s || ' → '
                           || COALESCE(%(after)s, '–'), change.reason),
                       %(now)s, %(uid)s, %(user_name)s, %(model)s, change.id
                  FROM customer_segment_change change
                  JOIN res_partner card
                    ON card.id = change.partner_id AND card.card_state IS NOT NULL
                 WHERE change.company_id = %(company)s
                   AND change.date = %(as_of)s
                   AND change.dimension = ANY(%(dimensions)s)
                   AND change.value_from IS NOT NULL
                   AND NOT EXISTS (
                       SELECT FROM customer_card_event event
                        WHERE event.partner_id = change.partner_id
                          AND event.kind = 'class_changed'
                          AND event.res_model = %(model)s
                          AND event.res_id = change.id)
              ORDER BY change.id
             RETURNING id
                """,
                what=self._get_names_sql(
                    SQL("change.dimension"), self._get_dimension_names()
                ),
                before=self._get_class_name_sql("value_from"),
                after=self._get_class_name_sql("value_to"),
                now=self.env.cr.now().replace(microsecond=0),
                uid=self.env.uid,
                user_name=self.env.user.name,
                model="customer.segment.change",
                company=run.company.id,
                as_of=run.as_of,
                dimensions=[dimension for dimension, _label in LEDGER_DIMENSIONS],
            )
        )

    @api.model
    def _get_dimension_names(self):
        Change = self.env["customer.segment.change"]
        return dict(Change._fields["dimension"]._description_selection(self.env))

    @api.model
    def _get_class_name_sql(self, column):
        """:return: SQL: the name of a class of ``change`` in the language of the run"""
        Change = self.env["customer.segment.change"]
        names = dict(Change._fields["class_to"]._description_selection(self.env))
        return self._get_names_sql(
            SQL("change.dimension || '_' || change.%s", SQL.identifier(column)),
            {
                f"{dimension}_{code}": names[f"{dimension}_{code}"]
                for dimension, _label in LEDGER_DIMENSIONS
                for code, _label in CLASSES[dimension]
            },
        )

    @api.model
    def _get_names_sql(self, code, names):
        """:param code: SQL of a code
        :param names: ``{code: name}``
        :return: SQL of its name"""
        return SQL(
            "CASE %s %s END",
            code,
            SQL(" ").join(SQL("WHEN %s THEN %s", *pair) for pair in names.items()),
        )
