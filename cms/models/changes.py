"""Telling what is about to change or has gone live, without knowing who listens.

Saving and deleting tell it by themselves, by Django's signals. Whoever changes rows of content with one
UPDATE does it through `update_content`, or tells it first with `tell_changes`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Model, QuerySet
from django.dispatch import Signal

# Sent with `rows`, a queryset, and `values`, the new ones by column, before they are written;
# without rows where all there is may have changed.
content_changes = Signal()
# Sent with `row` in the transaction in which it went live; whoever knows a reason against it raises
# NotPublishable, and nothing of it has happened.
went_live = Signal()


@dataclass(slots=True)
class Bundle:
    """Many changes that are told as one; whoever listens says here that there was any."""

    is_needed: bool = False


_bundle: ContextVar[Bundle | None] = ContextVar("bundle", default=None)


def current_bundle() -> Bundle | None:
    """Return the bundle that changes belong to now, if any: they are then told with it."""
    return _bundle.get()


@contextmanager
def telling_at_once() -> Iterator[None]:
    """Tell whatever changes inside as one change of everything: for loading many rows."""
    bundle = Bundle()
    token = _bundle.set(bundle)
    try:
        yield
    finally:
        _bundle.reset(token)
    if bundle.is_needed:
        content_changes.send(sender=None, rows=None, values={})


def tell_changes(rows: "QuerySet[Any]", **values: Any) -> None:
    """Tell that these columns of rows will be written, in the transaction that writes them."""
    content_changes.send(sender=rows.model, rows=rows, values=values)


def update_content(rows: "QuerySet[Any]", **values: Any) -> int:
    """Update rows that readers may see, in one statement, and tell it; return how many there were."""
    with transaction.atomic():
        tell_changes(rows, **values)
        return rows.update(**values)


def tell_live(row: Model) -> None:
    """Tell that a row has gone live to all who may still refuse it."""
    went_live.send(sender=type(row), row=row)
