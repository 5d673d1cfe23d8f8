"""Measure the content's sweep beside a plain UPDATE of the same rows, turn by turn, in one database.

Run in a process of its own, with WAYMARK_DATA_DIR or WAYMARK_DATABASE_URL naming a database that
may be filled: it writes facts by the hundred thousand.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from statistics import median
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from wagtail.models import Locale  # noqa: E402

from cms.models import Fact, FactKind  # noqa: E402
from cms.sweeping import sweep  # noqa: E402

ROWS = 100_000
TURNS = 5
TODAY = date(2026, 11, 22)
PLAIN = (
    "UPDATE cms_fact SET has_expired = %s, told_at = NULL, live = %s, expired = %s,"
    " has_unpublished_changes = %s WHERE key LIKE 'BENCH-%%'"
)


def main() -> None:
    """Print the two rates, in rows a second, as JSON."""
    call_command("migrate", verbosity=0)
    fill(ROWS)
    rates: dict[str, list[float]] = {"sweep": [], "plain update": []}
    for _turn in range(TURNS):
        for name, change in (("sweep", run_sweep), ("plain update", run_plain)):
            reset()
            rates[name].append(ROWS / seconds_of(change))
    json.dump({name: median(values) for name, values in rates.items()}, sys.stdout)


def fill(rows: int) -> None:
    """Write so many live facts that end today and say that they must not outlive it."""
    locale = Locale.objects.get_or_create(language_code="en")[0]
    Fact.objects.filter(key__startswith="BENCH-").delete()
    facts = (
        Fact(
            key=f"BENCH-{number}",
            locale=locale,
            kind=FactKind.RULE,
            statement="A statement of the usual length, so that a row weighs what a row weighs.",
            review_by=TODAY + timedelta(days=90),
            expires=TODAY,
            take_down=True,
        )
        for number in range(rows)
    )
    Fact.objects.bulk_create(facts, batch_size=2_000)


def reset() -> None:
    """Bring every row back to before its end, and let the database tidy up."""
    facts: Any = Fact.objects.filter(key__startswith="BENCH-")
    facts.update(has_expired=False, live=True, expired=False, has_unpublished_changes=False)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE cms_fact")


def run_sweep() -> None:
    """Do what the clock does."""
    swept = sweep(today=TODAY)
    assert swept.expired == swept.taken_down == ROWS


def run_plain() -> None:
    """Change the same columns of the same rows in one statement, without asking anything."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(PLAIN, [True, False, True, True])
        assert cursor.rowcount == ROWS


def seconds_of(change: Callable[[], None]) -> float:
    """Return how long a change took, its commit included."""
    started = time.perf_counter()
    change()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
