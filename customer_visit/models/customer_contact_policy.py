import logging

from odoo import api, fields, models, tools
from odoo.exceptions import AccessError
from odoo.fields import Domain

_logger = logging.getLogger(__name__)

DAYS = {"day": 1, "week": 7, "month": 30}
# so many cards are looked at anew while whoever has changed a policy waits
AT_ONCE = 10_000


class CustomerContactPolicy(models.Model):
    """How often the customers of a kind are contacted.

    The first policy by sequence whose domain a card meets is the card's policy; cards
    that meet none are nobody's concern, closed and archived cards neither. Domains are
    evaluated as the superuser, for all cards by one statement (see
    res_partner_cadence_refresh.py), never card by card.

    Due on = last contact that counts + interval. Of a card that has had no contact yet
    the interval runs from its opening, and it is due from the first day.
    """

    _name = "customer.contact.policy"
    _description = "Contact Policy"
    _inherit = ["customer.card.rule.mixin"]
    _order = "sequence, id"
    _rule_cron = "customer_visit.customer_contact_policy_cron"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(
        default=10, help="The first policy that a card meets is the one that applies."
    )
    active = fields.Boolean(default=True)
    domain = fields.Char(
        "Cards",
        default="[]",
        required=True,
        help="The cards that this policy applies to, unless one above it does.",
    )
    # how often
    interval_number = fields.Integer("Contact Every", default=1, required=True)
    interval_type = fields.Selection(
        [("day", "Days"), ("week", "Weeks"), ("month", "Months")],
        "Unit",
        default="month",
        required=True,
    )
    notice_days = fields.Integer(
        "Due From (Days Before)",
        default=0,
        required=True,
        help="A card becomes due this many days before its last day, so that the "
        "contact can be planned in time. After the last day it is overdue.",
    )
    # what counts
    method_ids = fields.Many2many(
        "customer.visit.method",
        "customer_contact_policy_method_rel",
        "policy_id",
        "method_id",
        "Methods That Count",
        help="Contacts by other methods are recorded, but the next one stays due. "
        "Empty: every contact counts.",
    )
    who = fields.Selection(
        [
            ("anybody", "Anybody"),
            ("custodian", "The Custodian or His Deputy"),
            ("manager", "A Manager of the Card"),
        ],
        "Contacts By",
        default="anybody",
        required=True,
        help="Whose contacts count. A manager is the leader of the department, or of "
        "one above it.",
    )
    card_count = fields.Integer("Number of Cards", compute="_compute_card_count")
    is_broken = fields.Boolean(
        "Cannot Be Evaluated",
        compute="_compute_is_broken",
        help="The condition reads something that does not exist any more, for example "
        "a field of an app that was removed. The policy applies to no card.",
    )

    _interval_positive = models.Constraint(
        "CHECK (interval_number > 0)", "The interval of a policy is at least 1."
    )
    _notice_shorter = models.Constraint(
        "CHECK (notice_days >= 0 AND notice_days < interval_number * CASE interval_type"
        " WHEN 'day' THEN 1 WHEN 'week' THEN 7 ELSE 28 END)",
        "A card cannot be due again on the day of its last contact: the days before "
        "are fewer than the interval has.",
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends_context("uid")
    def _compute_card_count(self):
        """Of the cards that the user sees."""
        counts = dict(
            self.env["res.partner"]._read_group(
                [("contact_policy_id", "in", self.ids)],
                ["contact_policy_id"],
                ["__count"],
            )
        )
        for policy in self:
            policy.card_count = counts.get(policy._origin, 0)

    @api.depends("domain")
    def _compute_is_broken(self):
        for policy in self:
            policy.is_broken = bool(self._get_domain_error(policy.domain))

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("domain")
    def _check_domain(self):
        cadence = self.env["res.partner"]._get_cadence_fields()
        for policy in self:
            error = self._get_domain_error(policy.domain)
            if not error and cadence & self._get_domain_fields(policy.domain):
                error = self.env._("it depends on its own result")
            if error:
                policy._raise_domain_error(policy.domain, error)

    @api.model
    def _get_domain_fields(self, text):
        """:return: set of the field names on the paths of a stored domain, with those
        of its inner domains"""
        names = set()
        todo = [self._parse_domain(text)]
        while todo:
            for condition in todo.pop().iter_conditions():
                names.update(condition.field_expr.split("."))
                if condition.operator in ("any", "not any"):
                    todo.append(Domain(condition.value))
        return names

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model
    def _after_change(self):
        """All cards are looked at anew: now, unless there are very many; these, and
        the cards that somebody is saving, by the scheduled action as soon as possible.
        While an addon is installed, by its hook or the scheduled action alone."""
        super()._after_change()
        if self.env.context.get("install_mode"):
            return
        Partner = self.env["res.partner"]
        # sudo: how many cards there are, for nobody to read
        cards = Partner.sudo().with_context(active_test=False)
        if (
            cards.search_count([("card_state", "!=", False)], limit=AT_ONCE + 1)
            <= AT_ONCE
        ):
            Partner._refresh_contacts()

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    @api.model
    def action_refresh(self, *_ids):
        """Look at all cards anew, now.

        :raise AccessError: unless the user administers the cards
        """
        if not (self.env.su or self.env.user._is_card_admin()):
            raise AccessError(
                self.env._(
                    "Only administrators of Customer Cards work out anew when all "
                    "cards are due."
                )
            )
        count = self.env["res.partner"]._refresh_contacts()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "The next contacts of all cards are up to date: %(count)s changed.",
                    count=count,
                ),
            },
        }

    def action_open_cards(self):
        """:return: the action that shows the cards of these policies"""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_visit.res_partner_action_contact_due"
        )
        action["domain"] = [("contact_policy_id", "in", self.ids)]
        action["context"] = {"create": False}
        return action

    # ------------------------------------------------------------
    # EVALUATION
    # ------------------------------------------------------------

    @api.model
    @tools.ormcache()
    def _get_specs(self):
        """The active policies that can be evaluated, in their order.

        :return: tuple of ``(id, domain as text, days of the interval)``
        """
        specs = []
        # sudo: when a card is due does not depend on who looks
        for policy in self.sudo().search([("active", "=", True)]):
            if error := self._get_domain_error(policy.domain):
                _logger.warning("Contact policy %s: %s", policy.id, error)
                continue
            days = policy.interval_number * DAYS[policy.interval_type]
            specs.append((policy.id, policy.domain or "[]", days))
        return tuple(specs)

    @api.model
    @tools.ormcache()
    def _get_watched_fields(self):
        """:return: names of the fields of a card on which its next contact depends"""
        names = {
            "active",
            "card_state",
            "card_kind",
            "card_custodian_id",
            "card_deputy_id",
            "card_team_id",
            "parent_id",
        }
        for _id, domain, _days in self._get_specs():
            names |= self._get_domain_fields(domain)
        return frozenset(names)

    @api.model
    @tools.ormcache()
    def _depends_on_people(self):
        """:return: whether a policy counts the contacts of some people only"""
        # sudo: when a card is due does not depend on who looks
        return bool(self.sudo().search_count([("who", "!=", "anybody")], limit=1))

    @api.model
    @tools.ormcache()
    def _depends_on_company(self):
        """:return: whether a policy reads a field that has another value in each
        company"""
        fields_by_name = self.env["res.partner"]._fields
        return any(
            name in fields_by_name and fields_by_name[name].company_dependent
            for _id, domain, _days in self._get_specs()
            for name in self._get_domain_fields(domain)
        )

    @api.model
    def _cron_refresh(self):
        """Look at all cards: every night, because a day has passed, and because a
        condition may depend on what no save of a card tells. Then note how they stand.
        """
        self.env["res.partner"]._refresh_contacts()
        self.env["customer.coverage.week"]._note_week()

    @api.model
    def _cron_escalate(self):
        """Tell the managers which contacts are overdue for long. Repeated or
        interrupted it goes on with what they have not been told of."""
        self.env["res.partner"]._escalate_contacts(commit=True)
