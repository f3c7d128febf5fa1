from odoo import api, fields, models


class CustomerVisit(models.Model):
    """Contacts that are recorded at once, without a plan: the one door by which
    activities, messages and events become visits."""

    _inherit = "customer.visit"

    @api.model
    def _log_contacts(self, vals_list):
        """Record contacts that have taken place, as reported visits.

        The caller has checked that the user may tell about the card.

        :param vals_list: list of dicts as for ``create``; ``date_start`` and
            ``date_end`` are now where they are missing, ``user_id`` the user
        :return: the visits
        """
        now = fields.Datetime.now()
        visits = self._visit_through_door().create(
            [
                {
                    "date_start": now,
                    "date_end": vals.get("date_start") or now,
                    "date_planned": vals.get("date_start") or now,
                    "state": "reported",
                    "date_reported": now,
                    **vals,
                }
                for vals in vals_list
            ]
        )
        visits = self.browse(visits.ids)
        visits._log_visits("visit_reported")
        visits._after_contact()
        visits._after_reported()
        return visits
