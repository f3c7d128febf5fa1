"""A07, A10, P04: what leaves the archive as data, and who has approved it."""

import json
from datetime import timedelta
from urllib.parse import urlencode

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.http import Request
from odoo.tests import new_test_user

from .common import CustomerCardCommon, CustomerCardHttp, CustomerCardWorld


class ExportWorld(CustomerCardWorld):
    """Exports are approved in this company."""

    @classmethod
    def make_world(cls):  # pylint: disable=missing-return
        super().make_world()
        cls.env.company.card_export_needs_approval = True

    @classmethod
    def ask_export(cls, user, names=("name", "email"), cards=None, **values):
        """:return: a submitted request of ``user`` for his card"""
        request = (
            cls.env["customer.card.export"]
            .with_user(user)
            .create(
                {
                    "purpose": "Mailing by an agency",
                    "card_ids": [Command.set((cards or cls.card_east).ids)],
                    "field_ids": [Command.create({"name": name}) for name in names],
                    **values,
                }
            )
        )
        request.action_submit()
        return request

    @classmethod
    def approve_export(cls, user, names=("name", "email"), cards=None, **values):
        """:return: an approved request"""
        request = cls.ask_export(user, names, cards, **values)
        decider = cls.regional_manager if user == cls.manager_east else cls.manager_east
        request.with_user(decider).action_approve()
        return request


class TestCardExport(ExportWorld, CustomerCardCommon):
    def export(self, user, cards, names):
        self.begin_export()
        return cards.with_user(user).export_data(names)["datas"]

    def begin_export(self):
        """What counts as one export is what one transaction does."""
        for key in ("customer_card_exports", "customer_card_taken"):
            self.env.cr.precommit.data.pop(key, None)

    def exported(self, card):
        return self.env["customer.card.event"].search(
            [("partner_id", "=", card.id), ("kind", "=", "exported")]
        )

    # ------------------------------------------------------------
    # WITHOUT APPROVAL
    # ------------------------------------------------------------

    def test_the_setting_is_off(self):
        self.env.company.card_export_needs_approval = False
        rows = self.export(self.custodian_east, self.card_east, ["name", "email"])
        self.assertEqual(rows, [["Alpha Foods", "office@alpha.example.com"]])
        self.assertEqual(self.exported(self.card_east).description, "rows: 1")
        with self.assertRaisesRegex(AccessError, "paper loan"):
            self.export(self.custodian_west, self.card_east, ["name", "email"])

    def test_the_setting_is_on(self):
        for user in (self.custodian_east, self.manager_east, self.card_admin):
            with self.assertRaisesRegex(UserError, "Export Requests") as caught:
                self.export(user, self.card_east, ["name", "email"])
            self.assertIn("Email", str(caught.exception))
            with self.assertRaisesRegex(UserError, "vCard"):
                self.card_east.with_user(user)._get_vcard_file()
        self.assertFalse(self.exported(self.card_east))
        # a bare name, a contact without a card
        self.export(self.custodian_east, self.card_east, ["display_name"])
        self.export(self.custodian_east, self.free_partner, ["name", "email"])

    def test_one_company_of_the_user_is_enough(self):
        self.env.company.card_export_needs_approval = False
        other = self.env["res.company"].create(
            {"name": "Careful", "card_export_needs_approval": True}
        )
        self.export(self.custodian_east, self.card_east, ["email"])
        self.custodian_east.company_ids |= other
        for companies in (self.env.company, other, self.env.company | other):
            with self.assertRaises(UserError):
                self.export(
                    self.custodian_east,
                    self.card_east.with_context(allowed_company_ids=companies.ids),
                    ["email"],
                )

    def test_a_copy(self):
        with self.assertRaisesRegex(UserError, "copy would take"):
            self.card_east.with_user(self.custodian_east).copy()
        self.env.company.card_export_needs_approval = False
        self.assertTrue(self.card_east.with_user(self.custodian_east).copy())

    # ------------------------------------------------------------
    # WITH APPROVAL
    # ------------------------------------------------------------

    def test_what_was_approved_once(self):
        request = self.approve_export(self.custodian_east)
        rows = self.export(self.custodian_east, self.card_east, ["name", "email"])
        self.assertEqual(rows, [["Alpha Foods", "office@alpha.example.com"]])
        self.assertEqual((request.export_count, request.row_count), (1, 1))
        self.assertEqual(request.use_state, "used")
        entry = self.exported(self.card_east)
        self.assertEqual(entry.description, f"{request.name} · rows: 1")
        self.assertEqual((entry.res_model, entry.res_id), (request._name, request.id))
        with self.assertRaises(UserError):
            self.export(self.custodian_east, self.card_east, ["name", "email"])
        with self.assertRaises(AccessError):
            request.action_allow_export()
        request.with_user(self.manager_east).action_allow_export()
        self.export(self.custodian_east, self.card_east, ["email"])

    def test_nothing_but_what_was_approved(self):
        request = self.approve_export(self.custodian_east, export_limit=5)
        another = self.env["res.partner"].create({"name": "Gamma", "is_company": True})
        another._open_cards(custodian=self.custodian_east, team=self.team_east)
        for cards, names in (
            (self.card_east, ["name", "email", "phone"]),
            (self.card_east, ["child_ids/email"]),
            (self.card_east | another, ["name", "email"]),
            (another, ["name"]),
            (self.contact_east, ["phone"]),
        ):
            with self.assertRaises(UserError):
                self.export(self.custodian_east, cards, names)
        with self.assertRaisesRegex(UserError, "vCard"):
            self.card_east.with_user(self.custodian_east)._get_vcard_file()
        with self.assertRaises(UserError):
            self.export(self.manager_east, self.card_east, ["name"])
        self.assertFalse(request.export_count)
        # a contact of the card, in the same fields
        self.export(self.custodian_east, self.contact_east, ["name", "email"])

    def test_paths(self):
        """Contacts below the card are held to the same fields."""
        self.approve_export(self.custodian_east, ["child_ids", "email"])
        rows = self.export(self.custodian_east, self.card_east, ["child_ids/email"])
        self.assertIn(["ada@alpha.example.com"], rows)
        self.approve_export(self.custodian_east, ["child_ids", "name"])
        with self.assertRaises(UserError):
            self.export(self.custodian_east, self.card_east, ["child_ids/phone"])

    def test_lines_of_the_card(self):
        brand = self.env["customer.card.competitor"].create(
            {"partner_id": self.card_east.id, "brand": "Rivalbrand"}
        )
        with self.assertRaisesRegex(UserError, "Export Requests"):
            self.export(self.custodian_east, brand, ["brand"])
        with self.assertRaisesRegex(AccessError, "paper loan"):
            self.export(self.reader, brand, ["brand"])
        self.approve_export(self.custodian_east, ["competitor_ids"])
        self.assertEqual(
            self.export(self.custodian_east, brand, ["brand"]), [["Rivalbrand"]]
        )

    def test_after_its_time(self):
        request = self.approve_export(self.custodian_east, valid_days=2)
        days = request.valid_until - fields.Datetime.now()
        self.assertAlmostEqual(days, timedelta(days=2), delta=timedelta(minutes=1))
        request._approval_through_door().sudo().valid_until = fields.Datetime.now()
        self.assertEqual(request.use_state, "over")
        with self.assertRaises(UserError):
            self.export(self.custodian_east, self.card_east, ["name"])

    def test_after_the_card_has_gone_to_somebody_else(self):
        self.approve_export(self.custodian_east)
        self.card_east._with_card_trust().write(
            {"card_custodian_id": self.deputy_east.id}
        )
        with self.assertRaisesRegex(AccessError, "paper loan"):
            self.export(self.custodian_east, self.card_east, ["name"])

    def test_vcard(self):
        request = self.approve_export(self.custodian_east, (), format="vcard")
        self.begin_export()
        self.assertTrue(self.card_east.with_user(self.custodian_east)._get_vcard_file())
        self.assertEqual(request.export_count, 1)
        # the contacts of the same address book are part of one export
        self.contact_east.with_user(self.custodian_east)._get_vcard_file()
        self.assertEqual((request.export_count, request.row_count), (1, 2))
        self.begin_export()
        with self.assertRaises(UserError):
            self.card_east.with_user(self.custodian_east)._get_vcard_file()
        with self.assertRaises(UserError):
            self.export(self.custodian_east, self.card_east, ["name"])

    # ------------------------------------------------------------
    # THE REQUEST
    # ------------------------------------------------------------

    def test_who_decides(self):
        request = self.ask_export(self.custodian_east)
        for user in (self.custodian_east, self.deputy_east, self.manager_west):
            with self.assertRaises(AccessError):
                request.with_user(user).action_approve()
        own = self.ask_export(self.manager_east)
        with self.assertRaisesRegex(AccessError, "somebody else has to decide"):
            own.action_approve()
        own.with_user(self.regional_manager).action_approve()
        self.assertEqual(own.state, "approved")

    def test_what_may_be_asked_for(self):
        for cards, message in (
            (self.card_west, "is not kept by"),
            (self.free_partner, "choose the cards"),
        ):
            with self.assertRaisesRegex(UserError, message) as caught:
                self.ask_export(self.custodian_east, cards=cards)
            self.assertNotIn("Beta", str(caught.exception))
        with self.assertRaisesRegex(UserError, "choose the fields"):
            self.ask_export(self.custodian_east, names=())
        with self.assertRaisesRegex(UserError, "what you need the data for"):
            self.ask_export(self.custodian_east, purpose=" ")

    def test_conditions_are_a_snapshot(self):
        request = self.ask_export(
            self.custodian_east,
            card_ids=False,
            source="domain",
            domain="[('ref', '=', 'ALPHA')]",
        )
        self.assertEqual(request.card_ids, self.card_east)
        request.with_user(self.manager_east).action_approve()
        late = self.env["res.partner"].create({"name": "Late", "ref": "ALPHA"})
        late._open_cards(custodian=self.custodian_east, team=self.team_east)
        with self.assertRaises(UserError):
            self.export(self.custodian_east, late, ["name"])
        # conditions reach no card of somebody else
        with self.assertRaisesRegex(UserError, "choose the cards"):
            self.ask_export(
                self.custodian_east,
                source="domain",
                domain=f"[('id', '=', {self.card_west.id})]",
            )

    def test_the_manager_takes_fields_away(self):
        request = self.ask_export(self.custodian_east, ("name", "email", "phone"))
        line = request.field_ids.filtered(lambda line: line.name == "phone")
        with self.assertRaises(AccessError):
            line.write({"name": "vat"})
        line.with_user(self.manager_east).unlink()
        request.with_user(self.manager_east).action_approve()
        self.export(self.custodian_east, self.card_east, ["name", "email"])
        with self.assertRaises(UserError):
            self.export(self.custodian_east, self.card_east, ["name", "phone"])

    def test_no_field_is_added_later(self):
        request = self.approve_export(self.custodian_east)
        Line = self.env["customer.card.export.field"]
        for user in (self.custodian_east, self.manager_east):
            with self.assertRaises(UserError):
                Line.with_user(user).create({"export_id": request.id, "name": "vat"})
            with self.assertRaises(UserError):
                request.with_user(user).field_ids[0].write({"name": "vat"})
            with self.assertRaises(UserError):
                request.with_user(user).card_ids |= self.card_west
        for name in ("export_count", "valid_until", "team_ids"):
            with self.assertRaises(UserError):
                request.write({name: False})

    def test_how_often_is_not_for_the_requester(self):
        Export = self.env["customer.card.export"].with_user(self.custodian_east)
        request = Export.with_context(default_export_limit=9).create(
            {"card_ids": [Command.set(self.card_east.ids)], "export_limit": 9}
        )
        self.assertEqual(request.export_limit, 1)
        with self.assertRaises(UserError):
            request.export_limit = 9
        self.env.company.card_export_limit = 3
        request.purpose = "Agency"
        request.action_submit()
        self.assertEqual(request.export_limit, 3)

    def test_who_sees_requests(self):
        draft = (
            self.env["customer.card.export"]
            .with_user(self.custodian_east)
            .create({"card_ids": [Command.set(self.card_east.ids)]})
        )
        asked = self.ask_export(self.custodian_east)
        Export = self.env["customer.card.export"]
        for user, seen in (
            (self.custodian_east, draft | asked),
            (self.manager_east, asked),
            (self.regional_manager, asked),
            (self.manager_west, Export),
            (self.custodian_west, Export),
        ):
            found = Export.with_user(user).search([("id", "in", (draft | asked).ids)])
            self.assertEqual(found, seen.with_user(user))
            lines = self.env["customer.card.export.field"].with_user(user)
            self.assertEqual(
                bool(lines.search([("export_id", "=", asked.id)])), asked in seen
            )
        with self.assertRaises(AccessError):
            Export.with_user(self.employee).search([])

    def test_request_from_the_list(self):
        tree = self.card_east | self.contact_east
        action = tree.with_user(self.custodian_east).action_request_card_export()
        request = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(request.card_ids, self.card_east)
        self.assertIn("email", request.field_ids.mapped("name"))
        with self.assertRaisesRegex(AccessError, "paper loan"):
            (tree | self.card_west).with_user(
                self.custodian_east
            ).action_request_card_export()

    def test_queries_do_not_grow_with_the_cards(self):
        cards = self.env["res.partner"].create(
            [{"name": f"Many {number}", "email": "x@y.z"} for number in range(101)]
        )
        cards._open_cards(custodian=self.custodian_east, team=self.team_east)
        self.approve_export(
            self.custodian_east, cards=cards, export_limit=1
        ).sudo().export_limit = 9

        def count(some):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.export(self.custodian_east, some, ["name", "email"])
            return self.env.cr.sql_log_count - before

        count(cards[100])
        self.assertEqual(count(cards[0]), count(cards[:100]))


class TestCardExportHttp(ExportWorld, CustomerCardHttp):
    """Every address through which data leave, as clients use them."""

    def login(self, user):
        self.authenticate(user.login, user.login)

    def export_url(self, names, card, kind="csv"):
        data = {
            "model": "res.partner",
            "fields": [{"name": name, "label": name} for name in names],
            "ids": card.ids,
            "domain": [],
            "import_compat": False,
            "context": {},
        }
        return f"/web/export/{kind}?{urlencode({'data': json.dumps(data)})}"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param("web.json.enabled", "True")
        cls.portal = new_test_user(cls.env, "export_portal", groups="base.group_portal")
        cls.portal.partner_id.parent_id = cls.card_east
        cls.view = cls.env["ir.ui.view"].create(
            {
                "name": "list",
                "model": "res.partner",
                "arch": "<list><field name='name'/><field name='email'/></list>",
            }
        )
        cls.form = cls.env["ir.ui.view"].create(
            {
                "name": "form",
                "model": "res.partner",
                "arch": "<form><field name='name'/><field name='email'/></form>",
            }
        )
        cls.env["ir.actions.act_window"].create(
            {
                "name": "Test",
                "res_model": "res.partner",
                "path": "card-list-test",
                "view_mode": "list,form",
                "view_ids": [
                    Command.create({"view_mode": "list", "view_id": cls.view.id}),
                    Command.create({"view_mode": "form", "view_id": cls.form.id}),
                ],
            }
        )

    def test_spreadsheet(self):
        self.approve_export(self.custodian_east)
        self.login(self.custodian_east)
        more = self.url_open(
            self.export_url(["name", "email", "phone"], self.card_east)
        )
        self.assertEqual(more.status_code, 500)
        self.assertIn("Export Requests", more.text)
        self.assertNotIn("alpha.example", more.text)
        url = self.export_url(["name", "email"], self.card_east)
        self.assertIn("office@alpha.example.com", self.url_open(url).text)
        again = self.url_open(url)
        self.assertIn("Export Requests", again.text)
        self.assertNotIn("alpha.example", again.text)
        self.login(self.reader)
        refused = self.url_open(url)
        self.assertIn("paper loan", refused.text)
        self.assertNotIn("alpha.example", refused.text)

    def test_spreadsheet_of_groups(self):
        """The headings of groups are data too."""
        self.env.company.card_export_needs_approval = False
        data = {
            "model": "res.partner",
            "fields": [{"name": "display_name", "label": "Name", "type": "char"}],
            "ids": self.card_east.ids,
            "domain": [],
            "groupby": ["email"],
            "import_compat": False,
            "context": {},
        }
        url = f"/web/export/xlsx?{urlencode({'data': json.dumps(data)})}"
        self.login(self.reader)
        refused = self.url_open(url)
        self.assertEqual(refused.status_code, 500)
        self.assertIn("paper loan", refused.text)
        self.login(self.custodian_east)
        self.assertEqual(self.url_open(url).status_code, 200)
        self.env.company.card_export_needs_approval = True
        self.assertIn("Export Requests", self.url_open(url).text)
        # of other documents, by a path
        data.update(
            model="res.users",
            fields=[{"name": "login", "label": "Login", "type": "char"}],
            ids=self.portal.ids,
            groupby=["partner_id.email"],
        )
        url = f"/web/export/xlsx?{urlencode({'data': json.dumps(data)})}"
        self.assertIn("Export Requests", self.url_open(url).text)

    def test_vcard(self):
        url = f"/web/partner/vcard?partner_ids={self.card_east.id}"
        self.login(self.custodian_east)
        refused = self.url_open(url)
        self.assertGreaterEqual(refused.status_code, 400)
        self.assertNotIn("alpha.example", refused.text)
        self.approve_export(self.custodian_east, (), format="vcard")
        self.assertIn("alpha.example", self.url_open(url).text)

    def json_get(self, user, path="", **params):
        self.login(user)
        params.setdefault("view_type", "list")
        # as somebody who types the address into his browser
        headers = {
            "Sec-Fetch-Dest": "document",
            "Sec-Fetch-Mode": "navigate",
            "Sec-Fetch-Site": "none",
            "Sec-Fetch-User": "?1",
        }
        return self.url_open(
            f"/json/1/card-list-test{path}?{urlencode(params)}", headers=headers
        )

    def test_json_of_own_cards(self):
        self.env.company.card_export_needs_approval = False
        domain = f"[('id', 'in', [{self.card_east.id}, {self.contact_east.id}])]"
        card = f"/{self.card_east.id}"
        for answer in (
            self.json_get(self.custodian_east, domain=domain),
            self.json_get(self.custodian_east, card, view_type="form"),
            self.json_get(self.custodian_east, domain=domain, groupby="email"),
        ):
            self.assertEqual(answer.status_code, 200)
            self.assertIn("office@alpha.example.com", answer.text)
        entries = self.env["customer.card.event"].search(
            [("partner_id", "=", self.card_east.id), ("kind", "=", "exported")]
        )
        self.assertEqual(entries.mapped("description"), ["JSON"] * 3)

    def test_json_of_foreign_cards(self):
        """Who sees the card in order to work with it: back office and borrower."""
        self.env.company.card_export_needs_approval = False
        loan = (
            self.env["customer.card.loan"]
            .with_user(self.custodian_west)
            .create(
                {
                    "card_ids": [Command.set(self.card_east.ids)],
                    "purpose": "On screen",
                }
            )
        )
        loan.action_submit()
        loan.with_user(self.manager_east).action_approve()
        domain = f"[('id', '=', {self.card_east.id})]"
        card = f"/{self.card_east.id}"
        for user in (self.reader, self.custodian_west):
            self.assertEqual(
                self.card_east.with_user(user).email, "office@alpha.example.com"
            )
            for path, params in (
                ("", {"domain": domain}),
                (card, {"view_type": "form"}),
                ("", {"domain": domain, "groupby": "email"}),
                ("", {"domain": domain, "groupby": "name", "fields": "color"}),
            ):
                answer = self.json_get(user, path, **params)
                self.assertGreaterEqual(answer.status_code, 400, (path, params))
                self.assertIn("paper loan", answer.text)
                self.assertNotIn("alpha.example", answer.text)
        # what has no card is as in plain Odoo
        free = f"[('id', '=', {self.free_partner.id})]"
        self.assertIn("info@free.example", self.json_get(self.reader, domain=free).text)

    def test_json_by_approval(self):
        domain = f"[('id', '=', {self.card_east.id})]"
        answer = self.json_get(self.custodian_east, domain=domain)
        self.assertIn("Export Requests", answer.text)
        self.assertNotIn("alpha.example", answer.text)
        request = self.approve_export(self.custodian_east, format="json")
        answer = self.json_get(self.custodian_east, domain=domain)
        self.assertIn("office@alpha.example.com", answer.text)
        self.assertEqual(request.export_count, 1)

    def test_pivot_table(self):
        table = {
            "model": "res.partner",
            "title": "Customers",
            "measure_count": 1,
            "origin_count": 1,
            "col_group_headers": [],
            "measure_headers": [],
            "origin_headers": [],
            "rows": [],
        }

        def post(user, **values):
            self.login(user)
            data = {
                "data": json.dumps({**table, **values}),
                "csrf_token": Request.csrf_token(self),
            }
            return self.url_open("/web/pivot/export_xlsx", data=data)

        self.assertGreaterEqual(post(self.custodian_east).status_code, 400)
        self.env.company.card_export_needs_approval = False
        self.assertEqual(post(self.custodian_east).status_code, 200)
        for model in ("res.partner", "customer.card.contract"):
            refused = post(self.reader, model=model)
            self.assertGreaterEqual(refused.status_code, 400)
        self.assertEqual(post(self.reader, model="crm.team").status_code, 200)
