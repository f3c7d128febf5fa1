"""P04, A06, M02, M08: who plans, makes, reports, reviews and changes a visit.

See ``access_matrix.py`` for the roles and for what a cell asserts, and
``access_matrix_visit.py`` for the visits.
"""

from datetime import timedelta

from access_matrix import KEEPERS, MANAGERS, READERS, Json2, Row, Rpc
from access_matrix_visit import SECRET, VisitMatrixCase

from odoo import Command, fields
from odoo.tests import tagged

VISIT = "customer.visit"
# whoever sees the card plans for himself, or records what he did
SEEN = READERS
# what is set by the system is not for anybody who calls; Python in sudo may
SYSTEM = "U"


@tagged("post_install", "-at_install")
class TestVisitWriteMatrix(VisitMatrixCase):
    def row(self, operation, path, method, *args, allowed, **options):
        # a refusal names the visit to whoever may read it
        known = options.pop("names_known", True)
        options.setdefault("changes", True)
        return Row(
            operation, path, Rpc(VISIT, method, *args, **options), allowed, known
        )

    def test_changed(self):
        """A visit is changed by whoever keeps the card, and by its visitor."""
        rows = []
        for visit, whose in (
            (self.planned, ""),
            (self.owed, "E"),
            (self.borrowed, "B"),
        ):
            rows += [
                self.row(
                    f"change the visit of {visit.user_id.name}",
                    "RPC write",
                    "write",
                    visit.ids,
                    {"place": "At the fair"},
                    allowed=KEEPERS + whose,
                    names_known=bool(whose),
                ),
                self.row(
                    f"put off the visit of {visit.user_id.name}",
                    "RPC action_reschedule",
                    "action_reschedule",
                    visit.ids,
                    str(fields.Datetime.now() + timedelta(days=9)),
                    allowed=KEEPERS + whose,
                    names_known=bool(whose),
                ),
                self.row(
                    f"cancel the visit of {visit.user_id.name}",
                    "RPC action_cancel",
                    "action_cancel",
                    visit.ids,
                    "No time",
                    allowed=KEEPERS + whose,
                    names_known=bool(whose),
                ),
                self.row(
                    f"delete the visit of {visit.user_id.name}",
                    "RPC unlink",
                    "unlink",
                    visit.ids,
                    allowed=KEEPERS + whose,
                    names_known=bool(whose),
                ),
            ]
        rows += [
            self.row(
                "change a report",
                "RPC write of what was told",
                "write",
                self.told.ids,
                {"needs": "x"},
                # nobody reports in the name of another, but for the managers
                allowed=MANAGERS,
            ),
            self.row(
                "change the answers of a checklist",
                "RPC write of x2many",
                "write",
                self.owed.ids,
                {
                    "answer_ids": [
                        Command.update(self.owed.answer_ids.id, {"answer_text": "x"})
                    ]
                },
                allowed=MANAGERS + "E",
            ),
            self.row(
                "delete a reported visit",
                "RPC unlink",
                "unlink",
                self.reported.ids,
                allowed="AU",
            ),
            self.row(
                "take a visit to another customer",
                "RPC write of an own visit",
                "write",
                self.own.ids,
                {"partner_id": self.card_east.id},
                # who keeps the other card, and sees this one
                allowed="RAU",
            ),
            self.row(
                "give a visit to somebody else",
                "RPC write",
                "write",
                self.owed.ids,
                {"user_id": self.employee.id},
                allowed=KEEPERS,
            ),
            self.row(
                "change a visit on another form",
                "RPC write of another customer",
                "write",
                self.own.ids,
                {"rescheduled_ids": [Command.update(self.planned.id, {"place": "x"})]},
                allowed="RAU",
            ),
        ]
        self.assert_matrix(rows)

    def test_made(self):
        """A borrower records visits on a lent card; whoever keeps it plans for
        others."""
        new = {"partner_id": self.card_east.id}
        self.assert_matrix(
            [
                self.row(
                    "plan a visit of one's own",
                    "RPC create",
                    "create",
                    new,
                    allowed=SEEN,
                    names_known=False,
                ),
                Row(
                    "plan a visit of one's own",
                    "JSON-2 create",
                    Json2(VISIT, "create", {"vals_list": [new]}, changes=True),
                    SEEN.replace("U", ""),
                ),
                self.row(
                    "plan a visit by a default",
                    "RPC create with a context",
                    "create",
                    {},
                    context={"default_partner_id": self.card_east.id},
                    allowed=SEEN,
                    names_known=False,
                ),
                self.row(
                    "plan a visit for somebody else",
                    "RPC create",
                    "create",
                    {**new, "user_id": self.custodian_west.id},
                    # the custodian of another card plans for himself
                    allowed=KEEPERS,
                ),
                self.row(
                    "copy a visit",
                    "RPC copy",
                    "copy",
                    self.planned.ids,
                    allowed=KEEPERS,
                ),
                Row(
                    "plan it on the customer's form",
                    "RPC write of a customer",
                    Rpc(
                        "res.partner",
                        "write",
                        self.card_east.ids,
                        {"visit_ids": [Command.create({"objective": "x"})]},
                        changes=True,
                    ),
                    KEEPERS,
                ),
                Row(
                    "check in at once",
                    "RPC action_visit_now",
                    Rpc(
                        "res.partner",
                        "action_visit_now",
                        self.card_east.ids,
                        changes=True,
                    ),
                    SEEN,
                ),
                Row(
                    "call back",
                    "RPC create of the dialog",
                    Rpc(
                        "customer.visit.call.back",
                        "create",
                        {"partner_id": self.card_east.id},
                    ),
                    SEEN,
                ),
            ]
        )

    def test_buttons(self):
        """M02, M08: the visitor prepares, makes and reports his visit; his manager
        reviews it."""
        rows = [
            self.row(
                f"{operation} the visit of {visit.user_id.name}",
                f"RPC {method}",
                method,
                visit.ids,
                allowed=whose,
            )
            for visit, whose in (
                (self.planned, "CU"),
                (self.owed, "EU"),
                (self.borrowed, "BU"),
            )
            for operation, method in (
                ("prepare", "action_prepare"),
                ("begin", "action_start"),
            )
        ]
        rows += [
            self.row(
                "review a report",
                "RPC action_review",
                "action_review",
                self.reported.ids,
                allowed=MANAGERS,
            ),
            self.row(
                "send a report back",
                "RPC action_send_back",
                "action_send_back",
                self.reported.ids,
                "More, please",
                allowed=MANAGERS,
            ),
            self.row(
                "cancel by the dialog",
                "RPC action_cancel without a reason",
                "action_cancel",
                self.planned.ids,
                changes=False,
                allowed=KEEPERS,
            ),
        ]
        self.owed.sudo().write(
            {
                "result": "achieved",
                "report": "<p>Took samples</p>",
                "next_none_reason": "Season is over",
            }
        )
        rows.append(
            self.row(
                "hand in a report",
                "RPC action_report",
                "action_report",
                self.owed.ids,
                allowed=MANAGERS + "E",
            )
        )
        self.assert_matrix(rows)

    def test_own_report_is_reviewed_by_another(self):
        """M08: a manager does not review what he did himself."""
        visit = self.make_visit(
            self.manager_east, date_planned=fields.Datetime.now(), objective="x"
        )
        self.report_on(visit)
        self.assert_matrix(
            [
                self.row(
                    "review a manager's report",
                    "RPC action_review",
                    "action_review",
                    visit.ids,
                    allowed="RAU",
                )
            ]
        )

    def test_forged(self):
        """What the system says of a visit, nobody else does: state, times, position,
        plan, meeting."""
        now = str(fields.Datetime.now())
        values = {
            "state": "reviewed",
            "origin": "plan",
            "date_start": now,
            "date_end": now,
            "date_reported": now,
            "date_prepared": now,
            "reviewed_by_id": self.manager_east.id,
            "prepared_by_id": self.custodian_east.id,
            "move_count": 9,
            "end_estimated": True,
            "signed_date": now,
            "check_in_latitude": 51.0,
            "check_in_state": "near",
            "check_out_distance": 1.0,
            "position_reference": "51, 3",
            "rescheduled_from_id": self.own.id,
            "next_visit_id": self.own.id,
            "calendar_event_id": self.own.calendar_event_id.id or 1,
            "followup_line_id": self.followup.line_ids[:1].id,
            "plan_id": 1,
        }
        self.assertLessEqual(values.keys(), self.env[VISIT]._get_system_fields())
        self.assert_matrix(
            [
                self.row(
                    f"write {name}",
                    "RPC write",
                    "write",
                    self.planned.ids,
                    {name: value},
                    changes="only",
                    allowed=SYSTEM,
                )
                for name, value in values.items()
                # the superuser would break the cycle, or a foreign key
                if name not in ("plan_id", "followup_line_id", "calendar_event_id")
            ]
        )
        self.check_defaults(values)

    def check_defaults(self, values):
        """A visit begins as planned, whatever defaults a client sends."""
        initial = {"state": "planned", "origin": "manual"}
        made = self.call(
            "C",
            VISIT,
            "create",
            {"partner_id": self.card_east.id},
            context={f"default_{name}": value for name, value in values.items()},
        )
        visit = self.env[VISIT].browse(made)
        # without a time it is in no calendar
        for name in values:
            with self.subTest(default=name):
                if name in initial:
                    self.assertEqual(visit[name], initial[name])
                else:
                    self.assertFalse(visit[name])

    def test_neighbours(self):
        """What hangs on a visit is changed as the visit is."""
        answer = self.reported.answer_ids
        self.assert_matrix(
            [
                Row(
                    "change an answer",
                    "RPC write",
                    Rpc(
                        "customer.visit.answer",
                        "write",
                        answer.ids,
                        {"answer_text": "x"},
                        changes=True,
                    ),
                    # the custodian's own report
                    "C" + MANAGERS,
                    True,
                ),
                Row(
                    "take an answer to another visit",
                    "RPC write",
                    Rpc(
                        "customer.visit.answer",
                        "write",
                        answer.ids,
                        {"visit_id": self.own.id},
                        changes=True,
                    ),
                    "U",
                    True,
                ),
                Row(
                    "enter a competitor",
                    "RPC create",
                    Rpc(
                        "customer.visit.competitor",
                        "create",
                        {"visit_id": self.planned.id, "brand": SECRET},
                    ),
                    "C" + MANAGERS,
                    True,
                ),
                Row(
                    "enter a competitor on one's own visit",
                    "RPC create",
                    Rpc(
                        "customer.visit.competitor",
                        "create",
                        {"visit_id": self.owed.id, "brand": "x"},
                    ),
                    "E" + MANAGERS,
                    True,
                ),
            ]
        )
