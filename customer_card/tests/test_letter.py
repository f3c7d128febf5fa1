"""Letters and labels (MISSION C02, K17, A10)."""

import re

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import CustomerCardCommon, CustomerCardHttp

LETTER = "customer_card.letter_document"
LABELS = "customer_card.label_document"


class LetterWorld:
    """An audience of custodian_east and a letter to it: two cards with an address, one
    that wants no letters, one without address."""

    @classmethod
    def make_letters(cls):
        Partner = cls.env["res.partner"]
        cls.card_east.write(
            {"street": "Mill Lane 3", "zip": "1000", "city": "Brussels"}
        )
        cls.card_west.write({"street": "Quay 9", "zip": "9000", "city": "Ghent"})
        cls.contact_east.write(
            {"contact_role": "decision_maker", "gender": "female", "type": "contact"}
        )
        cls.second = Partner.create(
            {
                "name": "Second <b>Bold</b> & Sons",
                "is_company": True,
                "street": "Side Street 1",
                "zip": "2000",
                "city": "Antwerp",
                "user_id": cls.custodian_east.id,
            }
        )
        cls.shy = Partner.create(
            {
                "name": "Shy Ltd",
                "street": "Back Street 1",
                "city": "Antwerp",
                "user_id": cls.custodian_east.id,
                "card_no_letters": True,
            }
        )
        cls.homeless = Partner.create(
            {"name": "Homeless Ltd", "user_id": cls.custodian_east.id}
        )
        (cls.second | cls.shy | cls.homeless)._open_cards()
        cls.audience = (
            cls.env["customer.card.audience"]
            .with_user(cls.custodian_east)
            .create({"name": "All of mine", "domain": "[]", "sharing": "everybody"})
        )

    def make_letter(self, user=None, **values):
        return (
            self.env["customer.card.letter"]
            .with_user(user or self.custodian_east)
            .create(
                {
                    "subject": "News for {{ company }}",
                    "body": "<p>{{ salutation }}</p><p>yours, {{ custodian }}</p>",
                    "audience_id": self.audience.id,
                    **values,
                }
            )
        )


@tagged("post_install", "-at_install")
class TestLetter(LetterWorld, CustomerCardCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_letters()

    def render(self, report, record, user=None):
        return (
            self.env["ir.actions.report"]
            .with_user(user or self.custodian_east)
            ._render_qweb_html(report, record.ids)[0]
            .decode()
        )

    # audiences

    def test_audience_leaves_out_with_reasons(self):
        letter = self.make_letter()
        letter.action_gather()
        reasons = {line.partner_id: line.reason for line in letter.line_ids}
        self.assertEqual(
            reasons,
            {
                self.card_east: False,
                self.second: False,
                self.shy: "opted_out",
                self.homeless: "no_address",
            },
        )
        self.assertEqual((letter.recipient_count, letter.left_out_count), (2, 2))
        self.assertEqual(
            letter.line_ids.filtered(
                lambda line: line.partner_id == self.card_east
            ).address.splitlines()[:2],
            ["Alpha Foods", "Mill Lane 3"],
        )

    def test_audience_with_role_and_fallback(self):
        self.audience.write({"recipient": "role", "contact_role": "decision_maker"})
        # the contact takes the address of its company
        recipients = self.audience._get_recipients()
        self.assertEqual(recipients[self.card_east], self.contact_east)
        self.assertEqual(recipients[self.second], self.second)
        self.audience.fallback = False
        recipients = self.audience._get_recipients()
        self.assertFalse(recipients[self.second])
        self.assertEqual(
            self.audience._get_obstacles(recipients)[self.second], "no_contact"
        )

    def test_shared_audience_gives_nobody_else_s_cards(self):
        mine = self.audience.with_user(self.custodian_west)._get_cards()
        self.assertEqual(mine & (self.card_east | self.second), self.env["res.partner"])
        self.assertIn(self.card_west, mine)
        both = self.audience.with_user(self.regional_manager)._get_cards()
        self.assertLessEqual(self.card_east | self.card_west, both)

    def test_private_audience_is_private(self):
        self.audience.sharing = "private"
        with self.assertRaises(AccessError):
            self.audience.with_user(self.custodian_west).read(["name"])
        self.assertTrue(self.audience.with_user(self.custodian_east).read(["name"]))

    def test_shared_audience_is_changed_by_its_owner_only(self):
        with self.assertRaises(AccessError):
            self.audience.with_user(self.custodian_west).write({"name": "Mine now"})
        self.audience.with_user(self.custodian_east).write({"name": "Still mine"})
        self.assertEqual(self.audience.name, "Still mine")

    def test_closed_card_gets_no_letter(self):
        self.second.with_user(self.manager_east).action_card_close()
        letter = self.make_letter()
        letter.action_gather()
        line = letter.line_ids.filtered(lambda line: line.partner_id == self.second)
        self.assertEqual((line.state, line.reason), ("left_out", "closed"))

    def test_unreadable_domain_is_refused(self):
        with self.assertRaises(ValidationError):
            self.audience.domain = "[('no_such_field', '=', 1)]"
        with self.assertRaises(ValidationError):
            self.audience.domain = "__import__('os')"

    def test_gathering_costs_the_same_for_100_cards(self):
        def make(count):
            partners = self.env["res.partner"].create(
                [
                    {
                        "name": f"Many {i}",
                        "street": "Row 1",
                        "city": f"Town {count}",
                        "user_id": self.custodian_east.id,
                    }
                    for i in range(count)
                ]
            )
            partners._open_cards()
            audience = self.audience.copy(
                {"name": str(count), "domain": f"[('city', '=', 'Town {count}')]"}
            )
            letter = self.make_letter(audience_id=audience.id)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            letter.action_gather()
            self.env.flush_all()
            self.assertEqual(letter.recipient_count, count)
            return self.env.cr.sql_log_count - before

        make(1)
        # rows are inserted in pages of 100
        self.assertLessEqual(abs(make(99) - make(2)), 1)

    # texts

    def test_each_letter_speaks_of_its_customer(self):
        self.audience.write({"recipient": "role", "contact_role": "decision_maker"})
        letter = self.make_letter(
            body="<p>{{ salutation }}</p><p>{{ main_products ||| what you make }}</p>"
        )
        self.card_east.main_products = "Waffles"
        letter.action_gather()
        html = self.render(LETTER, letter)
        self.assertIn("Dear Ms. Ada Alpha,", html)
        self.assertIn("Waffles", html)
        self.assertIn("News for Alpha Foods", html)
        self.assertIn("what you make", html)
        # an address is text, never markup
        self.assertIn("Second &lt;b&gt;Bold&lt;/b&gt; &amp; Sons", html)
        self.assertNotIn("<b>Bold</b>", html)

    def test_unknown_placeholder_is_refused(self):
        for word in ("object.env", "env['res.users']", "user.password", "nam", "1+1"):
            with self.assertRaisesRegex(ValidationError, "there is no placeholder"):
                self.make_letter(body=f"<p>{{{{ {word} }}}}</p>")

    def test_markup_inside_the_braces_does_no_harm(self):
        letter = self.make_letter(body="<p>{{&nbsp;<b>name</b> }}</p>")
        letter.action_gather()
        self.assertIn("<p>Alpha Foods</p>", self.render(LETTER, letter))

    def test_recipient_s_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.card_east.lang = "fr_FR"
        letter = self.make_letter(date="2026-03-09")
        letter.with_context(lang="fr_FR").subject = "Des nouvelles"
        letter.action_gather()
        html = self.render(LETTER, letter)
        self.assertIn("Des nouvelles", html)
        self.assertIn("News for Second", html)
        self.assertIn("9 mars 2026", html)
        self.assertIn("March 9, 2026", html)

    def test_template_with_its_translations(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        template = self.env["customer.card.letter.template"].create(
            {"name": "T", "subject": "Thanks", "body": "<p>Thanks</p>"}
        )
        template.with_context(lang="fr_FR").subject = "Merci"
        letter = (
            self.env["customer.card.letter"]
            .with_user(self.custodian_east)
            .create({"template_id": template.id})
        )
        self.assertEqual(letter.subject, "Thanks")
        self.assertEqual(letter.with_context(lang="fr_FR").subject, "Merci")

    # states

    def test_card_keeps_who_got_what(self):
        letter = self.make_letter()
        letter.action_gather()
        self.render(LETTER, letter)
        self.assertEqual(letter.state, "printed")
        letter.action_mark_sent()
        self.assertEqual(letter.state, "sent")
        self.assertEqual(self.card_east.card_letter_count, 1)
        self.assertEqual(self.shy.card_letter_count, 0)
        kinds = (
            self.env["customer.card.event"]
            .search(
                [
                    ("partner_id", "in", (self.card_east | self.shy).ids),
                    ("kind", "in", ("letter_printed", "letter_sent")),
                ]
            )
            .mapped(lambda event: (event.partner_id, event.kind, event.res_id))
        )
        self.assertCountEqual(
            kinds,
            [
                (self.card_east, "letter_printed", letter.id),
                (self.card_east, "letter_sent", letter.id),
            ],
        )
        with self.assertRaises(UserError):
            letter.unlink()
        with self.assertRaises(UserError):
            letter.write({"body": "<p>something else</p>"})

    def test_letter_that_came_back_asks_for_the_address(self):
        letter = self.make_letter()
        letter.action_gather()
        line = letter.line_ids.filtered(lambda line: line.partner_id == self.card_east)
        with self.assertRaisesRegex(UserError, "only a letter that was sent"):
            line.action_returned()
        letter.action_mark_sent()
        line.action_returned()
        self.assertEqual(line.state, "returned")
        self.assertEqual(
            self.card_east.activity_ids.mapped("user_id"), self.custodian_east
        )
        self.assertIn("Find the right address", self.card_east.activity_ids.summary)

    def test_nothing_to_print(self):
        with self.assertRaisesRegex(UserError, "gather the recipients"):
            self.make_letter().action_print()
        with self.assertRaisesRegex(UserError, "choose an audience"):
            self.make_letter(audience_id=False).action_gather()

    def test_merged_customer_keeps_what_he_got(self):
        letter = self.make_letter()
        letter.action_gather()
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.card_east | self.second).ids, self.card_east)
        letter.invalidate_recordset()
        self.assertEqual(
            letter.line_ids.filtered(lambda line: line.state == "to_send").partner_id,
            self.card_east,
        )

    def test_a_customer_gets_a_letter_once(self):
        letter = self.make_letter()
        letter.action_gather()
        with self.assertRaisesRegex(ValidationError, "only once"):
            letter.line_ids = [Command.create({"partner_id": self.card_east.id})]

    # access

    def test_successor_reads_what_was_sent_and_the_former_custodian_does_not(self):
        letter = self.make_letter()
        letter.action_gather()
        letter.action_mark_sent()
        (self.card_east | self.second | self.shy | self.homeless).with_user(
            self.card_admin
        ).write({"card_custodian_id": self.deputy_east.id})
        self.assertEqual(
            letter.with_user(self.deputy_east).line_ids.partner_id,
            self.card_east | self.second | self.shy | self.homeless,
        )
        self.env.invalidate_all()
        self.assertFalse(letter.with_user(self.custodian_east).line_ids)
        self.assertEqual(letter.with_user(self.deputy_east).subject, letter.subject)
        with self.assertRaises(AccessError):
            letter.with_user(self.deputy_east).action_cancel()
        with self.assertRaises(AccessError):
            self.render(LETTER, letter)

    def test_stranger_neither_reads_nor_sends(self):
        letter = self.make_letter()
        letter.action_gather()
        stranger = letter.with_user(self.custodian_west)
        for call in (
            lambda: stranger.read(["subject"]),
            lambda: stranger.action_gather(),
            lambda: stranger.action_mark_sent(),
            lambda: stranger.action_cancel(),
            lambda: stranger.action_print(),
            lambda: self.render(LETTER, letter, self.custodian_west),
            lambda: letter.line_ids.with_user(self.custodian_west).read(["address"]),
        ):
            with self.assertRaises(AccessError):
                call()
        self.assertEqual(letter.state, "draft")
        letter.with_user(self.manager_east).action_mark_sent()
        self.assertEqual(letter.state, "sent")

    def test_back_office_reads_addresses_and_prints_none(self):
        with self.assertRaises(AccessError):
            self.env["customer.card.letter"].with_user(self.reader).create(
                {"subject": "x"}
            )
        with self.assertRaises(AccessError):
            self.card_east.with_user(self.reader).action_write_letter()

    def test_state_is_not_for_clients(self):
        letter = self.make_letter()
        for vals in ({"state": "sent"}, {"sent_date": "2026-01-01"}):
            with self.assertRaises(AccessError):
                letter.write(vals)
            with self.assertRaises(AccessError):
                letter.with_context(letter_door=True).write(vals)
        with self.assertRaises(AccessError):
            self.make_letter(state="sent")
        with self.assertRaises(AccessError):
            self.make_letter(user_id=self.manager_east.id)

    # labels

    def test_no_default_of_a_client_sends_a_letter(self):
        letter = self.make_letter(self.custodian_east)
        forged = self.env["customer.card.letter"].with_user(self.custodian_east)
        forged = forged.with_context(
            default_state="sent",
            default_sent_date="2020-01-01",
            default_user_id=self.custodian_west.id,
            default_team_id=self.team_west.id,
        )
        made = forged.create({"subject": "News"})
        self.assertEqual(made.state, "draft")
        self.assertFalse(made.sent_date)
        self.assertEqual(made.user_id, self.custodian_east)
        self.assertEqual(made.team_id, letter.team_id)
        line = (
            self.env["customer.card.letter.line"]
            .with_user(self.custodian_east)
            .with_context(default_state="sent", default_sent_date="2020-01-01")
            .create({"letter_id": made.id, "partner_id": self.card_east.id})
        )
        self.assertEqual(line.state, "to_send")
        self.assertFalse(line.sent_date)

    def test_no_form_tells_of_a_foreign_letter(self):
        letter = self.make_letter(self.custodian_east)
        spec = {"letter_id": {}, "subject": {}, "letter_state": {}}
        for value in (letter.id, {"id": letter.id}):
            values = {"letter_id": value}
            Line = self.env["customer.card.letter.line"]
            own = Line.with_user(self.custodian_east)
            answer = own.onchange(values, ["letter_id"], spec)
            self.assertEqual(answer["value"]["subject"], letter.subject)
            with self.assertRaises(AccessError):
                Line.with_user(self.custodian_west).onchange(
                    values, ["letter_id"], spec
                )

    def test_sheet_must_fit_the_paper(self):
        sheet = self.env.ref("customer_card.customer_card_label_sheet_l7160")
        with self.assertRaisesRegex(ValidationError, "the paper has"):
            sheet.rows = 8
        with self.assertRaisesRegex(ValidationError, "overlap"):
            sheet.pitch_x = 50

    def test_only_administrators_add_sheets(self):
        sheet = self.env.ref("customer_card.customer_card_label_sheet_l7160")
        with self.assertRaises(AccessError):
            sheet.with_user(self.manager_east).copy()
        self.assertTrue(sheet.with_user(self.card_admin).copy())

    def make_labels(self, user=None, **values):
        return (
            self.env["customer.card.label.print"]
            .with_user(user or self.custodian_east)
            .create(
                {
                    "partner_ids": [Command.set((self.card_east | self.second).ids)],
                    "sheet_id": self.env.ref(
                        "customer_card.customer_card_label_sheet_l7160"
                    ).id,
                    **values,
                }
            )
        )

    def test_labels_start_where_the_sheet_is_free(self):
        html = self.render(LABELS, self.make_labels(start_at=21))
        # one label on the first sheet, the other on a second one
        self.assertEqual(len(re.findall("o_card_label", html)), 2)
        lefts = [float(x) for x in re.findall(r"o_card_label.*?left: ([\d.]+)px", html)]
        pixel = 1.6 * 96 / 25.4
        self.assertAlmostEqual(lefts[0] / pixel, 7.21 + 2 * 66.04, 1)
        self.assertAlmostEqual(lefts[1] / pixel, 7.21, 1)
        self.assertTrue(
            self.env["customer.card.event"].search_count(
                [("partner_id", "=", self.card_east.id), ("kind", "=", "printed")]
            )
        )
        with self.assertRaisesRegex(ValidationError, "between 1 and 21"):
            self.make_labels(start_at=22)

    def test_labels_of_foreign_cards_are_refused(self):
        labels = self.make_labels(
            self.custodian_west, partner_ids=[Command.set(self.card_west.ids)]
        )
        self.assertIn("Quay 9", self.render(LABELS, labels, self.custodian_west))
        # a print that somebody else prepared
        with self.assertRaises(UserError):
            self.render(LABELS, labels, self.custodian_east)
        # a customer of somebody else
        for user in (self.custodian_west, self.reader):
            with self.assertRaises(AccessError):
                labels = self.make_labels(user)
                self.render(LABELS, labels, user)


@tagged("post_install", "-at_install")
class TestLetterOverHttp(LetterWorld, CustomerCardHttp):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_letters()

    def call(self, model, method, *args, **kwargs):
        return self.make_jsonrpc_request(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": args, "kwargs": kwargs},
        )

    def test_recipients_by_x2many(self):
        """A foreign customer cannot be smuggled into a letter of one's own."""
        letter = self.make_letter()
        self.authenticate("test_custodian_east", "test_custodian_east")
        add = [Command.create({"partner_id": self.card_east.id, "state": "sent"})]
        self.call("customer.card.letter", "write", letter.ids, {"line_ids": add})
        self.assertEqual(letter.line_ids.partner_id, self.card_east)
        self.assertEqual(letter.line_ids.state, "to_send")
        with self.assertRaises(Exception) as caught:
            add = [Command.create({"partner_id": self.card_west.id})]
            self.call("customer.card.letter", "write", letter.ids, {"line_ids": add})
        self.assertNotIn("Beta", str(caught.exception))
        self.assertEqual(letter.line_ids.partner_id, self.card_east)

    def test_report_over_http(self):
        letter = self.make_letter()
        letter.action_gather()
        url = f"/report/html/{LETTER}/{letter.id}"
        self.authenticate("test_custodian_west", "test_custodian_west")
        answer = self.url_open(url)
        self.assertNotEqual(answer.status_code, 200)
        self.assertNotIn("Mill Lane", answer.text)
        self.authenticate("test_custodian_east", "test_custodian_east")
        answer = self.url_open(url)
        self.assertEqual(answer.status_code, 200)
        self.assertIn("Mill Lane 3", answer.text)
