"""Many clocks on PostgreSQL: sixty times are fired sixty times, and launched once each."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from campaigns.going_out import launching
from campaigns.models import Broadcast, Occurrence
from messaging.models import Batch, Subscriber
from tests.campaigns import factories
from tests.campaigns.factories import Team
from tests.campaigns.series import copy_series, make_series, next_time

TICKERS, SERIES = 4, 60
pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def test_four_tickers_over_sixty_series_fire_and_launch_each_once(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is judged of each has tests of its own, and takes most of a launch's time.
    judged = (Broadcast.State.LAUNCHED, "")
    monkeypatch.setattr(launching, "_judge", lambda *_one, **_now: judged)
    # One reader is enough: what is counted here are times, not people.
    Subscriber.objects.exclude(pk=Subscriber.objects.first().pk).delete()  # type: ignore[union-attr]
    pattern = make_series(team)
    due = next_time(pattern)
    copy_series(pattern, times=SERIES - 1)
    start = threading.Barrier(TICKERS)

    def tick() -> None:
        try:
            start.wait(60)
            factories.tick(due)
        finally:
            connection.close()

    with ThreadPoolExecutor(TICKERS) as pool:
        for future in [pool.submit(tick) for _ticker in range(TICKERS)]:
            future.result(timeout=300)
    # Whatever one ticker skipped another had in hand; the next tick finds nothing left.
    factories.tick(due)
    assert Occurrence.objects.filter(launched_at__isnull=False).count() == SERIES
    assert Occurrence.objects.count() == Batch.objects.count() == SERIES
    made = Broadcast.objects.filter(pattern__isnull=False)
    assert set(made.values_list("state", flat=True)) == {Broadcast.State.LAUNCHED}
    assert made.count() == made.values("pattern").distinct().count() == SERIES
