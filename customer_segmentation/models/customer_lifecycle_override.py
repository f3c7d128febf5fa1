from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from .customer_metrics import LIFECYCLE_STAGES


class CustomerLifecycleOverride(models.Model):
    """A customer moved to another stage of the life cycle by hand: by whom, why and
    until when. From the day after its last one the rules count again.

    One holds per company and customer; a new one ends the one before. Made and ended
    by whoever keeps the card (custodian, deputy, managers, administrators), through
    ``_set_stage`` and ``action_end`` alone; kept as history.
    """

    _name = "customer.lifecycle.override"
    _description = "Stage Set by Hand"
    _order = "date_from desc, id desc"
    _rec_name = "partner_id"
    # an x2many command inside a privileged write runs with the client's own rights
    _allow_sudo_commands = False

    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    stage_from = fields.Selection(LIFECYCLE_STAGES, "From")
    stage = fields.Selection(LIFECYCLE_STAGES, "To", required=True)
    reason = fields.Char(required=True)
    user_id = fields.Many2one("res.users", "By", ondelete="set null")
    date_from = fields.Date("Since", required=True)
    valid_until = fields.Date(
        "Holds Until",
        required=True,
        help="The last day; from the next one on the rules count again.",
    )
    date_ended = fields.Date(
        "Ended On", help="The first day on which it did not hold any more."
    )
    ended = fields.Selection(
        [
            ("expired", "Expired"),
            ("replaced", "Replaced"),
            ("withdrawn", "Taken Back"),
        ],
        "How It Ended",
    )
    ended_by_id = fields.Many2one("res.users", ondelete="set null")
    can_end = fields.Boolean("I May End This", compute="_compute_can_end")

    _running_uniq = models.UniqueIndex(
        "(company_id, partner_id) WHERE date_ended IS NULL",
        "Only one stage set by hand holds for a customer.",
    )
    _expiry_idx = models.Index("(valid_until) WHERE date_ended IS NULL")
    _dates_order = models.Constraint(
        "CHECK (valid_until >= date_from)",
        "A stage set by hand holds at least for the day on which it was set.",
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends_context("uid")
    @api.depends("partner_id", "date_ended")
    def _compute_can_end(self):
        kept = self.partner_id._filter_card_maintained()
        for override in self:
            override.can_end = not override.date_ended and override.partner_id in kept

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_end(self):
        """Take it back: the rules count again at once.

        :raise CardAccessError: unless the user keeps the cards
        """
        self.check_access("read")
        self.partner_id._check_card_maintained()
        if ended := self.filtered("date_ended"):
            raise UserError(
                self.env._(
                    "%(customers)s: the stage set by hand has ended already.",
                    customers=ended.partner_id._get_card_names(),
                )
            )
        self._end("withdrawn")
        return True

    # ------------------------------------------------------------
    # SETTING AND ENDING
    # ------------------------------------------------------------

    @api.model
    def _set_stage(self, rows, stage, reason, valid_until):
        """Move customers to a stage by hand.

        :param rows: customer.metrics
        :param stage: value of ``lifecycle_stage``
        :param reason: why, for others to read
        :param valid_until: date, the last day on which it holds
        :return: the new records
        :raise CardAccessError: unless the user keeps all these cards
        :raise UserError: for a customer without a card, without a reason, and for a
            last day in the past or more than two years ahead
        """
        rows.check_access("read")
        cards = rows.partner_id
        self._check_are_cards(cards)
        cards._check_card_maintained()
        reason = (reason or "").strip()
        # sudo: made by this method alone, whose caller is checked above
        Overrides = self.sudo()
        overrides = self.browse()
        for company, of_company in rows.grouped("company_id").items():
            today = company._get_metrics_today()
            self._check_stage_values(of_company.partner_id, reason, valid_until, today)
            of_company._get_override()._close("replaced", today)
            overrides |= Overrides.create(
                [
                    {
                        "partner_id": row.partner_id.id,
                        "company_id": company.id,
                        "stage_from": row.lifecycle_stage,
                        "stage": stage,
                        "reason": reason,
                        "user_id": self.env.uid,
                        "date_from": today,
                        "valid_until": valid_until,
                    }
                    for row in of_company
                ]
            )
        overrides._apply(reason)
        overrides._log_set()
        return overrides.sudo(False)

    @api.model
    def _check_are_cards(self, partners):
        # sudo: only whether these are cards is read
        without = partners.sudo().filtered(lambda partner: not partner.card_state)
        if without:
            raise UserError(
                self.env._(
                    "%(customers)s: without a card nobody keeps this customer. Open a "
                    "card first.",
                    customers=partners.browse(without.ids)._get_card_names(),
                )
            )

    @api.model
    def _check_stage_values(self, partners, reason, valid_until, today):
        """:raise UserError: see ``_set_stage``"""
        names = partners._get_card_names()
        if not reason:
            raise UserError(
                self.env._(
                    "%(customers)s: say why the stage is set by hand.", customers=names
                )
            )
        if not valid_until or not today <= valid_until <= today + timedelta(days=731):
            raise UserError(
                self.env._(
                    "%(customers)s: a stage set by hand holds from today until a day "
                    "within the next two years. Choose another last day.",
                    customers=names,
                )
            )

    def _end(self, how):
        """The rules count again for these customers.

        :param how: value of ``ended``
        """
        # sudo: the callers have checked who ends them, or the days have passed
        overrides = self.sudo()
        for company, of_company in overrides.grouped("company_id").items():
            of_company._close(how, company._get_metrics_today())
        labels = dict(self._fields["ended"]._description_selection(self.env))
        overrides._apply(
            self.env._("Stage set by hand: %(ended)s", ended=labels[how].lower()), True
        )
        overrides._log_end(labels[how])

    def _close(self, how, today):
        # sudo: as in _end
        self.sudo().write(
            {
                "date_ended": today,
                "ended": how,
                "ended_by_id": self.env.uid if how != "expired" else False,
            }
        )
        # before the next one is inserted: only one may run
        self.flush_recordset()

    def _apply(self, reason, ended=False):
        """Bring the figures of these customers in line now, the next run finds nothing
        to do: a query per stage, whatever the number of customers.

        :param reason: for the history of changes
        :param ended: the rules count again
        """
        # sudo: figures are written by the system alone; the callers are checked
        Metrics = self.env["customer.metrics"].sudo()
        override_of = {
            (one.company_id.id, one.partner_id.id): one for one in self.sudo()
        }
        rows = Metrics.search(
            [
                ("company_id", "in", self.sudo().company_id.ids),
                ("partner_id", "in", self.sudo().partner_id.ids),
            ]
        ).filtered(lambda row: (row.company_id.id, row.partner_id.id) in override_of)
        moved = {}
        for row in rows:
            override = override_of[row.company_id.id, row.partner_id.id]
            if ended:
                row.lifecycle_override_id = False
                moved[row] = row.lifecycle_computed or "potential"
            else:
                row.lifecycle_override_id = override
                moved[row] = override.stage
        rows._write_lifecycle_stage(moved, reason)
        Metrics._follow_by_hand(rows.partner_id, "lifecycle")

    def _log_set(self):
        labels = dict(self._fields["stage"]._description_selection(self.env))
        self.env["customer.card.event"]._log_requests(
            "stage_set",
            [
                (
                    one,
                    one.partner_id,
                    self.env._(
                        "%(old)s → %(new)s: %(reason)s",
                        old=labels.get(one.stage_from, "–"),
                        new=labels[one.stage],
                        reason=one.reason,
                    ),
                )
                for one in self.sudo()
            ],
        )

    def _log_end(self, how):
        labels = dict(self._fields["stage"]._description_selection(self.env))
        self.env["customer.card.event"]._log_requests(
            "stage_ended",
            [
                (
                    one,
                    one.partner_id,
                    self.env._("%(stage)s: %(how)s", stage=labels[one.stage], how=how),
                )
                for one in self.sudo()
            ],
        )

    # ------------------------------------------------------------
    # EXPIRY
    # ------------------------------------------------------------

    @api.model
    def _cron_expire(self, batch=500):
        """End what has passed its last day, in the time zone of each company. Repeated
        or interrupted it goes on with what is left.

        :param batch: so many are ended and committed at once
        """
        Cron = self.env["ir.cron"]
        # sudo: scheduled action
        companies = self.env["res.company"].sudo().search([])  # pylint: disable=no-search-all
        for company in companies:
            domain = [
                ("company_id", "=", company.id),
                ("date_ended", "=", False),
                ("valid_until", "<", company._get_metrics_today()),
            ]
            remaining = self.sudo().search_count(domain)
            while remaining:
                # two at once: whoever comes second leaves what the other one has
                overrides = (
                    self.sudo().search(domain, limit=batch).try_lock_for_update()
                )
                if not overrides:
                    break
                overrides._end("expired")
                remaining = max(remaining - len(overrides), 0)
                Cron._commit_progress(len(overrides), remaining=remaining)
