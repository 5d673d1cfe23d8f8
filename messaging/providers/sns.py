"""Amazon SNS over HTTPS: is this message SNS's own, from a topic of ours, and what does it hold?

Anybody can have SNS sign messages of a topic of their own, so the topic is looked at first, and then where
the certificate is. A message that is delivered twice is told twice: whoever takes it must bear that.
Raw delivery carries no signature and is refused.

https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
"""

import base64
import binascii
import json
import re
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import SplitResult, parse_qs, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.x509 import load_pem_x509_certificate

from messaging.providers.http import Call, Client
from messaging.wire import BAD_ANSWER, BadSignature, SendError, Unclear

NOTIFICATION = "Notification"
SUBSCRIBED, UNSUBSCRIBED = "SubscriptionConfirmation", "UnsubscribeConfirmation"
CERTIFICATE_LIMIT = 16 * 1024
CERTIFICATE_SECONDS = 24 * 3600.0
# After a certificate could not be had: forged messages must not keep us asking for more.
PAUSE_SECONDS = 5.0
FETCH_SECONDS = 4.0
_MOST_CERTIFICATES = 8
_FEWEST_BITS = 2048

# What is signed, in this order; a subject only where there is one.
_SIGNED = {
    NOTIFICATION: ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    SUBSCRIBED: ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
_SIGNED[UNSUBSCRIBED] = _SIGNED[SUBSCRIBED]
# Version 1 signs with SHA-1, which is AWS's default; a topic's attribute makes it 2.
_HASHES = {"1": SHA1, "2": SHA256}
_ARN = re.compile(r"arn:(aws|aws-cn):sns:([a-z0-9-]{1,30}):[0-9]{12}:[A-Za-z0-9_-]{1,256}")
_PEM = re.compile(r"/SimpleNotificationService-[A-Za-z0-9]{1,64}\.pem")
_DOMAINS = {"aws": "amazonaws.com", "aws-cn": "amazonaws.com.cn"}


class CertificateAway(Exception):
    """Say that a message cannot be judged now: SNS should bring it again."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """Hold one genuine message of a topic of ours; `text` is what AWS's other service said."""

    kind: str
    topic: str
    ref: str
    text: str = field(repr=False)
    subscribe_url: str = field(default="", repr=False)


class Topics:
    """Open what SNS delivers for our topics; `local` is the only host that a rehearsal asks."""

    def __init__(
        self,
        arns: Collection[str],
        *,
        local: str = "",
        client: Client | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._arns, self._local = frozenset(arns), local
        self._client = client or Client(total=FETCH_SECONDS)
        self._clock = clock
        self._held: dict[str, tuple[float, RSAPublicKey]] = {}
        self._quiet_until = float("-inf")
        self._asking = threading.Lock()

    def open(self, body: bytes, *, now: datetime) -> Envelope:
        """Return the message; raise BadSignature, or CertificateAway where nobody can tell now."""
        fields = _read_fields(body)
        kind, topic = fields.get("Type", ""), fields.get("TopicArn", "")
        if topic not in self._arns:
            raise BadSignature("no topic of ours")
        if kind not in _SIGNED:
            raise BadSignature("no kind of message we know")
        address = fields.get("SigningCertURL", "")
        if not self._is_from(topic, address) or not self._is_certificate(address):
            raise BadSignature("a certificate from elsewhere")
        hashing = _HASHES.get(fields.get("SignatureVersion", ""))
        if hashing is None:
            raise BadSignature("no version of a signature we know")
        signature, signed = _read_signature(fields), _write_signed(fields, kind)
        key = self._find_key(address, now=now)
        try:
            key.verify(signature, signed, PKCS1v15(), hashing())  # AWS's default is SHA-1
        except InvalidSignature:
            pass
        else:
            return _make_envelope(fields)
        raise BadSignature("SNS did not sign this")

    def confirm(self, envelope: Envelope) -> None:
        """Tell SNS that this address wants what the topic brings; raise a SendError otherwise."""
        address = envelope.subscribe_url
        if not self._is_from(envelope.topic, address) or not _confirms(address):
            raise BadSignature("a confirmation from elsewhere")
        answer = self._client.call(Call("GET", address, {"User-Agent": "Waymark"}))
        if answer.status != 200:
            raise Unclear(BAD_ANSWER, word=f"http {answer.status}")

    def _is_from(self, topic: str, address: str) -> bool:
        """Say whether an address is at SNS, in the region of the topic, and nowhere else."""
        parts = _split(address)
        if self._local:
            ours = urlsplit(self._local)
            return parts is not None and (parts.scheme, parts.netloc) == (ours.scheme, ours.netloc)
        named = _ARN.fullmatch(topic)
        if parts is None or named is None:
            return False
        host = f"sns.{named[2]}.{_DOMAINS[named[1]]}"
        # The whole of it: a user, a port or a dot at the end make it another host to somebody.
        return parts.scheme == "https" and parts.netloc == host

    def _is_certificate(self, address: str) -> bool:
        parts = _split(address)
        if parts is None or parts.query or parts.fragment:
            return False
        return bool(_PEM.fullmatch(parts.path))

    def _find_key(self, address: str, *, now: datetime) -> RSAPublicKey:
        held = self._held.get(address)
        if held is not None and self._clock() - held[0] < CERTIFICATE_SECONDS:
            return held[1]
        # What was genuine once is asked for in any case: who makes up names keeps nobody from it.
        must_wait = held is None and self._clock() < self._quiet_until
        # One at a time, and nobody waits in a queue for it: SNS comes again.
        if must_wait or not self._asking.acquire(blocking=False):
            raise CertificateAway
        try:
            key = self._fetch_key(address, now=now)
        finally:
            self._asking.release()
        if len(self._held) >= _MOST_CERTIFICATES:
            self._held.clear()
        self._held[address] = self._clock(), key
        return key

    def _fetch_key(self, address: str, *, now: datetime) -> RSAPublicKey:
        try:
            answer = self._client.call(Call("GET", address, {}, limit=CERTIFICATE_LIMIT))
            if answer.status == 200:
                return _read_key(answer.body, now=now)
        except (SendError, ValueError):
            pass
        self._quiet_until = self._clock() + PAUSE_SECONDS
        raise CertificateAway


def _read_fields(body: bytes) -> dict[str, str]:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise BadSignature("no message of SNS")
    return {name: value for name, value in content.items() if isinstance(value, str)}


def _read_signature(fields: dict[str, str]) -> bytes:
    try:
        return base64.b64decode(fields.get("Signature", ""), validate=True)
    except (binascii.Error, ValueError):
        pass
    raise BadSignature("no readable signature")


def _write_signed(fields: dict[str, str], kind: str) -> bytes:
    names = [name for name in _SIGNED[kind] if name in fields]
    if set(_SIGNED[kind]) - set(names) - {"Subject"}:
        raise BadSignature("a message without all that is signed")
    try:
        return "".join(f"{name}\n{fields[name]}\n" for name in names).encode()
    except UnicodeEncodeError:
        pass
    raise BadSignature("half a character")


def _make_envelope(fields: dict[str, str]) -> Envelope:
    return Envelope(
        kind=fields["Type"],
        topic=fields["TopicArn"],
        ref=fields["MessageId"],
        text=fields["Message"],
        subscribe_url=fields.get("SubscribeURL", ""),
    )


def _read_key(pem: bytes, *, now: datetime) -> RSAPublicKey:
    certificate = load_pem_x509_certificate(pem)
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise ValueError("a certificate of another time")
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey) or key.key_size < _FEWEST_BITS:
        raise ValueError("no key that SNS would use")
    return key


def _confirms(address: str) -> bool:
    parts = _split(address)
    return parts is not None and parse_qs(parts.query).get("Action") == ["ConfirmSubscription"]


def _split(address: str) -> SplitResult | None:
    # Readers differ on these: what one takes for a path is the host of another.
    if not address.isascii() or not address.isprintable() or "\\" in address or " " in address:
        return None
    try:
        return urlsplit(address)
    except ValueError:
        return None
