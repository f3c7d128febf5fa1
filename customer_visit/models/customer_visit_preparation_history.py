from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL, format_datetime, html2plaintext

from .res_users_visit import DONE_STATES

LAST_VISITS = 3
MOST_NEWS = 12
# without an earlier visit, changes of so many days are news
NEWS_DAYS = 90
# characters of what a visit was about
SUMMARY = 500


class CustomerVisit(models.Model):
    """Preparing a visit: what happened before."""

    _inherit = "customer.visit"

    @api.model
    def _get_preparation_parts(self):
        return [
            *super()._get_preparation_parts(),
            (20, "promises", self.env._("Open Promises"), "fa-handshake-o"),
            (30, "last_visits", self.env._("Last Contacts"), "fa-history"),
            (40, "changes", self.env._("Changed Since the Last Visit"), "fa-refresh"),
        ]

    # ------------------------------------------------------------
    # PROMISES
    # ------------------------------------------------------------

    def _prepare_promises(self):
        """What is still to be kept to this customer, by whomever."""
        today = self.env.user._card_today()
        rows = defaultdict(list)
        for promise in self.env["customer.promise"].search(
            [("partner_id", "in", self.partner_id.ids), ("state", "=", "open")],
            order="date_due, id",
        ):
            rows[promise.partner_id.id].append(
                self._make_preparation_row(
                    promise.name,
                    note=promise.user_id.sudo().name,
                    when=self._format_preparation_date(promise.date_due),
                    tone="danger" if promise.date_due < today else "",
                    model=promise._name,
                    id=promise.id,
                )
            )
        return self._spread_over_visits(rows)

    # ------------------------------------------------------------
    # LAST VISITS
    # ------------------------------------------------------------

    def _prepare_last_visits(self):
        """The last contacts with the customer, by whomever, and what was left open."""
        rows = defaultdict(list)
        visits = self._get_last_visits(LAST_VISITS)
        labels = dict(self._fields["method"]._description_selection(self.env))
        for visit in visits:
            rows[visit.partner_id.id].append(
                self._make_preparation_row(
                    " · ".join(
                        filter(
                            None,
                            (
                                labels[visit.method],
                                visit.purpose_id.name,
                                visit.user_id.sudo().name,
                            ),
                        )
                    ),
                    note=visit._get_report_summary(),
                    when=self._format_preparation_date(visit.visit_date),
                    model=visit._name,
                    id=visit.id,
                )
            )
        return self._spread_over_visits(rows)

    def _get_last_visits(self, count):
        """:return: the last ``count`` contacts that took place with each of these
        customers, as far as the user may read them, the latest first"""
        self.env["customer.visit"].flush_model(["partner_id", "state", "visit_date"])
        ids = [
            visit_id
            for (visit_id,) in self.env.execute_query(
                SQL(
                    """
                    SELECT last.id
                      FROM UNNEST(%(cards)s::int[]) card(id)
                CROSS JOIN LATERAL (
                           SELECT visit.id, visit.visit_date
                             FROM customer_visit visit
                            WHERE visit.partner_id = card.id
                              AND visit.state = ANY(%(done)s)
                              AND visit.id != ALL(%(own)s)
                         ORDER BY visit.visit_date DESC, visit.id DESC
                            LIMIT %(count)s) last
                  ORDER BY last.visit_date DESC, last.id DESC
                    """,
                    cards=self.partner_id.ids,
                    done=list(DONE_STATES),
                    own=self.ids,
                    count=count,
                )
            )
        ]
        return self.browse(ids)._filtered_access("read")

    def _get_report_summary(self):
        """:return: what came of a contact, as lines of text; the visit is readable"""
        labels = (
            ("customer_said", self.env._("He said: %(text)s")),
            ("agreed_points", self.env._("Agreed: %(text)s")),
            ("open_points", self.env._("Open: %(text)s")),
            ("needs", self.env._("Needs: %(text)s")),
            ("next_step", self.env._("Next: %(text)s")),
        )
        lines = [html2plaintext(self.report or "").strip()]
        lines += [
            label % {"text": self[name].strip()} for name, label in labels if self[name]
        ]
        return "\n".join(filter(None, lines))[:SUMMARY]

    # ------------------------------------------------------------
    # CHANGES
    # ------------------------------------------------------------

    def _prepare_changes(self):
        """What others changed on the card since the visitor was last there, from its
        ledger. Who only borrows the card learns which fields changed."""
        Event = self.env["customer.card.event"]
        Event.flush_model()
        # sudo: only who keeps the cards is read
        cards = self.sudo().partner_id
        user = self.env.user
        full = cards if user._is_card_reader() else cards._card_maintained_by(user)
        full_ids = set(full.ids)
        labels = dict(Event._fields["kind"]._description_selection(self.env))
        rows = defaultdict(list)
        for visit_id, card_id, date, kind, text, names, by in self.env.execute_query(
            self._get_news_query(full_ids)
        ):
            fields_changed = cards._get_field_labels(names)
            told = card_id in full_ids
            news = (told and text) or fields_changed or labels[kind]
            named = kind == "changed" or news == labels[kind]
            rows[visit_id].append(
                self._make_preparation_row(
                    news,
                    label="" if named else labels[kind],
                    note=(told and by) or "",
                    when=format_datetime(
                        self.env, date, tz=user.tz or "UTC", dt_format="short"
                    ),
                )
            )
        return rows

    def _get_news_query(self, full_ids):
        """:param full_ids: ids of the cards whose ledger the user reads
        :return: SQL of ``(visit, card, date, kind, description, fields, user)``"""
        Partner = self.env["res.partner"]
        return SQL(
            """
            SELECT visit.id, visit.partner_id, news.date, news.kind, news.description,
                   news.changed_fields, news.user_name
              FROM customer_visit visit
        CROSS JOIN LATERAL (
                   SELECT MAX(last.date_start) FILTER (
                              WHERE last.user_id = visit.user_id) AS own,
                          MAX(last.date_start) AS any
                     FROM customer_visit last
                    WHERE last.partner_id = visit.partner_id
                      AND last.id != visit.id
                      AND last.state = ANY(%(done)s)) before
        CROSS JOIN LATERAL (
                   SELECT event.*
                     FROM customer_card_event event
                    WHERE event.partner_id = visit.partner_id
                      AND event.date > COALESCE(before.own, before.any, %(since)s)
                      AND event.user_id IS DISTINCT FROM visit.user_id
                      AND (event.kind = 'changed'
                           OR event.kind = ANY(%(kinds)s)
                              AND event.partner_id = ANY(%(full)s))
                 ORDER BY event.date DESC, event.id DESC
                    LIMIT %(most)s) news
             WHERE visit.id = ANY(%(ids)s)
          ORDER BY visit.id, news.date DESC, news.id DESC
            """,
            done=list(DONE_STATES),
            since=fields.Datetime.subtract(fields.Datetime.now(), days=NEWS_DAYS),
            kinds=[kind for kind in Partner._get_news_kinds() if kind != "reviewed"],
            full=list(full_ids),
            most=MOST_NEWS,
            ids=self.ids,
        )
