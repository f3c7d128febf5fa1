from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class CustomerFollowupTemplate(models.Model):
    """The steps that a company goes through with its customers after an occasion, each
    of them some time after the one before: thank for the purchase, ask how things are
    going, write, ask for satisfaction …

    Among those that an occasion starts, the first whose conditions fit the card wins.
    """

    _name = "customer.followup.template"
    _description = "Follow-up Template"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    description = fields.Text(
        translate=True, help="When to use it, for whoever starts one."
    )
    step_ids = fields.One2many(
        "customer.followup.template.step", "template_id", "Steps", copy=True
    )
    step_count = fields.Integer("Number of Steps", compute="_compute_step_count")
    # when it starts
    starts_on_won = fields.Boolean(
        "Starts with a Won Opportunity",
        help="Begins by itself as soon as an opportunity of a customer is won.",
    )
    domain = fields.Char(
        "For These Customers",
        default="[]",
        help="Which cards it starts for by itself. The first template that fits wins.",
    )
    when_running = fields.Selection(
        [
            ("keep", "The running one goes on"),
            ("restart", "It starts again with the first step"),
        ],
        "If It Is Already Running",
        default="keep",
        required=True,
        help="What a further occasion does to a customer who is still being followed "
        "up: he never gets the same steps twice at a time.",
    )
    company_id = fields.Many2one("res.company", help="Empty: for all companies.")

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("step_ids")
    def _compute_step_count(self):
        for template in self:
            template.step_count = len(template.step_ids)

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("domain")
    def _check_domain(self):
        for template in self:
            try:
                template._get_domain().validate(self.env["res.partner"])
            except (ValueError, SyntaxError, TypeError) as error:
                raise ValidationError(
                    self.env._(
                        "%(template)s: this choice of customers cannot be read. Choose "
                        "the conditions anew.",
                        template=template.name,
                    )
                ) from error

    # ------------------------------------------------------------
    # CHOICE
    # ------------------------------------------------------------

    def _get_domain(self):
        """:return: Domain on res.partner
        :raise ValueError, SyntaxError, TypeError: when it cannot be read"""
        self.ensure_one()
        return Domain(literal_eval(self.domain or "[]"))

    def _get_first_for(self, cards):
        """The first of these templates that fits each card, by one search for each
        template.

        :param cards: res.partner, as superuser
        :return: ``{card id: template}``; cards that none fits are left out
        """
        chosen = {}
        remaining = cards
        for template in self.sorted():
            if not remaining:
                break
            fitting = remaining.search(
                Domain("id", "in", remaining.ids) & template._get_domain()
            )
            chosen.update(dict.fromkeys(fitting.ids, template))
            remaining -= fitting
        return chosen
