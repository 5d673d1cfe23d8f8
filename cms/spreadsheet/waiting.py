"""Uploads that wait for a yes: each a file of its own, of one person, for an hour.

The person's id stands in the file's name, so that nobody else's token finds it.
"""

import hashlib
import os
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

KEPT_FOR = timedelta(hours=1)
# More of one person's wait for nothing: the oldest go first.
MOST_WAITING = 5
_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")
_LONGEST_NAME = 120


class NotWaiting(LookupError):
    """Raised for a token that is unknown, too old, spoiled or another person's; all look alike."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One upload as it was sent."""

    name: str
    data: bytes


def keep_upload(upload: Waiting, *, owner: int, now: datetime) -> str:
    """Keep a file and return the token that finds it again."""
    folder = _folder()
    _clear(folder, owner=owner, now=now)
    token = secrets.token_urlsafe(24)
    digest = hashlib.sha256(upload.data).hexdigest()
    name = " ".join(upload.name.split())[:_LONGEST_NAME]
    path = _path(owner, token)
    partial = path.with_suffix(".part")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(f"{digest}\n{name}\n".encode("utf-8", "replace") + upload.data)
    os.utime(partial, (now.timestamp(), now.timestamp()))
    partial.rename(path)
    return token


def find_upload(token: str, *, owner: int, now: datetime) -> Waiting:
    """Return the very file that was kept, or raise NotWaiting."""
    path = _path(owner, token)
    try:
        if not _is_kept(path, now):
            raise NotWaiting
        digest, name, data = path.read_bytes().split(b"\n", 2)
    except (OSError, ValueError):
        raise NotWaiting from None
    if hashlib.sha256(data).hexdigest().encode() != digest:
        raise NotWaiting
    return Waiting(name.decode(), data)


def forget_upload(token: str, *, owner: int) -> None:
    """Delete a file that nobody waits for any more."""
    _path(owner, token).unlink(missing_ok=True)


def _folder() -> Path:
    folder = Path(settings.DATA_DIR) / "spreadsheets"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _path(owner: int, token: str) -> Path:
    if not _TOKEN.fullmatch(token):
        raise NotWaiting
    return _folder() / f"{owner}.{token}"


def _is_kept(path: Path, now: datetime) -> bool:
    return path.stat().st_mtime > (now - KEPT_FOR).timestamp()


def _clear(folder: Path, *, owner: int, now: datetime) -> None:
    """Delete what is too old, and this person's oldest when there are too many."""
    hers = []
    for path in folder.iterdir():
        try:
            if not _is_kept(path, now):
                path.unlink()
            elif path.name.startswith(f"{owner}."):
                hers.append((path.stat().st_mtime, path))
        except FileNotFoundError:
            continue  # another request was here first
    for _time, path in sorted(hers)[: -(MOST_WAITING - 1)]:
        path.unlink(missing_ok=True)
