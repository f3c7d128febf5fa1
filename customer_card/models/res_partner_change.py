from odoo import api, fields, models
from odoo.fields import Domain

# What everybody who sees a card may propose to change; fields of addons that are not
# installed do not matter. Never who keeps it, nor companies, users or accounting.
PROPOSABLE_FIELDS = {
    # who he is
    "name",
    "function",
    "industry_id",
    "category_id",
    "vat",
    "company_registry",
    "ref",
    "lang",
    "comment",
    # where he is
    "email",
    "phone",
    "website",
    "street",
    "street2",
    "zip",
    "city",
    "state_id",
    "country_id",
    # profile
    "legal_form",
    "ownership",
    "main_products",
    "contact_role",
    "birthdate_date",
    "gender",
    "education",
    "occupation",
    "work_unit",
    "home_address",
    "economic_status",
    "hobbies",
    "personality",
    "physical_features",
    "family_notes",
    "service_notes",
    "habit_consumption",
    "habit_purchase",
    "habit_media",
    "brand_attitude",
    "ideal_product",
}
# said once, of a new customer or contact
BASIC_FIELDS = {"is_company", "type"}
# entries of a card
PROPOSABLE_PARTS = {
    "child_ids",
    "relative_ids",
    "competitor_ids",
    "consumption_ids",
    "card_contract_ids",
}
# what the form of a contact sends along
IGNORED_FIELDS = {
    "active",
    "company_type",
    "company_id",
    "parent_id",
    "color",
    "user_id",
    "card_root_id",
    "card_can_edit",
    "image_1920",
}


class ResPartner(models.Model):
    """Changes of a card that others propose, and new customers that they report."""

    _inherit = "res.partner"

    card_change_ids = fields.One2many(
        "customer.card.change",
        "partner_id",
        "Change Proposals",
        groups="base.group_user",
    )
    card_change_count = fields.Integer(
        "Open Proposals",
        compute="_compute_card_change_count",
        search="_search_card_change_count",
        groups="base.group_user",
        help="Proposals that wait for a decision, of those that you may see.",
    )
    card_can_propose = fields.Boolean(
        compute="_compute_card_can_propose", groups="base.group_user"
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends_context("uid")
    @api.depends("card_change_ids.state")
    def _compute_card_change_count(self):
        counts = {
            partner.id: count
            for partner, count in self.env["customer.card.change"]._read_group(
                [("partner_id", "in", self.ids), ("state", "=", "submitted")],
                ["partner_id"],
                ["__count"],
            )
        }
        for partner in self:
            partner.card_change_count = counts.get(partner._origin.id, 0)

    def _search_card_change_count(self, operator, value):
        if operator not in ("in", ">", ">=", "<", "<="):
            return NotImplemented
        groups = self.env["customer.card.change"]._read_group(
            [("partner_id", "!=", False), ("state", "=", "submitted")],
            ["partner_id"],
            ["__count"],
        )
        compare = {
            "in": lambda count: count in value,
            ">": lambda count: count > value,
            ">=": lambda count: count >= value,
            "<": lambda count: count < value,
            "<=": lambda count: count <= value,
        }[operator]
        with_proposals = [partner.id for partner, _count in groups]
        found = [partner.id for partner, count in groups if compare(count)]
        domain = Domain("id", "in", found)
        if compare(0):
            domain |= Domain("id", "not in", with_proposals)
        return domain

    @api.depends_context("uid")
    @api.depends("card_root_id")
    def _compute_card_can_propose(self):
        """Whoever keeps the card edits it; whoever else sees it proposes."""
        maintained = self._card_maintained_by(self.env.user)
        for partner in self:
            partner.card_can_propose = (
                bool(partner._origin.card_root_id) and partner not in maintained
            )

    # ------------------------------------------------------------
    # WHITELIST
    # ------------------------------------------------------------

    @api.model
    def _get_card_proposable_fields(self):
        """:return: names of the fields, and of the lists of entries, that others may
        propose to change. Other addons add their own."""
        names = (PROPOSABLE_FIELDS | BASIC_FIELDS | PROPOSABLE_PARTS) & set(
            self._fields
        )
        return {name for name in names if self._may_propose(self._fields[name])}

    @api.model
    def _may_propose(self, field):
        if field.groups and not self.env.user.has_groups(field.groups):
            return False
        if field.type == "one2many":
            return hasattr(self.env[field.comodel_name], "_get_card_proposable_fields")
        return self.env["customer.card.change.line"]._is_proposable_type(field)

    @api.model
    def _get_card_basic_fields(self):
        """:return: names of fields that are said of a new contact and never change"""
        return BASIC_FIELDS

    @api.model
    def _get_card_ignored_fields(self):
        """:return: names of fields that a form sends along and that say nothing"""
        return IGNORED_FIELDS

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_propose_change(self):
        """Open the editor on a copy of the card: nothing is written.

        :raise AccessError: for a card that the user may not read
        """
        self.ensure_one()
        return self._get_propose_action(self)

    @api.model
    def action_report_customer(self):
        """Open the editor for a new customer."""
        return self._get_propose_action(self.browse())

    @api.model
    def _get_propose_action(self, partner, change=None):
        """:param change: draft to add to
        :return: the action that opens the editor"""
        # sudo: only which card the contact belongs to is read
        card = self.browse(partner.sudo().card_root_id.id)
        self.env["customer.card.change"]._check_subjects(card)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Propose a Change")
            if card
            else self.env._("Report a New Customer"),
            "res_model": "res.partner",
            "res_id": card.id,
            "views": [
                (
                    self.env.ref("customer_card.res_partner_view_form_propose").id,
                    "form",
                )
            ],
            "target": "new",
            "context": {
                "card_change_id": change.id if change else False,
                "dialog_size": "extra-large",
                "default_is_company": True,
                "default_company_type": "company",
                "default_type": "contact",
            },
        }

    def action_card_changes(self):
        """:return: the action that shows the proposals on these cards"""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "customer_card.customer_card_change_action"
        )
        # sudo: only which card a contact belongs to is read
        card_ids = self.sudo().card_root_id.ids
        return {**action, "domain": [("partner_id", "in", card_ids)], "context": {}}

    def unlink(self):
        """Proposals hold values of the card, and go with it."""
        # sudo: an administrator who deletes a customer deletes all of him
        changes = (
            self.env["customer.card.change"]
            .sudo()
            .search([("partner_id", "in", self.ids)])
        )
        self.check_access("unlink")
        changes.unlink()
        return super().unlink()
