from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

# Written by striking out and restoring alone.
STRUCK_FIELDS = ("struck_date", "struck_by_id")
# Of changes that many, an entry of the ledger names the first ones.
NAMED_LINES = 5


class CustomerCardLineMixin(models.AbstractModel):
    """A part of a card that has several entries: relatives, competitors, contracts …

    A line hangs on the customer or on one of his contacts. Whoever may read that
    contact reads the line, whoever keeps the card edits it (see the record rules);
    what is no longer true is struck out and stays on record. Every change is entered
    in the ledger of the card, and so is the reading of a borrower.
    """

    _name = "customer.card.line.mixin"
    _description = "Part of a Customer Card"
    _inherit = ["customer.card.read.log.mixin", "customer.card.gate.mixin"]
    # an x2many command inside a privileged write runs with the client's own rights
    _allow_sudo_commands = False
    # whom a refusal must not name
    _card_customer_field = "partner_id"

    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, index=True, ondelete="cascade"
    )
    card_root_id = fields.Many2one(
        related="partner_id.card_root_id",
        string="Customer Card",
        store=True,
        index="btree_not_null",
    )
    custodian_id = fields.Many2one(related="partner_id.card_custodian_id")
    team_id = fields.Many2one(related="partner_id.card_team_id")
    can_edit = fields.Boolean("I May Edit This", compute="_compute_can_edit")
    active = fields.Boolean(default=True)
    struck_date = fields.Date("Struck Out On", readonly=True, copy=False)
    struck_by_id = fields.Many2one(
        "res.users", "Struck Out By", readonly=True, copy=False, ondelete="set null"
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends_context("uid")
    @api.depends("partner_id")
    def _compute_can_edit(self):
        """Whether the rules and rights let the user change the entry."""
        allowed = set(self._origin._filtered_access("write").ids)
        for line in self:
            line.can_edit = not line._origin or line._origin.id in allowed

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(
            [
                {
                    **self._without_struck_values(vals),
                    **(
                        {}
                        if vals.get("active", True)
                        else self._get_struck_values(False)
                    ),
                }
                for vals in vals_list
            ]
        )
        lines._log_line_changes(
            lambda line: self.env._(
                "%(part)s: %(name)s added",
                part=self._get_part_label(),
                name=line.display_name,
            )
        )
        return lines

    def write(self, vals):
        vals = self._without_struck_values(vals)
        if "partner_id" in vals:
            self._check_line_stays(vals["partner_id"])
        changed = self._get_changed_labels(vals)
        turned = self.browse(
            line.id
            for line in self
            if "active" in vals and line.active != bool(vals["active"])
        )
        result = super().write(vals)
        if turned:
            super(CustomerCardLineMixin, turned).write(
                self._get_struck_values(vals["active"])
            )
        self.browse(changed)._log_line_changes(
            lambda line: self.env._(
                "%(part)s: %(name)s – %(fields)s",
                part=self._get_part_label(),
                name=line.display_name,
                fields=", ".join(changed[line.id]),
            )
        )
        turned._log_line_changes(
            lambda line: (
                self.env._(
                    "%(part)s: %(name)s restored",
                    part=self._get_part_label(),
                    name=line.display_name,
                )
                if line.active
                else self.env._(
                    "%(part)s: %(name)s struck out",
                    part=self._get_part_label(),
                    name=line.display_name,
                )
            )
        )
        return result

    def unlink(self):
        # whether they may be deleted is checked before anything is told
        self.check_access("unlink")
        self._log_line_changes(
            lambda line: self.env._(
                "%(part)s: %(name)s deleted",
                part=self._get_part_label(),
                name=line.display_name,
            )
        )
        return super().unlink()

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_strike_out(self):
        """No longer true: the lines leave the card and stay on record.

        :raise AccessError: for lines of a card that the user does not keep
        """
        self.write({"active": False})
        return True

    def action_restore(self):
        """True again after all.

        :raise AccessError: for lines of a card that the user does not keep
        """
        self.write({"active": True})
        return True

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _check_line_stays(self, partner_id):
        """:raise UserError: when a line would move to another customer: the rules
        check before a write, not after"""
        if not self.env.su and set(self.partner_id.ids) - {partner_id}:
            raise UserError(
                self.env._(
                    "%(lines)s: an entry stays with its customer. Add a new one to the "
                    "other customer instead.",
                    lines=", ".join(self.mapped("display_name")),
                )
            )

    @api.model
    def _without_struck_values(self, vals):
        """:return: ``vals`` without what a client says about who struck out, and
        when"""
        return {name: vals[name] for name in vals if name not in STRUCK_FIELDS}

    @api.model
    def _get_struck_values(self, active):
        if active:
            return {"struck_date": False, "struck_by_id": False}
        return {
            "struck_date": self.env.user._card_today(),
            "struck_by_id": self.env.uid,
        }

    def _get_changed_labels(self, vals):
        """:return: ``{line id: labels of the fields that vals changes}``"""
        names = [
            name
            for name in vals
            if name in self._fields and name not in ("active", "sequence")
        ]
        changed = {}
        for line in self:
            labels = [
                self._fields[name]._description_string(self.env)
                for name in names
                if line._is_new_value(self._fields[name], vals[name])
            ]
            if labels:
                changed[line.id] = labels
        return changed

    def _is_new_value(self, field, value):
        """:param value: as ``write`` takes it: a client sends a date as text
        :return: whether it differs from the present value of the field"""
        present = field.convert_to_cache(self[field.name], self)
        return field.convert_to_cache(value, self) != present

    @api.model
    def _get_part_label(self):
        """:return: what these lines are, in the user's language"""
        # sudo: the name of a model is no secret
        return self.env["ir.model"].sudo()._get(self._name).name

    def _log_line_changes(self, describe):
        """Enter in the ledger what happened to these lines, one entry a card.

        :param describe: function from a line to a short text
        """
        texts = {}
        for line in self:
            texts.setdefault(line.partner_id.id, []).append(describe(line))
        self.env["res.partner"]._log_card_changes(
            {
                partner_id: "; ".join(
                    [
                        *lines[:NAMED_LINES],
                        *(
                            [self.env._("%(count)s more", count=more)]
                            if (more := len(lines) - NAMED_LINES) > 0
                            else []
                        ),
                    ]
                )
                for partner_id, lines in texts.items()
            }
        )

    @api.model
    def _get_line_models(self):
        """:return: names of the models whose records are parts of a card"""
        return [
            name
            for name in sorted(self.env.registry.descendants([self._name], "_inherit"))
            if not self.env[name]._abstract
        ]

    @api.model
    def _update_line_roots(self, card_ids):
        """Give the lines of cards that were opened or merged by SQL their card.

        :param card_ids: ids of the partners that are the cards
        """
        for name in self.env["customer.card.line.mixin"]._get_line_models():
            Line = self.env[name]
            Line.flush_model(["partner_id", "card_root_id"])
            self.env.execute_query(
                SQL(
                    """
                    UPDATE %(table)s line
                       SET card_root_id = partner.card_root_id
                      FROM res_partner partner
                     WHERE partner.id = line.partner_id
                       AND partner.card_root_id = ANY(%(card_ids)s)
                       AND line.card_root_id IS DISTINCT FROM partner.card_root_id
                 RETURNING line.id
                    """,
                    table=SQL.identifier(Line._table),
                    card_ids=list(card_ids),
                )
            )
            Line.invalidate_model(["card_root_id"])
