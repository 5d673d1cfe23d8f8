"""How often a message's links were opened, for pages: rounded, small numbers hidden."""

from dataclasses import dataclass

from analytics.disclosure import hide_small, publish
from analytics.reach import name_language
from analytics.visits import openings_by_language
from cms.models import MessagePage
from locales.languages import LANGUAGES, Direction


@dataclass(frozen=True, slots=True)
class OpenedRow:
    """Hold how often one language's link was opened; None where it may not be shown."""

    code: str
    name: str
    endonym: str
    direction: Direction
    opened: int | None


@dataclass(frozen=True, slots=True)
class Opened:
    """Hold how often a message's links were opened in all; each opening is in one row."""

    total: int | None
    rows: tuple[OpenedRow, ...]


def opened_report(message: MessagePage, *, language: str = "en") -> Opened:
    """Return how often a message was opened in each language that it is in, whoever sent it."""
    editions = MessagePage.objects.filter(translation_key=message.translation_key)
    codes = dict(editions.values_list("code", "locale__language_code"))
    # One that was never opened is not told from one that was opened a few times.
    counts = dict.fromkeys(codes.values(), 0) | openings_by_language(codes)
    rows = [_make_row(code, opened, language) for code, opened in hide_small(counts).items()]
    return Opened(
        total=publish(sum(counts.values())),
        rows=tuple(sorted(rows, key=lambda row: (-(row.opened or 0), row.name))),
    )


def _make_row(code: str, opened: int | None, language: str) -> OpenedRow:
    known = LANGUAGES.get(code)
    return OpenedRow(
        code=code,
        name=name_language(code, language),
        endonym=known.endonym if known else code,
        direction=known.direction if known else "ltr",
        opened=opened,
    )
