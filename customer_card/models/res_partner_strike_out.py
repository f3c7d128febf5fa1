from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date


class ResPartner(models.Model):
    """Contacts and entries that are no longer true are struck out: they leave the card,
    and stay on record (P01)."""

    _inherit = "res.partner"

    card_struck_info = fields.Char(
        "Struck Out",
        compute="_compute_card_struck_info",
        compute_sudo=True,
        groups="base.group_user",
        help="When, by whom and why this contact was struck out of the card.",
    )
    contact_struck_count = fields.Integer(
        compute="_compute_card_struck_counts", groups="base.group_user"
    )
    relative_struck_count = fields.Integer(
        compute="_compute_card_struck_counts", groups="base.group_user"
    )
    competitor_struck_count = fields.Integer(
        compute="_compute_card_struck_counts", groups="base.group_user"
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends_context("uid", "lang", "tz")
    @api.depends("active", "card_root_id")
    def _compute_card_struck_info(self):
        """The last word of the ledger on an archived contact."""
        self.card_struck_info = False
        struck = self.filtered(
            lambda partner: (
                not partner.active and partner.card_root_id and not partner.card_state
            )
        )
        if not struck:
            return
        events = self.env["customer.card.event"].search(
            [
                ("partner_id", "in", struck.card_root_id.ids),
                ("kind", "=", "contact_struck_out"),
                ("res_model", "=", self._name),
                ("res_id", "in", struck.ids),
            ],
            order="date, id",
        )
        for event in events:
            partner = self.browse(event.res_id)
            partner.card_struck_info = self.env._(
                "%(date)s, %(user)s: %(reason)s",
                date=format_date(
                    self.env, fields.Datetime.context_timestamp(self, event.date)
                ),
                user=event.user_name,
                # the ledger of the card names the contact
                reason=event.description.removeprefix(f"{partner.name}: "),
            )

    @api.depends("child_ids", "relative_ids", "competitor_ids")
    def _compute_card_struck_counts(self):
        contacts = self._count_struck("res.partner", "parent_id")
        relatives = self._count_struck("customer.card.relative", "partner_id")
        competitors = self._count_struck("customer.card.competitor", "partner_id")
        for partner in self:
            partner.contact_struck_count = contacts.get(partner._origin.id, 0)
            partner.relative_struck_count = relatives.get(partner._origin.id, 0)
            partner.competitor_struck_count = competitors.get(partner._origin.id, 0)

    def _count_struck(self, model_name, name):
        """:return: ``{partner id: how many archived records point at it by the field
        name}``"""
        domain = Domain("active", "=", False) & Domain(name, "in", self._origin.ids)
        if model_name == self._name:
            domain &= Domain("card_root_id", "!=", False)
        groups = self.env[model_name]._read_group(domain, [name], ["__count"])
        return {partner.id: count for partner, count in groups}

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_card_strike_out(self):
        """Ask for the reason, then strike these contacts out of their card.

        :raise CardAccessError: for contacts of cards that the user does not keep
        """
        self._check_card_strikable()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Strike Out"),
            "res_model": "customer.card.strike.out",
            "view_mode": "form",
            "target": "new",
            "context": {"default_partner_ids": self.ids},
        }

    def action_card_restore(self):
        """These contacts belong to the card again.

        :raise CardAccessError: for contacts of cards that the user does not keep
        """
        struck = self.filtered(lambda partner: not partner.active)
        struck._check_card_strikable()
        struck.action_unarchive()
        struck._log_strike("contact_restored", "")
        return True

    def action_card_struck_contacts(self):
        """:return: the action that shows the contacts struck out of this card"""
        return self._get_struck_action(
            "customer_card.res_partner_action_struck", "parent_id"
        )

    def action_card_struck_relatives(self):
        """:return: the action that shows the relatives that were struck out"""
        return self._get_struck_action(
            "customer_card.customer_card_relative_action", "partner_id"
        )

    def action_card_struck_competitors(self):
        """:return: the action that shows the competitors that were struck out"""
        return self._get_struck_action(
            "customer_card.customer_card_competitor_action", "partner_id"
        )

    def _get_struck_action(self, xmlid, name):
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(xmlid)
        return {
            **action,
            "name": self.env._("Struck Out"),
            "display_name": self.env._("Struck Out"),
            "path": False,
            "domain": [(name, "=", self.id), ("active", "=", False)],
            "context": {"active_test": False, "create": False},
        }

    # ------------------------------------------------------------
    # STRIKING OUT
    # ------------------------------------------------------------

    def _card_strike_out(self, reason):
        """Archive these contacts of cards and enter the reason in their ledgers.

        :param reason: why, in the user's words
        :raise CardAccessError: for contacts of cards that the user does not keep
        :raise UserError: for a card itself, or a contact without card
        """
        self._check_card_strikable()
        struck = self.filtered("active")
        struck.action_archive()
        struck._log_strike("contact_struck_out", reason)

    def _log_strike(self, kind, reason):
        """Enter contacts struck out or restored in the ledgers of their cards."""
        body = (
            self.env._("Struck out: %(reason)s", reason=reason)
            if reason
            else self.env._("Restored")
        )
        self._message_log_batch(bodies=dict.fromkeys(self.ids, body))
        self.env["customer.card.event"]._log(
            self,
            kind,
            {
                partner.id: ": ".join(filter(None, (partner.name, reason)))
                for partner in self
            },
            document={partner.id: partner for partner in self},
        )

    def _check_card_strikable(self):
        """:raise CardAccessError: for contacts of cards that the user does not keep
        :raise UserError: for a card itself, or a contact without card"""
        # sudo: only whether there is a card is read; a contact without one is open
        plain = self.sudo().filtered(lambda partner: not partner.card_root_id)
        if plain:
            raise UserError(
                self.env._(
                    "%(partners)s: no contact of a customer card. Archive it instead.",
                    partners=plain._get_card_names(),
                )
            )
        self._check_card_maintained()
        if cards := self.filtered("card_state"):
            raise UserError(
                self.env._(
                    "%(cards)s: a card is closed by its manager, not struck out.",
                    cards=cards._get_card_names(),
                )
            )
