from odoo import fields, models
from odoo.tools import SQL

# what a customer buys by; credit notes are no purchase
SALE_TYPES = ("out_invoice", "out_receipt")


class AccountMove(models.Model):
    """The first invoice makes a prospect a customer, and starts his follow-up (K04)."""

    _inherit = "account.move"

    def _post(self, soft=True):
        fresh = self.filtered(
            lambda move: move.move_type in SALE_TYPES and not move.posted_before
        )
        posted = super()._post(soft)
        (posted & fresh)._after_first_posted()
        return posted

    def _after_first_posted(self):
        """These invoices have just been posted for the first time."""
        # sudo: whose card it is, whoever invoices
        invoices = self.sudo().filtered("partner_id.card_root_id")
        if not invoices:
            return
        cards = invoices.partner_id.card_root_id
        if prospects := cards.filtered(lambda card: card.card_kind == "prospect"):
            prospects._with_card_trust().write({"card_kind": "customer"})
        invoices._start_followups()

    def _start_followups(self):
        """Follow up the customers of those invoices that are their first: each once, by
        the first template that fits."""
        # sudo: which templates there are; each starts for its own company only
        templates = (
            self.env["customer.followup.template"]
            .sudo()
            .search([("starts_on_invoice", "=", True)])
        )
        if not templates:
            return
        known = self._get_invoiced_card_ids(templates)
        first = {}
        for invoice in self.sorted(lambda move: (move.invoice_date, move.id)):
            card_id = invoice.partner_id.card_root_id.id
            if card_id not in known:
                first.setdefault(card_id, invoice)
        invoices = self.browse(invoice.id for invoice in first.values())
        for company, theirs in invoices.grouped("company_id").items():
            theirs._start_followups_in(company, templates)

    def _get_invoiced_card_ids(self, templates):
        """:return: ids of the cards that were invoiced before, by whatever company, or
        have gone through one of these templates for a purchase"""
        card_ids = self.partner_id.card_root_id.ids
        self.flush_model(["state", "partner_id", "move_type"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT partner.card_root_id
                  FROM account_move move
                  JOIN res_partner partner ON partner.id = move.partner_id
                 WHERE partner.card_root_id = ANY(%(card_ids)s)
                   AND move.move_type IN %(types)s
                   AND move.state = 'posted'
                   AND move.id != ALL(%(move_ids)s)
                """,
                card_ids=card_ids,
                types=SALE_TYPES,
                move_ids=self.ids,
            )
        )
        thanked = (
            self.env["customer.followup"]
            .sudo()
            ._read_group(
                [
                    ("partner_id", "in", card_ids),
                    ("template_id", "in", templates.ids),
                    ("origin", "in", ("won", "invoice")),
                ],
                ["partner_id"],
            )
        )
        return {card_id for (card_id,) in rows} | {card.id for (card,) in thanked}

    def _start_followups_in(self, company, templates):
        """:param company: of these first invoices, one of each customer"""
        invoice_of = {move.partner_id.card_root_id.id: move for move in self}
        cards = self.env["res.partner"].sudo().browse(invoice_of)
        chosen = templates.filtered(
            lambda template: template.company_id in (company, company.browse())
        )._get_first_for(cards)
        today = company._get_metrics_today()
        for template, fitting in cards.grouped(
            lambda card: chosen.get(card.id, templates.browse())
        ).items():
            since = fields.Date.subtract(today, days=template.invoice_max_age)
            recent = fitting.filtered(
                lambda card, since=since: invoice_of[card.id].invoice_date >= since
            )
            if template and recent:
                self.env["customer.followup"].with_company(company)._start_for(
                    recent, template, "invoice", invoice_of
                )
