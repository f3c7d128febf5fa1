from datetime import timedelta

from odoo import api, fields, models

# What the work of a day may need, and a search for other people's customers may not.
ASKED_PER_HOUR = 30
TOLD_PER_HOUR = 10


class CustomerCardProbe(models.Model):
    """Who asked whether a card exists that he may not open.

    The answer is yes or no, which is worth asking a thousand times; so it is given a
    few times an hour. Administrators alone read these rows; what was asked of a card
    stands in its history.
    """

    _name = "customer.card.probe"
    _description = "Question for a Hidden Customer Card"
    _log_access = False
    _allow_sudo_commands = False

    user_id = fields.Many2one(
        "res.users", required=True, readonly=True, index=True, ondelete="cascade"
    )
    date = fields.Datetime(required=True, readonly=True)
    card_id = fields.Many2one(
        "res.partner", readonly=True, index="btree_not_null", ondelete="cascade"
    )

    @api.model
    def _may_ask(self):
        """Note a question.

        :return: whether the user may get an answer now
        """
        # sudo: the rows are nobody's
        Probe = self.sudo()
        hour_ago = fields.Datetime.now() - timedelta(hours=1)
        recent = Probe.search_count(
            [("user_id", "=", self.env.uid), ("date", ">", hour_ago)],
            limit=ASKED_PER_HOUR,
        )
        if recent >= ASKED_PER_HOUR:
            return False
        Probe.create({"user_id": self.env.uid, "date": fields.Datetime.now()})
        return True

    @api.model
    def _tell(self, cards):
        """Note what a user is told.

        :param cards: res.partner, cards that he may not open
        :return: ``(told, new)``: the cards that he may be told about now, and those
            of them that he was not told about today
        """
        # sudo: the rows are nobody's
        Probe = self.sudo()
        now = fields.Datetime.now()
        today = Probe.search_fetch(
            [
                ("user_id", "=", self.env.uid),
                ("date", ">", now - timedelta(days=1)),
                ("card_id", "!=", False),
            ],
            ["card_id", "date"],
        )
        known = cards.browse(set(today.card_id.ids) & set(cards.ids))
        recent = today.filtered(lambda probe: probe.date > now - timedelta(hours=1))
        left = max(TOLD_PER_HOUR - len(recent), 0)
        new = (cards - known)[:left]
        Probe.create(
            [{"user_id": self.env.uid, "date": now, "card_id": i} for i in new.ids]
        )
        return known | new, new

    @api.autovacuum
    def _gc_probes(self):
        week_ago = fields.Datetime.now() - timedelta(days=7)
        self.search([("date", "<", week_ago)], limit=10_000).unlink()
