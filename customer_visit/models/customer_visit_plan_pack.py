from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class CustomerVisitPlan(models.Model):
    """The pack: the cards of the visits still to be made, on paper."""

    _inherit = "customer.visit.plan"

    pack_count = fields.Integer("Packs Printed", readonly=True, copy=False)
    can_print_pack = fields.Boolean(compute="_compute_can_print_pack")

    @api.depends_context("uid")
    @api.depends("state", "user_id")
    def _compute_can_print_pack(self):
        mine = self._approval_filter_mine()
        for plan in self:
            plan.can_print_pack = plan.state == "approved" and plan in mine

    def action_print_pack(self):
        """Print the pack of an approved plan.

        :return: the action that makes the PDF
        :raise AccessError, UserError: when it is not to be printed
        """
        self.ensure_one()
        self._get_pack_cards()
        report = self.env.ref("customer_visit.visit_pack_report")
        return report.report_action(self, config=False)

    def _get_pack_cards(self):
        """The cards of the visits that are still to be made, in their order, as far as
        the user takes them out: the visitor what he may open, his manager what he keeps.

        :return: res.partner, readable in this environment
        :raise AccessError: for anybody else
        :raise UserError: when the plan is not approved, or nothing is left to visit
        """
        self.ensure_one()
        self.check_access("read")
        user = self.env.user
        name = self._approval_names()
        if user != self.user_id and not (
            user._is_card_admin() or self.team_id.id in user._card_managed_team_ids()
        ):
            raise AccessError(
                self.env._(
                    "%(plan)s: the pack is printed by %(person)s and his managers.",
                    plan=name,
                    person=self.sudo().user_id.name,
                )
            )
        if self.state != "approved":
            raise UserError(
                self.env._(
                    "%(plan)s is not approved: the cards are taken out when it is.",
                    plan=name,
                )
            )
        visits = self._get_open_visits()[self.id]
        cards = self.env["res.partner"].browse(visits.partner_id.ids)
        if user == self.user_id:
            cards = cards._filtered_access("read")
        else:
            cards = cards._card_maintained_by(user)
        if not cards:
            raise UserError(
                self.env._(
                    "%(plan)s: there is no card to take out. Those of reported visits "
                    "are back, those that are lent can be printed from the Friday "
                    "before the week on.",
                    plan=name,
                )
            )
        return cards

    def _take_pack(self):
        """Record a print in the ledger of its cards, and count it.

        :return: the cards
        :raise AccessError, UserError: see ``_get_pack_cards``
        """
        cards = self._get_pack_cards()
        # sudo: whoever prints may not change the plan any more
        plan = self.sudo()._approval_through_door()
        plan.write({"pack_count": plan.pack_count + 1})
        sections = " · ".join(self._get_pack_sections().mapped("name"))
        self.env["customer.card.event"]._log_requests(
            "printed", [(self, cards, f"{self._approval_describe('')} · {sections}")]
        )
        return cards

    @api.model
    def _get_pack_sections(self):
        """:return: customer.card.section: what a pack shows"""
        return self.env["customer.card.section"].search([("in_visit_pack", "=", True)])
