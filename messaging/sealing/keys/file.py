"""Keys of a file that only its owner can read, one a line: `number 1:…` or `index 1:…`, first is active.

Empty lines and lines that start with # say nothing. An error names the line, never what it holds.
"""

import os
import stat
from pathlib import Path

from messaging.sealing.keys.ring import PURPOSES, KeyTextError, read_key

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class KeyFileError(Exception):
    """Say what a file of keys holds that it should not, and what it should hold instead."""

    def __init__(self, held: str, wanted: str) -> None:
        super().__init__(f"{held}; {wanted}")
        self.held, self.wanted = held, wanted


def read_key_file(path: Path) -> dict[str, dict[int, bytes]]:
    """Return the keys of a file by purpose and id; raise `KeyFileError` on any doubt."""
    rings: dict[str, dict[int, bytes]] = {purpose: {} for purpose in PURPOSES}
    for number, line in enumerate(_read_private(path).splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        purpose, _space, text = line.strip().partition(" ")
        if purpose not in rings:
            raise _wrong_line(number, "neither a number key nor an index key")
        try:
            key_id, key = read_key(text)
        except KeyTextError as error:
            raise _wrong_line(number, str(error)) from None
        if key_id in rings[purpose]:
            raise _wrong_line(number, f"the id of a {purpose} key that stands further up")
        rings[purpose][key_id] = key
    return rings


def _read_private(path: Path) -> str:
    """Return the text of a file; of the one that was looked at, whatever stands there by then."""
    wanted = "the path of a file of keys that this user can read and nobody else"
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if not stat.S_ISREG(mode):
                raise KeyFileError("the path of something that is no file", wanted)
            if mode & _OTHERS:
                held = f"a file that others may use (mode {stat.S_IMODE(mode):03o})"
                raise KeyFileError(held, "a file for its owner alone: chmod 600")
            return file.read().decode("ascii")
    except OSError as error:
        raise KeyFileError(f"a file that cannot be read ({error.strerror})", wanted) from None
    except UnicodeDecodeError:
        raise KeyFileError("a file that is no plain text", wanted) from None


def _wrong_line(number: int, held: str) -> KeyFileError:
    wanted = "lines such as `number 1:Zm9…=` and `index 1:Zm9…=`, each key 32 bytes in base64"
    return KeyFileError(f"in line {number} {held}", wanted)
