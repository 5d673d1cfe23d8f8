"""S3, or what speaks like it, as a host: an object is replaced whole, and never seen half written.

S3 knows no lock. So a publisher makes an object that only one can make (`If-None-Match: *`), which
runs out by itself, and replaces the list of what is ours only if it is still the one it has read
(`If-Match`): two publishers do not mix, even where the first one was only slow.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from cms.publishing.artefacts import Artefact
from cms.publishing.delivering import HostError
from cms.publishing.leasing import LEASE, Clock, Lease
from cms.publishing.manifest import NAME, Manifest
from cms.publishing.refusals import explain_refusal, is_unmet

ATTEMPTS = 4
CONNECT_SECONDS, READ_SECONDS = 5, 20
AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket, and the folder in it where the site is; `endpoint` where it is not Amazon's."""

    name: str
    prefix: str = ""
    endpoint: str = ""

    def full(self, key: str) -> str:
        """Return the whole name of an object."""
        return f"{self.prefix}/{key}" if self.prefix else key


def open_client(endpoint: str, *, alone: bool) -> Any:
    """Return a client for S3; `alone` keeps it from asking any other host, for keys or on the way."""
    session = botocore.session.get_session()
    if alone:
        # The others ask a server for keys: the machine's, a container's, a sign-on's.
        provider = session.get_component("credential_provider")
        asked_here = {"env", "shared-credentials-file"}
        provider.providers = [p for p in provider.providers if p.METHOD in asked_here]
    options: dict[str, Any] = {}
    if endpoint:
        # What only speaks like S3 has no name for each bucket, and not every kind of checksum.
        options["s3"] = {"addressing_style": "path"}
        options["request_checksum_calculation"] = "when_required"
        options["response_checksum_validation"] = "when_required"
    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        max_pool_connections=AT_ONCE + 2,
        proxies={} if alone else None,
        **options,
    )
    region = None if session.get_config_variable("region") else "us-east-1"
    return boto3.Session(botocore_session=session, region_name=region).client(
        "s3", endpoint_url=endpoint or None, config=config
    )


class S3Host:
    """A bucket, or a folder in it, that a CDN takes the site from."""

    at_once = AT_ONCE

    def __init__(self, bucket: Bucket, *, client: Any, clock: Clock) -> None:
        self.bucket = bucket
        self._client = client
        self._lease = Lease(self, clock=clock)
        self._manifest_tag = ""

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lease; `hold` and every file renew it."""
        self._lease.take()
        try:
            yield
        finally:
            self._lease.give_back()

    def hold(self) -> None:
        """Renew the lease where it is time."""
        self._lease.renew()

    def read_manifest(self) -> Manifest | None:
        """Return the list of what is ours, and remember which one it was."""
        found = self.get(NAME)
        if found is None:
            self._manifest_tag = ""
            return None
        data, self._manifest_tag = found
        return Manifest.from_bytes(data)

    def list_names(self) -> set[str]:
        """Return the name of every object below the prefix."""
        prefix = self.bucket.full("")
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket.name, Prefix=prefix
        )
        with self._explaining("list what is there"):
            names = {
                row["Key"][len(prefix) :] for page in pages for row in page.get("Contents", ())
            }
        return names - {NAME, LEASE}

    def write_manifest(self, manifest: Manifest) -> None:
        """Replace the list of what is ours, if nobody else has replaced it since it was read."""
        tag = self.put(NAME, manifest.to_bytes(), tag=self._manifest_tag)
        if not tag:
            raise HostError("Another publish_site has written here meanwhile.")
        self._manifest_tag = tag

    def write(self, artefact: Artefact) -> None:
        """Write one object with its type, its language and how long it may be kept."""
        self._lease.renew()
        said = {
            "ContentType": artefact.media_type,
            "CacheControl": artefact.cache_control,
            "ContentLanguage": artefact.language,
            "ContentDisposition": artefact.disposition,
            "ContentEncoding": artefact.encoding,
        }
        with self._explaining(f"write {artefact.key}"):
            self._client.put_object(
                Bucket=self.bucket.name,
                Key=self.bucket.full(artefact.key),
                Body=artefact.packed(),
                **{name: value for name, value in said.items() if value},
            )

    def delete(self, key: str) -> None:
        """Delete one object."""
        self._lease.renew()
        with self._explaining(f"delete {key}"):
            self._client.delete_object(Bucket=self.bucket.name, Key=self.bucket.full(key))

    def get(self, key: str) -> tuple[bytes, str] | None:
        """Return a small object and its tag, or None where there is none."""
        with self._explaining(f"read {key}"):
            try:
                found = self._client.get_object(Bucket=self.bucket.name, Key=self.bucket.full(key))
            except self._client.exceptions.NoSuchKey:
                return None
            return found["Body"].read(), found["ETag"]

    def put(self, key: str, data: bytes, *, tag: str) -> str:
        """Replace the object with this tag, or make one where none is; return its tag, "" if not so."""
        condition = {"IfMatch": tag} if tag else {"IfNoneMatch": "*"}
        with self._explaining(f"write {key}"):
            try:
                done = self._client.put_object(
                    Bucket=self.bucket.name,
                    Key=self.bucket.full(key),
                    Body=data,
                    ContentType="application/json",
                    CacheControl="no-store",
                    **condition,
                )
            except ClientError as error:
                if not is_unmet(error):
                    raise
                return self._tag_of_ours(key, data)
            return str(done["ETag"])

    def _tag_of_ours(self, key: str, data: bytes) -> str:
        # A second attempt is refused where the first one came through and only its answer was lost.
        found = self.get(key)
        return found[1] if found is not None and found[0] == data else ""

    @contextmanager
    def _explaining(self, act: str) -> Iterator[None]:
        try:
            yield
        except (ClientError, BotoCoreError) as error:
            raise HostError(explain_refusal(error, act=act, bucket=self.bucket.name)) from None
