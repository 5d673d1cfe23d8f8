"""The keyring: the one door to keys, wherever they come from. Seals and hashes nothing itself.

Without a key service the settings hold the keys (environment or file). With one, wrapped keys come
first and those of the settings still open and find, so that a deployment can move to the service.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.signals import setting_changed
from django.utils import timezone

from messaging.sealing.keys import environment
from messaging.sealing.keys.kms import Service, WrappedRings, Wrapper
from messaging.sealing.keys.ring import PURPOSES, Ring

# Longer than any batch of calls that is made on the strength of a warm ring.
_WARM = 60.0
_SETTINGS = {"NUMBER_KEYS", "INDEX_KEYS", "KMS_KEY", "KMS_ENDPOINT_URL"}
# Rings of the settings, which stay as they are; those of a key service run out, and are held there.
_held: dict[str, Ring] = {}


def ring_of(purpose: str) -> Ring:
    """Return the ring of "number" or "index" keys; raise `KeysAway` where there is none to be had."""
    # Held, since a setting takes longer to read than a number to open.
    return _held.get(purpose) or _find_source()(purpose)


def warm() -> None:
    """Make sure that the keys are at hand for the next minute; raise `KeysAway` if they cannot be."""
    for purpose in PURPOSES:
        if settings.KMS_KEY:
            _wrapped_rings().read_ring(purpose, left=_WARM)
        else:
            ring_of(purpose)


def forget() -> None:
    """Forget every key that is held, so that the next use finds them anew."""
    _held.clear()
    _find_source.cache_clear()
    _wrapped_rings.cache_clear()


def name_service() -> Service:
    """Return the key service that the settings name."""
    return Service(settings.KMS_KEY, settings.KMS_ENDPOINT_URL, alone=settings.REHEARSAL)


@lru_cache(maxsize=1)
def _find_source() -> Callable[[str], Ring]:
    return _wrapped_rings().read_ring if settings.KMS_KEY else _hold_settings


def _hold_settings(purpose: str) -> Ring:
    ring = _held[purpose] = environment.read_ring(purpose)
    return ring


@lru_cache(maxsize=1)
def _wrapped_rings() -> WrappedRings:
    return WrappedRings(Wrapper(name_service()).unwrap, now=timezone.now)


def _forget_old(*, setting: str, **_rest: Any) -> None:
    if setting in _SETTINGS:
        forget()


# Only tests change settings in a running process; Django tells them apart by this signal.
setting_changed.connect(_forget_old)
