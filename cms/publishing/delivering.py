"""Bring the site to a host: what loads first, pages next, what lists them, and deletions last.

A host is written to file by file and can refuse any of them. So before anything is written the list
of what is ours names all that will be, and at the end it says what became of it.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from typing import Protocol

from cms.publishing.artefacts import Artefact
from cms.publishing.manifest import Manifest, Plan, find_foreign, plan_changes

_NAMED_AT_MOST = 5
Tell = Callable[[int, int], None]
Gather = Callable[[], Sequence[Artefact]]


class HostError(Exception):
    """Say what a host refused, in words that hold no secret."""


class Host(Protocol):
    """Where the site is brought to."""

    at_once: int

    def locked(self) -> AbstractContextManager[None]:
        """Keep every other publisher out; raise `HostError` where one is in."""

    def hold(self) -> None:
        """Keep them out for longer; called now and then while the site is gathered."""

    def read_manifest(self) -> Manifest | None:
        """Return the list of what is ours, or None where there is none yet."""

    def list_names(self) -> set[str]:
        """Return the name of every file that is there, whoever wrote it."""

    def write_manifest(self, manifest: Manifest) -> None:
        """Replace the list of what is ours."""

    def write(self, artefact: Artefact) -> None:
        """Write one file whole, or raise `HostError` and leave what was there."""

    def delete(self, key: str) -> None:
        """Delete one file; one that is gone already is no error."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a run did."""

    files: int
    written: int
    size: int
    deleted: int


class Unfinished(Exception):
    """Say what is missing; what was live is whole, and another run finishes."""

    def __init__(self, missing: Sequence[str], *, total: int, act: str, reason: str) -> None:
        named = ", ".join(missing[:_NAMED_AT_MOST])
        more = len(missing) - _NAMED_AT_MOST
        rest = f" and {more} more" if more > 0 else ""
        super().__init__(
            f"{len(missing)} of {total} files were not {act}: {named}{rest}. {reason} "
            "What was live before is whole; run it again to finish."
        )
        self.missing = tuple(missing)


@dataclass(slots=True)
class _Done:
    written: list[Artefact] = field(default_factory=list)
    reason: str = ""


def deliver(gather: Gather, host: Host, *, tell: Tell) -> Delivered:
    """Make the host's files those of the site; `tell(done, total)` is called as they are written.

    The site is gathered once nobody else can write, so that no older one comes after a newer.
    """
    with host.locked():
        held, present = host.read_manifest(), host.list_names()
        if held is None and present:
            raise HostError(_refuse_foreign(sorted(present)))
        artefacts = gather()
        old = held or Manifest()
        if foreign := find_foreign(artefacts, old=old, present=present):
            raise HostError(_refuse_foreign(foreign))
        plan = plan_changes(artefacts, old=old, present=present)
        if plan.is_empty and held is not None and not old.unsure:
            return Delivered(len(artefacts), 0, 0, 0)
        _write(plan, host, old=old, tell=tell)
        _delete(plan, host)
    size = sum(len(artefact.body) for artefact in plan.to_write)
    return Delivered(len(artefacts), len(plan.to_write), size, len(plan.dead))


def _refuse_foreign(names: Sequence[str]) -> str:
    named = ", ".join(names[:_NAMED_AT_MOST])
    return (
        f"There are files that publish_site did not write ({named}"
        f"{', …' if len(names) > _NAMED_AT_MOST else ''}), and it never replaces those. "
        "Choose an empty place, or take them away."
    )


def _write(plan: Plan, host: Host, *, old: Manifest, tell: Tell) -> None:
    ahead = {artefact.key for artefact in plan.to_write}
    certain = {key: value for key, value in old.files.items() if key not in ahead}
    host.write_manifest(Manifest(certain, frozenset(ahead | old.unsure)))
    done = _Done()
    total = len(plan.to_write)
    for step in plan.steps:
        _write_step(step, host, done=done, tell=lambda count: tell(count, total))
        if done.reason:
            written = {artefact.key: artefact.fingerprint for artefact in done.written}
            missing = [a.key for a in plan.to_write if a.key not in written]
            certain |= written
            # Only to spare the next run work; without it that run writes these again.
            with suppress(HostError):
                unsure = frozenset((ahead | old.unsure) - certain.keys())
                host.write_manifest(Manifest(certain, unsure))
            raise Unfinished(missing, total=total, act="written", reason=done.reason)


def _write_step(
    step: Iterable[Artefact], host: Host, *, done: _Done, tell: Callable[[int], None]
) -> None:
    with ThreadPoolExecutor(host.at_once) as pool:
        asked = {pool.submit(host.write, artefact): artefact for artefact in step}
        try:
            for count, future in enumerate(as_completed(asked), start=1):
                if future.exception():
                    break  # a host that refuses one would let the others wait for nothing
                tell(len(done.written) + count)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
    for future, artefact in asked.items():
        if future.cancelled():
            continue
        error = future.exception()
        if error is None:
            done.written.append(artefact)
        elif isinstance(error, HostError):
            done.reason = done.reason or str(error)
        else:
            raise error


def _delete(plan: Plan, host: Host) -> None:
    host.write_manifest(Manifest(plan.result, frozenset(plan.dead)))
    if not plan.dead:
        return
    for at, key in enumerate(plan.dead):
        try:
            host.delete(key)
        except HostError as error:
            left = plan.dead[at:]
            with suppress(HostError):
                host.write_manifest(Manifest(plan.result, frozenset(left)))
            raise Unfinished(
                left, total=len(plan.dead), act="taken away", reason=str(error)
            ) from None
    host.write_manifest(Manifest(plan.result))
