"""Callback tokens: delivery id, attempt number and a MAC, so that a receipt says whose it is."""

import hmac

from messaging.crypto import sign_short


def make_token(delivery: int, attempt: int) -> str:
    """Return the token that goes into a callback address."""
    return f"{delivery}.{attempt}.{sign_short(f'{delivery}.{attempt}')}"


def read_token(token: str) -> tuple[int, int] | None:
    """Return (delivery id, attempt) of a token we made, or None for any other text."""
    delivery, _, rest = token.partition(".")
    attempt, _, mac = rest.partition(".")
    if not (delivery.isdecimal() and attempt.isdecimal() and len(token) < 80):
        return None
    genuine = hmac.compare_digest(mac.encode(), sign_short(f"{delivery}.{attempt}").encode())
    return (int(delivery), int(attempt)) if genuine else None
