"""Leaving: a no that stops every channel at once, a lapse by silence, and the end of a row.

A withdrawal commits before anything else may be sent. `messaging.consenting.consent` offers all of this.
"""

from collections.abc import Collection, Iterable
from copy import copy
from datetime import datetime, timedelta
from typing import TypedDict, Unpack

from django.conf import settings
from django.db import transaction

from messaging import ledger
from messaging.consenting import aliases, identities
from messaging.consenting.projecting import as_columns, find_ended, find_live, step
from messaging.models import (
    ConsentEntry,
    Delivery,
    InboundMessage,
    Notice,
    SignUp,
    Subscriber,
    Suppression,
    Topic,
)
from messaging.models.subscribers import Purpose
from messaging.sealing.crypto import SealError
from messaging.states import UNSENT, State


class Saying(TypedDict, total=False):
    """Say how a no was said: the channel it came by, where it did, and what proves it."""

    channel: str
    evidence: str


def withdraw(
    hashes: Collection[bytes],
    *,
    method: str,
    wording: str,
    now: datetime,
    **said: Unpack[Saying],
) -> int:
    """Record a no for every channel and purpose of an identity; return how many deliveries it stopped.

    `hashes` are the identity's under every key of the ring (`crypto.hashes_of`), the active one first.
    `channel` is where the no was said; the ledger needs it for an identity that never joined.
    """
    with transaction.atomic():
        # First: a confirmation that is under way holds its sign-up while it waits for the identity.
        SignUp.objects.filter(number_hash__in=hashes).delete()
        identities.lock(hashes)
        people = _lock_people(hashes)
        _suppress(hashes, method, now=now)
        entry = ConsentEntry(
            number_hash=next(iter(hashes)),
            channel=said.get("channel", ""),
            verdict=ConsentEntry.Verdict.WITHDRAWN,
            method=method,
            wording=wording,
            evidence=said.get("evidence", ""),
            at=now,
        )
        ConsentEntry.objects.bulk_create(_spread(entry, people))
        stopped = _stop_rows(people, reason="opted_out", now=now)
        notices = Notice.objects.filter(number_hash__in=hashes)
        # One that is on the wire too: where the provider refuses to take it, it must not go again.
        notices.filter(state__in=[Notice.State.PLANNED, Notice.State.SUBMITTING]).update(
            expires_at=now
        )
        notices.filter(state=Notice.State.PLANNED).update(
            state=Notice.State.EXPIRED,
            reason="opted_out",
            settled_at=now,
            number_sealed=b"",
            body_sealed=b"",
        )
    return stopped


def take_over_opt_outs(deliveries: Collection[int], *, now: datetime) -> None:
    """Record opt-outs that only the provider knew of: those of the people of some deliveries."""
    # Whoever was erased since has left already.
    people = Subscriber.objects.filter(deliveries__in=deliveries).distinct().order_by("pk")
    for person in people.only("uid", "number_hash", "number_sealed"):
        hashes = _list_hashes(person)
        stopped = Suppression.objects.filter(number_hash__in=hashes)
        stopped = stopped.exclude(source=ConsentEntry.Method.LAPSE)
        # One no may come with many receipts; after the first there is nothing left to stop.
        if stopped.count() < len(hashes):
            withdraw(hashes, method=ConsentEntry.Method.PROVIDER, wording="provider list", now=now)


def _list_hashes(person: Subscriber) -> tuple[bytes, ...]:
    """Return every hash that somebody may be known under, on every channel."""
    sealed, own = bytes(person.number_sealed), bytes(person.number_hash)
    try:
        number = identities.open_number(person.uid, sealed, purpose="stopping")
        known = aliases.list_hashes(number)
    except SealError:
        # The no stands even so, for as much of her as is known.
        known = ()
    return known if own in known else aliases.widen((own, *known))


def lapse(
    subscribers: Collection[int], *, wording: str, now: datetime, ended_only: bool = False
) -> int:
    """Let the consent of some subscribers lapse and return of how many; their rows go later.

    Of those who were asked and have not answered all of it lapses; with `ended_only`, of whomever, what
    had an end that has passed. An identity that goes on by another channel is not put on the stop list.
    """
    with transaction.atomic():
        chosen = Subscriber.objects.filter(pk__in=subscribers)
        identities.lock(identities.as_hashes(chosen.values_list("number_hash", flat=True)))
        # After the lock: whoever answered in the meantime is not asked any more.
        left = chosen.exclude(state=Subscriber.State.STOPPED)
        left = left if ended_only else left.filter(state=Subscriber.State.ASKED)
        lapsed: dict[int, list[ConsentEntry]] = {}
        gone = []
        for person in left.select_for_update(no_key=True).order_by("pk"):
            over = find_ended(person, now=now) if ended_only else find_live(person)
            entries = [_make_lapse(person, purpose, wording, now=now) for purpose in over]
            columns = step(person, entries)
            if columns["state"] == Subscriber.State.STOPPED:
                gone.append(person)
            elif entries:
                # Who was asked whether to go on has not answered by that.
                kept = columns | {"state": person.state}
                Subscriber.objects.filter(pk=person.pk).update(**kept)
            lapsed[person.pk] = entries
        ConsentEntry.objects.bulk_create([entry for told in lapsed.values() for entry in told])
        _forget(gone, now=now)
    return len(lapsed)


def erase(subscriber: Subscriber) -> None:
    """Remove a subscriber's row, her topics and the texts she wrote; deliveries stay, nobody's.

    What was sent stays counted. The stop list and the ledger are not touched.
    """
    erase_rows([subscriber.pk])


def erase_rows(subscribers: Collection[int]) -> int:
    """Remove the rows of some subscribers and return how many there were.

    What a plan made for her after she left is stopped by dispatch's last gate: it finds nobody.
    """
    with transaction.atomic():
        locked = Subscriber.objects.select_for_update().filter(pk__in=subscribers)
        ids = [row.pk for row in locked.order_by("pk").only("pk")]
        Topic.objects.filter(subscriber_id__in=ids).delete()
        # Her phone may have been taken. The rows stay: a replay of them must be known for ever.
        written = InboundMessage.objects.filter(subscriber_id__in=ids)
        written.update(subscriber=None, text_sealed=b"")
        Subscriber.objects.filter(pk__in=ids).delete()
    return len(ids)


def _lock_people(hashes: Collection[bytes]) -> list[Subscriber]:
    # Not the key: a batch that is being planned refers to it, and a STOP waits for no plan.
    rows = Subscriber.objects.select_for_update(no_key=True)
    return list(rows.filter(number_hash__in=hashes).order_by("pk"))


def _suppress(hashes: Collection[bytes], method: str, *, now: datetime) -> None:
    expires_at = now + timedelta(days=settings.SUPPRESSION_DAYS)
    rows = [
        Suppression(number_hash=number_hash, source=method, at=now, expires_at=expires_at)
        for number_hash in sorted(hashes)
    ]
    if method == ConsentEntry.Method.LAPSE:
        Suppression.objects.bulk_create(rows, ignore_conflicts=True)
        return
    # The last word counts: a sign-up that began before it is not confirmed any more.
    Suppression.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["number_hash"],
        update_fields=["source", "at", "expires_at"],
    )


def _spread(entry: ConsentEntry, people: Iterable[Subscriber]) -> list[ConsentEntry]:
    """Return an entry for each person and each purpose that stands; else for where it was said."""
    spread = []
    for person in people:
        for purpose in find_live(person) or [Purpose.MESSAGES]:
            copied = copy(entry)
            copied.number_hash, copied.channel = bytes(person.number_hash), person.channel
            copied.purpose = purpose
            spread.append(copied)
    return spread or ([entry] if entry.channel else [])


def _make_lapse(person: Subscriber, purpose: str, wording: str, *, now: datetime) -> ConsentEntry:
    return ConsentEntry(
        number_hash=bytes(person.number_hash),
        channel=person.channel,
        purpose=purpose,
        verdict=ConsentEntry.Verdict.EXPIRED,
        method=ConsentEntry.Method.LAPSE,
        wording=wording,
        at=now,
    )


def _forget(people: Collection[Subscriber], *, now: datetime) -> None:
    """Stop what is planned for those of whom nothing is live any more, and let no list bring them back."""
    _stop_rows(people, reason="lapsed", now=now)
    gone = {bytes(person.number_hash) for person in people}
    staying = Subscriber.objects.filter(number_hash__in=gone)
    staying = staying.exclude(state=Subscriber.State.STOPPED)
    gone -= identities.as_hashes(staying.values_list("number_hash", flat=True))
    _suppress(gone, ConsentEntry.Method.LAPSE, now=now)


def _stop_rows(people: Iterable[Subscriber], *, reason: str, now: datetime) -> int:
    # Nobody has 0: of an unknown number the database is asked the same, so that time tells nothing.
    ids = [person.pk for person in people] or [0]
    Subscriber.objects.filter(pk__in=ids).update(**as_columns({}))
    waiting = Delivery.objects.filter(subscriber_id__in=ids, state__in=UNSENT)
    return ledger.end_unsent(waiting, State.SUPPRESSED, reason=reason, now=now)
