"""Who may be sent to: each purpose by itself, until its end, not too often, and found by an index."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from benchmarks.audience_seed import seed
from messaging.consenting import consent
from messaging.models import Batch, Delivery, Subscriber, Topic
from messaging.providers.memory import Memory
from messaging.sending.eligibility import Audience, count_eligible, find_eligible, is_wide
from messaging.states import State
from tests.messaging.factories import (
    TOPIC,
    drain_all,
    make_batch,
    make_joining,
    make_subscriber,
    states,
    stop,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]
DAY = timedelta(days=1)


def count(**more: object) -> int:
    audience = Audience(topics=(TOPIC,), **more)  # type: ignore[arg-type]
    return sum(group.people for group in count_eligible(audience))


def send(number: int, *, days_ago: float = 0.0) -> None:
    """Hand one broadcast over to everybody, some days ago."""
    make_batch(f"broadcast:{number}")
    rows = Delivery.objects.filter(batch__reference=f"broadcast:{number}")
    rows.update(state=State.ACCEPTED, rank=40, submitting_at=timezone.now() - days_ago * DAY)


def test_a_yes_to_one_purpose_is_none_to_another() -> None:
    make_subscriber(1)
    make_subscriber(2, purposes=("messages", "survey"))
    make_subscriber(3, purposes=("urgent",))
    assert count() == 2
    assert count(purpose="survey") == 1
    assert count(purpose="urgent") == 1


def test_a_consent_that_has_ended_is_none() -> None:
    make_subscriber(1, until=timezone.now() + DAY)
    make_subscriber(2, until=timezone.now() + DAY, purposes=("messages", "survey"))
    assert count() == 2
    Subscriber.objects.update(consent_until=timezone.now())
    assert count() == 0
    assert count(purpose="survey") == 1


def test_somebody_who_was_asked_whether_to_go_on_is_not_sent_to() -> None:
    make_subscriber(1)
    Subscriber.objects.update(state=Subscriber.State.ASKED)
    assert count() == 0


def test_a_cap_counts_what_was_handed_over_within_its_time_in_whatever_batch() -> None:
    make_subscriber(1)
    make_subscriber(2)
    send(1, days_ago=8)
    send(2, days_ago=6)
    send(3)
    assert count(most=3) == 2
    assert count(most=2) == 0
    assert count(most=2, within_days=5) == 2
    assert count(most=1, within_days=5) == 0
    assert count() == 2


def test_a_cap_does_not_count_what_was_never_handed_over() -> None:
    make_subscriber(1)
    make_batch("broadcast:1")
    assert count(most=1) == 1


def test_two_broadcasts_planned_together_do_not_break_the_cap_of_either(memory: Memory) -> None:
    make_subscriber(1)
    make_batch("broadcast:1", audience={"most": 1})
    make_batch("broadcast:2", audience={"most": 1})
    drain_all(memory)
    assert states() == ["accepted", "held"]
    assert Delivery.objects.get(state=State.HELD).reason == "too_many"
    assert len(memory.ledger) == 1


def test_of_two_broadcasts_claimed_together_the_more_urgent_takes_the_last_of_the_week(
    memory: Memory,
) -> None:
    make_subscriber(1)
    make_batch("broadcast:1", audience={"most": 1})
    urgent = make_batch("broadcast:2", audience={"most": 1})
    Batch.objects.filter(pk=urgent.pk).update(priority=5)
    drain_all(memory)
    assert states() == ["held", "accepted"]


def test_a_broadcast_without_a_cap_waits_for_no_other(memory: Memory) -> None:
    make_subscriber(1)
    make_batch("broadcast:1", audience={"most": 1})
    make_batch("broadcast:2")
    assert drain_all(memory) == 2, "neither was claimed twice"
    assert states() == ["accepted", "accepted"]


@pytest.mark.parametrize(
    "change",
    [
        {"messages": False},
        {"consent_until": timezone.now() - DAY},
        {"state": Subscriber.State.ASKED},
        {"state": Subscriber.State.STOPPED},
    ],
    ids=["no to this purpose", "ended", "asked", "stopped"],
)
def test_the_last_gate_asks_again_what_stands(memory: Memory, change: dict[str, object]) -> None:
    make_batch(people=1)
    Subscriber.objects.update(**change)
    drain_all(memory)
    assert states() == ["suppressed"]
    assert not memory.ledger


def test_the_last_gate_asks_for_the_purpose_of_the_batch(memory: Memory) -> None:
    make_subscriber(1, purposes=("messages", "survey"))
    make_batch(audience={"purpose": "survey"})
    consent.refuse(make_joining(1, purposes=("survey",)), now=timezone.now())
    drain_all(memory)
    assert states() == ["suppressed"]


def test_a_delivery_of_somebody_who_was_erased_is_not_sent_and_harms_nobody(
    memory: Memory,
) -> None:
    make_batch(people=2)
    consent.erase(Subscriber.objects.order_by("pk")[0])
    drain_all(memory)
    assert states() == ["suppressed", "accepted"]


def test_who_said_stop_is_eligible_for_nothing() -> None:
    make_subscriber(1, purposes=("messages", "survey", "urgent"))
    stop(1)
    assert [count(purpose=name) for name in ("messages", "survey", "urgent")] == [0, 0, 0]


def test_a_rule_comes_back_from_json_as_it_was() -> None:
    rule = Audience(
        topics=(TOPIC,),
        countries=("SN",),
        purpose="urgent",
        most=3,
        joined_from=timezone.now().date(),
        not_reached_days=4,
        received="broadcast:1",
    )
    assert Audience.from_data(json.loads(json.dumps(rule.as_data()))) == rule


def test_a_rule_that_was_stored_before_purposes_and_caps_is_still_read() -> None:
    stored = {"topics": [TOPIC], "countries": [], "languages": [], "channels": ["sms"]}
    rule = Audience.from_data(stored)
    assert rule == Audience(topics=(TOPIC,), channels=("sms",))
    # And says the same, so that what was approved then still holds.
    assert rule.as_data() == stored


def test_who_joined_before_or_after_some_days_is_left_out_both_days_included() -> None:
    for serial, days in ((1, 30), (2, 20), (3, 10)):
        person = make_subscriber(serial)
        Subscriber.objects.filter(pk=person.pk).update(joined_at=timezone.now() - days * DAY)
    day = timezone.now().date() - 20 * DAY
    assert [count(joined_from=day), count(joined_until=day)] == [2, 2]
    assert count(joined_from=day, joined_until=day) == 1
    assert count(joined_from=day + DAY, joined_until=day + 2 * DAY) == 0


def test_who_was_sent_anything_on_any_channel_lately_is_left_out() -> None:
    for serial in (1, 2):
        make_subscriber(serial)
    send(1, days_ago=6)
    # Her second channel is no way round, and who came later was sent nothing.
    make_subscriber(1, channel="whatsapp")
    make_subscriber(3)
    assert count(not_reached_days=7) == 1
    assert count(not_reached_days=7, channels=("whatsapp", "sms")) == 1
    assert count(not_reached_days=5) == 3


def test_who_received_a_batch_is_who_it_was_handed_over_to_and_did_not_fail() -> None:
    for serial in range(1, 5):
        make_subscriber(serial)
    send(1)
    make_subscriber(5)
    rows = Delivery.objects.order_by("subscriber")
    for row, state in zip(rows, ("delivered", "unknown", "failed", "held"), strict=True):
        Delivery.objects.filter(pk=row.pk).update(state=state)
    assert count(received="broadcast:1") == 2
    stop(1)
    assert count(received="broadcast:1") == 1
    assert count(received="broadcast:of nobody") == 0


def test_who_received_a_batch_did_so_wherever_she_lives_and_whatever_she_reads_and_asks_for_now() -> (
    None
):
    for serial in range(1, 6):
        make_subscriber(serial)
    send(1)
    make_subscriber(6)
    moved, learned, turned, stopped, same = Subscriber.objects.order_by("pk")[:5]
    Subscriber.objects.filter(pk=moved.pk).update(country="LY")
    Subscriber.objects.filter(pk=learned.pk).update(language="ar")
    Topic.objects.filter(subscriber=turned).delete()
    Subscriber.objects.filter(pk=stopped.pk).update(state=Subscriber.State.STOPPED)
    there = {"countries": (same.country,), "languages": (same.language,)}
    assert count(received="broadcast:1", **there) == 4
    # In the language in which she got it.
    assert count(received="broadcast:1", languages=("ar",)) == 0
    stop(5)
    assert count(received="broadcast:1", **there) == 3


@pytest.mark.parametrize(
    "rule",
    [
        {"not_reached_days": 7},
        {"received": "broadcast:1"},
        {"joined_from": timezone.now().date() - DAY},
        {"joined_until": timezone.now().date() - DAY},
        {"not_reached_days": 3, "received": "broadcast:1", "joined_until": timezone.now().date()},
    ],
    ids=["not reached", "received", "joined from", "joined until", "all"],
)
@pytest.mark.parametrize("channels", [("sms",), ("sms", "whatsapp"), ("whatsapp", "sms")])
def test_planning_picks_whom_counting_counts(
    rule: dict[str, object], channels: tuple[str, ...]
) -> None:
    for serial in range(1, 7):
        make_subscriber(serial, channel="whatsapp" if serial % 3 == 0 else "sms")
    make_subscriber(1, channel="whatsapp")
    send(1, days_ago=5)
    late = Subscriber.objects.filter(pk__in=Subscriber.objects.order_by("pk").values("pk")[:2])
    late.update(joined_at=timezone.now() - 9 * DAY)
    make_subscriber(7)
    wanted = {"channels": channels} | rule
    people = find_eligible(Audience(topics=(TOPIC,), **wanted))  # type: ignore[arg-type]
    batch = make_batch("broadcast:2", audience=wanted)
    got = set(batch.deliveries.values_list("subscriber", flat=True))
    assert got == set(people.values_list("pk", flat=True))
    assert 0 < len(got) < Subscriber.objects.count()


@pytest.mark.postgres
def test_a_narrow_audience_is_found_by_indexes_alone() -> None:
    """Tens of thousands are enough for PostgreSQL to choose as it does with millions."""
    seed(40_000, batches=2)
    narrow = Audience(
        topics=("route:rare",), countries=("SN",), languages=("fr",), channels=("sms",), most=2
    )
    plan = find_eligible(narrow).values("channel").explain()
    assert "Seq Scan" not in plan, plan
    # Deliveries by either of the indexes that begin with the subscriber.
    for index in ("topic_audience", "number_hash", "on messaging_delivery"):
        assert index in plan, plan


@pytest.mark.postgres
def test_what_a_narrow_audience_got_is_found_by_indexes_alone() -> None:
    seed(40_000, batches=2)
    narrow = Audience(
        topics=("route:rare",),
        countries=("SN",),
        languages=("fr",),
        channels=("sms",),
        not_reached_days=30,
    )
    plan = find_eligible(narrow).values("channel").explain()
    assert "Seq Scan on messaging_delivery" not in plan, plan
    assert "Seq Scan on messaging_subscriber" not in plan, plan


@pytest.mark.postgres
def test_the_few_who_received_a_small_batch_are_found_by_indexes_alone() -> None:
    seed(40_000, batches=1)
    small = Batch.objects.get(reference="bench:0")
    small.pk, small.reference = None, "bench:small"
    small.save(force_insert=True)
    few = Delivery.objects.order_by("pk").values_list("pk", flat=True)[:50]
    Delivery.objects.filter(pk__in=list(few)).update(batch=small)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE messaging_delivery")
        cursor.execute("ANALYZE messaging_batch")
    narrow = Audience(topics=("route:r1",), channels=("sms",), received="bench:small")
    assert not is_wide(narrow)
    assert is_wide(replace(narrow, received="bench:0"))
    plan = find_eligible(narrow).values("channel").explain()
    assert "Seq Scan on messaging_delivery" not in plan, plan
    assert "Seq Scan on messaging_subscriber" not in plan, plan


@pytest.mark.postgres
def test_a_country_and_a_language_are_found_without_reading_the_table() -> None:
    seed(40_000, batches=1)
    with connection.cursor() as cursor:
        # What VACUUM would do, which no transaction may: the visibility map decides for the index.
        cursor.execute(
            "UPDATE pg_class SET relallvisible = relpages WHERE relname LIKE 'messaging%'"
        )
    one = Audience(topics=("route:r1",), countries=("SN",), languages=("fr",), channels=("sms",))
    plan = find_eligible(one).values("channel").explain()
    assert "using audience" in plan or "on audience" in plan, plan
    assert "Seq Scan on messaging_subscriber" not in plan, plan
