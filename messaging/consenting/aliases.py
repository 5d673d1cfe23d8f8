"""Aliases: a WhatsApp user id and the number it once came with, so that a no by either is a no by both.

WhatsApp may leave the number out of a message and show a user id instead. Only keyed hashes are kept,
and only for identities that we know anything of.
"""

from collections.abc import Collection
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from messaging.consenting import identities
from messaging.models import Alias, Subscriber, Suppression
from messaging.sealing.crypto import hash_number, hashes_of
from messaging.wire import Inbound


def list_hashes(address: str) -> tuple[bytes, ...]:
    """Return every hash an address may be known under: its own, the active first, then its aliases'."""
    return widen(hashes_of(address))


def widen(own: Collection[bytes]) -> tuple[bytes, ...]:
    """Return hashes of an identity and, after them, those of its aliases."""
    tied = Alias.objects.filter(Q(alias_hash__in=own) | Q(number_hash__in=own))
    found = identities.as_hashes(
        one for row in tied.values_list("alias_hash", "number_hash") for one in row
    )
    return (*own, *sorted(found - set(own)))


def note(message: Inbound, *, on: date) -> None:
    """Tie the user id of a message to its number, where it has both and we know either."""
    if not message.user_id or message.user_id == message.number:
        return
    hashes = hashes_of(message.number)
    either = (*hashes, *hashes_of(message.user_id))
    known = (
        Subscriber.objects.filter(number_hash__in=either).exists()
        or Suppression.objects.filter(number_hash__in=either).exists()
    )
    if known:
        # The newer number counts: a user id goes with its person.
        Alias.objects.update_or_create(
            alias_hash=hash_number(message.user_id),
            defaults={"number_hash": hashes[0], "seen_on": on},
        )


def find_unused() -> QuerySet[Alias]:
    """Return aliases of identities that nothing is kept of any more."""
    # Each by itself and by an index: a list of two million people is read through for none of them.
    either = Q(number_hash=OuterRef("number_hash")) | Q(number_hash=OuterRef("alias_hash"))
    here, stopped = Subscriber.objects.filter(either), Suppression.objects.filter(either)
    return Alias.objects.filter(~Exists(here), ~Exists(stopped))
