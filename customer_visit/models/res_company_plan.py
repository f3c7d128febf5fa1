from odoo import fields, models


class ResCompany(models.Model):
    """What a company decides once about weekly plans."""

    _inherit = "res.company"

    visit_day_capacity = fields.Integer(
        "Visits per Day",
        default=6,
        required=True,
        help="How many contacts a weekly plan proposes for a working day. A user may "
        "have a number of his own.",
    )
    visit_plan_block = fields.Boolean(
        "Reports Before the Next Plan",
        default=True,
        help="Nobody submits the plan of another week while he owes reports of visits.",
    )
    visit_report_escalation_days = fields.Integer(
        "Escalate Missing Reports After (Days)",
        default=2,
        required=True,
        help="A missing report is asked for on the next working day. After so many days "
        "the department manager is told.",
    )
    visit_plan_prepare_day = fields.Selection(
        [
            ("0", "Monday"),
            ("1", "Tuesday"),
            ("2", "Wednesday"),
            ("3", "Thursday"),
            ("4", "Friday"),
        ],
        "Propose the Next Week On",
        default="3",
        help="On this day everybody who keeps cards gets a draft of his next week, with "
        "the customers who are due. Empty: each makes his plan himself.",
    )

    _visit_plan_numbers = models.Constraint(
        "CHECK (visit_day_capacity > 0 AND visit_report_escalation_days >= 0)",
        "A day has room for at least one visit, and escalation cannot come before the "
        "day of the visit.",
    )
