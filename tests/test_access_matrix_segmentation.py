"""P04, A07, A10, C04: who reads what a customer has bought, owes and is worth, by
whichever path.

See ``access_matrix.py`` for the roles and for what a cell asserts, and
``access_matrix_segmentation.py`` for the documents and figures.
"""

from access_matrix import KEEPERS, READERS, Http, Json2, Row, Rpc
from access_matrix_segmentation import AMOUNT, SegmentationMatrixCase

from odoo.tests import tagged

# as a client shows it: 4321.5, 4,321.50
SHOWN = ("4321.5", "4,321.5")
# the customer himself, on his portal
PORTAL = READERS + "T"
METRICS = "customer.metrics"


def told(answer):
    return any(text in answer.text for text in SHOWN)


@tagged("post_install", "-at_install")
class TestTradeMatrix(SegmentationMatrixCase):
    def get_rows(self, record, names, customer="partner_id", allowed=READERS):
        """:return: the ways to read one record: by its id, by search, by group"""
        model = record._name
        here = [("id", "in", record.ids)]
        on_card = [(customer, "in", (self.card_east | self.contact_east).ids)]
        amount = names[0]
        return [
            Row(
                f"read {model}",
                "RPC read",
                Rpc(model, "read", record.ids, names, granted=told),
                allowed,
            ),
            Row(
                f"open {model}",
                "RPC web_read",
                Rpc(
                    model,
                    "web_read",
                    record.ids,
                    specification={
                        **{name: {} for name in names},
                        customer: {"fields": {"display_name": {}}},
                    },
                    granted=told,
                ),
                allowed,
            ),
            Row(
                f"list of {model}",
                "RPC search_read",
                Rpc(model, "search_read", on_card, names, granted=told),
                allowed,
            ),
            Row(
                f"list of {model}",
                "JSON-2 search_read",
                Json2(
                    model,
                    "search_read",
                    {"domain": here, "fields": names},
                    granted=told,
                ),
                allowed,
            ),
            Row(
                f"total of {model}",
                "RPC formatted_read_group",
                Rpc(
                    model,
                    "formatted_read_group",
                    here,
                    [],
                    [f"{amount}:sum"],
                    granted=told,
                ),
                allowed,
            ),
            Row(
                f"{model} by what is on the card",
                "RPC formatted_read_group of a path",
                Rpc(
                    model,
                    "formatted_read_group",
                    here,
                    [f"{customer}.phone"],
                    ["__count"],
                    granted=lambda answer: "290 34" in answer.text,
                ),
                # the portal reads its own order, and Odoo lets it group
                allowed,
            ),
            Row(
                f"find {model} by what is on the card",
                "RPC search_count of a path",
                Rpc(
                    model,
                    "search_count",
                    [*here, (f"{customer}.phone", "like", "290 34")],
                    granted=lambda answer: bool(answer.result),
                ),
                allowed,
            ),
        ]

    def test_documents(self):
        """Orders and invoices follow the card."""
        self.assert_matrix(
            [
                *self.get_rows(self.order, ["amount_untaxed"], allowed=PORTAL),
                *self.get_rows(
                    self.order.order_line,
                    ["price_subtotal"],
                    "order_partner_id",
                    PORTAL,
                ),
                *self.get_rows(self.invoice, ["amount_untaxed"], allowed=PORTAL),
            ]
        )

    def test_prints(self):
        self.assert_matrix(
            [
                Row(
                    "print an order",
                    "GET /report/html",
                    Http(
                        f"/report/html/sale.report_saleorder/{self.order.id}",
                        granted=told,
                    ),
                    # Odoo gives the portal its own page instead
                    READERS,
                ),
                Row(
                    "order on the portal",
                    "GET /my/orders",
                    Http(f"/my/orders/{self.order.id}", granted=told),
                    PORTAL,
                ),
            ]
        )

    def test_figures(self):
        """What is worked out from them follows the card too."""
        self.assert_matrix(
            [
                *self.get_rows(self.row, ["amount", "abc_class", "rank"]),
                *self.get_rows(self.product_row, ["amount", "product_id"]),
                *self.get_rows(self.change, ["amount", "value_to"]),
                *self.get_rows(self.defection, ["amount", "reason"]),
                Row(
                    "figures behind the card",
                    "RPC nested web_read",
                    Rpc(
                        "res.partner",
                        "web_read",
                        self.card_east.ids,
                        specification={"metrics_ids": {"fields": {"amount": {}}}},
                        granted=told,
                    ),
                    READERS,
                ),
                Row(
                    "trade figures",
                    "RPC search_read of the SQL view",
                    Rpc(
                        "customer.trade.report",
                        "search_read",
                        [("partner_id", "=", self.card_east.id)],
                        ["amount", "product_id"],
                        granted=told,
                    ),
                    READERS,
                ),
                Row(
                    "cards by class",
                    "RPC search_read",
                    Rpc(
                        "res.partner",
                        "search_read",
                        [
                            ("id", "=", self.card_east.id),
                            ("abc_class", "=", self.row.abc_class),
                        ],
                        ["abc_class"],
                        granted=lambda answer: bool(answer.result),
                    ),
                    READERS,
                ),
            ]
        )

    def test_dashboard(self):
        """A page for those who work with cards, of what each of them sees."""
        self.assert_matrix(
            [
                Row(
                    "dashboard",
                    f"RPC get_dashboard {options}",
                    Rpc("customer.dashboard", "get_dashboard", granted=told, **options),
                    READERS,
                )
                for options in (
                    {},
                    {"custodian_id": self.custodian_east.id},
                    {"team_id": self.team_east.id},
                )
            ]
        )

    def test_taking_out(self):
        """A10: figures leave the system through the keepers of the card."""
        rows = []
        for record, names in (
            (self.row, ["amount"]),
            (self.product_row, ["amount"]),
            (self.change, ["amount"]),
            (self.defection, ["amount"]),
        ):
            rows.append(
                Row(
                    f"export {record._name}",
                    "RPC export_data",
                    Rpc(
                        record._name,
                        "export_data",
                        record.ids,
                        names,
                        granted=told,
                        changes="anyway",
                    ),
                    KEEPERS,
                    True,
                )
            )
        self.assert_matrix(rows)

    def test_writing(self):
        """Figures and history are the system's; work on a defection is the keepers'."""
        rows = []
        for record, values, allowed in (
            (self.row, {"abc_class": "c"}, "U"),
            (self.product_row, {"amount": 1}, "U"),
            # history is nobody's, not even the superuser's
            (self.change, {"value_to": "c"}, ""),
        ):
            rows += [
                Row(
                    f"write {record._name}",
                    "RPC write",
                    Rpc(record._name, "write", record.ids, values, changes=True),
                    allowed,
                    True,
                ),
                Row(
                    f"delete {record._name}",
                    "RPC unlink",
                    Rpc(record._name, "unlink", record.ids, changes=True),
                    allowed,
                    True,
                ),
            ]
        rows += [
            Row(
                "write a defection",
                "RPC write",
                Rpc(
                    "customer.defection",
                    "write",
                    self.defection.ids,
                    {"goal": "A better price"},
                    changes=True,
                ),
                KEEPERS,
                True,
            ),
            Row(
                "close a defection",
                "RPC action_won",
                Rpc(
                    "customer.defection", "action_won", self.defection.ids, changes=True
                ),
                KEEPERS,
                True,
            ),
            Row(
                "set a star",
                "RPC action_key_star",
                Rpc("res.partner", "action_key_star", self.card_east.ids),
                KEEPERS,
                True,
            ),
            Row(
                "compute the card anew",
                "RPC action_refresh",
                Rpc(METRICS, "action_refresh", self.row.ids, changes="anyway"),
                READERS,
                True,
            ),
            Row(
                "compute the card anew",
                "RPC action_refresh_metrics",
                Rpc(
                    "res.partner",
                    "action_refresh_metrics",
                    self.card_east.ids,
                    changes="anyway",
                ),
                READERS,
                True,
            ),
            Row(
                "compute everybody anew",
                "RPC action_refresh_company",
                Rpc(METRICS, "action_refresh_company", changes="anyway"),
                "AU",
                True,
            ),
            Row(
                "compute by the private method",
                "RPC _refresh",
                Rpc(METRICS, "_refresh", [self.company.id], changes="anyway"),
                "",
                True,
            ),
            Row(
                "order for the customer",
                "RPC create",
                Rpc(
                    "sale.order",
                    "create",
                    {"partner_id": self.card_east.id},
                    changes=True,
                ),
                READERS,
                True,
            ),
            Row(
                "change an order",
                "RPC write",
                Rpc(
                    "sale.order",
                    "write",
                    self.order.ids,
                    {"client_order_ref": "X"},
                    changes=True,
                ),
                READERS,
                True,
            ),
        ]
        self.assertEqual(AMOUNT, self.row.amount)
        self.assert_matrix(rows)
