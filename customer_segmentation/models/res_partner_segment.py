from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .customer_metrics import (
    ABC_CLASSES,
    LIFECYCLE_STAGES,
    LOYALTY_CLASSES,
    RISKS,
)


class ResPartner(models.Model):
    """The classes of a customer in the current company.

    They stand in ``customer.metrics`` and nowhere else: a nightly run writes no row of
    ``res.partner``, which everybody works with. Here they can be read, searched, sorted
    and grouped like columns of the partner, with the access rules of the figures.
    """

    _inherit = "res.partner"

    metrics_ids = fields.One2many(
        "customer.metrics", "partner_id", "Figures", groups="base.group_user"
    )
    abc_class = fields.Selection(
        ABC_CLASSES,
        "ABC Class",
        compute="_compute_segments",
        search="_search_abc_class",
        groups="base.group_user",
    )
    loyalty_class = fields.Selection(
        LOYALTY_CLASSES,
        "Loyalty",
        compute="_compute_segments",
        search="_search_loyalty_class",
        groups="base.group_user",
    )
    is_early_adopter = fields.Boolean(
        "Early Adopter",
        compute="_compute_segments",
        search="_search_is_early_adopter",
        groups="base.group_user",
    )
    lifecycle_stage = fields.Selection(
        LIFECYCLE_STAGES,
        "Life Cycle Stage",
        compute="_compute_segments",
        search="_search_lifecycle_stage",
        groups="base.group_user",
    )
    is_key_customer = fields.Boolean(
        "Key Customer",
        compute="_compute_segments",
        search="_search_is_key_customer",
        groups="base.group_user",
    )
    defection_risk = fields.Selection(
        RISKS,
        "Risk of Defection",
        compute="_compute_segments",
        search="_search_defection_risk",
        groups="base.group_user",
    )

    @api.model
    def _get_segment_fields(self):
        """:return: the fields here that show a field of the figures of the current
        company: ``{field here: field of customer.metrics}``; addons add their own"""
        return {
            name: name
            for name in (
                "abc_class",
                "loyalty_class",
                "is_early_adopter",
                "lifecycle_stage",
                "is_key_customer",
                "defection_risk",
            )
        }

    @api.depends_context("company", "uid")
    def _compute_segments(self):
        names = self._get_segment_fields()
        rows = self.env["customer.metrics"].search_fetch(
            [("partner_id", "in", self.ids), ("company_id", "=", self.env.company.id)],
            ["partner_id", *names.values()],
        )
        row_of = {row.partner_id.id: row for row in rows}
        empty = self.env["customer.metrics"]
        for partner in self:
            row = row_of.get(partner._origin.id, empty)
            for name, source in names.items():
                partner[name] = row[source]

    def _field_to_sql(self, alias, field_expr, query=None):
        """Sorting and grouping by a class: the figures of the current company that the
        user may see are joined."""
        source = self._get_segment_fields().get(field_expr)
        if not source or query is None:
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        Metrics = self.env["customer.metrics"]
        joined = query.make_alias(alias, "metrics")
        if joined not in query._joins:
            rows = Metrics._search([("company_id", "=", self.env.company.id)])
            query.add_join(
                "LEFT JOIN",
                joined,
                rows.subselect(SQL("%s.*", SQL.identifier(Metrics._table))),
                SQL(
                    "%s = %s",
                    SQL.identifier(joined, "partner_id"),
                    SQL.identifier(alias, "id"),
                ),
            )
        return Metrics._field_to_sql(joined, source, query)

    def _search_segment(self, source, operator, value):
        """:return: Domain: partners whose figures of the current company have
        ``source`` among the values; an empty value means also: has no figures"""
        if operator != "in":
            return NotImplemented
        company = Domain("company_id", "=", self.env.company.id)
        values = [one for one in value if one]
        domain = Domain.FALSE
        if values:
            domain |= Domain(
                "metrics_ids", "any", company & Domain(source, "in", values)
            )
        if len(values) < len(list(value)):
            domain |= ~Domain(
                "metrics_ids", "any", company & Domain(source, "!=", False)
            )
        return domain

    def _search_abc_class(self, operator, value):
        return self._search_segment("abc_class", operator, value)

    def _search_loyalty_class(self, operator, value):
        return self._search_segment("loyalty_class", operator, value)

    def _search_is_early_adopter(self, operator, value):
        return self._search_segment("is_early_adopter", operator, value)

    def _search_lifecycle_stage(self, operator, value):
        return self._search_segment("lifecycle_stage", operator, value)

    def _search_is_key_customer(self, operator, value):
        return self._search_segment("is_key_customer", operator, value)

    def _search_defection_risk(self, operator, value):
        return self._search_segment("defection_risk", operator, value)
