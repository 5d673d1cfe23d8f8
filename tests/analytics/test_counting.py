"""Counting on a real database: whole cells, distinct identities, and no count of a count."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analytics import counting
from analytics.counting import PurgedBatch, UnknownBatch, recount, recount_changed
from analytics.models import DeliveryCount, ReachCount, Tally
from analytics.tasks import recount as recount_task
from messaging.models import Batch, Delivery, Event
from messaging.states import State
from tests.analytics.building import LATER, NOW, Copy, copies, make_batch, move

pytestmark = [pytest.mark.django_db, pytest.mark.database]
REFERENCE = "broadcast:test2345"


def all_cells() -> tuple[list[object], list[object]]:
    cells = DeliveryCount.objects.order_by(
        "channel", "country", "language", "text_language", "state"
    ).values_list("channel", "country", "language", "text_language", "state", "count")
    reach = ReachCount.objects.order_by("country", "language")
    return list(cells), list(reach.values_list("country", "language", "low", "high"))


def reach_of(country: str = "", language: str = "") -> tuple[int, int]:
    cell = ReachCount.objects.get(country=country, language=language)
    return cell.low, cell.high


def test_every_delivery_is_in_exactly_one_cell() -> None:
    make_batch(copies(3) + copies(2, first=10, state=State.FAILED) + [Copy(20, text="en")])

    recount(REFERENCE, now=NOW)

    assert all_cells()[0] == [
        ("sms", "NG", "ha", "en", "delivered", 1),
        ("sms", "NG", "ha", "ha", "delivered", 3),
        ("sms", "NG", "ha", "ha", "failed", 2),
    ]


def test_counting_twice_changes_nothing() -> None:
    make_batch([*copies(3), Copy(1, channel="whatsapp"), Copy(9, country="SN", language="wo")])

    recount(REFERENCE, now=NOW)
    before = all_cells()
    recount(REFERENCE, now=LATER)

    assert all_cells() == before
    assert Tally.objects.get().counted_at == LATER


def test_a_cell_that_has_emptied_goes_away() -> None:
    batch = make_batch(copies(1, state=State.ACCEPTED))
    recount(REFERENCE, now=NOW)
    move(batch.deliveries.get(), State.DELIVERED)

    recount(REFERENCE, now=LATER)

    assert list(DeliveryCount.objects.values_list("state", "count")) == [("delivered", 1)]


def test_a_person_on_both_channels_counts_once() -> None:
    make_batch([Copy(1), Copy(1, channel="whatsapp", state=State.READ), Copy(2)])

    recount(REFERENCE, now=NOW)

    assert reach_of() == (2, 2)
    assert sum(DeliveryCount.objects.values_list("count", flat=True)) == 3


def test_a_person_with_two_countries_counts_in_each_and_once_in_all() -> None:
    make_batch([Copy(1, country="NG"), Copy(1, country="NE", channel="whatsapp")])

    recount(REFERENCE, now=NOW)

    assert (reach_of(country="NG"), reach_of(country="NE"), reach_of()) == ((1, 1), (1, 1), (1, 1))


@pytest.mark.parametrize(
    "state", [State.SUBMITTING, State.UNKNOWN, State.ACCEPTED, State.SENT], ids=str
)
def test_whoever_may_have_been_reached_counts_at_most_only(state: State) -> None:
    make_batch([*copies(1), Copy(2, state=state)])

    recount(REFERENCE, now=NOW)

    assert reach_of() == (1, 2)


@pytest.mark.parametrize(
    "state",
    [
        *(State.PLANNED, State.CLAIMED, State.FAILED, State.SUPPRESSED, State.CANCELLED),
        *(State.EXPIRED, State.HELD),
    ],
    ids=str,
)
def test_whoever_was_not_reached_counts_nowhere(state: State) -> None:
    make_batch([Copy(1, state=state)])

    recount(REFERENCE, now=NOW)

    assert (reach_of(), reach_of(country="NG"), reach_of(language="ha")) == ((0, 0),) * 3


def test_a_receipt_on_one_channel_outweighs_silence_on_the_other() -> None:
    make_batch([Copy(1), Copy(1, channel="whatsapp", state=State.SENT)])

    recount(REFERENCE, now=NOW)

    assert reach_of() == (1, 1)


def test_batches_are_counted_apart() -> None:
    make_batch(copies(2))
    make_batch(copies(3), reference="broadcast:other234")

    recount(REFERENCE, now=NOW)

    assert list(DeliveryCount.objects.values_list("count", flat=True)) == [2]


def test_an_unknown_reference_is_named() -> None:
    with pytest.raises(UnknownBatch, match="broadcast:nowhere2"):
        recount("broadcast:nowhere2", now=NOW)

    assert not Tally.objects.exists()


def test_only_batches_with_new_events_are_counted_again() -> None:
    batch = make_batch(copies(2, state=State.ACCEPTED))
    make_batch(copies(3), reference="broadcast:other234")

    assert recount_changed(now=NOW) == 2
    assert recount_changed(now=NOW) == 0
    move(batch.deliveries.order_by("pk")[0], State.DELIVERED)
    assert recount_changed(now=LATER) == 1
    counted = Tally.objects.order_by("pk").values_list("counted_at", flat=True)
    assert list(counted) == [LATER, NOW]


def test_a_planned_batch_is_counted_before_its_first_event() -> None:
    make_batch(copies(2, state=State.PLANNED))

    assert recount_changed(now=NOW) == 1
    assert list(DeliveryCount.objects.values_list("state", "count")) == [("planned", 2)]


def test_an_event_that_was_committed_late_under_an_older_id_is_counted() -> None:
    batch = make_batch(copies(2, state=State.ACCEPTED))
    newest = Event.objects.order_by("-pk")[0]
    Event.objects.filter(pk=newest.pk).update(id=newest.pk + 1000)
    recount_changed(now=NOW)
    late = batch.deliveries.order_by("pk")[0]
    Delivery.objects.filter(pk=late.pk).update(state=State.DELIVERED, rank=70)
    Event.objects.create(
        id=newest.pk + 500, delivery=late, batch=batch, state=State.DELIVERED, at=NOW
    )

    assert recount_changed(now=LATER) == 1


def test_a_batch_that_finished_long_ago_is_left_alone() -> None:
    batch = make_batch(copies(1))
    Batch.objects.update(state=Batch.State.FINISHED, finished_at=NOW - timedelta(days=8))

    assert recount_changed(now=NOW) == 0
    Batch.objects.filter(pk=batch.pk).update(finished_at=NOW - timedelta(days=6))
    assert recount_changed(now=NOW) == 1


def test_a_batch_that_is_still_being_planned_is_not_counted() -> None:
    make_batch([])
    Batch.objects.update(state=Batch.State.PLANNING)

    assert recount_changed(now=NOW) == 0


def purge_while_it_counts(monkeypatch: pytest.MonkeyPatch, batch: Batch) -> None:
    """Let the deliveries of a batch begin to go once its first cells are counted."""
    whole = counting._replace_deliveries

    def replace_then_purge(tally: Tally, deliveries: Any) -> None:
        whole(tally, deliveries)
        Batch.objects.filter(pk=batch.pk).update(purged_at=LATER)
        Delivery.objects.filter(batch=batch).delete()

    monkeypatch.setattr(counting, "_replace_deliveries", replace_then_purge)


def test_counts_stand_where_deliveries_begin_to_go_while_they_are_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    batch = make_batch(copies(3))
    recount(REFERENCE, now=NOW)
    before = all_cells()
    purge_while_it_counts(monkeypatch, batch)

    with pytest.raises(PurgedBatch):
        recount(REFERENCE, now=LATER)

    assert all_cells() == before
    assert Tally.objects.get().counted_at == NOW


def test_batch_that_goes_while_it_is_counted_keeps_no_other_from_being_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    batch = make_batch(copies(3))
    make_batch(copies(2, first=100), reference="broadcast:other234")
    purge_while_it_counts(monkeypatch, batch)

    recount_changed(now=NOW)

    assert Tally.objects.filter(reference="broadcast:other234").exists()


def test_nobody_who_stops_a_batch_waits_for_its_counting() -> None:
    make_batch(copies(1))

    with CaptureQueriesContext(connection) as asked:
        recount(REFERENCE, now=NOW)

    locking = [
        one["sql"] for one in asked if "FOR " in one["sql"] and "messaging_batch" in one["sql"]
    ]
    assert locking == []


def test_the_task_counts_what_has_changed() -> None:
    make_batch(copies(2))

    recount_task()

    assert Tally.objects.get().events == 2


def test_the_clock_counts_no_more_than_a_tenth_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now, counted = 1000.0, []

    def take_two_seconds(**_: object) -> None:
        nonlocal now
        now += 2.0
        counted.append(now)

    monkeypatch.setattr("analytics.tasks.Rest.until", 0.0)
    monkeypatch.setattr("analytics.tasks.recount_changed", take_two_seconds)
    monkeypatch.setattr("analytics.tasks.time.monotonic", lambda: now)
    while now < 1100.0:
        recount_task.apply(throw=True)
        now += 0.5
    assert len(counted) == 5
    recount_task()
    assert len(counted) == 6, "by hand it is always counted"


def test_the_command_counts_one_batch_or_all() -> None:
    make_batch(copies(2))
    make_batch(copies(3), reference="broadcast:other234")
    out = StringIO()

    call_command("recount", REFERENCE, stdout=out)
    assert Tally.objects.count() == 1
    call_command("recount", stdout=out)
    assert Tally.objects.count() == 2
    with pytest.raises(CommandError, match="broadcast:nowhere2"):
        call_command("recount", "broadcast:nowhere2")


def test_the_number_of_queries_does_not_grow_with_the_audience(
    django_assert_max_num_queries: object,
) -> None:
    make_batch(copies(30) + copies(30, first=100, country="SN", language="wo"))

    with django_assert_max_num_queries(20):  # type: ignore[operator]
        recount(REFERENCE, now=NOW)
