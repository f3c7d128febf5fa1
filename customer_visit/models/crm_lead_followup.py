from collections import defaultdict

from odoo import api, models


class CrmLead(models.Model):
    """A won opportunity starts the follow-up of its customer."""

    _inherit = "crm.lead"

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        leads._start_followups()
        return leads

    def write(self, vals):
        if not {"stage_id", "active", "probability"} & vals.keys():
            # to look at the outcome before each write would compute it each time
            return super().write(vals)
        pending = self.filtered(lambda lead: lead.won_status != "won")
        result = super().write(vals)
        pending._start_followups()
        return result

    def _start_followups(self):
        """Follow up the customers of those opportunities that are won: each card once
        for an opportunity, by the first template that fits."""
        # sudo: whose card the customer has, whatever the salesperson sees
        won = self.sudo().filtered(
            lambda lead: lead.won_status == "won" and lead.partner_id.card_root_id
        )
        if not won:
            return
        # sudo: which templates there are; each starts for its own company only
        templates = (
            self.env["customer.followup.template"]
            .sudo()
            .search([("starts_on_won", "=", True)])
        )
        if not templates:
            return
        # a card may win us several at a time: one after the other
        rounds = defaultdict(dict)
        for (card, company), leads in won.grouped(
            lambda lead: (
                lead.partner_id.card_root_id,
                lead.company_id or self.env.company,
            )
        ).items():
            for number, lead in enumerate(leads.sorted("id")):
                rounds[company, number][card.id] = lead
        for (company, _number), leads in rounds.items():
            self._start_followups_in(company, leads, templates)

    @api.model
    def _start_followups_in(self, company, leads, templates):
        """:param leads: ``{card id: crm.lead}``, won in ``company``"""
        cards = self.env["res.partner"].sudo().browse(leads)
        chosen = templates.filtered(
            lambda template: template.company_id in (company, company.browse())
        )._get_first_for(cards)
        for template, fitting in cards.grouped(
            lambda card: chosen.get(card.id, templates.browse())
        ).items():
            if template:
                self.env["customer.followup"].with_company(company)._start_for(
                    fitting, template, "won", leads
                )
