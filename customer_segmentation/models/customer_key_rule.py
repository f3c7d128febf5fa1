from odoo import api, fields, models
from odoo.exceptions import ValidationError

# what a rule decides cannot be what it reads
OWN_FIELDS = {"is_key_customer", "key_source", "key_rule_id"}


class CustomerKeyRule(models.Model):
    """Whom a company calls a key customer (P02): existing, future and potential ones.

    A customer is a key customer of a company when he meets the condition of one of its
    active rules; the first by sequence is named as the reason. Conditions are domains
    on the customer, evaluated as the superuser in that company after each run of the
    figures, for all customers by one statement. A star set or taken away by hand comes
    before the rules (``customer.key.mark``).
    """

    _name = "customer.key.rule"
    _description = "Rule of Key Customers"
    _inherit = ["customer.card.rule.mixin"]
    _order = "sequence, id"
    _rule_cron = "customer_segmentation.customer_key_rule_cron"

    name = fields.Char(
        required=True,
        translate=True,
        help="Why such customers are key customers, as one reads it at the star.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", help="Empty: the rule holds in every company."
    )
    kind = fields.Selection(
        [
            ("present", "Present"),
            ("future", "Future"),
            ("prospect", "Prospect"),
        ],
        default="present",
        required=True,
        help="What the rule looks for, to tell key customers apart in the list.",
    )
    domain = fields.Char(
        "Customers",
        default="[]",
        required=True,
        help="The customers that are key customers. Classes and figures are those of "
        "the company that looks.",
    )
    customer_count = fields.Integer(
        "Number of Customers", compute="_compute_customer_count"
    )
    is_broken = fields.Boolean(
        "Cannot Be Evaluated",
        compute="_compute_is_broken",
        help="The condition reads something that does not exist any more. The rule "
        "makes nobody a key customer.",
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_customer_count(self):
        """Of the customers that the user sees."""
        counts = dict(
            self.env["customer.metrics"]._read_group(
                [("key_rule_id", "in", self.ids), ("is_key_customer", "=", True)],
                ["key_rule_id"],
                ["__count"],
            )
        )
        for rule in self:
            rule.customer_count = counts.get(rule._origin, 0)

    @api.depends("domain")
    def _compute_is_broken(self):
        for rule in self:
            rule.is_broken = bool(self._get_domain_error(rule.domain))

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("domain")
    def _check_domain(self):
        for rule in self:
            rule._check_rule_domain(rule.domain)
            if OWN_FIELDS & self._get_domain_fields(rule.domain):
                raise ValidationError(
                    self.env._(
                        "%(rule)s: whether somebody is a key customer cannot depend on "
                        "whether he is one. Choose another condition.",
                        rule=rule.name,
                    )
                )

    @api.model
    def _get_domain_fields(self, text):
        return self.env["customer.contact.policy"]._get_domain_fields(text)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_customers(self):
        """:return: the action that shows the key customers by these rules"""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_segmentation.customer_metrics_action_key"
        )
        action["domain"] = [
            ("key_rule_id", "in", self.ids),
            ("is_key_customer", "=", True),
        ]
        return action

    # ------------------------------------------------------------
    # EVALUATION
    # ------------------------------------------------------------

    @api.model
    def _get_company_rules(self, company):
        """:return: the active rules of a company that can be evaluated, in their
        order"""
        # sudo: who is a key customer does not depend on who looks
        rules = self.sudo().search(
            [("active", "=", True), ("company_id", "in", [company.id, False])]
        )
        return rules.filtered(lambda rule: not rule.is_broken)

    @api.model
    def _cron_refresh(self):
        """Find the key customers anew, because a rule has changed. Repeated or
        interrupted it does no harm."""
        # sudo: scheduled action
        companies = self.env["res.company"].sudo().search([])  # pylint: disable=no-search-all
        for done, company in enumerate(companies, 1):
            self.env["customer.metrics"]._refresh_keys(company)
            self.env["ir.cron"]._commit_progress(1, remaining=len(companies) - done)
