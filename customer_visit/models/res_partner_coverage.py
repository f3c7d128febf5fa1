from odoo import api, models
from odoo.tools import SQL


class ResPartner(models.Model):
    """Who has to contact whom, and how it stands: what the reports count."""

    _inherit = "res.partner"

    @api.model
    def _get_coverage_query(self):
        """:return: SQL of all cards with a policy: ``id``, ``user_id`` (who has to see
        to the contact: the custodian, of a policy for managers the leader of the
        department), ``team_id``, ``policy_id`` and ``status`` on the user's today"""
        # sudo: columns of cards; who reads the result is up to its record rules
        Partner = self.sudo()
        return SQL(
            """
            SELECT card.id AS id,
                   CASE WHEN policy.who = 'manager' THEN team.user_id
                        ELSE card.card_custodian_id END AS user_id,
                   card.card_team_id AS team_id,
                   card.contact_policy_id AS policy_id,
                   %s AS status
              FROM res_partner card
              JOIN customer_contact_policy policy ON policy.id = card.contact_policy_id
         LEFT JOIN crm_team team ON team.id = card.card_team_id
            """,
            Partner._get_contact_status_sql("card"),
        )
