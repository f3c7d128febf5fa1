from odoo import fields, models
from odoo.tools import SQL


class ResPartner(models.Model):
    """Follow-up cycles and promises of a card: they end with it, and pass on with
    it."""

    _inherit = "res.partner"

    followup_ids = fields.One2many(
        "customer.followup", "partner_id", "Follow-up", groups="base.group_user"
    )
    promise_ids = fields.One2many(
        "customer.promise", "partner_id", "Promises", groups="base.group_user"
    )
    running_followup_ids = fields.One2many(
        "customer.followup",
        "partner_id",
        "Running Follow-up",
        domain=[("state", "=", "running")],
        groups="base.group_user",
    )
    open_promise_ids = fields.One2many(
        "customer.promise",
        "partner_id",
        "Open Promises to Him",
        domain=[("state", "=", "open")],
        groups="base.group_user",
    )
    open_promise_count = fields.Integer(
        "Open Promises",
        compute="_compute_open_promise_count",
        groups="base.group_user",
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    def _compute_open_promise_count(self):
        """Of the promises that this user sees."""
        counts = dict(
            self.env["customer.promise"]._read_group(
                [("partner_id", "in", self.ids), ("state", "=", "open")],
                ["partner_id"],
                ["__count"],
            )
        )
        counts = {card.id: count for card, count in counts.items()}
        for partner in self:
            partner.open_promise_count = counts.get(partner._origin.id, 0)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_start_followup(self):
        """Choose how these customers are to be followed up.

        :raise CardAccessError: for cards that the user does not keep
        """
        self._check_card_maintained()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Start a Follow-up"),
            "res_model": "customer.followup.start",
            "view_mode": "form",
            "target": "new",
            "context": {"default_partner_ids": [fields.Command.set(self.ids)]},
        }

    def action_promises(self):
        """Show what was promised to this customer."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "customer_visit.customer_promise_action"
        )
        # sudo: only which card a contact belongs to is read
        card = self.sudo().card_root_id
        return {
            **action,
            "domain": [("partner_id", "=", card.id)],
            "context": {"default_partner_id": card.id, "search_default_open": 1},
        }

    # ------------------------------------------------------------
    # LIFE OF THE CARD
    # ------------------------------------------------------------

    def _write_card_fields(self, vals):
        former = (
            # sudo: who kept the cards, for whoever gives them to somebody else
            {card.id: card.card_custodian_id for card in self.sudo()}
            if "card_custodian_id" in vals
            else {}
        )
        result = super()._write_card_fields(vals)
        if vals.get("card_state") == "closed":
            self._get_running_followups()._stop(self.env._("Card closed"))
        if former:
            self._pass_on_promises(former)
            self._get_running_followups()._reassign_visits(former)
        return result

    def _after_cards_handed_over(self, successor):
        """Visits and promises have passed with the cards; what waited for somebody to
        look after them goes on."""
        result = super()._after_cards_handed_over(successor)
        self._get_running_followups()._reassign_visits({})
        return result

    def _get_running_followups(self):
        """:return: the running cycles of these cards, as superuser: the system moves
        and ends what it has started"""
        return (
            self.env["customer.followup"]
            .sudo()
            .search([("partner_id", "in", self.ids), ("state", "=", "running")])
        )

    def _pass_on_promises(self, former):
        """What the former custodians of these cards had to keep is the new ones' now.

        :param former: ``{card id: res.users}``
        """
        # sudo: promises of somebody else, on cards that the user gives away
        promises = (
            self.env["customer.promise"]
            .sudo()
            .search([("partner_id", "in", list(former)), ("state", "=", "open")])
            .filtered(lambda promise: promise.user_id == former[promise.partner_id.id])
        )
        duty = promises.partner_id._get_card_duty_users()
        for user, theirs in promises.grouped(
            lambda promise: duty[promise.partner_id.id]
        ).items():
            if user:
                theirs.write({"user_id": user.id})

    # ------------------------------------------------------------
    # OPEN ITEMS
    # ------------------------------------------------------------

    def _get_card_open_queries(self, user):
        return [
            *super()._get_card_open_queries(user),
            (
                "promise",
                self.env._("Open Promises"),
                SQL(
                    """
                    SELECT partner_id, COUNT(*), NULL::numeric, NULL::int
                      FROM customer_promise
                     WHERE partner_id = ANY(%s)
                       AND state = 'open'
                       AND %s
                  GROUP BY partner_id
                    """,
                    self.ids,
                    SQL("user_id = %s", user.id) if user else SQL("TRUE"),
                ),
            ),
            (
                "followup",
                self.env._("Follow-up"),
                SQL(
                    """
                    SELECT partner_id, COUNT(*), NULL::numeric, NULL::int
                      FROM customer_followup
                     WHERE partner_id = ANY(%s)
                       AND state = 'running'
                  GROUP BY partner_id
                    """,
                    self.ids,
                ),
            ),
        ]
