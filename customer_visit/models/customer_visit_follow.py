from odoo import models


class CustomerVisit(models.Model):
    """Who is told about a visit. A follower receives what is written on a document,
    whatever his rights on it become: who may follow is said by ``mail.followers``."""

    _inherit = "customer.visit"

    def _message_auto_subscribe_followers(self, updated_values, default_subtype_ids):
        """A visitor is told when somebody plans a visit for him by hand, not of each
        visit of his weekly plan or of a cycle."""
        if self._is_visit_door_open() or updated_values.get("user_id") == self.env.uid:
            return []
        return super()._message_auto_subscribe_followers(
            updated_values, default_subtype_ids
        )
