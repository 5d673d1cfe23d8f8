"""Keys for tests: rings of the settings, files of keys, and a key service on this machine."""

import base64
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request

from moto.server import ThreadedMotoServer

from config.loopback import open_local
from messaging.sealing.keys.ring import PRACTICE_KEY
from tests.harness.ports import free_port

OLD, NEW = b"o" * 32, b"n" * 32


def write(key: bytes) -> str:
    """Return a key as people write it."""
    return base64.b64encode(key).decode()


PRACTICE = write(PRACTICE_KEY)


def write_file(folder: Path, *lines: str, mode: int = 0o600) -> Path:
    """Return a file of keys."""
    path = folder / "keys"
    path.write_text("\n".join(lines), "utf-8")
    path.chmod(mode)
    return path


@contextmanager
def key_service() -> Iterator[str]:
    """Run a key service; yield its address."""
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
