"""Fill a database with the broadcasts of many partners, and measure the desk's list and calendar on it.

`python -m benchmarks.desk` does both in the data folder that WAYMARK_DATA_DIR names, which should be an
empty one of its own, and prints the figures as JSON. What is measured is a whole request, without a
network, by somebody of one partner and by somebody of all of them; the slower one counts.
"""

import json
import os
import random
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from benchmarks import content_seed  # noqa: E402
from campaigns.models import (  # noqa: E402
    Approval,
    Broadcast,
    Membership,
    Partner,
    Schedule,
    Segment,
)
from cms.models import MessagePage, Route  # noqa: E402
from messaging.models import Batch  # noqa: E402
from tests.harness.signing_in import sign_in_with_factor  # noqa: E402

COUNTRIES = ("TN", "LY", "NG", "SN", "ML", "NE", "MA", "DZ", "EG", "SD", "ET", "GM")
MEASURED = 9
ROWS_AT_ONCE = 2_000
_State = Broadcast.State
_Batch = Batch.State


@dataclass(frozen=True, slots=True)
class Size:
    """How many partners, broadcasts, and among these series that go on."""

    partners: int = 200
    broadcasts: int = 10_000
    series: int = 100
    messages: int = 40


@dataclass(frozen=True, slots=True)
class People:
    """Who looks: somebody of one partner, and somebody of all."""

    one: User
    everywhere: User


def seed(size: Size, *, now: datetime) -> People:
    """Write partners, people and broadcasts from a month and a half ago to as long from now."""
    content = content_seed.Size(facts=1, messages=size.messages, contacts=1, pathways=1, claims=1)
    content_seed.seed(content, now=now, languages=("en",))
    chance = random.Random(7)
    with transaction.atomic():
        partners = Partner.objects.bulk_create(
            Partner(name=f"Partner {number}") for number in range(size.partners)
        )
        people = People(*(_make_user(name) for name in ("one", "everywhere")))
        author = _make_user("author")
        _join(people.one, partners[:1])
        _join(people.everywhere, partners)
        segments = Segment.objects.bulk_create(_draw_segments(chance, partners))
        messages = list(MessagePage.objects.values_list("pk", flat=True))
        rows = _draw_broadcasts(chance, size, now, _Stock(segments, messages, author))
        made = Broadcast.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE)
        _approve(made, people.one, now)
        _launch(chance, made, now)
    connection.cursor().execute("ANALYZE")
    return people


def _make_user(name: str) -> User:
    return User.objects.create_user(name, f"{name}@waymark.example", str(uuid.uuid4()))


def _join(user: User, partners: Sequence[Partner]) -> None:
    roles = (Membership.Role.SCHEDULER, Membership.Role.APPROVER)
    Membership.objects.bulk_create(
        Membership(user=user, partner=partner, role=role) for partner in partners for role in roles
    )


def _draw_segments(chance: random.Random, partners: Sequence[Partner]) -> Iterator[Segment]:
    routes = list(Route.objects.values_list("code", flat=True))
    for partner in partners:
        for number in range(5):
            yield Segment(
                partner=partner,
                name=f"Rule {number}",
                routes=chance.sample(routes, 2),
                countries=chance.sample(COUNTRIES, chance.randint(0, 3)),
                channels=["sms", "whatsapp"],
            )


@dataclass(frozen=True, slots=True)
class _Stock:
    """What broadcasts are drawn from."""

    segments: Sequence[Segment]
    messages: Sequence[int]
    author: User


def _draw_broadcasts(
    chance: random.Random, size: Size, now: datetime, stock: _Stock
) -> Iterator[Broadcast]:
    coming = (_State.DRAFT, _State.ASKED, _State.APPROVED)
    over = (_State.LAUNCHED, _State.LAUNCHED, _State.LAUNCHED, _State.MISSED)
    for number in range(size.broadcasts):
        send_at = now + timedelta(minutes=chance.randint(-45 * 24 * 60, 45 * 24 * 60))
        segment = chance.choice(stock.segments)
        recurs = number < size.series
        yield Broadcast(
            partner_id=segment.partner_id,
            author=stock.author,
            message_id=chance.choice(stock.messages),
            segment=segment,
            send_at=send_at,
            schedule=_make_schedule(chance, now) if recurs else None,
            state=_State.APPROVED if recurs else chance.choice(coming if send_at > now else over),
            form_token=f"bench{number}",
            created_at=send_at - timedelta(days=2),
        )


def _make_schedule(chance: random.Random, now: datetime) -> Schedule:
    return Schedule.objects.create(
        every=chance.choice(Schedule.Every.values),
        weekdays=chance.sample(range(1, 8), 2),
        at=f"{chance.randint(8, 19):02d}:30",
        zone=chance.choice(("Africa/Tunis", "Africa/Lagos", "Africa/Cairo", "Africa/Casablanca")),
        starts_on=now.date() - timedelta(days=30),
        ends_on=now.date() + timedelta(days=300),
    )


def _approve(broadcasts: Sequence[Broadcast], approver: User, now: datetime) -> None:
    approved = (one for one in broadcasts if one.state in {_State.APPROVED, _State.LAUNCHED})
    Approval.objects.bulk_create(
        (
            Approval(
                broadcast=one,
                approver=approver,
                author_id=one.author_id,
                snapshot={"editions": [{"text": "Words of a text. " * 8}] * 6},
                digest="0" * 64,
                people=1_000,
                at=now,
            )
            for one in approved
        ),
        batch_size=ROWS_AT_ONCE,
    )


def _launch(chance: random.Random, broadcasts: Sequence[Broadcast], now: datetime) -> None:
    launched = (one for one in broadcasts if one.state == _State.LAUNCHED)
    Batch.objects.bulk_create(
        (
            Batch(
                reference=one.reference,
                state=chance.choices((_Batch.FINISHED, _Batch.RUNNING), (99, 1))[0],
                audience={},
                size=chance.randint(5, 20_000),
                counts={"delivered": 900, "failed": 40, "unknown": 10},
                counted_at=now,
                text_valid_until=now,
                created_at=one.send_at,
            )
            for one in launched
        ),
        batch_size=ROWS_AT_ONCE,
    )


def measure(people: People, *, now: datetime) -> dict[str, float]:
    """Return the slowest of the medians in milliseconds, and the most queries, of list and calendar."""
    calendar, day = reverse("desk_calendar"), now.date().isoformat()
    addresses = {
        "list": [
            reverse("desk"),
            f"{reverse('desk')}?page=7",
            f"{reverse('desk')}?words=message+3",
        ],
        "calendar": [f"{calendar}?view={view}&day={day}" for view in ("month", "week", "list")],
    }
    figures: dict[str, float] = {}
    for name, pages in addresses.items():
        visits = [_visit(user, page) for user in (people.one, people.everywhere) for page in pages]
        figures[f"desk {name}"] = max(taken for taken, _asked in visits)
        figures[f"desk {name} queries"] = float(max(asked for _taken, asked in visits))
    return figures


def _visit(user: User, page: str) -> tuple[float, int]:
    client: Any = Client()
    sign_in_with_factor(client, user, "allauth.account.auth_backends.AuthenticationBackend")
    client.get(page)
    taken, worked = [], []
    for _turn in range(MEASURED):
        started, began = time.perf_counter(), time.process_time()
        answer = client.get(page)
        taken.append((time.perf_counter() - started) * 1000)
        worked.append((time.process_time() - began) * 1000)
        assert answer.status_code == 200, page
    with CaptureQueriesContext(connection) as queries:
        client.get(page)
    size = len(answer.content) / 1024
    print(
        f"{user.username:10} {page:44} {median(taken):5.0f} ms {median(worked):5.0f} ms of processor "
        f"{len(queries):3} queries {size:4.0f} KB",
        file=sys.stderr,
    )
    return median(taken), len(queries)


def main() -> None:
    """Seed an empty data folder and print what was measured."""
    call_command("migrate", verbosity=0)
    if Broadcast.objects.exists():
        sys.exit("There are broadcasts already: name an empty folder in WAYMARK_DATA_DIR.")
    people = seed(Size(), now=timezone.now())
    print(json.dumps(measure(people, now=timezone.now())))


if __name__ == "__main__":
    main()
