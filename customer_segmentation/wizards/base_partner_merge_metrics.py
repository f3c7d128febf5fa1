from odoo import models
from odoo.tools import SQL

# worked out for each customer, at most one row of a kind for each: Odoo moves all rows
# of a merged contact without looking at unique indexes
DERIVED_MODELS = (
    "customer.metrics",
    "customer.metrics.product",
    "customer.early.adoption",
    "customer.next.sale",
)


class MergePartnerAutomatic(models.TransientModel):
    """Two customers become one: his figures are worked out anew from the documents of
    both, and of two stars set by hand one goes on."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        # sudo: whose figures change must not depend on what the user sees; whether he
        # may merge them is checked below, and undoes this
        partners = self.env["res.partner"].sudo().browse(partner_ids).exists()
        target = (
            dst_partner.sudo()
            if dst_partner and dst_partner in partners
            else self._get_ordered_partner(partners.ids)[-1:].sudo()
        )
        companies = (
            self.env["customer.metrics"]
            .sudo()
            .search([("partner_id", "in", partners._get_metrics_customers().ids)])
            .company_id
        )
        self._drop_figures(partners - target)
        self._end_doubled_stars(partners)
        result = super()._merge(partner_ids, dst_partner, extra_checks=extra_checks)
        if companies and target.exists():
            target.invalidate_recordset()
            self.env["customer.metrics"]._refresh(
                companies, partners=target._get_metrics_customers()
            )
        return result

    def _drop_figures(self, sources):
        """What was worked out for the customers that are merged away."""
        for name in DERIVED_MODELS:
            self.env[name].flush_model()
            self.env.cr.execute(
                SQL(
                    "DELETE FROM %s WHERE partner_id = ANY(%s)",
                    SQL.identifier(self.env[name]._table),
                    sources.ids,
                )
            )
            self.env[name].invalidate_model()

    def _end_doubled_stars(self, partners):
        """A customer has one star set by hand in a company: the last one goes on."""
        self.env["customer.key.mark"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                UPDATE customer_key_mark mark
                   SET date_ended = %(today)s
                 WHERE mark.partner_id = ANY(%(ids)s)
                   AND mark.date_ended IS NULL
                   AND EXISTS (
                       SELECT 1
                         FROM customer_key_mark later
                        WHERE later.partner_id = ANY(%(ids)s)
                          AND later.company_id = mark.company_id
                          AND later.date_ended IS NULL
                          AND later.id > mark.id)
                """,
                today=self.env.user._card_today(),
                ids=partners.ids,
            )
        )
        self.env["customer.key.mark"].invalidate_model()
