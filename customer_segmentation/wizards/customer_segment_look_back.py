from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools.misc import format_date


class CustomerSegmentLookBack(models.TransientModel):
    """Choose a past day whose classes are shown, as recorded and as computed anew."""

    _name = "customer.segment.look.back"
    _description = "Classes of a Past Day"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    date = fields.Date(
        "As Of",
        required=True,
        default=lambda self: self.env.user._card_today() - relativedelta(months=3),
        help="The last day whose documents count.",
    )
    segments_since = fields.Date(related="company_id.segments_since")

    def action_open(self):
        """Compute the classes of that day, beside what was recorded, and show them.

        :raise AccessError: unless the user manages cards or works in the back office,
            and in the company
        :raise UserError: for a day to come
        """
        self.ensure_one()
        user = self.env.user
        if (
            not (
                self.env.su
                or user._has_group("customer_card.customer_card_group_manager")
                or user._is_card_reader()
            )
            or self.company_id not in user.company_ids
        ):
            raise AccessError(
                self.env._(
                    "The classes of a past day are computed by managers of customer "
                    "cards, for companies that they work in."
                )
            )
        if self.date > self.company_id.sudo()._get_metrics_today():
            raise UserError(
                self.env._(
                    "%(date)s is a day to come. Choose a past day.",
                    date=format_date(self.env, self.date),
                )
            )
        self.env["customer.segment.snapshot"]._make(self.company_id, self.date)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_segmentation.customer_segment_snapshot_action"
        )
        action["domain"] = [("company_id", "=", self.company_id.id)]
        action["display_name"] = self.env._(
            "Classes as of %(date)s", date=format_date(self.env, self.date)
        )
        return action
