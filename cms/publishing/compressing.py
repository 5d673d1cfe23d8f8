"""Compressed answers: which encoding a browser takes, and what is made of a text for the way."""

import gzip
from functools import lru_cache

import brotli

BR, GZIP, IDENTITY = "br", "gzip", "identity"
# By how small they make a page.
PREFERRED = (BR, GZIP, IDENTITY)
COMPRESSED_TYPES = (
    "text/",
    "application/json",
    "application/manifest+json",
    "application/javascript",
    "application/xml",
    "image/svg+xml",
)
# Compressed once and sent a thousand times; what is not kept has to be quick.
BEST, QUICK = 11, 5
# Less than this fits into one packet as it is.
SMALLEST = 200


@lru_cache(maxsize=512)
def choose_encoding(accepted: str) -> str:
    """Return what to send to a browser that says this in Accept-Encoding."""
    weights: dict[str, float] = {}
    for part in accepted.lower().split(","):
        name, _semicolon, rest = part.partition(";")
        weights[name.strip()] = _weight(rest)
    anything = weights.get("*")
    named = {BR: anything or 0.0, GZIP: anything or 0.0, IDENTITY: 0.001} | weights
    # `max` takes the first of equals: the smallest on the way.
    return max(PREFERRED, key=lambda name: named[name]) if max(_known(named)) else IDENTITY


def _known(weights: dict[str, float]) -> tuple[float, ...]:
    return tuple(weights[name] for name in PREFERRED)


def _weight(rest: str) -> float:
    for parameter in rest.split(";"):
        name, _equals, value = parameter.strip().partition("=")
        if name.strip() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0


def is_compressed(content_type: str) -> bool:
    """Tell whether a kind of content becomes smaller by compressing it."""
    return content_type.startswith(COMPRESSED_TYPES)


def compress(body: bytes, encoding: str, *, quality: int = QUICK) -> bytes:
    """Return a body in an encoding."""
    if encoding == BR:
        mode = brotli.MODE_TEXT if quality == BEST else brotli.MODE_GENERIC
        return bytes(brotli.compress(body, mode=mode, quality=quality))
    if encoding == GZIP:
        # Without the time, so that the same text makes the same bytes.
        return gzip.compress(body, compresslevel=9 if quality == BEST else 6, mtime=0)
    return body


def expand(body: bytes) -> bytes:
    """Return what was compressed with gzip."""
    return gzip.decompress(body)
