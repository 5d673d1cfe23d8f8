"""Rehashing: people who are found under an older index key are found under the active one from now on.

No column says under which key a row was hashed, so each run looks at every number; what is right
already is only read. A row's number, its aliases, its notices and its place on the stop list move in
one transaction, so that a run which is cut off has lost nothing. The ledger only grows: its entries
stay under the key they were written with, and are found under every key of the ring.

Locks are taken in the order of `messaging.consenting.identities`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Model

from messaging.consenting import consent, identities
from messaging.models import Alias, ConsentEntry, Notice, SignUp, Subscriber, Suppression
from messaging.sealing.crypto import KeysAway, SealError, hashes_of, open_sealed
from messaging.upkeep import rotating
from messaging.upkeep.rotating import Tally, Tell, place_of

Row = TypeVar("Row", bound=Model)
# By the id of a row, the hashes of its number, the active one first.
Wanted = Mapping[int, tuple[bytes, ...]]


def rehash_subscribers(*, tell: Tell, dry: bool = False) -> Tally:
    """Move subscribers to the active index key, page by page; with `dry` only count them."""
    return _walk(Subscriber, _move_subscribers, tell=tell, dry=dry)


def rehash_sign_ups(*, tell: Tell, dry: bool = False) -> Tally:
    """Move open sign-ups to the active index key, page by page; with `dry` only count them."""
    return _walk(SignUp, _move_sign_ups, tell=tell, dry=dry)


def _walk(model: type[Any], move: Callable[[Wanted], int], *, tell: Tell, dry: bool) -> Tally:
    tally = Tally()
    while rows := list(model.objects.filter(pk__gt=tally.last).order_by("pk")[: rotating.PAGE]):
        wanted, unreadable = _find_wanted(rows)
        moved = move(wanted) if wanted and not dry else 0
        tally += Tally(moved, len(wanted) - moved, unreadable, last=rows[-1].pk)
        tell(tally)
    return tally


def _find_wanted(rows: Sequence[Any]) -> tuple[Wanted, int]:
    """Return the hashes of those that are not under the active key, and how many cannot be opened."""
    wanted, unreadable = {}, 0
    for row in rows:
        try:
            hashes = hashes_of(_open(row))
        except KeysAway:
            raise
        except SealError:
            unreadable += 1
            continue
        if bytes(row.number_hash) != hashes[0]:
            wanted[row.pk] = hashes
    return wanted, unreadable


def _open(row: Any) -> str:
    if isinstance(row, Subscriber):
        return consent.open_number(row.uid, bytes(row.number_sealed), purpose="rotating")
    return open_sealed(row.number_sealed, place=place_of(type(row)), row=row.uid)


def _move_subscribers(wanted: Wanted) -> int:
    with transaction.atomic():
        identities.lock(_all(wanted.values()))
        locked = Subscriber.objects.select_for_update().filter(pk__in=wanted).order_by("pk")
        rows = [row for row in locked if bytes(row.number_hash) in wanted[row.pk][1:]]
        _carry_stops(wanted[row.pk] for row in rows)
        twins = _find_twins(Subscriber, rows, wanted)
        for row in rows:
            old, new = bytes(row.number_hash), wanted[row.pk][0]
            _move_aliases(old, new)
            Notice.objects.filter(number_hash=old).update(number_hash=new)
            if row.pk in twins:
                # Whoever joined again under the active key stands there; one number is one person.
                consent.erase(row)
            else:
                Subscriber.objects.filter(pk=row.pk).update(number_hash=new)
    return len(rows)


def _move_aliases(old: bytes, new: bytes) -> None:
    Alias.objects.filter(number_hash=old).update(number_hash=new)
    if Alias.objects.filter(alias_hash=new).exists():
        Alias.objects.filter(alias_hash=old).delete()
    else:
        Alias.objects.filter(alias_hash=old).update(alias_hash=new)


def _move_sign_ups(wanted: Wanted) -> int:
    with transaction.atomic():
        locked = SignUp.objects.select_for_update().filter(pk__in=wanted).order_by("pk")
        rows = [row for row in locked if bytes(row.number_hash) in wanted[row.pk][1:]]
        identities.lock(_all(wanted[row.pk] for row in rows))
        _carry_stops(wanted[row.pk] for row in rows)
        twins = _find_twins(SignUp, rows, wanted)
        SignUp.objects.filter(pk__in=twins).delete()
        for row in rows:
            SignUp.objects.filter(pk=row.pk).update(number_hash=wanted[row.pk][0])
    return len(rows)


def _find_twins(model: type[Any], rows: Iterable[Any], wanted: Wanted) -> set[int]:
    """Return the ids of rows whose channel and new hash somebody has already."""
    new = [wanted[row.pk][0] for row in rows]
    taken = model.objects.filter(number_hash__in=new).values_list("channel", "number_hash")
    known = {(channel, bytes(number_hash)) for channel, number_hash in taken}
    return {row.pk for row in rows if (row.channel, wanted[row.pk][0]) in known}


def _carry_stops(identity_hashes: Iterable[tuple[bytes, ...]]) -> None:
    """Let whoever is on the stop list under an old hash stand there under the active one too."""
    hashes = {older: known[0] for known in identity_hashes for older in known[1:]}
    stops: dict[bytes, Suppression] = {}
    found = Suppression.objects.filter(number_hash__in=list(hashes)).order_by("at")
    # Last, and so kept where there are several: a word of hers, and the latest.
    for stop in sorted(found, key=lambda stop: stop.source != ConsentEntry.Method.LAPSE):
        new = hashes[bytes(stop.number_hash)]
        stops[new] = carried = copy(stop)
        carried.pk, carried.number_hash = None, new
    Suppression.objects.bulk_create(stops.values(), ignore_conflicts=True)


def _all(identity_hashes: Iterable[tuple[bytes, ...]]) -> set[bytes]:
    return {number_hash for known in identity_hashes for number_hash in known}
