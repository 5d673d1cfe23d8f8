"""What a reader needs beside a draft: what it rests on with its sources, and what has changed below it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.text import capfirst
from wagtail.log_actions import registry

from cms.models import Source, source_of, texts_of
from cms.uses import USES


@dataclass(frozen=True, slots=True)
class Text:
    """One text of a draft beside its original's; `original` is empty where it is the original."""

    label: str
    words: str
    original: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that a draft says or rests on, with who says so."""

    kind: str
    row: Any
    words: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """One text before and after; `before` is empty where nobody kept the earlier words."""

    label: str
    before: str
    now: str


@dataclass(frozen=True, slots=True)
class ChangedUse:
    """One thing that changed its meaning after the text that rests on it was right."""

    kind: str
    row: Any
    changed_at: datetime
    differences: tuple[Difference, ...]


def list_texts(wording: Any) -> list[Text]:
    """Return the texts of a draft, each beside its original's."""
    source = source_of(wording)
    originals = texts_of(source) if source.pk != wording.pk else {}
    return [
        Text(_label(wording, name), words, originals.get(name, ""))
        for name, words in texts_of(wording).items()
        if words or originals.get(name)
    ]


def list_evidence(wording: Any) -> list[Evidence]:
    """Return a draft's own sources, then each thing that it rests on with its sources."""
    source = source_of(wording)
    said = wording if source.pk == wording.pk else source
    return [_weigh(row) for row in [said, *_rests_on(said)] if hasattr(row, "sources")]


def list_changed_uses(row: Any, wording: Any) -> list[ChangedUse]:
    """Return what has changed since a text was right: its original first, then what it rests on."""
    source = source_of(row)
    said = wording if source.pk == row.pk else source
    rows = _rests_on(said) if source.pk == row.pk else [source, *_rests_on(said)]
    since = row.current_as_of
    return [_differ(used, since) for used in rows if used.changed_at and used.changed_at > since]


def list_corrections(source: Any, *, since: datetime) -> list[ChangedUse]:
    """Return what has had a major change since a moment: an original itself, then what it rests on."""
    rows = [source, *_rests_on(source)]
    return [_differ(used, since) for used in rows if used.changed_at and used.changed_at > since]


def _rests_on(said: Any) -> list[Any]:
    paths = USES.get(type(said), ())
    found = {(type(used), used.pk): used for path in paths for used in _walk([said], path)}
    return sorted(found.values(), key=lambda used: (str(used._meta.verbose_name), used.key))


def _walk(rows: Iterable[Any], path: str) -> Iterator[Any]:
    # A draft holds what it rests on in memory: the database knows the live text's only.
    step, _sign, rest = path.partition("__")
    for row in rows:
        used = getattr(row, step).all()
        yield from _walk(used, rest) if rest else used


def _weigh(row: Any) -> Evidence:
    words = getattr(row, "statement", "")
    return Evidence(str(row._meta.verbose_name), row, words, tuple(row.sources.all()))


def _differ(used: Any, since: datetime) -> ChangedUse:
    before, now = _texts_at(used, since), texts_of(used)
    differences = tuple(
        Difference(_label(used, name), before.get(name, ""), words)
        for name, words in now.items()
        if words != before.get(name, "")
    )
    return ChangedUse(str(used._meta.verbose_name), used, used.changed_at, differences)


def _texts_at(row: Any, moment: datetime) -> dict[str, str]:
    """Return the texts that were live at a moment, as far as anybody kept them."""
    logs = registry.get_logs_for_instance(row).filter(action="wagtail.publish")
    then = logs.filter(timestamp__lte=moment).order_by("timestamp").last()
    revision = then.revision if then else row.revisions.order_by("created_at", "pk").first()
    if revision is None or (then is None and revision.pk == row.live_revision_id):
        return {}
    return texts_of(revision.as_object())


def _label(row: Any, name: str) -> str:
    return str(capfirst(row._meta.get_field(name).verbose_name))
