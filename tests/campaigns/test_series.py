"""Series: approved once, a broadcast of its own at each time, and only while what was approved holds."""

from datetime import timedelta

import pytest

from campaigns import series
from campaigns.approval.approving import ApprovalError
from campaigns.going_out import launching, scheduling
from campaigns.models import Broadcast, Occurrence, Schedule
from cms.models import MessagePage
from messaging.models import Batch, Delivery, Template
from messaging.states import State as Delivered
from tests.campaigns import factories
from tests.campaigns.factories import Team
from tests.campaigns.series import (
    ZONES,
    ask_anew,
    make_rhythm,
    make_series,
    next_time,
    sendings,
    states,
)

pytestmark = pytest.mark.database
State = Broadcast.State


@pytest.fixture
def pattern(team: Team) -> Broadcast:
    """Return an approved series for every day of four weeks."""
    return make_series(team)


# ---- Its times -----------------------------------------------------------------------------------


def test_series_waits_for_its_first_time_and_is_itself_never_sent(pattern: Broadcast) -> None:
    first = next_time(pattern)
    assert (pattern.state, pattern.send_at) == (State.APPROVED, first)
    assert factories.tick(first - timedelta(microseconds=1)) == 0
    assert not pattern.sendings.exists()
    factories.tick(first)
    assert not Batch.objects.filter(reference=pattern.reference).exists()


def test_each_time_makes_a_broadcast_with_a_batch_of_its_own(pattern: Broadcast) -> None:
    for _day in range(3):
        assert factories.tick(next_time(pattern)) == 1
    assert states(pattern) == [State.LAUNCHED] * 3
    references = [sending.reference for sending in sendings(pattern)]
    assert len(set(references)) == 3
    batches = Batch.objects.filter(reference__in=references)
    assert [batch.size for batch in batches] == [12, 12, 12]
    times = [sending.send_at for sending in sendings(pattern)]
    assert times == list(
        Occurrence.objects.order_by("occurs_at").values_list("occurs_at", flat=True)
    )


def test_same_time_fires_once_however_often_the_clock_ticks(pattern: Broadcast) -> None:
    first = next_time(pattern)
    assert [series.fire_due(now=first) for _twice in range(2)] == [1, 0]
    assert scheduling.launch_waiting(now=first) == 1
    assert factories.tick(first + timedelta(minutes=1)) == 0
    assert Occurrence.objects.count() == Batch.objects.count() == 1


def test_series_ends_with_its_last_time(team: Team) -> None:
    start = factories.now().date() + timedelta(days=1)
    pattern = make_series(team, ends_on=start + timedelta(days=1))
    for _day in range(2):
        factories.tick(next_time(pattern))
    pattern.refresh_from_db()
    assert pattern.state == State.OVER
    assert states(pattern) == [State.LAUNCHED] * 2
    assert factories.tick(pattern.send_at + timedelta(days=9)) == 0


def test_crash_between_firing_and_launching_is_mended_by_the_next_tick(
    pattern: Broadcast,
) -> None:
    first = next_time(pattern)
    assert series.fire_due(now=first) == 1
    # Here a ticker died. The next one finds what it made.
    assert factories.tick(first + timedelta(seconds=2)) == 1
    assert states(pattern) == [State.LAUNCHED]


def test_time_that_was_missed_is_not_made_up_for_and_the_next_one_goes_out(
    pattern: Broadcast,
) -> None:
    first = next_time(pattern)
    factories.tick(first + timedelta(minutes=31))
    assert states(pattern) == [State.MISSED]
    assert not Batch.objects.exists()
    factories.tick(first + timedelta(days=1))
    assert states(pattern) == [State.MISSED, State.LAUNCHED]


def test_each_time_of_a_long_outage_is_named(pattern: Broadcast) -> None:
    later = next_time(pattern) + timedelta(days=2, hours=3)
    for _tick in range(5):
        factories.tick(later)
    assert states(pattern) == [State.MISSED] * 3


@pytest.mark.parametrize("hours", [-1, 1])
def test_law_that_moved_the_clocks_since_is_heeded(pattern: Broadcast, hours: int) -> None:
    real = next_time(pattern)
    # As it was worked out before the law was known.
    Schedule.objects.update(next_at=real + timedelta(hours=hours))
    assert series.fire_due(now=real - timedelta(seconds=1)) == 0
    assert series.fire_due(now=real) == 1
    assert Occurrence.objects.get().occurs_at == real


def test_none_of_its_times_to_come_cannot_be_approved(team: Team) -> None:
    over = factories.now().date() - timedelta(days=9)
    with pytest.raises(ApprovalError, match="Its time has passed"):
        make_series(team, starts_on=over, ends_on=over)


def test_twelve_zones_over_two_years_fire_each_day_once_and_never_early(team: Team) -> None:
    from_ = factories.now().date() + timedelta(days=1)
    made = [
        series.make_schedule(
            make_rhythm(every="monthly", month_day=29, zone=zone, ends_on=from_ + timedelta(730))
        )
        for zone in ZONES
    ]
    pattern = factories.make_broadcast(team, at_once=False)
    for schedule in made:
        one = Broadcast.objects.get(pk=pattern.pk)
        one.pk, one._state.adding, one.schedule, one.state = None, True, schedule, State.APPROVED
        one.code, one.form_token = f"z{schedule.pk}", f"zone-{schedule.pk}"
        one.save()
        series.begin(schedule, now=factories.now())
    now, end = factories.now(), factories.now() + timedelta(days=735)
    while now < end:
        now += timedelta(hours=97)
        series.fire_due(now=now)
        newest = Occurrence.objects.order_by("-occurs_at").first()
        assert newest is None or newest.occurs_at <= now
    for schedule in made:
        fired = list(schedule.occurrences.order_by("occurs_at").values_list("occurs_at", flat=True))
        rhythm = schedule.rhythm
        assert fired == [rhythm.moment_of(day) for day in rhythm.days_from(from_)]
        assert len(fired) >= 23


# ---- What was approved ---------------------------------------------------------------------------


def assert_asked_again(pattern: Broadcast) -> None:
    """See that nothing was sent, and that neither this time nor the next stands by the approval."""
    pattern.refresh_from_db()
    assert pattern.state == State.VOID
    sending = sendings(pattern)[-1]
    assert sending.state == State.HELD
    assert [held["code"] for held in sending.held_by] == ["approval_void"]
    assert not Batch.objects.filter(reference=sending.reference).exists()


def test_message_published_anew_voids_the_series(team: Team, pattern: Broadcast) -> None:
    first = next_time(pattern)
    factories.publish_again(pattern.message, sms_text="Other news: {link}")
    factories.tick(first)
    assert_asked_again(pattern)
    # Nothing goes out until two people have agreed on the new text.
    factories.tick(first + timedelta(days=1))
    assert len(sendings(pattern)) == 1
    ask_anew(team, pattern, now=first + timedelta(days=1, hours=1))
    assert factories.tick(next_time(pattern)) == 1
    assert states(pattern) == [State.HELD, State.LAUNCHED]


def test_audience_that_has_outgrown_what_was_approved_voids_the_series(
    pattern: Broadcast,
) -> None:
    factories.tick(next_time(pattern))
    factories.subscribe(1)
    factories.tick(next_time(pattern))
    assert_asked_again(pattern)


def test_changed_rule_voids_the_series(pattern: Broadcast) -> None:
    Schedule.objects.update(ends_on=pattern.send_at.date() + timedelta(days=300))
    factories.tick(next_time(pattern))
    assert_asked_again(pattern)


def test_what_is_held_back_once_may_go_out_the_next_time(pattern: Broadcast) -> None:
    page = MessagePage.objects.get(pk=pattern.message_id)
    MessagePage.objects.filter(pk=page.pk).update(live=False)
    factories.tick(next_time(pattern))
    MessagePage.objects.filter(pk=page.pk).update(live=True)
    factories.tick(next_time(pattern))
    assert states(pattern) == [State.HELD, State.LAUNCHED]
    assert sendings(pattern)[0].held_by[0]["code"] == "not_published"


# ---- Pause, resume, cancel -----------------------------------------------------------------------


def test_paused_series_sends_nothing_and_makes_up_for_nothing(pattern: Broadcast) -> None:
    first = next_time(pattern)
    assert scheduling.pause(pattern, now=factories.now())
    assert not scheduling.pause(pattern, now=factories.now())
    assert factories.tick(first) == 0
    assert scheduling.resume(pattern, now=first + timedelta(hours=1))
    assert next_time(pattern) == first + timedelta(days=1)
    assert factories.tick(next_time(pattern)) == 1
    assert states(pattern) == [State.LAUNCHED]


def test_pause_of_a_series_is_seen_by_the_batch_that_runs(pattern: Broadcast) -> None:
    first = next_time(pattern)
    factories.tick(first)
    batch = Batch.objects.get()
    scheduling.pause(pattern, now=first)
    batch.refresh_from_db()
    assert (batch.state, batch.paused_reason) == (Batch.State.PAUSED, series.PAUSED_REASON)
    scheduling.resume(pattern, now=first)
    batch.refresh_from_db()
    assert (batch.state, batch.paused_reason) == (Batch.State.RUNNING, "")


def test_what_was_paused_by_itself_stays_so_when_its_series_goes_on(pattern: Broadcast) -> None:
    first = next_time(pattern)
    factories.tick(first)
    scheduling.pause(sendings(pattern)[0], now=first)
    scheduling.pause(pattern, now=first)
    scheduling.resume(pattern, now=first)
    assert Batch.objects.get().state == Batch.State.PAUSED


def test_pause_after_firing_holds_the_launch(pattern: Broadcast) -> None:
    first = next_time(pattern)
    series.fire_due(now=first)
    scheduling.pause(pattern, now=first)
    assert scheduling.launch_waiting(now=first) == 0
    scheduling.resume(pattern, now=first + timedelta(minutes=5))
    assert scheduling.launch_waiting(now=first + timedelta(minutes=5)) == 1


def test_launch_that_was_picked_before_the_pause_sends_nothing(pattern: Broadcast) -> None:
    first = next_time(pattern)
    series.fire_due(now=first)
    picked = Occurrence.objects.get()
    scheduling.pause(pattern, now=first)
    assert launching.launch(picked, now=first) == State.APPROVED
    assert not Batch.objects.exists()
    scheduling.resume(pattern, now=first)
    assert launching.launch(picked, now=first) == State.LAUNCHED


def test_series_goes_on_only_with_wordings_that_may_be_sent(pattern: Broadcast) -> None:
    first = next_time(pattern)
    factories.tick(first)
    scheduling.pause(pattern, now=first)
    Template.objects.update(state=Template.State.PAUSED)
    with pytest.raises(scheduling.WordingError):
        scheduling.resume(pattern, now=first)
    assert Batch.objects.get().state == Batch.State.PAUSED
    Template.objects.update(state=Template.State.APPROVED)
    assert scheduling.resume(pattern, now=first)
    assert Batch.objects.get().state == Batch.State.RUNNING


def test_cancelled_series_ends_what_it_sends_and_never_fires_again(pattern: Broadcast) -> None:
    first = next_time(pattern)
    factories.tick(first)
    assert scheduling.cancel(pattern, now=first) == 12
    assert set(Delivery.objects.values_list("state", flat=True)) == {Delivered.CANCELLED}
    assert factories.tick(first + timedelta(days=1)) == 0
    pattern.refresh_from_db()
    assert pattern.state == State.CANCELLED
    assert not scheduling.resume(pattern, now=first)


def test_series_cancelled_after_firing_launches_nothing(pattern: Broadcast) -> None:
    first = next_time(pattern)
    series.fire_due(now=first)
    scheduling.cancel(pattern, now=first)
    assert scheduling.launch_waiting(now=first) == 0
    assert states(pattern) == [State.CANCELLED]
    assert not Batch.objects.exists()
