"""Measure how long a STOP takes under a flood of junk callbacks: `python -m benchmarks.stop_flood`.

Makes people with planned messages in the data folder that WAYMARK_DATA_DIR names (or the database of
WAYMARK_DATABASE_URL), which should be one of its own, starts the site and the worker as `make run` does,
and prints figures as JSON. A STOP is committed before it is answered, so that its answer is what is timed.
Of the junk a half is forged, a quarter has a token that is not ours, a quarter is a receipt that is kept.
"""

import asyncio
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from statistics import median
from urllib.parse import urlencode

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connections, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402
from twilio.request_validator import RequestValidator  # noqa: E402

from config.broker import clear_folder  # noqa: E402
from config.rehearsal import ensure_fence, ensure_senders  # noqa: E402
from config.running import answers, programs  # noqa: E402
from locales.languages import choose_language  # noqa: E402
from messaging.consenting import consent  # noqa: E402
from messaging.models import Delivery, InboundMessage, Suppression  # noqa: E402
from messaging.numbers import make_fiction  # noqa: E402
from messaging.sealing.tokens import make_token  # noqa: E402
from messaging.sending.eligibility import Audience  # noqa: E402
from messaging.sending.planning import FrozenText, Plan, plan  # noqa: E402

SECONDS = float(os.environ.get("FLOOD_SECONDS", "20"))
JUNK_A_SECOND, STOPS_A_SECOND = 500, 10
CONNECTIONS = 48
READY_WITHIN = 90.0
STOPS = int(SECONDS * STOPS_A_SECOND)
INBOUND = "/hooks/twilio/inbound/"


def main() -> None:
    """Prepare, flood, and print."""
    call_command("migrate", verbosity=0)
    ensure_senders()
    ensure_fence()
    before = InboundMessage.objects.count()
    numbers = [make_fiction("221", 5_000_000 + before + serial) for serial in range(STOPS)]
    _let_join(numbers)
    vendor = connections["default"].vendor
    connections.close_all()
    with _served():
        taken, junk = asyncio.run(_flood(numbers, before))
    stopped = Suppression.objects.count() - before
    planned = Delivery.objects.filter(state="planned").count()
    assert (stopped, planned) == (STOPS, 0), "every STOP was honoured"
    taken.sort()
    print(
        json.dumps(
            {
                "database": vendor,
                "junk a second": round(junk / SECONDS),
                "STOPs": len(taken),
                "p50 ms": round(median(taken) * 1000),
                "p99 ms": round(taken[int(len(taken) * 0.99)] * 1000),
                "longest ms": round(taken[-1] * 1000),
            }
        )
    )


def _let_join(numbers: list[str]) -> None:
    """Make a subscriber of each number, with one message planned for tomorrow."""
    now = timezone.now()
    with transaction.atomic():
        for number in numbers:
            consent.grant(
                consent.Joining(
                    channel="sms",
                    number=number,
                    language="en",
                    country="SN",
                    topics=("route:flood",),
                    method="rehearsal",
                    wording="flood",
                ),
                now=now,
            )
    opens = now + timedelta(days=1)
    plan(
        Plan(
            reference=f"flood:{now:%H%M%S}",
            audience=Audience(topics=("route:flood",)),
            texts=(FrozenText(channel="sms", language="en", body="Good morning.", parts=1),),
            choose_language=choose_language,
            window_of=lambda _country: (opens, opens + timedelta(hours=4)),
            text_valid_until=opens + timedelta(days=1),
        ),
        now=now,
    )


@contextmanager
def _served() -> Iterator[None]:
    clear_folder(settings.BROKER_DIR)
    wanted = [one for one in programs() if one.name in {"site", "worker"}]
    processes = [subprocess.Popen(one.command, cwd=settings.BASE_DIR) for one in wanted]
    deadline = time.monotonic() + READY_WITHIN
    try:
        while not all(answers(one.answers_at) for one in wanted if one.answers_at):
            if any(process.poll() is not None for process in processes):
                sys.exit("The site did not start.")
            if time.monotonic() > deadline:
                sys.exit("The site did not answer in time.")
            time.sleep(0.2)
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(timeout=60)


async def _flood(numbers: list[str], before: int) -> tuple[list[float], int]:
    """Send junk and STOPs at their rates; return how long each STOP took, and how much junk went."""
    validator = RequestValidator(settings.TWILIO_AUTH_TOKENS[0])
    junk = [_make_junk(validator, number) for number in range(2000)]
    stops = [
        _make_stop(validator, number, f"SM{before + place:032d}")
        for place, number in enumerate(numbers)
    ]
    begin = time.monotonic() + 0.5
    sent = [0]
    floods = [
        asyncio.create_task(_send_junk(junk, begin, place, sent)) for place in range(CONNECTIONS)
    ]
    taken = await asyncio.gather(
        *(_send_stop(stop, begin + place / STOPS_A_SECOND) for place, stop in enumerate(stops))
    )
    await asyncio.gather(*floods)
    return list(taken), sent[0]


async def _send_junk(junk: list[bytes], begin: float, place: int, sent: list[int]) -> None:
    """Keep one connection's share of the rate; what comes late is sent at once, never left out."""
    reader = writer = None
    turn = place
    while (due := begin + turn / JUNK_A_SECOND) < begin + SECONDS:
        if time.monotonic() > begin + SECONDS:
            break
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        try:
            if reader is None or writer is None:
                reader, writer = await asyncio.open_connection("127.0.0.1", settings.HTTP_PORT)
            writer.write(junk[turn % len(junk)])
            await _read_answer(reader)
            sent[0] += 1
            turn += CONNECTIONS
        except (OSError, asyncio.IncompleteReadError):
            # The server ends a connection that was idle; the next one carries on.
            reader = writer = None
    if writer is not None:
        writer.close()


async def _send_stop(stop: bytes, due: float) -> float:
    await asyncio.sleep(max(0.0, due - time.monotonic()))
    started = time.monotonic()
    reader, writer = await asyncio.open_connection("127.0.0.1", settings.HTTP_PORT)
    writer.write(stop)
    status = await _read_answer(reader)
    writer.close()
    assert status == 200, status
    return time.monotonic() - started


async def _read_answer(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        (
            int(line.partition(b":")[2])
            for line in head.lower().split(b"\r\n")
            if line.startswith(b"content-length:")
        ),
        0,
    )
    await reader.readexactly(length)
    return int(head.split(b" ", 2)[1])


def _make_junk(validator: RequestValidator, number: int) -> bytes:
    kind = number % 4
    delivery = random.randrange(10**9, 10**10)
    token = f"{delivery}.1.{'0' * 24}" if kind == 2 else make_token(delivery, 1)
    form = {"MessageSid": f"SM{random.randrange(10**30):032d}", "MessageStatus": "delivered"}
    path = f"/hooks/twilio/status/{token}/"
    signature = validator.compute_signature(settings.PUBLIC_URL + path, form)
    return _make_request(path, form, signature if kind > 1 else "forged" + signature)


def _make_stop(validator: RequestValidator, number: str, ref: str) -> bytes:
    form = {"MessageSid": ref, "From": number, "To": "+9990000001", "Body": "STOP"}
    signature = validator.compute_signature(settings.PUBLIC_URL + INBOUND, form)
    return _make_request(INBOUND, form, signature)


def _make_request(path: str, form: dict[str, str], signature: str) -> bytes:
    body = urlencode(form).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{settings.HTTP_PORT}\r\n"
        f"X-Twilio-Signature: {signature}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


if __name__ == "__main__":
    main()
