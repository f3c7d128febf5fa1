import ast
from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from .customer_approval_mixin import CustomerApprovalMixin


class CustomerCardExport(models.Model):
    """A keeper asks to take cards that he keeps out of the system: these customers,
    these fields, in this form, for so many days.

    Needed where the company has exports approved. The export itself is Odoo's own: the
    gate of the card (``res.partner._check_card_take_out``) looks for an approved request
    that covers all of it, and counts.
    """

    _name = "customer.card.export"
    _description = "Export of Cards"
    _inherit = ["customer.approval.mixin"]
    _order = "id DESC"

    _approval_guarded_fields = CustomerApprovalMixin._approval_guarded_fields | {
        "name",
        "team_ids",
        "valid_until",
        "export_count",
        "row_count",
        "last_export_date",
    }
    _approval_decider_fields = {"export_limit": "card_export_limit"}

    name = fields.Char("Reference", readonly=True, copy=False, index="trigram")
    purpose = fields.Text(help="What the data are needed for, and who will have them.")
    # which cards
    source = fields.Selection(
        [("selection", "The chosen cards"), ("domain", "All my cards that match")],
        "Export",
        default="selection",
        required=True,
    )
    card_ids = fields.Many2many(
        "res.partner",
        "customer_card_export_card_rel",
        "export_id",
        "partner_id",
        "Cards",
        domain=[("card_state", "!=", False)],
        context={"active_test": False},
    )
    domain = fields.Char(
        "Conditions",
        default="[]",
        help="All cards you keep that meet these conditions when you submit the request.",
    )
    card_count = fields.Integer("Number of Cards", compute="_compute_card_count")
    team_ids = fields.Many2many(
        "crm.team", string="Departments", readonly=True, copy=False
    )
    # what of them
    format = fields.Selection(
        [
            ("table", "Spreadsheet (CSV, Excel)"),
            ("vcard", "Address Book (vCard)"),
            ("json", "Data for a Program (JSON)"),
        ],
        default="table",
        required=True,
        tracking=True,
    )
    field_ids = fields.One2many(
        "customer.card.export.field",
        "export_id",
        "Fields",
        copy=True,
        default=lambda self: self._get_default_fields(),
    )
    # how long, how often
    valid_days = fields.Integer(
        "Valid for (Days)",
        default=7,
        required=True,
        tracking=True,
        help="Counted from the approval.",
    )
    valid_until = fields.Datetime(readonly=True, copy=False)
    export_limit = fields.Integer(
        "Exports Allowed",
        default=lambda self: self.env.user.company_id.card_export_limit,
        required=True,
        copy=False,
        tracking=True,
        help="How often the approved data may be exported. Only whoever decides allows "
        "more.",
    )
    export_count = fields.Integer("Exports Made", readonly=True, copy=False)
    row_count = fields.Integer("Cards Exported", readonly=True, copy=False)
    last_export_date = fields.Datetime("Last Export", readonly=True, copy=False)
    use_state = fields.Selection(
        [("open", "Open"), ("used", "Used Up"), ("over", "Over")],
        "Use",
        compute="_compute_use_state",
    )

    _limits_positive = models.Constraint(
        "CHECK (valid_days >= 1 AND export_limit >= 1)",
        "An approval holds for at least one day and one export.",
    )
    _open_idx = models.Index("(requester_id, valid_until) WHERE state = 'approved'")

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.model
    def _get_default_fields(self):
        names = ("name", "street", "zip", "city", "country_id", "phone", "email")
        return [Command.create({"name": name}) for name in names]

    @api.depends("card_ids")
    def _compute_card_count(self):
        cards = self._approval_cards()
        for request in self:
            request.card_count = len(cards[request.id])

    @api.depends("state", "valid_until", "export_count", "export_limit")
    def _compute_use_state(self):
        now = fields.Datetime.now()
        for request in self:
            if request.state != "approved":
                request.use_state = False
            elif request.export_count >= request.export_limit:
                request.use_state = "used"
            else:
                request.use_state = "open" if request.valid_until > now else "over"

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("domain")
    def _check_domain(self):
        for request in self:
            try:
                request._parse_domain().validate(self.env["res.partner"])
            except (ValueError, SyntaxError, TypeError) as error:
                raise ValidationError(
                    self.env._(
                        "%(request)s: these conditions cannot be used. Build them again.",
                        request=request._approval_names(),
                    )
                ) from error

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        requests = super().create(vals_list)
        for request in requests:
            request._approval_through_door().write(
                {"name": self.env["ir.sequence"].next_by_code("customer.card.export")}
            )
        return requests

    # ------------------------------------------------------------
    # PIPELINE
    # ------------------------------------------------------------

    def _approval_cards(self):
        """Read past rules and cache: who may decide follows from all cards."""
        return self._approval_read_cards()

    def _approval_check_submit(self):
        for request in self:
            if not (request.purpose or "").strip():
                raise UserError(
                    self.env._(
                        "%(request)s: say what you need the data for.",
                        request=request._approval_names(),
                    )
                )
            request._take_snapshot()
        self._check_terms()
        return super()._approval_check_submit()

    def _approval_check_approve(self):
        self._check_terms()
        return super()._approval_check_approve()

    def _take_snapshot(self):
        """Fix the cards that are asked for: chosen, or found by the conditions."""
        chosen = self._approval_cards()[self.id]
        if self.source == "domain":
            found = self.env["res.partner"].search(
                self._parse_domain()
                & Domain("card_root_id", "!=", False)
                & self.env.user._card_maintain_domain()
            )
            # sudo: only which card a contact belongs to is read
            chosen = found.sudo().card_root_id
        self._approval_through_door().write(
            {
                "card_ids": [Command.set(chosen.card_root_id.ids)],
                "team_ids": [Command.set(chosen.card_team_id.ids)],
            }
        )

    def _check_terms(self):
        """:raise UserError: when there is nothing to export, or somebody else's"""
        cards = self._approval_cards()
        for request in self:
            asked = cards[request.id]
            if not asked:
                raise UserError(
                    self.env._(
                        "%(request)s: choose the cards to export, or conditions that "
                        "some of your cards meet.",
                        request=request._approval_names(),
                    )
                )
            # sudo: who asked is compared, and named
            requester = request.sudo().requester_id
            if foreign := asked - asked._card_maintained_by(requester).sudo():
                raise UserError(
                    self.env._(
                        "%(request)s: %(cards)s is not kept by %(user)s. Only cards of "
                        "one's own are exported; ask for a paper loan.",
                        request=request._approval_names(),
                        cards=self.env["res.partner"]
                        .browse(foreign.ids)
                        ._get_card_names(),
                        user=requester.name,
                    )
                )
            if request.format != "vcard" and not request.field_ids:
                raise UserError(
                    self.env._(
                        "%(request)s: choose the fields to export.",
                        request=request._approval_names(),
                    )
                )

    def _approval_move(self, state, values=None):
        """A request that is submitted anew is decided anew; one that is approved opens
        the export for its days."""
        values = dict(values or {})
        if state == "submitted":
            values["export_limit"] = self.env.user.company_id.card_export_limit
        if state != self._approval_state_approved:
            return super()._approval_move(state, values)
        for days, requests in self.grouped("valid_days").items():
            until = fields.Datetime.now() + timedelta(days=days)
            super(CustomerCardExport, requests)._approval_move(
                state, {**values, "valid_until": until}
            )

    def _approval_describe(self, state):
        text = super()._approval_describe(state)
        # sudo: for the ledger, whose readers have their own rules
        names = self.sudo().field_ids.mapped("label")
        return " · ".join(filter(None, (text, ", ".join(names))))

    def _parse_domain(self):
        return Domain(ast.literal_eval(self.domain or "[]"))

    # ------------------------------------------------------------
    # EXPORT
    # ------------------------------------------------------------

    def action_allow_export(self):
        """Let the requester export the approved data once more.

        :raise AccessError: for requests that this user may not decide
        :raise UserError: for what is not approved
        """
        self._approval_take((self._approval_state_approved,))
        self._approval_check_decider()
        for request in self:
            request._approval_through_door().write(
                {"export_limit": request.export_limit + 1}
            )
        return True

    def action_open_cards(self):
        """:return: the list of the approved cards, whose own export is used"""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "customer_card.res_partner_action_card"
        )
        return {
            **action,
            "name": self.name,
            "domain": [("id", "in", self._approval_cards()[self.id].ids)],
            "context": {"active_test": False},
        }

    @api.model
    def _take(self, cards, way, names):
        """Use an approved request of this user for an export, and count.

        One transaction is one export, however often it comes here.

        :param cards: res.partner, the cards whose data leave
        :param way: the form: ``table``, ``vcard`` or ``json``
        :param names: set of names of fields
        :return: the request
        :raise UserError: when no request covers all of it
        """
        used = self.env.cr.precommit.data.setdefault("customer_card_exports", set())
        # sudo: the user's own requests, whatever he may read of them now
        requests = self.sudo().search(
            [
                ("requester_id", "=", self.env.uid),
                ("state", "=", "approved"),
                ("format", "=", way),
                ("valid_until", ">", fields.Datetime.now()),
            ],
            order="valid_until, id",
        )
        approved = requests._approval_cards()
        for request in requests:
            covered = set(cards.ids) <= set(approved[request.id].ids)
            if covered and (
                way == "vcard" or names <= set(request.field_ids.mapped("name"))
            ):
                if request.id not in used:
                    # of two exports at once the second sees what the first has counted
                    request._approval_lock()
                    request.invalidate_recordset(["export_count", "export_limit"])
                    if request.export_count >= request.export_limit:
                        continue
                    used.add(request.id)
                    request._count_export(1)
                request._count_export(0, len(cards))
                return self.browse(request.id)
        self._raise_not_approved(cards, way, names)

    def _count_export(self, exports, rows=0):
        # sudo, by the door: who asks has been checked by the gate of the card
        self.sudo()._approval_through_door().write(
            {
                "export_count": self.export_count + exports,
                "row_count": self.row_count + rows,
                "last_export_date": fields.Datetime.now(),
            }
        )

    @api.model
    def _raise_not_approved(self, cards, way, names):
        partner_fields = self.env["res.partner"]._fields
        labels = [
            partner_fields[name]._description_string(self.env)
            for name in sorted(names)
            if name in partner_fields
        ]
        raise UserError(
            self.env._(
                "%(cards)s: your company has exports approved. Make an export request "
                "for these cards, the form %(form)s%(fields)s under Requests > Export "
                "Requests, and export when your manager has approved it.",
                cards=cards._get_card_names(),
                form=dict(self._fields["format"]._description_selection(self.env)).get(
                    way, way
                ),
                fields=labels
                and self.env._(" and the fields %(names)s", names=", ".join(labels))
                or "",
            )
        )
