from odoo import api, fields, models
from odoo.tools import SQL, format_date, formatLang

from .customer_metrics_risk import RISKY

TODO = "customer_segmentation.customer_defection_activity_type"
TODO_DAYS = 7


class CustomerDefection(models.Model):
    """What follows from new figures: who buys again has come back, and who has fallen
    silent is suggested to whoever keeps his card. A constant number of statements for
    any number of customers.

    *Came back*: a suggestion whose customer has a later purchase than the one it began
    with; a confirmed one, and one given up, when that purchase was made on the day it
    was noticed (given up) or later. A plan that was running has *won* him back. Not one
    recorded by hand of a customer whose risk was *low*: he buys less than he could, and
    goes on buying; whoever is responsible says when he is won back.

    *Suggested*: an open card at the risk of the settings or worse, with money at stake,
    at least that of the settings, and no defection since his last purchase. For one
    custodian those with most money at stake come first, until as many suggestions wait
    for him as the settings allow.
    """

    _inherit = "customer.defection"

    @api.model
    def _follow_figures(self, run):
        """:param run: ``MetricsRun`` whose rows are in place. One that looks back
        changes nothing: what was to be done then is over."""
        if not run.recorded:
            return
        self.flush_model()
        self.env["customer.metrics"].flush_model()
        # sudo: a run of the figures is about every card
        self.env["res.partner"].sudo().flush_model(
            ["card_root_id", "card_state", "card_custodian_id", "active"]
        )
        self.sudo()._close_returned(run)
        self.sudo()._suggest(run)

    # ------------------------------------------------------------
    # CAME BACK
    # ------------------------------------------------------------

    @api.model
    def _close_returned(self, run):
        closed = self.env.execute_query(
            SQL(
                """
                UPDATE customer_defection defection
                   SET state = CASE WHEN defection.state = 'winback'
                                    THEN 'won' ELSE 'returned' END,
                       date_back = figures.last_purchase,
                       date_closed = %(as_of)s,
                       closed_by_id = NULL,
                       write_date = %(now)s
                  FROM customer_metrics figures
                 WHERE figures.company_id = defection.company_id
                   AND figures.partner_id = defection.partner_id
                   AND defection.company_id = %(company_id)s
                   AND defection.state IN ('suggested', 'confirmed', 'winback', 'lost')
                   AND defection.risk IS DISTINCT FROM 'low'
                   AND (defection.last_purchase IS NULL
                        OR figures.last_purchase > defection.last_purchase)
                   AND figures.last_purchase >= CASE defection.state
                       WHEN 'suggested' THEN figures.last_purchase
                       WHEN 'lost' THEN defection.date_closed
                       ELSE defection.date END
                   %(partners)s
             RETURNING defection.id, defection.state
                """,
                as_of=run.as_of,
                now=fields.Datetime.now(),
                company_id=run.company.id,
                partners=self._get_partners_sql(run, "defection"),
            )
        )
        if not closed:
            return
        self.invalidate_model()
        defections = self.browse(one for one, _state in closed)
        for state, found in defections.grouped("state").items():
            found._log_defections(f"defection_{state}")
        defections._get_todos().unlink()
        defections._drop_steps()
        defections._message_log_batch(
            bodies={
                one.id: self.env._(
                    "He bought again on %(day)s.",
                    day=format_date(self.env, one.date_back),
                )
                for one in defections
            }
        )

    # ------------------------------------------------------------
    # SUGGESTED
    # ------------------------------------------------------------

    @api.model
    def _suggest(self, run):
        company = run.company
        if company.defection_detect == "no":
            return
        risks = RISKY[RISKY.index(company.defection_detect) :]
        found = self.env.execute_query(
            SQL(
                """
                INSERT INTO customer_defection (
                    company_id, partner_id, card_root_id, state, origin, date,
                    date_since, last_purchase, risk, amount, user_id,
                    create_uid, create_date, write_uid, write_date)
                SELECT found.company_id, found.partner_id, found.partner_id,
                       'suggested', 'figures', %(as_of)s,
                       found.last_purchase, found.last_purchase, found.defection_risk,
                       found.money_at_stake, found.card_custodian_id,
                       %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM (%(candidates)s) found
             LEFT JOIN (%(waiting)s) waiting
                    ON waiting.custodian_id = COALESCE(found.card_custodian_id, 0)
                 WHERE found.place + COALESCE(waiting.count, 0) <= %(most)s
              ORDER BY found.money_at_stake DESC, found.partner_id
           ON CONFLICT DO NOTHING
             RETURNING id
                """,
                candidates=self._get_candidates_sql(run, risks),
                waiting=self._get_waiting_sql(company),
                most=company.defection_most_open,
                as_of=run.as_of,
                uid=self.env.uid,
                now=fields.Datetime.now(),
            )
        )
        suggested = self.browse(one for (one,) in found)
        if suggested:
            # the rows of before know nothing of these
            self.env["res.partner"].invalidate_model(["defection_ids"])
            suggested._log_defections("defection_suggested")
            suggested._tell_keepers(run)

    @api.model
    def _get_candidates_sql(self, run, risks):
        """:return: SQL: customers to suggest, with their ``place`` among those of the
        same custodian"""
        return SQL(
            """
            SELECT figures.company_id, figures.partner_id, figures.last_purchase,
                   figures.defection_risk, figures.money_at_stake,
                   card.card_custodian_id,
                   ROW_NUMBER() OVER (
                       PARTITION BY card.card_custodian_id
                       ORDER BY figures.money_at_stake DESC, figures.partner_id) AS place
              FROM customer_metrics figures
              JOIN res_partner card ON card.id = figures.partner_id
             WHERE figures.company_id = %(company_id)s
               AND figures.defection_risk IN %(risks)s
               AND figures.money_at_stake > 0
               AND figures.money_at_stake >= %(least)s
               AND card.card_root_id = card.id
               AND card.card_state IN ('active', 'dormant')
               AND card.active
               AND NOT EXISTS (
                   SELECT FROM customer_defection known
                    WHERE known.company_id = figures.company_id
                      AND known.partner_id = figures.partner_id
                      AND (known.state IN ('suggested', 'confirmed', 'winback')
                           OR known.last_purchase >= figures.last_purchase
                           OR known.date >= figures.last_purchase
                              AND known.state IN ('lost', 'dismissed')))
               %(partners)s
            """,
            company_id=run.company.id,
            risks=tuple(risks),
            least=run.company.defection_min_amount,
            partners=self._get_partners_sql(run, "figures"),
        )

    @api.model
    def _get_waiting_sql(self, company):
        """:return: SQL: how many suggestions wait for each custodian, 0 for none"""
        return SQL(
            """
            SELECT COALESCE(card.card_custodian_id, 0) AS custodian_id,
                   COUNT(*) AS count
              FROM customer_defection defection
              JOIN res_partner card ON card.id = defection.partner_id
             WHERE defection.company_id = %s AND defection.state = 'suggested'
          GROUP BY 1
            """,
            company.id,
        )

    @api.model
    def _get_partners_sql(self, run, alias):
        """:return: SQL: a condition for a run of some customers only"""
        if run.partner_ids is None:
            return SQL()
        return SQL(
            "AND %s = ANY(%s)",
            SQL.identifier(alias, "partner_id"),
            list(run.partner_ids),
        )

    def _tell_keepers(self, run):
        """A to-do for whoever looks after each card, in his language."""
        duty = self.partner_id._get_card_duty_users()
        todos = [
            (
                defection,
                user,
                {
                    "date_deadline": fields.Date.add(run.as_of, days=TODO_DAYS),
                    "summary": defection._get_todo_summary(user),
                },
            )
            for defection in self
            if (user := duty[defection.partner_id.id])
        ]
        self.env["mail.activity"]._schedule_card_todos(todos, TODO)

    def _get_todo_summary(self, user):
        """:return: what the to-do says, in the language of ``user``"""
        env = self.with_context(lang=user.lang).env
        return env._(
            "Silent since %(day)s, %(amount)s at stake: call, and say why",
            day=format_date(env, self.last_purchase),
            amount=formatLang(
                env, self.amount, currency_obj=self.currency_id, digits=0
            ),
        )

    def _pass_on(self, former, user):
        """Another one is responsible: his are the to-dos and the steps to come.

        :param former: res.users, perhaps none
        :param user: res.users
        """
        self.write({"user_id": user.id})
        steps = self.step_ids.filtered(
            lambda step: (
                step.user_id == former and not (step.visit_id or step.promise_id)
            )
        )
        steps._through_defection_door().write({"user_id": user.id})
        self.activity_ids.filtered(lambda todo: todo.user_id == former).with_context(
            mail_activity_quick_update=True
        ).write({"user_id": user.id})
