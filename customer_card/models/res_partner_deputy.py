from odoo import models
from odoo.fields import Domain
from odoo.tools import LazyTranslate, format_date

_lt = LazyTranslate(__name__)


class ResPartner(models.Model):
    """The deputy of a card: named and ended in sets, told to both."""

    _inherit = "res.partner"

    def _get_card_deputy_conflicts(self):
        """:return: the cards of ``self`` that have a deputy whose last day is not over
        yet: a card has one deputyship at a time"""
        # sudo: only who stands in is compared
        return self.sudo().filtered(
            lambda card: (
                card.card_deputy_id
                and card.card_deputy_until
                and card.card_deputy_until
                >= card.card_custodian_id._card_custodian_today()
            )
        )

    def _name_card_deputy(self, deputy, date_from, date_until):
        """Give these cards a deputy for some days. The caller has checked the user.

        :param deputy: res.users
        :param date_from: first day, where the custodian is
        :param date_until: last day
        """
        if not self:
            return
        # sudo: the manager of the cards has been checked by the caller
        cards = self.sudo()
        # a deputy who is replaced has nothing to look for there any more
        cards._get_card_deputy_conflicts().filtered(
            lambda card: card.card_deputy_id != deputy
        )._end_card_deputies()
        cards._write_card_keepers(
            {
                "card_deputy_id": deputy.id,
                "card_deputy_from": date_from,
                "card_deputy_until": date_until,
            }
        )
        # without words: an entry is read in many languages
        days = f"{date_from or ''} – {date_until}"
        self.env["customer.card.event"]._log(
            cards,
            "deputy_changed",
            # sudo: the deputy's name
            f"→ {deputy.sudo().name} · {days}",
        )
        for custodian, kept in cards.grouped("card_custodian_id").items():
            kept._tell_deputyship(
                custodian, deputy, date_from, date_until, _lt("A deputy for your leave")
            )

    def _end_card_deputies(self):
        """Take the deputies off these cards, with what they had only by them. The
        caller has checked the user."""
        # sudo: the manager of the cards has been checked by the caller
        cards = self.sudo().filtered("card_deputy_id")
        if not cards:
            return
        by_deputy = cards.grouped("card_deputy_id")
        names = {card.id: f"{card.card_deputy_id.name} → –" for card in cards}
        cards._write_card_keepers(
            {
                "card_deputy_id": None,
                "card_deputy_from": None,
                "card_deputy_until": None,
            }
        )
        self.env["customer.card.event"]._log(cards, "deputy_changed", names)
        for deputy, stood_in in by_deputy.items():
            kept = stood_in._card_maintained_by(deputy).sudo()
            lent_ids = deputy._card_lent_ids()
            lent = stood_in.filtered(lambda card, ids=lent_ids: card.id in ids)
            (stood_in - kept - lent)._release_card_borrower(deputy)

    def _tell_deputyship(self, custodian, deputy, date_from, date_until, subject):
        """Tell custodian and deputy, each in his language: who, when, how many cards;
        never which ones.

        :param subject: a lazy translation
        """
        # sudo: the two are told in their own language
        for user in (custodian | deputy).sudo().filtered("active"):
            env = self.with_context(lang=user.lang).env
            self.env["mail.thread"].sudo().message_notify(
                partner_ids=user.partner_id.ids,
                author_id=self.env.user.partner_id.id,
                notify_author=True,
                subject=env._(subject),
                body=env._(
                    "%(deputy)s stands in for %(custodian)s from %(start)s until "
                    "%(end)s. Cards: %(count)s.",
                    deputy=deputy.sudo().name,
                    custodian=custodian.sudo().name or env._("a vacant post"),
                    start=format_date(env, date_from) if date_from else env._("now"),
                    end=format_date(env, date_until),
                    count=len(self),
                ),
            )

    def _get_own_cards_domain(self, custodian):
        """:return: Domain on res.partner: every card of a custodian, archived and
        closed ones included (search without active_test)"""
        return Domain("card_state", "!=", False) & Domain(
            "card_custodian_id", "=", custodian.id
        )
