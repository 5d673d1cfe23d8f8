"""Sweeping: messages from people that no callback told us of are read from the provider's own list.

A lost one may have been a STOP. They go the way of every message; what came before changes nothing.
They are not answered: whoever wrote hours ago waits for no menu, and a STOP needs none.
"""

import logging
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from messaging.guarding import watching
from messaging.models import Alarm, InboundMessage, Sender
from messaging.providers.base import Archive
from messaging.receiving import inbound
from messaging.senders.asking import ProviderOf, find_archives
from messaging.senders.roster import provider_named
from messaging.wire import Inbound, PartlyRead, SendError

_BACK = timedelta(hours=26)
# Several times as long as from one sweep to the next.
_LATELY = timedelta(hours=2)
_NUMBER = re.compile(r"\+?[0-9]{3,15}")

log = logging.getLogger("waymark.sweeping")


class Swept(NamedTuple):
    """Count the messages that were taken in, and name the senders whose list was not read so far back."""

    taken: int
    unread: tuple[int, ...]


def sweep_inbound(
    *, now: datetime, back: timedelta = _BACK, provider_of: ProviderOf = provider_named
) -> Swept:
    """Take in what came to our own numbers since `back` and was never told."""
    archives = find_archives(provider_of)
    taken, unread, is_lost = 0, [], False
    for sender in Sender.objects.filter(active=True, provider__in=archives).order_by("pk"):
        if not has_number(sender):
            # Nobody can answer a name; of a pool only its numbers could be asked about.
            continue
        listed, reached = _list(sender, archives[sender.provider], back=back, now=now)
        taken += _take(listed, now=now)
        if reached != back:
            unread.append(sender.pk)
        is_lost = is_lost or reached is None
    if taken:
        log.warning("%s messages had not been told by a callback", taken)
    if taken or is_lost:
        watching.raise_alarm(Alarm.Kind.LOST, now=now)
    return Swept(taken, tuple(unread))


def has_number(sender: Sender) -> bool:
    """Say whether a sender is a number of its own, which people can write to."""
    return bool(_NUMBER.fullmatch(sender.address))


def _list(
    sender: Sender, archive: Archive, *, back: timedelta, now: datetime
) -> tuple[Sequence[Inbound], timedelta | None]:
    """Return what came since `back`, or, where that cannot be read, lately; and how far back it is all."""
    read: Sequence[Inbound] = ()
    for reach in (back, min(back, _LATELY)):
        try:
            listed = archive.list_received(
                sender.address, channel=sender.channel, since=now - reach
            )
        except SendError as error:
            said = error.word or type(error).__name__
            log.warning("sender %s cannot be swept for %s: %s", sender.pk, reach, said)
            if isinstance(error, PartlyRead):
                read = max(read, error.read, key=len)
        else:
            return max(read, listed, key=len), reach
    return read, None


def _take(listed: Sequence[Inbound], *, now: datetime) -> int:
    messages = [one for one in listed if one.ref and one.number]
    refs = [one.ref[:64] for one in messages]
    known = set(InboundMessage.objects.filter(ref__in=refs).values_list("ref", flat=True))
    missed = [one for one in messages if one.ref[:64] not in known]
    for message in missed:
        inbound.receive(message, now=now)
    return len(missed)
