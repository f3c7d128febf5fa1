from odoo import api, models

NEGOTIATION_FIELDS = {"active", "partner_id", "probability", "stage_id", "type"}


class CrmLead(models.Model):
    """A customer with whom we negotiate is contacted more often: when an opportunity
    begins or ends, his next contact is worked out anew."""

    _inherit = "crm.lead"

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        leads._after_negotiation_changed()
        return leads

    def write(self, vals):
        if not NEGOTIATION_FIELDS & vals.keys():
            return super().write(vals)
        # sudo: only whose lead it was
        before = self.sudo().partner_id
        result = super().write(vals)
        self._after_negotiation_changed(before)
        return result

    def unlink(self):
        # sudo: only whose lead it was
        partners = self.sudo().partner_id
        result = super().unlink()
        self.browse()._after_negotiation_changed(partners)
        return result

    def _after_negotiation_changed(self, partners=None):
        """:param partners: res.partner that these leads had before"""
        watched = self.env["customer.contact.policy"]._get_watched_fields()
        if "card_in_negotiation" not in watched:
            return
        # sudo: only whose lead it is
        customers = self.sudo().partner_id
        if partners:
            customers |= partners
        customers._contacts_changed()
