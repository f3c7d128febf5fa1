from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date


class CustomerCardContract(models.Model):
    """A supply contract with a customer: from when until when, for how much, the
    signed copy, and how it is performed.

    Whoever reads the card reads its contracts and their copies, whoever keeps it edits
    them. The days are those of the user who looks.
    """

    _name = "customer.card.contract"
    _description = "Supply Contract"
    _inherit = ["customer.card.line.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date_end DESC, id DESC"
    _check_company_auto = True

    # what
    name = fields.Char(
        "Subject",
        required=True,
        tracking=True,
        help="What is supplied, and the number of the contract if it has one.",
    )
    date_start = fields.Date(
        "Starts On",
        required=True,
        default=lambda self: self.env.user._card_today(),
        tracking=True,
    )
    date_end = fields.Date(
        "Ends On",
        tracking=True,
        index=True,
        help="The last day. Empty: the contract runs until further notice.",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        index=True,
        help="Which of your companies supplies.",
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    amount = fields.Monetary(
        tracking=True, help="Untaxed value over the whole term of the contract."
    )
    attachment_ids = fields.Many2many(
        "ir.attachment",
        "customer_card_contract_attachment_rel",
        "contract_id",
        "attachment_id",
        "Signed Copy",
        copy=False,
        help="Whoever may read the card may read the copy; whoever keeps it may "
        "replace it.",
    )
    # how it goes
    performance = fields.Selection(
        [
            ("as_agreed", "As Agreed"),
            ("minor_delays", "Minor Delays"),
            ("breached", "Breached"),
            ("fulfilled", "Fulfilled"),
        ],
        copy=False,
        tracking=True,
        help="How both sides keep what was agreed.",
    )
    performance_note = fields.Text(copy=False)
    # term
    reminder_days = fields.Integer(
        "Remind Before (Days)",
        default=lambda self: self.env.company.card_contract_reminder_days,
        help="How many days before the end the custodian gets a to-do. 0: never.",
    )
    reminder_date = fields.Date(
        compute="_compute_reminder_date", store=True, index="btree_not_null"
    )
    term_state = fields.Selection(
        [
            ("future", "Future"),
            ("running", "Running"),
            ("ending", "Ending Soon"),
            ("ended", "Ended"),
        ],
        "Term",
        compute="_compute_term_state",
        search="_search_term_state",
        group_expand="_group_expand_term_state",
    )
    predecessor_id = fields.Many2one(
        "customer.card.contract",
        "Renews",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    successor_ids = fields.One2many(
        "customer.card.contract", "predecessor_id", "Renewed By", readonly=True
    )

    _amount_positive = models.Constraint(
        "CHECK (amount >= 0)", "The amount of a contract cannot be negative."
    )
    _reminder_days_positive = models.Constraint(
        "CHECK (reminder_days >= 0)",
        "The days of the reminder cannot be negative: 0 means no reminder.",
    )
    _predecessor_unique = models.UniqueIndex(
        "(predecessor_id) WHERE predecessor_id IS NOT NULL AND active",
        "This contract was renewed already.",
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("company_id")
    def _compute_currency_id(self):
        for contract in self:
            contract.currency_id = (
                contract.currency_id
                or contract.company_id.currency_id
                or self.env.company.currency_id
            )

    @api.depends("date_end", "reminder_days")
    def _compute_reminder_date(self):
        for contract in self:
            contract.reminder_date = (
                contract.reminder_days > 0
                and contract.date_end
                and contract.date_end - relativedelta(days=contract.reminder_days)
            )

    @api.depends_context("uid")
    @api.depends("date_start", "date_end", "reminder_date")
    def _compute_term_state(self):
        today = self.env.user._card_today()
        for contract in self:
            if contract.date_start and contract.date_start > today:
                contract.term_state = "future"
            elif contract.date_end and contract.date_end < today:
                contract.term_state = "ended"
            elif contract.reminder_date and contract.reminder_date <= today:
                contract.term_state = "ending"
            else:
                contract.term_state = "running"

    @api.model
    def _get_term_domains(self):
        """:return: ``{term state: Domain}`` on the user's day"""
        today = self.env.user._card_today()
        started = Domain("date_start", "<=", today)
        ended = Domain("date_end", "<", today)
        near = Domain("reminder_date", "<=", today)
        open_end = Domain("date_end", "=", False) | Domain("date_end", ">=", today)
        return {
            "future": Domain("date_start", ">", today),
            "running": started
            & open_end
            & (
                Domain("reminder_date", "=", False)
                | Domain("reminder_date", ">", today)
            ),
            "ending": started & open_end & near,
            "ended": started & ended,
        }

    def _search_term_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        domains = self._get_term_domains()
        return Domain.OR(domains[state] for state in value if state in domains)

    def _read_group_groupby(self, alias, groupby_spec, query):
        """A term state is a matter of the day, so it is not stored: group by the
        dates."""
        if groupby_spec != "term_state":
            return super()._read_group_groupby(alias, groupby_spec, query)
        return SQL(
            """
            CASE WHEN %(start)s > %(today)s THEN 'future'
                 WHEN %(end)s < %(today)s THEN 'ended'
                 WHEN %(reminder)s <= %(today)s THEN 'ending'
                 ELSE 'running' END
            """,
            start=self._field_to_sql(alias, "date_start", query),
            end=self._field_to_sql(alias, "date_end", query),
            reminder=self._field_to_sql(alias, "reminder_date", query),
            today=self.env.user._card_today(),
        )

    def _group_expand_term_state(self, states, domain):
        return [state for state, _label in self._fields["term_state"].selection]

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("date_start", "date_end")
    def _check_dates(self):
        for contract in self:
            if contract.date_end and contract.date_end < contract.date_start:
                raise ValidationError(
                    self.env._(
                        "%(contract)s ends on %(end)s, before it starts on %(start)s. "
                        "Correct one of the dates.",
                        contract=contract.name,
                        end=format_date(self.env, contract.date_end),
                        start=format_date(self.env, contract.date_start),
                    )
                )

    @api.constrains("predecessor_id", "partner_id")
    def _check_predecessor(self):
        for contract in self.filtered("predecessor_id"):
            # sudo: the customers are compared, nothing is shown
            if contract.sudo().predecessor_id.partner_id != contract.partner_id:
                raise ValidationError(
                    self.env._(
                        "%(contract)s can only renew a contract with the same customer.",
                        contract=contract.name,
                    )
                )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        contracts = super().create(vals_list)
        contracts._adopt_copies()
        return contracts

    def write(self, vals):
        if "attachment_ids" not in vals:
            return super().write(vals)
        before = self.attachment_ids
        result = super().write(vals)
        self._adopt_copies(before)
        return result

    def _adopt_copies(self, before=None):
        """Files that were uploaded for a contract belong to it: whoever may read it
        reads them, and nobody else.

        :raise UserError: for a file that somebody else uploaded, or that belongs to
            another document: by its bare id anybody could put it here and read it
        """
        for contract in self:
            # sudo: a foreign file is to be refused, not to be overlooked
            copies = contract.sudo().attachment_ids
            if before is not None:
                copies -= before.sudo()
            copies = copies.filtered(
                lambda copy, contract=contract: (
                    (copy.res_model, copy.res_id) != (contract._name, contract.id)
                )
            )
            foreign = copies.filtered(
                lambda copy: copy.res_id or copy.create_uid != self.env.user
            )
            if foreign and not self.env.su:
                raise UserError(
                    self.env._(
                        "%(contract)s: upload the signed copy here. A file of another "
                        "document cannot be taken over.",
                        contract=contract.name,
                    )
                )
            copies.write({"res_model": contract._name, "res_id": contract.id})

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_renew(self):
        """Make the contract that follows this one, of the same length, and open it.
        This one stays as it is.

        :return: the action that opens the new contract
        :raise AccessError: for a contract of a card that the user does not keep
        :raise UserError: for a contract without end, or that was renewed already
        """
        self.ensure_one()
        self.check_access("write")
        if not self.date_end:
            raise UserError(
                self.env._(
                    "%(contract)s runs until further notice: give it an end before "
                    "you renew it.",
                    contract=self.name,
                )
            )
        if successor := self.successor_ids[:1]:
            raise UserError(
                self.env._(
                    "%(contract)s was renewed already, from %(start)s on.",
                    contract=self.name,
                    start=format_date(self.env, successor.date_start),
                )
            )
        start = self.date_end + relativedelta(days=1)
        successor = self.copy(
            {
                "date_start": start,
                "date_end": start
                + relativedelta(start, self.date_start)
                - relativedelta(days=1),
                "predecessor_id": self.id,
            }
        )
        self._log_line_changes(
            lambda contract: self.env._(
                "%(part)s: %(name)s renewed until %(end)s",
                part=self._get_part_label(),
                name=contract.name,
                end=format_date(self.env, successor.date_end),
            )
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": successor.id,
            "views": [(False, "form")],
        }
