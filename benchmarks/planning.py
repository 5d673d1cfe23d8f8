"""Measure planning beside the bare INSERT … SELECT into the same table, turn by turn, on PostgreSQL.

The bare side copies as many rows from a table that holds nothing else, in the same order, with the same
indexes and foreign keys; both sides count their commit. `DELIVERIES` says how many (a million where it
does not). Starts a PostgreSQL of its own, unless WAYMARK_DATABASE_URL names one that may be filled.
Prints the figures as JSON: seconds are medians, `planned to bare` is the median of the turns' own ratios.
"""

import json
import os
import resource
import subprocess
import sys
import time
from datetime import timedelta
from statistics import median

import django

from tests.harness import services

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
DELIVERIES = 1_000_000
TURNS = 3
# Of those whom the seed writes: the others said stop, or their yes has ended.
_ELIGIBLE = 0.93
_ADDRESS = "WAYMARK_DATABASE_URL"
_SOURCE = """
    CREATE TABLE bench_source AS
    SELECT subscriber_id, sender_id, text_id, channel, country, language
      FROM messaging_delivery WHERE batch_id = %s ORDER BY subscriber_id"""
_BARE = """
    INSERT INTO messaging_delivery (
        batch_id, subscriber_id, person, sender_id, text_id, channel, country, language, state, rank,
        reason, attempts, strikes, not_before, send_before, owner, provider_ref)
    SELECT %s, subscriber_id, subscriber_id, sender_id, text_id, channel, country, language, 'planned',
           0, '', 0, 0, now(), now(), '', ''
      FROM bench_source"""

if os.environ.get(_ADDRESS):
    django.setup()

    from django.core.management import call_command
    from django.db import connection, transaction
    from django.utils import timezone

    from benchmarks.audience_seed import ROUTES, make_batch, seed
    from locales.languages import choose_language
    from messaging.models import Batch, Sender
    from messaging.sending.eligibility import Audience
    from messaging.sending.planning import FrozenText, Plan, plan


def main() -> None:
    """Print seconds of both sides, their ratio, and how much memory the process took meanwhile."""
    if os.environ.get(_ADDRESS):
        measure()
        return
    binaries = services.find_postgres()
    if binaries is None:
        sys.exit("PostgreSQL cannot be found: sudo apt-get install postgresql")
    with services.postgres(binaries) as address:
        command = [sys.executable, "-m", "benchmarks.planning"]
        subprocess.run(command, env=os.environ | {_ADDRESS: address}, check=True)


def measure() -> None:
    """Fill the database and time both sides in turn, each into an empty table."""
    wanted = int(os.environ.get("DELIVERIES", DELIVERIES))
    call_command("migrate", verbosity=0)
    seed(int(wanted / _ELIGIBLE), batches=0)
    for channel in ("sms", "whatsapp"):
        Sender.objects.create(name=channel, channel=channel, provider="memory", address="-")
    planned = _prepare()
    before = _read_memory()
    ours, bare = [], []
    for turn in range(int(os.environ.get("TURNS", TURNS))):
        bare.append(_time_bare(turn))
        ours.append(_time_plan(turn))
        print(f"bare {bare[-1]:.1f} s, planned {ours[-1]:.1f} s", file=sys.stderr)
    figures = {
        "deliveries": planned,
        "bare insert": round(median(bare), 2),
        "planned": round(median(ours), 2),
        "planned to bare": round(median(a / b for a, b in zip(ours, bare, strict=True)), 2),
        "planner's memory": round(_read_memory() - before, 1),
    }
    json.dump(figures, sys.stdout)


def _prepare() -> int:
    """Plan once, keep what came of it as the bare side's source, and return how many rows it has."""
    batch = plan(_make_plan("bench:source"), now=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(_SOURCE, [batch.pk])
        cursor.execute("ANALYZE bench_source")
    _empty()
    return batch.size


def _time_plan(turn: int) -> float:
    started = time.perf_counter()
    plan(_make_plan(f"bench:plan:{turn}"), now=timezone.now())
    taken = time.perf_counter() - started
    _empty()
    return taken


def _time_bare(turn: int) -> float:
    batch, _sender, _text = make_batch(f"bench:bare:{turn}", now=timezone.now())
    started = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_BARE, [batch])
    taken = time.perf_counter() - started
    _empty()
    return taken


def _empty() -> None:
    Batch.objects.update(state=Batch.State.FINISHED)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE messaging_delivery CASCADE")
        cursor.execute("CHECKPOINT")


def _make_plan(reference: str) -> "Plan":
    now = timezone.now()
    return Plan(
        reference=reference,
        audience=Audience(topics=tuple(f"route:r{number}" for number in range(ROUTES))),
        texts=tuple(
            FrozenText(channel=channel, language=language, body="Good morning.", parts=1)
            for channel in ("sms", "whatsapp")
            for language in ("en", "fr", "ar")
        ),
        choose_language=choose_language,
        window_of=lambda _country: (now, now + timedelta(hours=4)),
        text_valid_until=now + timedelta(days=1),
    )


def _read_memory() -> float:
    """Return the most memory that this process ever took, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
