from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

THANKS_AFTER_DAYS = 2


class CustomerIntroduction(models.Model):
    """Asking a customer for an introduction (K04, K07): who was asked by whom and when,
    what came of it, whom he introduced, and that he was thanked."""

    _name = "customer.introduction"
    _description = "Introduction"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "customer.link.guard.mixin",
        "customer.card.read.log.mixin",
        "customer.card.gate.mixin",
    ]
    _order = "date_asked DESC, id DESC"
    # an x2many command inside a privileged write runs with the client's own rights
    _allow_sudo_commands = False

    partner_id = fields.Many2one(
        "res.partner",
        "Customer Asked",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("card_state", "!=", False)],
        tracking=True,
    )
    card_root_id = fields.Many2one(
        related="partner_id.card_root_id",
        string="Customer Card",
        store=True,
        index="btree_not_null",
    )
    contact_id = fields.Many2one(
        "res.partner",
        "Person Asked",
        index="btree_not_null",
        ondelete="set null",
        domain="[('card_root_id', '=', partner_id), ('id', '!=', partner_id)]",
    )
    user_id = fields.Many2one(
        "res.users",
        "Asked By",
        default=lambda self: self.env.user,
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("share", "=", False)],
    )
    company_id = fields.Many2one(
        "res.company", default=lambda self: self.env.company, required=True
    )
    date_asked = fields.Date(
        "Asked On",
        required=True,
        index=True,
        default=lambda self: self.env.user._card_today(),
    )
    visit_id = fields.Many2one(
        "customer.visit",
        "Asked At",
        index="btree_not_null",
        ondelete="set null",
        domain="[('partner_id', '=', partner_id)]",
        help="The visit at which the customer was asked.",
    )
    state = fields.Selection(
        [
            ("asked", "Asked"),
            ("introduced", "Introduced"),
            ("won", "Customer Won"),
            ("refused", "No Introduction"),
        ],
        "Outcome",
        default="asked",
        required=True,
        index=True,
        readonly=True,
        copy=False,
        tracking=True,
        group_expand=True,
    )
    note = fields.Text("What Was Said")
    # who was introduced
    introduced_name = fields.Char(
        "Introduced", help="The person or company that the customer introduces."
    )
    introduced_phone = fields.Char("Phone")
    introduced_email = fields.Char("Email")
    introduced_partner_id = fields.Many2one(
        "res.partner",
        "New Prospect",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
        copy=False,
    )
    lead_id = fields.Many2one(
        "crm.lead",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
        copy=False,
    )
    thanks_visit_id = fields.Many2one(
        "customer.visit",
        "Thanks",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
        copy=False,
    )
    is_thanked = fields.Boolean(
        "Thanked", compute="_compute_is_thanked", compute_sudo=True
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("thanks_visit_id.state")
    def _compute_is_thanked(self):
        for introduction in self:
            visit = introduction.thanks_visit_id
            introduction.is_thanked = bool(visit) and visit._is_done()

    @api.depends("partner_id", "introduced_name")
    def _compute_display_name(self):
        for introduction in self:
            customer = introduction.partner_id.display_name or ""
            introduction.display_name = (
                f"{customer} → {introduction.introduced_name}"
                if introduction.introduced_name
                else customer
            )

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("partner_id")
    def _check_is_card(self):
        for introduction in self.sudo():
            if introduction.card_root_id != introduction.partner_id:
                raise ValidationError(
                    self.env._(
                        "%(customer)s has no customer card. Open a card first.",
                        customer=introduction.partner_id.display_name,
                    )
                )

    @api.onchange("visit_id")
    def _onchange_visit_id(self):
        if self.visit_id:
            self.partner_id = self.visit_id.partner_id
            self.contact_id = self.visit_id.contact_ids[:1]

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model
    def _get_system_link_fields(self):
        return super()._get_system_link_fields() | {
            "introduced_partner_id",
            "lead_id",
            "thanks_visit_id",
        }

    @api.model_create_multi
    def create(self, vals_list):
        """An introduction begins as asked; what came of it is told by its buttons."""
        if not self.env.su:
            # whatever the client sends, and whatever defaults stand in its context
            vals_list = [{**vals, "state": "asked"} for vals in vals_list]
        introductions = super().create(vals_list)
        introductions._log_card_event("introduction_asked")
        return introductions

    def write(self, vals):
        if "state" in vals and not self.env.su:
            raise UserError(
                self.env._("Use the buttons to say what came of an introduction.")
            )
        return super().write(vals)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_introduce(self):
        """The customer has introduced somebody: a prospect with a card of its own, kept
        by who asked, and a lead come out of it, and thanks are planned.

        :return: the action that opens the new prospect
        :raise UserError: when it is not known who was introduced
        """
        self.ensure_one()
        self.check_access("write")
        if self.introduced_partner_id:
            return self.action_open_prospect()
        if not self.introduced_name:
            raise UserError(
                self.env._(
                    "%(introduction)s: enter whom the customer introduces.",
                    introduction=self.display_name,
                )
            )
        prospect = self._create_prospect()
        lead = self._create_lead(prospect)
        # sudo: the outcome is written by this button alone; write access is checked
        self.sudo().write(
            {
                "introduced_partner_id": prospect.id,
                "lead_id": lead.id,
                "state": "introduced",
            }
        )
        self._plan_thanks()
        self._log_card_event("introduction_made")
        return self.action_open_prospect()

    def action_refuse(self):
        """The customer introduces nobody."""
        self.check_access("write")
        self._check_state("asked")
        # sudo: as above
        self.sudo().write({"state": "refused"})
        return True

    def action_ask_again(self):
        """Ask once more."""
        self.check_access("write")
        self._check_state("refused")
        # sudo: as above
        self.sudo().write({"state": "asked"})
        return True

    def action_open_prospect(self):
        """:return: the action that opens the new prospect"""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.introduced_partner_id.id,
            "view_mode": "form",
        }

    def _check_state(self, state):
        """:raise UserError: when one of them is in another state"""
        labels = dict(self._fields["state"]._description_selection(self.env))
        for introduction in self:
            if introduction.state != state:
                raise UserError(
                    self.env._(
                        "%(introduction)s is not “%(wanted)s” but “%(state)s”.",
                        introduction=introduction.display_name,
                        wanted=labels[state],
                        state=labels[introduction.state],
                    )
                )

    # ------------------------------------------------------------
    # WHAT COMES OF IT
    # ------------------------------------------------------------

    def _create_prospect(self):
        """:return: the new contact, with a card that the asker keeps

        With the rights of the user: doubles are found as for every new contact."""
        self.ensure_one()
        return self.env["res.partner"].create(
            {
                "name": self.introduced_name,
                "phone": self.introduced_phone,
                "email": self.introduced_email,
                "card_custodian_id": self.user_id.id,
                "referrer_id": self.partner_id.id,
            }
        )

    def _create_lead(self, prospect):
        """:return: crm.lead"""
        self.ensure_one()
        # sudo: not every keeper of a card works with leads; it is his own lead
        lead = (
            self.env["crm.lead"]
            .sudo()
            .create(
                {
                    "name": self.env._(
                        "Introduced by %(name)s", name=self.partner_id.name
                    ),
                    "partner_id": prospect.id,
                    "user_id": self.user_id.id,
                    "type": "lead",
                    "referred": self.partner_id.name,
                }
            )
        )
        return lead.sudo(False)

    def _plan_thanks(self):
        """Plan the thanks for an introduction."""
        self.ensure_one()
        Visit = self.env["customer.visit"]
        # sudo: planned with the introduction, whose access is checked
        company = Visit._get_contact_company(self.user_id)
        moment = (
            self.env["crm.lead"]
            .sudo()
            ._get_contact_time(self.user_id, company, THANKS_AFTER_DAYS)
        )
        visit = Visit.sudo().create(
            {
                "partner_id": self.partner_id.id,
                "contact_ids": [Command.set(self.contact_id.ids)],
                "user_id": self.user_id.id,
                "company_id": company.id,
                "method": "phone",
                "purpose_id": Visit._get_purpose("thanks").id,
                "objective": self.env._(
                    "Thank for the introduction of %(name)s.", name=self.introduced_name
                ),
                "date_planned": moment,
                "origin": "followup",
            }
        )
        self.sudo().thanks_visit_id = visit

    def _set_won(self):
        """The prospects that were introduced have become customers."""
        self.filtered(lambda one: one.state == "introduced").write({"state": "won"})

    def _log_card_event(self, kind):
        """Enter a step in the ledger of the cards."""
        self.env["customer.card.event"]._log_requests(
            kind,
            [
                # sudo: which card it is, nothing of it
                (one, one.sudo().partner_id, one.introduced_name or one.user_id.name)
                for one in self
            ],
        )
