"""Where somebody stands for one purpose, drawn from her entries in the ledger of consent.

Pure: entries in, in the order in which they were written; a standing out. It reads no table.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from messaging.models.consent import ConsentEntry

Verdict = ConsentEntry.Verdict


class Word(StrEnum):
    """Name where somebody stands; only `LIVE` may be sent to."""

    NONE = "none"
    ASKED = "asked"
    LIVE = "live"
    LAPSED = "lapsed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Said:
    """Hold one entry of one identity, channel and purpose."""

    verdict: str
    at: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Hold where somebody stands and, while it is live, until when; None means without end."""

    word: Word = Word.NONE
    until: datetime | None = None

    def at(self, moment: datetime) -> "Standing":
        """Return the standing at a moment: what had an end is lapsed once that has passed."""
        ended = self.word is Word.LIVE and self.until is not None and self.until <= moment
        return Standing(Word.LAPSED) if ended else self


def judge(entries: Iterable[Said], *, now: datetime) -> Standing:
    """Return the standing that entries lead to, the latest last."""
    standing = Standing()
    for said in entries:
        standing = follow(standing, said)
    return standing.at(now)


def follow(before: Standing, said: Said) -> Standing:
    """Return the standing after one more entry.

    The latest decides, but a stop outlasts every yes that was not confirmed after it.
    """
    before = before.at(said.at)
    match said.verdict:
        case Verdict.CONFIRMED:
            return Standing(Word.LIVE, _later(before, said.until))
        case Verdict.WITHDRAWN:
            return Standing(Word.STOPPED)
        case Verdict.GRANTED:
            # Anybody may type a number: a yes without its confirmation takes nothing away either.
            keeps = before.word in {Word.LIVE, Word.STOPPED}
            return before if keeps else Standing(Word.ASKED)
        case Verdict.EXPIRED:
            return _unless_stopped(before, Word.LAPSED)
        case Verdict.REFUSED:
            return _unless_stopped(before, Word.NONE)
    raise ValueError(f"{said.verdict!r} is no verdict.")


def _later(before: Standing, until: datetime | None) -> datetime | None:
    """Return the later of two ends: who agreed for longer, or without end, keeps that."""
    if before.word is not Word.LIVE:
        return until
    return None if before.until is None or until is None else max(before.until, until)


def _unless_stopped(before: Standing, word: Word) -> Standing:
    return before if before.word is Word.STOPPED else replace(before, word=word, until=None)
