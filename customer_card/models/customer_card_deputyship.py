from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL, LazyTranslate

_lt = LazyTranslate(__name__)

# for how many days after the first one the deputy is still reminded, should the
# scheduled action not have run
REMIND_DAYS = 3


class CustomerCardDeputyship(models.Model):
    """Who stands in for whom, on which days, for how many cards.

    A view on the cards themselves, which have their deputy and his days: what stands
    here is what the record rules see, whoever wrote it.
    """

    _name = "customer.card.deputyship"
    _description = "Deputy"
    _auto = False
    _order = "date_from DESC, id DESC"
    _rec_name = "deputy_id"
    _depends = {
        "res.partner": [
            "card_state",
            "card_custodian_id",
            "card_team_id",
            "card_deputy_id",
            "card_deputy_from",
            "card_deputy_until",
        ]
    }

    custodian_id = fields.Many2one("res.users", readonly=True)
    deputy_id = fields.Many2one("res.users", readonly=True)
    team_id = fields.Many2one("crm.team", "Department", readonly=True)
    date_from = fields.Date(
        "From", readonly=True, help="First day, where the custodian is."
    )
    date_until = fields.Date(
        "Until", readonly=True, help="Last day, where the custodian is."
    )
    card_count = fields.Integer("Cards", readonly=True)
    state = fields.Selection(
        [("planned", "Planned"), ("running", "Running"), ("over", "Over")],
        "Status",
        compute="_compute_state",
        search="_search_state",
    )
    can_end = fields.Boolean(compute="_compute_can_end")

    @property
    def _table_query(self):
        # the contacts below a card repeat its deputy: only the cards are counted
        return SQL(
            """
            SELECT MIN(card.id) AS id,
                   card.card_custodian_id AS custodian_id,
                   card.card_deputy_id AS deputy_id,
                   card.card_team_id AS team_id,
                   card.card_deputy_from AS date_from,
                   card.card_deputy_until AS date_until,
                   COUNT(*) AS card_count
              FROM res_partner card
             WHERE card.card_deputy_id IS NOT NULL
               AND card.card_state IS NOT NULL
          GROUP BY card.card_custodian_id, card.card_deputy_id, card.card_team_id,
                   card.card_deputy_from, card.card_deputy_until
            """
        )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("date_from", "date_until", "custodian_id")
    def _compute_state(self):
        for deputyship in self:
            # sudo: the time zone of the custodian
            today = deputyship.sudo().custodian_id._card_custodian_today()
            if deputyship.date_from and deputyship.date_from > today:
                deputyship.state = "planned"
            elif deputyship.date_until and deputyship.date_until < today:
                deputyship.state = "over"
            else:
                deputyship.state = "running"

    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        # one row for each leave: few
        # pylint: disable-next=no-search-all
        found = self.search([]).filtered(lambda one: one.state in value)
        return Domain("id", "in", found.ids)

    @api.depends_context("uid")
    @api.depends("custodian_id", "team_id")
    def _compute_can_end(self):
        may_end = self._filter_may_end()
        for deputyship in self:
            deputyship.can_end = deputyship in may_end

    def _filter_may_end(self):
        """:return: those that this user may end: his own leaves, and those in the
        departments that he manages"""
        user = self.env.user
        if self.env.su or user._is_card_admin():
            return self
        managed = set(user._card_managed_team_ids())
        return self.filtered(
            lambda one: one.custodian_id == user or one.team_id.id in managed
        )

    def _get_cards(self):
        """:return: the cards of these deputyships (sudo)"""
        # sudo: the rule of this model has shown the user the row
        return (
            self.env["res.partner"]
            .sudo()
            .with_context(active_test=False)
            .search(Domain.OR(one._get_card_domain() for one in self))
            if self
            else self.env["res.partner"].sudo()
        )

    def _get_card_domain(self):
        """:return: Domain on res.partner: the cards of one deputyship"""
        return (
            Domain("card_state", "!=", False)
            & Domain("card_custodian_id", "=", self.custodian_id.id)
            & Domain("card_deputy_id", "=", self.deputy_id.id)
            & Domain("card_team_id", "=", self.team_id.id)
            & Domain("card_deputy_from", "=", self.date_from)
            & Domain("card_deputy_until", "=", self.date_until)
        )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_end(self):
        """The custodian is back: the deputies lose the cards at once.

        :raise AccessError: for leaves of others, in departments that the user does
            not manage
        """
        self.check_access("read")
        for foreign in self - self._filter_may_end():
            raise AccessError(
                self.env._(
                    "Only %(custodian)s himself or the manager of the department can "
                    "end this leave.",
                    # sudo: the name of the custodian
                    custodian=foreign.sudo().custodian_id.name
                    or self.env._("the custodian"),
                )
            )
        for deputyship in self:
            cards = deputyship._get_cards()
            deputyship._tell(cards, _lt("The deputyship has ended"))
            cards._end_card_deputies()
        self.invalidate_model()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_show_cards(self):
        """:return: the action that shows the cards of one deputyship"""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "customer_card.res_partner_action_card"
        )
        return {
            **action,
            "domain": list(self._get_card_domain()),
            "context": {"active_test": False},
        }

    # ------------------------------------------------------------
    # MESSAGES AND SCHEDULED ACTION
    # ------------------------------------------------------------

    def _tell(self, cards, subject):
        """Tell custodian and deputy, each in his language.

        :param cards: how many of them is told, never which
        """
        self.ensure_one()
        # sudo: names of the custodian and his deputy
        one = self.sudo()
        cards._tell_deputyship(
            one.custodian_id, one.deputy_id, one.date_from, one.date_until, subject
        )

    @api.model
    def _cron_remind(self):
        """Remind deputies on their first day, and tidy up after the last one.

        Idempotent: the to-do of a deputyship is looked for, done or not, before it is
        made; what is tidied up is no deputyship any more.
        """
        # one row for each leave: few
        deputyships = self.search([])  # pylint: disable=no-search-all
        deputyships.filtered(lambda one: one.state == "running")._remind()
        over = deputyships.filtered(lambda one: one.state == "over")
        self.env["ir.cron"]._commit_progress(
            len(deputyships) - len(over), remaining=len(over)
        )
        for deputyship in over:
            deputyship._get_cards()._end_card_deputies()
            if not self.env["ir.cron"]._commit_progress(1):
                break

    def _remind(self):
        """Give each deputy a to-do on his first day, once."""
        # sudo: the to-dos of the deputy, also those done
        Activity = self.env["mail.activity"].sudo().with_context(active_test=False)
        todo = self.env.ref("mail.mail_activity_data_todo")
        for (deputy, custodian, first), parts in self.grouped(
            lambda one: (one.deputy_id, one.custodian_id, one.date_from)
        ).items():
            today = custodian._card_custodian_today()
            if not first or today - first > timedelta(days=REMIND_DAYS):
                continue
            if not deputy.active:
                continue
            env = self.with_context(lang=deputy.lang).env
            summary = env._(
                "You stand in for %(custodian)s until %(until)s",
                custodian=custodian.name or env._("a vacant post"),
                until=max(parts.mapped("date_until")),
            )
            marks = [
                ("user_id", "=", deputy.id),
                ("res_model", "=", False),
                ("date_deadline", "=", first),
                ("summary", "=", summary),
            ]
            if Activity.search_count(marks, limit=1):
                continue
            Activity.create(
                {
                    "activity_type_id": todo.id,
                    "automated": True,
                    "date_deadline": first,
                    "summary": summary,
                    "note": env._(
                        "Cards: %(count)s. You find them under Customer Cards › My "
                        "Cards.",
                        count=sum(parts.mapped("card_count")),
                    ),
                    "user_id": deputy.id,
                }
            )
