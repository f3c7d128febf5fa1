from urllib.parse import quote

from odoo import api, fields, models
from odoo.exceptions import UserError

# opens the program for maps on a phone, a page elsewhere
MAP_URL = "https://www.google.com/maps/dir/?api=1&destination="


class ResPartner(models.Model):
    """The visits on a card."""

    _inherit = "res.partner"

    visit_ids = fields.One2many(
        "customer.visit", "partner_id", "Visits", groups="base.group_user"
    )
    visit_count = fields.Integer(
        "Number of Visits", compute="_compute_visit_count", groups="base.group_user"
    )

    @api.depends_context("uid")
    @api.depends("visit_ids")
    def _compute_visit_count(self):
        """What the user may see of them; what was cancelled does not count."""
        counts = {
            partner.id: count
            for partner, count in self.env["customer.visit"]._read_group(
                [("partner_id", "in", self.ids), ("state", "!=", "cancelled")],
                ["partner_id"],
                ["__count"],
            )
        }
        for partner in self:
            partner.visit_count = counts.get(partner._origin.id, 0)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_visited(self):
        """What was said and done with a customer is not deleted with him.

        :raise UserError: naming the cards, and what to do instead
        """
        # sudo: visits of other companies are on record, too
        groups = (
            self.env["customer.visit"]
            .sudo()
            ._read_group([("partner_id", "in", self.ids)], ["partner_id"])
        )
        if groups:
            visited = self.browse(partner.id for (partner,) in groups)
            raise UserError(
                self.env._(
                    "%(cards)s: there are visits on record. Close the card instead of "
                    "deleting it, or merge it with the right one.",
                    cards=visited._get_card_names(),
                )
            )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_card_visits(self):
        """:return: the action that shows the visits of these cards"""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_visit.customer_visit_action"
        )
        action["domain"] = [("partner_id", "in", self.ids)]
        action["context"] = {
            "default_partner_id": self.id if len(self) == 1 else False,
        }
        action["views"] = [
            (False, view) for view in ("list", "kanban", "calendar", "form")
        ]
        return action

    def action_visit_now(self, position=None):
        """The visitor is at the customer and has not planned it: check in at once.

        :param position: see ``customer.visit._get_position_values``
        :return: the action that opens the visit
        :raise AccessError: for a card that the user may not see
        :raise UserError: when he is still at another customer
        """
        self.ensure_one()
        visit = self._get_visit_of_today() or self._make_visit(
            {"origin": "ad_hoc", "method": "visit"}
        )
        visit.action_start(position)
        return visit.get_formview_action()

    def action_visit_log(self):
        """A contact that has just taken place, a call mostly: ask for its report.

        :return: the action that asks for it
        """
        self.ensure_one()
        visit = self.env["customer.visit"]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Log a Contact"),
            "res_model": visit._name,
            "views": [
                (
                    self.env.ref("customer_visit.customer_visit_view_form_report").id,
                    "form",
                )
            ],
            "target": "new",
            "context": {
                "default_partner_id": self.card_root_id.id,
                "default_method": "phone",
            },
        }

    def action_visit_plan(self):
        """:return: the action that plans a visit at this customer"""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Plan a Visit"),
            "res_model": "customer.visit",
            "views": [(False, "form")],
            "context": {"default_partner_id": self.card_root_id.id},
        }

    def _get_visit_of_today(self):
        """:return: the visit that this user has planned at the customer for today"""
        return self.env["customer.visit"].search(
            [
                ("partner_id", "=", self.card_root_id.id),
                ("user_id", "=", self.env.uid),
                ("state", "in", ("planned", "prepared")),
                ("method", "=", "visit"),
                ("visit_date", "=", self.env.user._card_today()),
            ],
            order="date_planned",
            limit=1,
        )

    def _make_visit(self, values):
        """:return: a visit of the user at this customer, now"""
        Visit = self.env["customer.visit"]
        Visit.check_access("create")
        visit = Visit._visit_through_door().create(
            {
                "partner_id": self.card_root_id.id,
                "user_id": self.env.uid,
                "date_planned": fields.Datetime.now(),
                **values,
            }
        )
        return Visit.browse(visit.ids)

    # ------------------------------------------------------------
    # PLACE
    # ------------------------------------------------------------

    def _get_visit_address(self):
        """:return: the address in one line, False without one"""
        if not self:
            return False
        lines = self._display_address(without_company=True).split("\n")
        return ", ".join(line.strip() for line in lines if line.strip()) or False

    def _get_visit_map_url(self):
        """:return: the address of a map that shows the way, False without a place"""
        if self.partner_latitude or self.partner_longitude:
            return f"{MAP_URL}{self.partner_latitude},{self.partner_longitude}"
        if self.street or self.city:
            return MAP_URL + quote(self._get_visit_address())
        return False
