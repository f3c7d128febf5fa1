from odoo import api, fields, models
from odoo.tools import format_date, format_datetime

# The birthday of a person the customer knows is told so many days ahead.
BIRTHDAY_DAYS = 30


class CustomerVisit(models.Model):
    """Preparing a visit (M02): what to read on the card before one goes.

    The sheet is a list of parts. An addon, or a topic of this one, adds its own by
    extending ``_get_preparation_parts`` and writing a method that answers for a set of
    visits with a number of queries that does not depend on how many they are. All is
    read with the rights of the user: without the card there is no sheet.
    """

    _inherit = "customer.visit"

    prepared_by_id = fields.Many2one(
        "res.users",
        readonly=True,
        copy=False,
        ondelete="set null",
        help="Who read the preparation sheet, and confirmed it.",
    )

    @api.model
    def _get_system_fields(self):
        return super()._get_system_fields() | {"prepared_by_id"}

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_prepare(self):
        result = super().action_prepare()
        self._visit_through_door().write({"prepared_by_id": self.env.uid})
        return result

    def action_open_preparation(self):
        """:return: the action that shows what to read before this visit"""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Preparation"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [
                (
                    self.env.ref("customer_visit.customer_visit_view_form_prepare").id,
                    "form",
                )
            ],
            "target": "new",
            "context": {"dialog_size": "large"},
        }

    def action_print_preparation(self):
        """:return: the action that prints the sheets of these visits; the print itself
        checks who may take the cards' data out"""
        return self.env.ref(
            "customer_visit.customer_visit_report_preparation"
        ).report_action(self)

    def get_preparation(self):
        """What the screen shows of the sheet.

        :return: dict that can be sent as JSON: ``can_read`` (the card), ``prepared``
            (text: by whom and when) and ``parts``, see ``_get_preparation_sheets``
        :raise AccessError: when the user may not read the visit
        """
        self.ensure_one()
        self.check_access("read")
        sheets = self._get_preparation_sheets()
        return {
            "can_read": self.id in sheets,
            "prepared": self._get_prepared_text(),
            "parts": sheets.get(self.id, []),
        }

    # ------------------------------------------------------------
    # SHEET
    # ------------------------------------------------------------

    @api.model
    def _get_preparation_parts(self):
        """Hook: the parts of the sheet.

        :return: list of ``(sequence, code, title, icon)``; the method
            ``_prepare_<code>`` of the set of visits returns ``{visit id: rows}`` with
            rows of ``_make_preparation_row``; a visit without rows has no such part
        """
        return [(10, "purpose", self.env._("What For"), "fa-bullseye")]

    def _get_preparation_sheets(self):
        """The sheets of these visits, part by part for all of them at once.

        :return: ``{visit id: [{"code", "title", "icon", "rows"}, …]}`` for the visits
            whose card the user may read
        """
        cards = self.partner_id._filtered_access("read")
        visits = self.filtered(lambda visit: visit.partner_id in cards)
        sheets = {visit.id: [] for visit in visits}
        for _sequence, code, title, icon in sorted(self._get_preparation_parts()):
            found = getattr(visits, f"_prepare_{code}")() if visits else {}
            for visit_id, rows in found.items():
                if rows:
                    sheets[visit_id].append(
                        {"code": code, "title": title, "icon": icon, "rows": rows}
                    )
        return sheets

    @api.model
    def _make_preparation_row(self, text, **values):
        """:param text: what stands out
        :param values: ``label`` before it, ``note`` below it, ``when`` beside it,
            ``tone`` (a Bootstrap colour), ``model`` and ``id`` of what a click opens
        :return: dict
        """
        return {
            "text": text or "",
            "label": "",
            "note": "",
            "when": "",
            "tone": "",
            "model": False,
            "id": False,
            **values,
        }

    def _get_prepared_text(self):
        """:return: who prepared this visit, and when; empty before"""
        if not self.date_prepared:
            return ""
        return self.env._(
            "Prepared by %(user)s on %(date)s",
            user=(self.prepared_by_id or self.user_id).sudo().name,
            date=format_datetime(
                self.env,
                self.date_prepared,
                tz=self.env.user.tz or "UTC",
                dt_format="short",
            ),
        )

    # ------------------------------------------------------------
    # HELPERS OF THE PARTS
    # ------------------------------------------------------------

    def _spread_over_visits(self, rows_by_card):
        """:param rows_by_card: ``{card id: rows}``
        :return: ``{visit id: rows}``"""
        return {
            visit.id: rows
            for visit in self
            if (rows := rows_by_card.get(visit.partner_id.id))
        }

    @api.model
    def _format_preparation_date(self, day):
        return format_date(self.env, day) if day else ""

    # ------------------------------------------------------------
    # PURPOSE
    # ------------------------------------------------------------

    def _prepare_purpose(self):
        """What the visit is for, what it is to achieve, and what will be asked."""
        result = {}
        for visit in self:
            rows = []
            if visit.purpose_id or visit.objective:
                rows.append(
                    self._make_preparation_row(
                        visit.purpose_id.name or self.env._("Objectives"),
                        note=visit.objective or "",
                    )
                )
            rows += [
                self._make_preparation_row(answer.question, label=self.env._("Ask"))
                for answer in visit.answer_ids
            ]
            result[visit.id] = rows
        return result
