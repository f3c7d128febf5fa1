from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.sql import column_exists, create_column

# what the refresh writes, by the type of the column
CADENCE_FIELDS = {
    "contact_policy_id": "int4",
    "last_contact_date": "date",
    "next_contact_due": "date",
    "contact_due_from": "date",
    "next_contact_planned": "date",
}
SYSTEM_FIELDS = {"contact_since": "date", "contact_escalated_date": "date"}
STATUSES = [
    ("due", "Due"),
    ("planned", "Planned"),
    ("covered", "Covered"),
    ("overdue", "Overdue"),
]
# Computed for sets by SQL.
COMPUTED = {
    "compute": "_compute_contacts",
    "compute_sudo": True,
    "store": True,
    "readonly": True,
    "copy": False,
    "groups": "base.group_user",
}


class ResPartner(models.Model):
    """When a customer has to be contacted next, by the policy of his card.

    The dates are stored; the status is not, because it depends on the day of who looks:

    * covered: contacted, and not due yet;
    * planned: due, and a visit is planned for today or later (what the system proposes
      counts when its plan is submitted);
    * overdue: its last day has passed, and nothing is planned;
    * due: all others.
    """

    _inherit = "res.partner"

    contact_policy_id = fields.Many2one(
        "customer.contact.policy",
        index="btree_not_null",
        ondelete="set null",
        help="How often this customer is contacted. Empty: nobody says so.",
        **COMPUTED,
    )
    last_contact_date = fields.Date(
        "Last Contact",
        help="The day of the last contact of any kind with this customer.",
        **COMPUTED,
    )
    next_contact_due = fields.Date(
        "Contact Due",
        index="btree_not_null",
        help="The last day for the next contact. Afterwards it is overdue.",
        **COMPUTED,
    )
    contact_due_from = fields.Date(
        "Due From",
        index="btree_not_null",
        help="From this day on the next contact is due.",
        **COMPUTED,
    )
    next_contact_planned = fields.Date(
        "Contact Planned",
        help="The day of the next planned visit that counts.",
        **COMPUTED,
    )
    contact_since = fields.Date(
        "Contacts Counted From",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="Since when somebody could have contacted this customer: the card was "
        "opened, reopened or given to another custodian. Before the first contact the "
        "interval runs from this day.",
    )
    contact_escalated_date = fields.Date(
        "Told the Manager",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="When the manager was last told that this contact is overdue.",
    )
    contact_status = fields.Selection(
        STATUSES,
        compute="_compute_contact_status",
        search="_search_contact_status",
        groups="base.group_user",
        help="Due: it is time for a contact. Planned: a visit is planned. Covered: "
        "contacted in time, the next one is not due yet. Overdue: the last day for it "
        "has passed.",
    )
    contact_urgency = fields.Integer(
        "Urgency",
        compute="_compute_contact_status",
        aggregator="avg",
        groups="base.group_user",
        help="How much of the interval has passed, in percent: 100 on the day on "
        "which the contact is due, 200 when a whole interval was missed.",
    )

    def _auto_init(self):
        """Add the columns empty: at installation no contact has a visit. The hook of
        the addon fills them in for all cards, by one statement."""
        for name, column_type in (CADENCE_FIELDS | SYSTEM_FIELDS).items():
            if not column_exists(self.env.cr, self._table, name):
                create_column(self.env.cr, self._table, name, column_type)
        return super()._auto_init()

    @api.model
    def _get_cadence_fields(self):
        """:return: names of all fields of contacts that the system alone writes"""
        return {*CADENCE_FIELDS, *SYSTEM_FIELDS, "contact_status", "contact_urgency"}

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends_context("uid")
    @api.depends(*CADENCE_FIELDS)
    def _compute_contact_status(self):
        today = self.env.user._card_today()
        days = {spec[0]: spec[2] for spec in self._get_contact_specs()}
        for partner in self:
            due = partner.next_contact_due
            if not due:
                partner.contact_status = partner.contact_urgency = False
                continue
            if partner.contact_due_from > today:
                partner.contact_status = "covered"
            elif (partner.next_contact_planned or due) >= today:
                partner.contact_status = (
                    "planned" if partner.next_contact_planned else "due"
                )
            else:
                partner.contact_status = "overdue" if due < today else "due"
            interval = days.get(partner.contact_policy_id.id, 1)
            late = (today - due).days
            partner.contact_urgency = max(0, 100 + 100 * late // interval)

    def _search_contact_status(self, operator, value):
        if operator != "in":
            return NotImplemented
        domains = self._get_contact_status_domains()
        return Domain.OR(domains[status] for status in value if status in domains)

    @api.model
    def _get_contact_status_domains(self):
        """:return: ``{status: Domain}`` for the user's today; False stands for cards
        without policy, and for contacts without card"""
        today = self.env.user._card_today()
        has_due = Domain("next_contact_due", "!=", False)
        is_open = Domain("contact_due_from", "<=", today)
        is_planned = Domain("next_contact_planned", ">=", today)
        is_late = Domain("next_contact_due", "<", today)
        return {
            "covered": Domain("contact_due_from", ">", today),
            "planned": is_open & is_planned,
            "overdue": is_open & is_late & ~is_planned,
            "due": is_open & has_due & ~is_late & ~is_planned,
            False: ~has_due,
        }

    @api.model
    def _get_contact_specs(self):
        # sudo: the intervals of the policies are no secret
        return self.env["customer.contact.policy"].sudo()._get_specs()

    # ------------------------------------------------------------
    # SQL OF WHAT IS NOT STORED
    # ------------------------------------------------------------

    @api.model
    def _get_contact_status_sql(self, alias, query=None):
        """:param alias: of res_partner in a query
        :return: SQL of the status on the user's today"""
        return SQL(
            """CASE WHEN %(due)s IS NULL THEN NULL
                    WHEN %(due_from)s > %(today)s THEN 'covered'
                    WHEN %(planned)s >= %(today)s THEN 'planned'
                    WHEN %(due)s < %(today)s THEN 'overdue'
                    ELSE 'due' END""",
            due=self._field_to_sql(alias, "next_contact_due", query),
            due_from=self._field_to_sql(alias, "contact_due_from", query),
            planned=self._field_to_sql(alias, "next_contact_planned", query),
            today=self.env.user._card_today(),
        )

    @api.model
    def _get_contact_urgency_sql(self, alias, query=None):
        """:param alias: of res_partner in a query
        :return: SQL of the urgency in percent on the user's today; 0 without policy"""
        cases = [
            SQL("WHEN %s THEN %s", policy_id, days)
            for policy_id, _domain, days in self._get_contact_specs()
        ]
        if not cases:
            return SQL("0::int")
        return SQL(
            "GREATEST(0, COALESCE(100 + FLOOR(100.0 * (%(today)s::date - %(due)s) / "
            "CASE %(policy)s %(cases)s ELSE 1 END), 0))::int",
            today=self.env.user._card_today(),
            due=self._field_to_sql(alias, "next_contact_due", query),
            policy=self._field_to_sql(alias, "contact_policy_id", query),
            cases=SQL(" ").join(cases),
        )

    def _read_group_groupby(self, alias, groupby_spec, query):
        """Group by the status too, which is no column."""
        if groupby_spec != "contact_status":
            return super()._read_group_groupby(alias, groupby_spec, query)
        return self._get_contact_status_sql(alias, query)

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        """Sort by urgency too, which is no column."""
        if field_name != "contact_urgency":
            return super()._order_field_to_sql(
                alias, field_name, direction, nulls, query
            )
        urgency = self._get_contact_urgency_sql(alias, query)
        query._order_groupby.append(urgency)
        return SQL("%s %s %s", urgency, direction, nulls)
