"""What one line of a sheet is, by itself: pure rules over the line, the day and what is open.

Whether somebody is here already, or said stop, is asked of the database, and of good lines only:
a list without proof of consent learns nothing about anybody.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from locales.folding import fold
from messaging.joining.sheets.columns import (
    CHANNEL,
    COUNTRY,
    DATE,
    EVIDENCE,
    LANGUAGE,
    METHOD,
    NUMBER,
    ROUTES,
    known_channels,
    known_countries,
    known_languages,
    known_methods,
)
from messaging.joining.sheets.values import Entry
from messaging.models import SheetRow
from messaging.models.subscribers import Channel
from messaging.numbers import (
    COSTLY,
    REFUSED,
    NoCountryCode,
    NumberError,
    classify,
    country_of,
    parse_address,
)

Verdict = SheetRow.Verdict
# Who said yes longer ago may not remember it.
OLDEST_YES = timedelta(days=365)
_COMMAS = re.compile("[,;،؛፣|\n]")
# How a program shows a long figure: 1.23E+11.
_SHORTENED = re.compile(r"\d+(?:[.,]\d+)?[eE]\+?\d+")
_DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?")
_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Ground:
    """Hold what lines are judged against: the topics by folded name, the open countries, the day."""

    topics: Mapping[str, str]
    open: frozenset[str]
    today: date
    fiction: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """Hold the verdict on one line, and what it says where that is good."""

    line: int
    verdict: SheetRow.Verdict
    channel: str = ""
    number: str = field(default="", repr=False)
    language: str = ""
    country: str = ""
    topics: tuple[str, ...] = ()
    evidence: str = ""


def judge(entry: Entry, ground: Ground) -> Judged:
    """Return what a line is; `NEW` means that nothing in the line itself stands against it."""
    if entry.has_formula:
        return Judged(entry.line, Verdict.FORMULA)
    cells = entry.cells
    channel = _look_up(cells.get(CHANNEL), known_channels(), default=Channel.SMS)
    number, verdict = _read_number(entry, channel or Channel.SMS, fiction=ground.fiction)
    if verdict:
        return Judged(entry.line, verdict)
    language = _look_up(cells.get(LANGUAGE), known_languages())
    topics = _read_topics(cells.get(ROUTES, ""), ground.topics)
    if not channel or not language or not topics:
        return Judged(entry.line, Verdict.NO_CHOICE)
    home = country_of(number)
    country = _look_up(cells.get(COUNTRY), known_countries(), default=home)
    # Both: where she says she is, and where the message is paid for.
    if country not in ground.open or home not in ground.open:
        return Judged(entry.line, Verdict.COUNTRY)
    evidence = _read_evidence(cells, ground.today)
    if not evidence:
        return Judged(entry.line, Verdict.NO_EVIDENCE)
    return Judged(entry.line, Verdict.NEW, channel, number, language, country, topics, evidence)


def _read_number(
    entry: Entry, channel: str, *, fiction: bool
) -> tuple[str, SheetRow.Verdict | None]:
    text = unicodedata.normalize("NFKC", entry.cells[NUMBER]).strip("'\" ")
    # A program that took it for a figure has dropped the plus, and perhaps digits.
    if entry.is_figure or _SHORTENED.fullmatch(text):
        return "", Verdict.NO_CODE
    try:
        number = parse_address(channel, text, fiction=fiction)
    except NoCountryCode:
        return "", Verdict.NO_CODE
    except NumberError:
        return "", Verdict.INVALID
    kind = classify(number)
    if kind in COSTLY:
        return "", Verdict.PREMIUM
    return (number, None) if kind not in REFUSED else ("", Verdict.NOT_MOBILE)


def _read_topics(cell: str, topics: Mapping[str, str]) -> tuple[str, ...]:
    """Return the topics of all routes that are named, or none where one of them is unknown."""
    # The names of some routes hold commas themselves.
    whole = topics.get(fold(cell))
    if whole:
        return (whole,)
    names = [fold(part) for part in _COMMAS.split(cell)]
    found = [topics.get(name, "") for name in names if name]
    return tuple(dict.fromkeys(found)) if all(found) else ()


def _read_evidence(cells: Mapping[str, str], today: date) -> str:
    """Return the day and the way of her yes; "" without them, or without a reference to its proof.

    The reference itself stays on the partner's list: it may be a name.
    """
    day, method = _read_day(cells.get(DATE, "")), _look_up(cells.get(METHOD), known_methods())
    if day is None or not method or not cells.get(EVIDENCE):
        return ""
    return f"{day.isoformat()} {method}" if today - OLDEST_YES <= day <= today else ""


def _read_day(cell: str) -> date | None:
    """Return a day that is written year first; any other order could be two days."""
    found = _DAY.fullmatch(unicodedata.normalize("NFKC", cell).strip("'\" "))
    if not found:
        return None
    year, month, day = (int(part) for part in found.groups())
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _look_up(cell: str | None, known: Mapping[str, str], *, default: str = "") -> str:
    """Return what a word stands for, the default for an empty cell, and "" for an unknown word."""
    if not cell:
        return default
    return known.get(fold(cell[:_LONGEST]), "")
