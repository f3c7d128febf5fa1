from odoo import models
from odoo.exceptions import UserError

# More letters in one file than this are more than one print run.
MAX_LETTERS = 1000


class CustomerCardLetter(models.Model):
    """The recipients of a letter, and what each of them reads."""

    _inherit = "customer.card.letter"

    def _add_recipients(self, recipients):
        """Note recipients, all of them at once.

        :param recipients: ``{card: res.partner}``, see
            ``customer.card.audience._get_recipients``
        """
        self.ensure_one()
        reasons = self.env["customer.card.audience"]._get_obstacles(recipients)
        Line = self.env["customer.card.letter.line"]
        return Line._through_door().create(
            [
                {
                    "letter_id": self.id,
                    "partner_id": (partner or card).id,
                    "state": "left_out" if card in reasons else "to_send",
                    "reason": reasons.get(card),
                }
                for card, partner in recipients.items()
            ]
        )

    def _get_lines_to_print(self):
        """:return: the recipients of this letter
        :raise UserError: when there is nothing to print
        :raise CardAccessError: when one of them is no longer the user's"""
        self.ensure_one()
        self._check_state(("draft", "printed", "sent"))
        # sudo: a recipient that the user may no longer see is refused, not dropped
        lines = self.sudo().line_ids.filtered(lambda line: line.state != "left_out")
        lines = lines.with_env(self.env)
        if not lines or not self._has_text():
            raise UserError(
                self.env._(
                    "%(letter)s: write the text and gather the recipients first.",
                    letter=self.subject,
                )
            )
        if len(lines) > MAX_LETTERS:
            raise UserError(
                self.env._(
                    "%(letter)s has %(count)s recipients, more than the %(max)s that "
                    "fit into one print run. Divide the audience.",
                    letter=self.subject,
                    count=len(lines),
                    max=MAX_LETTERS,
                )
            )
        lines._check_kept()
        return lines

    def _render_letters(self, lines):
        """:param lines: recipients of this letter
        :return: ``{line id: {subject, body, values}}``, each in the recipient's
            language"""
        self.ensure_one()
        values = lines._get_placeholder_values()
        rendered = {}
        for lang, same in lines.grouped("lang").items():
            letter = self.with_context(lang=lang or self.env.lang)
            subject, body = letter.subject, letter.body
            for line in same:
                rendered[line.id] = {
                    "subject": self._fill_placeholders(subject, values[line.id]),
                    "body": self._fill_placeholders(body, values[line.id]),
                    "values": values[line.id],
                }
        return rendered

    def _record_print(self, lines):
        """Enter a print of these recipients' letters in the ledger."""
        self.ensure_one()
        if self.state == "draft":
            self._through_door().write({"state": "printed"})
        self.env["customer.card.event"]._log(
            lines.card_root_id, "letter_printed", self.subject, self
        )
