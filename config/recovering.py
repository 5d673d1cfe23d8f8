"""Recovering: the steps after a restore, in their order. What no program can do is named for a person."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from messaging.guarding import restoring
from messaging.models import Delivery, Mirror, Sender
from messaging.receiving import mirroring, receipts, sweeping
from messaging.receiving.reconcile import reconcile_unknown
from messaging.senders.asking import find_archives
from messaging.senders.roster import provider_named
from messaging.states import State

_MIRROR_SECONDS = 3600.0
_PAGE = 500
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Step:
    """Hold what one step came to, and whether anything of it is left to a person."""

    says: str
    is_done: bool = True


def recover(*, since: datetime, clock: Clock) -> Iterator[Step]:
    """Do what can be done after a restore to `since`; each step may be repeated."""
    restoring.declare(since=since, now=clock())
    yield Step(f"The fence is closed; the database fell back to {since:%Y-%m-%d %H:%M %Z}.")
    given_up = restoring.give_up(since=since, now=clock())
    yield Step(
        f"{given_up.batches} broadcasts are paused; {given_up.deliveries} messages and "
        f"{given_up.notices} notices that may have gone out are unknown, and never sent again."
    )
    again = receipts.fold_again()
    yield Step(f"{again} receipts that came for what seemed never sent are read again.")
    yield from _read_opt_outs(since=since, clock=clock)
    yield _reconcile(clock=clock)
    yield from _name_missing()


def _read_opt_outs(*, since: datetime, clock: Clock) -> Iterator[Step]:
    senders = list(Sender.objects.filter(active=True).order_by("pk"))
    archives = find_archives(provider_named)
    swept = sweeping.sweep_inbound(now=clock(), back=clock() - since)
    yield Step(
        f"{swept.taken} messages from people were read from providers' lists, stops among them."
    )
    for sender_id in swept.unread:
        yield Step(
            f"What came to sender {sender_id} cannot be read as far back: look there by hand.",
            is_done=False,
        )
    if any(sender.provider == mirroring.PROVIDER for sender in senders):
        yield _read_mirror(clock)
    for sender in senders:
        if sender.provider not in archives or not sweeping.has_number(sender):
            yield Step(
                f"{sender.provider} lists nothing that came to sender {sender.pk}: look there by hand.",
                is_done=False,
            )
    yield Step(
        f"Look at what providers show of people's messages since {since:%Y-%m-%d %H:%M %Z}, and at the "
        "archive of callbacks where there is one. Stops on our own page since then stand in neither. "
        "Then: `manage.py fence confirm opt_outs --how '…'`.",
        is_done=restoring.OPT_OUTS in restoring.read_checks(),
    )


def _read_mirror(clock: Clock) -> Step:
    # From its begin, however far it was read before.
    Mirror.objects.filter(provider=mirroring.PROVIDER).update(
        place="", read_at=None, busy_until=None
    )
    told = mirroring.read_list(clock=clock, seconds=_MIRROR_SECONDS)
    is_whole = Mirror.objects.filter(provider=mirroring.PROVIDER, read_at__isnull=False).exists()
    words = "was read" if is_whole else "could not be read to its end"
    return Step(
        f"{mirroring.PROVIDER}'s list of stops {words}: {told} new stops.", is_done=is_whole
    )


def _reconcile(*, clock: Clock) -> Step:
    lost = Delivery.objects.filter(state=State.UNKNOWN, reason=restoring.RESTORED)
    before = lost.count()
    found = 0
    while step := reconcile_unknown(now=clock(), older_than=timedelta(0), limit=_PAGE):
        found += step
    left = lost.count()
    how = f"{before} asked about, {found} found at their provider, {left} stay unknown"
    restoring.pass_check(restoring.RECONCILED, how, now=clock())
    return Step(f"The unknown: {how} and are asked about again for three days.")


def _name_missing() -> Iterator[Step]:
    checks = restoring.read_checks()
    missing = [name for name in restoring.CHECKS if name not in checks]
    if missing:
        yield Step(f"Still to be confirmed: {', '.join(missing)}.", is_done=False)
    else:
        yield Step("Everything is checked: `manage.py fence raise`.", is_done=False)
