import ast

from odoo import api, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

# What may go wrong in a domain that an administrator has written.
DOMAIN_ERRORS = (
    ValueError,
    SyntaxError,
    TypeError,
    KeyError,
    UserError,
    NotImplementedError,
)


class CustomerCardRuleMixin(models.AbstractModel):
    """A rule about cards is a record with a stored domain, evaluated for all cards at
    once by SQL and as the superuser, never card by card. When one changes, a scheduled
    action looks at all cards anew.
    """

    _name = "customer.card.rule.mixin"
    _description = "Rule About Cards"

    # XML id of the scheduled action
    _rule_cron = None
    # fields whose change concerns no card
    _rule_label_fields = frozenset({"name"})

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        self._after_change()
        return rules

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() - self._rule_label_fields:
            self._after_change()
        return result

    def unlink(self):
        result = super().unlink()
        self._after_change()
        return result

    @api.model
    def _after_change(self):
        """All cards are looked at anew, by the scheduled action as soon as possible."""
        self.env.registry.clear_cache()
        cron = self.env.ref(self._rule_cron, raise_if_not_found=False)
        if cron:
            # sudo: whoever may change rules may not run scheduled actions
            cron.sudo()._trigger()

    # ------------------------------------------------------------
    # DOMAINS
    # ------------------------------------------------------------

    def _check_rule_domain(self, text, model_name="res.partner"):
        """:raise ValidationError: naming the rule, unless ``text`` is a domain that the
        database can evaluate"""
        if error := self._get_domain_error(text, model_name):
            self._raise_domain_error(text, error)

    def _raise_domain_error(self, text, error):
        raise ValidationError(
            self.env._(
                "%(rule)s: the condition %(domain)s cannot be evaluated (%(error)s). "
                "Choose it again with the editor.",
                rule=self.name,
                domain=text,
                error=error,
            )
        )

    @api.model
    def _get_domain_error(self, text, model_name="res.partner"):
        """:return: what is wrong with a stored domain, or None"""
        try:
            # sudo: as it will be evaluated
            Model = self.env[model_name].sudo()
            domain = self._parse_domain(text)
            domain.validate(Model)
            Model._search(domain).select()
        except DOMAIN_ERRORS as error:
            return str(error)

    @api.model
    def _get_rule_partners(self):
        """:return: res.partner, empty, in the environment that evaluates rules: as the
        superuser, because what a rule says of a card does not depend on who looks;
        addons say here what their own fields mean for a rule"""
        # sudo: see above
        return self.env["res.partner"].sudo().with_context(active_test=False)

    @api.model
    def _parse_domain(self, text):
        """:param text: a stored domain of constants
        :return: Domain
        :raise ValueError: for anything else"""
        return Domain(ast.literal_eval((text or "[]").strip()))
