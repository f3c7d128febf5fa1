from datetime import timedelta

from odoo import api, fields, models


class CrmLead(models.Model):
    """The next contact with a customer in negotiation follows the stage that his
    opportunity has reached (K07, K08)."""

    _inherit = "crm.lead"

    visit_ids = fields.One2many(
        "customer.visit", "lead_id", "Visits", groups="base.group_user"
    )
    visit_count = fields.Integer(
        compute="_compute_visit_count", groups="base.group_user"
    )

    @api.depends("visit_ids")
    def _compute_visit_count(self):
        counts = dict(
            self.env["customer.visit"]._read_group(
                [("lead_id", "in", self.ids)], ["lead_id"], ["__count"]
            )
        )
        for lead in self:
            lead.visit_count = counts.get(lead._origin, 0)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        leads._plan_stage_contacts()
        return leads

    def write(self, vals):
        # sudo: whose card the customer has, and who is in charge, before and after
        leads = self.sudo()
        moves = {"stage_id", "partner_id"} & vals.keys()
        before = {lead: (lead.stage_id, lead._get_card()) for lead in leads if moves}
        users = {lead: lead.user_id for lead in leads} if "user_id" in vals else {}
        result = super().write(vals)
        if moves:
            reached = leads.filtered(
                lambda lead: (lead.stage_id, lead._get_card()) != before[lead]
            )
            reached._plan_stage_contacts()
        if {"active", "won_status", "probability"} & vals.keys():
            leads.filtered(lambda lead: not lead.active)._drop_stage_contacts()
        for lead, user in users.items():
            lead._pass_on_visits(user)
        return result

    def _merge_dependences(self, opportunities):
        """What was planned by the stages of the others is called off; what took place
        stays on record with the opportunity that they become."""
        # sudo: whoever merges the opportunities merges what is hung on them
        visits = (
            self.env["customer.visit"]
            .sudo()
            .search([("lead_id", "in", (opportunities - self).ids)])
        )
        if visits:
            visits.lead_id._drop_stage_contacts()
            visits.write({"lead_id": self.id})
        return super()._merge_dependences(opportunities)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_lead_visits(self):
        """:return: the action that shows the visits of this opportunity"""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "customer_visit.customer_visit_action"
        )
        return {
            **action,
            "domain": [("lead_id", "=", self.id)],
            "context": {
                "default_lead_id": self.id,
                "default_partner_id": self.partner_id.card_root_id.id,
            },
        }

    # ------------------------------------------------------------
    # STAGES
    # ------------------------------------------------------------

    def _plan_stage_contacts(self):
        """Plan the contacts of the stages that these opportunities have just reached.
        What the stages before had planned and nobody has begun is called off: return
        visits follow the stage reached."""
        # sudo: whoever moves the opportunity sets off what its stage says
        leads = self.sudo().filtered(
            lambda lead: lead.active and lead.partner_id.card_root_id
        )
        leads._drop_stage_contacts()
        vals_list = [
            lead._get_stage_visit_values(contact)
            for lead in leads.filtered(lambda lead: lead._get_contact_user())
            for contact in lead.stage_id.contact_ids
        ]
        if vals_list:
            self.env["customer.visit"].sudo().create(vals_list)
        for lead in leads.filtered("stage_id.signing_papers"):
            lead._add_papers(lead.stage_id.signing_papers)

    def _get_card(self):
        self.ensure_one()
        return self.partner_id.card_root_id

    def _pass_on_visits(self, former):
        """What was planned for the former salesperson is the new one's."""
        self.ensure_one()
        if not former or former == self.user_id:
            return
        planned = self.visit_ids._filter_planned()
        mine = planned.filtered(
            lambda visit: visit.user_id == former and visit.origin == "stage"
        )
        user = self._get_contact_user()
        if mine and user:
            mine.write({"user_id": user.id})

    def _drop_stage_contacts(self):
        """Call off what stages had planned for these opportunities."""
        # sudo: as above
        visits = (
            self.env["customer.visit"]
            .sudo()
            .search(
                [
                    ("lead_id", "in", self.ids),
                    ("stage_contact_id", "!=", False),
                    ("state", "in", ("planned", "prepared")),
                ]
            )
            if self.ids
            else self.env["customer.visit"]
        )
        if visits:
            visits.action_cancel(self.env._("The opportunity has moved on."))

    def _get_stage_visit_values(self, contact):
        """:return: values of the visit that a stage asks for"""
        self.ensure_one()
        user = self._get_contact_user()
        Visit = self.env["customer.visit"]
        company = Visit._get_contact_company(user)
        return {
            **Visit._get_target_values(self.partner_id),
            "user_id": user.id,
            "method": contact.method,
            "purpose_id": contact.purpose_id.id,
            "objective": contact.objective,
            "date_planned": self._get_contact_time(user, company, contact.delay_days),
            "company_id": company.id,
            "lead_id": self.id,
            "stage_contact_id": contact.id,
            "origin": "stage",
        }

    def _get_contact_user(self):
        """:return: who stays in touch with the customer: the salesperson of the
        opportunity, else the custodian of the card; nobody where the website asks"""
        self.ensure_one()
        # sudo: who keeps the card
        user = self.user_id or self.partner_id.sudo().card_custodian_id or self.env.user
        # a visitor of the website makes no visits
        return user.filtered(lambda one: not one.share)

    @api.model
    def _get_contact_time(self, user, company, days):
        """:return: datetime in UTC: a working hour of ``user``, ``days`` from today or
        on the next working day after it"""
        day = user._card_today() + timedelta(days=days)
        return self.env["customer.visit"]._get_next_working_moment(user, company, day)


class CustomerVisit(models.Model):
    """Visits that a stage has asked for."""

    _inherit = "customer.visit"

    stage_contact_id = fields.Many2one(
        "customer.stage.contact",
        "Planned by Stage",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
        copy=False,
    )
