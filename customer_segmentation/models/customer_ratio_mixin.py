from odoo import api, models
from odoo.tools import SQL


class CustomerRatioMixin(models.AbstractModel):
    """Rates that are true of a group too: the sum of one field in percent of the sum of
    another, never the mean of the rates of the rows."""

    _name = "customer.ratio.mixin"
    _description = "Rates of Groups"

    # rate field: (summed field, field that it is a share of)
    _ratio_fields = {}

    def _read_group_select(self, aggregate_spec, query):
        name = aggregate_spec.partition(":")[0]
        if name not in self._ratio_fields:
            return super()._read_group_select(aggregate_spec, query)
        # the rights on the field itself
        self._check_field_access(self._fields[name], "read")
        part, whole = self._ratio_fields[name]
        return SQL(
            "100.0 * SUM(%s) / NULLIF(%s, 0)",
            self._field_to_sql(self._table, part, query),
            self._get_whole_sql(whole, query),
        )

    @api.model
    def _get_whole_sql(self, name, query):
        """:return: SQL: what is 100 % of a group"""
        return SQL("SUM(%s)", self._field_to_sql(self._table, name, query))
