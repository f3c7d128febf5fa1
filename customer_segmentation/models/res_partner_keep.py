from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.customer_card.models.res_partner_supply_todo import DUTY_FIELDS

from .customer_defection import OPEN_STATES, STATES


class ResPartner(models.Model):
    """Defections, and what to offer next, on the card."""

    _inherit = "res.partner"

    defection_ids = fields.One2many(
        "customer.defection", "partner_id", "Defections", groups="base.group_user"
    )
    defection_state = fields.Selection(
        STATES,
        "Defection",
        compute="_compute_defection_state",
        groups="base.group_user",
        help="Of the open one in the current company.",
    )
    next_purchase_date = fields.Date(
        "Next Purchase Expected",
        compute="_compute_segments",
        search="_search_next_purchase_date",
        groups="base.group_user",
        help="The last purchase plus the median of the days between his purchases.",
    )
    next_sale_ids = fields.One2many(
        "customer.next.sale",
        "partner_id",
        "Products to Offer",
        domain=[("state", "!=", "dismissed")],
        groups="base.group_user",
    )

    @api.depends_context("company", "uid")
    @api.depends("defection_ids.state")
    def _compute_defection_state(self):
        found = self._get_open_defections()
        state_of = {one.partner_id.id: one.state for one in found}
        for partner in self:
            partner.defection_state = state_of.get(partner._origin.id, False)

    @api.model
    def _get_segment_fields(self):
        return {
            **super()._get_segment_fields(),
            "next_purchase_date": "next_purchase_date",
        }

    def _search_next_purchase_date(self, operator, value):
        if operator in ("in", "not in"):
            return NotImplemented
        company = fields.Domain("company_id", "=", self.env.company.id)
        return fields.Domain(
            "metrics_ids",
            "any",
            company & fields.Domain("next_purchase_date", operator, value),
        )

    def _get_open_defections(self):
        """:return: the open defections of these customers in the current company"""
        return self.env["customer.defection"].search(
            [
                ("partner_id", "in", self._origin.ids),
                ("company_id", "=", self.env.company.id),
                ("state", "in", OPEN_STATES),
            ]
        )

    def action_open_defection(self):
        """:return: the action that shows the open defection of this card in the current
            company, or a new one to be filled in
        :raise AccessError: for a card that the user does not see
        """
        self.ensure_one()
        self.check_access("read")
        card = self.card_root_id or self
        found = card._get_open_defections()[:1]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Defection"),
            "res_model": "customer.defection",
            "res_id": found.id,
            "views": [(False, "form")],
            "context": {"default_partner_id": card.id},
        }

    def _write_card_fields(self, vals):
        result = super()._write_card_fields(vals)
        if vals.get("card_state") == "closed":
            self._dismiss_suggestions()
        elif DUTY_FIELDS & vals.keys():
            self._reassign_defections()
        return result

    def _get_card_open_queries(self, user):
        return [
            *super()._get_card_open_queries(user),
            (
                "defection",
                self.env._("Open Defections"),
                SQL(
                    """
                    SELECT defection.partner_id, COUNT(*), SUM(defection.amount),
                           MIN(company.currency_id)
                      FROM customer_defection defection
                      JOIN res_company company ON company.id = defection.company_id
                     WHERE defection.partner_id = ANY(%s)
                       AND defection.state = ANY(%s)
                       AND %s
                  GROUP BY defection.partner_id, company.currency_id
                    """,
                    self.ids,
                    list(OPEN_STATES),
                    SQL("defection.user_id = %s", user.id) if user else SQL("TRUE"),
                ),
            ),
        ]

    def _release_card_borrower(self, borrower):
        """The loan has ended: what is said about the defections of these cards is no
        longer for him."""
        result = super()._release_card_borrower(borrower)
        # sudo: whoever ends a loan has no rights on the borrower's affairs
        defections = (
            self.env["customer.defection"]
            .sudo()
            .search([("card_root_id", "in", self.ids)])
        )
        if defections:
            defections.message_unsubscribe(borrower.partner_id.ids)
        return result

    def _reassign_defections(self):
        """Whoever looks after the card now decides on what was suggested, and wins back
        for those who do not keep the card any more."""
        # sudo: defections and their to-dos pass on, whoever changes the keepers
        found = (
            self.env["customer.defection"]
            .sudo()
            .search([("card_root_id", "in", self.ids), ("state", "in", OPEN_STATES)])
        )
        duty = found.partner_id._get_card_duty_users()
        moved = found.filtered(
            lambda one: (
                duty[one.partner_id.id] not in (one.user_id, self.env["res.users"])
                and (
                    one.state == "suggested"
                    or not one.partner_id._card_maintained_by(one.user_id)
                )
            )
        )
        for (former, user), mine in moved.grouped(
            lambda one: (one.user_id, duty[one.partner_id.id])
        ).items():
            mine._pass_on(former, user)

    def _dismiss_suggestions(self):
        """Nobody works on a closed card: what was only suggested there is done with."""
        # sudo: whoever closes a card does so for all companies
        suggested = (
            self.env["customer.defection"]
            .sudo()
            .search([("card_root_id", "in", self.ids), ("state", "=", "suggested")])
        )
        if suggested:
            suggested._close_defections("dismissed", self.env._("Card closed"))
