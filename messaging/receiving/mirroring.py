"""Mirroring: our stops on AWS's opt-out list, and theirs here; a second net, for ours is what counts.

Written out: a STOP, at the moment it is said and the number is known. The number waits in the memory of
this process for a minute (the answer that she is out must go first), then one a second is put on the list.
It is stored nowhere, so what waits when the process ends is not mirrored, and nothing makes up for
it: later only a hash is known, and AWS takes only numbers. The same for a stop by a user id of
WhatsApp's, for a lapse, and for what was stopped before AWS was set up.

Read in once a day: whoever is on the list has said no, unless she confirmed that she wants messages
after that. A yes is not mirrored: AWS lets a number off its list once in thirty days, and most surely when
the person writes START herself. Until then AWS refuses her, which counts as a stop again.

Twilio has no list to read; what it knows it says when it refuses a message (`consent.take_over_opt_outs`).
"""

import base64
import binascii
import logging
import os
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache

from django.db.models import Q

from messaging.consenting import aliases, consent
from messaging.consenting.identities import as_hashes
from messaging.models import ConsentEntry, Mirror, Sender, Suppression
from messaging.providers.aws_sms import AwsSms, ListPage, OptedOutNumber
from messaging.sealing.crypto import SealError, hashes_of, open_sealed, seal
from messaging.senders.roster import provider_named
from messaging.wire import SMS, AccountProblem, NotAccepted, Refused, SendError

PROVIDER = "aws-sms"
EVERY = timedelta(hours=20)
# AWS takes one call a second of this kind.
PAUSE = 1.0
LINGER = 60.0
MOST_WAITING = 1000
MOST_TRIES = 5
_LEASE = timedelta(minutes=5)
_PLACE = "mirror.place"
_WORDING = "provider list"

Clock = Callable[[], datetime]
Wait = Callable[[float], None]

log = logging.getLogger("waymark.mirroring")


@dataclass(frozen=True, slots=True)
class _Stop:
    number: str = field(repr=False)
    due: float
    tries: int = 0


class Outbox:
    """Hold stops in memory until they are on the list: one a second, the oldest first."""

    def __init__(self, put: Callable[[str], None], *, wait: Wait = time.sleep) -> None:
        self._put, self._wait = put, wait
        self._waiting: queue.Queue[_Stop] = queue.Queue(MOST_WAITING)

    def add(self, number: str, *, linger: float = LINGER) -> bool:
        """Take a number and say so; say False where too many wait."""
        return self._take(_Stop(number, time.monotonic() + linger))

    def run(self) -> None:
        """Put every number on the list as it falls due, for ever."""
        while True:
            self.step()

    def step(self) -> None:
        """Put the next number on the list, once it is due, and keep the pace."""
        stop = self._waiting.get()
        self._wait(max(0.0, stop.due - time.monotonic()))
        try:
            self._put(stop.number)
        except NotAccepted as error:
            if not isinstance(error, AccountProblem) and stop.tries < MOST_TRIES:
                later = time.monotonic() + 2.0**stop.tries
                self._take(_Stop(stop.number, later, stop.tries + 1))
            else:
                log.warning("a stop was not mirrored: %s", error.reason)
        except Exception as error:  # noqa: BLE001  (the next one may go; ours counts in any case)
            log.warning("a stop was not mirrored: %s", type(error).__name__)
        self._wait(PAUSE)

    def _take(self, stop: _Stop) -> bool:
        try:
            self._waiting.put_nowait(stop)
        except queue.Full:
            log.warning("a stop was not mirrored: too many wait")
            return False
        return True


def note_stop(number: str) -> bool:
    """Have a stop that was just committed put on AWS's list; say whether it will be."""
    if not number.startswith("+") or not _is_used():
        return False
    return _the_outbox().add(number)


def read_list(
    *, clock: Clock, seconds: float, source: AwsSms | None = None, wait: Wait = time.sleep
) -> int:
    """Read on in AWS's list for at most `seconds`, where a day is over; return how many stops it told."""
    if source is None and not _is_used():
        return 0
    mirror = _lease(clock())
    if mirror is None:
        return 0
    until = time.monotonic() + seconds
    told = 0
    try:
        while True:
            page = _read_page(source or _the_provider(), mirror)
            told += heed(page.numbers, now=clock())
            _keep_place(mirror, page.next_place, now=clock())
            if not page.next_place or time.monotonic() + PAUSE >= until:
                return told
            wait(PAUSE)
    except (SendError, LookupError) as error:
        word = getattr(error, "word", "")
        log.warning("AWS's list of stops cannot be read: %s %s", type(error).__name__, word)
        return told
    finally:
        Mirror.objects.filter(pk=mirror.pk).update(busy_until=None)


def heed(lines: Sequence[OptedOutNumber], *, now: datetime) -> int:
    """Record those stops of a page that we do not know and nobody took back; return how many."""
    hashes = {line: hashes_of(line.number) for line in lines}
    every = {one for own in hashes.values() for one in own}
    known = as_hashes(
        Suppression.objects.filter(number_hash__in=every)
        .exclude(source=ConsentEntry.Method.LAPSE)
        .values_list("number_hash", flat=True)
    )
    fresh = [line for line in lines if not known & set(hashes[line])]
    gone = [line for line in fresh if not _came_back(hashes[line], line.at)]
    for line in gone:
        consent.withdraw(
            aliases.list_hashes(line.number),
            method=ConsentEntry.Method.PROVIDER,
            wording=_WORDING,
            now=now,
            channel=SMS,
        )
    return len(gone)


def _came_back(hashes: Sequence[bytes], at: datetime) -> bool:
    yes = ConsentEntry.objects.filter(number_hash__in=hashes, at__gt=at)
    return yes.filter(verdict=ConsentEntry.Verdict.CONFIRMED).exists()


def _is_used() -> bool:
    return Sender.objects.filter(provider=PROVIDER, active=True).exists()


def _lease(now: datetime) -> Mirror | None:
    """Return how far the list was read, if it is time and nobody else reads it."""
    Mirror.objects.get_or_create(provider=PROVIDER)
    due = Q(read_at__isnull=True) | Q(read_at__lte=now - EVERY) | ~Q(place="")
    free = Q(busy_until__isnull=True) | Q(busy_until__lte=now)
    mine = Mirror.objects.filter(due, free, provider=PROVIDER)
    if not mine.update(busy_until=now + _LEASE):
        return None
    return Mirror.objects.get(provider=PROVIDER)


def _read_page(source: AwsSms, mirror: Mirror) -> ListPage:
    place = _open_place(mirror)
    try:
        return source.list_opted_out(place)
    except Refused:
        if not place:
            raise
    # A place is good for a while only; then the list is read from its begin.
    return source.list_opted_out()


def _keep_place(mirror: Mirror, place: str, *, now: datetime) -> None:
    # AWS does not say what is in it: perhaps the number at which the next page begins.
    sealed = seal(place, place=_PLACE, row=mirror.uid) if place else b""
    mirror.place = base64.b64encode(sealed).decode()
    mirror.busy_until = now + _LEASE
    if not place:
        mirror.read_at = now
    mirror.save(update_fields=["place", "read_at", "busy_until"])


def _open_place(mirror: Mirror) -> str:
    if not mirror.place:
        return ""
    try:
        return open_sealed(base64.b64decode(mirror.place), place=_PLACE, row=mirror.uid)
    except (SealError, binascii.Error):
        return ""


def _the_provider() -> AwsSms:
    provider = provider_named(PROVIDER)
    if not isinstance(provider, AwsSms):
        raise LookupError(f"{PROVIDER} keeps no list.")
    return provider


def _put(number: str) -> None:
    _the_provider().put_opted_out(number)


@lru_cache(maxsize=1)
def _the_outbox() -> Outbox:
    outbox = Outbox(_put)
    threading.Thread(target=outbox.run, name="mirror", daemon=True).start()
    return outbox


# A forked child has none of its parent's threads.
os.register_at_fork(after_in_child=_the_outbox.cache_clear)
