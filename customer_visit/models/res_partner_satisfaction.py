from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.sql import column_exists, create_column

# Written by the answers of the customer alone.
SATISFACTION_FIELDS = {
    "satisfaction_score": "float8",
    "satisfaction_date": "date",
    "satisfaction_trend": "varchar",
    "satisfaction_asked_date": "date",
}
# Points out of 100 that two answers have to differ by to show a trend.
TREND_POINTS = 5


class ResPartner(models.Model):
    """How satisfied a customer is: the score of his last answer, and where it goes."""

    _inherit = "res.partner"

    satisfaction_score = fields.Float(
        "Satisfaction",
        digits=(5, 1),
        readonly=True,
        copy=False,
        aggregator="avg",
        groups="base.group_user",
        help="Score of the last answer, from 0 to 100.",
    )
    satisfaction_date = fields.Date(
        "Last Answer On",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="When the customer last answered.",
    )
    satisfaction_trend = fields.Selection(
        [("up", "Rising"), ("same", "Unchanged"), ("down", "Falling")],
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="The last answer compared with the one before; less than 5 points do not "
        "count.",
    )
    satisfaction_asked_date = fields.Date(
        "Last Asked for Satisfaction",
        readonly=True,
        copy=False,
        groups="base.group_user",
    )
    satisfaction_due = fields.Boolean(
        "Survey Due",
        compute="_compute_satisfaction_due",
        search="_search_satisfaction_due",
        groups="base.group_user",
        help="An active customer whom nobody has asked for longer than the settings "
        "of the company allow.",
    )
    satisfaction_answer_count = fields.Integer(
        "Answers",
        compute="_compute_satisfaction_answer_count",
        groups="base.group_user",
    )

    def _auto_init(self):
        """Add the columns empty: at installation no customer has answered."""
        for name, column_type in SATISFACTION_FIELDS.items():
            if not column_exists(self.env.cr, self._table, name):
                create_column(self.env.cr, self._table, name, column_type)
        return super()._auto_init()

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends_context("uid", "company")
    @api.depends(
        "card_state", "card_kind", "satisfaction_date", "satisfaction_asked_date"
    )
    def _compute_satisfaction_due(self):
        limit = self._get_satisfaction_limit()
        for partner in self:
            asked = max(
                filter(
                    None, (partner.satisfaction_date, partner.satisfaction_asked_date)
                ),
                default=None,
            )
            partner.satisfaction_due = bool(
                limit
                and partner.card_state == "active"
                and partner.card_kind == "customer"
                and (not asked or asked <= limit)
            )

    def _search_satisfaction_due(self, operator, value):
        if operator != "in":
            return NotImplemented
        limit = self._get_satisfaction_limit()
        domain = (
            Domain("card_state", "=", "active")
            & Domain("card_kind", "=", "customer")
            & Domain.AND(
                Domain(name, "=", False) | Domain(name, "<=", limit)
                for name in ("satisfaction_date", "satisfaction_asked_date")
            )
            if limit
            else Domain.FALSE
        )
        return domain if True in value else ~domain

    @api.model
    def _get_satisfaction_limit(self):
        """:return: who was not asked after this day is due; None: nobody ever is"""
        months = self.env.company.satisfaction_months
        return months and self.env.user._card_today() - relativedelta(months=months)

    @api.depends_context("uid")
    def _compute_satisfaction_answer_count(self):
        """How often the customer has answered, and was asked."""
        Answer = self.env["survey.user_input"]
        counts = (
            dict(
                Answer._read_group(
                    self._get_satisfaction_domain(), ["card_root_id"], ["__count"]
                )
            )
            if Answer.has_access("read")
            else {}
        )
        counts = {card.id: count for card, count in counts.items()}
        for partner in self:
            partner.satisfaction_answer_count = counts.get(partner._origin.id, 0)

    def _get_satisfaction_domain(self):
        """:return: Domain on survey.user_input: what these customers answered"""
        return (
            Domain("card_root_id", "in", self._origin.ids)
            & Domain("survey_id.is_satisfaction", "=", True)
            & Domain("test_entry", "=", False)
        )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_satisfaction_untouched(vals)
        self._check_satisfaction_untouched(
            {
                name: self.env.context.get(f"default_{name}")
                for name in SATISFACTION_FIELDS
            }
        )
        return super().create(vals_list)

    def write(self, vals):
        self._check_satisfaction_untouched(vals)
        return super().write(vals)

    @api.model
    def _check_satisfaction_untouched(self, vals):
        """:raise AccessError: when somebody writes a score by hand"""
        if not self.env.su and any(vals.get(name) for name in SATISFACTION_FIELDS):
            raise AccessError(
                self.env._(
                    "How satisfied a customer is, only he says: ask him by a survey."
                )
            )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_send_satisfaction(self):
        """Prepare an e-mail with the survey to each of these customers.

        :raise CardAccessError: for cards that the user does not keep
        """
        # sudo: only which card a contact belongs to is read
        cards = self.browse(self.sudo().card_root_id.ids)
        cards._check_card_maintained()
        wizard = self.env["customer.satisfaction.send"]._make_for(cards)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Ask for Satisfaction"),
            "res_model": wizard._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_fill_in_satisfaction(self):
        """Ask the customer now, and fill in what he says.

        :return: the action that opens the questions
        :raise CardAccessError: for cards that the user does not keep
        """
        self.ensure_one()
        self._check_card_maintained()
        return self._fill_in_satisfaction()

    def action_satisfaction_answers(self):
        """Show what this customer answered."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "customer_visit.survey_user_input_action_card"
        )
        # sudo: only which card a contact belongs to is read
        card = self.sudo().card_root_id
        return {
            **action,
            "domain": list(card._get_satisfaction_domain()),
            "context": {"create": False},
        }

    def _fill_in_satisfaction(self, visit=None):
        """The caller has checked the user.

        :param visit: customer.visit during which the customer is asked
        :return: the action that opens the questions for this user
        """
        # sudo: salespeople have no rights on surveys; the answer is for this card
        card = self.sudo().card_root_id
        survey = self._get_satisfaction_survey()
        Answer = self.env["survey.user_input"].sudo()
        answer = Answer.search(
            [
                ("survey_id", "=", survey.id),
                ("partner_id", "=", card.id),
                ("filled_by_id", "=", self.env.uid),
                ("state", "!=", "done"),
            ],
            limit=1,
        ) or survey._create_answer(
            partner=card, check_attempts=False, filled_by_id=self.env.uid
        )
        if visit:
            answer.visit_id = visit
        card._set_satisfaction_asked()
        return answer.sudo(False)._get_fill_in_action()

    @api.model
    def _get_satisfaction_survey(self):
        """:return: the survey of the company, as superuser
        :raise UserError: when there is none"""
        # sudo: salespeople have no rights on surveys
        survey = self.env.company.sudo().satisfaction_survey_id
        if not survey:
            survey = self.env.ref(
                "customer_visit.survey_satisfaction", raise_if_not_found=False
            )
            survey = survey and survey.sudo().filtered("active")
        if not survey:
            raise UserError(
                self.env._(
                    "No survey asks for satisfaction. An administrator chooses one in "
                    "the settings of Customer Cards."
                )
            )
        return survey

    # ------------------------------------------------------------
    # SCORE
    # ------------------------------------------------------------

    def _set_satisfaction_asked(self):
        """These customers have just been asked. By SQL: it is no change of the card."""
        if not self:
            return
        self.env.execute_query(
            SQL(
                "UPDATE res_partner SET satisfaction_asked_date = %s"
                " WHERE id = ANY(%s) RETURNING id",
                self.env.user._card_today(),
                self.ids,
            )
        )
        self.invalidate_recordset(["satisfaction_asked_date", "satisfaction_due"])

    def _refresh_satisfaction(self):
        """Work out score, date and trend of these cards from their last two answers,
        by one statement; cards without an answer lose them."""
        if not self:
            return
        self.env["survey.user_input"].flush_model()
        self.env["survey.survey"].flush_model(["is_satisfaction"])
        self.env.execute_query(
            SQL(
                """
                WITH answer AS (
                    SELECT input.card_root_id AS card_id,
                           input.scoring_percentage AS score,
                           input.end_datetime::date AS day,
                           ROW_NUMBER() OVER (
                               PARTITION BY input.card_root_id
                               ORDER BY input.end_datetime DESC, input.id DESC
                           ) AS number
                      FROM survey_user_input input
                      JOIN survey_survey survey ON survey.id = input.survey_id
                     WHERE survey.is_satisfaction
                       AND input.state = 'done'
                       AND input.test_entry IS NOT TRUE
                       AND input.card_root_id = ANY(%(ids)s)
                )
                UPDATE res_partner card
                   SET satisfaction_score = last.score,
                       satisfaction_date = last.day,
                       satisfaction_trend = CASE
                           WHEN before.score IS NULL THEN NULL
                           WHEN last.score >= before.score + %(points)s THEN 'up'
                           WHEN last.score <= before.score - %(points)s THEN 'down'
                           ELSE 'same'
                       END
                  FROM UNNEST(%(ids)s) AS asked (id)
             LEFT JOIN answer last ON last.card_id = asked.id AND last.number = 1
             LEFT JOIN answer before ON before.card_id = asked.id AND before.number = 2
                 WHERE card.id = asked.id
                   -- only what changes: cards are opened by the thousand
                   AND (last.day IS NOT NULL OR card.satisfaction_date IS NOT NULL)
             RETURNING card.id
                """,
                ids=self.ids,
                points=TREND_POINTS,
            )
        )
        self.invalidate_recordset([*SATISFACTION_FIELDS, "satisfaction_due"])
