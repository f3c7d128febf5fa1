#!/usr/bin/env python3
"""Run Odoo's own tests without and with our addons, and print what differs.

    make compare                     all of them (some hours: account alone has 1,700)
    make compare ARGS="sales_team"   one module

Two clones of one database, the second one with the addon installed and no card opened.
The tests run under pytest after all addons are loaded, those that Odoo itself would run
at the installation of their module too: there, ours would not be loaded yet and the
comparison would prove nothing. What differs is run a second time, each test by itself,
so that a test that fails now and then is not taken for ours.

Exit code 1 when a difference remains that is not ``KNOWN``.
"""

import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path

import psycopg2

from odoo.modules import get_module_path
from odoo.tools import config

#: the last one; it brings the others
ADDON = "customer_segmentation"
PLAIN = "cc_compare_plain"
WITH_ADDON = "cc_compare_addon"
MODULES = [
    "account",
    "account_payment",
    "calendar",
    "contacts",
    "crm",
    "event",
    "mail",
    "phone_validation",
    "payment",
    "portal",
    "sale",
    "sales_team",
    "sms",
    "survey",
]

#: what to run of each module; of base the tests about partners, users and rules
FILES = {
    "base": [
        "test_acl.py",
        "test_base.py",
        "test_form_create.py",
        "test_format_address_mixin.py",
        "test_groups.py",
        "test_ir_attachment.py",
        "test_res_company.py",
        "test_res_partner.py",
        "test_res_partner_bank.py",
        "test_res_partner_merge.py",
        "test_res_users.py",
        "test_user_has_group.py",
    ],
    "account": ["."],
    "account_payment": ["."],
    "calendar": ["."],
    "contacts": ["."],
    "crm": ["."],
    "event": ["."],
    "mail": ["."],
    "phone_validation": ["."],
    "payment": ["."],
    "portal": ["."],
    "sale": ["."],
    "sales_team": ["."],
    "sms": ["."],
    "survey": ["."],
}

#: differences that come with any record rule on contacts, and why
KNOWN = {
    "TestPermissions::test_field_read_permission": "the test spells out the SQL of"
    " the record rules on contacts, and ours is one more",
    "TestMailRender::test_render_template_inline_template_w_post_process_custom_"
    "local_links": "the test counts queries with empty caches: whether the user is"
    " anybody's deputy and which teams he leads are looked up once per worker, his"
    " loans once per transaction",
    "TestLeadAssignPerf::test_assign_perf_duplicates": "the test counts queries: each"
    " merge of opportunities asks for their visits and checks the links, two each",
    "TestLeadAssignPerf::test_assign_perf_populated": "as above",
    "TestLeadConvertMass::test_mass_convert_performances": "the test counts queries:"
    " each new contact is compared with the customers there are, and the link to it is"
    " checked, five each",
}


def sql(query, database="postgres"):
    """Run one statement outside of any transaction of ours."""
    connection = psycopg2.connect(
        dbname=database,
        host=config["db_host"] or None,
        port=config["db_port"] or None,
        user=config["db_user"] or None,
    )
    connection.autocommit = True
    try:
        connection.cursor().execute(query)
    finally:
        connection.close()


def clone(template, name):
    sql(f'DROP DATABASE IF EXISTS "{name}"')
    sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    # demo pictures are files beside the database
    source, target = (Path(config.filestore(database)) for database in (template, name))
    if source.is_dir() and not target.is_dir():
        target.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", "-al", source, target], check=True)


def install(database, modules):
    command = [sys.executable, "-m", "odoo", "-c", os.environ["ODOO_RC"]]
    command += ["-d", database, "-i", ",".join(modules)]
    command += ["--with-demo", "--stop-after-init", "--no-http", "--log-level=error"]
    subprocess.run(command, check=True)


def install_addon(database):
    """Install ours without its demo data: it opens cards, and its users have logins
    that Odoo's tests give to users of their own."""
    # Odoo loads the demo data of a module when all that it depends on have theirs
    demo = "UPDATE ir_module_module SET demo = {} WHERE name = 'contacts'"
    sql(demo.format("FALSE"), database)
    install(database, [ADDON])
    sql(demo.format("TRUE"), database)


def paths(modules):
    """The test files of these modules, as arguments of pytest."""
    return [
        str(Path(get_module_path(module)) / "tests" / name)
        for module in modules
        for name in FILES[module]
    ]


def run(database, targets):
    """Run tests in a database.

    :return: ``{test id: (outcome, message)}``
    """
    with tempfile.TemporaryDirectory() as directory:
        report = Path(directory) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", "--tb=short", "-c", os.devnull]
        command += [
            "-p",
            "no:cacheprovider",
            # the names of the tests depend on it
            f"--rootdir={Path(get_module_path('mail')).parent}",
            f"--odoo-database={database}",
            "--odoo-http",
        ]
        command += [f"--junitxml={report}", *targets]
        output = Path(directory) / "output.txt"
        with open(output, "w", encoding="utf-8") as stream:
            subprocess.run(
                command,
                cwd=directory,
                stdout=stream,
                stderr=subprocess.STDOUT,
                check=False,
            )
        if not report.exists():
            sys.exit(f"pytest did not finish:\n{output.read_text()[-3000:]}")
        return read_report(report)


def read_report(report):
    results = {}
    for case in ElementTree.parse(report).iter("testcase"):
        test_id = f"{case.get('classname')}::{case.get('name')}"
        problem = next(
            (child for child in case if child.tag in ("failure", "error", "skipped")),
            None,
        )
        if problem is None:
            results.setdefault(test_id, ("passed", ""))
        else:
            # a test with subtests fails when one of them does
            results[test_id] = (
                problem.tag,
                problem.text or problem.get("message") or "",
            )
    return results


def differences(plain, addon):
    """:return: sorted ids of the tests whose outcome is not the same"""
    absent = ("absent", "")
    return sorted(
        test_id
        for test_id in plain.keys() | addon.keys()
        if plain.get(test_id, absent)[0] != addon.get(test_id, absent)[0]
    )


def locate(test_id):
    """``odoo.addons.mail.tests.test_x.TestX::test_y`` as an argument of pytest."""
    dotted, _separator, method = test_id.partition("::")
    parts = dotted.split(".")
    index = parts.index("tests")
    module = parts[index - 1]
    directory = Path(get_module_path(module)).joinpath(*parts[index:-1])
    return f"{directory}.py::{parts[-1]}::{method}"


def why_known(test_id):
    return next((why for name, why in KNOWN.items() if test_id.endswith(name)), "")


def summary(results):
    counts = Counter(outcome for outcome, _message in results.values())
    return ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))


def main(arguments):
    modules = arguments or list(FILES)
    if unknown := set(modules) - set(FILES):
        sys.exit(f"unknown: {', '.join(sorted(unknown))}; one of {', '.join(FILES)}")
    config.parse_config(["-c", os.environ["ODOO_RC"]])
    print("Preparing the two databases …", flush=True)
    clone(os.environ["CUSTOMER_CARD_TEMPLATE"], PLAIN)
    install(PLAIN, MODULES)
    clone(PLAIN, WITH_ADDON)
    install_addon(WITH_ADDON)

    results = {}
    for database, label in ((PLAIN, "without"), (WITH_ADDON, "with")):
        results[database] = run(database, paths(modules))
        print(f"{label} {ADDON}: {summary(results[database])}", flush=True)

    found = differences(results[PLAIN], results[WITH_ADDON])
    if found:
        print(f"{len(found)} differ; once more, each by itself …", flush=True)
        for test_id in found:
            for database in (PLAIN, WITH_ADDON):
                results[database].update(run(database, [locate(test_id)]))
        found = differences(results[PLAIN], results[WITH_ADDON])
    known = {test_id: why_known(test_id) for test_id in found if why_known(test_id)}
    for test_id in found:
        print(f"\n{test_id}")
        for database, label in ((PLAIN, "without"), (WITH_ADDON, "with")):
            outcome, message = results[database].get(test_id, ("absent", ""))
            print(f"  {label} {ADDON}: {outcome}")
            if test_id not in known:
                print(message[-2000:])
        if test_id in known:
            print(f"  known: {known[test_id]}")
    print(f"\n{len(found)} differences, {len(known)} of them known")
    return 0 if len(found) == len(known) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
