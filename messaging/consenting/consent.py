"""Consent: a yes, its confirmation, a no. The ledger is the truth; the subscriber's row follows it.

Row and entry are written in one transaction. Leaving (a no, a lapse, erasure) is in
`messaging.consenting.leaving` and offered here as well. The order of locks is in
`messaging.consenting.identities`.
"""

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.db import transaction

from messaging.consenting import identities
from messaging.consenting.identities import NUMBER_PLACE, open_number
from messaging.consenting.leaving import erase, lapse, take_over_opt_outs, withdraw
from messaging.consenting.projecting import find_ended, find_live, read_row, step
from messaging.models import ConsentEntry, Subscriber, Suppression, Topic
from messaging.models.subscribers import Purpose
from messaging.numbers import parse_address
from messaging.sealing.crypto import hashes_of, key_id_of, seal

__all__ = [
    "Joining",
    "SuppressedError",
    "confirm",
    "erase",
    "grant",
    "hear",
    "lapse",
    "open_number",
    "record_yes",
    "refuse",
    "resume",
    "stay",
    "take_over_opt_outs",
    "withdraw",
]

_Verdict = ConsentEntry.Verdict


class SuppressedError(Exception):
    """Say that this identity asked never to be sent to, so that no list may bring it back."""


@dataclass(frozen=True, slots=True)
class Joining:
    """Hold what somebody gave when she joined: `number` in E.164, `topics` such as `route:cmed`."""

    channel: str
    number: str = field(repr=False)
    language: str
    country: str
    topics: tuple[str, ...]
    method: str
    wording: str
    purposes: tuple[str, ...] = (Purpose.MESSAGES,)
    # By purpose, the words she was shown for it, where they are not `wording`.
    words: Mapping[str, str] = field(default_factory=dict)
    evidence: str = ""
    until: datetime | None = None


def grant(joining: Joining, *, now: datetime) -> Subscriber:
    """Record a yes and its confirmation at once, for a rehearsal; return the subscriber.

    Raise `SuppressedError` when the identity said stop, and `NumberError` for a number that this
    deployment cannot send to; nothing is stored then.
    """
    joining = _read(joining)
    return _join(joining, (_Verdict.GRANTED, _Verdict.CONFIRMED), begun_at=None, now=now)


def record_yes(joining: Joining, *, now: datetime) -> None:
    """Record a yes that waits for its confirmation; nothing is sent on the strength of it."""
    joining = _read(joining)
    ConsentEntry.objects.bulk_create(_entries(joining, _Verdict.GRANTED, now=now))


def confirm(joining: Joining, *, begun_at: datetime, now: datetime) -> Subscriber:
    """Record the confirmation of a sign-up that began at `begun_at`; return the subscriber.

    It lifts a stop that is older than the sign-up; raise `SuppressedError` where one is younger.
    """
    joining = _read(joining)
    joining = replace(joining, words=_find_words(joining, since=begun_at))
    return _join(joining, (_Verdict.CONFIRMED,), begun_at=begun_at, now=now)


def refuse(joining: Joining, *, now: datetime) -> None:
    """Record a no to what was asked; what she said yes to before, for these purposes, ends with it."""
    joining = _read(joining)
    hashes = hashes_of(joining.number)
    with transaction.atomic():
        identities.lock(hashes)
        subscriber = _lock_row(joining.channel, hashes)
        entries = _entries(joining, _Verdict.REFUSED, now=now)
        ConsentEntry.objects.bulk_create(entries)
        if subscriber is not None:
            _write(subscriber, step(subscriber, entries))


def hear(subscriber_pk: int, *, on: date) -> None:
    """Note that somebody was heard of on a day: by an answer, or by a receipt from her phone."""
    heard = Subscriber.objects.filter(pk=subscriber_pk)
    heard.exclude(heard_on=on, unanswered=0).update(heard_on=on, unanswered=0)


def stay(subscriber_pk: int, *, method: str, wording: str, now: datetime) -> bool:
    """Take the yes of somebody who was asked whether to go on; say whether she had been asked.

    An end that her yes had stays, but where it was near when she was asked: then it was the question.
    """
    with transaction.atomic():
        found = Subscriber.objects.filter(pk=subscriber_pk)
        identities.lock(identities.as_hashes(found.values_list("number_hash", flat=True)))
        asked = found.filter(state=Subscriber.State.ASKED)
        subscriber = asked.select_for_update(no_key=True).first()
        if subscriber is None:
            return False
        over = find_ended(subscriber, now=now)
        entries = [
            ConsentEntry(
                number_hash=bytes(subscriber.number_hash),
                channel=subscriber.channel,
                purpose=purpose,
                verdict=_Verdict.CONFIRMED,
                method=method,
                wording=wording,
                at=now,
                until=_find_end(subscriber, purpose),
            )
            for purpose in find_live(subscriber)
            if purpose == Purpose.MESSAGES or purpose not in over
        ]
        ConsentEntry.objects.bulk_create(entries)
        heard: dict[str, object] = {"heard_on": now.date(), "asked_on": None, "unanswered": 0}
        _write(subscriber, step(subscriber, entries) | heard)
    return True


def resume(subscriber_pk: int) -> None:
    """Let somebody go on who was asked and wrote neither yes nor no; the ledger has nothing to say of it.

    She has not fallen silent, so she is not forgotten; but the yes that stands is the one she gave before.
    """
    asked = Subscriber.objects.filter(pk=subscriber_pk, state=Subscriber.State.ASKED)
    asked.update(state=Subscriber.State.SUBSCRIBED, asked_on=None)


def _find_end(subscriber: Subscriber, purpose: str) -> datetime | None:
    """Return until when a yes to going on holds for a purpose; None means without end."""
    until = read_row(subscriber)[purpose].until
    if until is None or subscriber.asked_on is None or purpose != Purpose.MESSAGES:
        return until
    answered_by = subscriber.asked_on + timedelta(days=settings.RETENTION["answer"])
    return until if until.astimezone(UTC).date() > answered_by else None


def _read(joining: Joining) -> Joining:
    fiction = settings.REHEARSAL
    return replace(joining, number=parse_address(joining.channel, joining.number, fiction=fiction))


def _join(
    joining: Joining, verdicts: Iterable[str], *, begun_at: datetime | None, now: datetime
) -> Subscriber:
    hashes = hashes_of(joining.number)
    with transaction.atomic():
        identities.lock(hashes)
        known = _lock_row(joining.channel, hashes)
        subscriber = known or _new_row(joining, hashes[0], now=now)
        # After the lock, in a statement of its own: a stop that was under way is seen.
        if _was_withdrawn(hashes, since=begun_at):
            raise SuppressedError("This number asked not to be sent to.")
        if begun_at is not None:
            Suppression.objects.filter(number_hash__in=hashes).delete()
        entries = [entry for verdict in verdicts for entry in _entries(joining, verdict, now=now)]
        ConsentEntry.objects.bulk_create(entries)
        returns = known is not None and not find_live(known)
        _write(subscriber, step(subscriber, entries) | _told(joining, now=now, anew=returns))
        if returns:
            # What she asked for before she left is over.
            subscriber.topics.exclude(name__in=joining.topics).delete()
        Topic.objects.bulk_create(
            [Topic(subscriber=subscriber, name=name) for name in joining.topics],
            ignore_conflicts=True,
        )
    return subscriber


def _find_words(joining: Joining, *, since: datetime) -> dict[str, str]:
    """Return the words of each yes that a sign-up began with: what is confirmed is that yes."""
    granted = ConsentEntry.objects.filter(
        number_hash__in=hashes_of(joining.number),
        channel=joining.channel,
        verdict=_Verdict.GRANTED,
        at__gte=since,
    )
    return dict(granted.order_by("pk").values_list("purpose", "wording"))


def _was_withdrawn(hashes: Collection[bytes], *, since: datetime | None) -> bool:
    stopped = Suppression.objects.filter(number_hash__in=hashes)
    if since is not None:
        # A lapse is no word of hers: whoever answers the very question has not fallen silent.
        stopped = stopped.filter(at__gte=since).exclude(source=ConsentEntry.Method.LAPSE)
    return stopped.exists()


def _lock_row(channel: str, hashes: Collection[bytes]) -> Subscriber | None:
    rows = Subscriber.objects.select_for_update(no_key=True)
    return rows.filter(channel=channel, number_hash__in=hashes).order_by("pk").first()


def _new_row(joining: Joining, number_hash: bytes, *, now: datetime) -> Subscriber:
    uid = uuid.uuid4()
    sealed = seal(joining.number, place=NUMBER_PLACE, row=uid)
    return Subscriber(
        uid=uid,
        channel=joining.channel,
        number_hash=number_hash,
        number_sealed=sealed,
        key_id=key_id_of(sealed),
        state=Subscriber.State.STOPPED,
        messages=False,
        joined_at=now,
    )


def _told(joining: Joining, *, now: datetime, anew: bool) -> dict[str, object]:
    told: dict[str, object] = {
        "language": joining.language,
        "country": joining.country,
        "heard_on": now.date(),
        "asked_on": None,
        "unanswered": 0,
    }
    return told | {"joined_at": now} if anew else told


def _entries(joining: Joining, verdict: str, *, now: datetime) -> list[ConsentEntry]:
    number_hash = hashes_of(joining.number)[0]
    return [
        ConsentEntry(
            number_hash=number_hash,
            channel=joining.channel,
            purpose=purpose,
            verdict=verdict,
            method=joining.method,
            wording=joining.words.get(purpose, joining.wording),
            evidence=joining.evidence,
            at=now,
            until=joining.until,
        )
        for purpose in joining.purposes
    ]


def _write(subscriber: Subscriber, columns: dict[str, object]) -> None:
    for name, value in columns.items():
        setattr(subscriber, name, value)
    # A new row is written whole; an old one keeps its number as it was sealed.
    subscriber.save(update_fields=list(columns) if subscriber.pk else None)
