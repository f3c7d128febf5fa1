from odoo import api, fields, models
from odoo.exceptions import UserError


class SurveyUserInput(models.Model):
    """The answer of a customer. Its score and date go to his card as soon as it is
    complete."""

    _name = "survey.user_input"
    _inherit = [
        "survey.user_input",
        "customer.card.read.log.mixin",
        "customer.card.gate.mixin",
    ]
    _card_gate_names = frozenset({"satisfaction_score"})

    # whoever has it answers in the customer's name
    access_token = fields.Char(groups="survey.group_survey_user")
    card_root_id = fields.Many2one(
        related="partner_id.card_root_id",
        string="Customer Card",
        store=True,
        index="btree_not_null",
    )
    filled_by_id = fields.Many2one(
        "res.users",
        "Filled In By",
        readonly=True,
        copy=False,
        ondelete="set null",
        help="Who asked the questions and filled in what the customer said. Empty: he "
        "answered himself.",
    )
    visit_id = fields.Many2one(
        "customer.visit",
        "During the Visit",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            # who asked, and when, is said by the methods that begin an answer
            for vals in vals_list:
                vals.pop("filled_by_id", None)
                vals.pop("visit_id", None)
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            vals = {
                name: value
                for name, value in vals.items()
                if name not in ("filled_by_id", "visit_id")
            }
        return super().write(vals)

    def unlink(self):
        # sudo: the score of a card follows its answers, whoever deletes one
        cards = self.sudo()._get_satisfaction_answers().card_root_id
        result = super().unlink()
        cards._refresh_satisfaction()
        return result

    # ------------------------------------------------------------
    # SCORE
    # ------------------------------------------------------------

    def _mark_done(self):
        result = super()._mark_done()
        # sudo: the customer has answered; nobody is logged in
        answers = self.sudo()._get_satisfaction_answers()
        if answers:
            answers.card_root_id._refresh_satisfaction()
            self.env["customer.card.event"]._log_requests(
                "satisfaction_answered",
                [
                    (
                        answer,
                        answer.card_root_id,
                        self.env._(
                            "%(survey)s: %(score)s %%",
                            survey=answer.survey_id.title,
                            score=round(answer.scoring_percentage),
                        ),
                    )
                    for answer in answers
                ],
            )
        return result

    def _get_satisfaction_answers(self):
        """:return: the answers that count for a card"""
        return self.filtered(
            lambda answer: (
                answer.survey_id.is_satisfaction
                and answer.card_root_id
                and not answer.test_entry
            )
        )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def _get_fill_in_action(self):
        """:return: the action that opens the questions of an answer that the user
        fills in for the customer. The caller has checked the user."""
        self.ensure_one()
        # sudo: the token of an answer that was made for this user
        answer = self.sudo()
        return {
            "type": "ir.actions.act_url",
            "target": "new",
            "url": f"/survey/start/{answer.survey_id.access_token}"
            f"?answer_token={answer.access_token}",
        }

    def action_fill_in(self):
        """Go on filling in what the customer says.

        :raise UserError: when it is complete, or somebody else's
        """
        self.ensure_one()
        self.check_access("read")
        self._check_fill_in()
        return self._get_fill_in_action()

    def _check_fill_in(self):
        """:raise UserError: unless this user fills in this answer"""
        # sudo: whose it is
        answer = self.sudo()
        if answer.state == "done" or answer.filled_by_id != self.env.user:
            raise UserError(
                self.env._(
                    "This answer is complete, or the customer gives it himself. Begin "
                    "a new one from his card."
                )
            )
