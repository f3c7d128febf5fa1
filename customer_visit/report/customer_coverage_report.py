from odoo import fields, models
from odoo.tools import SQL

from ..models.res_partner_cadence import CADENCE_FIELDS, STATUSES


class CustomerCoverageReport(models.Model):
    """Are the customers contacted as often as they should be? One row for each card
    with a contact policy, as it stands on the day of who looks.

    Coverage = share of the cards that are covered, or due with a visit planned.
    """

    _name = "customer.coverage.report"
    _description = "Contact Coverage"
    _inherit = ["customer.card.read.log.mixin", "customer.card.gate.mixin"]
    _auto = False
    _order = "next_contact_due, id"
    _rec_name = "partner_id"
    _card_gate_names = frozenset(
        {"last_contact_date", "next_contact_due", "contact_status"}
    )
    _depends = {
        "res.partner": [
            *CADENCE_FIELDS,
            "card_custodian_id",
            "card_kind",
            "card_team_id",
            "contact_escalated_date",
        ],
        "customer.contact.policy": ["who"],
        "crm.team": ["user_id"],
    }

    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    card_root_id = fields.Many2one("res.partner", "Customer Card", readonly=True)
    user_id = fields.Many2one(
        "res.users",
        "Responsible",
        readonly=True,
        help="The custodian; of a policy for managers, the leader of the department.",
    )
    team_id = fields.Many2one("crm.team", "Department", readonly=True)
    policy_id = fields.Many2one(
        "customer.contact.policy", "Contact Policy", readonly=True
    )
    card_kind = fields.Selection(
        lambda self: (
            self.env["res.partner"]
            ._fields["card_kind"]
            ._description_selection(self.env)
        ),
        "Customer Kind",
        readonly=True,
    )
    status = fields.Selection(STATUSES, readonly=True)
    last_contact_date = fields.Date("Last Contact", readonly=True)
    next_contact_due = fields.Date("Contact Due", readonly=True)
    days_late = fields.Integer(
        "Days Overdue",
        readonly=True,
        aggregator="avg",
        help="Days since the last day for the contact; empty while it is not overdue.",
    )
    card_count = fields.Integer("Cards", readonly=True)
    overdue_count = fields.Integer("Overdue", readonly=True)
    never_count = fields.Integer("Never Contacted", readonly=True)
    escalated_count = fields.Integer("Manager Was Told", readonly=True)
    coverage = fields.Float(
        "Coverage (%)",
        readonly=True,
        aggregator="avg",
        digits=(4, 1),
        help="Share of the cards that are covered, or due with a visit planned.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT card.id, card.id AS partner_id, card.id AS card_root_id,
                   coverage.user_id, coverage.team_id, coverage.policy_id,
                   card.card_kind, coverage.status,
                   card.last_contact_date, card.next_contact_due,
                   CASE WHEN coverage.status = 'overdue'
                        THEN %(today)s::date - card.next_contact_due END AS days_late,
                   1 AS card_count, (coverage.status = 'overdue')::int AS overdue_count,
                   (card.last_contact_date IS NULL)::int AS never_count,
                   (card.contact_escalated_date > card.next_contact_due)::int
                       AS escalated_count,
                   CASE WHEN coverage.status IN ('covered', 'planned')
                        THEN 100.0 ELSE 0 END AS coverage
              FROM (%(coverage)s) coverage
              JOIN res_partner card ON card.id = coverage.id
            """,
            today=self.env.user._card_today(),
            coverage=self.env["res.partner"]._get_coverage_query(),
        )

    def action_open_card(self):
        """:return: the action that opens the card of this row"""
        self.ensure_one()
        return self.partner_id.get_formview_action()
