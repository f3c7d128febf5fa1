from datetime import timedelta

from odoo import fields

from .common import CustomerSegmentationCommon


class TestKeepDay(CustomerSegmentationCommon):
    """M02, O05: who is about to leave stands in My Day and in the preparation of his
    visit, for whoever sees his card."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.today()
        cls.company.defection_detect = "no"
        for card in (cls.card_east, cls.card_west):
            for days in (160, 130, 100):
                cls.make_invoice(card, 500, cls.today - timedelta(days=days))
        cls.refresh(cls.today)

    def get_block(self, user):
        return (
            self.env["customer.my.day"]
            .with_user(user)
            .with_company(self.company)
            .with_context(allowed_company_ids=self.company.ids)
            ._get_at_risk_block(self.today)
        )

    def get_parts(self, visits, user):
        """:return: ``{visit id: {code: rows}}``"""
        sheets = visits.with_user(user)._get_preparation_sheets()
        return {
            visit_id: {part["code"]: part["rows"] for part in parts}
            for visit_id, parts in sheets.items()
        }

    def test_my_day(self):
        self.assertEqual(self.get_row(self.card_east).defection_risk, "high")
        block = self.get_block(self.custodian_east)
        [row] = block["rows"]
        self.assertEqual(row["title"], "Alpha Foods")
        self.assertIn("100 days, usually 30", row["note"])
        self.assertIn("1,500", row["badges"][1][0])
        self.assertEqual(
            [button["method"] for button in row["buttons"]],
            ["action_visit_plan", "action_open_defection"],
        )
        [row] = self.get_block(self.custodian_west)["rows"]
        self.assertEqual(row["title"], "Beta Tools")
        self.assertFalse(self.get_block(self.deputy_east))

    def test_deputy_sees_it_in_his_dates(self):
        self.card_east.with_user(self.manager_east).write(
            {
                "card_deputy_id": self.deputy_east.id,
                "card_deputy_from": self.today - timedelta(days=2),
                "card_deputy_until": self.today + timedelta(days=5),
            }
        )
        [row] = self.get_block(self.deputy_east)["rows"]
        self.assertEqual(row["title"], "Alpha Foods")

    def test_preparation(self):
        visit = self.make_visit(
            self.card_east, self.custodian_east, company_id=self.company.id
        )
        rows = self.get_parts(visit, self.custodian_east)[visit.id]["keep"]
        self.assertIn("Silent for 100 days", rows[0]["text"])
        self.assertEqual(rows[1]["text"], "Next purchase expected")
        self.env["customer.defection"].with_company(self.company).create(
            {
                "partner_id": self.card_east.id,
                "kind": "service",
                "goal": "One person who answers",
            }
        )
        rows = self.get_parts(visit, self.custodian_east)[visit.id]["keep"]
        self.assertEqual(rows[-1]["text"], "One person who answers")
        self.assertEqual(rows[-1]["model"], "customer.defection")
        # who does not see the card gets no sheet
        self.assertFalse(self.get_parts(visit.sudo(), self.custodian_west))

    def test_figures_of_the_company_of_the_visit(self):
        other = self.env["res.company"].create({"name": "Other Traders"})
        self.custodian_east.company_ids |= other
        visit = (
            self.env["customer.visit"]
            .with_user(self.custodian_east)
            .with_context(allowed_company_ids=(self.company | other).ids)
            .create(
                {
                    "partner_id": self.card_east.id,
                    "user_id": self.custodian_east.id,
                    "company_id": other.id,
                }
            )
        )
        self.assertNotIn(
            "keep", self.get_parts(visit, self.custodian_east).get(visit.id, {})
        )

    def test_one_query_for_all_visits(self):
        def prepare(count):
            visits = self.env["customer.visit"].create(
                [
                    {
                        "partner_id": self.card_east.id,
                        "user_id": self.custodian_east.id,
                        "company_id": self.company.id,
                    }
                    for _number in range(count)
                ]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            visits._prepare_keep()
            visits._prepare_next_sale()
            return self.env.cr.sql_log_count - before

        prepare(1)
        self.assertEqual(prepare(1), prepare(30))
