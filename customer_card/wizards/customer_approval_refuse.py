from odoo import fields, models
from odoo.exceptions import UserError

from ..models.customer_approval_mixin import CustomerApprovalMixin


class CustomerApprovalRefuse(models.TransientModel):
    """Asks an approver for the reason before he refuses."""

    _name = "customer.approval.refuse"
    _description = "Refuse a Request"

    res_model = fields.Char("Document", required=True)
    res_ids = fields.Json("Requests", required=True)
    reason = fields.Text(required=True)

    def action_confirm(self):
        """Refuse the requests, with all the checks of ``action_refuse``.

        :raise UserError: when the wizard was not opened from requests
        """
        self.ensure_one()
        model = self.env.get(self.res_model)
        if not isinstance(model, CustomerApprovalMixin):
            raise UserError(self.env._("Open this from the requests to refuse."))
        model.browse(self.res_ids).action_refuse(self.reason)
        return {"type": "ir.actions.act_window_close"}
