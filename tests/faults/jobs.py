"""What workers of the fault tests do: the engine's public steps, each in a process of its own.

Whatever is wrong on purpose (a kill at a point, a clock that is off) is done here, to a process of a
test, from outside: no module of Waymark knows of it.
"""

import os
import signal
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import cache, wraps
from importlib import import_module
from inspect import iscoroutinefunction
from io import StringIO
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import OperationalError, connections
from django.utils import timezone

from messaging import work
from messaging.consenting import consent
from messaging.models import Alarm, ConsentEntry, Delivery, Sender
from messaging.notifying import notices
from messaging.providers.base import Provider
from messaging.providers.twilio import Twilio
from messaging.receiving import receipts
from messaging.receiving.reconcile import reconcile_unknown
from messaging.sealing.keys.ring import PRACTICE_KEY
from messaging.sealing.tokens import make_token
from messaging.senders import breaker, stalling
from messaging.senders.calls import Call
from messaging.senders.roster import provider_named
from messaging.sending import batches, flight
from messaging.sending.repair import repair_leases
from messaging.states import State
from messaging.upkeep import rotating
from tests.faults import people
from tests.faults.desk_jobs import approve, bind, decide_at_once, raise_fence, restore, tick_for

# Where a worker can be stopped: which function, and whether before or after it did its work.
POINTS: dict[str, tuple[str, str, str]] = {
    "after_claim": ("messaging.sending.dispatch", "claim_due", "after"),
    "before_submit": ("messaging.sending.gate.Gate", "submit", "before"),
    "after_submit": ("messaging.sending.gate.Gate", "submit", "after"),
    "after_answer": ("messaging.providers.twilio.Twilio", "send", "after"),
    "before_record": ("messaging.sending.dispatch", "record", "before"),
}
# The same of the campaigns' clock: between an occurrence and its launch, and within a launch.
CLOCK_POINTS: dict[str, tuple[str, str, str]] = {
    "after_occurrence": ("campaigns.going_out.scheduling", "fire_due", "after"),
    "after_planning": ("campaigns.going_out.launching", "_plan", "after"),
}
# Jobs are found by their names.
__all__ = ["approve", "bind", "decide_at_once", "raise_fence", "restore", "tick_for"]
NEW_KEY = b"n" * 32


def move_in(rig: dict[str, Any]) -> None:
    """Use the database, the provider and the clock of a scenario."""
    connections["default"].settings_dict |= _read_address(rig["database"])
    for name, value in rig.get("settings", {}).items():
        setattr(settings, name, value)
    if hours := rig.get("clock_off"):
        _shift_clock(timedelta(hours=hours))
    for name in rig.get("rings", ()):
        setattr(settings, name, {2: NEW_KEY, 1: PRACTICE_KEY})
    if poisoned := rig.get("poisoned"):
        _spoil({uuid.UUID(uid) for uid in poisoned})
    if unwritable := rig.get("unwritable"):
        _spoil_texts({uuid.UUID(uid) for uid in unwritable})
    if rig.get("full_log"):
        _fill_log()
    if at := rig.get("at"):
        arm(at, rig.get("act", "kill"), rig.get("turn", 1))


def _read_address(address: str) -> dict[str, Any]:
    if address.startswith("sqlite:"):
        return {"NAME": address.removeprefix("sqlite:")}
    split = urlsplit(address)
    return {
        "NAME": split.path[1:],
        "USER": split.username,
        "PASSWORD": split.password or "",
        "HOST": split.hostname,
        "PORT": split.port,
    }


def arm(point: str, act: str, turn: int) -> None:
    """Let this process do something to itself the `turn`th time that it comes to a point."""
    place, name, when = (POINTS | CLOCK_POINTS)[point]
    module, _, owned = place.rpartition(".")
    owner = getattr(import_module(module), owned) if owned.istitle() else import_module(place)
    original, left = getattr(owner, name), [turn]

    def reach(result: Any) -> None:
        # A claim that found nothing, or a gate that let nobody through, is no such point.
        if not getattr(result, "calls", result):
            return
        left[0] -= 1
        if left[0] == 0:
            ACTS[act]()

    setattr(owner, name, _around(original, reach, before=when == "before"))


def _around(original: Callable[..., Any], reach: Callable[[Any], None], *, before: bool) -> Any:
    if iscoroutinefunction(original):

        @wraps(original)
        async def waited(*args: Any, **kwargs: Any) -> Any:
            if before:
                reach(True)
            result = await original(*args, **kwargs)
            if not before:
                reach(result)
            return result

        return waited

    @wraps(original)
    def called(*args: Any, **kwargs: Any) -> Any:
        if before:
            reach(True)
        result = original(*args, **kwargs)
        if not before:
            reach(result)
        return result

    return called


def _shift_clock(by: timedelta) -> None:
    """Let this process believe that it is another time."""
    true_now, true_time = timezone.now, time.time
    timezone.now = lambda: true_now() + by
    time.time = lambda: true_time() + by.total_seconds()


# What a process may do to itself at a point: end, stand still, or find its clock set anew.
ACTS: dict[str, Callable[[], None]] = {
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "stop": lambda: os.kill(os.getpid(), signal.SIGSTOP),
    "ahead": lambda: _shift_clock(timedelta(hours=2)),
    "back": lambda: _shift_clock(timedelta(hours=-2)),
}


def _fill_log() -> None:
    """Let the volume that this process logs to be full."""
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, 1)
    os.dup2(full, 2)


def _spoil_texts(unwritable: set[uuid.UUID]) -> None:
    """Put half a letter into the text for some people: no encoder can write it."""
    original = flight.address_call

    def address_or_break(call: Call, address: flight.Address) -> Any:
        if call.subscriber_uid in unwritable:
            call = replace(call, body=f"{call.body}\ud83d")
        return original(call, address)

    setattr(flight, "address_call", address_or_break)  # noqa: B010 (it is not there for others)


def _spoil(poisoned: set[uuid.UUID]) -> None:
    """Let nothing be made of some people's numbers, in a way that nobody foresaw."""
    original: Callable[..., str] = consent.open_number

    def open_or_break(uid: uuid.UUID, *args: Any, **kwargs: Any) -> str:
        if uid in poisoned:
            raise ArithmeticError("poison")
        return original(uid, *args, **kwargs)

    setattr(flight, "open_number", open_or_break)  # noqa: B010 (it is not there for others)


# ---- What sends --------------------------------------------------------------------------------


def drain(*, seconds: float = 60, patient: bool = False, other: str = "") -> int:
    """Send until nothing is due, at most so long; with `patient`, until then or asked to end.

    `other` is the address of the provider that is called so.
    """
    ended: list[int] = []

    def end(*_: object) -> None:
        ended.append(1)
        work.stop_sending()
        notices.stop_sending()

    signal.signal(signal.SIGTERM, end)
    until, handled, idle = time.monotonic() + seconds, 0, 0
    while not ended and time.monotonic() < until and (patient or idle < 2):
        try:
            step = work.send_due(
                clock=timezone.now,
                seconds=min(20, until - time.monotonic()),
                provider_of=lambda name: _find_provider(name, other),
            )
        except OperationalError as error:
            # As a task would: this tick fails, and the next one finds the work again.
            print("tick failed", type(error).__name__, flush=True)
            connections["default"].close()
            step = 0
        handled += step
        idle = 0 if step else idle + 1
        if not step:
            time.sleep(0.05)
    return handled


@cache
def _find_provider(name: str, other: str) -> Provider:
    if name != "other":
        return provider_named(name)
    return Twilio("AC" + "0" * 32, ("rehearsal-token",), other, other)


def drain_briefly(*, seconds: float) -> tuple[int, int]:
    """Send for a while; return how many, and the memory of this process in KiB."""
    return drain(seconds=seconds), measure_memory()


def drain_measured() -> tuple[int, int]:
    """Send until nothing is due; return the memory of this process before and after, in KiB."""
    # Once round, so that what any sending needs is there.
    work.send_due(clock=timezone.now, seconds=0.5)
    before = measure_memory()
    drain(seconds=120)
    return before, measure_memory()


def watch_progress(*, hours: float) -> list[str]:
    """Look twice whether anything is stuck, so much later; return the alarms that are open."""
    later = timezone.now() + timedelta(hours=hours)
    for now in (later, later + timedelta(seconds=30)):
        stalling.watch(now=now)
    return list(Alarm.objects.filter(closed_at__isnull=True).values_list("kind", flat=True))


def command(*, words: list[str]) -> tuple[int, str]:
    """Run one of the house's commands; return its code and all that it said."""
    said = StringIO()
    try:
        call_command(*words, stdout=said, stderr=said)
    except CommandError as error:
        return 1, f"{said.getvalue()}{error}"
    return 0, said.getvalue()


def send_notices(*, seconds: float = 30) -> int:
    """Send single messages."""
    return int(notices.send_due(clock=timezone.now, seconds=seconds))


# ---- What mends --------------------------------------------------------------------------------


def repair() -> int:
    """Mend what a crash left half done."""
    return repair_leases(now=timezone.now())


def reconcile(*, rounds: int = 3) -> int:
    """Ask the provider about everything that is unknown."""
    found = 0
    for _ in range(rounds):
        found += reconcile_unknown(
            now=timezone.now() + timedelta(seconds=1),
            older_than=timedelta(0),
            limit=100_000,
            seconds=600,
        )
        if not Delivery.objects.filter(state=State.UNKNOWN).exists():
            break
    return found


def fold() -> int:
    """Fold every receipt that waits."""
    folded = 0
    while step := receipts.fold_waiting(now=timezone.now()):
        folded += step
    return folded


# ---- What people do ----------------------------------------------------------------------------


def join(*, count: int, first: int = 1) -> int:
    """Let people join."""
    return people.join(count, first=first)


def plan_measured() -> tuple[int, int]:
    """Plan one batch for everybody; return its size and the memory of this process in KiB."""
    return people.plan_batch("broadcast:1"), measure_memory()


def plan(*, reference: str = "broadcast:1", **more: Any) -> int:
    """Plan one batch for everybody."""
    return people.plan_batch(reference, **more)


def stop(*, numbers: list[int], every: float = 0.0) -> dict[int, int]:
    """Let people say stop, one after the other; return when each was committed (ns)."""
    committed = {}
    for serial in numbers:
        consent.withdraw(
            [people.hash_of(serial)],
            method=ConsentEntry.Method.KEYWORD,
            wording="STOP",
            now=timezone.now(),
        )
        committed[serial] = time.time_ns()
        time.sleep(every)
    return committed


def stop_aimed(*, numbers: list[int]) -> dict[int, int]:
    """Let people say stop at the worst moment: while their message is claimed, or on the wire."""
    by_hash = {people.hash_of(serial): serial for serial in numbers}
    committed: dict[int, int] = {}
    until = time.monotonic() + 30
    while len(committed) < len(numbers) and time.monotonic() < until:
        moving = Delivery.objects.filter(
            state__in=[State.CLAIMED, State.SUBMITTING], subscriber__number_hash__in=list(by_hash)
        )
        hashes = moving.values_list("subscriber__number_hash", flat=True)[:5]
        aimed = [by_hash[bytes(one)] for one in hashes]
        fresh = [serial for serial in aimed if serial not in committed]
        if not fresh and not Delivery.objects.filter(state=State.PLANNED).exists():
            fresh = [serial for serial in numbers if serial not in committed][:5]
        committed |= stop(numbers=fresh)
    return committed


def opt_in(*, numbers: list[int]) -> int:
    """Let people say yes; whoever has said stop stays away. Return how many joined."""
    joined = 0
    for serial in numbers:
        with suppress(consent.SuppressedError):
            consent.grant(people.joining(serial), now=timezone.now())
            joined += 1
    return joined


def opt_in_again(*, numbers: list[int]) -> int:
    """Let a list bring the same people, in the other order."""
    return opt_in(numbers=list(reversed(numbers)))


def rotate(*, page: int = 50) -> int:
    """Seal every number anew, in small pages."""
    rotating.PAGE = page
    call_command("rotate_keys")
    return 0


def pause(*, reference: str = "broadcast:1") -> int:
    """Pause a batch; return when that was committed (ns)."""
    assert batches.pause(reference)
    return time.time_ns()


def resume(*, reference: str = "broadcast:1") -> int:
    """Let a batch go on; return a moment before that."""
    before = time.time_ns()
    assert batches.resume(reference)
    return before


def cancel(*, reference: str = "broadcast:1") -> int:
    """Cancel a batch; return when that was committed (ns)."""
    batches.cancel(reference, now=timezone.now())
    return time.time_ns()


def let_go(*, name: str) -> bool:
    """Let a halted sender go on."""
    return breaker.let_go(Sender.objects.get(name=name).pk)


def make_tokens(*, deliveries: list[int]) -> list[str]:
    """Return genuine tokens for deliveries, as only this service can make them."""
    return [make_token(delivery, 1) for delivery in deliveries]


def measure_memory() -> int:
    """Return the resident memory of this process in KiB."""
    with open("/proc/self/status", encoding="ascii") as file:  # noqa: PTH123
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))
