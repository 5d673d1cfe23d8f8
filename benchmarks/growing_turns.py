"""The turns of `benchmarks.growing`: each size is planned, sent, and its receipts folded.

Seen for each: messages a second by two processes, receipts a second by one, the CPU milliseconds of
each, and the megabytes of the largest process, with so many deliveries in the table.
"""

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connection  # noqa: E402

from benchmarks import dispatch_seed  # noqa: E402
from benchmarks.dispatch_turns import run_children, run_one, run_ours  # noqa: E402

_RECEIPTS = """
    INSERT INTO messaging_storedreceipt (
        delivery_id, attempt, ref, word, state, reason, received_at, refused)
    SELECT id, attempts, provider_ref, 'delivered', 'delivered', '', now(), FALSE
      FROM messaging_delivery"""


def measure(sizes: list[int]) -> None:
    """Measure each size and print a line of JSON for it."""
    dispatch_seed.prepare(max(sizes))
    for people in sizes:
        _forget_receipts()
        sent = run_one("ours", run_ours, people, 0)
        _store_receipts()
        folded = run_children("growing_folder", 1, people)
        assert _count("state = 'delivered'") == people
        print(json.dumps({"people": people, "sent": sent, "folded": folded}), flush=True)


def _forget_receipts() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE messaging_storedreceipt")


def _store_receipts() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_RECEIPTS)
        cursor.execute("VACUUM ANALYZE messaging_storedreceipt")
        cursor.execute("VACUUM ANALYZE messaging_delivery")


def _count(condition: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM messaging_delivery WHERE {condition}")  # noqa: S608
        return int(cursor.fetchone()[0])


if __name__ == "__main__":
    measure([int(one) for one in sys.argv[1:]])
