"""P04, A06, A10, K01: who reads what was said at a customer's, by whichever path.

See ``access_matrix.py`` for the roles and for what a cell asserts, and
``access_matrix_visit.py`` for the visits.
"""

from access_matrix import KEEPERS, READERS, Json2, JsonRoute, Row, Rpc
from access_matrix_visit import SECRET, VisitMatrixCase

from odoo.tests import tagged

VISIT = "customer.visit"
# a visitor reads his own visit until he has reported; it tells nothing of the card
OWN = READERS + "E"


def told(answer):
    return SECRET in answer.text


def found(answer):
    return bool(answer.result)


@tagged("post_install", "-at_install")
class TestVisitReadMatrix(VisitMatrixCase):
    def test_read_by_id(self):
        """P04: a report is part of the card; a visitor has his own until it is in."""
        spec = {"objective": {}, "report": {}, "partner_id": {"fields": {"name": {}}}}
        self.assert_matrix(
            [
                Row(
                    "read a planned visit",
                    "RPC read",
                    Rpc(VISIT, "read", self.planned.ids, ["objective"], sees=True),
                    READERS,
                ),
                Row(
                    "read a report",
                    "RPC read",
                    Rpc(
                        VISIT,
                        "read",
                        self.reported.ids,
                        ["report", "needs", "purchase_intention"],
                        sees=True,
                    ),
                    READERS,
                ),
                Row(
                    "read what a borrower has reported",
                    "RPC read",
                    Rpc(VISIT, "read", self.told.ids, ["report"], sees=True),
                    READERS,
                ),
                Row(
                    "read a visit that is still to be reported",
                    "RPC read",
                    Rpc(VISIT, "read", self.owed.ids, ["objective", "state"]),
                    OWN,
                ),
                Row(
                    "phone and address on a visit",
                    "RPC read",
                    Rpc(
                        VISIT,
                        "read",
                        self.owed.ids,
                        ["customer_phone", "customer_address", "plan_city"],
                        granted=lambda answer: "Hidden Street" in answer.text,
                    ),
                    READERS,
                ),
                Row(
                    "open the form",
                    "RPC nested web_read",
                    Rpc(
                        VISIT,
                        "web_read",
                        self.reported.ids,
                        specification=spec,
                        sees=True,
                    ),
                    READERS,
                ),
                Row(
                    "open one's own form, with what is behind the customer",
                    "RPC nested web_read",
                    Rpc(
                        VISIT,
                        "web_read",
                        self.owed.ids,
                        specification={
                            "partner_id": {"fields": {"phone": {}, "email": {}}},
                            "contact_ids": {"fields": {"phone": {}}},
                            "address_id": {"fields": {"street": {}}},
                        },
                        sees=True,
                    ),
                    READERS,
                ),
                Row(
                    "read with a forged context",
                    "RPC read",
                    Rpc(
                        VISIT,
                        "read",
                        self.reported.ids,
                        ["report"],
                        context={
                            "visit_door": True,
                            "approval_door": True,
                            "bypass_search_access": True,
                            "su": True,
                            "uid": 1,
                        },
                        sees=True,
                    ),
                    READERS,
                ),
                Row(
                    "read a report",
                    "JSON-2 read",
                    Json2(
                        VISIT,
                        "read",
                        {"ids": self.reported.ids, "fields": ["report"]},
                        sees=True,
                    ),
                    READERS,
                ),
                Row(
                    "open a form with changed values",
                    "RPC onchange of an existing visit",
                    Rpc(
                        VISIT,
                        "onchange",
                        self.reported.ids,
                        {"place": "x"},
                        ["place"],
                        {**spec, "customer_phone": {}},
                        granted=lambda answer: True,
                    ),
                    # who only reads the card cannot open it for writing
                    KEEPERS,
                ),
                Row(
                    "read the answers of a checklist",
                    "RPC read",
                    Rpc(
                        "customer.visit.answer",
                        "read",
                        self.reported.answer_ids.ids,
                        ["answer_text"],
                        sees=True,
                    ),
                    READERS,
                ),
                Row(
                    "read the questions of one's own visit",
                    "RPC read",
                    Rpc(
                        "customer.visit.answer",
                        "read",
                        self.owed.answer_ids.ids,
                        ["question", "answer_text"],
                    ),
                    OWN,
                ),
                Row(
                    "read the preparation sheet",
                    "RPC get_preparation",
                    Rpc(
                        VISIT,
                        "get_preparation",
                        self.owed.ids,
                        granted=lambda answer: answer.result["can_read"],
                    ),
                    READERS,
                ),
                Row(
                    "reload the page",
                    "/web/action/load_breadcrumbs",
                    JsonRoute(
                        "/web/action/load_breadcrumbs",
                        {"actions": [{"model": VISIT, "resId": self.reported.id}]},
                        sees=True,
                    ),
                    READERS,
                ),
            ]
        )

    def test_search(self):
        """A07: what was written at a customer's is found by whoever may read it."""
        on_card = [("partner_id", "=", self.card_east.id)]
        paths = {
            "report": SECRET,
            "answer_ids.answer_text": SECRET,
            "promise_ids.name": SECRET,
            "partner_id.phone": "290 34",
            "card_root_id.email": "alpha.example",
            "contact_ids.phone": "290 34",
            "address_id.street": "Hidden Street",
            "partner_id.visit_ids.needs": SECRET,
        }
        rows = [
            Row(
                f"guess by {path}",
                "RPC search_count",
                Rpc(VISIT, "search_count", [(path, "ilike", text)], granted=found),
                READERS,
            )
            for path, text in paths.items()
        ]
        rows += [
            Row(
                f"guess customers by {path}",
                "RPC search_count of contacts",
                Rpc(
                    "res.partner",
                    "search_count",
                    [(path, "ilike", SECRET)],
                    granted=found,
                ),
                READERS,
            )
            for path in ("visit_ids.report", "visit_ids.objective", "promise_ids.name")
        ]
        rows += [
            Row(
                "list",
                "RPC search_read",
                Rpc(
                    VISIT, "search_read", on_card, ["objective", "report"], granted=told
                ),
                READERS,
            ),
            Row(
                "list",
                "JSON-2 search_read",
                Json2(
                    VISIT,
                    "search_read",
                    {"domain": on_card, "fields": ["report"]},
                    granted=told,
                ),
                READERS,
            ),
            Row(
                "list of one's own visits",
                "RPC web_search_read",
                Rpc(
                    VISIT,
                    "web_search_read",
                    [("id", "=", self.owed.id)],
                    specification={"objective": {}, "customer_phone": {}},
                    granted=lambda answer: answer.result["length"],
                ),
                OWN,
            ),
            Row(
                "group by what is on the card",
                "RPC formatted_read_group of a path",
                Rpc(
                    VISIT,
                    "formatted_read_group",
                    [("id", "in", self.visits.ids)],
                    ["partner_id.phone"],
                    ["__count"],
                    sees=True,
                ),
                READERS,
            ),
            Row(
                "group by what was found",
                "RPC formatted_read_group",
                Rpc(
                    VISIT,
                    "formatted_read_group",
                    [("partner_id", "=", self.card_east.id)],
                    ["purchase_intention"],
                    ["__count"],
                    granted=lambda answer: "decided" in answer.text,
                ),
                READERS,
            ),
            Row(
                "choose in a many2one",
                "RPC name_search",
                Rpc(
                    VISIT,
                    "name_search",
                    "",
                    [("partner_id", "=", self.card_east.id)],
                    sees=True,
                ),
                OWN,
            ),
            Row(
                "figures of visits",
                "RPC search_read of the SQL view",
                Rpc(
                    "customer.visit.report",
                    "search_read",
                    [("partner_id", "=", self.card_east.id)],
                    ["intention", "intention_change"],
                    granted=found,
                ),
                READERS,
            ),
            Row(
                "coverage",
                "RPC search_read of the SQL view",
                Rpc(
                    "customer.coverage.report",
                    "search_read",
                    [("partner_id", "=", self.card_east.id)],
                    ["last_contact_date", "status"],
                    granted=found,
                ),
                READERS,
            ),
        ]
        self.assert_matrix(rows)
