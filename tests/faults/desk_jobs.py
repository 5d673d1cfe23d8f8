"""What people at the desk and their clock do, as jobs for workers (see `jobs`)."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from functools import partial

from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone
from wagtail.models import Locale, Page

from campaigns.approval import approving
from campaigns.going_out import scheduling
from campaigns.models import Approval, Broadcast, Segment
from messaging.guarding import fencing, restoring
from messaging.models import Batch
from tests.campaigns import factories


def approve(*, count: int) -> int:
    """Make so many broadcasts that are approved and due now."""
    team = _make_team()
    message, segment = factories.make_message(), _make_segment(team)
    for _ in range(count):
        broadcast = factories.make_broadcast(team, message=message, segment=segment)
        factories.approve(team, broadcast, at=timezone.now())
    return count


def tick_for(*, seconds: float, minutes: int = 0) -> int:
    """Do what the campaign's clock does, again and again, as if it were so many minutes later."""
    until, launched = time.monotonic() + seconds, 0
    while True:
        now = timezone.now() + timedelta(minutes=minutes)
        scheduling.fire_due(now=now)
        launched += scheduling.launch_waiting(now=now)
        if time.monotonic() >= until:
            return launched


def decide_at_once(*, times: int) -> tuple[int, int]:
    """Let two approvers decide on one broadcast many times at once; return approvals and batches.

    It is the first of its partner, so both of them have to say yes, and each once.
    """
    team = _make_team()
    broadcast = factories.make_broadcast(team, segment=_make_segment(team))
    now = timezone.now()
    approving.ask_approval(broadcast, now=now)
    shown = approving.take_snapshot(broadcast, now=now).shown
    people = [team.approver, team.second, team.scheduler]

    def decide(place: int) -> None:
        mine = Broadcast.objects.get(pk=broadcast.pk)
        # Whoever comes again, or wrote it herself, is refused.
        with suppress(Exception):
            approving.approve(mine, people[place % len(people)], shown=shown, now=now)

    _together([partial(decide, place) for place in range(times)])
    _together([lambda: factories.tick(now + timedelta(seconds=1))] * 4)
    return Approval.objects.filter(broadcast=broadcast).count(), Batch.objects.count()


def restore(*, since: str) -> int:
    """Do what the runbook says after a restore."""
    call_command("fence", "restored", "--since", since)
    for check in (restoring.OPT_OUTS, restoring.RECONCILED):
        call_command("fence", "confirm", check, "--how", "read by hand in a rehearsal")
    return 0


def raise_fence() -> int:
    """Let the epoch move on; return what the deployment must carry."""
    epoch = restoring.move_on(now=timezone.now())
    Batch.objects.filter(state=Batch.State.PAUSED).update(state=Batch.State.RUNNING)
    return epoch


def bind() -> bool:
    """Write down which database this is."""
    return fencing.bind()


def _make_segment(team: factories.Team) -> Segment:
    # Wordings for WhatsApp would be asked for at a provider.
    return factories.make_segment(team.partner, channels=["sms"])


def _make_team() -> factories.Team:
    if Page.get_first_root_node() is None:
        Locale.objects.get_or_create(language_code="en")
        Page.add_root(title="Root", slug="root")
    factories.make_route()
    factories.make_senders()
    factories.make_price()
    factories.subscribe(2)
    fencing.open_again(now=timezone.now())
    return factories.make_team()


def _together(works: list[Callable[[], object]]) -> None:
    start = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> None:
        try:
            start.wait(60)
            work()
        finally:
            connection.close()

    assert not transaction.get_connection().in_atomic_block
    with ThreadPoolExecutor(len(works)) as pool:
        for future in [pool.submit(run, work) for work in works]:
            future.result(timeout=120)
