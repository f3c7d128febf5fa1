from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, formatLang

from .customer_visit_check import KINDS

VALUE_FIELDS = {
    "yes_no": "answer_yes_no",
    "choice": "answer_choice_id",
    "text": "answer_text",
    "number": "answer_number",
    "date": "answer_date",
}


class CustomerVisitAnswer(models.Model):
    """The answer to a question of a visit's checklist. Whoever may read the visit reads
    it; the visitor answers."""

    _name = "customer.visit.answer"
    _description = "Answer of a Checklist"
    _inherit = ["customer.card.read.log.mixin", "customer.card.gate.mixin"]
    _order = "visit_id, sequence, id"
    _rec_name = "question"
    # an x2many command inside a privileged write runs with the client's own rights
    _allow_sudo_commands = False
    # an answer is part of the visits on a card
    _card_gate_partner = "visit_id.partner_id"
    _card_gate_names = frozenset({"visit_ids"})

    visit_id = fields.Many2one(
        "customer.visit", required=True, index=True, ondelete="cascade"
    )
    card_root_id = fields.Many2one(
        related="visit_id.card_root_id",
        string="Customer Card",
        store=True,
        index="btree_not_null",
    )
    check_id = fields.Many2one(
        "customer.visit.check", required=True, index=True, ondelete="restrict"
    )
    question = fields.Char(related="check_id.name")
    # as the question was when it was asked
    sequence = fields.Integer(compute="_compute_question", store=True, precompute=True)
    kind = fields.Selection(
        KINDS, compute="_compute_question", store=True, precompute=True, required=True
    )
    required = fields.Boolean(compute="_compute_question", store=True, precompute=True)
    choices = fields.Json(compute="_compute_choices")
    # the value, one column for each kind
    answer_yes_no = fields.Selection([("yes", "Yes"), ("no", "No")], "Yes or No")
    answer_choice_id = fields.Many2one(
        "customer.visit.choice",
        "Choice",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('check_id', '=', check_id)]",
    )
    answer_text = fields.Text("Text")
    answer_number = fields.Float("Number", digits=(16, 2))
    has_number = fields.Boolean(
        help="Zero is an answer as well: whether a number was given."
    )
    answer_date = fields.Date("Date")
    is_answered = fields.Boolean(compute="_compute_is_answered", store=True)
    value = fields.Char("Answer", compute="_compute_value")

    _check_unique = models.Constraint(
        "UNIQUE (visit_id, check_id)", "A visit asks each question once."
    )

    @api.depends("check_id")
    def _compute_question(self):
        """Whoever changes a question later does not change what was asked."""
        for answer in self:
            answer.sequence = answer.check_id.sequence
            answer.kind = answer.check_id.kind
            answer.required = answer.check_id.required

    @api.depends_context("lang")
    @api.depends("check_id")
    def _compute_choices(self):
        for answer in self:
            answer.choices = [
                {"id": choice.id, "display_name": choice.name}
                for choice in answer.check_id.choice_ids
            ]

    @api.depends(
        "kind",
        "answer_yes_no",
        "answer_choice_id",
        "answer_text",
        "has_number",
        "answer_date",
    )
    def _compute_is_answered(self):
        for answer in self:
            name = VALUE_FIELDS.get(answer.kind)
            if answer.kind == "number":
                name = "has_number"
            answer.is_answered = bool(name and answer[name])

    @api.depends_context("lang")
    @api.depends("is_answered", *VALUE_FIELDS.values())
    def _compute_value(self):
        labels = dict(self._fields["answer_yes_no"]._description_selection(self.env))
        for answer in self:
            if not answer.is_answered:
                answer.value = False
            elif answer.kind == "yes_no":
                answer.value = labels[answer.answer_yes_no]
            elif answer.kind == "choice":
                answer.value = answer.answer_choice_id.name
            elif answer.kind == "number":
                number = answer.answer_number
                answer.value = formatLang(
                    self.env, number, digits=0 if number == int(number) else 2
                )
            elif answer.kind == "date":
                answer.value = format_date(self.env, answer.answer_date)
            else:
                answer.value = answer.answer_text

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        answers = super().create([self._complete_values(vals) for vals in vals_list])
        if not self.env.su and (given := answers.filtered("is_answered")):
            given._check_answers_mine()
        return answers

    def write(self, vals):
        if not self.env.su:
            if fixed := {"visit_id", "check_id"} & vals.keys():
                raise UserError(
                    self.env._(
                        "%(fields)s: the questions follow from the purpose of the "
                        "visit. Only the answers are yours.",
                        fields=", ".join(
                            self._fields[name]._description_string(self.env)
                            for name in sorted(fixed)
                        ),
                    )
                )
            self._check_answers_mine()
        return super().write(self._complete_values(vals))

    @api.model
    def _complete_values(self, vals):
        """A number that is given is an answer, zero too. What a question is follows
        from the question, whatever the client sends."""
        vals = {
            name: value
            for name, value in vals.items()
            if name not in ("kind", "required", "sequence")
        }
        if "answer_number" in vals and "has_number" not in vals:
            vals["has_number"] = vals["answer_number"] is not False
        return vals

    def _check_answers_mine(self):
        """An answer is part of the report.

        :raise AccessError, UserError: see ``customer.visit._check_written_values``
        """
        self.visit_id._check_written_values({"report": True})
