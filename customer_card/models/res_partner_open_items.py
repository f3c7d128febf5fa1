from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import formatLang


class ResPartner(models.Model):
    """What is open on cards: what a successor has to know."""

    _inherit = "res.partner"

    def _get_card_open_items(self, user=None):
        """What is open on each card, gathered by one query for each kind, however
        many cards. Hook: other addons add their kinds to the result of ``super()``.

        The caller has checked that the user may know.

        :param user: res.users; only what is his, where a thing belongs to a person
        :return: list of dicts with ``card_id``, ``kind`` (a technical name), ``label``
            (translated), ``count``, and, where the kind is about money, ``amount`` and
            ``currency_id``; cards without open items have none
        """
        if not self:
            return []
        self.env.flush_all()
        return [
            {
                "card_id": card_id,
                "kind": kind,
                "label": label,
                "count": count,
                "amount": amount,
                "currency_id": currency_id,
            }
            for kind, label, query in self._get_card_open_queries(user)
            for card_id, count, amount, currency_id in self.env.execute_query(query)
        ]

    def _get_card_open_queries(self, user):
        """:return: ``[(kind, label, SQL), …]``; each query gives rows ``(card id,
        count, amount or NULL, currency id or NULL)``"""
        queries = [
            (
                "activity",
                self.env._("Activities"),
                SQL(
                    """
                    SELECT partner.card_root_id, COUNT(*), NULL::numeric, NULL::int
                      FROM mail_activity activity
                      JOIN res_partner partner ON partner.id = activity.res_id
                     WHERE activity.res_model = 'res.partner'
                       AND activity.active
                       AND partner.card_root_id = ANY(%s)
                       AND %s
                  GROUP BY partner.card_root_id
                    """,
                    self.ids,
                    SQL("activity.user_id = %s", user.id) if user else SQL("TRUE"),
                ),
            ),
            (
                "loan",
                self.env._("Loans Out"),
                self._get_card_loan_query(("lent",)),
            ),
            (
                "request",
                self.env._("Requests"),
                self._get_card_loan_query(("submitted",)),
            ),
        ]
        if "customer.card.contract" in self.env:
            queries.append(self._get_card_contract_query())
        if "customer.card.consumption" in self.env:
            queries.append(self._get_card_need_query())
        return queries

    def _get_card_loan_query(self, states):
        return SQL(
            """
            SELECT rel.partner_id, COUNT(*), NULL::numeric, NULL::int
              FROM customer_card_loan_card_rel rel
              JOIN customer_card_loan loan ON loan.id = rel.loan_id
             WHERE rel.partner_id = ANY(%s)
               AND loan.state = ANY(%s)
          GROUP BY rel.partner_id
            """,
            self.ids,
            list(states),
        )

    def _get_card_contract_query(self):
        """Supply contracts that run out within a quarter of a year."""
        today = self.env.user._card_today()
        return (
            "contract",
            self.env._("Contracts Ending"),
            SQL(
                """
                SELECT card_root_id, COUNT(*), SUM(amount), currency_id
                  FROM customer_card_contract
                 WHERE card_root_id = ANY(%s)
                   AND active
                   AND date_end BETWEEN %s AND %s
              GROUP BY card_root_id, currency_id
                """,
                self.ids,
                today,
                fields.Date.add(today, months=3),
            ),
        )

    def _get_card_need_query(self):
        """Goods that the customer should have ordered by now."""
        return (
            "need",
            self.env._("Overdue Needs"),
            SQL(
                """
                SELECT card_root_id, COUNT(*), NULL::numeric, NULL::int
                  FROM customer_card_consumption
                 WHERE card_root_id = ANY(%s)
                   AND active
                   AND next_need_date < %s
              GROUP BY card_root_id
                """,
                self.ids,
                self.env.user._card_today(),
            ),
        )

    # ------------------------------------------------------------
    # AS TEXT
    # ------------------------------------------------------------

    def _get_card_open_texts(self):
        """:return: ``{card id: "Activities 2, Loans Out 1"}`` for the cards on which
        something is open"""
        by_card = defaultdict(list)
        for item in self._get_card_open_items():
            by_card[item["card_id"]].append(item)
        return {
            card_id: self._format_card_open_items(items)
            for card_id, items in by_card.items()
        }

    def _get_card_open_summary(self):
        """:return: what is open on all these cards together, as one line of text"""
        return self._format_card_open_items(self._get_card_open_items()) or False

    @api.model
    def _format_card_open_items(self, items):
        """Add up items of the same kind and currency.

        :return: one line of text
        """
        totals = {}
        for item in items:
            key = (item["kind"], item["currency_id"])
            label, count, amount = totals.get(key, (item["label"], 0, 0))
            totals[key] = (
                label,
                count + item["count"],
                amount + (item["amount"] or 0),
            )
        # sudo: the names of currencies
        Currency = self.env["res.currency"].sudo()
        return ", ".join(
            f"{label} {count}"
            + (
                f" ({formatLang(self.env, amount, currency_obj=Currency.browse(currency_id))})"
                if currency_id and amount
                else ""
            )
            for (_kind, currency_id), (label, count, amount) in totals.items()
        )
