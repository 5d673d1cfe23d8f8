"""Rotating: what is sealed under another key than the active one is sealed anew, page by page.

Each page is one transaction, so that a run which is cut off has lost nothing, and the next one goes
on: what is left is what a row's `key_id` says. Rows are locked while they are read and written, and
one that somebody changed all the same is left for the next run. What cannot be opened stays as it is
and is counted. Every sealed column is in `TABLES`; a test holds it against the models.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import BinaryField, Model, Q, QuerySet
from django.db.models.functions import Substr

from messaging.models import (
    InboundMessage,
    KeptSecret,
    Notice,
    SheetRow,
    SignUp,
    Subscriber,
    TestPhone,
)
from messaging.notifying.testing import NUMBER_PLACE as PHONE_PLACE
from messaging.sealing.crypto import KeysAway, SealError, head_of, key_id_of, open_sealed, seal
from messaging.sealing.keeping import PLACE as SECRET_PLACE
from messaging.sealing.keyring import ring_of
from messaging.sealing.keys.ring import NUMBER

PAGE = 500


@dataclass(frozen=True, slots=True)
class Table:
    """Name a model's sealed columns and the place each is bound to."""

    model: type[Model]
    places: dict[str, str]

    @property
    def name(self) -> str:
        """Return the model's name."""
        return self.model.__name__


TABLES = (
    Table(Subscriber, {"number_sealed": "subscriber.number"}),
    Table(InboundMessage, {"text_sealed": "inbound.text"}),
    Table(SignUp, {"number_sealed": "signup.number"}),
    Table(Notice, {"number_sealed": "notice.number", "body_sealed": "notice.body"}),
    Table(SheetRow, {"number_sealed": "sheet_row.number"}),
    Table(KeptSecret, {"text_sealed": SECRET_PLACE}),
    Table(TestPhone, {"number_sealed": PHONE_PLACE}),
)


@dataclass(frozen=True, slots=True)
class Tally:
    """Count what became of some rows; `last` is the id of the last one looked at."""

    moved: int = 0
    left: int = 0
    unreadable: int = 0
    last: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.moved + other.moved,
            self.left + other.left,
            self.unreadable + other.unreadable,
            max(self.last, other.last),
        )


Tell = Callable[[Tally], None]


def place_of(model: type[Model]) -> str:
    """Return the place that a model's sealed address is bound to."""
    return next(table.places["number_sealed"] for table in TABLES if table.model is model)


def find_sealed(table: Table) -> QuerySet[Any]:
    """Return the rows of a table that hold something sealed: what was wiped holds nothing."""
    empty = Q(**dict.fromkeys(table.places, b""))
    return table.model._default_manager.exclude(empty)


def find_left(table: Table) -> QuerySet[Any]:
    """Return the rows of a table that hold something sealed, but not under the active key."""
    return find_sealed(table).exclude(key_id=ring_of(NUMBER).active)


def reseal(table: Table, *, tell: Tell) -> Tally:
    """Seal anew what is left of a table, page by page; say after each how far it has come."""
    tally = Tally()
    while page := _reseal_page(table, after=tally.last):
        tally += page
        tell(tally)
    return tally


def count_under(key_id: int) -> int:
    """Return how many sealed values begin with a key's id, whatever `key_id` says beside them."""
    head = head_of(key_id)
    return sum(
        table.model._default_manager.annotate(
            head=Substr(column, 1, len(head), output_field=BinaryField())
        )
        .filter(head=head)
        .count()
        for table in TABLES
        for column in table.places
    )


def _reseal_page(table: Table, *, after: int) -> Tally | None:
    with transaction.atomic():
        # Not the key: a batch that is being planned may refer to these rows.
        left = find_left(table).filter(pk__gt=after).select_for_update(no_key=True)
        rows = list(left.order_by("pk").only("pk", "uid", *table.places)[:PAGE])
        if not rows:
            return None
        tally = Tally(last=rows[-1].pk)
        for row in rows:
            tally += _reseal_row(table, row)
    return tally


def _reseal_row(table: Table, row: Any) -> Tally:
    held = {column: bytes(getattr(row, column)) for column in table.places}
    try:
        anew = {
            column: _seal_anew(sealed, place=table.places[column], row=row) if sealed else sealed
            for column, sealed in held.items()
        }
    except KeysAway:
        raise
    except SealError:
        return Tally(unreadable=1)
    key_id = key_id_of(next(filter(None, anew.values())))
    unchanged = table.model._default_manager.filter(pk=row.pk, **held)
    moved = unchanged.update(**anew, key_id=key_id)
    return Tally(moved=moved, left=1 - moved)


def _seal_anew(sealed: bytes, *, place: str, row: Any) -> bytes:
    return seal(open_sealed(sealed, place=place, row=row.uid), place=place, row=row.uid)
