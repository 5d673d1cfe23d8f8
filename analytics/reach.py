"""Reach for pages: distinct identities as a range, small numbers hidden. Nothing exact leaves here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from babel import Locale

from analytics.disclosure import choose_hidden, publish
from analytics.models import ReachCount, Tally
from campaigns.models import Broadcast
from locales.countries import COUNTRIES, country_name
from locales.languages import LANGUAGES, Direction


@dataclass(frozen=True, slots=True)
class Reach:
    """Hold how many were reached, at least and at most; None where it may not be shown."""

    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class ReachRow:
    """Hold the reach of one country or language, with its name as a page needs it.

    `texts` are the languages in which its people were written to, where not all had their own.
    """

    code: str
    name: str
    endonym: str
    direction: Direction
    texts: tuple[str, ...]
    reach: Reach


@dataclass(frozen=True, slots=True)
class ReachReport:
    """Hold the reach of one broadcast; rows overlap where a person has two, so they don't add."""

    counted_at: datetime
    total: Reach
    countries: tuple[ReachRow, ...]
    languages: tuple[ReachRow, ...]


@dataclass(frozen=True, slots=True)
class ReachLine:
    """Hold one broadcast of a list; no reach before its first count."""

    broadcast: Broadcast
    reach: Reach | None


def reach_report(broadcast: Broadcast, *, language: str = "en") -> ReachReport | None:
    """Return a broadcast's reach with names in `language`, or None before its first count."""
    tally = Tally.objects.filter(reference=broadcast.reference).first()
    if tally is None:
        return None
    cells = list(tally.reach.all())
    whole = next(cell for cell in cells if not (cell.country or cell.language))
    texts = _find_texts(tally)
    countries = {cell.country: cell for cell in cells if cell.country}
    languages = {cell.language: cell for cell in cells if cell.language}
    return ReachReport(
        counted_at=tally.counted_at,
        total=_show_total(whole),
        countries=_sort(
            _make_country(code, reach, language) for code, reach in _disclose(countries).items()
        ),
        languages=_sort(
            _make_language(code, reach, language, texts.get(code, set()))
            for code, reach in _disclose(languages).items()
        ),
    )


def reach_lines(broadcasts: Iterable[Broadcast]) -> list[ReachLine]:
    """Return broadcasts with their reach, in the order given."""
    wanted = list(broadcasts)
    cells = ReachCount.objects.filter(
        tally__reference__in=[broadcast.reference for broadcast in wanted], country="", language=""
    ).select_related("tally")
    reach = {cell.tally.reference: _show_total(cell) for cell in cells}
    return [ReachLine(broadcast, reach.get(broadcast.reference)) for broadcast in wanted]


def _disclose(cells: dict[str, ReachCount]) -> dict[str, Reach]:
    """Hide the highs where the lows are hidden: beside a high, a low is easy to guess."""
    hidden = choose_hidden({code: cell.low for code, cell in cells.items()})
    return {
        code: Reach(None, None) if code in hidden else Reach(publish(cell.low), publish(cell.high))
        for code, cell in cells.items()
    }


def _show_total(cell: ReachCount) -> Reach:
    low = publish(cell.low)
    return Reach(low, None if low is None else publish(cell.high))


def _find_texts(tally: Tally) -> dict[str, set[str]]:
    texts: dict[str, set[str]] = {}
    pairs = tally.deliveries.values_list("language", "text_language").distinct()
    for asked, given in pairs:
        texts.setdefault(asked, set()).add(given)
    return texts


def _sort(rows: Iterable[ReachRow]) -> tuple[ReachRow, ...]:
    """Sort by what is shown, then by name: the true order of hidden rows would tell their sizes."""
    return tuple(sorted(rows, key=lambda row: (-(row.reach.low or 0), row.name)))


def _make_country(code: str, reach: Reach, language: str) -> ReachRow:
    name = country_name(code, language) if code in COUNTRIES else code
    return ReachRow(code, name, endonym="", direction="ltr", texts=(), reach=reach)


def _make_language(code: str, reach: Reach, language: str, texts: set[str]) -> ReachRow:
    known = LANGUAGES.get(code)
    names = (LANGUAGES[text].endonym if text in LANGUAGES else text for text in texts)
    return ReachRow(
        code=code,
        name=name_language(code, language),
        endonym=known.endonym if known else "",
        direction=known.direction if known else "ltr",
        texts=() if texts == {code} else tuple(sorted(names)),
        reach=reach,
    )


def name_language(code: str, language: str) -> str:
    """Return the name of a language in another one."""
    known = LANGUAGES.get(code)
    name: str = Locale.parse(language).languages.get(code, known.name if known else code)
    return name
