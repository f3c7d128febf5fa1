from datetime import timedelta

from odoo import api, fields, models
from odoo.tools.misc import format_datetime

REMIND_DAYS = 3


class CrmLead(models.Model):
    """The signing of a contract: its date, who is reminded of it, and the papers that
    the customer and we have to bring (K08)."""

    _inherit = "crm.lead"

    signing_date = fields.Datetime(
        "Signing",
        tracking=True,
        copy=False,
        help="When the contract is signed. A visit is planned for it, and the customer "
        "is reminded of the date and the papers some days before.",
    )
    signing_remind_days = fields.Integer(
        "Remind",
        default=REMIND_DAYS,
        help="How many days before the signing the customer is reminded.",
    )
    signing_paper_ids = fields.One2many(
        "customer.signing.paper", "lead_id", "Papers to Bring", copy=True
    )
    signing_missing = fields.Integer(
        "Papers Missing", compute="_compute_signing_missing", compute_sudo=False
    )
    signing_visit_id = fields.Many2one(
        "customer.visit",
        index="btree_not_null",
        readonly=True,
        copy=False,
        groups="base.group_user",
    )
    signing_reminder_id = fields.Many2one(
        "customer.visit",
        index="btree_not_null",
        readonly=True,
        copy=False,
        groups="base.group_user",
    )

    @api.depends("signing_paper_ids.is_ready")
    def _compute_signing_missing(self):
        for lead in self:
            lead.signing_missing = len(
                lead.signing_paper_ids.filtered(lambda paper: not paper.is_ready)
            )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model
    def _get_system_link_fields(self):
        return super()._get_system_link_fields() | {
            "signing_visit_id",
            "signing_reminder_id",
        }

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        leads.filtered("signing_date")._plan_signing()
        return leads

    def write(self, vals):
        result = super().write(vals)
        if {"signing_date", "user_id", "partner_id", "active"} & vals.keys():
            self._plan_signing()
        return result

    # ------------------------------------------------------------
    # SIGNING
    # ------------------------------------------------------------

    def _plan_signing(self):
        """Plan the visit of the signing, or move it; call it off with the date."""
        # sudo: whoever sets the date sets off what comes of it
        for lead in self.sudo():
            visit = lead.signing_visit_id
            card = lead.partner_id.card_root_id
            user = lead._get_contact_user()
            if not (lead.signing_date and lead.active and card and user):
                if planned := (visit | lead.signing_reminder_id)._filter_planned():
                    planned.action_cancel(self.env._("The signing was called off."))
                continue
            if visit._filter_planned() and visit.partner_id == card:
                if visit.date_planned != lead.signing_date:
                    visit.write({"date_planned": lead.signing_date})
                    lead._forget_signing_reminder()
                continue
            if visit and visit._is_done() and visit.partner_id == card:
                continue
            visit._filter_planned().action_cancel(
                self.env._("The signing was called off.")
            )
            lead.signing_visit_id = lead.signing_visit_id.create(
                lead._get_signing_values()
            )
            lead._forget_signing_reminder()

    def _forget_signing_reminder(self):
        """Another date needs another reminder."""
        self.signing_reminder_id._filter_planned().action_cancel(
            self.env._("The signing has another date.")
        )
        self.signing_reminder_id = False

    def _get_signing_values(self):
        """:return: values of the visit of the signing"""
        self.ensure_one()
        Visit = self.env["customer.visit"]
        user = self._get_contact_user()
        return {
            **Visit._get_target_values(self.partner_id),
            "user_id": user.id,
            "method": "visit",
            "purpose_id": Visit._get_purpose("contract").id,
            "objective": self.env._("Signing: %(name)s", name=self.name),
            "date_planned": self.signing_date,
            "company_id": Visit._get_contact_company(user).id,
            "lead_id": self.id,
            "origin": "stage",
        }

    def _add_papers(self, text):
        """Write the papers of ``text``, one on each line, on an opportunity that does
        not list them yet."""
        self.ensure_one()
        present = {paper.name.strip().casefold() for paper in self.signing_paper_ids}
        names = [line.strip() for line in text.splitlines() if line.strip()]
        self.env["customer.signing.paper"].create(
            [
                {"lead_id": self.id, "name": name}
                for name in names
                if name.casefold() not in present
            ]
        )

    # ------------------------------------------------------------
    # REMINDERS
    # ------------------------------------------------------------

    @api.model
    def _cron_remind_signings(self):
        """Plan a call to every customer whose signing is near: when and where, and
        which papers to bring. Each signing once, each in a transaction of its own."""
        now = fields.Datetime.now()
        leads = self.search(
            [
                ("signing_date", ">", now),
                ("signing_date", "<", now + timedelta(days=60)),
                ("signing_reminder_id", "=", False),
                ("signing_visit_id", "!=", False),
            ],
            order="signing_date, id",
        ).filtered(lambda lead: lead._is_reminder_due(now))
        self.env["ir.cron"]._commit_progress(remaining=len(leads))
        for lead in leads:
            lead = lead.try_lock_for_update(allow_referencing=True)
            if lead and not lead.signing_reminder_id:
                lead._remind_signing()
            if not self.env["ir.cron"]._commit_progress(1):
                break

    def _is_reminder_due(self, now):
        self.ensure_one()
        return self.signing_date - timedelta(days=self.signing_remind_days) <= now

    def _remind_signing(self):
        """Plan the call that reminds the customer of the signing."""
        self.ensure_one()
        user = self._get_contact_user()
        values = self._get_signing_values()
        lead = self.with_context(lang=user.lang, tz=user.tz or "UTC")
        values.update(
            method="phone",
            duration_planned=0.25,
            objective=lead._get_reminder_text(),
            date_planned=self._get_contact_time(
                user, self.env["res.company"].browse(values["company_id"]), 0
            ),
        )
        # sudo: the cron, or whoever moves the date
        self.sudo().signing_reminder_id = (
            self.env["customer.visit"].sudo().create(values)
        )

    def _get_reminder_text(self):
        """:return: what to tell the customer, in the language of who calls"""
        self.ensure_one()
        text = self.env._(
            "Remind the customer of the signing on %(date)s.",
            date=format_datetime(
                self.env, self.signing_date, tz=self.env.context["tz"]
            ),
        )
        missing = self.signing_paper_ids.filtered(lambda paper: not paper.is_ready)
        for side, label in (
            ("customer", self.env._("Papers that he brings:")),
            ("us", self.env._("Papers that we bring:")),
        ):
            names = missing.filtered(lambda p, side=side: p.brought_by == side)
            if names:
                text += f"\n{label} {', '.join(names.mapped('name'))}"
        return text
