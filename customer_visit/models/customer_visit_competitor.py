from odoo import api, fields, models
from odoo.exceptions import UserError

# what is told about a brand, here and on the card
CARD_FIELDS = ("product_id", "price", "currency_id", "spend_share", "attitude", "note")


class CustomerVisitCompetitor(models.Model):
    """A competing brand that the visitor saw, or heard of. With the report it goes onto
    the card; from somebody who does not keep the card, as a proposal."""

    _name = "customer.visit.competitor"
    _description = "Competitor Seen"
    _inherit = ["customer.card.read.log.mixin", "customer.card.gate.mixin"]
    _order = "visit_id, id"
    _rec_name = "brand"
    # an x2many command inside a privileged write runs with the client's own rights
    _allow_sudo_commands = False
    # what was seen is part of the visits on a card
    _card_gate_partner = "visit_id.partner_id"
    _card_gate_names = frozenset({"visit_ids"})

    visit_id = fields.Many2one(
        "customer.visit", required=True, index=True, ondelete="cascade"
    )
    card_root_id = fields.Many2one(
        related="visit_id.card_root_id",
        string="Customer Card",
        store=True,
        index="btree_not_null",
    )
    brand = fields.Char(required=True)
    product_id = fields.Many2one(
        "customer.card.product", index="btree_not_null", ondelete="restrict"
    )
    price = fields.Monetary(aggregator="avg")
    currency_id = fields.Many2one(
        "res.currency", required=True, default=lambda self: self.env.company.currency_id
    )
    spend_share = fields.Float("Share of Spend (%)", digits=(16, 1), aggregator="avg")
    attitude = fields.Selection(
        lambda self: (
            self.env["customer.card.competitor"]
            ._fields["attitude"]
            ._description_selection(self.env)
        ),
        help="What the customer thinks of the brand.",
    )
    note = fields.Char()
    outcome = fields.Selection(
        [
            ("added", "Added to the Card"),
            ("updated", "Updated on the Card"),
            ("proposed", "Proposed to the Custodian"),
        ],
        "On the Card",
        readonly=True,
        copy=False,
    )

    _price_positive = models.Constraint(
        "CHECK(price >= 0)", "The price of a competing brand cannot be negative."
    )
    _spend_share_range = models.Constraint(
        "CHECK(spend_share >= 0 AND spend_share <= 100)",
        "The share of a competing brand lies between 0 and 100 %.",
    )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(
            [{**vals, "outcome": vals.get("outcome") and False} for vals in vals_list]
        )
        lines._check_lines_mine()
        return lines

    def write(self, vals):
        self._check_lines_mine()
        if not self.env.su:
            vals = {name: value for name, value in vals.items() if name != "outcome"}
        result = super().write(vals)
        if "visit_id" in vals:
            self._check_lines_mine()
        return result

    def unlink(self):
        self._check_lines_mine()
        return super().unlink()

    def _check_lines_mine(self):
        """What was seen is part of the report.

        :raise AccessError, UserError: see ``customer.visit._check_written_values``
        """
        if not self.env.su:
            self.visit_id._check_written_values({"report": True})

    # ------------------------------------------------------------
    # ON THE CARD
    # ------------------------------------------------------------

    def _put_on_cards(self):
        """Enter the brands on the cards: whoever keeps the card writes its lines, for
        everybody else his proposal is submitted."""
        for visit, lines in (
            self.filtered(lambda x: not x.outcome).grouped("visit_id").items()
        ):
            # sudo: the visit may be no longer the reporter's
            reporter = visit.env.user
            if reporter._is_superuser():
                reporter = visit.sudo().user_id
            # sudo: which card it is; its lines are written with the reporter's rights
            card = visit.sudo().partner_id.sudo(False).with_user(reporter)
            if card._card_maintained_by(reporter):
                lines._write_card_lines(card)
            elif card._filtered_access("read"):
                lines._propose_card_lines(card)

    def _get_card_values(self, visit):
        return {
            **{
                name: self[name].id if self._fields[name].relational else self[name]
                for name in CARD_FIELDS
                if self[name]
            },
            "as_of_date": visit.visit_date,
        }

    def _write_card_lines(self, card):
        """A brand that stands on the card already is brought up to date."""
        Line = card.env["customer.card.competitor"]
        known = Line.search([("card_root_id", "=", card.card_root_id.id)])
        for line in self:
            present = known.filtered(
                lambda one, line=line: (
                    one.brand.strip().casefold() == line.brand.strip().casefold()
                    and (not line.product_id or one.product_id == line.product_id)
                )
            )[:1]
            values = line._get_card_values(line.visit_id)
            if present:
                present.write(values)
            else:
                known |= Line.create(
                    {"partner_id": card.id, "brand": line.brand, **values}
                )
            # sudo: what became of it is the system's to say
            line.sudo().outcome = "updated" if present else "added"

    def _propose_card_lines(self, card):
        Change = card.env["customer.card.change"]
        action = Change.propose(
            card.id,
            {
                "competitor_ids": [
                    fields.Command.create(
                        {"brand": line.brand, **line._get_card_values(line.visit_id)}
                    )
                    for line in self
                ]
            },
        )
        try:
            with self.env.cr.savepoint():
                Change.browse(action["res_id"]).action_submit()
        except UserError as error:
            # nobody decides on this card: the draft waits, the report is handed in
            self.visit_id._message_log(body=str(error))
        # sudo: what became of it is the system's to say
        self.sudo().outcome = "proposed"
