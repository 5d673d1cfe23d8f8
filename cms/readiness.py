"""Which languages of a thing may go live now, and why the others may not: pure rules over frozen values.

`cms.going_live` reads the models for them and acts on them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Why(StrEnum):
    """Why a language is left out."""

    MISSING = "missing"
    UNTRANSLATED = "untranslated"
    MACHINE = "machine"
    UNREVIEWED = "unreviewed"
    OUTDATED = "outdated"
    USE_CHANGED = "use_changed"
    NOT_SUBMITTED = "not_submitted"
    BEING_READ = "being_read"
    RETURNED = "returned"
    REFUSED = "refused"
    ORIGINAL_FIRST = "original_first"


class Outlook(StrEnum):
    """What becomes of a language when what is ready is taken live."""

    LIVE = "live"
    READY = "ready"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason with its detail: the step that is waited for, the words of a refusal, a day."""

    why: Why
    detail: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """One language of a thing: what is live of it, and the newest wording.

    `right_at` is when its newest wording was last held against everything it follows.
    """

    language: str
    is_original: bool = False
    exists: bool = True
    live: bool = False
    is_newest_live: bool = False
    state: str = ""
    is_untranslated: bool = False
    unread: tuple[str, ...] = ()
    waits_for: str = ""
    is_returned: bool = False
    refusals: tuple[str, ...] = ()
    right_at: datetime | None = None
    source_changed_at: datetime | None = None
    use_changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of one language, and every reason why it is left out."""

    candidate: Candidate
    outlook: Outlook
    reasons: tuple[Reason, ...] = ()

    @property
    def language(self) -> str:
        """Return the language's code."""
        return self.candidate.language


def judge_all(candidates: Iterable[Candidate]) -> list[Verdict]:
    """Judge every language of a thing; a translation goes live with its original or after it."""
    candidates = list(candidates)
    originals = [judge(one, original_is_live=True) for one in candidates if one.is_original]
    is_there = any(one.outlook == Outlook.READY or one.candidate.live for one in originals)
    others = [judge(one, original_is_live=is_there) for one in candidates if not one.is_original]
    return [*originals, *others]


def judge(candidate: Candidate, *, original_is_live: bool) -> Verdict:
    """Judge one language."""
    reasons = tuple(_find_reasons(candidate, original_is_live=original_is_live))
    if reasons:
        return Verdict(candidate, Outlook.HELD, reasons)
    return Verdict(candidate, Outlook.LIVE if candidate.is_newest_live else Outlook.READY)


def _find_reasons(candidate: Candidate, *, original_is_live: bool) -> Iterator[Reason]:
    if not candidate.exists:
        yield Reason(Why.MISSING)
        return
    if candidate.is_untranslated:
        yield Reason(Why.UNTRANSLATED)
    yield from _find_readings(candidate)
    if not candidate.is_original and _is_after(candidate.source_changed_at, candidate.right_at):
        yield Reason(Why.OUTDATED, since=candidate.source_changed_at)
    if _is_after(candidate.use_changed_at, candidate.right_at):
        yield Reason(Why.USE_CHANGED, since=candidate.use_changed_at)
    if candidate.is_newest_live:
        return
    yield from (Reason(Why.REFUSED, detail=words) for words in candidate.refusals)
    if not candidate.is_original and not original_is_live:
        yield Reason(Why.ORIGINAL_FIRST)


def _find_readings(candidate: Candidate) -> Iterator[Reason]:
    """Give what is still to be read; what went live without it is told of drafts only."""
    drafted = {"machine": Why.MACHINE, "unreviewed": Why.UNREVIEWED}.get(candidate.state)
    if candidate.is_newest_live:
        if drafted is not None:
            yield Reason(drafted)
    elif candidate.waits_for:
        yield Reason(Why.BEING_READ, detail=candidate.waits_for)
    elif candidate.is_returned:
        yield Reason(Why.RETURNED)
    elif candidate.unread:
        why = Why.MACHINE if drafted == Why.MACHINE else Why.NOT_SUBMITTED
        yield Reason(why, detail=", ".join(candidate.unread))


def _is_after(change: datetime | None, moment: datetime | None) -> bool:
    return change is not None and (moment is None or change > moment)
