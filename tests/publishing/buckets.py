"""A real S3 API on this machine, and ways in which it refuses."""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.request import Request

import pytest
from botocore.exceptions import ClientError
from moto.server import ThreadedMotoServer

from config.loopback import open_local
from tests.harness.ports import free_port

BUCKET = "readers"
KEYS = {
    "AWS_ACCESS_KEY_ID": "example-key",
    "AWS_SECRET_ACCESS_KEY": "example-secret",
    "AWS_DEFAULT_REGION": "us-east-1",
}


@contextmanager
def s3_server() -> Iterator[str]:
    """Run an S3 server; yield its address."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    port = free_port()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    server.start()
    address = f"http://127.0.0.1:{port}"
    try:
        yield address
    finally:
        # What it holds belongs to the process and would meet the next server.
        reset = Request(f"{address}/moto-api/reset", method="POST")  # noqa: S310
        open_local(reset, timeout=10).close()
        server.stop()


def name_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the environment name the server's keys, and no other way to any."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)


def refusal(code: str, status: int) -> ClientError:
    """Return what a client raises when S3 refuses."""
    held: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(held, "PutObject")


class Faulty:
    """A client that refuses the n-th object of the site and all after it; `seen` before each is asked."""

    def __init__(self, client: Any, *, at: int, error: Callable[[], Exception]) -> None:
        self._client, self._left, self._error = client, at, error
        self.seen: Callable[[], None] = lambda: None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def put_object(self, **words: Any) -> Any:
        if ".waymark-" not in words["Key"]:
            self._count()
        return self._client.put_object(**words)

    def delete_object(self, **words: Any) -> Any:
        if ".waymark-" not in words["Key"]:
            self._count()
        return self._client.delete_object(**words)

    def _count(self) -> None:
        self.seen()
        self._left -= 1
        if self._left < 0:
            raise self._error()
