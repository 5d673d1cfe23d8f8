"""Reports for those who run a deployment: exact numbers, in the terminal. Pages use `reach`."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.models import DeliveryCount, Tally
from locales.countries import COUNTRIES, country_name
from locales.languages import LANGUAGES
from messaging.models.subscribers import Channel
from messaging.states import MOVING, State

# Every state is in exactly one column, so a row's columns sum to its audience.
COLUMNS: dict[str, tuple[State, ...]] = {
    "planned": MOVING,
    "accepted": (State.ACCEPTED, State.SENT),
    "delivered": (State.DELIVERED,),
    "read": (State.READ,),
    "failed": (State.FAILED,),
    "suppressed": (State.SUPPRESSED,),
    "unknown": (State.UNKNOWN,),
    "not_sent": (State.CANCELLED, State.EXPIRED, State.HELD),
}
_COLUMN_OF = {state: name for name, states in COLUMNS.items() for state in states}
_HEADINGS: dict[str, str | Promise] = {
    "planned": gettext_lazy("planned"),
    "accepted": gettext_lazy("accepted"),
    "delivered": gettext_lazy("delivered"),
    "read": gettext_lazy("read"),
    "failed": gettext_lazy("failed"),
    "suppressed": gettext_lazy("suppressed"),
    "unknown": gettext_lazy("unknown"),
    "not_sent": gettext_lazy("not sent"),
}


class NotCounted(LookupError):
    """Say that a batch has not been counted yet."""


@dataclass(frozen=True, slots=True)
class Row:
    """Hold the deliveries of one country, language or channel by column of `COLUMNS`.

    `own` were written in the language asked for, `fallback` in another: one of `texts`.
    """

    key: str
    counts: tuple[int, ...]
    own: int
    fallback: int
    texts: tuple[str, ...]

    @property
    def audience(self) -> int:
        """Return all deliveries of the row."""
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class Table:
    """Hold one batch as last counted; each group of rows sums to `total`."""

    reference: str
    countries: tuple[Row, ...]
    languages: tuple[Row, ...]
    channels: tuple[Row, ...]
    total: Row


def state_table(reference: str) -> Table:
    """Return a batch's exact numbers as last counted; raise NotCounted before its first count."""
    if not Tally.objects.filter(reference=reference).exists():
        raise NotCounted(f"{reference} has not been counted: `manage.py recount {reference}`.")
    cells = list(DeliveryCount.objects.filter(tally__reference=reference))
    return Table(
        reference=reference,
        countries=_group(cells, lambda cell: cell.country),
        languages=_group(cells, lambda cell: cell.language),
        channels=_group(cells, lambda cell: cell.channel),
        total=_make_row("", cells),
    )


def text_table(table: Table, *, language: str = "en") -> str:
    """Return the table as plain text for a terminal, with names of countries in `language`."""
    headings = [_("audience"), *(str(text) for text in _HEADINGS.values()), _("fallback")]
    sections: tuple[tuple[str, tuple[Row, ...], Callable[[str], str]], ...] = (
        (_("Country"), table.countries, partial(_name_country, language=language)),
        (_("Language"), table.languages, _name_language),
        (_("Channel"), table.channels, _name_channel),
    )
    lines = []
    for title, rows, name in sections:
        lines.append([title, *headings, ""])
        lines += [[name(row.key), *_numbers(row), _remark(row)] for row in rows]
        lines.append([])
    lines.append([_("Total"), *_numbers(table.total), ""])
    return _align(lines)


def _group(cells: Iterable[DeliveryCount], key: Callable[[DeliveryCount], str]) -> tuple[Row, ...]:
    groups: dict[str, list[DeliveryCount]] = {}
    for cell in cells:
        groups.setdefault(key(cell), []).append(cell)
    rows = [_make_row(name, members) for name, members in groups.items()]
    return tuple(sorted(rows, key=lambda row: (-row.audience, row.key)))


def _make_row(key: str, cells: Iterable[DeliveryCount]) -> Row:
    counts: Counter[str] = Counter()
    own = fallback = 0
    texts = set()
    for cell in cells:
        counts[_COLUMN_OF[State(cell.state)]] += cell.count
        own += cell.count if cell.text_language == cell.language else 0
        fallback += cell.count if cell.text_language != cell.language else 0
        texts.add(cell.text_language)
    return Row(key, tuple(counts[name] for name in COLUMNS), own, fallback, tuple(sorted(texts)))


def _numbers(row: Row) -> list[str]:
    return [f"{number:,}" for number in (row.audience, *row.counts, row.fallback)]


def _name_country(code: str, *, language: str) -> str:
    return country_name(code, language) if code in COUNTRIES else code


def _name_language(code: str) -> str:
    return LANGUAGES[code].name if code in LANGUAGES else code


def _name_channel(code: str) -> str:
    return str(Channel(code).label)


def _remark(row: Row) -> str:
    """Return a language in its own script, and what it falls back to; other rows have no remark."""
    if row.key not in LANGUAGES:
        return ""
    others = [LANGUAGES[code].endonym for code in row.texts if code != row.key]
    return " → ".join([LANGUAGES[row.key].endonym, *others])


def _align(lines: Sequence[Sequence[str]]) -> str:
    """Pad the columns; the last one stays ragged: no terminal agrees on the width of every script."""
    full = [line for line in lines if line]
    widths = [max(len(line[column]) for line in full) for column in range(len(full[0]) - 1)]
    out = []
    for line in lines:
        padded = [
            text.ljust(width) if column == 0 else text.rjust(width)
            for column, (text, width) in enumerate(zip(line, widths, strict=False))
        ]
        out.append("  ".join([*padded, *line[-1:]]).rstrip())
    return "\n".join(out)
