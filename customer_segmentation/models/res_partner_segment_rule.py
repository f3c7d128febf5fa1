from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from .customer_card_rule_mixin import CLASS_FOR_RULE


class ResPartner(models.Model):
    """What a class means in the condition of a rule, which has no company."""

    _inherit = "res.partner"

    def _search_segment(self, source, operator, value):
        # a client may send this key: the rules of the figures apply to him all the same
        if operator != "in" or not self.env.context.get(CLASS_FOR_RULE):
            return super()._search_segment(source, operator, value)
        values = [one for one in value if one]
        domain = Domain.FALSE
        if values:
            domain |= self._get_rule_class_domain(Domain(source, "in", values))
        if len(values) < len(list(value)):
            domain |= ~self._get_rule_class_domain(Domain(source, "!=", False))
        return domain

    @api.model
    def _get_rule_class_domain(self, figures):
        """:param figures: Domain on customer.metrics
        :return: Domain: partners with such figures in the company of their department,
            or in any, when that is of no company"""

        def to_sql(model, alias, query):
            rows = model.env["customer.metrics"]._search(figures)
            table = SQL.identifier(rows.table)
            rows.add_where(
                SQL(
                    "%s.partner_id = %s AND %s",
                    table,
                    SQL.identifier(alias, "id"),
                    self._get_rule_company_sql(table),
                )
            )
            # EXISTS: PostgreSQL looks up the index for one card and hashes for all
            return SQL("EXISTS (%s)", rows.select(SQL("1")))

        return Domain.custom(to_sql=to_sql)

    @api.model
    def _get_rule_company_sql(self, table):
        """:return: SQL condition: these figures are of the company of the department"""
        return SQL(
            """%(table)s.company_id = COALESCE((
                   SELECT team.company_id
                     FROM res_partner card
                     JOIN crm_team team ON team.id = card.card_team_id
                    WHERE card.id = %(table)s.partner_id), %(table)s.company_id)""",
            table=table,
        )
