from odoo import api, fields, models
from odoo.tools import SQL, Query

from odoo.addons.customer_card.models.res_partner_freshness import (
    OPEN_STATES as OPEN_CARD_STATES,
)

from .res_partner_cadence import CADENCE_FIELDS, SYSTEM_FIELDS
from .res_users_visit import DONE_STATES, OPEN_STATES

WRITTEN_FIELDS = (*CADENCE_FIELDS, "contact_since")
# what begins the time before the first contact anew
BEGINNING_FIELDS = {"card_custodian_id", "card_state"}


class ResPartner(models.Model):
    """The next contacts are worked out by SQL: one statement for the cards of a visit,
    two for all cards there are, whatever their number."""

    _inherit = "res.partner"

    # ------------------------------------------------------------
    # WHEN
    # ------------------------------------------------------------

    @api.depends(
        "visit_ids.partner_id",
        "visit_ids.state",
        "visit_ids.visit_date",
        "visit_ids.method",
        "visit_ids.user_id",
        "visit_ids.result",
        "visit_ids.origin",
        "visit_ids.plan_id.state",
    )
    def _compute_contacts(self):
        """Whatever happens to a visit, its card is worked out before it is read, and
        all cards of a transaction at once."""
        for partner in self.filtered(lambda partner: not partner.id):
            for name in CADENCE_FIELDS:
                partner[name] = partner._origin[name]
        real = self.filtered("id")
        # a contact that never had a card costs no query: Odoo makes thousands of them
        plain = real.filtered(lambda one: not one.card_state and not one.contact_since)
        for name in CADENCE_FIELDS:
            plain[name] = False
        if cards := real - plain:
            cards._write_contacts()

    def _contacts_changed(self):
        """These cards, or the cards above these contacts, have changed: their next
        contact is worked out when it is read or searched, at the latest before the
        commit. For whatever changes what a policy reads."""
        # sudo: whoever edits a contact or a lead may not be able to read its card
        cards = self.sudo()
        # a merge takes cards off: what was one has no next contact any more
        cards = cards.card_root_id | cards.filtered("contact_policy_id")
        for name in CADENCE_FIELDS:
            self.env.add_to_compute(self._fields[name], cards)
        cards.invalidate_recordset(["contact_status", "contact_urgency"], flush=False)

    def _after_cards_opened(self):
        result = super()._after_cards_opened()
        self._begin_contacts()
        self._contacts_changed()
        return result

    def _write_card_keepers(self, values, salesperson=False):
        result = super()._write_card_keepers(values, salesperson)
        if "card_custodian_id" in values:
            self._begin_contacts()
        self._contacts_changed()
        return result

    def _begin_contacts(self):
        """Somebody has these cards from today on."""
        self._stamp_card("contact_since", self.env.user._card_today())

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model
    def _without_measured(self, vals):
        vals = super()._without_measured(vals)
        measured = CADENCE_FIELDS.keys() | SYSTEM_FIELDS.keys()
        if self.env.su or not measured & vals.keys():
            return vals
        return {name: vals[name] for name in vals if name not in measured}

    def write(self, vals):
        watched = self.env["customer.contact.policy"]._get_watched_fields()
        if not watched & vals.keys():
            return super().write(vals)
        # sudo: only which cards they belong to, and who keeps those
        contacts = self.sudo()
        before = contacts.card_root_id
        keepers = {card: (card.card_custodian_id, card.card_state) for card in before}
        result = super().write(vals)
        if BEGINNING_FIELDS & vals.keys():
            contacts._after_new_beginning(keepers)
        (before | contacts)._contacts_changed()
        return result

    def _after_new_beginning(self, keepers):
        """Cards that were reopened, or given to somebody else, begin anew.

        :param keepers: ``{card: (custodian, state)}`` before
        """
        begun = self.browse()
        for card, (custodian, state) in keepers.items():
            reopened = state == "closed" and card.card_state != "closed"
            if card.card_custodian_id != custodian or reopened:
                begun |= card
        begun.filtered("card_state")._begin_contacts()

    # ------------------------------------------------------------
    # HOW
    # ------------------------------------------------------------

    @api.model
    def _refresh_contacts(self, card_ids=None):
        """Work out when cards have to be contacted next, and write what has changed.

        For all cards two statements, whatever their number: PostgreSQL gives no
        parallel workers to one that writes. Cards that somebody is saving are left to
        him, and to the night.

        :param card_ids: ids of cards; by default all cards there are
        :return: how many cards changed
        """
        if card_ids is not None:
            return self.browse(card_ids)._write_contacts()
        self.env.flush_all()
        self.env.cr.execute("DROP TABLE IF EXISTS customer_contact_due")
        self.env.cr.execute(
            SQL(
                "CREATE TEMPORARY TABLE customer_contact_due ON COMMIT DROP AS %s",
                self._get_contacts_query(
                    SQL(
                        "(card.card_state IS NOT NULL"
                        " OR card.contact_policy_id IS NOT NULL)"
                    )
                ),
            )
        )
        self.env.cr.execute(
            SQL(
                """
                WITH free AS (
                    SELECT computed.*
                      FROM res_partner card
                      JOIN customer_contact_due computed ON computed.id = card.id
                       FOR NO KEY UPDATE OF card SKIP LOCKED
                )
                UPDATE res_partner card SET %s FROM free computed
                 WHERE card.id = computed.id
                """,
                self._get_contacts_set_sql(),
            )
        )
        count = self.env.cr.rowcount
        self.invalidate_model(self._get_cadence_fields(), flush=False)
        return count

    def _write_contacts(self):
        """:return: how many of these cards changed"""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE res_partner card SET %s FROM (%s) computed"
                " WHERE card.id = computed.id",
                self._get_contacts_set_sql(),
                self._get_contacts_query(SQL("card.id = ANY(%s)", self.ids)),
            )
        )
        count = self.env.cr.rowcount
        self.invalidate_recordset(self._get_cadence_fields(), flush=False)
        return count

    @api.model
    def _get_contacts_set_sql(self):
        return SQL(", ").join(
            SQL("%s = computed.%s", SQL.identifier(name), SQL.identifier(name))
            for name in WRITTEN_FIELDS
        )

    @api.model
    def _get_contacts_query(self, cards):
        """The next contacts of the cards for which they are not what is stored.

        :param cards: SQL condition on ``card``, a row of res_partner
        :return: SQL of rows ``(id, …the fields that are written)``
        """
        return SQL(
            """
            WITH card AS MATERIALIZED (%(cards)s),
                 policy AS (
                    SELECT policy.id, policy.who, policy.notice_days,
                           policy.interval_number * CASE policy.interval_type
                               WHEN 'day' THEN INTERVAL '1 day'
                               WHEN 'week' THEN INTERVAL '1 week'
                               ELSE INTERVAL '1 month' END AS step,
                           ARRAY_AGG(method.code) FILTER (
                               WHERE method.id IS NOT NULL) AS methods
                      FROM customer_contact_policy policy
                 LEFT JOIN customer_contact_policy_method_rel link
                        ON link.policy_id = policy.id
                 LEFT JOIN customer_visit_method method ON method.id = link.method_id
                  GROUP BY policy.id
                 ), contact AS (
                    SELECT visit.partner_id AS id,
                           MAX(visit.visit_date) FILTER (
                               WHERE %(met)s) AS last_date,
                           MAX(visit.visit_date) FILTER (
                               WHERE %(met)s AND %(counts)s
                           ) AS counted_date,
                           MIN(visit.visit_date) FILTER (
                               WHERE visit.state = ANY(%(open)s) AND %(counts)s
                                 AND visit.visit_date >= %(yesterday)s
                                 AND plan.state IS DISTINCT FROM 'draft'
                           ) AS planned_date
                      FROM card
                      JOIN customer_visit visit ON visit.partner_id = card.id
                 -- what the system proposes is planned when somebody submits it
                 LEFT JOIN customer_visit_plan plan
                        ON plan.id = visit.plan_id AND visit.origin = 'plan'
                 LEFT JOIN policy ON policy.id = card.policy_id
                  GROUP BY visit.partner_id
                 )
          SELECT card.id, computed.*
            FROM card
       LEFT JOIN policy ON policy.id = card.policy_id
       LEFT JOIN contact ON contact.id = card.id
CROSS JOIN LATERAL (
          SELECT card.policy_id AS contact_policy_id,
                 contact.last_date AS last_contact_date,
                 (COALESCE(contact.counted_date, card.since) + policy.step)::date
                     AS next_contact_due,
                 CASE WHEN contact.counted_date IS NULL AND policy.id IS NOT NULL
                      THEN card.since
                      ELSE (contact.counted_date + policy.step)::date
                           - policy.notice_days
                       END AS contact_due_from,
                 CASE WHEN policy.id IS NOT NULL THEN contact.planned_date END
                     AS next_contact_planned,
                 card.since AS contact_since) computed
           WHERE (%(old)s) IS DISTINCT FROM (%(new)s)
            """,
            old=SQL(", ").join(SQL.identifier("card", name) for name in WRITTEN_FIELDS),
            new=SQL(", ").join(
                SQL.identifier("computed", name) for name in WRITTEN_FIELDS
            ),
            cards=self._get_contact_policy_query(cards),
            counts=self._get_contact_counts_sql(),
            met=SQL(
                "visit.state = ANY(%s) AND visit.result IS DISTINCT FROM 'not_met'",
                list(DONE_STATES),
            ),
            open=list(OPEN_STATES),
            # somewhere it still is
            yesterday=fields.Date.subtract(fields.Date.today(), days=1),
        )

    @api.model
    def _get_contact_counts_sql(self):
        """:return: SQL condition on ``visit``, ``card`` and ``policy``: the policy of
        the card counts this visit. Who made it is looked at only if a policy asks."""
        counts = SQL("(policy.methods IS NULL OR visit.method = ANY(policy.methods))")
        if not self.env["customer.contact.policy"]._depends_on_people():
            return counts
        return SQL(
            """%s AND CASE policy.who
                   WHEN 'custodian'
                   THEN visit.user_id IN (card.custodian_id, card.deputy_id)
                   WHEN 'manager'
                   THEN (card.team_id, visit.user_id) IN (
                       SELECT team.id, above.user_id
                         FROM crm_team team
                         JOIN crm_team above
                           ON team.parent_path LIKE above.parent_path || '%%')
                   ELSE TRUE END""",
            counts,
        )

    @api.model
    def _get_contact_policy_query(self, cards):
        """The policy of each card: the first whose domain it meets. The conditions are
        one CASE, so that each card is looked at once, and no condition after the first
        that holds.

        :param cards: SQL condition on ``card``, a row of res_partner
        :return: SQL of rows ``(id, policy_id, since, custodian_id, deputy_id, team_id)``
            and the fields that are written, as they are stored
        """
        Policy = self.env["customer.contact.policy"]
        queries = []
        for company, of_company in self._get_contact_companies():
            Partner = Policy._get_rule_partners().with_company(company)
            query = Query(self.env, "card", SQL.identifier(self._table))
            query.add_where(cards)
            query.add_where(of_company)
            cases = [
                SQL(
                    "WHEN %s THEN %s::int",
                    Policy._parse_domain(text)
                    .optimize_full(Partner)
                    ._to_sql(Partner, "card", query),
                    policy_id,
                )
                for policy_id, text, _days in Policy._get_specs()
            ]
            queries.append(
                query.select(
                    SQL("card.id AS id"),
                    SQL(
                        "CASE WHEN card.card_state = ANY(%s) AND card.active"
                        " THEN %s END AS policy_id",
                        list(OPEN_CARD_STATES),
                        SQL("CASE %s END", SQL(" ").join(cases))
                        if cases
                        else SQL("NULL::int"),
                    ),
                    SQL(
                        "CASE WHEN card.card_state IS NOT NULL"
                        " THEN COALESCE(card.contact_since, %s) END AS since",
                        fields.Date.today(),
                    ),
                    SQL("card.card_custodian_id AS custodian_id"),
                    SQL("card.card_deputy_id AS deputy_id"),
                    SQL("card.card_team_id AS team_id"),
                    *(SQL.identifier("card", name) for name in WRITTEN_FIELDS),
                )
            )
        return SQL(" UNION ALL ").join(queries)

    @api.model
    def _get_contact_companies(self):
        """In which company the conditions are evaluated: that of the department, else
        the first one. It makes a difference only for fields that have another value in
        each company.

        :return: ``[(res.company, SQL condition on the cards), …]``
        """
        # sudo: whose company does not depend on who looks
        Company = self.env["res.company"].sudo()
        first = Company.search([], order="id", limit=1)
        if not self.env["customer.contact.policy"]._depends_on_company():
            return [(first, SQL("TRUE"))]
        Team = self.env["crm.team"].sudo().with_context(active_test=False)
        company_of_card = SQL(
            "COALESCE((SELECT team.company_id FROM crm_team team"
            " WHERE team.id = card.card_team_id), %s)",
            first.id,
        )
        return [
            (company, SQL("%s = %s", company_of_card, company.id))
            for company in first | Team.search([]).company_id
        ]
