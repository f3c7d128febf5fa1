from odoo import api, models
from odoo.exceptions import AccessError, UserError

from .customer_defection import OPEN_STATES

# The key to what only the methods of a defection write: an object that no client can
# put into the context.
DEFECTION_DOOR = object()
# Written by the methods alone.
GUARDED_FIELDS = frozenset(
    {
        "state",
        "origin",
        "risk",
        "last_purchase",
        "date_confirmed",
        "confirmed_by_id",
        "date_start",
        "date_closed",
        "closed_by_id",
        "close_reason",
        "date_back",
        "company_id",
    }
)


class CustomerDefection(models.Model):
    """How a defection is recorded, and what of it only methods write."""

    _inherit = "customer.defection"

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Recorded by hand it is confirmed at once; the figures of that day are taken
        down with it.

        :raise UserError: when the customer has an open one already"""
        by_hand = not self._is_defection_door_open()
        if by_hand:
            vals_list = [self._get_new_values(vals) for vals in vals_list]
            # before anything is told about a customer
            self._check_partner_links(vals_list)
            self._check_not_open(vals_list)
        quiet = self.with_context(mail_create_nosubscribe=True)
        defections = super(CustomerDefection, quiet).create(vals_list)
        defections = defections.with_env(self.env)
        if by_hand:
            defections._take_figures(vals_list)
            defections._log_defections("defection_confirmed")
        return defections

    def write(self, vals):
        """:raise AccessError: when a client writes what only the buttons write
        :raise UserError: when it moves to another customer"""
        if not self._is_defection_door_open():
            self._check_guarded(vals)
        return super().write(vals)

    def _get_new_values(self, vals):
        """:return: what a defection recorded by hand begins with, whatever a client
        sends and whatever defaults stand in its context"""
        today = self.env.user._card_today()
        company_id = vals.get("company_id") or self.env.company.id
        return {
            **vals,
            **dict.fromkeys(GUARDED_FIELDS, False),
            "company_id": company_id,
            "state": "confirmed",
            "origin": "manual",
            "date_confirmed": today,
            "confirmed_by_id": self.env.uid,
        }

    def _check_not_open(self, vals_list):
        """:raise UserError: naming a customer who has an open one"""
        # sudo: whether there is one; the customer is named to who may see him
        found = self.sudo().search(
            [
                ("partner_id", "in", [vals.get("partner_id") for vals in vals_list]),
                ("company_id", "in", [vals["company_id"] for vals in vals_list]),
                ("state", "in", OPEN_STATES),
            ]
        )
        pairs = {(one.partner_id.id, one.company_id.id): one for one in found}
        for vals in vals_list:
            if one := pairs.get((vals.get("partner_id"), vals["company_id"])):
                raise UserError(
                    self.env._(
                        "%(customer)s: there is an open defection already. Go on with "
                        "that one.",
                        customer=one.partner_id.sudo(False)._get_card_names(),
                    )
                )

    def _check_guarded(self, vals):
        if GUARDED_FIELDS & vals.keys():
            raise AccessError(
                self.env._(
                    "What becomes of a defection is said by its buttons: Confirm, "
                    "Start the Plan, Won Back, Lost for Good, No Defection."
                )
            )
        if "partner_id" in vals and self.partner_id.ids not in (
            [],
            [vals["partner_id"]],
        ):
            raise UserError(
                self.env._(
                    "%(customers)s: a defection stays with its customer. Record a new "
                    "one for the other customer.",
                    customers=self.partner_id._get_card_names(),
                )
            )

    def _through_defection_door(self):
        """:return: ``self`` with the right to write what only methods write. For
        methods that have checked who calls them."""
        return self.with_context(defection_door=DEFECTION_DOOR)

    def _is_defection_door_open(self):
        return self.env.context.get("defection_door") is DEFECTION_DOOR

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _take_figures(self, vals_list):
        """Take down the figures of the day in new ones, where the user gave none."""
        rows = self.env["customer.metrics"].search(
            [
                ("partner_id", "in", self.partner_id.ids),
                ("company_id", "in", self.company_id.ids),
            ]
        )
        row_of = {(row.partner_id, row.company_id): row for row in rows}
        duty = self.partner_id._get_card_duty_users()
        for defection, vals in zip(self, vals_list, strict=True):
            row = row_of.get((defection.partner_id, defection.company_id), rows[:0])
            defection._through_defection_door().write(
                {
                    "risk": row.defection_risk,
                    "last_purchase": row.last_purchase,
                    "amount": vals.get("amount")
                    or max(row.amount, row.amount_previous, 0),
                    "date_since": vals.get("date_since") or row.last_purchase,
                    "user_id": vals.get("user_id")
                    or duty[defection.partner_id.id].id
                    or False,
                }
            )

    def _log_defections(self, kind, note=""):
        """Enter in the ledger of each card what happened."""
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        self.env["customer.card.event"]._log_requests(
            kind,
            [
                (
                    one,
                    one.partner_id,
                    " – ".join(filter(None, (kinds.get(one.kind), note))),
                )
                for one in self
            ],
        )
