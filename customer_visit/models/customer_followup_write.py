from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html

from .customer_visit_state import PLANNED_STATES

# In the context of a composer: for which step it writes. A client may send any number:
# it is checked like any other record.
STEP_KEY = "customer_followup_line_id"
WRITTEN_METHODS = ("letter", "sms", "email")


class CustomerFollowupLine(models.Model):
    """A step in writing: its letter, e-mail or text message begins with the text of the
    template, and is the contact as soon as it is sent."""

    _inherit = "customer.followup.line"

    letter_ids = fields.One2many(
        "customer.card.letter", "followup_line_id", "Letters of the Step"
    )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_write(self):
        """Write the letter, e-mail or text message of this step.

        :return: the action that opens it
        :raise AccessError: for cards that the user does not keep
        :raise UserError: when it is not the turn of the step, or nothing to be written
        """
        self.ensure_one()
        self.check_access("write")
        # sudo: the visit of whoever looks after the card today
        if self.method not in WRITTEN_METHODS or not self._is_written_open():
            raise UserError(
                self.env._(
                    "%(step)s: there is nothing to be written now. Plan the step "
                    "first.",
                    step=self.name,
                )
            )
        return getattr(self, f"_write_{self.method}")()

    def _is_written_open(self):
        """:return: whether a message can still be the contact of this step"""
        self.ensure_one()
        # sudo: the visit of whoever looks after the card today
        return self.state == "planned" and self.sudo().visit_id.state in PLANNED_STATES

    def _write_letter(self):
        letter = self.letter_ids.filtered(
            lambda one: one.state in ("draft", "printed")
        )[:1]
        if not letter:
            template = self.letter_template_id
            letter = self.env["customer.card.letter"].create(
                {
                    "subject": template.subject or self.name,
                    "template_id": template.id,
                    "followup_line_id": self.id,
                }
            )
            letter._add_recipients({self.partner_id: self.partner_id})
        return letter.get_formview_action()

    def _write_email(self):
        return self._get_composer_action(
            "mail.compose.message",
            self.env._("Write an Email"),
            {
                "default_model": "res.partner",
                "default_res_ids": self.partner_id.ids,
                "default_composition_mode": "comment",
                "default_template_id": self.mail_template_id.id,
                "default_partner_ids": self.partner_id.ids,
                "default_subject": self.name,
            },
        )

    def _write_sms(self):
        return self._get_composer_action(
            "sms.composer",
            self.env._("Write a Text Message"),
            {
                "default_res_model": "res.partner",
                "default_res_id": self.partner_id.id,
                "default_composition_mode": "comment",
                "default_template_id": self.sms_template_id.id,
            },
        )

    def _get_composer_action(self, model, title, defaults):
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": model,
            "view_mode": "form",
            "target": "new",
            "context": {**defaults, STEP_KEY: self.id},
        }

    # ------------------------------------------------------------
    # WRITTEN
    # ------------------------------------------------------------

    @api.model
    def _settle_written(self, partners, text):
        """A composer has sent something; if it was opened for a step, that was the
        contact.

        :param partners: res.partner to whom it went
        :param text: what is noted in the report
        """
        line = self.browse(self.env.context.get(STEP_KEY)).exists()
        # sudo: which card a contact belongs to
        if not line or line.partner_id not in partners.sudo().card_root_id:
            return
        line._report_written(text)

    def _report_written(self, text):
        """These steps are done: what was written is in the post, or was sent.

        :param text: what is noted in the report
        :raise AccessError: for cards that the user does not keep
        """
        self.check_access("write")
        lines = self.filtered(lambda line: line._is_written_open())
        # sudo: the visit of whoever looks after the card today
        visits = lines.sudo().visit_id
        if not visits:
            return
        now = fields.Datetime.now()
        visits._visit_through_door().write(
            {
                "state": "reported",
                "date_start": now,
                "date_end": now,
                "date_reported": now,
                "result": "achieved",
                "report": plaintext2html(text),
            }
        )
        visits._log_visits("visit_reported")
        visits._after_contact()
        visits._after_reported()


class CustomerFollowup(models.Model):
    """The button of the step whose turn it is."""

    _inherit = "customer.followup"

    def action_write(self):
        """Write the letter, e-mail or text message of the next step."""
        self.ensure_one()
        return self.current_line_id.action_write()


class CustomerVisit(models.Model):
    """The button of the visit that a step has become."""

    _inherit = "customer.visit"

    def action_write_followup(self):
        """Write the letter, e-mail or text message of the step."""
        self.ensure_one()
        self.check_access("write")
        return self.followup_line_id.action_write()


class CustomerCardLetter(models.Model):
    """A letter can be a step of a follow-up."""

    _inherit = "customer.card.letter"

    followup_line_id = fields.Many2one(
        "customer.followup.line",
        "Follow-up Step",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )

    @api.model_create_multi
    def create(self, vals_list):
        letters = super().create(vals_list)
        letters._check_followup_steps()
        return letters

    def write(self, vals):
        result = super().write(vals)
        if vals.get("followup_line_id"):
            self._check_followup_steps()
        return result

    def _check_followup_steps(self):
        """:raise AccessError: for a step on a card that the user may not open"""
        # sudo: which steps they are
        steps = self.sudo().followup_line_id.sudo(self.env.su)
        steps.check_access("read")

    def action_mark_sent(self):
        result = super().action_mark_sent()
        for letter in self.filtered("followup_line_id"):
            # what else stands on the letter is no matter of the cycle
            if letter.followup_line_id.partner_id in letter.line_ids.card_root_id:
                letter.followup_line_id._report_written(
                    self.env._("Letter: %(subject)s", subject=letter.subject)
                )
        return result
