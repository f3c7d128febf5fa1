"""K04, K07, K18, A10: who reads and steers what hangs on a card beside its visits:
promises, follow-ups, introductions.

See ``access_matrix.py`` for the roles and for what a cell asserts, and
``access_matrix_visit.py`` for the visits.
"""

from access_matrix import KEEPERS, READERS, Row, Rpc
from access_matrix_visit import SECRET, VisitMatrixCase

from odoo.tests import tagged


def found(answer):
    return bool(answer.result)


@tagged("post_install", "-at_install")
class TestVisitPartsMatrix(VisitMatrixCase):
    def row(self, operation, model, method, *args, allowed, **options):
        known = options.pop("names_known", False)
        return Row(
            operation,
            f"RPC {method}",
            Rpc(model, method, *args, **options),
            allowed,
            known,
        )

    def test_promises(self):
        """K18: whoever sees the card; and who has to keep one, until it is kept."""
        promise, owed = self.promise.ids, self.owed_promise.ids
        row, model = self.row, "customer.promise"
        self.assert_matrix(
            [
                row(
                    "read a promise",
                    model,
                    "read",
                    promise,
                    ["name", "contact_id"],
                    sees=True,
                    allowed=READERS,
                ),
                row(
                    "read what one has to keep",
                    model,
                    "read",
                    owed,
                    ["name", "partner_id"],
                    allowed=READERS + "E",
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
                    "keep somebody's promise",
                    model,
                    "action_keep",
                    promise,
                    changes=True,
                    allowed=KEEPERS,
                ),
                row(
                    "keep one's own promise",
                    model,
                    "action_keep",
                    owed,
                    changes=True,
                    allowed=KEEPERS + "E",
                ),
                row(
                    "release a promise",
                    model,
                    "action_release",
                    promise,
                    "He let us off",
                    changes=True,
                    allowed=KEEPERS,
                ),
                row(
                    "put off a promise",
                    model,
                    "write",
                    promise,
                    {"date_due": "2099-01-01"},
                    changes=True,
                    allowed=KEEPERS,
                ),
                row(
                    "tie one's own promise to a visit of others",
                    model,
                    "write",
                    owed,
                    {"visit_id": self.reported.id},
                    changes=True,
                    allowed=KEEPERS,
                ),
                row(
                    "say that it was kept",
                    model,
                    "write",
                    owed,
                    {"state": "kept"},
                    allowed="",
                    names_known=True,
                ),
                row(
                    "promise something",
                    model,
                    "create",
                    {
                        "name": "x",
                        "partner_id": self.card_east.id,
                        "date_due": "2099-01-01",
                    },
                    changes=True,
                    allowed=READERS,
                ),
                row(
                    "figures of promises",
                    "customer.promise.report",
                    "search_read",
                    [("promise_id", "in", promise)],
                    ["promise_id", "kept_rate"],
                    granted=found,
                    allowed=READERS,
                ),
            ]
        )

    def test_followups(self):
        """K04: whoever sees the card sees the cycle, whoever keeps it steers it."""
        followup, lines = self.followup.ids, self.followup.line_ids.ids
        row, model = self.row, "customer.followup"
        self.assert_matrix(
            [
                row(
                    "read a cycle",
                    model,
                    "read",
                    followup,
                    ["partner_id", "next_date"],
                    sees=True,
                    allowed=READERS,
                ),
                row(
                    "read its steps",
                    "customer.followup.line",
                    "read",
                    lines,
                    ["name"],
                    sees=True,
                    allowed=READERS,
                ),
                row(
                    "guess by a step",
                    "res.partner",
                    "search_count",
                    [("followup_ids.line_ids.name", "=", SECRET)],
                    granted=found,
                    allowed=READERS,
                ),
                row(
                    "skip a step",
                    model,
                    "action_skip",
                    followup,
                    "No need",
                    changes=True,
                    allowed=KEEPERS,
                ),
                row(
                    "stop a cycle",
                    model,
                    "action_stop",
                    followup,
                    "No need",
                    changes=True,
                    allowed=KEEPERS,
                ),
                row(
                    "make a step individual",
                    "customer.followup.line",
                    "write",
                    lines[1:],
                    {"note": "x"},
                    changes=True,
                    allowed=KEEPERS,
                ),
                row(
                    "say that a step is done",
                    "customer.followup.line",
                    "write",
                    lines[:1],
                    {"state": "done"},
                    allowed="",
                    names_known=True,
                ),
                row(
                    "start a cycle",
                    "res.partner",
                    "action_start_followup",
                    self.card_east.ids,
                    allowed=KEEPERS,
                ),
                row(
                    "write a letter for a step",
                    "customer.card.letter",
                    "create",
                    {"subject": "x", "followup_line_id": lines[0]},
                    changes=True,
                    # back office, and borrowers, write no letters to this customer
                    allowed=KEEPERS + "B",
                ),
            ]
        )

    def test_introductions(self):
        """K04, K07: who was asked, and what came of it, is part of the card."""
        model, row, ids = "customer.introduction", self.row, self.introduction.ids
        new = {"partner_id": self.card_east.id}
        self.assert_matrix(
            [
                row(
                    "read an introduction",
                    model,
                    "read",
                    ids,
                    ["note"],
                    sees=True,
                    allowed=READERS,
                ),
                row(
                    "say what came of it",
                    model,
                    "action_refuse",
                    ids,
                    changes=True,
                    allowed=KEEPERS,
                ),
                row(
                    "ask for an introduction",
                    model,
                    "create",
                    new,
                    changes=True,
                    allowed=READERS,
                ),
                row(
                    "tie it to a visit of others",
                    model,
                    "create",
                    {
                        "partner_id": self.card_west.id,
                        "thanks_visit_id": self.reported.id,
                    },
                    allowed="U",
                    names_known=True,
                ),
                row(
                    "name a hidden customer as introducer",
                    "res.partner",
                    "create",
                    {"name": "Zeta"},
                    context={"default_referrer_id": self.contact_east.id},
                    changes=True,
                    allowed=READERS,
                    names_known=True,
                ),
            ]
        )
