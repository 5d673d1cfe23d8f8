"""Callback tokens: delivery id, attempt number and a MAC, so that a receipt says whose it is."""

import hmac

from messaging.sealing.crypto import sign_short, signs_of


def make_token(delivery: int, attempt: int) -> str:
    """Return the token that goes into a callback address."""
    return f"{delivery}.{attempt}.{sign_short(f'{delivery}.{attempt}')}"


def read_token(token: str) -> tuple[int, int] | None:
    """Return (delivery id, attempt) of a token we made, or None for any other text."""
    delivery, _, rest = token.partition(".")
    attempt, _, mac = rest.partition(".")
    if not (delivery.isdecimal() and attempt.isdecimal() and len(token) < 80):
        return None
    # Under any key of the ring: a receipt may come days after the index key was changed.
    genuine = [
        hmac.compare_digest(mac.encode(), sign.encode())
        for sign in signs_of(f"{delivery}.{attempt}")
    ]
    return (int(delivery), int(attempt)) if any(genuine) else None
