from collections import defaultdict

from odoo import api, models
from odoo.tools import SQL, format_datetime, html2plaintext

from ..models.res_users_visit import DONE_STATES, OPEN_STATES

# visits on the print of a card
VISITS_LENGTH = 8
TEXT_LENGTH = 400


class CardPrint(models.AbstractModel):
    """The section *Visits* of a card: the last visits and what is planned."""

    _inherit = "report.customer_card.card_print"

    @api.model
    def _get_section_visits(self, cards):
        Visit = self.env["customer.visit"]
        Visit.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT last.id
                  FROM unnest(%(cards)s) card (id)
            CROSS JOIN LATERAL (
                    SELECT visit.id
                      FROM customer_visit visit
                     WHERE visit.partner_id = card.id
                       AND visit.state = ANY(%(states)s)
                       AND visit.company_id = ANY(%(companies)s)
                  ORDER BY visit.visit_date DESC NULLS FIRST, visit.id DESC
                     LIMIT %(length)s) last
                """,
                cards=cards.ids,
                # an extract is read past the rules, the one on companies too
                companies=self.env.companies.ids,
                states=[*OPEN_STATES, *DONE_STATES],
                length=VISITS_LENGTH,
            )
        )
        # a search: which visits the user may read is for their rules to say
        visits = Visit.with_env(cards.env).search(
            [("id", "in", [row[0] for row in rows])],
            order="visit_date DESC, id DESC",
        )
        result = defaultdict(list)
        for visit in visits:
            result[visit.partner_id.id].append(self._get_visit_line(visit))
        return result

    def _get_visit_line(self, visit):
        moment = visit.date_start or visit.date_planned
        return {
            "date": format_datetime(
                self.env, moment, tz=self.env.user.tz or "UTC", dt_format="short"
            )
            if moment
            else False,
            "method": self._format_value(visit, "method"),
            "purpose": visit.purpose_id.name,
            # sudo: the name of a colleague
            "visitor": visit.sudo().user_id.name,
            "state": self._format_value(visit, "state"),
            "text": self._get_visit_text(visit),
            "next": " – ".join(
                filter(None, (visit.next_step, self._format_value(visit, "next_date")))
            ),
        }

    def _get_visit_text(self, visit):
        if visit.state in OPEN_STATES:
            return visit.objective
        text = html2plaintext(visit.report or "").strip() or visit.customer_said or ""
        return text if len(text) <= TEXT_LENGTH else f"{text[:TEXT_LENGTH]} …"
