"""Loaded into pytest by ``make test``: writes the counts for the sum."""

import json
import os


def pytest_terminal_summary(terminalreporter):
    file = os.environ.get("CUSTOMER_CARD_COUNTS")
    if not file:
        return

    def count(*categories):
        return sum(len(terminalreporter.stats.get(name, ())) for name in categories)

    counts = {
        "passed": count("passed", "xfailed"),
        "failed": count("failed", "error", "xpassed", "subtests failed"),
        "skipped": count("skipped"),
    }
    with open(file, "w", encoding="utf-8") as stream:
        json.dump(counts, stream)
