"""P04, A06, A07: paths to a card that cross other cards, companies and duplicates."""

import json

from access_matrix import DATA, AccessMatrixCase, Http
from lxml import etree

from odoo import Command, fields
from odoo.tests import new_test_user, tagged

from odoo.addons.customer_card.tests.common import CustomerCardCommon


@tagged("post_install", "-at_install")
class TestSubsidiaries(AccessMatrixCase):
    """A subsidiary in *West* with a card of its own, below *Alpha Foods* in *East*."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.subsidiary = cls.env["res.partner"].create(
            {
                "name": "Omega West",
                "is_company": True,
                "parent_id": cls.card_east.id,
                "street": "West Street 1",
                "email": "office@omega.example",
                "child_ids": [
                    Command.create({"name": "Olga", "email": "olga@omega.example"})
                ],
            }
        )
        cls.subsidiary._open_cards(custodian=cls.custodian_west)
        cls.olga = cls.subsidiary.child_ids
        cls.env.flush_all()

    def test_each_custodian_sees_his_own(self):
        for role, partner in (("C", self.olga), ("S", self.contact_east)):
            answer = self.try_call(role, "res.partner", "read", partner.ids, ["email"])
            self.assertEqual(answer.error, "AccessError")
        below = [("id", "child_of", self.card_east.id)]
        found = self.call("C", "res.partner", "search", below)
        self.assertIn(self.contact_east.id, found)
        self.assertFalse({self.subsidiary.id, self.olga.id} & set(found))
        tree = {"child_ids": {"fields": {"name": {}, "email": {}}}}
        answer = self.try_call(
            "C", "res.partner", "web_read", self.card_east.ids, specification=tree
        )
        self.assertIn("Ada Alpha", answer.text)
        self.assertNotIn("omega", answer.text.lower())

    def test_the_own_form_opens_below_a_hidden_parent(self):
        """The name of the company above is shown, nothing else of it."""
        spec = {
            "name": {},
            "parent_id": {"fields": {"display_name": {}}},
            "commercial_partner_id": {"fields": {"display_name": {}}},
            "child_ids": {"fields": {"name": {}}},
        }
        answer = self.try_call(
            "S", "res.partner", "web_read", self.subsidiary.ids, specification=spec
        )
        self.assertFalse(answer.error, answer.text)
        for secret in DATA:
            self.assertNotIn(secret, answer.text)

    def test_each_custodian_writes_his_own(self):
        """No error to the innocent, no change on the other card."""
        self.call(
            "S",
            "res.partner",
            "write",
            self.subsidiary.ids,
            {"street": "West Street 2"},
        )
        self.call(
            "S", "res.partner", "write", self.olga.ids, {"street": "West Street 3"}
        )
        self.assertEqual(self.card_east.street, "Hidden Street 1")
        self.call("C", "res.partner", "write", self.card_east.ids, {"street": "East 9"})
        self.assertNotEqual(self.subsidiary.street, "East 9")
        self.assertEqual(self.contact_east.street, "East 9")

    def test_the_tax_id_of_the_group_reaches_contacts_that_the_user_cannot_see(self):
        """Read first, so that the lists are in the cache."""
        hidden = self.portal_contact
        self.call(
            "C",
            "res.partner",
            "web_save",
            self.card_east.ids,
            {"vat": "BE0428759497"},
            specification={"child_ids": {"fields": {"vat": {}}}},
        )
        self.assertEqual(self.contact_east.vat, "BE0428759497")
        self.assertEqual(hidden.vat, "BE0428759497")

    def test_a_lent_card_lends_no_card_below_it(self):
        answer = self.try_call("B", "res.partner", "read", self.olga.ids, ["email"])
        self.assertEqual(answer.error, "AccessError")

    def test_regional_manager_and_administrator_see_both(self):
        for role in "RA":
            found = self.call(
                role, "res.partner", "search", [("id", "child_of", self.card_east.id)]
            )
            self.assertLessEqual({self.olga.id, self.contact_east.id}, set(found))


@tagged("post_install", "-at_install")
class TestMergeCards(AccessMatrixCase):
    """P04: two cards of one customer become one, by whoever manages both."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Odoo merges contacts of the same e-mail only
        cls.double = cls.env["res.partner"].create(
            {
                "name": "Alpha Foods",
                "is_company": True,
                "email": cls.card_east.email,
                "child_ids": [Command.create({"name": "Dora"})],
            }
        )
        cls.double._open_cards(custodian=cls.custodian_west)
        cls.dora = cls.double.child_ids
        cls.env.flush_all()

    def merge(self, role):
        """:return: Answer"""
        wizard = "base.partner.merge.automatic.wizard"
        answer = self.try_call(
            role,
            wizard,
            "create",
            {
                "state": "selection",
                "partner_ids": [Command.set((self.card_east | self.double).ids)],
                "dst_partner_id": self.card_east.id,
            },
        )
        if answer.error:
            return answer
        return self.try_call(role, wizard, "action_merge", [answer.result])

    def test_nobody_merges_what_he_does_not_manage(self):
        # field tracking of the set-up writes its messages now
        self.env.cr.flush()
        before = self.fingerprint()
        # each of them manages or keeps one of the two at most
        for role in "CSMOBKN":
            self.assertEqual(self.merge(role).error, "AccessError", role)
            self.env.invalidate_all()
            self.assertEqual(self.fingerprint(), before, role)

    def test_the_regional_manager_merges(self):
        answer = self.merge("R")
        self.assertFalse(answer.error, answer.text)
        self.env.invalidate_all()
        self.assertFalse(self.double.exists())
        self.assertEqual(self.card_east.card_state, "active")
        self.assertEqual(self.dora.parent_id, self.card_east)
        self.assertEqual(self.dora.card_root_id, self.card_east)
        self.assertEqual(self.dora.card_custodian_id, self.custodian_east)
        kinds = self.env["customer.card.event"].search(
            [("partner_id", "=", self.card_east.id)]
        )
        self.assertIn("merged", kinds.mapped("kind"))
        # the custodian of the card that is gone sees nothing of what it became
        read = self.try_call("S", "res.partner", "read", self.dora.ids, ["name"])
        self.assertEqual(read.error, "AccessError")


@tagged("post_install", "-at_install")
class TestHiddenDuplicates(AccessMatrixCase):
    """P03, A07: looking somebody up neither doubles a hidden customer nor tells who
    he is."""

    MAIL = "office@alpha.example.com"

    def count(self):
        return self.env["res.partner"].search_count(
            [("email_normalized", "=", self.MAIL)]
        )

    def assert_hidden(self, answer):
        for secret in ("Alpha Foods", "Ada", "290 34", "Hidden Street"):
            self.assertNotIn(secret, answer.text)
        self.env.invalidate_all()
        self.assertEqual(self.count(), 1)

    def test_find_or_create(self):
        for email in (self.MAIL, f'"Somebody" <{self.MAIL.upper()}>'):
            for role in "SOPEX":
                answer = self.try_call(role, "res.partner", "find_or_create", email)
                self.assertEqual(answer.error, "AccessError")
                self.assert_hidden(answer)
            found = self.call("C", "res.partner", "find_or_create", email)
            self.assertEqual(found, self.card_east.ids)

    def test_partner_from_email(self):
        for role, found in (("S", False), ("P", False), ("C", True), ("B", True)):
            self.take_session(role)
            answer = self.post_json(
                "/mail/partner/from_email",
                {
                    "thread_model": "res.partner",
                    "thread_id": self.free_partner.id,
                    "emails": [self.MAIL],
                },
            )
            if found:
                self.assertEqual(answer.result[0]["id"], self.card_east.id)
            else:
                self.assertEqual(answer.error, "AccessError")
                self.assert_hidden(answer)

    def test_same_tax_id(self):
        """The warning of the form names a customer to his keepers only."""
        values = {"name": "New", "is_company": True, "vat": self.card_east.vat}
        spec = {"same_vat_partner_id": {"fields": {"display_name": {}, "email": {}}}}
        self.env.ref("base.be")
        for role in "SOPEXN":
            new = self.env["res.partner"].create(values)
            self.env.flush_all()
            answer = self.try_call(
                role, "res.partner", "web_read", new.ids, specification=spec
            )
            self.assertFalse(answer.error, answer.text)
            self.assertNotIn("Alpha", answer.text, role)
            self.assertFalse(answer.result[0]["same_vat_partner_id"])
            new.unlink()
        new = self.env["res.partner"].create(values)
        self.env.flush_all()
        answer = self.try_call(
            "C", "res.partner", "web_read", new.ids, specification=spec
        )
        self.assertEqual(
            answer.result[0]["same_vat_partner_id"]["id"], self.card_east.id
        )

    def test_mail_gateway_and_cron_find_everybody(self):
        """Superuser paths work as in plain Odoo."""
        found = self.env["res.partner"].sudo().find_or_create(self.MAIL)
        self.assertEqual(found, self.card_east)


@tagged("post_install", "-at_install")
class TestCompanies(AccessMatrixCase):
    """P04: custody is per partner; Odoo's own rule on companies still holds."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["res.company"].create({"name": "Other Company"})
        cls.custodian_both = new_test_user(
            cls.env,
            login="test_custodian_both",
            groups="customer_card.customer_card_group_user",
            company_id=cls.env.company.id,
            company_ids=[Command.set((cls.env.company | cls.other).ids)],
        )
        cls.users = {**cls.users, "2": cls.custodian_both}
        cls.there = cls.env["res.partner"].create(
            {
                "name": "Delta There",
                "email": "delta@there.example",
                "company_id": cls.other.id,
            }
        )
        cls.there._open_cards(custodian=cls.custodian_both, team=cls.team_east)
        cls.env.flush_all()

    def reads(self, role, companies):
        answer = self.try_call(
            role,
            "res.partner",
            "read",
            self.there.ids,
            ["email"],
            context={"allowed_company_ids": companies.ids},
        )
        return not answer.error

    def test_a_card_of_another_company(self):
        here = self.env.company
        self.assertTrue(self.reads("2", here | self.other))
        self.assertFalse(self.reads("2", here))
        # no company, no card, whatever his team
        self.assertFalse(self.reads("M", here))
        self.assertFalse(self.reads("A", here))
        self.manager_east.company_ids |= self.other
        self.assertTrue(self.reads("M", here | self.other))
        # the company alone gives nothing
        self.custodian_west.company_ids |= self.other
        self.assertFalse(self.reads("S", here | self.other))

    def test_a_shared_card_is_kept_in_every_company(self):
        self.card_east.sudo()._with_card_trust().write(
            {"card_custodian_id": self.custodian_both.id}
        )
        for companies in (self.env.company, self.other, self.env.company | self.other):
            answer = self.try_call(
                "2",
                "res.partner",
                "read",
                self.card_east.ids,
                ["email"],
                context={"allowed_company_ids": companies.ids},
            )
            self.assertFalse(answer.error, answer.text)

    def test_a_team_of_another_company_counts_for_its_leader(self):
        """The hierarchy is a fact; the company rule of the contact decides the rest."""
        here, there = self.env.company, self.other
        self.manager_west.company_ids |= there
        team = self.env["crm.team"].create(
            {
                "name": "Team There",
                "company_id": there.id,
                "user_id": self.manager_west.id,
            }
        )
        self.assertFalse(self.reads("O", here | there))
        self.there._with_card_trust().write({"card_team_id": team.id})
        self.assertFalse(self.reads("O", here))
        self.assertTrue(self.reads("O", here | there))
        self.assertTrue(self.reads("O", there))


@tagged("post_install", "-at_install")
class TestPrint(AccessMatrixCase):
    """A10: a PDF is refused before it is made; the matrix has the quick formats."""

    def test_pdf(self):
        path = f"/report/pdf/{self.report.report_name}/{self.card_east.id}"
        download = {"data": json.dumps([path, "qweb-pdf"])}
        for role in "SBKOPEXN":
            self.take_session(role)
            for url, data in ((path, None), ("/report/download", download)):
                answer = Http(url, data).send(self, role)
                self.assertTrue(answer.error, f"{url} by {role}: {answer.text[:3000]}")
                self.assertNotIn("alpha.example", answer.text)

    def test_whom_a_report_belongs_to(self):
        """Odoo's groups of a report only hide its menu entry; ours are enforced."""
        self.report.group_ids = self.env.ref("base.group_system")
        self.env.flush_all()
        path = f"/report/html/{self.report.report_name}/{self.card_east.id}"
        for role in "CMA":
            self.take_session(role)
            self.assertTrue(Http(path).send(self, role).error, role)


@tagged("post_install", "-at_install")
class TestOperators(AccessMatrixCase):
    """A07: what a client may say in a domain."""

    def test_a_path_without_rules_is_no_domain(self):
        for operator in ("any!", "not any!"):
            domain = [("partner_ids", operator, [("email", "ilike", "alpha")])]
            answer = self.try_call("S", "res.partner.category", "search_count", domain)
            self.assertEqual(answer.error, "ValueError")

    def test_the_fields_of_the_rules_tell_nothing(self):
        """Searching by custodian, loan or team only finds what may be read anyway."""
        for domain in (
            [("card_custodian_id", "=", self.custodian_east.id)],
            [("card_team_id", "=", self.team_east.id)],
            [("card_lent_to_me", "=", False), ("card_root_id", "!=", False)],
            [("card_root_id", "=", self.card_east.id)],
            [("card_deputized_to_me", "!=", True), ("card_state", "!=", False)],
        ):
            found = self.call("S", "res.partner", "search", domain)
            self.assertFalse(
                set(found) & set((self.card_east | self.contact_east).ids), domain
            )
        counts = self.call(
            "S",
            "res.partner",
            "formatted_read_group",
            [],
            ["card_custodian_id"],
            ["__count"],
        )
        custodians = {
            row["card_custodian_id"][0] for row in counts if row["card_custodian_id"]
        }
        self.assertNotIn(self.custodian_east.id, custodians)

    def test_order_and_grouping_by_hidden_parents(self):
        """A contact of a colleague below the customer: neither order nor group by the
        hidden company gives away more than its name."""
        insider = self.employee.partner_id
        insider.parent_id = self.card_east
        self.env.flush_all()
        rows = self.call(
            "S",
            "res.partner",
            "formatted_read_group",
            [("id", "=", insider.id)],
            ["parent_id.email"],
            ["__count"],
        )
        self.assertNotIn("alpha.example", str(rows))


@tagged("post_install", "-at_install")
class TestQueryCounts(CustomerCardCommon):
    """M01, P03: lists and forms cost the same however many cards there are."""

    VIEWS = ("list", "kanban", "form")
    FEW, MANY = 3, 80

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        partners = cls.env["res.partner"].create(
            [
                {
                    "name": f"Customer {index:03}",
                    "is_company": True,
                    "email": f"{index}@many.example",
                    "child_ids": [Command.create({"name": f"Contact {index:03}"})],
                }
                for index in range(cls.MANY)
            ]
        )
        partners._open_cards(custodian=cls.custodian_east)
        cls.cards = partners
        now = fields.Datetime.now()
        for user in (cls.custodian_west, cls.employee):
            loan = (
                cls.env["customer.card.loan"]
                .with_user(user)
                .create(
                    {
                        "card_ids": [Command.set(partners.ids)],
                        "purpose": "Trade fair",
                        "date_from": now,
                    }
                )
            )
            loan.action_submit()
            loan.with_user(cls.manager_east).action_approve()

    def spec(self, view_type):
        """:return: what the view of a card asks for, and its domain"""
        action = self.env.ref("customer_card.res_partner_action_card")
        view_id = next(
            (
                view.view_id.id
                for view in action.view_ids
                if view.view_mode == view_type
            ),
            False,
        )
        Partner = self.env["res.partner"]
        view = Partner.with_user(self.custodian_east).get_view(view_id, view_type)
        self.assertIn("card_", etree.tostring(etree.fromstring(view["arch"])).decode())
        return Partner._get_fields_spec(view)

    def count(self, user, function):
        """:return: number of queries, caches warm"""
        for _warm in range(2):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            function(self.env["res.partner"].with_user(user))
            count = self.env.cr.sql_log_count - before
        return count

    def assert_constant(self, few, many):
        for user in (
            self.custodian_east,
            self.manager_east,
            self.regional_manager,
            self.card_admin,
            self.reader,
            self.custodian_west,
        ):
            with self.subTest(user=user.login):
                self.assertEqual(self.count(user, few), self.count(user, many))

    def test_search_read_of_the_views(self):
        for view_type in ("list", "kanban"):
            spec = self.spec(view_type)

            def search(count, spec=spec):
                return lambda partners: partners.web_search_read(
                    [("id", "in", self.cards[:count].ids)], spec
                )

            with self.subTest(view=view_type):
                self.assert_constant(search(self.FEW), search(self.MANY))

    def test_read_of_the_form(self):
        spec = self.spec("form")
        few, many = self.cards[: self.FEW].ids, self.cards.ids
        self.assert_constant(
            lambda partners: partners.browse(few).web_read(spec),
            lambda partners: partners.browse(many).web_read(spec),
        )

    def test_search_and_write(self):
        few, many = self.cards[: self.FEW].ids, self.cards.ids
        self.assertEqual(
            *(
                self.count(
                    self.custodian_east,
                    lambda partners, ids=ids: partners.browse(ids).write(
                        {"comment": "x"}
                    ),
                )
                for ids in (few, many)
            )
        )
        self.assert_constant(
            lambda partners: partners.name_search("Customer 00", limit=self.FEW),
            lambda partners: partners.name_search("Customer", limit=self.MANY),
        )
