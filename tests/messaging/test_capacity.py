"""Capacity: no 24 hours hold more than a limit, whoever counts and however many do."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from messaging.models import Sender, SenderHour
from messaging.senders import capacity
from messaging.senders.capacity import compute_left, left_today, note_used
from tests.messaging.factories import make_sender

NOW = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def limit(sender: Sender, **changes: object) -> Sender:
    Sender.objects.filter(pk=sender.pk).update(**changes)
    sender.refresh_from_db()
    return sender


@pytest.mark.django_db
@pytest.mark.database
class TestDay:
    """The day of a sender in the database."""

    def test_a_sender_without_a_limit_has_none(self) -> None:
        sender = make_sender()
        note_used(sender.pk, 1000, 1000, NOW)
        assert left_today(sender, now=NOW) is None

    def test_what_was_used_in_the_last_24_hours_counts(self) -> None:
        sender = limit(make_sender(), daily_cap=100)
        note_used(sender.pk, 30, 60, NOW - 23 * HOUR)
        note_used(sender.pk, 20, 20, NOW)
        note_used(sender.pk, 5, 10, NOW)
        assert left_today(sender, now=NOW) == 45
        assert left_today(sender, now=NOW + 2 * HOUR) == 75
        assert left_today(sender, now=NOW + 26 * HOUR) == 100
        assert [(row.messages, row.parts) for row in SenderHour.objects.order_by("hour")] == [
            (30, 60),
            (25, 30),
        ]

    def test_the_clock_of_the_database_decides_where_none_is_given(self) -> None:
        sender = limit(make_sender(), daily_cap=10)
        note_used(sender.pk, 4, 4, datetime.now(UTC))
        assert left_today(sender) == 6

    def test_more_than_was_allowed_leaves_nothing_and_not_less(self) -> None:
        sender = limit(make_sender(), daily_cap=10)
        note_used(sender.pk, 14, 14, NOW)
        assert left_today(sender, now=NOW) == 0

    def test_senders_of_one_portfolio_share_its_people(self) -> None:
        first = limit(make_sender("whatsapp"), people_per_day=250, portfolio="ours")
        second = Sender.objects.create(
            name="second",
            channel="whatsapp",
            provider="memory",
            address="+9990000003",
            people_per_day=250,
            portfolio="ours",
            daily_cap=60,
        )
        note_used(first.pk, 200, 200, NOW)
        assert left_today(second, now=NOW) == 50
        note_used(second.pk, 20, 20, NOW)
        assert left_today(first, now=NOW) == 30
        assert left_today(limit(second, portfolio="another"), now=NOW) == 40

    def test_hours_that_nobody_asks_about_are_removed(self) -> None:
        sender = make_sender()
        note_used(sender.pk, 1, 1, NOW - timedelta(days=9))
        note_used(sender.pk, 1, 1, NOW)
        assert capacity.forget_hours(now=NOW) == 1
        assert SenderHour.objects.count() == 1


@given(
    uses=st.lists(st.tuples(st.integers(0, 5 * 3600), st.integers(1, 60)), max_size=40),
    most=st.integers(1, 100),
)
def test_no_24_hours_hold_more_than_the_limit(uses: list[tuple[int, int]], most: int) -> None:
    """Play what the database does: hours that began within 25 hours are counted."""
    given_out: list[tuple[datetime, int]] = []
    hours: dict[datetime, int] = {}
    moment = NOW
    for seconds, asked in uses:
        moment += timedelta(seconds=seconds)
        used = sum(n for hour, n in hours.items() if hour > moment - capacity.REACH)
        left = compute_left(most, used, 0, 0)
        assert left is not None
        taken = min(asked, left)
        hour = moment.replace(minute=0, second=0, microsecond=0)
        hours[hour] = hours.get(hour, 0) + taken
        given_out.append((moment, taken))
        day = [n for at, n in given_out if at > moment - timedelta(hours=24)]
        assert sum(day) <= most


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_senders_of_a_portfolio_at_once_do_not_both_take_the_last_ones() -> None:
    senders = [
        Sender.objects.create(
            name=name,
            channel="whatsapp",
            provider="memory",
            address="-",
            people_per_day=10,
            portfolio="ours",
        )
        for name in ("a", "b")
    ]
    counted = threading.Event()
    taken: list[int] = []

    def take(sender: Sender, *, first: bool) -> None:
        try:
            with transaction.atomic():
                list(Sender.objects.select_for_update().filter(pk=sender.pk))
                left = left_today(sender, now=NOW) or 0
                counted.set()
                if first:
                    # The other one is inside by now, and has to wait for this commit.
                    second.join(timeout=0.5)
                note_used(sender.pk, left, left, NOW)
                taken.append(left)
        finally:
            connection.close()

    def follow() -> None:
        counted.wait(60)
        take(senders[1], first=False)

    second = threading.Thread(target=follow)
    one = threading.Thread(target=take, args=[senders[0]], kwargs={"first": True})
    second.start()
    one.start()
    one.join(60)
    second.join(60)
    assert sorted(taken) == [0, 10]
