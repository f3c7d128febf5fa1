"""What figures and classes cost: a whole run compared with the floor, the bare filtered
``SUM … GROUP BY`` over the same documents, in turns and in one session.

ONLY=metrics make bench                   100,000 customers, 1,000,000 documents
ONLY=metrics SCALE=1000000 make bench     the full size

Measured at a ninth, a third and the whole of SCALE. Time is that of the processor
(PostgreSQL's and ours) without parallel workers where the system tells it, for it is
the same on a busy machine; else that of the clock. The best of several rounds counts.
"""

import logging
import math
import os
import time

from bench_metrics_data import LAST_DAY, build, get_company

import odoo
from odoo import SUPERUSER_ID, api, fields
from odoo.modules.registry import Registry
from odoo.service import db as service_db
from odoo.tools import config

ADDONS = ("customer_card", "customer_visit", "customer_segmentation")
BASE = "cc_bench_metrics"
#: of the floor, from the issue
GOALS = {
    "ABC alone, steady": 1.5,
    "ABC alone, first": 3.0,
    "all, steady": 3.0,
    "all, first": 6.0,
}
#: what a run may cost more per customer than n log n says, from size to size
GROWTH_GOAL = 1.25
FIGURES = ("customer_metrics", "customer_metrics_product", "customer_segment_change")

DOCUMENTS_UNTIL = """
      FROM account_move
     WHERE company_id = %(company)s
       AND state = 'posted'
       AND move_type IN ('out_invoice', 'out_refund', 'out_receipt')
       AND invoice_date <= %(as_of)s
"""
# what an SQL programmer writes who only wants the sales of every customer
FLOORS = {
    "floor": "SELECT commercial_partner_id, SUM(amount_untaxed_signed)"
    + DOCUMENTS_UNTIL
    + "GROUP BY commercial_partner_id",
    "floor, window": "SELECT commercial_partner_id, SUM(amount_untaxed_signed)"
    + DOCUMENTS_UNTIL
    + "AND invoice_date >= %(date_from)s GROUP BY commercial_partner_id",
}


def say(text=""):
    print(text, flush=True)


class Clock:
    """Seconds of work of this process and of its PostgreSQL backend."""

    def __init__(self, cr):
        cr.execute("SELECT PG_BACKEND_PID()")
        self.stat = f"/proc/{cr.fetchone()[0]}/stat"
        self.is_exact = os.path.exists(self.stat)
        if self.is_exact:
            cr.execute("SET max_parallel_workers_per_gather = 0")
        self.start()

    def read(self):
        wall = time.perf_counter()
        if not self.is_exact:
            return wall, wall
        with open(self.stat) as stat:
            user, system = stat.read().rpartition(")")[2].split()[11:13]
        ticks = (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
        return ticks + time.process_time(), wall

    def start(self):
        self.begun = self.read()

    def stop(self):
        """:return: seconds of work, and on the clock, since ``start``"""
        return tuple(
            now - then for now, then in zip(self.read(), self.begun, strict=True)
        )


class MetricsBench:
    """:param customers: the size; the database is kept"""

    def __init__(self, customers, rounds):
        self.customers = customers
        self.rounds = rounds
        self.registry = prepare(customers)

    def run(self):
        """:return: ``{step: seconds}``, the best of the rounds"""
        with self.registry.cursor() as cr:
            self.env = api.Environment(cr, SUPERUSER_ID, {})
            self.company = get_company(self.env)
            self.as_of = fields.Date.to_date(LAST_DAY)
            self.clock = Clock(cr)
            steps = self.get_steps()
            times = {name: [] for name in steps}
            for _round in range(self.rounds):
                for name, step in steps.items():
                    times[name].append(self.measure(step))
            queries = self.count_queries()
            cr.rollback()
        best = {name: min(rounds) for name, rounds in times.items()}
        self.report(best, queries)
        return {name: seconds for name, (seconds, _wall) in best.items()}

    def get_steps(self):
        return {
            **{name: lambda sql=sql: self.add_up(sql) for name, sql in FLOORS.items()},
            "all, first": lambda: self.refresh(first=True),
            "all, steady": self.refresh,
            "ABC alone, steady": self.classify,
            "ABC alone, first": lambda: self.classify(first=True),
        }

    def measure(self, step):
        self.env.flush_all()
        self.env.invalidate_all()
        prepared = step()
        self.clock.start()
        prepared()
        return self.clock.stop()

    def add_up(self, sql):
        run = self.company._get_metrics_run(self.as_of)
        values = {
            "company": self.company.id,
            "as_of": self.as_of,
            "date_from": run.date_from,
        }

        def work():
            # what is read is not sent: the figures do not leave the database either
            self.env.cr.execute(f"SELECT COUNT(*), SUM(sum) FROM ({sql}) bare", values)

        return work

    def refresh(self, first=False):
        if first:
            self.env.cr.execute(f"TRUNCATE {', '.join(FIGURES)} CASCADE")
            self.company.metrics_recorded_as_of = False
            self.env.flush_all()
        return lambda: self.env["customer.metrics"]._refresh(self.company, self.as_of)

    def classify(self, first=False):
        Metrics = self.env["customer.metrics"]
        names = Metrics._get_abc_fields()
        if first:
            # every row is to be written
            nothing = ", ".join(f"{name} = NULL" for name in names)
            self.env.cr.execute(
                f"UPDATE customer_metrics SET {nothing} WHERE company_id = %s",
                [self.company.id],
            )
        return lambda: Metrics._refresh(self.company, self.as_of, names=names)

    def count_queries(self):
        before = self.env.cr.sql_log_count
        self.refresh()()
        return self.env.cr.sql_log_count - before

    def report(self, best, queries):
        documents = self.customers * 10
        say(f"\n{self.customers:,} customers, {documents:,} documents")
        say(f"  {'':20}{'work':>12}{'clock':>12}{'ratio':>8}{'goal':>8}")
        for name, (seconds, wall) in best.items():
            ratio = seconds / best[get_floor(name)][0]
            goal = GOALS.get(name)
            say(
                f"  {name:20}{seconds:10.3f} s{wall:10.3f} s{ratio:8.2f}"
                + (f"{f'≤ {goal}':>8}" if goal else "")
                + ("  MISSED" if goal and ratio > goal else "")
            )
        say(f"  {queries} queries per run")


def get_floor(name):
    """ABC reads the documents of the window, the other figures those of all time."""
    return "floor, window" if "ABC" in name else "floor"


def prepare(customers):
    """:return: the registry of the database of this size, built when it is new"""
    config.parse_config([])
    logging.getLogger("odoo").setLevel(logging.ERROR)
    database = f"{BASE}_{customers}"
    if database not in service_db.list_dbs(force=True):
        if BASE not in service_db.list_dbs(force=True):
            clone(os.environ["CUSTOMER_CARD_TEMPLATE"], BASE)
        load(BASE)
        odoo.sql_db.close_db(BASE)
        clone(BASE, database)
    registry = load(database)
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        if env["ir.config_parameter"].get_param("customer_card.bench_metrics"):
            return registry
        start = time.perf_counter()
        build(env, customers)
        env["ir.config_parameter"].set_param("customer_card.bench_metrics", "built")
    with registry.cursor() as cr:
        cr._cnx.autocommit = True
        cr.execute("VACUUM ANALYZE")
    say(f"Generated {customers:,} customers in {time.perf_counter() - start:.0f} s")
    return registry


def clone(template, database):
    with odoo.sql_db.db_connect("postgres").cursor() as cr:
        cr._cnx.autocommit = True
        cr.execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')


def load(database):
    """:return: the registry, with our addons as they are today"""
    # init: a new database knows none of them
    config["init"] = dict.fromkeys(ADDONS, 1)
    config["update"] = dict.fromkeys(ADDONS, 1)
    return Registry.new(
        database,
        update_module=True,
        install_modules=config["init"],
        upgrade_modules=config["update"],
    )


def run(scale, rounds):
    """:return: names of the goals missed"""
    sizes = (scale // 9, scale // 3, scale)
    results = {size: MetricsBench(size, rounds).run() for size in sizes}
    missed = [
        f"{name} ({size:,})"
        for size, times in results.items()
        for name, goal in GOALS.items()
        if name in times and times[name] / times[get_floor(name)] > goal
    ]
    say("\nGrowth per n log n, 1.00 at the smallest size")
    for name in results[sizes[0]]:
        growth = [
            results[size][name] / results[sizes[0]][name] * cost(sizes[0]) / cost(size)
            for size in sizes
        ]
        late = name in GOALS and max(growth) > GROWTH_GOAL
        missed += [f"growth of {name}"] if late else []
        say(
            f"  {name:20}"
            + "".join(f"{one:8.2f}" for one in growth)
            + ("  MISSED" if late else "")
        )
    return missed


def cost(size):
    return size * math.log(size)
