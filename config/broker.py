"""The broker that needs no server: Kombu's filesystem transport, safe to read while it is written.

Kombu creates a message's file first and fills it afterwards. A worker that looks in between finds
an empty file and dies of it, so here a message gets its name only when it is whole.
"""

import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps, loads

# A worker that has not read this many wake-ups gains nothing from one more: a tick finds the work.
FULL = 2_000


class Channel(filesystem.Channel):
    """Write and take messages in single steps, and keep the folder small."""

    def get_table(self, exchange: str) -> list[Any]:
        """Return where an exchange's messages go; nowhere while its file is being written."""
        try:
            return list(super().get_table(exchange))
        except ValueError:
            return []

    def _put(self, queue: str, message: Any, **_: Any) -> None:  # type: ignore[override]
        folder = Path(self.data_folder_out)
        if len(_names(folder)) >= FULL:
            return
        name = f"{time.time_ns():020d}_{uuid.uuid4()}.{queue}"
        part = folder / f"{name}.part"
        part.write_text(dumps(message), encoding="utf-8")
        part.rename(folder / f"{name}.msg")

    def _get(self, queue: str, timeout: float | None = None) -> Any:  # noqa: ARG002
        folder = Path(self.data_folder_in)
        for name in sorted(_names(folder)):
            if name.partition(".")[2] != f"{queue}.msg":
                continue
            taken = folder / f"{name}.taken"
            try:
                (folder / name).rename(taken)
            except FileNotFoundError:
                continue  # another worker was first
            text = taken.read_text(encoding="utf-8")
            taken.unlink()
            return loads(text)
        raise Empty


class Transport(filesystem.Transport):
    """Carry wake-ups between processes of one machine through a folder."""

    Channel = Channel

    @property
    def default_connection_params(self) -> dict[str, Any]:
        """Return nothing: a folder has no host, and Kombu would warn about every missing one."""
        return {}


def _names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def use_safe_files() -> None:
    """Let `filesystem://` mean this transport."""
    TRANSPORT_ALIASES["filesystem"] = f"{__name__}:Transport"


def clear_folder(folder: Path) -> None:
    """Delete the wake-ups from before: they are stale, and the database knows the work."""
    (folder / "control").mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        if path.is_file():
            path.unlink(missing_ok=True)
