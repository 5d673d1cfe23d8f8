"""Keys that the settings hold: of the environment, or of a file that was read when the process started."""

from collections.abc import Mapping

from django.conf import settings

from messaging.sealing.keys.ring import NUMBER, Ring, make_ring


def read_keys(purpose: str) -> Mapping[int, bytes]:
    """Return the keys of a purpose as the settings hold them now, the active one first."""
    keys: Mapping[int, bytes] = settings.NUMBER_KEYS if purpose == NUMBER else settings.INDEX_KEYS
    return keys


def read_ring(purpose: str) -> Ring:
    """Return the ring of these keys; raise `KeysAway` where there is none."""
    return make_ring(read_keys(purpose))
