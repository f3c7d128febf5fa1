from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.customer_card.exceptions import CardAccessError

from .common import CustomerVisitCommon, CustomerVisitHttp


@tagged("post_install", "-at_install")
class TestVisitAccess(CustomerVisitCommon):
    """P04, A10: a visit is part of the card; its visitor has it until it is reported."""

    def may(self, user, visit, mode):
        self.env.invalidate_all()
        return bool(visit.with_user(user)._filtered_access(mode))

    def test_who_reads(self):
        visit = self.report_visit(self.make_visit(self.card_east, self.custodian_east))
        readers = {
            user.login: self.may(user, visit, "read")
            for user in (
                self.custodian_east,
                self.deputy_east,
                self.manager_east,
                self.regional_manager,
                self.card_admin,
                self.reader,
                self.custodian_west,
                self.manager_west,
                self.employee,
            )
        }
        self.assertEqual(
            {login for login, may in readers.items() if may},
            {
                "test_custodian_east",
                "test_manager_east",
                "test_regional_manager",
                "test_card_admin",
                "test_reader",
            },
        )

    def test_who_writes(self):
        visit = self.make_visit(self.card_east, self.custodian_east)
        for user in (self.custodian_east, self.manager_east, self.card_admin):
            self.assertTrue(self.may(user, visit, "write"), user.login)
        for user in (self.deputy_east, self.reader, self.manager_west, self.employee):
            self.assertFalse(self.may(user, visit, "write"), user.login)
            with self.assertRaises(AccessError):
                visit.with_user(user).write({"objective": "x"})

    def test_a_deputy_in_his_days(self):
        visit = self.make_visit(self.card_east, self.custodian_east)
        self.assertFalse(self.may(self.deputy_east, visit, "read"))
        today = self.custodian_east._card_today()
        self.card_east.with_user(self.manager_east).write(
            {"card_deputy_id": self.deputy_east.id, "card_deputy_until": today}
        )
        self.assertTrue(self.may(self.deputy_east, visit, "write"))
        self.make_visit(self.card_east, self.deputy_east)

    def test_a_borrower_until_he_has_reported_and_while_the_loan_lasts(self):
        with self.assertRaises(AccessError):
            self.make_visit(self.card_east, self.custodian_west)
        loan = self.lend_card(self.custodian_west, self.card_east)
        mine = self.make_visit(self.card_east, self.custodian_west)
        others = self.make_visit(self.card_east, self.custodian_east)
        self.assertTrue(self.may(self.custodian_west, others, "read"))
        self.assertFalse(self.may(self.custodian_west, others, "write"))
        loan.action_return()
        self.assertFalse(self.may(self.custodian_west, others, "read"))
        self.assertTrue(self.may(self.custodian_west, mine, "write"), "still owed")
        with self.assertRaises(AccessError):
            self.make_visit(self.card_east, self.custodian_west)
        action = self.report_and_get_action(mine)
        self.assertEqual(action["tag"], "display_notification")
        self.assertFalse(self.may(self.custodian_west, mine, "read"))

    def report_and_get_action(self, visit):
        visit.write(self.get_report_values())
        return visit.action_report()

    def test_nobody_plans_for_others_on_cards_that_he_only_sees(self):
        self.lend_card(self.custodian_west, self.card_east)
        Visit = self.env["customer.visit"].with_user(self.custodian_west)
        values = {"partner_id": self.card_east.id, "user_id": self.deputy_east.id}
        with self.assertRaisesRegex(AccessError, "plans visits for others"):
            Visit.create(values)
        mine = self.make_visit(self.card_east, self.custodian_west)
        with self.assertRaisesRegex(AccessError, "plans visits for others"):
            mine.user_id = self.deputy_east
        visit = self.env["customer.visit"].with_user(self.custodian_east).create(values)
        self.assertEqual(visit.user_id, self.deputy_east)

    def test_a_visitor_who_may_not_open_the_card_sees_the_name_alone(self):
        visit = (
            self.env["customer.visit"]
            .with_user(self.manager_east)
            .create(
                {
                    "partner_id": self.card_east.id,
                    "user_id": self.employee.id,
                    "contact_ids": [Command.set(self.contact_east.ids)],
                    "address_id": self.address_east.id,
                }
            )
        )
        self.assertEqual(visit.customer_phone, self.contact_east.phone)
        self.assertIn("Hidden Street", visit.customer_address)
        self.env.invalidate_all()
        mine = visit.with_user(self.employee)
        self.assertIn("Alpha Foods", mine.display_name)
        self.assertFalse(mine.customer_phone)
        self.assertFalse(mine.customer_address)
        self.assertFalse(mine.customer_map_url)

    def test_a_hidden_customer_is_not_linked(self):
        with self.assertRaises(CardAccessError):
            self.make_visit(
                self.card_east,
                self.custodian_east,
                contact_ids=[Command.set(self.contact_west.ids)],
            )
        with self.assertRaises(CardAccessError):
            self.make_visit(
                self.card_east, self.custodian_east, address_id=self.contact_west.id
            )
        visit = self.make_visit(self.card_east, self.custodian_east)
        with self.assertRaises(CardAccessError):
            visit.partner_id = self.card_west

    def test_an_opportunity_that_one_may_not_read_is_not_linked(self):
        lead = self.env["crm.lead"].create(
            {
                "name": "Secret offer",
                "partner_id": self.card_west.id,
                "user_id": self.custodian_west.id,
            }
        )
        visit = self.make_visit(self.card_east, self.custodian_east)
        with self.assertRaises(AccessError):
            visit.lead_id = lead
        with self.assertRaises(AccessError):
            self.make_visit(self.card_east, self.custodian_east, lead_id=lead.id)
        mine = self.make_visit(self.card_west, self.custodian_west)
        mine.sudo().lead_id = lead
        mine.write({"lead_id": lead.id, "objective": "Sell"})

    def test_only_the_visitor_checks_in(self):
        visit = self.make_visit(self.card_east, self.custodian_east)
        for user in (self.manager_east, self.card_admin):
            for method in ("action_prepare", "action_start"):
                with self.assertRaisesRegex(AccessError, "whose visit it is"):
                    getattr(visit.with_user(user), method)()
        visit.action_start()
        with self.assertRaisesRegex(AccessError, "whose visit it is"):
            visit.with_user(self.manager_east).action_end()

    def test_followers_are_keepers(self):
        self.lend_card(self.custodian_west, self.card_east)
        visit = self.make_visit(self.card_east, self.custodian_west)
        self.assertFalse(visit.sudo().message_follower_ids)
        visit.sudo().message_subscribe(
            (self.custodian_west | self.custodian_east | self.employee).partner_id.ids
        )
        self.assertEqual(
            visit.sudo().message_partner_ids, self.custodian_east.partner_id
        )

    def test_companies(self):
        other = self.env["res.company"].create({"name": "Other"})
        visit = self.make_visit(self.card_east, self.custodian_east)
        visit.sudo().company_id = other
        self.assertFalse(self.may(self.custodian_east, visit, "read"))
        self.assertFalse(self.may(self.card_admin, visit, "read"))

    def test_portal_users_see_nothing(self):
        visit = self.make_visit(self.card_east, self.custodian_east)
        portal = self.env["res.users"].create(
            {
                "name": "Portal",
                "login": "test_portal_visit",
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
            }
        )
        with self.assertRaises(AccessError):
            visit.with_user(portal).read(["objective"])

    def test_purposes_are_the_administrator_s(self):
        purpose = self.make_purpose({"name": "A"})
        self.assertTrue(purpose.with_user(self.employee).check_ids.name)
        for user in (self.employee, self.manager_east):
            with self.assertRaises(AccessError):
                purpose.with_user(user).write({"name": "B"})
            with self.assertRaises(AccessError):
                purpose.check_ids.with_user(user).write({"required": True})
        purpose.with_user(self.card_admin).write({"name": "B"})

    def test_reading_on_loan_is_recorded(self):
        visit = self.make_visit(self.card_east, self.custodian_east, objective="Secret")
        self.lend_card(self.custodian_west, self.card_east)
        self.env.flush_all()
        self.env.invalidate_all()
        visit.with_user(self.custodian_west).read(["objective"])
        self.assertIn("read", self.get_kinds(self.card_east))


@tagged("post_install", "-at_install")
class TestVisitHttp(CustomerVisitHttp):
    """P04: the same through the doors that clients use."""

    def save(self, user, visit_ids, values, **specification):
        return self.call(
            user,
            "customer.visit",
            "web_save",
            visit_ids,
            values,
            specification=specification or {"state": {}},
        )

    def test_a_visit_is_made_through_the_browser(self):
        purpose = self.make_purpose({"name": "A", "required": True})
        (made,) = self.save(
            self.custodian_east,
            [],
            {
                "partner_id": self.card_east.id,
                "purpose_id": purpose.id,
                "contact_ids": [[6, 0, self.contact_east.ids]],
                "competitor_ids": [[0, 0, {"brand": "Blue Label"}]],
                "answer_ids": [
                    [0, 0, {"check_id": purpose.check_ids.id, "answer_yes_no": "yes"}]
                ],
                **self.get_report_values(),
            },
        )
        self.assertEqual(made["state"], "planned")
        visit = self.env["customer.visit"].browse(made["id"])
        self.assertEqual(visit.answer_ids.answer_yes_no, "yes")
        for method in ("action_start", "action_end", "action_report"):
            self.call(self.custodian_east, "customer.visit", method, [visit.id])
        visit.invalidate_recordset()
        self.assertEqual(visit.state, "reported")
        self.assertEqual(self.card_east.competitor_ids.brand, "Blue Label")

    def test_forged_states_and_lines_are_refused(self):
        visit = self.make_visit(self.card_east, self.custodian_east)
        user = self.custodian_east
        save = ("customer.visit", "web_save", [visit.id])
        spec = {"specification": {"id": {}}}
        self.assertTrue(self.get_refusal(user, *save, {"state": "reviewed"}, **spec))
        for name, line in (
            ("answer_ids", {"check_id": 1, "kind": "text"}),
            ("competitor_ids", {"brand": "X"}),
        ):
            # through the card, as a line of a line of a client
            refusal = self.get_refusal(
                self.custodian_west,
                "res.partner",
                "web_save",
                [self.card_east.id],
                {"visit_ids": [[1, visit.id, {name: [[0, 0, line]]}]]},
                specification={"id": {}},
            )
            self.assertTrue(refusal, name)
            refusal = self.get_refusal(
                self.custodian_west, *save, {name: [[0, 0, line]]}, **spec
            )
            self.assertTrue(refusal, name)

    def test_through_the_customer_s_x2many(self):
        """The rules of visits hold where a client writes them through a customer."""
        visit = self.make_visit(self.card_east, self.custodian_east)
        self.call(
            self.custodian_east,
            "res.partner",
            "web_save",
            [self.card_east.id],
            {"visit_ids": [[1, visit.id, {"objective": "Mine"}]]},
            specification={"id": {}},
        )
        visit.invalidate_recordset()
        self.assertEqual(visit.objective, "Mine")
        for values in ({"state": "reviewed"}, {"date_start": "2020-01-01 00:00:00"}):
            self.assertTrue(
                self.get_refusal(
                    self.custodian_east,
                    "res.partner",
                    "web_save",
                    [self.card_east.id],
                    {"visit_ids": [[1, visit.id, values]]},
                    specification={"id": {}},
                )
            )
        # a foreign visit through one's own customer
        self.assertTrue(
            self.get_refusal(
                self.custodian_west,
                "res.partner",
                "web_save",
                [self.card_west.id],
                {"visit_ids": [[1, visit.id, {"objective": "Theirs"}]]},
                specification={"id": {}},
            )
        )
        visit.invalidate_recordset()
        self.assertEqual((visit.objective, visit.state), ("Mine", "planned"))

    def test_answers_by_their_bare_id(self):
        purpose = self.make_purpose({"name": "A"})
        visit = self.make_visit(
            self.card_east, self.custodian_east, purpose_id=purpose.id
        )
        visit.competitor_ids = [Command.create({"brand": "Blue Label"})]
        for model, record, values in (
            ("customer.visit.answer", visit.answer_ids, {"answer_yes_no": "no"}),
            ("customer.visit.competitor", visit.competitor_ids, {"brand": "X"}),
        ):
            args = (model, "read", record.ids, list(values))
            self.assertTrue(self.call(self.custodian_east, *args))
            self.assertTrue(self.get_refusal(self.custodian_west, *args))
            args = (model, "write", record.ids, values)
            self.assertTrue(self.call(self.custodian_east, *args))
            self.assertTrue(self.get_refusal(self.custodian_west, *args))
            found = self.call(self.custodian_west, model, "search_count", [])
            self.assertFalse(found)

    def test_exports_pass_the_gate(self):
        visit = self.make_visit(
            self.card_east, self.custodian_east, objective="Sell glasses"
        )
        args = ("customer.visit", "export_data", visit.ids, ["objective"])
        self.assertIn("Sell glasses", str(self.call(self.custodian_east, *args)))
        self.assertTrue(self.get_refusal(self.reader, *args), "sees it, keeps it not")
        kinds = self.get_kinds_of(self.card_east)
        self.assertIn("exported", kinds)

    def get_kinds_of(self, card):
        self.env.invalidate_all()
        return self.get_kinds(card)

    def test_photos_follow_the_visit(self):
        photo = self.env["ir.attachment"].create(
            {
                "name": "shelf.png",
                "raw": b"picture",
                "res_model": "customer.visit",
                "res_id": self.make_visit(self.card_east, self.custodian_east).id,
            }
        )
        args = ("ir.attachment", "read", photo.ids, ["raw"])
        self.assertTrue(self.call(self.custodian_east, *args))
        self.assertTrue(self.get_refusal(self.custodian_west, *args))

    def test_the_print_is_the_keepers(self):
        visit = self.report_visit(
            self.make_visit(self.card_east, self.custodian_east),
            customer_said="Deliver on Fridays",
        )
        url = f"/report/html/customer_visit.visit_print/{visit.id}"
        self.authenticate("test_custodian_east", "test_custodian_east")
        response = self.url_open(url)
        self.assertEqual(response.status_code, 200)
        self.assertIn("Deliver on Fridays", response.text)
        self.assertIn("printed", self.get_kinds_of(self.card_east))
        for login in ("test_reader", "test_custodian_west", "test_employee"):
            self.authenticate(login, login)
            with self.assertLogs("odoo.http", "WARNING"):
                response = self.url_open(url)
            self.assertNotIn("Deliver on Fridays", response.text)
            self.assertNotEqual(response.status_code, 200)

    def test_one_tap_on_a_card(self):
        """A visit that nobody planned, and the one that was planned for today."""
        action = self.call(
            self.custodian_east,
            "res.partner",
            "action_visit_now",
            [self.card_east.id],
            {"latitude": 1, "longitude": 1},
        )
        visit = self.env["customer.visit"].browse(action["res_id"])
        self.assertEqual(
            (visit.state, visit.origin, visit.user_id, visit.partner_id),
            ("in_progress", "ad_hoc", self.custodian_east, self.card_east),
        )
        self.call(self.custodian_east, "customer.visit", "action_end", [visit.id])
        planned = self.make_visit(
            self.card_east, self.custodian_east, date_planned=fields.Datetime.now()
        )
        action = self.call(
            self.custodian_east, "res.partner", "action_visit_now", [self.card_east.id]
        )
        self.assertEqual(action["res_id"], planned.id)
        self.assertTrue(
            self.get_refusal(
                self.custodian_west,
                "res.partner",
                "action_visit_now",
                [self.card_east.id],
            )
        )
