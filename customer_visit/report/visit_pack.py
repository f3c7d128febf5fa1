from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date, format_datetime, format_time


class VisitPack(models.AbstractModel):
    """The pack of an approved weekly plan: what is to be visited when, and the cards,
    with the sections that the company has chosen for visits."""

    _name = "report.customer_visit.visit_pack"
    _description = "Visit Pack"
    _inherit = ["report.customer_card.card_print"]

    @api.model
    def _get_report_values(self, docids, data=None):
        """Check the plan and enter the print in the ledger: whatever the format, this is
        the only way to the data. What the client sends is not looked at.

        :param docids: the id of one plan
        :raise AccessError, UserError: when it is not to be printed
        """
        self._check_internal_user()
        plan = self.env["customer.visit.plan"].browse(self._parse_ids(docids)).exists()
        if len(plan) != 1:
            raise UserError(self.env._("Print the pack of one weekly plan at a time."))
        if not self.env["ir.actions.report"]._is_stamped():
            raise AccessError(
                self.env._(
                    "%(plan)s: the pack is printed as a PDF with a watermark. Use the "
                    "button Print the Pack.",
                    plan=plan._approval_names(),
                )
            )
        cards = plan._take_pack()
        return {
            **self._get_document(cards, plan._get_pack_sections()),
            "plan": plan,
            "days": self._get_days(plan, cards),
        }

    @api.model
    def _get_sections_data(self, cards, sections):
        """Of cards that the user has borrowed only what may be lent."""
        kept = cards._card_maintained_by(self.env.user).with_env(cards.env)
        own = sections.filtered(lambda section: not section.may_be_lent)
        return {
            **super()._get_sections_data(cards, sections - own),
            **super()._get_sections_data(kept, own),
        }

    @api.model
    def _get_days(self, plan, cards):
        """:return: the list of visits on the first page, ``[(day, [row, …]), …]``"""
        days = {}
        # the plain names are the person's to know; of the cards what he may open
        tz = plan.user_id.tz or "UTC"
        for visit in plan._get_open_visits()[plan.id]:
            shown = visit.partner_id.id in cards.ids
            card = visit.partner_id
            days.setdefault(visit.visit_date, []).append(
                {
                    "time": format_time(
                        self.env, visit.date_planned, tz=tz, time_format="short"
                    ),
                    "customer": card.name,
                    "number": card.card_number if shown else "",
                    "city": card.city if shown else "",
                    "phone": card.phone if shown else "",
                    "method": self._format_value(visit, "method"),
                    "purpose": visit.purpose_id.name or "",
                }
            )
        return [
            (format_date(self.env, day, date_format="EEEE d MMMM"), days[day])
            for day in sorted(days)
        ]

    @api.model
    def _get_watermark(self, plan):
        """:return: what stands across every page: who printed it, when, which plan"""
        now = format_datetime(
            self.env, fields.Datetime.now(), tz=self.env.user.tz or "UTC"
        )
        parts = [self.env.user.name, now, f"{plan.date_start} – {plan.date_end}"]
        if plan.user_id != self.env.user:
            parts.insert(2, plan.user_id.name)
        return " · ".join(parts)
