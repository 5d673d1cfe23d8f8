"""Consent: grant, withdraw, suppress. A withdrawal commits before anything else may be sent.

Lock order for everybody: subscribers by ascending id, then deliveries by ascending id.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.conf import settings
from django.db import transaction

from messaging import ledger
from messaging.crypto import hash_number, open_sealed, seal
from messaging.models import ConsentEntry, Delivery, Subscriber, Suppression, Topic
from messaging.numbers import parse_number
from messaging.states import UNSENT, State

_PLACE = "subscriber.number"


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


def grant(joining: Joining, *, now: datetime) -> Subscriber:
    """Record a yes and return its subscriber; raise `SuppressedError` when the identity said stop.

    Raise `NumberError` for a number that this deployment cannot send to; nothing is stored then.
    """
    number = parse_number(joining.number, fiction=settings.REHEARSAL)
    joining = replace(joining, number=number)
    found = hash_number(joining.number)
    with transaction.atomic():
        subscriber = _get_or_make(joining, found=found, now=now)
        # After the row is written and so locked: an opt-out that was under way is seen.
        if Suppression.objects.filter(number_hash=found).exists():
            raise SuppressedError("This number asked not to be sent to.")
        Topic.objects.bulk_create(
            [Topic(subscriber=subscriber, name=name) for name in joining.topics],
            ignore_conflicts=True,
        )
        ConsentEntry.objects.create(
            number_hash=found,
            channel=joining.channel,
            verdict=ConsentEntry.Verdict.GRANTED,
            method=joining.method,
            wording=joining.wording,
            at=now,
        )
    return subscriber


def withdraw(
    number_hash: bytes, *, method: str, wording: str, now: datetime, channel: str = ""
) -> int:
    """Record a no for every channel of an identity and return how many planned deliveries it stopped.

    `channel` is where the no was said; the ledger needs it for an identity that never joined.
    """
    with transaction.atomic():
        people = list(
            # Not the key: a batch that is being planned refers to it, and a STOP waits for no plan.
            Subscriber.objects.select_for_update(no_key=True)
            .filter(number_hash=number_hash)
            .order_by("pk")
            .values_list("pk", "channel")
        )
        Suppression.objects.bulk_create(
            [Suppression(number_hash=number_hash, source=method, at=now)], ignore_conflicts=True
        )
        known = [name for _pk, name in people]
        for name in known or filter(None, [channel]):
            ConsentEntry.objects.create(
                number_hash=number_hash,
                channel=name,
                verdict=ConsentEntry.Verdict.WITHDRAWN,
                method=method,
                wording=wording,
                at=now,
            )
        ids = [pk for pk, _name in people]
        Subscriber.objects.filter(pk__in=ids).update(state=Subscriber.State.STOPPED)
        waiting = Delivery.objects.filter(subscriber_id__in=ids, state__in=UNSENT)
        return ledger.end_unsent(waiting, State.SUPPRESSED, reason="opted_out", now=now)


def take_over_opt_outs(deliveries: Collection[int], *, now: datetime) -> None:
    """Record opt-outs that only the provider knew of: those of the people of some deliveries."""
    people = Subscriber.objects.filter(deliveries__in=deliveries)
    found = {bytes(known) for known in people.values_list("number_hash", flat=True)}
    stopped = Suppression.objects.filter(number_hash__in=found)
    # One no may come with many receipts; after the first there is nothing left to stop.
    found -= {bytes(known) for known in stopped.values_list("number_hash", flat=True)}
    for number_hash in sorted(found):
        withdraw(number_hash, method=ConsentEntry.Method.PROVIDER, wording="provider list", now=now)


def open_number(subscriber_uid: uuid.UUID, sealed: bytes, *, purpose: str) -> str:
    """Return a subscriber's number for `purpose`, which must be sending or reconciling."""
    if purpose not in {"sending", "reconciling"}:
        raise PermissionError(f"A number is not opened for {purpose!r}.")
    return open_sealed(sealed, place=_PLACE, row=subscriber_uid)


def _get_or_make(joining: Joining, *, found: bytes, now: datetime) -> Subscriber:
    uid = uuid.uuid4()
    told = {"language": joining.language, "country": joining.country}
    subscriber, made = Subscriber.objects.get_or_create(
        channel=joining.channel,
        number_hash=found,
        defaults=told
        | {
            "uid": uid,
            "number_sealed": seal(joining.number, place=_PLACE, row=uid),
            "joined_at": now,
        },
    )
    if not made:
        Subscriber.objects.filter(pk=subscriber.pk).update(
            state=Subscriber.State.SUBSCRIBED, **told
        )
        subscriber.refresh_from_db()
    return subscriber
