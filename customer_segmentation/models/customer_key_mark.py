from odoo import api, fields, models
from odoo.exceptions import UserError


class CustomerKeyMark(models.Model):
    """A star of a key customer that somebody set or took away by hand, with the reason.
    It comes before the rules until it is ended. Made and ended by whoever keeps the
    card, through ``_set_mark`` and ``action_end`` alone; kept as history."""

    _name = "customer.key.mark"
    _description = "Star Set by Hand"
    _order = "date desc, id desc"
    _rec_name = "partner_id"
    # an x2many command inside a privileged write runs with the client's own rights
    _allow_sudo_commands = False

    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    is_key = fields.Boolean("Key Customer", required=True)
    reason = fields.Char(required=True)
    user_id = fields.Many2one("res.users", "By", ondelete="set null")
    date = fields.Date("Since", required=True)
    date_ended = fields.Date("Ended On")
    ended_by_id = fields.Many2one("res.users", ondelete="set null")
    can_end = fields.Boolean("I May End This", compute="_compute_can_end")

    _running_uniq = models.UniqueIndex(
        "(company_id, partner_id) WHERE date_ended IS NULL",
        "Only one star set by hand holds for a customer.",
    )

    @api.depends_context("uid")
    @api.depends("partner_id", "date_ended")
    def _compute_can_end(self):
        kept = self.partner_id._filter_card_maintained()
        for mark in self:
            mark.can_end = not mark.date_ended and mark.partner_id in kept

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_end(self):
        """From now on the rules decide again.

        :raise CardAccessError: unless the user keeps the cards
        """
        self.check_access("read")
        self.partner_id._check_card_maintained()
        # sudo: ended by this method alone, which has just checked the user
        running = self.sudo().filtered(lambda mark: not mark.date_ended)
        running._close()
        self.env["customer.card.event"]._log_requests(
            "key_mark_ended", [(mark, mark.partner_id, mark.reason) for mark in running]
        )
        running._apply()
        return True

    # ------------------------------------------------------------
    # SETTING AND ENDING
    # ------------------------------------------------------------

    @api.model
    def _set_mark(self, partners, company, is_key, reason):
        """Set the star of these cards by hand, or take it away.

        :param partners: res.partner, cards
        :param company: res.company
        :param is_key: whether they are key customers
        :param reason: why, for others to read
        :return: the new records
        :raise CardAccessError: unless the user keeps all these cards
        :raise UserError: for a customer without a card, or without a reason
        """
        partners.check_access("read")
        self.env["customer.lifecycle.override"]._check_are_cards(partners)
        partners._check_card_maintained()
        reason = (reason or "").strip()
        if not reason:
            raise UserError(
                self.env._(
                    "%(customers)s: say why the star is set or taken away.",
                    customers=partners._get_card_names(),
                )
            )
        # sudo: made by this method alone, which has just checked the user
        Marks = self.sudo()
        Marks.search(
            [
                ("company_id", "=", company.id),
                ("partner_id", "in", partners.ids),
                ("date_ended", "=", False),
            ]
        )._close()
        marks = Marks.create(
            [
                {
                    "partner_id": partner.id,
                    "company_id": company.id,
                    "is_key": is_key,
                    "reason": reason,
                    "user_id": self.env.uid,
                    "date": company._get_metrics_today(),
                }
                for partner in partners
            ]
        )
        self.env["customer.card.event"]._log_requests(
            "key_marked" if is_key else "key_unmarked",
            [(mark, mark.partner_id, reason) for mark in marks],
        )
        marks._apply()
        return marks.sudo(False)

    def _close(self):
        for company, marks in self.grouped("company_id").items():
            marks.write(
                {
                    "date_ended": company._get_metrics_today(),
                    "ended_by_id": self.env.uid,
                }
            )
        # before the next one is inserted: only one may run
        self.flush_recordset()

    def _apply(self):
        """Bring the figures of these customers in line now."""
        Metrics = self.env["customer.metrics"]
        for company, marks in self.grouped("company_id").items():
            Metrics._ensure_rows(company, marks.partner_id)
            Metrics._refresh_keys(company, marks.partner_id)
        Metrics._follow_by_hand(self.partner_id, "key")
