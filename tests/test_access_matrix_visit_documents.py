"""K07, K15, M08, A10: who learns of a card by what other applications hold of it:
opportunities, meetings, activities, answers, the reviews of a day.

See ``access_matrix.py`` for the roles and for what a cell asserts, and
``access_matrix_visit.py`` for the visits.
"""

from datetime import timedelta

from access_matrix import KEEPERS, MANAGERS, READERS, JsonRoute, Row, Rpc
from access_matrix_visit import SECRET, VisitMatrixCase

from odoo import Command, fields
from odoo.tests import tagged


def found(answer):
    return bool(answer.result)


@tagged("post_install", "-at_install")
class TestVisitDocumentsMatrix(VisitMatrixCase):
    def row(self, operation, model, method, *args, allowed, **options):
        known = options.pop("names_known", False)
        return Row(
            operation,
            f"RPC {method}",
            Rpc(model, method, *args, **options),
            allowed,
            known,
        )

    def test_opportunities(self):
        """A10: an opportunity tells about a customer what his card tells."""
        model, row, ids = "crm.lead", self.row, self.lead.ids
        mine = {"name": "x", "partner_id": self.free_partner.id}
        self.assert_matrix(
            [
                row(
                    "read an opportunity",
                    model,
                    "read",
                    ids,
                    ["name", "phone"],
                    sees=True,
                    allowed=READERS,
                ),
                row(
                    "find it",
                    model,
                    "name_search",
                    SECRET,
                    sees=True,
                    allowed=READERS,
                ),
                row(
                    "guess by the customer's phone",
                    model,
                    "search_count",
                    [("partner_id.phone", "ilike", "290 34")],
                    granted=found,
                    allowed=READERS,
                ),
                row(
                    "add up revenue",
                    model,
                    "formatted_read_group",
                    [("id", "in", ids)],
                    [],
                    ["expected_revenue:sum"],
                    granted=lambda answer: "1234" in answer.text,
                    allowed=READERS,
                ),
                row(
                    "take over phone and e-mail",
                    model,
                    "onchange",
                    [],
                    {"partner_id": self.contact_east.id},
                    ["partner_id"],
                    {"phone": {}, "email_from": {}},
                    sees=True,
                    allowed=READERS,
                ),
                row(
                    "take them over by a default",
                    model,
                    "create",
                    {"name": "x"},
                    context={"default_partner_id": self.contact_east.id},
                    changes=True,
                    allowed=READERS,
                ),
                row(
                    "call off a visit of others by the date of a signing",
                    model,
                    "create",
                    {
                        **mine,
                        "signing_visit_id": self.planned.id,
                        "signing_date": "2099-01-01 10:00:00",
                    },
                    allowed="U",
                    names_known=True,
                ),
                row(
                    "add a paper to a signing",
                    "customer.signing.paper",
                    "create",
                    {"lead_id": self.lead.id, "name": "x"},
                    allowed=READERS,
                ),
            ]
        )

    def test_meetings_and_activities(self):
        """A10: what is moved in the calendar, or done in a list, moves visits: only
        those that the user may move."""
        row = self.row
        start = fields.Datetime.now() + timedelta(days=2)
        meeting = {
            "name": "x",
            "start": str(start),
            "stop": str(start + timedelta(hours=1)),
            "partner_ids": [Command.set(self.custodian_east.partner_id.ids)],
            "res_model_id": self.env["ir.model"]._get_id("res.partner"),
            "res_id": self.card_east.id,
            "activity_ids": [Command.set([])],
        }
        kind = self.env["mail.activity.type"].search(
            [("is_communication", "=", True)], limit=1
        )
        todo = {
            "res_model_id": self.env["ir.model"]._get_id("res.partner"),
            "res_id": self.free_partner.id,
            "activity_type_id": kind.id,
            "visit_id": self.planned.id,
        }
        event = self.planned.calendar_event_id
        self.assertTrue(event)
        self.assert_matrix(
            [
                row(
                    "find the meeting of a visit",
                    "calendar.event",
                    "search_count",
                    [("id", "=", event.id)],
                    granted=found,
                    allowed=READERS,
                ),
                row(
                    "find one's own meeting",
                    "calendar.event",
                    "search_count",
                    [("id", "=", self.owed.calendar_event_id.id)],
                    granted=found,
                    allowed=READERS + "E",
                ),
                row(
                    "guess by what is behind a meeting",
                    "calendar.event",
                    "search_count",
                    [
                        ("id", "=", self.owed.calendar_event_id.id),
                        ("visit_ids.partner_id.phone", "ilike", "290 34"),
                    ],
                    granted=found,
                    allowed=READERS,
                ),
                row(
                    "plan a visit of others by a meeting",
                    "calendar.event",
                    "create",
                    meeting,
                    changes=True,
                    # Odoo lets nobody make a meeting for a document of his portal
                    allowed=READERS,
                    names_known=True,
                ),
                row(
                    "tie an activity to a visit of others",
                    "mail.activity",
                    "create",
                    todo,
                    allowed="U",
                    names_known=True,
                ),
                row(
                    "tie it by a default",
                    "mail.activity",
                    "web_save",
                    [],
                    {name: todo[name] for name in todo if name != "visit_id"},
                    specification={"visit_id": {}},
                    context={"default_visit_id": self.planned.id},
                    granted=lambda answer: answer.result[0]["visit_id"],
                    changes="anyway",
                    allowed="U",
                    names_known=True,
                ),
            ]
        )

    def test_satisfaction(self):
        """K15: what a customer answers is part of his card; only he gives it."""
        survey = self.env.ref("customer_visit.survey_satisfaction")
        answer = survey._create_answer(partner=self.contact_east, check_attempts=False)
        model, row = "survey.user_input", self.row
        self.assert_matrix(
            [
                row(
                    "read an answer",
                    model,
                    "read",
                    answer.ids,
                    ["email", "partner_id"],
                    sees=True,
                    allowed=READERS,
                ),
                row(
                    "find answers",
                    model,
                    "search_read",
                    [("partner_id.email", "ilike", "alpha.example")],
                    ["email"],
                    sees=True,
                    allowed=READERS,
                ),
                row(
                    "ask a customer",
                    "res.partner",
                    "action_fill_in_satisfaction",
                    self.card_east.ids,
                    allowed=KEEPERS,
                ),
                row(
                    "write a score",
                    "res.partner",
                    "write",
                    self.card_east.ids,
                    {"satisfaction_score": 99},
                    allowed="U",
                    names_known=True,
                ),
                row(
                    "begin with a score",
                    "res.partner",
                    "create",
                    {"name": "Zeta"},
                    context={"default_satisfaction_score": 99},
                    allowed="U",
                ),
            ]
        )

    def test_daily_reviews(self):
        """M08: a day is discussed by the manager of the department, and by nobody with
        himself."""
        today = fields.Date.today()
        review = self.env["customer.daily.review"].create(
            {
                "user_id": self.custodian_east.id,
                "team_id": self.team_east.id,
                "date": today,
                "date_to": today,
            }
        )
        line = self.env["customer.daily.review.line"].create(
            {"review_id": review.id, "visit_id": self.reported.id}
        )
        row, model = self.row, "customer.daily.review.line"
        whose = "C" + MANAGERS
        self.assert_matrix(
            [
                row(
                    "read a day",
                    "customer.daily.review",
                    "read",
                    review.ids,
                    ["line_count", "note"],
                    allowed=whose,
                ),
                row(
                    "read a contact of a day",
                    model,
                    "read",
                    line.ids,
                    ["report", "report_summary"],
                    sees=True,
                    allowed=whose,
                ),
                row(
                    "remark on a contact",
                    model,
                    "write",
                    line.ids,
                    {"remark": "x"},
                    changes=True,
                    allowed=MANAGERS,
                    names_known=True,
                ),
                row(
                    "discuss a day",
                    "customer.daily.review",
                    "action_done",
                    review.ids,
                    changes=True,
                    allowed=MANAGERS,
                    names_known=True,
                ),
                row(
                    "put another visit there",
                    model,
                    "write",
                    line.ids,
                    {"visit_id": self.told.id},
                    allowed="U",
                    names_known=True,
                ),
                row(
                    "say that one has read it",
                    model,
                    "action_acknowledge",
                    line.ids,
                    changes=True,
                    allowed="C",
                    names_known=True,
                ),
            ]
        )

    def test_breadcrumbs(self):
        """A page that is reloaded names no hidden document."""
        records = (
            self.reported,
            self.promise,
            self.followup,
            self.introduction,
            self.lead,
            self.planned.calendar_event_id,
        )
        self.assert_matrix(
            [
                Row(
                    f"reload the page of a {record._name}",
                    "/web/action/load_breadcrumbs",
                    JsonRoute(
                        "/web/action/load_breadcrumbs",
                        {"actions": [{"model": record._name, "resId": record.id}]},
                        granted=lambda answer: (
                            "display_name" in answer.text
                            and ("Alpha Foods" in answer.text or SECRET in answer.text)
                        ),
                    ),
                    # a private meeting is busy, for everybody but who takes part
                    "C" if record._name == "calendar.event" else READERS,
                )
                for record in records
            ]
        )
