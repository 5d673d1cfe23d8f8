"""A topic of SNS for tests: it signs as SNS does, with a key and certificate made here, on loopback."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.messaging.providers.serving import Quiet, serve

ARN = "arn:aws:sns:eu-west-1:123456789012:waymark-receipts"
PEM = "/SimpleNotificationService-0123abcdef.pem"
_SIGNED = (
    "Message",
    "MessageId",
    "Subject",
    "SubscribeURL",
    "Timestamp",
    "Token",
    "TopicArn",
    "Type",
)


@cache
def make_key(bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


def make_certificate(
    *,
    bits: int = 2048,
    begins: timedelta = timedelta(days=-1),
    lasts: timedelta = timedelta(days=9),
) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    key, now = make_key(bits), datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + begins)
        .not_valid_after(now + begins + lasts)
    )
    return builder.sign(key, SHA256()).public_bytes(Encoding.PEM)


@dataclass
class SnsHost:
    """Serves a certificate, takes confirmations, and counts both."""

    url: str = ""
    pem: bytes = b""
    status: int = 200
    confirmed: int = 0
    asked: list[str] = field(default_factory=list)

    @property
    def cert_url(self) -> str:
        return self.url + PEM

    def write(self, text: str | dict[str, Any], **changes: Any) -> bytes:
        """Return a signed notification; `changes` are made before it is signed."""
        message = text if isinstance(text, str) else json.dumps(text)
        return self.sign(
            {
                "Type": "Notification",
                "MessageId": "11111111-2222-3333-4444-555555555555",
                "TopicArn": ARN,
                "Message": message,
                "Timestamp": "2026-11-22T10:00:00.000Z",
                "SignatureVersion": "2",
                "SigningCertURL": self.cert_url,
                "UnsubscribeURL": f"{self.url}/?Action=Unsubscribe",
            }
            | changes
        )

    def subscribe(self, **changes: Any) -> bytes:
        address = f"{self.url}/?Action=ConfirmSubscription&TopicArn={ARN}&Token=abc"
        given = {"Type": "SubscriptionConfirmation", "Token": "abc", "SubscribeURL": address}
        return self.write("You have chosen to subscribe.", **(given | changes))

    def sign(self, fields: dict[str, Any]) -> bytes:
        names = [name for name in _SIGNED if name in fields]
        signed = "".join(f"{name}\n{fields[name]}\n" for name in names)
        hashing = SHA1() if fields.get("SignatureVersion") == "1" else SHA256()  # noqa: S303  # AWS's default
        made = make_key(2048).sign(signed.encode(), PKCS1v15(), hashing)
        return json.dumps(fields | {"Signature": base64.b64encode(made).decode()}).encode()


@contextmanager
def sns_host() -> Iterator[SnsHost]:
    """Run the host until the end of the block."""
    held = SnsHost(pem=make_certificate())

    class Handler(Quiet):
        def do_GET(self) -> None:  # noqa: N802
            held.asked.append(self.path)
            if "Action=ConfirmSubscription" in self.path:
                held.confirmed += 1
            self.send_response(held.status)
            self.send_header("Content-Length", str(len(held.pem)))
            self.end_headers()
            self.wfile.write(held.pem)

    with serve(Handler) as held.url:
        yield held
