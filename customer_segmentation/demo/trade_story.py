"""The trade of the demo world: who bought what, how often, at which discount, and how he
paid. ``customer_trade_demo.py`` makes documents of it. Days are counted back from today."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Buyer:
    """One customer's history, from the day ``since`` to the day ``until`` before today."""

    # XML id of the partner, in customer_card when it has no module
    partner: str
    # days between two purchases, and how much they vary (share of them)
    every: int
    # what he buys: (product, least, most); each purchase takes one to three of them
    basket: tuple
    since: int = 560
    until: int = 3
    jitter: float = 0.3
    # quantities at the end compared with those of the beginning
    growth: float = 1.0
    # days from the due date to the payment: from, to; after 30 days by default
    pays: tuple = (-4, 5)
    terms: int = 30
    # documents older than this many days stay unpaid from then on; None: all are paid
    unpaid_since: int | None = None
    # pays a half when it is due and the rest ``pays`` later
    halves: bool = False
    discount: float = 0.0
    # days from the quotation to the order: from, to
    decides: tuple = (1, 4)
    # one quotation in so many is lost; 0: none
    loses: int = 0
    # one purchase in so many is credited in part; 0: none
    returns: int = 0
    # bought only in these months of the year; empty: in all
    months: tuple = ()


#: product -> launched so many days ago; nobody bought it before
LAUNCHES = {"tracker": 150, "r290": 95}

#: name of the XML id -> from day, to day, products, discount
CAMPAIGNS = {
    "utm_campaign_cold_chain": (265, 225, ("r744", "r290", "curtain", "service"), 8.0),
    "utm_campaign_packaging": (95, 60, ("bottles", "cartons", "crates", "jute"), 10.0),
}

BUYERS = (
    # the pillars: frame contracts, in time, a little more each year
    Buyer(
        "res_partner_northgate",
        every=23,
        since=700,
        basket=(("wire_rod", 28, 42), ("rolling_oil", 3, 8), ("led_lamp", 4, 20)),
        growth=1.25,
        pays=(-6, 2),
        discount=4.0,
        decides=(3, 9),
    ),
    Buyer(
        "res_partner_harbor_light",
        every=22,
        since=700,
        basket=(
            ("bottles", 12, 22),
            ("malt", 8, 15),
            ("cartons", 900, 2200),
            ("tracker", 20, 60),
        ),
        growth=1.1,
        pays=(-3, 4),
        decides=(1, 3),
        returns=19,
    ),
    # the riser in the West
    Buyer(
        "res_partner_northgate_pacific",
        every=30,
        since=520,
        basket=(("wire_rod", 7, 14), ("rolling_oil", 1, 3)),
        growth=3.2,
        decides=(2, 6),
    ),
    Buyer(
        "res_partner_sierra_vista",
        every=33,
        basket=(
            ("led_lamp", 15, 40),
            ("curtain", 6, 16),
            ("r744", 6, 14),
            ("tracker", 30, 80),
            ("base:product.product_product_8", 4, 9),
        ),
        growth=1.5,
        pays=(-8, 0),
        decides=(4, 12),
    ),
    # content, but the service fails: credit notes, and the rhythm slows down
    Buyer(
        "res_partner_liberty",
        every=33,
        basket=(
            ("r744", 14, 28),
            ("service", 1, 3),
            ("curtain", 5, 14),
            ("r290", 4, 10),
        ),
        growth=0.8,
        pays=(0, 12),
        returns=5,
        decides=(2, 8),
    ),
    Buyer(
        "res_partner_cascade",
        every=30,
        basket=(("jute", 260, 520), ("malt", 2, 5), ("crates", 40, 120)),
        pays=(-2, 3),
        decides=(1, 2),
    ),
    Buyer(
        "base.res_partner_12",
        every=38,
        basket=(
            ("base:product.product_product_8", 3, 8),
            ("base:product.consu_delivery_02", 1, 1),
            ("led_lamp", 6, 18),
        ),
        growth=1.3,
        decides=(6, 18),
        discount=3.0,
    ),
    Buyer(
        "base.res_partner_3",
        every=30,
        basket=(("pallet_truck", 1, 2), ("base:product.product_product_8", 1, 5)),
        pays=(-1, 6),
    ),
    # the defector: regular for a year and a half, then silence, the last bill open
    Buyer(
        "res_partner_golden_gate",
        every=21,
        until=128,
        basket=(("pallet_truck", 2, 4), ("tracker", 20, 40), ("led_lamp", 8, 20)),
        pays=(1, 9),
        unpaid_since=190,
        decides=(1, 3),
    ),
    # buys elsewhere too: slow, haggles, loses quotations
    Buyer(
        "res_partner_chesapeake",
        every=47,
        jitter=0.7,
        basket=(("marine_oil", 6, 16), ("rope", 8, 20)),
        growth=0.8,
        discount=14.0,
        decides=(14, 38),
        loses=2,
        pays=(2, 10),
    ),
    Buyer(
        "base.res_partner_2",
        every=34,
        basket=(("pallet_truck", 1, 2), ("led_lamp", 4, 12)),
        growth=0.9,
    ),
    Buyer(
        "base.res_partner_10",
        every=34,
        until=88,
        basket=(("base:product.product_product_8", 2, 6), ("led_lamp", 2, 8)),
        decides=(5, 15),
    ),
    # pays late, in halves, and later every time
    Buyer(
        "res_partner_pike_place",
        every=29,
        basket=(("r744", 1, 3), ("crates", 30, 80)),
        pays=(28, 64),
        halves=True,
    ),
    # the harvest only
    Buyer(
        "res_partner_hudson",
        every=15,
        since=700,
        months=(8, 9, 10),
        basket=(("crates", 80, 220), ("jute", 40, 110)),
        pays=(-10, -2),
        decides=(0, 1),
    ),
    Buyer(
        "res_partner_redwood",
        every=52,
        basket=(("r744", 2, 5), ("curtain", 1, 4), ("led_lamp", 2, 8)),
        pays=(-5, 1),
        decides=(9, 21),
    ),
    # grew too fast and cannot pay: overdue since spring
    Buyer(
        "res_partner_empire",
        every=36,
        basket=(("led_lamp", 6, 20), ("base:product.product_product_8", 1, 3)),
        growth=1.6,
        pays=(35, 70),
        unpaid_since=170,
        decides=(3, 9),
        loses=6,
    ),
    Buyer(
        "res_partner_lone_star",
        every=41,
        basket=(("led_lamp", 3, 10),),
        growth=0.6,
        pays=(5, 20),
    ),
    Buyer("base.res_partner_6", every=66, basket=(("led_lamp", 3, 9),), pays=(-2, 2)),
    Buyer("base.res_partner_4", every=75, basket=(("jute", 60, 160),), decides=(2, 9)),
    Buyer("base.res_partner_18", every=90, since=400, basket=(("pallet_truck", 1, 1),)),
    Buyer(
        "res_partner_marsh", every=110, since=600, basket=(("curtain", 1, 1),), terms=0
    ),
    # those who left: see their cards
    Buyer(
        "res_partner_bayside",
        every=24,
        since=640,
        until=410,
        basket=(("bottles", 3, 7), ("cartons", 200, 600)),
        growth=0.5,
        pays=(10, 30),
    ),
    Buyer(
        "res_partner_gulfstream",
        every=29,
        until=296,
        basket=(("curtain", 2, 6), ("r744", 1, 4)),
        growth=0.6,
        pays=(8, 25),
        unpaid_since=350,
    ),
    Buyer(
        "res_partner_mile_high",
        every=45,
        until=330,
        basket=(("rope", 4, 14), ("led_lamp", 2, 9)),
    ),
)

#: quotations nobody has answered yet: partner, made so many days ago, sent, lines
QUOTATIONS = (
    ("res_partner_mojave", 21, True, (("rails", 1600), ("led_lamp", 12))),
    ("res_partner_canyon_ridge", 9, True, (("rails", 420), ("pallet_truck", 2))),
    ("res_partner_peachtree", 5, False, (("led_lamp", 60), ("curtain", 10))),
    ("res_partner_sierra_vista", 6, True, (("rails", 800), ("tracker", 120))),
    ("res_partner_chesapeake", 33, True, (("marine_oil", 12),)),
    ("res_partner_harbor_light", 2, False, (("bottles", 14), ("cartons", 1800))),
    ("res_partner_redwood", 12, True, (("service", 2), ("r290", 4))),
)
