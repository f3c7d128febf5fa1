from odoo import api, fields, models
from odoo.exceptions import UserError


class CustomerSatisfactionSend(models.TransientModel):
    """Sends the satisfaction survey by e-mail: a mail of his own to each customer, with
    a link of his own. Only to customers whose card the sender keeps."""

    _name = "customer.satisfaction.send"
    _description = "Ask for Satisfaction by Email"
    _allow_sudo_commands = False

    survey_id = fields.Many2one(
        "survey.survey",
        required=True,
        ondelete="cascade",
        domain=[("is_satisfaction", "=", True)],
    )
    deadline = fields.Date(
        "Answer By",
        help="The link does not work any more after this day. Empty: it always does.",
    )
    line_ids = fields.One2many(
        "customer.satisfaction.send.line", "wizard_id", "Customers"
    )
    send_count = fields.Integer("Emails", compute="_compute_send_count")

    @api.depends("line_ids.reason")
    def _compute_send_count(self):
        for wizard in self:
            wizard.send_count = len(wizard._get_lines_to_send())

    @api.model
    def _make_for(self, cards):
        """:param cards: res.partner that the user keeps
        :return: a wizard with one line for each card"""
        wizard = self.create(
            {"survey_id": cards._get_satisfaction_survey().id, "line_ids": []}
        )
        recipients = wizard._get_recipients(cards)
        self.env["customer.satisfaction.send.line"].create(
            [
                {
                    "wizard_id": wizard.id,
                    "partner_id": card.id,
                    "recipient_id": recipients[card.id].id,
                }
                for card in cards
            ]
        )
        return wizard

    @api.model
    def _get_recipients(self, cards):
        """Whom to ask, by one search: the decision maker, else the handler, else the
        company itself; of those with an e-mail address.

        :return: ``{card id: res.partner}``
        """
        contacts = cards.search(
            [
                ("card_root_id", "in", cards.ids),
                ("email_normalized", "!=", False),
                ("contact_role", "in", ("decision_maker", "handler")),
            ],
            order="id",
        ).grouped("card_root_id")
        recipients = {}
        for card in cards:
            ranked = contacts.get(card, card.browse()).sorted(
                lambda contact: contact.contact_role != "decision_maker"
            )
            recipients[card.id] = ranked[:1] or card
        return recipients

    def action_confirm(self):
        """Send, each customer his own.

        :return: a notification that says how many
        :raise CardAccessError: for cards that the user does not keep
        :raise UserError: when nobody is left to write to
        """
        self.ensure_one()
        lines = self._get_lines_to_send()
        if not lines:
            raise UserError(
                self.env._(
                    "Nobody is left to ask: enter an e-mail address on the card, or "
                    "choose another recipient."
                )
            )
        recipients = lines.recipient_id
        recipients._check_letters_allowed()
        # sudo: salespeople have no rights on surveys; whom they ask was checked
        survey = self.survey_id.sudo()
        answers = self.env["survey.user_input"].sudo()
        for recipient in recipients:
            answers |= survey._create_answer(
                partner=recipient, check_attempts=False, deadline=self._get_deadline()
            )
        self.env.ref(
            "customer_visit.mail_template_satisfaction"
        ).sudo().send_mail_batch(answers.ids)
        # sudo: only which card a contact belongs to is read
        cards = recipients.browse(recipients.sudo().card_root_id.ids)
        cards._set_satisfaction_asked()
        self.env["customer.card.event"]._log(cards, "satisfaction_asked", survey.title)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": self.env._("Customers asked: %(count)s", count=len(cards)),
                "type": "success",
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _get_lines_to_send(self):
        return self.line_ids.filtered(lambda line: not line.reason)

    def _get_deadline(self):
        """:return: the end of the last day (UTC), or nothing"""
        return self.deadline and fields.Datetime.to_datetime(
            fields.Date.add(self.deadline, days=1)
        )


class CustomerSatisfactionSendLine(models.TransientModel):
    """One customer who is asked."""

    _name = "customer.satisfaction.send.line"
    _description = "Customer Asked for Satisfaction"
    _inherit = ["customer.link.guard.mixin"]
    _order = "reason, id"
    _allow_sudo_commands = False

    wizard_id = fields.Many2one(
        "customer.satisfaction.send", required=True, ondelete="cascade"
    )
    partner_id = fields.Many2one("res.partner", "Customer", required=True)
    recipient_id = fields.Many2one(
        "res.partner",
        required=True,
        domain="[('card_root_id', '=', partner_id), ('email', '!=', False)]",
    )
    email = fields.Char(related="recipient_id.email", related_sudo=False)
    reason = fields.Selection(
        [
            ("no_email", "No email address"),
            ("opted_out", "Wants no emails"),
            ("closed", "Card is closed"),
        ],
        "Why Not",
        compute="_compute_reason",
        store=True,
    )

    @api.depends("recipient_id", "partner_id")
    def _compute_reason(self):
        for line in self:
            recipient = line.recipient_id
            if line.partner_id.card_state == "closed":
                line.reason = "closed"
            elif not recipient.email_normalized:
                line.reason = "no_email"
            else:
                line.reason = "opted_out" if recipient.is_blacklisted else False

    @api.model
    def _filter_linkable_partners(self, partners):
        """Nobody asks the customers of somebody else."""
        return partners._filter_card_maintained()
