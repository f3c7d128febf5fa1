from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from .. import matching

# So many groups are shown; whoever has merged them asks again.
MOST_GROUPS = 500


class CustomerCardDuplicate(models.TransientModel):
    """One of several cards, or contacts, that may be the same customer. The list is
    made when it is opened, of what its reader manages."""

    _name = "customer.card.duplicate"
    _description = "Possible Duplicate"
    _inherit = ["customer.card.gate.mixin"]
    _order = "kind, value, is_card DESC, id"
    _card_gate_path = "partner_id"
    _card_gate_names = frozenset({"city", "email", "phone", "vat"})

    kind = fields.Selection(
        [
            ("vat", "Same Tax ID"),
            ("email", "Same E-mail"),
            ("phone", "Same Phone Number"),
            ("name", "Like Name"),
        ],
        "Same",
        readonly=True,
    )
    value = fields.Char("In Common", readonly=True)
    partner_id = fields.Many2one(
        "res.partner", "Customer", readonly=True, ondelete="cascade"
    )
    is_card = fields.Boolean("Has a Card", readonly=True)
    card_number = fields.Char(related="partner_id.card_number")
    card_state = fields.Selection(related="partner_id.card_state")
    card_custodian_id = fields.Many2one(related="partner_id.card_custodian_id")
    city = fields.Char(related="partner_id.city")
    email = fields.Char(related="partner_id.email")
    phone = fields.Char(related="partner_id.phone")

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    @api.model
    def action_find(self):
        """Look for duplicates among the cards that the user manages, and between them
        and contacts without a card.

        :return: the action that shows them
        :raise AccessError: for whoever manages no cards
        """
        user = self.env.user
        if not (user._is_card_admin() or user._card_managed_team_ids()):
            raise AccessError(
                self.env._(
                    "Duplicates are merged by the manager of the department. Ask him, "
                    "or an administrator of Customer Cards."
                )
            )
        # sudo: nobody puts a customer on the list but this method: what the list shows
        # of him is read past the rights of its reader. First his own of the last time.
        self.sudo().search([("create_uid", "=", user.id)]).unlink()
        self.sudo().create(self._find_duplicates())
        return self.env["ir.actions.actions"]._for_xml_id(
            "customer_card.customer_card_duplicate_action"
        )

    def action_merge(self):
        """:return: Odoo's merge wizard with all that share this value; it checks who
        may merge cards"""
        self.ensure_one()
        same = self.search([("kind", "=", self.kind), ("value", "=", self.value)])
        action = self.env["ir.actions.actions"]._for_xml_id("base.action_partner_merge")
        # Odoo proposes the first one as the contact that remains: a card, if any
        partners = same.sorted("is_card", reverse=True).partner_id
        context = {"active_model": "res.partner", "active_ids": partners.ids}
        return {**action, "context": context}

    def action_open(self):
        """:return: the action that opens the customer"""
        self.ensure_one()
        return self.partner_id.get_formview_action()

    # ------------------------------------------------------------
    # LOOKING
    # ------------------------------------------------------------

    @api.model
    def _find_duplicates(self):
        """:return: values of this model, a row for each member of a group"""
        # sudo: what the query reads
        self.env["res.partner"].sudo().flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                WITH partner AS MATERIALIZED (%(partners)s),
                     keyed AS (
                    SELECT id, is_card, 'vat' AS kind, vat_key AS value FROM partner
                 UNION ALL
                    SELECT id, is_card, 'email', email_normalized FROM partner
                 UNION ALL
                    SELECT id, is_card, 'phone', phone_sanitized FROM partner
                 UNION ALL
                    SELECT id, is_card, 'name', name_key FROM partner
                ), grouped AS (
                    SELECT kind, value, ARRAY_AGG(id ORDER BY is_card DESC, id) AS ids
                      FROM keyed
                     WHERE value > ''
                  GROUP BY kind, value
                    HAVING COUNT(*) > 1 AND BOOL_OR(is_card)
                )
                -- who shares a tax ID and an e-mail is one group, not two
                SELECT DISTINCT ON (ids) kind, value, ids
                  FROM grouped
              ORDER BY ids, ARRAY_POSITION(%(kinds)s::text[], kind)
                 LIMIT %(limit)s
                """,
                partners=self._get_partners_sql(),
                kinds=["vat", "email", "phone", "name"],
                limit=MOST_GROUPS,
            )
        )
        cards = set(
            self.env["res.partner"]
            .browse({partner_id for _kind, _value, ids in rows for partner_id in ids})
            .filtered("card_state")
            .ids
        )
        return [
            {
                "kind": kind,
                "value": value,
                "partner_id": partner_id,
                "is_card": partner_id in cards,
            }
            for kind, value, ids in rows
            for partner_id in ids
        ]

    @api.model
    def _get_partners_sql(self):
        """:return: SQL of the managed cards and of the customers without card, with
        the user's rules, and what they are compared by. Names are compared of cards
        only: those of a million contacts would take minutes."""
        user = self.env.user
        managed = Domain("card_root_id", "!=", False)
        if not user._is_card_admin():
            managed = Domain("card_team_id", "in", list(user._card_managed_team_ids()))
        query = self.env["res.partner"]._search(
            (Domain("card_state", "!=", False) & managed)
            | (
                Domain("card_root_id", "=", False)
                & Domain("parent_id", "=", False)
                & Domain("partner_share", "=", True)
            )
        )
        return query.select(
            SQL("res_partner.id"),
            SQL("res_partner.card_state IS NOT NULL AS is_card"),
            SQL(
                "%s AS vat_key",
                self._of_length(matching.get_code_sql("res_partner.vat"), 5),
            ),
            SQL("res_partner.email_normalized"),
            SQL("res_partner.phone_sanitized"),
            SQL(
                "CASE WHEN res_partner.card_state IS NOT NULL THEN %s END AS name_key",
                matching.raw(matching.get_name_key_sql("res_partner.name")),
            ),
        )

    @api.model
    def _of_length(self, expression, length):
        text = matching.raw(expression)
        return SQL("CASE WHEN LENGTH(%s) >= %s THEN %s END", text, length, text)
