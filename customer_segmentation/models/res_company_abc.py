from odoo import fields, models

# what moves customers from one class to another
ABC_FIELDS = {"abc_limit_a", "abc_limit_b", "abc_scope"}


class ResCompany(models.Model):
    """Where a company draws the lines between its A, B and C customers. When it draws
    them anew, the scheduled action computes the figures as soon as possible."""

    _inherit = "res.company"

    abc_limit_a = fields.Float(
        "A Up To (%)",
        default=80.0,
        required=True,
        digits=(5, 2),
        help="A customer is A while larger customers together hold less than this "
        "share of the net sales.",
    )
    abc_limit_b = fields.Float(
        "B Up To (%)",
        default=95.0,
        required=True,
        digits=(5, 2),
        help="A customer is B while larger customers together hold less than this "
        "share of the net sales. All others who buy are C.",
    )
    abc_downgrade_runs = fields.Integer(
        "Nights Before a Downgrade",
        default=2,
        required=True,
        help="So many computations of all customers in a row have to find a lower "
        "class before it counts. 1: at once. A higher class counts at once, and so does "
        "that somebody has bought nothing.",
    )
    abc_scope = fields.Selection(
        [("team", "Departments"), ("region", "Regions")],
        "Classes Also Within",
        help="A second class beside that of the company: the place of a customer among "
        "those of his department, or of the region above it.",
    )
    segments_since = fields.Date(
        "Classes Recorded Since",
        readonly=True,
        copy=False,
        help="The day of the first computation. Changes of class are known since.",
    )

    _abc_limits_ordered = models.Constraint(
        "CHECK (abc_limit_a > 0 AND abc_limit_a < abc_limit_b AND abc_limit_b <= 100)",
        "The limits of the classes rise from A to B, and lie between 0 and 100 %.",
    )
    _abc_downgrade_runs_positive = models.Constraint(
        "CHECK (abc_downgrade_runs BETWEEN 1 AND 100)",
        "Between 1 and 100 computations find a lower class before it counts.",
    )

    def write(self, vals):
        changed = self.filtered(
            lambda company: any(
                company[name] != vals[name] for name in ABC_FIELDS & vals.keys()
            )
        )
        result = super().write(vals)
        cron = changed and self.env.ref(
            "customer_segmentation.customer_metrics_cron_refresh",
            raise_if_not_found=False,
        )
        if cron:
            # sudo: whoever may change the settings may not run scheduled actions
            cron.sudo()._trigger()
        return result
