from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

# Kinds of ledger entries that are news to somebody who knows the card.
NEWS_KINDS = (
    "opened",
    "confirmed",
    "dormant",
    "closed",
    "reopened",
    "changed",
    "still_true",
    "custodian_changed",
    "team_changed",
    "deputy_changed",
    "contact_struck_out",
    "contact_restored",
    "merged",
    "reviewed",
)
# all that a borrower learns
BORROWER_KINDS = ("changed",)
# Who opens a card again within this time is in the middle of reading it.
SAME_LOOK = timedelta(minutes=10)
MAX_NEWS = 20


class ResPartner(models.Model):
    """What changed on a card since this user last looked at it."""

    _inherit = "res.partner"

    card_changed_since_my_look = fields.Boolean(
        "Changed Since My Last Look",
        compute="_compute_card_changed_since_my_look",
        search="_search_card_changed_since_my_look",
        groups="base.group_user",
        help="Somebody else changed this card after you last opened it. A card that "
        "you have never opened is not meant.",
    )

    @api.depends_context("uid")
    @api.depends("card_last_update")
    def _compute_card_changed_since_my_look(self):
        changed = {
            row_id
            for (row_id,) in self.env.execute_query(
                SQL(
                    "%s AND look.partner_id = ANY(%s)",
                    self._get_cards_changed_query(),
                    self.ids,
                )
            )
        }
        for partner in self:
            partner.card_changed_since_my_look = partner.id in changed

    def _search_card_changed_since_my_look(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "%s IN (%s)",
                SQL.identifier(alias, "id"),
                model._get_cards_changed_query(),
            )
        )
        return domain if True in value else ~domain

    @api.model
    def _get_cards_changed_query(self):
        """:return: SQL of the ids of the cards that others changed after this user's
        last look; it starts from his few looks, not from the many cards"""
        return SQL(
            """
            SELECT look.partner_id
              FROM customer_card_look look
             WHERE look.user_id = %(uid)s
               AND EXISTS (
                   SELECT FROM customer_card_event event
                    WHERE event.partner_id = look.partner_id
                      AND event.date > look.date
                      AND event.user_id IS DISTINCT FROM %(uid)s
                      AND event.kind = ANY(%(kinds)s))
            """,
            uid=self.env.uid,
            kinds=list(self._get_news_kinds()),
        )

    @api.model
    def _get_news_kinds(self):
        """:return: kinds of ledger entries that are news; other addons add theirs"""
        return NEWS_KINDS

    def card_look(self):
        """The user opens a card: note it, and tell what others changed since he last
        did. Called by the form, because reading must not write.

        :return: ``{"since": datetime of his look before, "news": [{"date", "kind",
            "text", "user"}], "more": bool}``, the newest first; empty news for the
            first look and for contacts without a card. A borrower learns which fields
            changed, not what the history says.
        :raise AccessError: when the user may not read the contact
        """
        self.ensure_one()
        self.check_access("read")
        if not self.env.user._has_group("base.group_user"):
            # a portal user may read his own contact, and nothing of his card
            return {"since": False, "news": [], "more": False}
        # sudo: of a contact, his card counts; he who reads one reads the other
        root = self.sudo().card_root_id
        if not root:
            return {"since": False, "news": [], "more": False}
        since = self._upsert_card_look(root)
        news = root._get_card_news_since(since, self.env.user) if since else []
        return {
            "since": since,
            "news": news[:MAX_NEWS],
            "more": len(news) > MAX_NEWS,
        }

    @api.model
    def _upsert_card_look(self, root):
        """Two windows of one user may open a card at once: the second one leaves the
        writing to the first.

        :return: his look before this one, or False
        """
        now = fields.Datetime.now()
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO customer_card_look AS look (user_id, partner_id, date)
                     SELECT %(uid)s, %(card_id)s, %(now)s
                      WHERE pg_try_advisory_xact_lock(%(uid)s, -%(card_id)s)
                ON CONFLICT (user_id, partner_id) DO UPDATE
                        SET since_date = CASE WHEN look.date < %(same)s
                                              OR look.since_date IS NULL
                                         THEN look.date ELSE look.since_date END,
                            date = %(now)s
                  RETURNING since_date
                """,
                uid=self.env.uid,
                card_id=root.id,
                now=now,
                same=now - SAME_LOOK,
            )
        )
        if not rows:
            look = self.env["customer.card.look"].search(
                [("user_id", "=", self.env.uid), ("partner_id", "=", root.id)]
            )
            return look.date
        self.env["customer.card.look"].invalidate_model(flush=False)
        self.invalidate_model(["card_changed_since_my_look"], flush=False)
        return rows[0][0] or False

    def _get_card_news_since(self, since, user):
        """:param since: datetime (UTC)
        :param user: res.users who is told
        :return: list of what others did with the card, see ``card_look``"""
        self.ensure_one()
        Event = self.env["customer.card.event"]
        reads_history = bool(self._card_maintained_by(user)) or user._is_card_reader()
        kinds = self._get_news_kinds() if reads_history else BORROWER_KINDS
        # sudo: a borrower may not read the ledger; he gets the names of fields
        events = Event.sudo().search(
            [
                ("partner_id", "=", self.id),
                ("date", ">", since),
                ("user_id", "!=", user.id),
                ("kind", "in", kinds),
            ],
            limit=MAX_NEWS + 1,
        )
        labels = dict(Event._fields["kind"]._description_selection(self.env))
        return [
            {
                "date": event.date,
                "kind": labels[event.kind],
                "text": (reads_history and event.description)
                or self._get_field_labels(event.changed_fields),
                "user": reads_history and event.user_name,
            }
            for event in events
        ]

    @api.model
    def _get_field_labels(self, names):
        """:param names: of fields, separated by commas
        :return: their labels, in the user's language"""
        return ", ".join(
            self._fields[name]._description_string(self.env)
            for name in (names or "").split(",")
            if name in self._fields
        )
