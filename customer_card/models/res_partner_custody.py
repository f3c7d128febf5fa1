from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from .res_partner_card import CARD_KEEPER_FIELDS


class ResPartner(models.Model):
    """Cards change hands by the thousand: keepers are written in sets."""

    _inherit = "res.partner"

    card_handover_count = fields.Integer(
        "Handovers", compute="_compute_card_handover_count", groups="base.group_user"
    )

    def _compute_card_handover_count(self):
        """How many handovers each card was part of, of those that this user sees."""
        Line = self.env["customer.card.handover.line"]
        counts = (
            dict(
                Line._read_group(
                    [("partner_id", "in", self.ids)], ["partner_id"], ["__count"]
                )
            )
            # who keeps no cards sees no handovers, and opens contacts all the same
            if Line.has_access("read")
            else {}
        )
        for partner in self:
            partner.card_handover_count = counts.get(partner._origin, 0)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def write(self, vals):
        if "tz" in vals and not self.env.su:
            self._check_time_zone_change(vals["tz"])
        return super().write(vals)

    def _check_time_zone_change(self, tz):
        """The days of a deputy are those of his custodian: whoever could move the
        custodian to another time zone would stretch them.

        :raise AccessError: when somebody else than the user himself or an
            administrator of users sets the time zone of an internal user
        """
        user = self.env.user
        if user._has_group("base.group_erp_manager"):
            return
        # sudo: which contacts are colleagues
        colleagues = self.sudo().filtered(
            lambda partner: (
                not partner.partner_share
                and partner != user.partner_id
                and (partner.tz or False) != (tz or False)
            )
        )
        if colleagues:
            raise AccessError(
                self.env._(
                    "%(users)s: the time zone of a user is set by himself, or by an "
                    "administrator.",
                    users=", ".join(colleagues.mapped("name")),
                )
            )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_card_handovers(self):
        """:return: the action that shows the handovers of these cards"""
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "customer_card.customer_card_handover_action"
        )
        # sudo: only which card a contact belongs to is read
        card_ids = self.sudo().card_root_id.ids
        return {
            **action,
            "domain": [("line_ids.partner_id", "in", card_ids)],
            "context": {},
        }

    @api.model
    def action_hand_over(self, partner_ids):
        """Begin a handover of selected cards.

        :param partner_ids: ids of contacts, of which those with a card count
        :return: the action that opens the new handover
        """
        Handover = self.env["customer.card.handover"]
        cards = self.browse(partner_ids).filtered("card_state")
        custodians = cards.card_custodian_id
        return Handover._get_new_action(
            {
                "default_kind": "transfer" if len(custodians) == 1 else "region",
                "default_custodian_id": custodians.id
                if len(custodians) == 1
                else False,
                "default_card_domain": str([("id", "in", cards.ids)]),
            }
        )

    # ------------------------------------------------------------
    # KEEPERS
    # ------------------------------------------------------------

    def _write_card_keepers(self, values, salesperson=False):
        """Give these cards and every contact below them other keepers, by one
        statement: a second one over the same contacts would cost as much again. The
        ledger is left to the caller, who has checked the user.

        :param values: ``{name of a keeper field: id or date or None}``
        :param salesperson: whether the new custodian becomes the salesperson where
            the old one was
        """
        unknown = values.keys() - set(CARD_KEEPER_FIELDS)
        if unknown:
            raise ValueError(f"Not a keeper of a card: {sorted(unknown)}")
        columns = [
            SQL("%s = %s", SQL.identifier(name), value)
            for name, value in values.items()
        ]
        if salesperson:
            columns.append(
                SQL(
                    "user_id = CASE WHEN user_id = card_custodian_id THEN %s "
                    "ELSE user_id END",
                    values["card_custodian_id"],
                )
            )
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                """
                UPDATE res_partner
                   SET %(values)s, write_uid = %(uid)s, write_date = %(now)s
                 WHERE card_root_id = ANY(%(ids)s)
             RETURNING id
                """,
                values=SQL(", ").join(columns),
                uid=self.env.uid,
                now=fields.Datetime.now(),
                ids=self.ids,
            )
        )
        self._forget_card_keepers()

    @api.model
    def _forget_card_keepers(self):
        """Keepers were written by SQL: forget what the caches say."""
        self.env["res.partner"].invalidate_model()
        self.env["customer.card.deputyship"].invalidate_model()
        # who stands in for whom is cached for the record rules
        self.env.registry.clear_cache()

    def _after_cards_handed_over(self, successor):
        """Hook: the cards of ``self`` have just passed to ``successor`` (res.users).
        Other addons move what is open on them. Called as superuser."""

    def _release_card_borrower(self, borrower):
        """Whoever no longer sees a card loses the messages that he received on it as
        well; what he wrote himself stays his."""
        result = super()._release_card_borrower(borrower)
        if self:
            self._withdraw_card_messages(borrower)
        return result

    def _withdraw_card_messages(self, user):
        """Take a user off the recipients of the messages on these cards and their
        contacts: a recipient reads a message whatever his rights on the document."""
        self.env["mail.message"].flush_model()
        self.env["mail.notification"].flush_model()
        messages = SQL(
            """
            SELECT message.id
              FROM mail_message message
              JOIN res_partner partner ON partner.id = message.res_id
             WHERE message.model = 'res.partner'
               AND partner.card_root_id = ANY(%s)
            """,
            self.ids,
        )
        for table in ("mail_notification", "mail_message_res_partner_rel"):
            self.env.cr.execute(
                SQL(
                    "DELETE FROM %s WHERE res_partner_id = %s "
                    "AND mail_message_id IN (%s)",
                    SQL.identifier(table),
                    user.partner_id.id,
                    messages,
                )
            )
        self.env["mail.notification"].invalidate_model()
        self.env["mail.message"].invalidate_model(
            ["notification_ids", "partner_ids", "notified_partner_ids"]
        )
