from collections import defaultdict

from markupsafe import Markup

from odoo import api, models
from odoo.tools import SQL, format_date

# a message names so many customers of each custodian, and counts the others
MAX_NAMES = 5


class ResPartner(models.Model):
    """A customer whom nobody contacts becomes his manager's concern."""

    _inherit = "res.partner"

    @api.model
    def _escalate_contacts(self, commit=False):
        """Tell the managers which contacts are overdue for more days than the company
        allows. A visit planned within as many days spares the customer once: who is
        overdue for twice as long was planned and not visited. Each manager gets one
        message; of each card he is told once, and again when another interval has
        passed. The nearest manager above the custodian is told, nobody of himself.

        :param commit: commit after each manager, as a scheduled action
        :return: the cards that were told of
        """
        self.env.flush_all()
        managers = self._get_escalation_managers()
        told = self.browse()
        left = len(managers)
        for manager, pairs in managers.items():
            cards = self._take_overdue_cards(pairs)
            told |= cards
            if cards:
                cards._tell_manager_overdue(manager)
            left -= 1
            if commit and not self.env["ir.cron"]._commit_progress(1, remaining=left):
                break
        return told

    @api.model
    def _get_escalation_managers(self):
        """:return: ``{res.users: [(custodian id or None, team id), …]}`` with cards to
        tell of"""
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT card.card_custodian_id, card.card_team_id %s",
                self._get_overdue_sql(),
            )
        )
        # sudo: who leads which department is no secret
        teams = self.env["crm.team"].sudo().browse({team_id for _user, team_id in rows})
        managers = defaultdict(list)
        for custodian_id, team_id in rows:
            leaders = teams.browse(team_id)._get_card_leaders()
            leader = leaders.filtered(lambda user, own=custodian_id: user.id != own)[:1]
            if leader:
                managers[leader].append((custodian_id, team_id))
        return managers

    @api.model
    def _get_overdue_sql(self):
        """:return: SQL from FROM on: ``card`` that is to be told of"""
        # sudo: the first company is that of cards whose department has none
        first = self.env["res.company"].sudo().search([], order="id", limit=1)
        return SQL(
            """
              FROM res_partner card
              JOIN customer_contact_policy policy ON policy.id = card.contact_policy_id
              JOIN crm_team team ON team.id = card.card_team_id
              JOIN res_company company
                ON company.id = COALESCE(team.company_id, %(first)s)
             WHERE company.contact_escalation_days > 0
               AND card.next_contact_due
                   < %(today)s::date - company.contact_escalation_days
               AND (card.next_contact_planned IS NULL
                    OR card.next_contact_planned < %(today)s
                    OR card.next_contact_planned
                       > %(today)s::date + company.contact_escalation_days
                    OR card.next_contact_due
                       < %(today)s::date - 2 * company.contact_escalation_days)
               AND (card.contact_escalated_date IS NULL
                    OR card.contact_escalated_date <= card.next_contact_due
                    OR card.contact_escalated_date
                       + policy.interval_number * CASE policy.interval_type
                             WHEN 'day' THEN 1 WHEN 'week' THEN 7 ELSE 30 END
                       <= %(today)s)
            """,
            first=first.id,
            today=self.env.user._card_today(),
        )

    @api.model
    def _take_overdue_cards(self, pairs):
        """Mark the cards of these keepers as told of: whoever comes at the same time
        tells of the others.

        :param pairs: ``[(custodian id or None, team id), …]``
        :return: the cards, the most overdue first
        """
        rows = self.env.execute_query(
            SQL(
                """
                WITH taken AS (
                    SELECT card.id %(overdue)s
                       AND (COALESCE(card.card_custodian_id, 0), card.card_team_id) IN (
                               SELECT * FROM UNNEST(%(users)s::int[], %(teams)s::int[]))
                       FOR NO KEY UPDATE OF card SKIP LOCKED
                ), told AS (
                    UPDATE res_partner card
                       SET contact_escalated_date = %(today)s
                      FROM taken
                     WHERE card.id = taken.id
                 RETURNING card.id, card.next_contact_due
                )
                SELECT id FROM told ORDER BY next_contact_due, id
                """,
                overdue=self._get_overdue_sql(),
                users=[user_id or 0 for user_id, _team_id in pairs],
                teams=[team_id for _user_id, team_id in pairs],
                today=self.env.user._card_today(),
            )
        )
        cards = self.browse(row_id for (row_id,) in rows)
        cards.invalidate_recordset(["contact_escalated_date"], flush=False)
        return cards

    def _tell_manager_overdue(self, manager):
        """:param manager: res.users (sudo) who manages these cards"""
        env = self.with_context(lang=manager.lang).env
        # sudo: the manager is told of cards that he manages; the ledger takes all
        cards = self.with_env(env).sudo()
        cards.env["customer.card.event"]._log(
            cards,
            "contact_overdue",
            {
                card.id: card.env._(
                    "due on %(day)s",
                    day=format_date(card.env, card.next_contact_due),
                )
                for card in cards
            },
        )
        items = Markup().join(
            Markup("<li>%s</li>") % custodian_cards._describe_overdue(custodian)
            for custodian, custodian_cards in cards.grouped("card_custodian_id").items()
        )
        env["mail.thread"].sudo().message_notify(
            partner_ids=manager.partner_id.ids,
            subject=env._("Overdue contacts: %(count)s customers", count=len(cards)),
            body=Markup("<ul>%s</ul><p><a href='%s'>%s</a></p>")
            % (items, "/odoo/contacts-overdue", env._("Open the list")),
        )

    def _describe_overdue(self, custodian):
        names = [
            self.env._(
                "%(customer)s (due on %(day)s)",
                customer=card.display_name,
                day=format_date(self.env, card.next_contact_due),
            )
            for card in self[:MAX_NAMES]
        ]
        if more := len(self) - len(names):
            names.append(self.env._("%(count)s more", count=more))
        return self.env._(
            "%(custodian)s: %(customers)s",
            custodian=custodian.name or self.env._("a vacant post"),
            customers=", ".join(names),
        )
