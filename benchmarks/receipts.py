"""Measure receipts, beside a bare view in the same run: `python -m benchmarks.receipts`.

Takes the PostgreSQL of WAYMARK_DATABASE_URL, which should be one of its own, or starts a durable one.
Both sides are served by gunicorn with two processes of eight threads, and get the same signed requests
over as many connections as fast as they answer. Ours counts as done when the last receipt is folded into
its delivery, by a process beside the site; the bare view's, when the last row is inserted. Then ours is
asked at a steady 500 a second, for the time of an answer. Rounds alternate; printed as JSON.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median
from tempfile import mkdtemp
from urllib.parse import urlencode

from tests.harness import services
from tests.harness.ports import free_port

_OWN = "WAYMARK_DATABASE_URL" not in os.environ
if __name__ == "__main__" and _OWN:
    # The settings are read once, so the database comes first.
    with services.postgres(services.find_postgres() or Path(), durable=True) as address:
        own = {
            "WAYMARK_DATABASE_URL": address,
            "WAYMARK_DATA_DIR": mkdtemp(prefix="waymark-bench-"),
        }
        ran = subprocess.run(
            [sys.executable, "-m", "benchmarks.receipts"], env=os.environ | own, check=False
        )
    sys.exit(ran.returncode)

import django  # noqa: E402

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connections  # noqa: E402
from django.utils import timezone  # noqa: E402
from twilio.request_validator import RequestValidator  # noqa: E402

from messaging import work  # noqa: E402
from messaging.models import Batch, BatchText, Delivery, Event, Sender, StoredReceipt, Subscriber  # noqa: E402
from messaging.sealing.tokens import make_token  # noqa: E402

RECEIPTS = int(os.environ.get("RECEIPTS", "10000"))
ROUNDS = int(os.environ.get("ROUNDS", "3"))
STEADY_SECONDS = float(os.environ.get("STEADY_SECONDS", "20"))
A_SECOND = 500
CONNECTIONS = 32
READY_WITHIN = 90.0
WORDS = ("sent", "delivered")


def main() -> None:
    """Measure both sides, turn by turn, and print."""
    call_command("migrate", verbosity=0)
    bare, ours = [], []
    for turn in range(ROUNDS):
        requests = _sign(_make_deliveries(turn, RECEIPTS // len(WORDS)))
        connections.close_all()
        bare.append(_measure_bare(requests))
        ours.append(_measure_ours(requests))
    steady = _sign(_make_deliveries(ROUNDS, int(STEADY_SECONDS * A_SECOND) // len(WORDS)))
    connections.close_all()
    with _served(_our_site()) as port, _folding():
        taken = sorted(asyncio.run(_post_steadily(steady, port)))
        _wait_until_folded()
    print(
        json.dumps(
            {
                "receipts": RECEIPTS,
                "bare stored/s": [round(one) for one in bare],
                "ours stored and folded/s": [round(one) for one in ours],
                "ours/bare": round(median(ours) / median(bare), 2),
                "steady a second": A_SECOND,
                "p50 ms": round(median(taken) * 1000, 1),
                "p99 ms": round(taken[int(len(taken) * 0.99)] * 1000, 1),
                "longest ms": round(taken[-1] * 1000, 1),
            }
        ),
        flush=True,
    )
    _check()


def _check() -> None:
    """Make sure that every delivery ended as its receipts say, with an event for each of them."""
    mine = Delivery.objects.filter(batch__reference__startswith="bench:")
    assert not mine.exclude(state="delivered").exists()
    assert Event.objects.filter(delivery__in=mine).count() == len(WORDS) * mine.count()
    assert not Subscriber.objects.filter(unanswered__gt=0).exists()


def fold_for_ever() -> None:
    """Fold what comes, four times as often as the worker's ticks, until somebody ends this process."""
    work.fold_receipts(clock=timezone.now, seconds=1.0)
    print("ready", flush=True)
    while True:
        work.fold_receipts(clock=timezone.now, seconds=20.0)
        time.sleep(0.5)


def _make_deliveries(turn: int, many: int) -> list[int]:
    """Make accepted deliveries of people whose phones have not answered yet; return their ids."""
    now = timezone.now()
    batch = Batch.objects.create(
        reference=f"bench:{now:%H%M%S}:{turn}",
        state=Batch.State.FINISHED,
        audience={},
        size=many,
        text_valid_until=now + timedelta(days=1),
        created_at=now,
    )
    text = BatchText.objects.create(batch=batch, channel="sms", language="en", body="Good morning.")
    sender, _made = Sender.objects.get_or_create(
        name="Benchmark", channel="sms", provider="twilio", address="+9990000001"
    )
    people = Subscriber.objects.bulk_create(
        [
            Subscriber(
                channel="sms",
                number_hash=os.urandom(16),
                number_sealed=b"",
                language="en",
                country="SN",
                joined_at=now,
                unanswered=1,
            )
            for _ in range(many)
        ],
        batch_size=1000,
    )
    rows = Delivery.objects.bulk_create(
        [
            Delivery(
                batch=batch,
                subscriber=person,
                sender=sender,
                text=text,
                channel="sms",
                country="SN",
                language="en",
                state="accepted",
                rank=40,
                attempts=1,
                not_before=now,
                send_before=now + timedelta(hours=4),
                submitting_at=now,
                provider_ref=f"SM{batch.pk:08d}{place:024d}",
            )
            for place, person in enumerate(people)
        ],
        batch_size=1000,
    )
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "VACUUM ANALYZE messaging_delivery, messaging_subscriber, messaging_storedreceipt"
        )
    return [row.pk for row in rows]


def _sign(deliveries: list[int]) -> list[bytes]:
    """Return the signed requests for both words of each delivery, the first words first."""
    validator = RequestValidator(settings.TWILIO_AUTH_TOKENS[0])
    refs = dict(Delivery.objects.filter(pk__in=deliveries).values_list("pk", "provider_ref"))
    return [
        _make_request(validator, delivery, refs[delivery], word)
        for word in WORDS
        for delivery in deliveries
    ]


def _make_request(validator: RequestValidator, delivery: int, ref: str, word: str) -> bytes:
    form = {
        "AccountSid": settings.TWILIO_ACCOUNT_SID,
        "ApiVersion": "2010-04-01",
        "From": "+9990000001",
        "To": "+9992210000001",
        "MessageSid": ref,
        "SmsSid": ref,
        "MessageStatus": word,
        "SmsStatus": word,
    }
    path = f"/hooks/twilio/status/{make_token(delivery, 1)}/"
    body = urlencode(form).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"X-Twilio-Signature: {validator.compute_signature(settings.PUBLIC_URL + path, form)}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _measure_bare(requests: list[bytes]) -> float:
    """Return how many receipts a second the bare view inserts."""
    with _served("benchmarks.bare_receipts") as port:
        begun = time.monotonic()
        asyncio.run(_post_all(requests, port))
        return len(requests) / (time.monotonic() - begun)


def _measure_ours(requests: list[bytes]) -> float:
    """Return how many receipts a second we store and fold, to the last of them."""
    with _served(_our_site()) as port, _folding():
        begun = time.monotonic()
        asyncio.run(_post_all(requests, port))
        _wait_until_folded()
        return len(requests) / (time.monotonic() - begun)


def _our_site() -> str:
    return "config.wsgi"


def _wait_until_folded() -> None:
    # The last thing that folding does is to note whose phones have answered.
    while (
        StoredReceipt.objects.filter(folded_at__isnull=True).exists()
        or Subscriber.objects.filter(unanswered__gt=0).exists()
    ):
        time.sleep(0.02)


@contextmanager
def _folding() -> Iterator[None]:
    command = [sys.executable, "-c", "from benchmarks import receipts; receipts.fold_for_ever()"]
    process = subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        yield
    finally:
        process.terminate()
        process.wait(timeout=60)


@contextmanager
def _served(application: str) -> Iterator[int]:
    port = free_port()
    command = [
        *(sys.executable, "-W", "ignore", "-m", "gunicorn", application),
        *("--bind", f"127.0.0.1:{port}", "--preload", "--no-control-socket"),
        *("--worker-class", "gthread", "--workers", "2", "--threads", "8", "--log-level", "error"),
    ]
    bare = {"BARE_TOKEN": settings.TWILIO_AUTH_TOKENS[0], "BARE_PUBLIC_URL": settings.PUBLIC_URL}
    process = subprocess.Popen(command, cwd=settings.BASE_DIR, env=os.environ | bare)
    try:
        asyncio.run(_wait_for(port))
        yield port
    finally:
        process.terminate()
        process.wait(timeout=60)


async def _wait_for(port: int) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline:
        try:
            _reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            break
    else:
        sys.exit("The site did not answer in time.")
    # Both processes read their addresses at the first request: that is no part of what is measured.
    forged = (
        b"POST /hooks/twilio/status/x/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n"
    )
    await asyncio.gather(*(_knock(forged, port) for _ in range(CONNECTIONS * 4)))


async def _knock(request: bytes, port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    await _read_status(reader)
    writer.close()


async def _post_all(requests: list[bytes], port: int) -> None:
    """Post everything over some connections, each as soon as the one before it is answered."""
    waiting = iter(requests)

    async def go_on() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for request in waiting:
            writer.write(request)
            assert await _read_status(reader) == 204
        writer.close()

    await asyncio.gather(*(go_on() for _ in range(CONNECTIONS)))


async def _post_steadily(requests: list[bytes], port: int) -> list[float]:
    """Post at a steady rate and return how long each answer took from when it was due to go out."""
    begin = time.monotonic() + 0.5
    taken: list[float] = []

    async def keep_on(place: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for turn in range(place, len(requests), CONNECTIONS):
            due = begin + turn / A_SECOND
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            writer.write(requests[turn])
            assert await _read_status(reader) == 204
            taken.append(time.monotonic() - due)
        writer.close()

    await asyncio.gather(*(keep_on(place) for place in range(CONNECTIONS)))
    return taken


async def _read_status(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            await reader.readexactly(int(line.partition(b":")[2]))
    return int(head.split(b" ", 2)[1])


if __name__ == "__main__":
    main()
