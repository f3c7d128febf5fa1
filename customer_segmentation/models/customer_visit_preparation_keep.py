from collections import defaultdict

from odoo import api, models

from .customer_defection import OPEN_STATES


class CustomerVisit(models.Model):
    """Preparing a visit: whether he is about to leave, when he will buy next, and what
    to offer him. Each part is one query for all visits."""

    _inherit = "customer.visit"

    @api.model
    def _get_preparation_parts(self):
        return [
            *super()._get_preparation_parts(),
            (42, "keep", self.env._("Keep Him"), "fa-heartbeat"),
            (48, "next_sale", self.env._("Offer Him"), "fa-shopping-cart"),
        ]

    # ------------------------------------------------------------
    # KEEP
    # ------------------------------------------------------------

    def _prepare_keep(self):
        """His rhythm, and the defection that is open."""
        rows = defaultdict(list)
        domain = [
            ("partner_id", "in", self.partner_id.ids),
            ("company_id", "in", self.company_id.ids),
        ]
        for figures in self.env["customer.metrics"].search(domain):
            key = figures.partner_id.id, figures.company_id.id
            rows[key] += figures._get_rhythm_rows()
        defections = self.env["customer.defection"].search(
            [*domain, ("state", "in", OPEN_STATES)]
        )
        labels = {
            name: dict(defections._fields[name]._description_selection(self.env))
            for name in ("state", "kind")
        }
        for defection in defections:
            rows[defection.partner_id.id, defection.company_id.id].append(
                self._make_preparation_row(
                    defection.goal or labels["kind"].get(defection.kind) or "–",
                    label=labels["state"][defection.state],
                    note=defection.reason or "",
                    when=self._format_preparation_date(defection.date_since),
                    tone="danger",
                    model=defection._name,
                    id=defection.id,
                )
            )
        return self._spread_by_company(rows)

    # ------------------------------------------------------------
    # OFFER
    # ------------------------------------------------------------

    def _prepare_next_sale(self):
        """Products that he stopped buying, and that customers like him buy."""
        rows = defaultdict(list)
        for offer in self.env["customer.next.sale"].search(
            [
                ("partner_id", "in", self.partner_id.ids),
                ("company_id", "in", self.company_id.ids),
                ("state", "!=", "dismissed"),
            ]
        ):
            rows[offer.partner_id.id, offer.company_id.id].append(
                self._make_preparation_row(
                    offer.product_id.display_name,
                    note=offer.why,
                    label=self.env._("Quoted") if offer.state == "quoted" else "",
                    tone="warning" if offer.kind == "stopped" else "",
                )
            )
        return self._spread_by_company(rows)

    def _spread_by_company(self, rows):
        """:param rows: ``{(card id, company id): rows}``
        :return: ``{visit id: rows}``"""
        return {
            visit.id: found
            for visit in self
            if (found := rows.get((visit.partner_id.id, visit.company_id.id)))
        }
