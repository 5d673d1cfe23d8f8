"""What keeps a thing from being deleted: whatever uses it, named."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import PROTECT, RESTRICT, Model
from django.db.models.signals import pre_delete
from wagtail.models import Page

from cms.models import Entry, Leg, Route, Source
from cms.uses import InUse, UsedIn, refuse_if_used

# Deleting these would take them out of what cites them without a word: no column protects a list.
CITED: tuple[type[Model], ...] = (Source, Route, Leg)
HOLDING = frozenset({PROTECT, RESTRICT})


@dataclass(frozen=True, slots=True)
class Holder:
    """One thing that rests on another."""

    kind: str
    title: str
    row: Any
    languages: tuple[str, ...] = ()

    @classmethod
    def of(cls, row: Any) -> "Holder":
        """Describe any row."""
        return cls(str(row._meta.verbose_name), str(row), row)


def find_holders(thing: Model) -> list[Holder]:
    """Return what rests on a thing, and on the pages below a page."""
    things = [thing]
    if isinstance(thing, Page):
        things = list(thing.get_descendants(inclusive=True).specific())
    found = {(type(holder.row), holder.row.pk): holder for one in things for holder in _find(one)}
    return list(found.values())


def _find(thing: Model) -> Iterator[Holder]:
    if isinstance(thing, Entry):
        yield from _uses_of(thing)
    yield from (Holder.of(row) for row in _rows_on(thing))


def _uses_of(entry: Entry) -> Iterator[Holder]:
    try:
        refuse_if_used(entry)
    except InUse as refusal:
        yield from (
            Holder(use.kind, f"{use.key}: {use.title}", use.row, use.languages)
            for use in refusal.uses
        )


def _rows_on(thing: Model) -> Iterator[Any]:
    relations: Any = thing._meta.get_fields(include_hidden=True)
    for relation in relations:
        if not relation.auto_created or relation.concrete:
            continue
        holds = relation.many_to_many and isinstance(thing, CITED)
        if not holds and getattr(relation, "on_delete", None) not in HOLDING:
            continue
        model: Any = relation.related_model
        if model is type(thing):
            continue  # neighbours hold nobody
        yield from model._base_manager.filter(**{relation.field.name: thing}).distinct()


def refuse_cited(instance: Model, **_signal: Any) -> None:
    """Raise InUse when something cites this."""
    rows = list(_rows_on(instance))
    if rows:
        raise InUse(instance, _describe(rows))


def refuse_used(instance: Entry, **_signal: Any) -> None:
    """Raise InUse when something rests on this original."""
    refuse_if_used(instance)


def guard_deletion() -> None:
    """Refuse to delete what is used, whoever asks; called once, when Django is ready."""
    for model in CITED:
        pre_delete.connect(refuse_cited, sender=model, dispatch_uid=f"cms.cited.{model.__name__}")
    for entry in Entry.__subclasses__():
        pre_delete.connect(refuse_used, sender=entry, dispatch_uid=f"cms.used.{entry.__name__}")


def _describe(rows: Iterable[Any]) -> list[UsedIn]:
    return [
        UsedIn(str(row._meta.verbose_name), getattr(row, "key", str(row)), str(row), row, (), True)
        for row in rows
    ]
