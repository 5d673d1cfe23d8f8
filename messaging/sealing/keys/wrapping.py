"""Wrapping: a new key made at the key service, or one of the settings handed to it; retiring one."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max

from messaging.models import WrappedKey
from messaging.sealing.keys.environment import read_keys
from messaging.sealing.keys.kms import SETTLES, Wrapper
from messaging.sealing.keys.ring import HIGHEST_ID, PRACTICE_KEY


class WrappingError(Exception):
    """Say why a key is not wrapped or retired, and what to do; holds no key."""


def wrap_next(purpose: str, *, wrapper: Wrapper, now: datetime) -> WrappedKey:
    """Make the next key of a purpose at the service, keep it wrapped and return it."""
    ids = WrappedKey.objects.filter(purpose=purpose).aggregate(highest=Max("key_id"))
    key_id = max(ids["highest"] or 0, *read_keys(purpose), 0) + 1
    if key_id > HIGHEST_ID:
        raise WrappingError(f"The ids of {purpose} keys are used up: {HIGHEST_ID} is the highest.")
    return WrappedKey.objects.create(
        purpose=purpose, key_id=key_id, wrapped=wrapper.make(purpose), made_at=now
    )


def take_over(purpose: str, *, wrapper: Wrapper, now: datetime) -> Sequence[WrappedKey]:
    """Keep the settings' keys of a purpose wrapped, under their ids, and return them.

    They count as older than every wrapped one, in the order of the settings: none gets active by it.
    """
    held = read_keys(purpose)
    if PRACTICE_KEY in held.values():
        raise WrappingError("The rehearsal's public key protects nothing and is not taken over.")
    with transaction.atomic():
        known = set(WrappedKey.objects.filter(purpose=purpose).values_list("key_id", flat=True))
        oldest = WrappedKey.objects.filter(purpose=purpose).order_by("made_at").first()
        # Every process has them from its settings: they need no time to settle.
        before = (min(now, oldest.made_at) if oldest else now) - SETTLES
        return [
            WrappedKey.objects.create(
                purpose=purpose,
                key_id=key_id,
                wrapped=wrapper.wrap(key, purpose),
                made_at=before - timedelta(seconds=place),
            )
            for place, (key_id, key) in enumerate(held.items(), start=1)
            if key_id not in known
        ]


def retire(purpose: str, key_id: int, *, now: datetime) -> None:
    """Let a wrapped key be unwrapped no more; it stays in its table, for backups of before."""
    found = WrappedKey.objects.filter(purpose=purpose, key_id=key_id, retired_at__isnull=True)
    if not found.update(retired_at=now):
        raise WrappingError(f"No {purpose} key {key_id} is wrapped and in use.")
