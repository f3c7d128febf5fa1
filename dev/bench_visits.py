"""What visits cost: who is due, worked out for all cards, and one week's plans for all
salespeople. Part of ``dev/bench.py``; everything is made in its transaction and rolled
back with it.

SCALE=555556 make bench       100,000 cards
"""

import time
from datetime import timedelta

from odoo.tools import SQL

PEOPLE = 200
#: contacts of a card in the past
CONTACTS = 5
#: the due computation, compared with the bare statement that lists the due cards
DUE_GOAL = 3.0

# What an SQL programmer writes who only wants to know who is due today: the shipped
# policies by hand, without the methods that count.
BARE_DUE = """
    SELECT card.id
      FROM res_partner card
 LEFT JOIN (SELECT partner_id, MAX(visit_date) AS last
              FROM customer_visit
             WHERE state IN ('report_due', 'reported', 'reviewed')
          GROUP BY partner_id) contact ON contact.partner_id = card.id
     WHERE card.card_state IN ('draft', 'active', 'dormant')
       AND card.active
       AND COALESCE(contact.last, card.contact_since)
           + CASE WHEN card.id IN (
                      SELECT customer.card_root_id
                        FROM crm_lead lead
                        JOIN res_partner customer ON customer.id = lead.partner_id
                       WHERE lead.active AND lead.type = 'opportunity'
                         AND lead.won_status = 'pending')
                  THEN INTERVAL '5 days'
                  WHEN card.card_state = 'dormant' OR card.card_kind = 'former'
                  THEN INTERVAL '3 months' - INTERVAL '14 days'
                  WHEN card.card_state = 'draft' OR card.card_kind = 'prospect'
                  THEN INTERVAL '5 days'
                  ELSE INTERVAL '1 month' - INTERVAL '7 days' END <= CURRENT_DATE
"""


def say(text=""):
    print(text, flush=True)


class VisitBench:
    def __init__(self, env, rounds):
        self.env = env
        self.rounds = rounds
        self.Partner = env["res.partner"]

    # ------------------------------------------------------------
    # DATA
    # ------------------------------------------------------------

    def build(self):
        """Two hundred people, each with his share of the cards; contacts over half a
        year, one card in ten with a visit planned; half of the cards are prospects."""
        start = time.perf_counter()
        group = self.env.ref("customer_card.customer_card_group_user")
        team = self.env["crm.team"].create({"name": "Bench Visits"})
        self.people = (
            self.env["res.users"]
            .with_context(no_reset_password=True)
            .create(
                [
                    {
                        "name": f"Visitor {number}",
                        "login": f"bench_visitor_{number}",
                        "tz": "Europe/Brussels",
                        "group_ids": [(4, group.id)],
                    }
                    for number in range(PEOPLE)
                ]
            )
        )
        team.member_ids = self.people
        self.env.flush_all()
        self.spread_cards(team)
        self.insert_visits(team)
        for table in ("res_partner", "customer_visit"):
            self.env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))
        self.env.invalidate_all()
        self.cards = self.Partner.search([("card_state", "!=", False)]).ids
        say(
            f"\nvisits: {len(self.cards):,} cards, {PEOPLE} people, "
            f"{CONTACTS * len(self.cards):,} contacts "
            f"(built in {time.perf_counter() - start:.0f} s)"
        )

    def spread_cards(self, team):
        self.env.cr.execute(
            SQL(
                """
                UPDATE res_partner card
                   SET card_custodian_id = (%(people)s)[1 + number %% %(count)s],
                       card_team_id = %(team)s,
                       card_kind = CASE WHEN number / %(count)s %% 2 = 0
                                        THEN 'prospect' ELSE 'customer' END,
                       contact_since = CURRENT_DATE - (number %% 60)::int,
                       partner_latitude = 50 + (number * 7919 %% 997) / 997.0,
                       partner_longitude = 4 + (number * 6007 %% 991) / 991.0
                  -- the cards are not every partner: each person gets his share
                  FROM (SELECT id, ROW_NUMBER() OVER (ORDER BY id) AS number
                          FROM res_partner
                         WHERE card_state IS NOT NULL) numbered
                 WHERE numbered.id = card.id
                """,
                people=self.people.ids,
                count=PEOPLE,
                team=team.id,
            )
        )

    def insert_visits(self, team):
        """``n`` = 0 is the next visit of one card in ten, the others took place."""
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO customer_visit (
                    partner_id, card_root_id, user_id, team_id, company_id, method,
                    origin, state, date_planned, date_start, date_end, visit_date,
                    create_date)
                SELECT card.id, card.id, card.card_custodian_id, %(team)s, %(company)s,
                       CASE WHEN n %% 2 = 0 THEN 'visit' ELSE 'phone' END, 'manual',
                       CASE WHEN n = 0 THEN 'planned' ELSE 'reported' END,
                       moment, CASE WHEN n > 0 THEN moment END,
                       CASE WHEN n > 0 THEN moment + INTERVAL '1 hour' END,
                       moment::date, NOW()
                  FROM res_partner card
            CROSS JOIN generate_series(0, %(contacts)s) AS n
            CROSS JOIN LATERAL (
                    SELECT CURRENT_DATE + INTERVAL '10 hours'
                           - (card.id %% 1000 * 31 + n * 977) %% 180 * INTERVAL '1 day'
                           + CASE WHEN n = 0 THEN INTERVAL '183 days'
                                  ELSE INTERVAL '0 days' END AS moment) AS at
                 WHERE card.card_state IS NOT NULL
                   AND (n > 0 OR card.id %% 10 = 0)
                """,
                team=team.id,
                company=self.env.company.id,
                contacts=CONTACTS,
            )
        )

    # ------------------------------------------------------------
    # MEASURING
    # ------------------------------------------------------------

    def measure(self, operation):
        """:return: ``(milliseconds, queries)`` of one run"""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        start = time.perf_counter()
        operation()
        self.env.flush_all()
        milliseconds = (time.perf_counter() - start) * 1000
        return milliseconds, self.env.cr.sql_log_count - before

    def best(self, operation):
        runs = [self.measure(operation) for _round in range(self.rounds)]
        return min(runs)

    def say(self, name, figures, bare=None, goal=None):
        milliseconds, queries = figures
        text = f"  {name:36}{milliseconds:11.1f} ms{queries:7} queries"
        missed = False
        if bare is not None:
            ratio = milliseconds / bare
            missed = bool(goal) and ratio > goal
            text += f"{ratio:9.2f} × bare SQL"
            text += f" (goal ≤ {goal:.0f})" if goal else ""
        say(text + ("  MISSED" if missed else ""))
        return [name] if missed else []

    def run(self):
        """:return: names of the goals that were missed"""
        self.build()
        return self.run_due() + self.run_plans()

    def run_due(self):
        Partner = self.Partner
        first = self.measure(Partner._refresh_contacts)
        self.env.cr.execute("ANALYZE res_partner")
        bare, _queries = self.best(lambda: self.env.cr.execute(BARE_DUE))
        due = [("contact_status", "in", ["due", "overdue"])]
        self.say("bare SQL: list the due cards", (bare, 1))
        self.say("due computation, everything new", first, bare)
        missed = self.say(
            "due computation, every night",
            self.best(Partner._refresh_contacts),
            bare,
            DUE_GOAL,
        )
        missed += self.say(
            "search of the due cards",
            self.best(lambda: Partner.search(due).ids),
            bare,
            DUE_GOAL,
        )
        tenth = self.cards[::10]
        self.say(
            f"due computation of {len(tenth):,} cards",
            self.best(lambda: Partner._refresh_contacts(tenth)),
        )
        self.say(
            "due computation of one card",
            self.best(lambda: Partner._refresh_contacts(self.cards[:1])),
        )
        mine = Partner.with_user(self.people[0])
        names = ["complete_name", "contact_status", "contact_urgency"]
        self.say(
            "a salesperson's 80 most urgent",
            self.best(
                lambda: mine.search(
                    due, order="contact_urgency DESC, next_contact_due", limit=80
                ).read(names)
            ),
        )
        report = self.env["customer.coverage.report"]
        self.say(
            "coverage by person",
            self.best(
                lambda: report._read_group([], ["user_id", "status"], ["__count"])
            ),
        )
        figures = self.env["customer.visit.report"]
        self.say(
            "visit figures by person",
            self.best(
                lambda: figures._read_group(
                    [], ["user_id"], ["contact_count:sum", "on_time:avg"]
                )
            ),
        )
        self.say(
            "the week's coverage noted",
            self.best(self.env["customer.coverage.week"]._note_week),
        )
        return missed

    def run_plans(self):
        """One week's plans: 200 people at once, and 20 of them."""
        today = self.env.user._card_today()
        monday = today + timedelta(days=7 - today.weekday())
        bare, _queries = self.best(
            lambda: self.env.cr.execute(
                "SELECT id, card_custodian_id FROM res_partner"
                " WHERE contact_due_from <= %s ORDER BY next_contact_due",
                [monday + timedelta(days=6)],
            )
        )
        few = self.propose(self.people[:20], monday)
        many = self.propose(self.people, monday + timedelta(days=7))
        self.say("plans of 20 people", few)
        self.say("plans of 200 people", many, bare)
        return []

    def propose(self, people, monday):
        plans = self.env["customer.visit.plan"].create(
            [{"user_id": user.id, "date_start": monday} for user in people]
        )
        visits = []
        figures = self.measure(lambda: visits.append(plans._propose(plans)))
        say(f"  {len(visits[0]):,} visits proposed for {len(people)} people")
        return figures
