from odoo import api, fields, models, tools
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

# What a card can be required to hold. A tick box is always filled in.
FILLABLE_TYPES = (
    "char",
    "text",
    "html",
    "selection",
    "date",
    "datetime",
    "integer",
    "float",
    "monetary",
    "many2one",
    "one2many",
    "many2many",
)
X2MANY_TYPES = ("one2many", "many2many")
# The contacts of a card are all those below it, not only the first level.
CONTACTS_FIELD = "child_ids"


class CustomerCardRequirement(models.Model):
    """Something that a good card holds: a field, or at least one entry of a list.

    Each requirement says by a stored domain which cards it applies to, and how much
    it weighs. The requirements are evaluated for all cards at once by SQL (see
    ``res.partner._get_card_completeness_query``), never card by card. Domains are
    evaluated as the superuser: what a card lacks does not depend on who looks.
    """

    _name = "customer.card.requirement"
    _description = "Card Requirement"
    _inherit = ["customer.card.rule.mixin"]
    _order = "sequence, id"
    _rule_cron = "customer_card.customer_card_requirement_cron"
    _rule_label_fields = frozenset({"name", "sequence"})

    name = fields.Char(
        required=True,
        translate=True,
        help="What the card lacks, as its keepers read it: “Phone”, “A handler”.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    weight = fields.Integer(
        default=1,
        required=True,
        help="How much this counts. The completeness of a card is the share of the "
        "weights that are filled in.",
    )
    # what has to be filled in
    field_id = fields.Many2one(
        "ir.model.fields",
        "To Fill In",
        required=True,
        ondelete="cascade",
        domain=[
            ("model", "=", "res.partner"),
            ("store", "=", True),
            ("ttype", "in", FILLABLE_TYPES),
        ],
        help="The field of the card. Of a list, at least one entry is needed.",
    )
    field_name = fields.Char(related="field_id.name", string="Field Name")
    relation_model = fields.Char(related="field_id.relation")
    is_relation = fields.Boolean(compute="_compute_is_relation", compute_sudo=True)
    relation_domain = fields.Char(
        "Entries That Count",
        default="[]",
        help="Of a list: only such entries fill it in, for example contacts with the "
        "role of a handler. Empty: any entry does.",
    )
    # which cards it applies to
    scope = fields.Selection(
        "_selection_scope",
        "Applies To",
        compute="_compute_scope",
        inverse="_inverse_scope",
        help="A short way to choose the cards. Choose “Other” to write your own "
        "condition.",
    )
    domain = fields.Char(
        "Cards",
        default="[]",
        required=True,
        help="The cards that this is required of.",
    )

    _weight_positive = models.Constraint(
        "CHECK (weight > 0)",
        "The weight of a requirement is at least 1. Archive what no longer counts.",
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("field_id")
    def _compute_is_relation(self):
        for requirement in self:
            requirement.is_relation = requirement.field_id.ttype in X2MANY_TYPES

    @api.depends("domain")
    def _compute_scope(self):
        scopes = {domain: scope for scope, domain in self._get_scope_domains().items()}
        for requirement in self:
            requirement.scope = scopes.get(requirement.domain or "[]", "other")

    def _inverse_scope(self):
        domains = self._get_scope_domains()
        for requirement in self:
            if requirement.scope in domains:
                requirement.domain = domains[requirement.scope]

    @api.onchange("scope")
    def _onchange_scope(self):
        self._inverse_scope()

    @api.onchange("field_id")
    def _onchange_field_id(self):
        self.relation_domain = "[]"
        self.name = self.name or self.field_id.field_description

    @api.model
    def _selection_scope(self):
        """:return: the quick choices; other addons add theirs, here and in
        ``_get_scope_domains``"""
        return [
            ("all", self.env._("Every Card")),
            ("organisation", self.env._("Organisations")),
            ("person", self.env._("Persons")),
            ("prospect", self.env._("Prospects")),
            ("customer", self.env._("Customers")),
            ("other", self.env._("Other")),
        ]

    @api.model
    def _get_scope_domains(self):
        """:return: ``{scope: the domain that it stands for}``"""
        return {
            "all": "[]",
            "organisation": "[('is_company', '=', True)]",
            "person": "[('is_company', '=', False)]",
            "prospect": "[('card_kind', '=', 'prospect')]",
            "customer": "[('card_kind', '=', 'customer')]",
        }

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("field_id")
    def _check_field_id(self):
        Partner = self.env["res.partner"]
        # sudo: whoever says what is required need not be a developer
        for requirement in self.sudo():
            field = Partner._fields.get(requirement.field_id.name)
            if (
                requirement.field_id.model != Partner._name
                or not field
                or field.type not in FILLABLE_TYPES
                or not (field.store or field.type in X2MANY_TYPES)
                or (field.type == "one2many" and not field.inverse_name)
            ):
                raise ValidationError(
                    self.env._(
                        "%(requirement)s: “%(field)s” cannot be required of a card. "
                        "Choose a field of the contact that a person fills in and "
                        "that is stored.",
                        requirement=requirement.name,
                        field=requirement.field_id.field_description,
                    )
                )

    @api.constrains("domain", "relation_domain", "field_id")
    def _check_domains(self):
        for requirement in self:
            requirement._check_rule_domain(requirement.domain)
            if requirement.is_relation:
                requirement._check_rule_domain(
                    requirement.relation_domain, requirement.relation_model
                )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    @api.model
    def action_recompute(self, *_ids):
        """Compute the completeness of all cards now.

        :raise AccessError: unless the user administers the cards
        """
        if not (self.env.su or self.env.user._is_card_admin()):
            raise AccessError(
                self.env._(
                    "Only administrators of Customer Cards compute the completeness "
                    "of all cards anew."
                )
            )
        changed = self.env["res.partner"]._recompute_card_completeness()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "The completeness of all cards is up to date: %(count)s changed.",
                    count=changed,
                ),
            },
        }

    # ------------------------------------------------------------
    # EVALUATION
    # ------------------------------------------------------------

    @api.model
    @tools.ormcache()
    def _get_specs(self):
        """The active requirements, as the evaluation needs them.

        :return: tuple of ``(id, field name, relation domain, weight, domain)``, the
            domains as text
        """
        # sudo: what is required is the same for everybody
        return tuple(
            (
                requirement.id,
                requirement.field_name,
                (requirement.is_relation and requirement.relation_domain) or "[]",
                requirement.weight,
                requirement.domain or "[]",
            )
            for requirement in self.sudo().search([])
            # a field of an addon that is being removed
            if requirement.field_name in self.env["res.partner"]._fields
        )

    @api.model
    @tools.ormcache()
    def _get_watched_fields(self):
        """:return: names of the partner fields on which the requirements depend"""
        names = {"is_company", "active", "parent_id", "card_kind", "card_state"}
        for _id, field_name, relation_domain, _weight, domain in self._get_specs():
            names.add(field_name)
            conditions = list(self._parse_domain(domain).iter_conditions())
            if field_name == CONTACTS_FIELD:
                conditions += self._parse_domain(relation_domain).iter_conditions()
            names.update(condition.field_expr.split(".")[0] for condition in conditions)
        return frozenset(names)

    @api.model
    def _get_filled_sql(self, alias, field_name, relation_domain, query):
        """:param alias: SQL alias of the card in ``query``
        :return: SQL condition: this field of the card is filled in"""
        # sudo: whether something is there, for all cards alike
        Partner = self.env["res.partner"].sudo()
        field = Partner._fields[field_name]
        if field.type in X2MANY_TYPES:
            return self._get_relation_sql(alias, field, relation_domain)
        column = Partner._field_to_sql(alias, field_name, query)
        if field.type in ("integer", "float", "monetary"):
            return SQL("COALESCE(%s, 0) != 0", column)
        if field.type == "html":
            # an editor leaves tags behind
            return SQL("COALESCE(%s, '') ~ '>[^<]*[^<[:space:]]'", column)
        if field.type in ("char", "text"):
            return SQL("TRIM(COALESCE(%s, '')) != ''", column)
        return SQL("%s IS NOT NULL", column)

    @api.model
    def _get_relation_sql(self, alias, field, relation_domain):
        """EXISTS, because PostgreSQL then looks up the index for one card and hashes
        the table for all cards."""
        # sudo: whether something is there, for all cards alike
        Model = self.env[field.comodel_name].sudo()
        lines = Model._search(
            self._parse_domain(relation_domain)
            & Domain(field.get_comodel_domain(Model))
        )
        line_id = SQL.identifier(lines.table, "id")
        card_id = SQL.identifier(alias, "id")
        if field.name == CONTACTS_FIELD:
            root_id = Model._field_to_sql(lines.table, "card_root_id", lines)
            lines.add_where(
                SQL("%s = %s AND %s != %s", root_id, card_id, line_id, card_id)
            )
        elif field.type == "one2many":
            inverse = Model._field_to_sql(lines.table, field.inverse_name, lines)
            lines.add_where(SQL("%s = %s", inverse, card_id))
        else:
            lines.add_where(
                SQL(
                    "EXISTS (SELECT FROM %s link WHERE link.%s = %s AND link.%s = %s)",
                    SQL.identifier(field.relation),
                    SQL.identifier(field.column1),
                    card_id,
                    SQL.identifier(field.column2),
                    line_id,
                )
            )
        return SQL("EXISTS (%s)", lines.select(SQL("1")))
