from odoo import fields, models

KINDS = [
    ("yes_no", "Yes or No"),
    ("choice", "Choice"),
    ("text", "Text"),
    ("number", "Number"),
    ("date", "Date"),
]


class CustomerVisitCheck(models.Model):
    """A question that the checklist of a purpose asks."""

    _name = "customer.visit.check"
    _description = "Question of a Checklist"
    _order = "sequence, id"

    purpose_id = fields.Many2one(
        "customer.visit.purpose", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    name = fields.Char("Question", required=True, translate=True)
    kind = fields.Selection(KINDS, default="yes_no", required=True)
    choice_ids = fields.One2many("customer.visit.choice", "check_id", "Choices")
    required = fields.Boolean(
        help="The report cannot be handed in without an answer.", default=False
    )

    def _filter_askable(self):
        """:return: the questions that can be answered: without choices there is
        nothing to choose from"""
        return self.filtered(lambda check: check.kind != "choice" or check.choice_ids)


class CustomerVisitChoice(models.Model):
    """One of the answers that a question offers."""

    _name = "customer.visit.choice"
    _description = "Choice of a Checklist"
    _order = "sequence, id"

    check_id = fields.Many2one(
        "customer.visit.check", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
