from odoo import api, fields, models
from odoo.tools.sql import column_exists, create_column


class ResPartner(models.Model):
    """What a customer is supplied with, and when he needs more."""

    _inherit = "res.partner"

    card_contract_ids = fields.One2many(
        "customer.card.contract",
        "partner_id",
        "Supply Contracts",
        groups="base.group_user",
    )
    card_contract_count = fields.Integer(
        "Number of Supply Contracts",
        compute="_compute_card_contract_count",
        groups="base.group_user",
    )
    consumption_ids = fields.One2many(
        "customer.card.consumption",
        "partner_id",
        groups="base.group_user",
    )
    card_consumption_ids = fields.One2many(
        "customer.card.consumption",
        "card_root_id",
        "Consumption on the Whole Card",
        groups="base.group_user",
    )
    card_next_need_date = fields.Date(
        "Next Need",
        compute="_compute_card_next_need_date",
        compute_sudo=True,
        store=True,
        copy=False,
        index="btree_not_null",
        groups="base.group_user",
        help="The first day on which this customer, or one of his contacts, is expected "
        "to need something again.",
    )

    def _auto_init(self):
        """Add the column empty: at installation nobody consumes anything, and
        computing that for a million contacts would take hours."""
        if not column_exists(self.env.cr, self._table, "card_next_need_date"):
            create_column(self.env.cr, self._table, "card_next_need_date", "date")
        return super()._auto_init()

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends(
        "card_state",
        "card_consumption_ids.next_need_date",
        "card_consumption_ids.active",
        "card_consumption_ids.partner_id.active",
    )
    def _compute_card_next_need_date(self):
        """Of a closed card nobody expects anything, nor of an archived contact."""
        needs = dict(
            self.env["customer.card.consumption"]._read_group(
                [("card_root_id", "in", self.ids), ("partner_id.active", "=", True)],
                ["card_root_id"],
                ["next_need_date:min"],
            )
        )
        for partner in self:
            partner.card_next_need_date = partner.card_state != "closed" and needs.get(
                partner._origin
            )

    @api.depends_context("uid")
    @api.depends("card_contract_ids")
    def _compute_card_contract_count(self):
        """Those of the whole card, of a contact without card his own."""
        counts = {}
        Contract = self.env["customer.card.contract"]
        for name in ("card_root_id", "partner_id"):
            counts[name] = {
                partner.id: count
                for partner, count in Contract._read_group(
                    [(name, "in", self.ids)], [name], ["__count"]
                )
            }
        for partner in self:
            name = "card_root_id" if partner.card_state else "partner_id"
            partner.card_contract_count = counts[name].get(partner._origin.id, 0)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_card_contracts(self):
        """:return: the action that shows the supply contracts of this customer"""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "customer_card.customer_card_contract_action"
        )
        return {
            **action,
            "domain": [
                "|",
                ("partner_id", "in", self.ids),
                ("card_root_id", "in", self.ids),
            ],
            "context": {"default_partner_id": self[:1].id},
        }

    # ------------------------------------------------------------
    # WHAT SQL DID
    # ------------------------------------------------------------

    def _after_cards_opened(self):
        result = super()._after_cards_opened()
        self._refresh_next_needs()
        return result

    def _refresh_next_needs(self):
        """Cards of ``self`` were opened or merged by SQL, and lines have come to them:
        compute their next need anew."""
        # sudo: which of these cards have lines at all; nothing is shown
        lines = self.env["customer.card.consumption"].sudo()
        needing = self.browse(
            lines._read_group(
                [("card_root_id", "in", self.ids)], [], ["card_root_id:recordset"]
            )[0][0].ids
        )
        self.env.add_to_compute(self._fields["card_next_need_date"], needing)
