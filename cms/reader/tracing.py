"""What an answer was made from: noted while it is made, so that exactly what changed is made anew.

A token names one thing that an answer shows, or one list that it draws from:

- `text:<translation key>`: an entry or a page, in whatever language;
- `route:<pk>:<model>`: which entries of a model are on a route (`route:3:fact`);
- `country:<code>`: which contact points can be reached from a country; `country:` is from anywhere;
- `kind:<model>`: which rows of a model are live (`kind:homepage`, `kind:routepage`, `kind:alert`);
- `source:<pk>`, `recording:<pk>`, `image:<pk>`, `routes:<pk>` (a route itself: names, languages, legs).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Kind(StrEnum):
    """Name what an answer is; what is no page for reading is not searched."""

    CHOOSER = "chooser"
    HOME = "home"
    ROUTE = "route"
    RISKS = "risks"
    WAYS = "ways"
    CLAIMS = "claims"
    STORIES = "stories"
    HELP = "help"
    COUNTRIES = "countries"
    COUNTRY = "country"
    STORY = "story"
    ALERT = "alert"
    MESSAGE = "message"
    PLAIN = "plain"
    SEARCH = "search"
    KEEP = "keep"
    KEPT_LIST = "kept_list"
    FILE = "file"
    LEAFLET = "leaflet"
    SHORT = "short"
    LOST = "lost"
    MACHINE = "machine"  # for programs: sitemap, robots, manifest


@dataclass(slots=True)
class Trace:
    """What one answer is, what it used, and the first day on which it would be another."""

    kind: Kind | None = None
    language: str = ""
    title: str = ""
    used: set[str] = field(default_factory=set)
    until: date | None = None


_current: ContextVar[Trace | None] = ContextVar("trace", default=None)


@contextmanager
def trace() -> Iterator[Trace]:
    """Collect what the answer that is made inside uses; an answer within an answer adds to both."""
    outer, inner = _current.get(), Trace()
    token = _current.set(inner)
    try:
        yield inner
    finally:
        _current.reset(token)
        if outer is not None:
            outer.used |= inner.used
            outer.until = _earlier(outer.until, inner.until)


def is_tracing() -> bool:
    """Tell whether an answer is being made at the moment."""
    return _current.get() is not None


def describe(kind: Kind, *, language: str, title: str = "") -> None:
    """Say what the answer is; only an answer that says so is stored."""
    trace = _current.get()
    if trace is not None:
        trace.kind, trace.language, trace.title = kind, language, title


def use(*tokens: str) -> None:
    """Note what the answer shows or draws from."""
    trace = _current.get()
    if trace is not None:
        trace.used.update(tokens)


def change_on(*days: date | None) -> None:
    """Note days, after today, on which the answer would be another."""
    trace = _current.get()
    if trace is not None:
        for day in days:
            trace.until = _earlier(trace.until, day)


def _earlier(one: date | None, other: date | None) -> date | None:
    return min((day for day in (one, other) if day is not None), default=None)
