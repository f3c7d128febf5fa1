from ast import literal_eval

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

# Contacts per request while the progress bar is shown: about a second of work.
BATCH_SIZE = 2000


class CustomerCardOpen(models.TransientModel):
    """Opens cards on a selection or on a domain of contacts.

    Thousands of contacts are worked off in batches, one transaction each; what was
    opened stays opened when the browser is closed in between, and starting again
    continues with the rest.
    """

    _name = "customer.card.open"
    _description = "Open Customer Cards"

    state = fields.Selection(
        [("choose", "Choose"), ("running", "Running"), ("done", "Done")],
        default="choose",
        required=True,
    )
    source = fields.Selection(
        [("selection", "The selected contacts"), ("domain", "All contacts that match")],
        required=True,
        default="selection",
    )
    partner_ids = fields.Many2many(
        "res.partner", string="Contacts", context={"active_test": False}
    )
    domain = fields.Char(default="[]")
    include_contacts = fields.Boolean(
        "Own Cards for Contact Persons",
        help="A contact person is covered by the card of his company. Tick this to "
        "open a card of his own for each of them.",
    )
    custodian_mode = fields.Selection(
        [
            ("salesperson", "The salesperson of each contact"),
            ("chosen", "One custodian for all"),
        ],
        "Custodian Is",
        required=True,
        default=lambda self: self._default_custodian_mode(),
    )
    custodian_id = fields.Many2one(
        "res.users",
        domain=[("share", "=", False)],
        default=lambda self: self.env.user,
    )
    team_id = fields.Many2one(
        "crm.team",
        "Department",
        help="Empty: the sales team of each custodian.",
    )
    match_count = fields.Integer("Contacts Found", compute="_compute_match_count")
    # progress and result
    cursor_id = fields.Integer(help="Contacts up to this one are done.")
    total_count = fields.Integer("Contacts to Process")
    seen_count = fields.Integer("Contacts Processed")
    opened_count = fields.Integer("Cards Opened")
    progress = fields.Integer("Progress (%)", compute="_compute_progress")
    refusal_ids = fields.One2many(
        "customer.card.open.refusal", "wizard_id", "Not Opened"
    )
    refusal_count = fields.Integer(
        "Contacts Without a New Card", compute="_compute_refusal_count"
    )

    @api.model
    def _default_custodian_mode(self):
        managing = (
            self.env.user._is_card_admin() or self.env.user._card_managed_team_ids()
        )
        return "salesperson" if managing else "chosen"

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        if self.env.context.get("active_model") == "res.partner":
            values["partner_ids"] = [
                Command.set(self.env.context.get("active_ids", []))
            ]
        elif "source" in fields and not values.get("partner_ids"):
            values["source"] = "domain"
        return values

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("source", "partner_ids", "domain", "include_contacts")
    def _compute_match_count(self):
        Partner = self.env["res.partner"]
        for wizard in self:
            wizard.match_count = Partner.search_count(wizard._get_partner_domain())

    @api.depends("seen_count", "total_count")
    def _compute_progress(self):
        for wizard in self:
            wizard.progress = (
                100 * wizard.seen_count // wizard.total_count
                if wizard.total_count
                else 0
            )

    @api.depends("refusal_ids")
    def _compute_refusal_count(self):
        for wizard in self:
            wizard.refusal_count = len(wizard.refusal_ids)

    def _get_partner_domain(self):
        """:return: Domain on res.partner of the contacts to work off
        :raise UserError: when the typed domain cannot be read"""
        self.ensure_one()
        if self.source == "selection":
            # archived contacts are part of a selection: they get their reason
            return Domain("id", "in", self.partner_ids._origin.ids) & Domain(
                "active", "in", (True, False)
            )
        try:
            domain = Domain(literal_eval(self.domain or "[]"))
        except (ValueError, SyntaxError) as error:
            raise UserError(
                self.env._(
                    "This is not a filter on contacts: %(domain)s. Build it with the "
                    "filter editor.",
                    domain=self.domain,
                )
            ) from error
        domain &= Domain("card_state", "=", False)
        if not self.include_contacts:
            domain &= Domain("is_company", "=", True) | Domain("parent_id", "=", False)
        return domain

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_start(self):
        """Begin: check the user and count the contacts.

        :return: the action that shows the progress
        :raise AccessError: when the user may not open these cards
        """
        self.ensure_one()
        self._check_opening()
        total = self.match_count
        if not total:
            raise UserError(
                self.env._("There is no contact to open a card for: choose some first.")
            )
        self.write(
            {
                "state": "running",
                "total_count": total,
                "cursor_id": 0,
                "seen_count": 0,
                "opened_count": 0,
                "refusal_ids": [Command.clear()],
            }
        )
        if total <= BATCH_SIZE:
            self.run_batch()
        return self._reload_action()

    def run_batch(self):
        """Open the cards of the next batch of contacts.

        :return: whether there is more to do
        :raise AccessError: when the user may not open these cards
        """
        self.ensure_one()
        self._check_opening()
        if self.state != "running":
            return False
        partners = (
            self.env["res.partner"]
            .with_context(active_test=False)
            .search(
                self._get_partner_domain() & Domain("id", ">", self.cursor_id),
                order="id",
                limit=BATCH_SIZE,
            )
        )
        if partners:
            self._open_batch(partners)
        if len(partners) < BATCH_SIZE:
            self.state = "done"
        return self.state == "running"

    def _open_batch(self, partners):
        editable = partners._filtered_access("write")
        refused = {
            partner: self.env._("you have no right to change this contact.")
            for partner in partners - editable
        }
        covered = self.env["res.partner"]
        if not self.include_contacts:
            covered = editable.filtered(
                lambda p: (
                    p.parent_id
                    and not p.is_company
                    and not p.card_state
                    and (p.card_root_id or p.parent_id in partners)
                )
            )
            for partner in covered:
                refused[partner] = self.env._(
                    "covered by the card of %(company)s.",
                    # sudo: the name of the company that the contact belongs to
                    company=partner.sudo().parent_id.display_name,
                )
        chosen = self.custodian_mode == "chosen"
        opened, reasons = (editable - covered)._open_cards(
            custodian=(self.custodian_id or None) if chosen else None,
            team=self.team_id or None,
        )
        refused.update(reasons)
        self.env["customer.card.open.refusal"].create(
            [
                {
                    "wizard_id": self.id,
                    "partner_id": partner.id,
                    "reason": reason,
                }
                for partner, reason in refused.items()
            ]
        )
        self.write(
            {
                "cursor_id": partners[-1].id,
                "seen_count": self.seen_count + len(partners),
                "opened_count": self.opened_count + len(opened),
            }
        )

    def _check_opening(self):
        """:raise AccessError: when the user may not open cards as asked for: he opens
        his own, a manager those of his departments"""
        Partner = self.env["res.partner"]
        user = self.env.user
        chosen = self.custodian_mode == "chosen"
        if not chosen and not user._is_card_admin():
            # every salesperson must belong to a department of the manager
            if self.team_id:
                Partner._check_card_opening(user.browse(), self.team_id)
                return
            self._check_salespeople()
            return
        Partner._check_card_opening(
            self.custodian_id if chosen else user.browse(), self.team_id
        )

    def _check_salespeople(self):
        """:raise AccessError: when a contact's salesperson is in somebody else's
        department"""
        Partner = self.env["res.partner"]
        groups = Partner.with_context(active_test=False)._read_group(
            self._get_partner_domain(), ["user_id"]
        )
        for (salesperson,) in groups:
            if salesperson != self.env.user or not salesperson._is_card_user():
                Partner._check_card_opening(salesperson, self.env["crm.team"])

    def action_show_opened(self):
        """:return: the list of the cards of the user's contacts, newest first"""
        self.ensure_one()
        return self.env["ir.actions.act_window"]._for_xml_id(
            "customer_card.res_partner_action_card"
        )

    def _reload_action(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Open Cards"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }


class CustomerCardOpenRefusal(models.TransientModel):
    """A contact that got no card, and why."""

    _name = "customer.card.open.refusal"
    _description = "Contact Without a New Card"

    wizard_id = fields.Many2one(
        "customer.card.open", required=True, ondelete="cascade", index=True
    )
    partner_id = fields.Many2one("res.partner", "Contact", ondelete="cascade")
    reason = fields.Char(required=True)
