from odoo import api, fields, models


class CustomerVisitMethod(models.Model):
    """The methods of a visit as records, so that a policy can say which of them count.
    Each stands for one value of ``customer.visit.method``."""

    _name = "customer.visit.method"
    _description = "Method of Contact"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Selection(
        "_selection_code", "Method", required=True, help="The method of the visits."
    )
    sequence = fields.Integer(default=10)

    _code_unique = models.Constraint("UNIQUE (code)", "Each method is listed once.")

    @api.model
    def _selection_code(self):
        return (
            self.env["customer.visit"]
            ._fields["method"]
            ._description_selection(self.env)
        )
