import json

from werkzeug.datastructures import FileStorage

from odoo import http
from odoo.exceptions import AccessError
from odoo.http import request

from odoo.addons.web.controllers.export import ExcelExport
from odoo.addons.web.controllers.json import WebJsonController
from odoo.addons.web.controllers.pivot import TableExporter

from ..models.res_partner_gates import JSON_ROUTE


class CustomerCardJson(WebJsonController):
    """/json gives a program what the screen shows: data of cards leave through it."""

    @http.route()
    def web_json_1(self, subpath, **kwargs):
        request.update_context(**{JSON_ROUTE: True})
        return super().web_json_1(subpath, **kwargs)


class CustomerCardExcel(ExcelExport):
    """A spreadsheet of groups has the values that the groups are made by."""

    def base(self, data):
        params = json.loads(data)
        if params.get("groupby") and not params.get("import_compat"):
            ids = params.get("ids")
            domain = [("id", "in", ids)] if ids else params.get("domain")
            model = request.env[params["model"]].with_context(
                **params.get("context", {})
            )
            if ids:
                model = model.with_context(active_test=False)
            model._check_card_groups_take_out(domain, params["groupby"], "table")
        return super().base(data)


class CustomerCardPivot(TableExporter):
    """/web/pivot/export_xlsx makes a file of what the browser sends."""

    @http.route()
    def export_xlsx(self, data, **kw):
        """:raise AccessError: for a table of customers, when the user reads cards that
        he does not keep, or needs an approval for his own: nobody can tell what is
        in the table"""
        content = data
        if isinstance(data, FileStorage):
            content = data.read()
            data.seek(0)
        model = (json.loads(content) or {}).get("model")
        user = request.env.user
        if user._is_card_table(model) and (
            user._is_card_reader()
            or user._card_lent_ids()
            or user._card_export_needs_approval()
        ):
            raise AccessError(
                request.env._(
                    "A table of customers is not exported: it may tell about cards that "
                    "you do not keep, or that have to be approved first. Ask for a paper "
                    "loan or make an export request."
                )
            )
        return super().export_xlsx(data, **kw)
