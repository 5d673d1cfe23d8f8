"""Measure the eligibility query on two million people in PostgreSQL: broad, narrow, and with a cap.

Starts a PostgreSQL of its own, unless WAYMARK_DATABASE_URL names one that may be filled. Prints the
figures as JSON; with `--plan` also what the database does for each.
"""

import json
import os
import subprocess
import sys
import time
from statistics import median

import django

from tests.harness import services

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
PEOPLE = 2_000_000
TURNS = 5
_ADDRESS = "WAYMARK_DATABASE_URL"

if os.environ.get(_ADDRESS):
    django.setup()

    from django.core.management import call_command
    from django.db import connection

    from benchmarks.audience_seed import ROUTES, seed
    from messaging.sending.eligibility import Audience, count_eligible, find_eligible

    EVERYBODY = tuple(f"route:r{number}" for number in range(ROUTES))
    AUDIENCES = {
        "eligible broad": Audience(topics=EVERYBODY),
        "eligible broad capped": Audience(topics=EVERYBODY, most=2),
        "eligible one route": Audience(topics=("route:r1",)),
        "eligible narrow": Audience(
            topics=("route:r1",), countries=("SN",), languages=("fr",), channels=("sms",)
        ),
        "eligible narrow capped": Audience(
            topics=("route:r1",), countries=("SN",), languages=("fr",), channels=("sms",), most=2
        ),
        "eligible rare": Audience(topics=("route:rare",), most=2),
    }


def main() -> None:
    """Print the milliseconds of each count, the median of five."""
    if os.environ.get(_ADDRESS):
        measure()
        return
    binaries = services.find_postgres()
    if binaries is None:
        sys.exit("PostgreSQL cannot be found: sudo apt-get install postgresql")
    with services.postgres(binaries) as address:
        command = [sys.executable, "-m", "benchmarks.eligibility", *sys.argv[1:]]
        subprocess.run(command, env=os.environ | {_ADDRESS: address}, check=True)


def measure() -> None:
    """Fill the database and time every audience."""
    call_command("migrate", verbosity=0)
    seed(int(os.environ.get("PEOPLE", PEOPLE)))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
    figures = {name: _time(audience) for name, audience in AUDIENCES.items()}
    if "--plan" in sys.argv:
        for name, audience in AUDIENCES.items():
            people = sum(group.people for group in count_eligible(audience))
            print(f"\n{name}: {people} people\n{_explain(audience)}", file=sys.stderr)
    json.dump(figures, sys.stdout)


def _time(audience: "Audience") -> float:
    taken = []
    for _turn in range(TURNS):
        started = time.perf_counter()
        count_eligible(audience)
        taken.append((time.perf_counter() - started) * 1000)
    return round(median(taken), 1)


def _explain(audience: "Audience") -> str:
    return find_eligible(audience).order_by().values("channel").explain(analyze=True)


if __name__ == "__main__":
    main()
