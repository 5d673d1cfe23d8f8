"""One file of the static site: its bytes, and what a host must know of it; not where it lies."""

import hashlib
from dataclasses import dataclass, replace
from enum import IntEnum
from urllib.parse import unquote

from cms.publishing.compressing import BEST, BR, GZIP, compress, is_compressed

_SUFFIXES = {BR: ".br", GZIP: ".gz"}


class Turn(IntEnum):
    """Say when a file is written: nothing is linked to before it is there."""

    LOADED = 1  # what pages load: pictures, sound, scripts
    PAGE = 2
    DOOR = (
        3  # where readers come in: the chooser, first pages, short links, pages that are not there
    )
    LISTING = 4  # what lists pages for programs


@dataclass(frozen=True, slots=True)
class Artefact:
    """One file; `body` is never compressed, `encoding` says how it is to be when it is written."""

    key: str
    body: bytes
    media_type: str
    cache_control: str
    turn: Turn = Turn.PAGE
    language: str = ""
    disposition: str = ""
    encoding: str = ""

    @property
    def sha256(self) -> str:
        """Return the hash of the body."""
        return hashlib.sha256(self.body).hexdigest()

    @property
    def fingerprint(self) -> str:
        """Return what differs when the file or what is said of it does."""
        said = [self.media_type, self.cache_control, self.language]
        said += [self.disposition, self.encoding]
        digest = hashlib.sha256("\n".join(said).encode()).hexdigest()
        return f"{self.sha256}-{digest[:16]}"

    def packed(self) -> bytes:
        """Return the bytes as they are written."""
        return compress(self.body, self.encoding, quality=BEST)


def compress_at_host(artefact: Artefact, *, beside: bool) -> list[Artefact]:
    """Return the file with compressed ones beside it, or a compressed one where nobody could choose."""
    if not is_compressed(artefact.media_type):
        return [artefact]
    if not beside:
        return [replace(artefact, encoding=GZIP)]
    packed = [
        replace(artefact, key=artefact.key + suffix, encoding=name)
        for name, suffix in _SUFFIXES.items()
    ]
    return [*packed, artefact]


class UnsafeAddress(ValueError):
    """Say that an address cannot be the name of a file."""


def name_file(path: str, *, bare: bool) -> str:
    """Return the name of the file that answers an address.

    `/r/abc` has no ending that a plain file server could tell its type by: it becomes a folder
    with a page in it, and only where types are stored with the file (`bare`) a file of that name.
    """
    name = unquote(path).removeprefix("/")
    if not name or name.endswith("/"):
        name += "index.html"
    elif "." not in name.rpartition("/")[2] and not bare:
        name += "/index.html"
    parts = name.split("/")
    odd = any(ord(letter) < 32 or letter == "\\" for letter in name)
    if odd or any(not part or part[0] == "." or len(part.encode()) > 240 for part in parts):
        raise UnsafeAddress(path)
    return name
