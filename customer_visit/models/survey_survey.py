from odoo import api, fields, models
from odoo.exceptions import ValidationError


class SurveySurvey(models.Model):
    """A survey can ask customers how satisfied they are: its score goes to the card."""

    _inherit = "survey.survey"

    is_satisfaction = fields.Boolean(
        "Customer Satisfaction",
        help="The score of an answer goes to the card of the customer who gave it. "
        "Whoever sees the card sees the answer.",
    )

    @api.constrains("is_satisfaction", "scoring_type")
    def _check_satisfaction_scored(self):
        for survey in self:
            if survey.is_satisfaction and survey.scoring_type == "no_scoring":
                raise ValidationError(
                    self.env._(
                        "%(survey)s: satisfaction is measured by a score. Choose a "
                        "scoring, without answers at the end.",
                        survey=survey.title,
                    )
                )
