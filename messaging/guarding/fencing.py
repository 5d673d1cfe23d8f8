"""The fence: whether anything may be sent at all. One row in the database, one word in the deployment.

A database that was restored tells of yesterday: messages that went out stand as planned, and people
who left stand as subscribed. So two things must agree before anything is sent: its epoch is the one
that the deployment carries, and it is still the database that the fence was last set in. What opens
it again after a restore is in `messaging.guarding.restoring`.
"""

import logging
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import DatabaseError, connection, transaction

from messaging.models import Fence

# The cluster, the database in it, and its line of time, which a recovery or a failover leaves.
_PLACE = """
    SELECT c.system_identifier || '/' || d.oid || '/' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)
      FROM pg_control_system() AS c, pg_database AS d WHERE d.datname = current_database()"""

log = logging.getLogger("waymark.fencing")


class NotChecked(Exception):
    """Say that a restore was declared, and that not all is done that it asks for."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Hold what lets messages go out: all of it must be so."""

    is_open: bool
    epoch: int
    is_right_epoch: bool = True
    is_right_place: bool = True
    # No restore was declared, or all that it asks for is done.
    is_checked: bool = True

    @property
    def may_send(self) -> bool:
        """Say whether anything may be sent."""
        return self.is_open and self.is_trusted

    @property
    def is_trusted(self) -> bool:
        """Say whether this is the database that the deployment means."""
        return self.is_right_epoch and self.is_right_place and self.is_checked


def may_send() -> bool:
    """Say whether anything may be sent: the fence is open, of this epoch and in its own database."""
    return read_standing().may_send


def read_standing() -> Standing:
    """Return how the fence stands; a missing one is closed."""
    fence = Fence.objects.order_by("pk").first()
    if fence is None:
        return Standing(is_open=False, epoch=0)
    return Standing(
        is_open=fence.send_enabled,
        epoch=fence.epoch,
        is_right_epoch=fence.epoch == settings.EPOCH,
        is_right_place=is_at(fence.place),
        is_checked="since" not in fence.checks,
    )


def read_bound() -> str:
    """Return in which database the fence was set, "" where that could not be told."""
    bound = Fence.objects.order_by("pk").values_list("place", flat=True).first()
    return bound or ""


def is_at(place: str) -> bool:
    """Say whether the server that answers now is this database; "" is any."""
    # Where it could be told once it can be told again; an error sends nothing.
    return not place or place == _ask_place()


def close(*, now: datetime) -> None:
    """Let nothing more be sent, in any broadcast; calls on their way still end."""
    _set(is_open=False, now=now)


def open_again(*, now: datetime) -> None:
    """Let what is approved go on; of another epoch or in another database nothing is sent even so.

    Raise NotChecked while a restore is being dealt with.
    """
    _set(is_open=True, now=now)


def lock_row() -> Fence:
    """Return the one row, locked, and made where it is missing: closed; call it inside a transaction."""
    row = Fence.objects.select_for_update().order_by("pk").first()
    if row is None:
        return Fence.objects.create(send_enabled=False)
    # A second one would leave open what the first one closes.
    Fence.objects.exclude(pk=row.pk).delete()
    return row


def bind() -> bool:
    """Write down which database this is where nobody has yet; say whether that was done."""
    unbound = Fence.objects.filter(place="", epoch=settings.EPOCH)
    if not unbound.exists():
        return False
    place = read_place()
    return bool(place and unbound.update(place=place))


def read_place() -> str:
    """Return which database this is, "" where it cannot be told: SQLite, or a server that keeps it."""
    try:
        # A savepoint: where this is refused, whoever asks goes on.
        with transaction.atomic():
            return _ask_place()
    except DatabaseError as error:
        log.warning("the server does not say which database it is: %s", type(error).__name__)
        return ""


def _set(*, is_open: bool, now: datetime) -> None:
    with transaction.atomic():
        row = lock_row()
        if is_open and "since" in row.checks:
            raise NotChecked
        row.send_enabled, row.changed_at = is_open, now
        row.save(update_fields=["send_enabled", "changed_at"])


def _ask_place() -> str:
    if connection.vendor != "postgresql":
        return ""
    with connection.cursor() as cursor:
        cursor.execute(_PLACE)
        return str(cursor.fetchone()[0])
