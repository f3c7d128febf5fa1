from unittest.mock import patch

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..exceptions import CardAccessError
from ..models import customer_card_probe
from .common import CustomerCardCommon

# What a stranger must not read anywhere.
SECRETS = ("Alpha", "Custodian East", "alpha.example.com")


@tagged("post_install", "-at_install")
class TestCardDuplicate(CustomerCardCommon):
    """K11, A10: a customer is not created twice, and creating one is no way to find
    out about other people's customers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Event = cls.env["customer.card.event"]

    def resemblances(self, **values):
        found = self.env["res.partner"]._get_card_resemblances([values])[0]
        return {card_id: set(kinds) for card_id, kinds in found.items()}

    def entries(self, card):
        return self.Event.search(
            [("partner_id", "=", card.id), ("kind", "=", "resembled")]
        )

    def todos(self, card):
        return self.env["mail.activity"].search(
            [("res_model", "=", "res.partner"), ("res_id", "=", card.id)]
        )

    def create_as(self, user, **vals):
        Partner = self.env["res.partner"].with_user(user)
        return Partner.create({"is_company": True, **vals})

    def sent_to(self, user):
        """:return: a context that collects what is sent to the user's browser"""
        sent = []

        def spy(self_, kind, message, **_kwargs):
            if kind == "simple_notification":
                sent.append((self_, kind, message))

        return sent, patch.object(type(user), "_bus_send", spy)

    # what resembles

    def test_each_kind(self):
        east = self.card_east.id
        for values, kind in (
            ({"vat": "BE 0477.472.701"}, "vat"),
            ({"vat": "0477472701"}, "vat"),
            ({"email": '"Office" <OFFICE@alpha.example.com>'}, "email"),
            ({"email": "ada@alpha.example.com"}, "email"),
            ({"phone": "0032 2 290.34.90"}, "phone"),
            ({"phone": "+32 (0)2 290 34 91"}, "phone"),
            ({"name": "ALPHA FOODS LIMITED"}, "name"),
        ):
            self.assertEqual(self.resemblances(**values), {east: {kind}}, values)

    def test_legal_forms(self):
        groups = [
            (
                "Alpha Foods",
                "Alpha Foods Ltd",
                "ALPHA FOODS, LIMITED",
                "Alpha-Foods Co., Ltd.",
            ),
            (
                "Müller Bau",
                "Mueller Bau GmbH & Co. KG".replace("ue", "ü"),
                "MULLER BAU GMBH",
            ),
            ("Société Durand SARL", "Societe Durand S.A.R.L.", "SOCIETE DURAND"),
            ("阿尔法食品有限公司", "阿尔法食品股份有限公司", "阿尔法食品"),
            ("삼성물산 주식회사", "(주)삼성물산", "삼성물산"),
            ("Kowalski Sp. z o.o.", "Kowalski"),
            ("Rossi S.p.A.", "ROSSI SPA"),
        ]
        for first, *others in groups:
            card = self.env["res.partner"].create({"name": first, "is_company": True})
            card._open_cards(custodian=self.custodian_east)
            for name in others:
                self.assertIn(card.id, self.resemblances(name=name), (first, name))

    def test_what_does_not_resemble(self):
        for values in (
            {"name": "Alpha"},
            {"name": "Alpha Foods Belgium"},
            {"name": "Limited"},
            {"name": "Co., Ltd."},
            {"name": "Free Supplier"},
            {"email": "info@free.example"},
            {"email": "not an address"},
            {"phone": "290"},
            {"vat": "/"},
            {"vat": "BE"},
            {},
        ):
            self.assertEqual(self.resemblances(**values), {}, values)

    def test_an_old_name_resembles(self):
        self.card_east.name = "Omega Catering"
        self.assertEqual(
            self.resemblances(name="Alpha Foods Inc."), {self.card_east.id: {"name"}}
        )

    def test_closed_and_archived_cards_resemble(self):
        self.card_east.with_user(self.manager_east).action_card_close()
        self.assertTrue(self.resemblances(vat="BE0477472701"))
        self.card_east.with_user(self.manager_east).active = False
        self.assertTrue(self.resemblances(vat="BE0477472701"))

    # the form

    def test_the_form_shows_similar_customers(self):
        form = Form(self.env["res.partner"].with_user(self.custodian_east))
        form.name = "Alpha Foods GmbH"
        self.assertEqual(form.card_duplicate_ids[:], self.card_east)
        self.assertEqual(form.card_duplicate_reason, "like name")
        self.assertFalse(form.card_duplicate_hidden)
        form.name = "Quite Another"
        self.assertFalse(form.card_duplicate_ids[:])
        form.email = "office@alpha.example.com"
        self.assertEqual(form.card_duplicate_reason, "same e-mail")

    def test_the_form_says_of_a_hidden_card_that_it_exists(self):
        Partner = self.env["res.partner"].with_user(self.custodian_west)
        values = Partner.onchange(
            {"name": "Alpha Foods GmbH"},
            ["name"],
            {
                "name": {},
                "card_duplicate_ids": {"fields": {"display_name": {}}},
                "card_duplicate_hidden": {},
                "card_duplicate_hidden_reason": {},
                "same_vat_partner_id": {"fields": {"display_name": {}}},
            },
        )["value"]
        self.assertTrue(values["card_duplicate_hidden"])
        self.assertEqual(values["card_duplicate_hidden_reason"], "like name")
        self.assertFalse(values.get("card_duplicate_ids"))
        self.assertNotIn("Alpha", str({**values, "name": ""}))
        entry = self.entries(self.card_east)
        self.assertEqual(entry.user_id, self.custodian_west)
        self.assertIn("like name", entry.description)
        # typed again the same day, it is one entry; a name alone is no to-do
        Partner.onchange(
            {"name": "Alpha Foods"}, ["name"], {"name": {}, "card_duplicate_hidden": {}}
        )
        self.assertEqual(len(self.entries(self.card_east)), 1)
        self.assertFalse(self.todos(self.card_east))

    def test_a_contact_of_a_customer_is_not_compared(self):
        contact = (
            self.env["res.partner"]
            .with_user(self.custodian_east)
            .new({"name": "Alpha Foods", "parent_id": self.card_east.id})
        )
        self.assertFalse(contact.card_duplicate_ids)
        with patch.object(type(self.card_east), "_get_resemblance_sql") as spy:
            self.env["res.partner"].with_user(self.custodian_east).create(
                {"name": "Ada", "parent_id": self.card_east.id, "phone": "+3222903490"}
            )
            self.assertFalse(spy.called)

    # saving: warn

    def test_who_creates_a_double_of_his_own_is_told_which(self):
        sent, bus = self.sent_to(self.custodian_east)
        with bus:
            self.create_as(self.custodian_east, name="Alpha Foods SA")
        [(user, kind, message)] = sent
        self.assertEqual((user, kind), (self.custodian_east, "simple_notification"))
        self.assertIn("Alpha Foods", message["message"])
        self.assertEqual(len(self.entries(self.card_east)), 1)
        self.assertFalse(self.todos(self.card_east), "he knows")

    def test_who_doubles_a_hidden_card_learns_that_it_exists(self):
        sent, bus = self.sent_to(self.custodian_west)
        with bus:
            double = self.create_as(
                self.custodian_west, name="Qua", email="office@alpha.example.com"
            )
        self.assertTrue(double)
        [(_user, _kind, message)] = sent
        self.assertIn("not yours to open", message["message"])
        for secret in SECRETS:
            self.assertNotIn(secret, str(message))
        entry = self.entries(self.card_east)
        self.assertEqual(entry.user_id, self.custodian_west)
        self.assertIn("same e-mail", entry.description)
        todo = self.todos(self.card_east)
        self.assertEqual(todo.user_id, self.custodian_east)
        self.assertNotIn("Qua", todo.note)

    def test_one_to_do_a_week(self):
        for number in range(3):
            self.create_as(self.custodian_west, name=f"Q{number}", vat="BE0477472701")
        self.assertEqual(len(self.todos(self.card_east)), 1)
        self.assertEqual(len(self.entries(self.card_east)), 3)

    def test_without_custodian_the_manager_is_told(self):
        self.card_east._with_card_trust().write({"card_custodian_id": False})
        self.create_as(self.custodian_west, name="Q", vat="BE0477472701")
        self.assertEqual(self.todos(self.card_east).user_id, self.manager_east)

    # saving: refuse

    def test_the_company_may_refuse(self):
        self.env.company.card_duplicate_policy = "block"
        with self.assertRaises(UserError) as caught:
            self.create_as(self.custodian_east, name="Q", vat="BE0477472701")
        self.assertIn("Alpha Foods", str(caught.exception))
        self.assertNotIsInstance(caught.exception, CardAccessError)

    def test_a_similar_name_is_never_refused(self):
        self.env.company.card_duplicate_policy = "block"
        for user in (self.custodian_east, self.custodian_west):
            self.assertTrue(self.create_as(user, name="Alpha Foods Ltd"))

    def test_a_refusal_names_no_hidden_customer_and_offers_a_request(self):
        self.env.company.card_duplicate_policy = "block"
        for vals in (
            {"vat": "BE0477472701"},
            {"email": "office@alpha.example.com"},
            {"phone": "+32 2 290 34 90"},
        ):
            # recorded by a cursor of its own, which a test has not
            with (
                patch.object(type(self.card_east), "_record_refusal") as record,
                self.assertRaises(CardAccessError) as caught,
            ):
                self.create_as(self.custodian_west, name="Q", **vals)
            self.assertEqual(record.call_args.args[0], self.card_east)
            error = caught.exception
            text = f"{error} {error.context}".replace("office@alpha.example.com", "")
            for secret in SECRETS:
                self.assertNotIn(secret, text)
            self.assertFalse(error.context["card_request"]["partner_ids"])
            self.assertEqual(
                error.context["card_request"]["values"], {"name": "Q", **vals}
            )

    def test_a_refusal_is_recorded(self):
        self.registry_enter_test_mode()
        Partner = self.env["res.partner"].with_user(self.custodian_west)
        Partner._record_refusal(self.card_east, {self.card_east.id: {"vat"}})
        entry = self.entries(self.card_east)
        self.assertEqual(entry.user_id, self.custodian_west)
        self.assertIn("same tax ID", entry.description)

    def test_portal_system_and_mail_are_left_alone(self):
        self.env.company.card_duplicate_policy = "block"
        portal = self.env["res.users"].create(
            {
                "name": "Portal",
                "login": "test_double_portal",
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
            }
        )
        with patch.object(type(self.card_east), "_get_resemblance_sql") as spy:
            for env in (self.env, self.env(user=portal, su=True)):
                self.assertTrue(
                    env["res.partner"].create({"name": "X", "vat": "BE0477472701"})
                )
            self.assertFalse(spy.called)

    # the request

    def test_the_request_tells_no_name(self):
        Partner = self.env["res.partner"].with_user(self.custodian_west)
        action = Partner.action_request_similar_card({"vat": "BE0477472701"})
        loan = self.env["customer.card.loan"].with_user(self.custodian_west)
        loan = loan.browse(action["res_id"])
        self.assertEqual(loan.search_text, "BE0477472701")
        self.assertEqual(loan.team_id, self.team_east)
        self.assertFalse(loan.card_names)
        self.assertFalse(loan.card_ids)
        loan.search_text = "Alpha"
        self.assertFalse(loan.card_names)
        loan.write({"search_text": "0477.472.701", "purpose": "He called me"})
        loan.action_submit()
        decided = loan.with_user(self.manager_east)
        self.assertEqual(decided.match_ids, self.card_east)
        # asked again, the same request opens
        again = Partner.action_request_similar_card({"vat": "0477.472.701"})
        self.assertEqual(again["res_id"], loan.id)

    def test_no_request_for_what_does_not_exist_or_is_visible(self):
        Partner = self.env["res.partner"].with_user(self.custodian_west)
        for values in ({"vat": "BE0000000000"}, {"name": "Beta Tools"}, {}, "Nobody"):
            with self.assertRaises(UserError):
                Partner.action_request_similar_card(values)

    # asking

    def test_whole_data_only(self):
        Partner = self.env["res.partner"].with_user(self.custodian_west)
        for term in ("Alpha Foods", "alpha foods ltd", "BE0477472701", "+3222903490"):
            self.assertIs(Partner.card_find_elsewhere(term), True, term)
        for term in (
            "Alpha",
            "Alfa Fods",
            "BE0477",
            "290 34",
            "alpha.example.com",
            "%",
        ):
            self.assertIs(Partner.card_find_elsewhere(term), False, term)
        self.assertEqual(len(self.entries(self.card_east)), 1, "once a day")

    def test_asking_is_limited(self):
        Partner = self.env["res.partner"].with_user(self.custodian_west)
        with patch.object(customer_card_probe, "ASKED_PER_HOUR", 3):
            for number in range(3):
                Partner.card_find_elsewhere(f"Nobody {number}")
            for term in ("Nobody", "Alpha Foods"):
                with self.assertRaises(UserError):
                    Partner.card_find_elsewhere(term)

    def test_being_told_is_limited(self):
        cards = self.env["res.partner"].create(
            [{"name": f"Secret {n}x", "is_company": True} for n in range(4)]
        )
        cards._open_cards(custodian=self.custodian_east)
        Partner = self.env["res.partner"].with_user(self.custodian_west)
        with patch.object(customer_card_probe, "TOLD_PER_HOUR", 3):
            told = [Partner.card_find_elsewhere(card.name) for card in cards.sudo()]
            self.assertEqual(told, [True, True, True, False])
            again = Partner.card_find_elsewhere("Secret 0x")
            self.assertTrue(again, "what he knows he may know")

    def test_no_context_of_a_client_undoes_the_record(self):
        """A10: an error that comes only where a card is found would be an answer that
        nobody counts."""
        Partner = self.env["res.partner"].with_user(self.custodian_west)
        for key, value in (
            ("allowed_company_ids", [999_999]),
            ("default_mode", "bogus"),
            ("default_chaining_type", "bogus"),
            ("default_previous_activity_type_id", "bogus"),
            ("default_card_id", self.card_west.id),
        ):
            with self.subTest(context=key), self.cr.savepoint() as savepoint:
                forged = Partner.with_context(**{key: value})
                self.assertTrue(forged.card_find_elsewhere("Alpha Foods"))
                self.assertTrue(forged.action_request_similar_card("BE0477472701"))
                self.assertFalse(forged.card_find_elsewhere("Nobody"))
                self.assertEqual(len(self.entries(self.card_east)), 1)
                probes = self.env["customer.card.probe"].search(
                    [("user_id", "=", self.custodian_west.id)]
                )
                self.assertEqual(probes.card_id, self.card_east)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_what_is_created_is_recorded_whatever_the_context(self):
        user = self.custodian_west
        for key in ("default_chaining_type", "default_previous_activity_type_id"):
            with self.subTest(context=key), self.cr.savepoint() as savepoint:
                Partner = self.env["res.partner"].with_user(user)
                Partner = Partner.with_context(**{key: "bogus"})
                Partner.create({"name": "Q", "email": "office@alpha.example.com"})
                self.assertTrue(self.entries(self.card_east))
                savepoint.rollback()
                self.env.invalidate_all()

    @mute_logger("odoo.models.unlink")
    def test_questions_are_forgotten(self):
        Probe = self.env["customer.card.probe"]
        Probe.create({"user_id": self.env.uid, "date": "2020-01-01"})
        Probe._gc_probes()
        self.assertFalse(Probe.search([("date", "<", "2021-01-01")]))

    # many

    def test_queries_do_not_grow_with_the_rows(self):
        Partner = self.env["res.partner"].with_user(self.custodian_west)
        self.env.company.card_duplicate_policy = "warn"
        cards = self.env["res.partner"].create(
            [
                {"name": f"Bulk {n}y", "email": f"bulk{n}@bulk.example.com"}
                for n in range(102)
            ]
        )
        cards._open_cards(custodian=self.custodian_east)
        counts = []
        for part in (cards[:1], cards[1:2], cards[2:]):
            rows = [
                {"name": f"Row {n}", "email": f"bulk{n}@bulk.example.com"}
                for n in range(
                    cards.ids.index(part[0].id), cards.ids.index(part[-1].id) + 1
                )
            ]
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            found = Partner._get_card_resemblances(rows)
            _visible, hidden = Partner._split_hidden_cards(found)
            counts.append(self.env.cr.sql_log_count - start)
            self.assertEqual(hidden, part)
        self.assertEqual(*counts[1:])

    def test_a_contact_that_resembles_nobody_costs_one_query(self):
        Partner = self.env["res.partner"].with_user(self.custodian_west)
        plain = [{"name": "Plain", "email": "plain@plain.example.com"}]
        Partner._get_card_resemblances(plain)
        self.env.flush_all()
        with self.assertQueryCount(1):
            found = Partner._get_card_resemblances(plain * 50)
            Partner._split_hidden_cards(found)

    def test_an_import_warns(self):
        sent, bus = self.sent_to(self.custodian_west)
        Partner = self.env["res.partner"].with_user(self.custodian_west)
        with bus:
            result = Partner.load(
                ["name", "email"],
                [["One", "office@alpha.example.com"], ["Two", "two@two.example.com"]],
            )
        self.assertEqual(len(result["ids"]), 2)
        self.assertEqual(len(sent), 1)

    def test_a_refused_import_names_nobody(self):
        self.env.company.card_duplicate_policy = "block"
        self.registry_enter_test_mode()
        Partner = self.env["res.partner"].with_user(self.custodian_west)
        result = Partner.load(["name", "vat"], [["One", "BE0477472701"]])
        self.assertFalse(result["ids"])
        for secret in SECRETS:
            self.assertNotIn(secret, str(result["messages"]))
