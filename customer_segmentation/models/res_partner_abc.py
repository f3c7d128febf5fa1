from odoo import api, fields, models


class ResPartner(models.Model):
    """The ABC class on the card: why it is what it is, and what it was before."""

    _inherit = "res.partner"

    abc_explanation = fields.Html(
        "Why This Class",
        compute="_compute_abc_explanation",
        sanitize=False,
        groups="base.group_user",
    )

    @api.depends_context("company", "uid", "lang")
    def _compute_abc_explanation(self):
        rows = self.env["customer.metrics"].search_fetch(
            [("partner_id", "in", self.ids), ("company_id", "=", self.env.company.id)],
            ["partner_id"],
        )
        row_of = {row.partner_id.id: row for row in rows}
        empty = self.env["customer.metrics"]
        for partner in self:
            row = row_of.get(partner._origin.id, empty)
            partner.abc_explanation = row.abc_explanation

    def action_class_changes(self):
        """:return: the action that shows how the classes of this customer changed;
        whoever does not see the card sees no change"""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_segmentation.customer_segment_change_action"
        )
        action["domain"] = [("partner_id", "=", self.id)]
        action["context"] = {"of_one_customer": True}
        action["view_mode"] = "list,form"
        action["views"] = [(False, "list"), (False, "form")]
        return action
