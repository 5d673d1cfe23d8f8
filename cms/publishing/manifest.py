"""What is ours at a host, and what must be written or taken away to make it the site of today."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from cms.publishing.artefacts import Artefact, Turn

NAME = ".waymark-site.json"
_VERSION = 1


class ManifestError(Exception):
    """Say that the list of what is ours cannot be read."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The files that are ours at a host, with their fingerprints.

    `unsure` are ours too, but a run ended before it knew what became of them: what has been written
    once is never forgotten, so a page that is taken down cannot stay behind.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    unsure: frozenset[str] = frozenset()

    @property
    def ours(self) -> set[str]:
        """Return every name that may be replaced or deleted."""
        return set(self.files) | self.unsure

    def to_bytes(self) -> bytes:
        """Return the same bytes for the same content."""
        held = {"version": _VERSION, "files": dict(self.files), "unsure": sorted(self.unsure)}
        return json.dumps(held, indent=0, sort_keys=True, ensure_ascii=False).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Manifest":
        """Read it, or raise `ManifestError`."""
        try:
            held = json.loads(data)
            if held["version"] != _VERSION:
                raise ManifestError(f"{NAME} was written by another version of Waymark.")
            files = {_read_name(name): str(value) for name, value in held["files"].items()}
            return cls(files, frozenset(map(_read_name, held["unsure"])))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise ManifestError(f"{NAME} cannot be read.") from None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done: steps of files to write, each step after the one before it, then deletions."""

    steps: tuple[tuple[Artefact, ...], ...]
    dead: tuple[str, ...]
    result: Mapping[str, str]

    @property
    def to_write(self) -> list[Artefact]:
        """Return every file to write, in order."""
        return [artefact for step in self.steps for artefact in step]

    @property
    def is_empty(self) -> bool:
        """Say whether the host has the site of today already."""
        return not self.dead and not any(self.steps)


def plan_changes(artefacts: Iterable[Artefact], *, old: Manifest, present: Collection[str]) -> Plan:
    """Compare the site with what is at the host.

    New pages are written before the pages that lead to them are, deepest first, and only after the
    last page is new anything is deleted: whoever reads meanwhile never meets a link that is dead.
    """
    result: dict[str, str] = {}
    new: dict[Turn, list[Artefact]] = {turn: [] for turn in Turn}
    changed: dict[Turn, list[Artefact]] = {turn: [] for turn in Turn}
    for artefact in artefacts:
        result[artefact.key] = artefact.fingerprint
        if artefact.key not in present:
            new[artefact.turn].append(artefact)
        elif old.files.get(artefact.key) != artefact.fingerprint:
            changed[artefact.turn].append(artefact)
    steps = (
        new[Turn.LOADED] + changed[Turn.LOADED],
        new[Turn.PAGE],
        [door for door in new[Turn.DOOR] if _depth(door)],
        # The first page of all comes last: until it is there nothing leads into a new site.
        [door for door in new[Turn.DOOR] if not _depth(door)],
        changed[Turn.PAGE] + changed[Turn.DOOR],
        new[Turn.LISTING] + changed[Turn.LISTING],
    )
    dead = sorted((old.ours - set(result)) & set(present), key=lambda key: (not _is_page(key), key))
    ordered = tuple(tuple(sorted(step, key=lambda a: (-_depth(a), a.key))) for step in steps)
    return Plan(ordered, tuple(dead), result)


def find_foreign(
    artefacts: Iterable[Artefact], *, old: Manifest, present: Collection[str]
) -> list[str]:
    """Return the names that the site needs and somebody else's file has."""
    ours = old.ours
    return sorted(a.key for a in artefacts if a.key in present and a.key not in ours)


def _read_name(name: str) -> str:
    """Return the name of a file; what is named here may be deleted, so it has to be below the host."""
    if {"", ".", ".."} & set(name.split("/")):
        raise ValueError(name)
    return name


def _depth(artefact: Artefact) -> int:
    return artefact.key.count("/")


def _is_page(key: str) -> bool:
    # Pages go before what they show.
    return key.endswith(("/index.html", ".html")) or "." not in key.rpartition("/")[2]
