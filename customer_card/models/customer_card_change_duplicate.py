from odoo import api, fields, models


class CustomerCardChange(models.Model):
    """A reported customer may have a card already. Whoever decides sees it; whoever
    reported learns nothing, whatever he typed."""

    _inherit = "customer.card.change"

    duplicate_ids = fields.Many2many(
        "res.partner", string="Similar Customers", compute="_compute_duplicates"
    )
    duplicate_reason = fields.Char("Similar Because Of", compute="_compute_duplicates")
    duplicate_elsewhere = fields.Char(
        "Similar Card Elsewhere",
        compute="_compute_duplicates",
        help="The managers of similar cards that you may not open.",
    )

    @api.depends_context("uid")
    @api.depends("state", "line_ids")
    def _compute_duplicates(self):
        """One comparison for all reports that wait for this user."""
        self.duplicate_ids = False
        self.duplicate_reason = self.duplicate_elsewhere = False
        reports = self.filtered(lambda change: change.kind == "new").filtered(
            "can_decide"
        )
        if not reports:
            return
        Partner = self.env["res.partner"]
        resemblances = Partner._get_card_resemblances(
            [report._get_reported_values() for report in reports]
        )
        visible, hidden = Partner._split_hidden_cards(resemblances)
        for report, found in zip(reports, resemblances, strict=True):
            elsewhere = hidden.filtered(lambda card, found=found: card.id in found)
            report.duplicate_ids = visible.filtered(
                lambda card, found=found: card.id in found
            )
            report.duplicate_reason = Partner._describe_resemblance(
                set().union(*found.values())
            )
            # not which cards: whom to ask
            managers = elsewhere._get_card_managers()
            report.duplicate_elsewhere = bool(elsewhere) and (
                ", ".join(managers.mapped("name"))
                or self.env._("an administrator of Customer Cards")
            )

    def _get_reported_values(self):
        """:return: what is compared of a reported customer, as ``{field: value}``"""
        self.ensure_one()
        # sudo: the values are out of every client's reach
        return {
            line.field_name: line.new_value
            for line in self.sudo().line_ids
            if line.operation == "set"
            and not line.part_model
            and line.decision != "reject"
        }
