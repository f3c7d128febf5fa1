from odoo import Command, models
from odoo.exceptions import UserError


class CustomerCardLetter(models.Model):
    """What the writer does with a letter: each action checks who asks, and the status."""

    _inherit = "customer.card.letter"

    def action_gather(self):
        """Note the recipients of the audience, with their addresses of today. Those
        gathered before make room for them.

        :raise UserError: without an audience, or when it is empty
        """
        self.ensure_one()
        self._check_editable()
        self._check_state(("draft",))
        if not self.audience_id:
            raise UserError(
                self.env._(
                    "%(letter)s: choose an audience first, or add the recipients one "
                    "by one.",
                    letter=self.subject,
                )
            )
        recipients = self.audience_id._get_recipients()
        if not recipients:
            raise UserError(
                self.env._(
                    "%(audience)s: there is no card of yours in this audience. Change "
                    "its conditions, or choose another one.",
                    audience=self.audience_id.name,
                )
            )
        self.line_ids.unlink()
        self._add_recipients(recipients)
        return True

    def action_print(self):
        """Print the letters, one page or more for each recipient.

        :raise UserError: without text or recipients
        """
        self.ensure_one()
        self._check_editable()
        self._get_lines_to_print()
        suffix = "_us" if self.envelope == "us10" else ""
        report = self.env.ref(
            f"customer_card.action_report_customer_card_letter{suffix}"
        )
        return report.report_action(self)

    def action_print_labels(self):
        """Choose a sheet and print the addresses on labels."""
        self.ensure_one()
        self._check_editable()
        lines = self._get_lines_to_print()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Print Labels"),
            "res_model": "customer.card.label.print",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_letter_id": self.id,
                "default_partner_ids": [Command.set(lines.partner_id.ids)],
            },
        }

    def action_mark_sent(self):
        """The letters are in the post: record it on each card. They may have been
        printed elsewhere, with labels from here.

        :raise UserError: for letters without recipients
        """
        for letter in self:
            letter._check_editable()
            letter._check_state(("draft", "printed"))
            lines = letter.line_ids.filtered(lambda line: line.state == "to_send")
            if not lines:
                raise UserError(
                    self.env._(
                        "%(letter)s: nobody gets this letter. Gather the recipients "
                        "first.",
                        letter=letter.subject,
                    )
                )
            lines._check_kept()
            lines._through_door().write(
                {"state": "sent", "sent_date": self.env.user._card_today()}
            )
            letter._through_door().write(
                {"state": "sent", "sent_date": self.env.user._card_today()}
            )
            self.env["customer.card.event"]._log(
                lines.card_root_id, "letter_sent", letter.subject, letter
            )
        return True

    def action_cancel(self):
        """The letters are not sent after all.

        :raise UserError: when they are in the post already
        """
        for letter in self:
            letter._check_editable()
            letter._check_state(("draft", "printed"))
        self._through_door().write({"state": "cancelled"})
        return True

    def action_draft(self):
        """Take a cancelled or printed letter up again."""
        for letter in self:
            letter._check_editable()
            letter._check_state(("cancelled", "printed"))
        self._through_door().write({"state": "draft"})
        return True
