from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .customer_lifecycle_rule import FIGURE_CRITERIA
from .customer_metrics import LIFECYCLE_STAGES


class CustomerMetrics(models.Model):
    """The stage that a customer has reached (O03): by the rules of the company
    (``customer.lifecycle.rule``), unless somebody has moved him by hand and that still
    holds (``customer.lifecycle.override``).

    What the criteria of a rule count, with dates up to the day of the run:

    - lead, opportunity: ``crm.lead`` of the customer that are not lost (an opportunity:
      of type opportunity), of the company or of none, by the day they were made or
      converted;
    - quotation: ``sale.order`` in the states *sent* and *sale*, by the order date;
    - introduction: ``customer.introduction`` that led to somebody (introduced, won), by
      the day he was asked, and other contacts that name him as ``referrer_id``, by the
      day they were entered;
    - event: registrations in the state *done*, by the first day of the event;
    - purchase, repeat: ``purchase_days_lifetime``, ``repeat_purchases``;
    - loyalty: ``loyalty_class`` is loyal.

    Days are days in the time zone of the company; *within n months* means later than
    the day n months before the day of the run.
    """

    _inherit = "customer.metrics"

    # the kanban shows all stages
    lifecycle_stage = fields.Selection(group_expand=True)
    lifecycle_computed = fields.Selection(
        LIFECYCLE_STAGES, "Stage by the Rules", help="Without what was moved by hand."
    )
    lifecycle_rule_id = fields.Many2one(
        "customer.lifecycle.rule",
        "Stage Reached By",
        ondelete="set null",
        help="Empty: a potential customer.",
    )
    lifecycle_activity_rule_id = fields.Many2one(
        "customer.lifecycle.rule",
        "Reached by Leads, Quotations and Events",
        ondelete="set null",
        help="The rule met by what he did, purchases and loyalty left aside.",
    )
    lifecycle_override_id = fields.Many2one(
        "customer.lifecycle.override", "Moved by Hand", ondelete="set null"
    )
    lifecycle_override_reason = fields.Char(
        "Why by Hand", related="lifecycle_override_id.reason"
    )
    lifecycle_override_until = fields.Date(
        "By Hand Until", related="lifecycle_override_id.valid_until"
    )

    # ------------------------------------------------------------
    # LAYERS
    # ------------------------------------------------------------

    @api.model
    def _get_sources(self, run):
        return {
            **super()._get_sources(run),
            "lifecycle": self._get_lifecycle_source(run),
            "lifecycle_override": self._get_override_source(run),
        }

    @api.model
    def _get_layers(self, run):
        """The rules, then what was moved by hand: a layer each."""
        layers = {}
        for name, columns in super()._get_layers(run).items():
            if name == "facts":
                columns = {
                    **columns,
                    "lifecycle_activity_rule_id": SQL("lifecycle.rule_id"),
                    "lifecycle_override_id": SQL("lifecycle_override.override_id"),
                }
            elif name == "lifecycle":
                layers["lifecycle_rules"] = self._get_lifecycle_rules(run.company)
                columns = {**columns, "lifecycle_stage": self._get_lifecycle_stage()}
            layers[name] = columns
        return layers

    @api.model
    def _get_lifecycle_rules(self, company):
        """:return: ``{field: SQL}``: the stage by the rules, and the rule"""
        rules = self.env["customer.lifecycle.rule"]._get_company_rules(company)
        conditions = {
            "purchase": "m.purchase_days_lifetime >= %s",
            "repeat": "m.repeat_purchases >= %s",
            "loyalty": "(m.loyalty_class = 'loyal')::int >= %s",
        }
        whens = [
            (
                rule,
                SQL(conditions[rule.criterion], rule.minimum)
                if rule.criterion in FIGURE_CRITERIA
                else SQL("m.lifecycle_activity_rule_id = %s", rule.id),
            )
            for rule in rules
        ]
        return {
            "lifecycle_computed": self._get_case_sql(
                [(condition, rule.stage) for rule, condition in whens], "potential"
            ),
            "lifecycle_rule_id": self._get_case_sql(
                [(condition, rule.id) for rule, condition in whens]
            ),
        }

    @api.model
    def _get_lifecycle_stage(self):
        return SQL(
            """CASE WHEN m.lifecycle_override_id IS NULL THEN m.lifecycle_computed
                    ELSE (SELECT moved.stage
                            FROM customer_lifecycle_override moved
                           WHERE moved.id = m.lifecycle_override_id)
               END"""
        )

    @api.model
    def _get_case_sql(self, whens, otherwise=None):
        """:param whens: list of (condition as SQL, value)
        :return: SQL"""
        if not whens:
            return SQL("%s", otherwise)
        return SQL(
            "CASE %s ELSE %s END",
            SQL(" ").join(
                SQL("WHEN %s THEN %s", condition, value) for condition, value in whens
            ),
            otherwise,
        )

    # ------------------------------------------------------------
    # SOURCES
    # ------------------------------------------------------------

    @api.model
    def _get_override_source(self, run):
        """:return: SQL: what was moved by hand and held on the day of the run"""
        return SQL(
            """
            SELECT DISTINCT ON (1)
                   %(customer)s AS partner_id, moved.id AS override_id
              FROM customer_lifecycle_override moved
              JOIN res_partner p ON p.id = moved.partner_id
             WHERE moved.company_id = %(company)s
               AND moved.date_from <= %(as_of)s
               AND moved.valid_until >= %(as_of)s
               AND (moved.date_ended IS NULL OR moved.date_ended > %(as_of)s)
               AND %(whose)s
          ORDER BY 1, moved.date_from DESC, moved.id DESC
            """,
            customer=self._get_customer_sql("p"),
            company=run.company.id,
            as_of=run.as_of,
            whose=self._get_customer_filter(run, "p"),
        )

    @api.model
    def _get_lifecycle_source(self, run):
        """:return: SQL: the highest rule that a customer has met by what he did"""
        rules = (
            self.env["customer.lifecycle.rule"]
            ._get_company_rules(run.company)
            .filtered(lambda rule: rule.criterion not in FIGURE_CRITERIA)
        )
        if not rules:
            return SQL("SELECT NULL::int AS partner_id, NULL::int AS rule_id LIMIT 0")
        queries = self._get_criterion_queries(run)
        whens = [
            (
                SQL(
                    "COUNT(*) FILTER (WHERE deed.criterion = %s%s) >= %s",
                    rule.criterion,
                    SQL(
                        " AND deed.date > %s",
                        run.as_of - relativedelta(months=rule.months),
                    )
                    if rule.months
                    else SQL(),
                    rule.minimum,
                ),
                rule.id,
            )
            for rule in rules
        ]
        return SQL(
            """
            SELECT %(customer)s AS partner_id, %(rule)s AS rule_id
              FROM (%(deeds)s) deed
              JOIN res_partner p ON p.id = deed.partner_id
             WHERE deed.date <= %(as_of)s
               AND %(whose)s
          GROUP BY 1
            """,
            customer=self._get_customer_sql("p"),
            rule=self._get_case_sql(whens),
            deeds=SQL(" UNION ALL ").join(
                SQL(
                    "SELECT %s AS criterion, done.partner_id, done.date FROM (%s) done",
                    criterion,
                    queries[criterion],
                )
                for criterion in sorted(set(rules.mapped("criterion")))
            ),
            as_of=run.as_of,
            whose=self._get_customer_filter(run, "p"),
        )

    @api.model
    def _get_criterion_queries(self, run):
        """:return: ``{criterion: SQL}`` of ``partner_id`` (any contact) and ``date``"""
        values = {
            "company": run.company.id,
            "lead_day": self._get_day_sql(run, SQL("create_date")),
            "opportunity_day": self._get_day_sql(
                run, SQL("COALESCE(date_conversion, create_date)")
            ),
            "order_day": self._get_day_sql(run, SQL("date_order")),
            "event_day": self._get_day_sql(run, SQL("event.date_begin")),
            "referred_day": self._get_day_sql(run, SQL("referred.create_date")),
        }
        return {
            "lead": SQL(
                """SELECT partner_id, %(lead_day)s AS date
                     FROM crm_lead
                    WHERE partner_id IS NOT NULL
                      AND won_status IS DISTINCT FROM 'lost'
                      AND (company_id = %(company)s OR company_id IS NULL)""",
                **values,
            ),
            "opportunity": SQL(
                """SELECT partner_id, %(opportunity_day)s AS date
                     FROM crm_lead
                    WHERE partner_id IS NOT NULL
                      AND type = 'opportunity'
                      AND won_status IS DISTINCT FROM 'lost'
                      AND (company_id = %(company)s OR company_id IS NULL)""",
                **values,
            ),
            "quotation": SQL(
                """SELECT partner_id, %(order_day)s AS date
                     FROM sale_order
                    WHERE company_id = %(company)s AND state IN ('sent', 'sale')""",
                **values,
            ),
            "introduction": SQL(
                """SELECT partner_id, date_asked AS date
                     FROM customer_introduction
                    WHERE company_id = %(company)s AND state IN ('introduced', 'won')
                UNION ALL
                   SELECT referred.referrer_id, %(referred_day)s
                     FROM res_partner referred
                    WHERE referred.referrer_id IS NOT NULL
                      AND NOT EXISTS (
                          SELECT FROM customer_introduction made
                           WHERE made.introduced_partner_id = referred.id)""",
                **values,
            ),
            "event": SQL(
                """SELECT guest.partner_id, %(event_day)s AS date
                     FROM event_registration guest
                     JOIN event_event event ON event.id = guest.event_id
                    WHERE guest.partner_id IS NOT NULL
                      AND guest.active
                      AND guest.state = 'done'
                      AND (event.company_id = %(company)s
                           OR event.company_id IS NULL)""",
                **values,
            ),
        }

    # ------------------------------------------------------------
    # BY HAND
    # ------------------------------------------------------------

    def action_move_stage(self, stage=None):
        """Ask why and until when these customers stand at another stage.

        :param stage: the stage to propose
        :return: the action of the dialog
        :raise CardAccessError: unless the user keeps these cards
        :raise UserError: for customers without a card
        """
        self.check_access("read")
        self.env["customer.lifecycle.override"]._check_are_cards(self.partner_id)
        self.partner_id._check_card_maintained()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Move to Another Stage"),
            "res_model": "customer.lifecycle.move",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_metrics_ids": self.ids, "default_stage": stage},
        }

    def action_end_override(self):
        """The rules count again at once.

        :raise CardAccessError: unless the user keeps these cards
        """
        self.check_access("read")
        self.partner_id._check_card_maintained()
        return self._get_override().sudo(False).action_end()

    def action_lifecycle_history(self):
        """:return: the action that shows what was set by hand for these customers"""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_segmentation.customer_lifecycle_override_action"
        )
        action["domain"] = [("partner_id", "in", self.partner_id.ids)]
        action["context"] = {}
        return action

    def _get_override(self):
        """:return: the overrides that hold for these rows"""
        wanted = {(row.company_id.id, row.partner_id.id) for row in self}
        # sudo: the callers have checked who may end them
        running = (
            self.env["customer.lifecycle.override"]
            .sudo()
            .search(
                [
                    ("company_id", "in", self.company_id.ids),
                    ("partner_id", "in", self.partner_id.ids),
                    ("date_ended", "=", False),
                ]
            )
        )
        return running.filtered(
            lambda one: (one.company_id.id, one.partner_id.id) in wanted
        )

    def _write_lifecycle_stage(self, stages, reason):
        """Write stages outside a run, with their history.

        :param stages: ``{row: stage}``
        :param reason: for the history
        """
        # what a look back shows stays; the next run goes on from what is remembered
        shown = {
            row: (row.remembered or {}).get("lifecycle_stage", row.lifecycle_stage)
            for row in self
        }
        changed = self.filtered(lambda row: shown[row] != stages[row])
        self.env["customer.segment.change"].sudo().create(
            [
                {
                    **row._get_change_figures(),
                    "dimension": "lifecycle",
                    "value_from": shown[row],
                    "value_to": stages[row],
                    "reason": reason,
                }
                for row in changed
            ]
        )
        for row in changed:
            if row.remembered:
                row.remembered = {**row.remembered, "lifecycle_stage": stages[row]}
            else:
                row.lifecycle_stage = stages[row]

    def _get_change_figures(self):
        """:return: values of a ``customer.segment.change`` of today: the figures that
        stand behind it"""
        self.ensure_one()
        return {
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "date": self.company_id._get_metrics_today(),
            "amount": self.amount,
            "share": self.share,
            "share_before": self.share_before,
            "rank": self.rank,
            "purchase_days": self.purchase_days,
            "last_purchase": self.last_purchase,
        }
