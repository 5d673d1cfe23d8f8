"""Twilio's signatures on callbacks: by the account's auth tokens, or by shared keys made for them alone.

A signature covers the address and each field's name and value, in the order of the names. It has no
time and no nonce: a replay is genuine for ever, so whoever reads on must not mind one.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import parse_qs, urlsplit

from messaging.providers.base import Form, refuse_doubled_fields
from messaging.wire import BadSignature

# What the header that goes with a shared key must name; without the header it is a token and SHA-1.
_ALGORITHM = "HMAC_SHA256"
_PORTS = {"https": "443", "http": "80"}

_Secret = tuple[bytes, str]


class Signatures:
    """Check signatures against every secret that is ours, the old ones of a rotation among them."""

    def __init__(self, tokens: Sequence[str], shared_keys: Mapping[str, str]) -> None:
        self._tokens: tuple[_Secret, ...] = tuple((one.encode(), "sha1") for one in tokens)
        self._shared: dict[str, _Secret] = {
            key: (secret.encode(), "sha256") for key, secret in shared_keys.items()
        }

    def check(self, url: str, form: Form, signature: str, *, scheme: str) -> None:
        """Raise BadSignature unless one of our secrets signed this form for this address.

        `scheme` is the header that comes with a shared key: `key=…,algorithm=HMAC_SHA256`.
        """
        refuse_doubled_fields(form)
        if not signature or not signature.isascii():
            raise BadSignature("no readable signature")
        if "?" in url and "bodySHA256" in parse_qs(urlsplit(url).query, keep_blank_values=True):
            raise BadSignature("a JSON signature on a form")
        secrets, given = self._choose(scheme), signature.encode()
        try:
            fields = "".join([name + form[name] for name in sorted(form)]).encode()
            signed = [address.encode() + fields for address in _spell(url)]
        except (TypeError, ValueError):
            # Half a surrogate pair, or a value that is no text: nothing Twilio would sign.
            raise BadSignature("no readable form") from None
        if not any(_is_signed(one, secret, given) for secret in secrets for one in signed):
            raise BadSignature("no secret of ours made this signature")

    def _choose(self, scheme: str) -> tuple[_Secret, ...]:
        if not scheme:
            return self._tokens
        named = dict(part.strip().partition("=")[::2] for part in scheme.split(","))
        secret = self._shared.get(named.get("key", ""))
        if secret is None or named.get("algorithm") != _ALGORITHM:
            raise BadSignature("a key or an algorithm that is not ours")
        return (secret,)


def _is_signed(said: bytes, secret: _Secret, signature: bytes) -> bool:
    made = base64.b64encode(hmac.digest(secret[0], said, getattr(hashlib, secret[1])))
    return hmac.compare_digest(made, signature)


def _spell(url: str) -> Iterator[str]:
    """Yield an address as it is, and then with its port left out or put in: Twilio does either."""
    yield url
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    name, colon, _port = host.partition(":")
    if colon:
        yield f"{scheme}://{name}{slash}{path}"
    elif scheme in _PORTS:
        yield f"{scheme}://{host}:{_PORTS[scheme]}{slash}{path}"
