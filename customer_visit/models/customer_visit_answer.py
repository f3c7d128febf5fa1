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
    sequence = fields.Integer(readonly=True)
    kind = fields.Selection(KINDS, required=True, readonly=True)
    required = fields.Boolean(readonly=True)
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
            name = "has_number" if answer.kind == "number" else VALUE_FIELDS[answer.kind]
            answer.is_answered = bool(answer[name])

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

    def write(self, vals):
        if not self.env.su:
            if fixed := {"visit_id", "check_id", "kind", "required"} & vals.keys():
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
            # an answer is part of the report
            self.visit_id._check_written_values({"answer_ids": vals})
        if "answer_number" in vals and "has_number" not in vals:
            vals = {**vals, "has_number": vals["answer_number"] is not False}
        return super().write(vals)
