"""A folder as a host: each file appears whole or not at all, and one publisher writes at a time."""

import errno
import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cms.publishing.artefacts import Artefact
from cms.publishing.delivering import HostError
from cms.publishing.manifest import NAME, Manifest

# What a run that was killed has left half written; the next one takes it away.
_HALF = ".waymark-half-"


class FolderHost:
    """A folder that a web server serves as it is."""

    at_once = 1

    def __init__(self, root: Path) -> None:
        self.root = root

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder itself, which leaves no lock behind whatever ends this run."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            held = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            raise HostError(f"{self.root} cannot be used: {_explain(error)}.") from None
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise HostError(f"Another publish_site is writing to {self.root} now.") from None
        else:
            yield
        finally:
            os.close(held)

    def hold(self) -> None:
        """Do nothing: a lock on a folder does not run out."""

    def read_manifest(self) -> Manifest | None:
        """Return the list of what is ours."""
        try:
            return Manifest.from_bytes((self.root / NAME).read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise HostError(f"{NAME} cannot be read: {_explain(error)}.") from None

    def list_names(self) -> set[str]:
        """Return every file below the folder, and clear away what was left half written."""
        names = set()
        for folder, _folders, files in os.walk(self.root):
            for file in files:
                path = Path(folder) / file
                if file.startswith(_HALF):
                    path.unlink(missing_ok=True)
                elif path != self.root / NAME:
                    names.add(path.relative_to(self.root).as_posix())
        return names

    def write_manifest(self, manifest: Manifest) -> None:
        """Replace the list of what is ours."""
        self._replace(NAME, manifest.to_bytes())

    def write(self, artefact: Artefact) -> None:
        """Write a file beside the old one and put it in its place."""
        self._replace(artefact.key, artefact.packed())

    def delete(self, key: str) -> None:
        """Delete a file, and the folders that are empty without it."""
        path = self.root / key
        try:
            path.unlink(missing_ok=True)
            for folder in path.parents:
                if folder == self.root or any(folder.iterdir()):
                    break
                folder.rmdir()
        except OSError as error:
            raise HostError(f"{key} cannot be deleted: {_explain(error)}.") from None

    def _replace(self, key: str, data: bytes) -> None:
        path = self.root / key
        half = path.with_name(f"{_HALF}{secrets.token_hex(4)}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with half.open("xb") as file:
                file.write(data)
                file.flush()
                # Before its name is there: after a power cut an empty page would stand for the old one.
                os.fsync(file.fileno())
            half.replace(path)
        except OSError as error:
            _take_away(half)
            raise HostError(f"{key} cannot be written: {_explain(error)}.") from None


def _take_away(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return  # the next run does


def _explain(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return "the disk is full"
    return (error.strerror or type(error).__name__).lower()
