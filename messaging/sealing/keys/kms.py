"""Envelope: keys that a key service (KMS) wrapped and the database keeps; unwrapped for ten minutes.

The service never sees a number, the database never sees a key. Where the service cannot be reached,
nothing is opened, sealed or found: `KeysAway`. One attempt, with time-outs; after a failure nobody
asks again for some seconds, so that a queue does not wait for the same answer one by one.

A new key first stands in every process's ring, then it is written with (`SETTLES`): a process that
does not know it yet must not meet what was sealed or hashed with it.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

from messaging.models import WrappedKey
from messaging.sealing.keys.environment import read_keys
from messaging.sealing.keys.ring import KEY_BYTES, PRACTICE_KEY, PURPOSES, KeysAway, Ring, make_ring

Unwrap = Callable[[bytes, str], bytes]
Now = Callable[[], datetime]
Clock = Callable[[], float]

APP = "waymark"
LASTS = 600.0
PAUSE = 5.0
SETTLES = timedelta(minutes=15)
CONNECT_SECONDS, READ_SECONDS = 2, 3


@dataclass(frozen=True, slots=True)
class Service:
    """Name a key of KMS, and the service's address where it is not Amazon's own."""

    key: str
    endpoint: str = ""
    # Asks no other host for credentials, and goes through no proxy.
    alone: bool = False


class Wrapper:
    """Wrap and unwrap keys at the service; each is bound to what it is for."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._client = _open_client(service)

    def make(self, purpose: str) -> bytes:
        """Return a new key, wrapped; nobody has seen it unwrapped."""
        with _explaining():
            made = self._client.generate_data_key_without_plaintext(
                KeyId=self._service.key,
                NumberOfBytes=KEY_BYTES,
                EncryptionContext=_context(purpose),
            )
        return bytes(made["CiphertextBlob"])

    def wrap(self, key: bytes, purpose: str) -> bytes:
        """Return a key of ours, wrapped."""
        with _explaining():
            made = self._client.encrypt(
                KeyId=self._service.key, Plaintext=key, EncryptionContext=_context(purpose)
            )
        return bytes(made["CiphertextBlob"])

    def unwrap(self, wrapped: bytes, purpose: str) -> bytes:
        """Return a key; raise `KeysAway` where the service is away, or refuses."""
        with _explaining():
            made = self._client.decrypt(
                KeyId=self._service.key,
                CiphertextBlob=wrapped,
                EncryptionContext=_context(purpose),
            )
        key = bytes(made["Plaintext"])
        if len(key) != KEY_BYTES:
            raise KeysAway("A wrapped key is not 32 bytes long. Was the table changed by hand?")
        return key


class WrappedRings:
    """Keep the unwrapped rings of one process for a while; safe in threads."""

    def __init__(self, unwrap: Unwrap, *, now: Now, clock: Clock = time.monotonic) -> None:
        self._unwrap, self._now, self._clock = unwrap, now, clock
        self._lock = threading.Lock()
        self._held: Mapping[str, Ring] = {}
        self._good_until = self._quiet_until = float("-inf")
        self._trouble = ""

    def read_ring(self, purpose: str, *, left: float = 0.0) -> Ring:
        """Return the ring of a purpose that is good for `left` seconds more; raise `KeysAway`."""
        if self._clock() + left >= self._good_until:
            with self._lock:
                if self._clock() + left >= self._good_until:
                    self._load()
        ring = self._held.get(purpose)
        if ring is None:
            raise KeysAway("No key is wrapped yet: `manage.py wrap_keys` makes the first ones.")
        return ring

    def _load(self) -> None:
        asked = self._clock()
        if asked < self._quiet_until:
            raise KeysAway(self._trouble)
        try:
            held = {purpose: self._make_ring(purpose) for purpose in PURPOSES}
        except KeysAway as error:
            # What was held is good until its time is over, and no longer.
            if asked >= self._good_until:
                self._held = {}
            self._trouble, self._quiet_until = str(error), self._clock() + PAUSE
            raise
        self._held = {purpose: ring for purpose, ring in held.items() if ring is not None}
        # From before the service was asked: a ring is as old as the list of keys it was made of.
        self._good_until = asked + LASTS

    def _make_ring(self, purpose: str) -> Ring | None:
        rows = WrappedKey.objects.filter(purpose=purpose, retired_at__isnull=True)
        wrapped = list(rows.order_by("-made_at", "-pk"))
        others = dict(read_keys(purpose))
        if not wrapped:
            return make_ring(others) if others else None
        keys = {row.key_id: self._unwrap(bytes(row.wrapped), purpose) for row in wrapped}
        if any(others.get(key_id, key) != key for key_id, key in keys.items()):
            raise KeysAway(f"One id stands for two {purpose} keys: in the settings and wrapped.")
        if PRACTICE_KEY in keys.values() and not settings.REHEARSAL:
            raise KeysAway("The rehearsal's public key is among the wrapped keys.")
        return make_ring(keys | others, active=self._choose_active(wrapped, others))

    def _choose_active(self, wrapped: Sequence[WrappedKey], others: Mapping[int, bytes]) -> int:
        """Return the id of the newest key that every process knows by now; `wrapped` is newest first."""
        known = self._now() - SETTLES
        settled = [row.key_id for row in wrapped if row.made_at <= known]
        if settled:
            return settled[0]
        return next(iter(others), wrapped[-1].key_id)


def _open_client(service: Service) -> Any:
    session = botocore.session.get_session()
    if service.alone:
        # The others ask a server for keys: the machine's, a container's, a sign-on's.
        provider = session.get_component("credential_provider")
        asked_here = {"env", "shared-credentials-file"}
        provider.providers = [p for p in provider.providers if p.METHOD in asked_here]
    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": 1},
        proxies={} if service.alone else None,
    )
    region = None if session.get_config_variable("region") else "us-east-1"
    opened = boto3.Session(botocore_session=session, region_name=region)
    return opened.client("kms", endpoint_url=service.endpoint or None, config=config)


def _context(purpose: str) -> dict[str, str]:
    return {"app": APP, "purpose": purpose}


@contextmanager
def _explaining() -> Iterator[None]:
    """Turn what the service's library raises into a sentence that holds no key and no address."""
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", "without a reason"))
        raise KeysAway(f"The key service refused: {code}.") from None
    except BotoCoreError as error:
        raise KeysAway(f"The key service cannot be reached: {type(error).__name__}.") from None
