"""The ground of the access matrix of visits: the world of ``access_matrix.py`` with
contacts made, planned and owed, and all that hangs on them.

What can be read of a visit follows the card, and its visitor reads it until he has
reported. Four visits of *Alpha Foods* show it:

* ``planned``: by the custodian, with his objectives;
* ``reported``: by the custodian, with everything a report can hold;
* ``borrowed``: planned by the borrower on screen;
* ``owed``: planned, while he borrowed the card, by the borrower whose loan has run out;
* ``told``: reported by him. He reads it no more.
"""

from datetime import timedelta

from access_matrix import DATA, NAMES, TABLES, AccessMatrixCase

from odoo import Command, fields

SECRET = "alpha-secret"
PICTURE = (
    b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQ"
    b"DwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)
# Where the customer is; see DATA.
LATITUDE, LONGITUDE = 51.0543210, 3.7123450

VISIT_TABLES = (
    "calendar_event",
    "crm_lead",
    "customer_daily_review",
    "customer_daily_review_line",
    "customer_followup",
    "customer_followup_line",
    "customer_introduction",
    "customer_promise",
    "customer_visit",
    "customer_visit_answer",
    "customer_visit_contact_rel",
    "customer_visit_photo_rel",
    "customer_visit_plan",
)


class VisitMatrixCase(AccessMatrixCase):
    tables = TABLES + VISIT_TABLES

    @classmethod
    def make_more_users(cls):
        """Odoo's own rights hide no lead and no survey: the card alone does."""
        super().make_more_users()
        rights = cls.env.ref("sales_team.group_sale_salesman_all_leads")
        rights |= cls.env.ref("survey.group_survey_user")
        internal = cls.env["res.users"].search(
            [("login", "=like", "test\\_%"), ("share", "=", False)]
        )
        rights.user_ids = [Command.link(user.id) for user in internal]

    @classmethod
    def make_belongings(cls):
        super().make_belongings()
        cls.card_east.write(
            {"partner_latitude": LATITUDE, "partner_longitude": LONGITUDE}
        )
        cls.make_purpose()
        cls.make_visits()
        cls.make_promises()
        cls.make_documents()

    @classmethod
    def make_purpose(cls):
        cls.purpose = cls.env["customer.visit.purpose"].create(
            {
                "name": "Test Purpose",
                "check_ids": [
                    Command.create({"name": "What does he need?", "kind": "text"})
                ],
            }
        )

    @classmethod
    def make_visit(cls, user, **values):
        """:return: a visit of ``user`` at *Alpha Foods*, as the system makes it"""
        return (
            cls.env["customer.visit"]
            .sudo()
            .create({"partner_id": cls.card_east.id, "user_id": user.id, **values})
            .sudo(False)
        )

    @classmethod
    def make_visits(cls):
        now = fields.Datetime.now()
        tomorrow = now + timedelta(days=1)
        cls.planned = cls.make_visit(
            cls.custodian_east,
            objective=f"{SECRET} objective",
            contact_ids=[Command.set(cls.contact_east.ids)],
            address_id=cls.address_east.id,
            date_planned=tomorrow,
            purpose_id=cls.purpose.id,
        )
        cls.reported = cls.make_visit(
            cls.custodian_east, date_planned=now, purpose_id=cls.purpose.id
        )
        cls.photo = cls.env["ir.attachment"].create(
            {
                "name": f"{SECRET}.png",
                "datas": PICTURE,
                "res_model": "customer.visit",
                "res_id": cls.reported.id,
            }
        )
        cls.reported.answer_ids.answer_text = f"{SECRET} answer"
        cls.report_on(
            cls.reported,
            purchase_intention="decided",
            needs=f"{SECRET} needs",
            photo_ids=[Command.set(cls.photo.ids)],
            signature=PICTURE,
            signed_by="Ada Alpha",
        )
        cls.note = cls.reported.with_user(cls.custodian_east).message_post(
            body=f"{SECRET} note",
            message_type="comment",
            subtype_xmlid="mail.mt_note",
        )
        cls.borrowed = cls.make_visit(
            cls.borrower_screen, objective="See the fair", date_planned=tomorrow
        )
        cls.owed = cls.make_visit(
            cls.borrower_expired,
            objective="Take samples",
            date_planned=tomorrow,
            contact_ids=[Command.set(cls.contact_east.ids)],
            address_id=cls.address_east.id,
            purpose_id=cls.purpose.id,
        )
        cls.told = cls.make_visit(cls.borrower_expired, date_planned=now)
        cls.report_on(cls.told)
        cls.visits = cls.planned | cls.reported | cls.borrowed | cls.owed | cls.told
        cls.own = cls.env["customer.visit"].create(
            {"partner_id": cls.card_west.id, "user_id": cls.custodian_west.id}
        )

    @classmethod
    def report_on(cls, visit, **values):
        """Report a visit, and let nothing follow from it."""
        visit.with_user(visit.user_id).sudo().write(
            {
                "result": "achieved",
                "report": f"<p>{SECRET} report</p>",
                "next_none_reason": "Season is over",
                **values,
            }
        )
        visit.sudo().action_report()

    @classmethod
    def make_promises(cls):
        day = fields.Date.today() + timedelta(days=3)
        Promise = cls.env["customer.promise"]
        cls.promise, cls.owed_promise = Promise.create(
            [
                {
                    "name": f"{SECRET} promise",
                    "partner_id": cls.card_east.id,
                    "contact_id": cls.contact_east.id,
                    "visit_id": cls.reported.id,
                    "user_id": cls.custodian_east.id,
                    "promised_by_id": cls.custodian_east.id,
                    "date_due": day,
                },
                {
                    "name": "Bring samples",
                    "partner_id": cls.card_east.id,
                    "user_id": cls.borrower_expired.id,
                    "promised_by_id": cls.borrower_expired.id,
                    "date_due": day,
                },
            ]
        )

    @classmethod
    def make_documents(cls):
        """Documents of Odoo's other applications, with the customer on them."""
        cls.lead = cls.env["crm.lead"].create(
            {
                "name": f"{SECRET} pumps",
                "type": "opportunity",
                "partner_id": cls.card_east.id,
                "user_id": cls.custodian_east.id,
                "team_id": cls.team_east.id,
                "expected_revenue": 1234,
            }
        )
        cls.introduction = cls.env["customer.introduction"].create(
            {
                "partner_id": cls.card_east.id,
                "user_id": cls.custodian_east.id,
                "introduced_name": "Gamma Mills",
                "note": f"{SECRET} introduction",
            }
        )
        template = cls.env["customer.followup.template"].create(
            {
                "name": "Test Cycle",
                "step_ids": [
                    Command.create({"name": SECRET, "method": "phone", "delay": 2}),
                    Command.create({"name": "Then", "method": "visit", "delay": 2}),
                ],
            }
        )
        cls.followup = cls.env["customer.followup"]._start_for(cls.card_east, template)


__all__ = ["DATA", "NAMES", "SECRET", "VisitMatrixCase"]
