from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import format_date

from ..models.customer_segment_change import DIMENSIONS
from ..report.customer_segment_migration import DATE_FROM, DATE_TO


class CustomerSegmentCompare(models.TransientModel):
    """Choose the two days between which the migration of customers is shown."""

    _name = "customer.segment.compare"
    _description = "Compare the Classes of Two Days"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    dimension = fields.Selection(
        DIMENSIONS, "What", required=True, default="abc", help="The kind of class."
    )
    date_from = fields.Date(
        "From", required=True, default=lambda self: self._default_from()
    )
    date_to = fields.Date(
        "To", required=True, default=lambda self: self.env.user._card_today()
    )
    segments_since = fields.Date(related="company_id.segments_since")

    @api.model
    def _default_from(self):
        since = self.env.company.segments_since
        before = self.env.user._card_today() - relativedelta(months=3)
        return max(before, since) if since else before

    def action_open(self):
        """:return: the action that shows the migration as a matrix, whose cells open
            their customers
        :raise UserError: when the days are in the wrong order, or nothing was recorded
            on the first one
        """
        self.ensure_one()
        # sudo: since when classes are recorded is no secret
        since = self.company_id.sudo().segments_since
        if not since or self.date_from < since:
            raise UserError(
                self.env._(
                    "%(company)s records classes since %(since)s. Choose a first day "
                    "from then on.",
                    company=self.company_id.name,
                    since=format_date(self.env, since)
                    or self.env._("the first computation, which has not run yet"),
                )
            )
        if self.date_from >= self.date_to:
            raise UserError(
                self.env._("The first day has to be before the second one.")
            )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_segmentation.customer_segment_migration_action"
        )
        action["context"] = {
            DATE_FROM: fields.Date.to_string(self.date_from),
            DATE_TO: fields.Date.to_string(self.date_to),
            f"search_default_{self.dimension}": 1,
        }
        action["domain"] = [("company_id", "=", self.company_id.id)]
        action["display_name"] = self.env._(
            "Migration %(date_from)s – %(date_to)s",
            date_from=format_date(self.env, self.date_from),
            date_to=format_date(self.env, self.date_to),
        )
        return action
