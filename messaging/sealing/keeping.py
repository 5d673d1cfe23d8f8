"""Keeping: secrets of the house's own people, sealed as numbers are, each in a row of its own.

A row of its own binds a secret to its place and lets a rotation of keys find it. Who asks for one
knows its uid and nothing else.
"""

import uuid

from messaging.models import KeptSecret
from messaging.sealing.crypto import SealError, key_id_of, open_sealed, seal

PLACE = "kept_secret.text"


def keep_secret(text: str) -> uuid.UUID:
    """Seal a secret, keep it and return by which uid it is found."""
    kept = KeptSecret()
    kept.text_sealed = seal(text, place=PLACE, row=kept.uid)
    kept.key_id = key_id_of(kept.text_sealed)
    kept.save()
    return kept.uid


def open_secret(uid: uuid.UUID) -> str:
    """Return a secret; raise `SealError` where there is none, or none that can be opened."""
    kept = KeptSecret.objects.filter(uid=uid).first()
    if kept is None:
        raise SealError("There is no such secret.")
    return open_sealed(bytes(kept.text_sealed), place=PLACE, row=kept.uid)


def forget_secret(uid: uuid.UUID) -> None:
    """Remove a secret; one that is gone already is no fault."""
    KeptSecret.objects.filter(uid=uid).delete()
