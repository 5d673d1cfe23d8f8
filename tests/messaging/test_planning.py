"""Planning: one statement plans a whole batch, and planning it again changes nothing."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from messaging.models import Batch, BatchText, Delivery, Sender, Suppression
from messaging.sealing.crypto import hash_number
from messaging.sending import batches, planning
from messaging.sending.eligibility import Audience, Group, count_eligible, count_people
from messaging.sending.planning import FrozenText, PlanningError, plan
from tests.messaging.factories import (
    TEXTS,
    TOPIC,
    make_batch,
    make_plan,
    make_sender,
    make_subscriber,
    number_of,
    stop,
    the_delivery,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_every_eligible_person_gets_exactly_one_planned_delivery() -> None:
    batch = make_batch(people=5)
    assert batches.count_states(batch.reference) == {"planned": 5}
    assert batch.deliveries.values("subscriber").distinct().count() == 5
    assert (batch.size, batch.state) == (5, Batch.State.RUNNING)


def test_planning_is_one_insert_however_many_people() -> None:
    def count_inserts(reference: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            make_batch(reference)
        return sum("INTO messaging_delivery" in query["sql"] for query in queries)

    for serial in range(1, 30):
        make_subscriber(serial)
    assert count_inserts("broadcast:1") == 1
    assert Delivery.objects.count() == 29


def test_planning_again_changes_nothing_and_returns_the_same_batch() -> None:
    first = make_batch(people=3)
    make_subscriber(4)
    again = make_batch()
    assert again.pk == first.pk
    assert Delivery.objects.count() == 3
    assert BatchText.objects.count() == len(TEXTS)


def test_the_database_refuses_a_second_delivery_of_one_batch_to_one_person() -> None:
    make_batch(people=1)
    second = the_delivery()
    second.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        second.save(force_insert=True)


def test_nobody_is_planned_who_said_stop() -> None:
    make_subscriber(1)
    make_subscriber(2)
    stop(1)
    assert make_batch().size == 1
    assert the_delivery().subscriber == make_subscriber(2)


def test_nobody_is_planned_whose_number_is_suppressed_though_the_row_says_subscribed() -> None:
    make_subscriber(1)
    Suppression.objects.create(
        number_hash=hash_number(number_of(1)), source="provider", at=timezone.now()
    )
    assert make_batch().size == 0


def test_nobody_is_planned_who_asked_for_another_topic() -> None:
    make_subscriber(1, topics=("route:cmed",))
    assert make_batch().size == 0


def test_a_person_who_asked_for_two_topics_of_the_audience_is_planned_once() -> None:
    make_subscriber(1, topics=(TOPIC, "route:cmed"))
    assert make_batch(audience={"topics": (TOPIC, "route:cmed")}).size == 1


@pytest.mark.parametrize(
    ("audience", "size"),
    [
        ({}, 3),
        ({"countries": ("ML",)}, 1),
        ({"languages": ("fr",)}, 2),
        ({"channels": ("whatsapp",)}, 1),
        ({"countries": ("SN", "ML"), "languages": ("ar",)}, 1),
        ({"countries": ("GM",)}, 0),
    ],
)
def test_an_audience_is_narrowed_by_country_language_and_channel(
    audience: dict[str, tuple[str, ...]], size: int
) -> None:
    make_subscriber(1, country="SN")
    make_subscriber(2, country="ML", channel="whatsapp")
    make_subscriber(3, country="SN", language="ar")
    assert make_batch(audience=audience).size == size


def test_an_audience_survives_its_way_through_the_database() -> None:
    rule = Audience(topics=(TOPIC,), countries=("SN",), languages=("fr",), channels=("sms",))
    batch = make_batch(audience={"countries": ("SN",), "languages": ("fr",), "channels": ("sms",)})
    batch.refresh_from_db()
    assert Audience.from_data(batch.audience) == rule


def test_the_groups_of_an_audience_sum_to_its_people() -> None:
    make_subscriber(1)
    make_subscriber(2)
    make_subscriber(3, language="wo", channel="whatsapp")
    groups = count_eligible(Audience(topics=(TOPIC,)))
    assert groups == [Group("sms", "SN", "fr", 2), Group("whatsapp", "SN", "wo", 1)]
    assert count_people(groups) == {"sms": 2, "whatsapp": 1}


@pytest.mark.parametrize(
    ("reads", "gets"), [("fr", "fr"), ("wo", "fr"), ("mey", "ar"), ("tr", "en")]
)
def test_everybody_gets_her_own_language_or_its_fallback(reads: str, gets: str) -> None:
    make_subscriber(1, language=reads)
    make_batch()
    delivery = the_delivery()
    assert delivery.text.language == gets
    # What she reads is kept apart from what she was given: the report counts both.
    assert delivery.language == reads


def test_the_text_is_of_the_channel_it_goes_by() -> None:
    make_subscriber(1, channel="whatsapp")
    make_batch()
    delivery = the_delivery()
    assert delivery.channel == delivery.text.channel == delivery.sender.channel == "whatsapp"


def test_a_reader_for_whom_there_is_no_text_stops_the_plan_and_nothing_is_kept() -> None:
    make_subscriber(1, language="tr")
    only_french = (FrozenText(channel="sms", language="fr", body="Bonjour.", parts=1),)
    with pytest.raises(PlanningError, match="tr"):
        make_batch(texts=only_french)
    assert not Batch.objects.exists()
    assert not BatchText.objects.exists()


def test_a_channel_without_a_sender_stops_the_plan_and_nothing_is_kept() -> None:
    make_sender()
    Sender.objects.update(active=False)
    make_subscriber(1)
    with pytest.raises(PlanningError, match="sender"):
        plan(make_plan(), now=timezone.now())
    assert not Batch.objects.exists()


def test_an_audience_without_a_topic_stops_the_plan() -> None:
    with pytest.raises(PlanningError, match="topic"):
        make_batch(people=1, audience={"topics": ()})


def test_an_audience_of_nobody_is_a_batch_that_is_done() -> None:
    batch = make_batch()
    assert batches.finish_done(now=timezone.now()) == 1
    batch.refresh_from_db()
    assert (batch.size, batch.state) == (0, Batch.State.FINISHED)


def test_each_country_has_its_own_window() -> None:
    now = timezone.now()
    windows = {
        "SN": (now, now + timedelta(hours=1)),
        "ML": (now + timedelta(hours=5), now + timedelta(hours=9)),
    }
    make_subscriber(1, country="SN")
    make_subscriber(2, country="ML")
    make_subscriber(3, country="ML", channel="whatsapp")

    def find(country: str) -> tuple[datetime, datetime]:
        return windows[country]

    batch = make_batch(window_of=find)
    rows = batch.deliveries.values_list("country", "not_before", "send_before")
    assert set(rows) == {(country, *window) for country, window in windows.items()}
    assert batch.lanes.count() == 3


def test_a_failing_window_leaves_nothing_behind() -> None:
    def fail(country: str) -> tuple[datetime, datetime]:
        raise LookupError(country)

    with pytest.raises(LookupError):
        make_batch(people=1, window_of=fail)
    assert not Batch.objects.exists()


# ---- One channel for each identity, and the senders of each country ----------------------------

BOTH = ("whatsapp", "sms")


def join_on_both(serial: int = 1) -> None:
    for channel in BOTH:
        make_subscriber(serial, channel=channel)


@pytest.mark.parametrize("channels", [("sms", "whatsapp"), ("whatsapp", "sms")])
def test_who_is_on_two_channels_is_planned_once_on_the_first(channels: tuple[str, str]) -> None:
    join_on_both(1)
    make_subscriber(2, channel="sms")
    make_subscriber(3, channel="whatsapp")
    batch = make_batch(audience={"channels": channels})
    assert batch.size == 3
    assert count_people(count_eligible(Audience((TOPIC,), channels=channels)))[channels[0]] == 2
    first = batch.deliveries.filter(channel=channels[0])
    assert set(first.values_list("subscriber__number_hash", flat=True)) >= {
        hash_number(number_of(1))
    }


def test_a_channel_without_a_text_is_nobodys_first() -> None:
    join_on_both()
    only_sms = tuple(text for text in TEXTS if text.channel == "sms")
    make_batch(audience={"channels": BOTH}, texts=only_sms)
    assert the_delivery().channel == "sms"


def test_a_first_channel_that_she_asked_for_nothing_on_is_passed_by() -> None:
    make_subscriber(1, channel="whatsapp", topics=("route:cmed",))
    make_subscriber(1, channel="sms")
    make_batch(audience={"channels": BOTH})
    assert the_delivery().channel == "sms"


def test_who_got_enough_on_the_first_channel_gets_nothing_on_the_other() -> None:
    join_on_both(1)
    make_subscriber(2)
    make_batch("broadcast:1", audience={"channels": BOTH})
    handed_over = Delivery.objects.filter(channel="whatsapp")
    assert handed_over.update(submitting_at=timezone.now()) == 1
    capped = Audience((TOPIC,), channels=BOTH, most=1)
    assert count_people(count_eligible(capped)) == {"sms": 1}
    batch = make_batch("broadcast:2", audience={"channels": BOTH, "most": 1})
    assert [row.subscriber for row in batch.deliveries.all()] == [make_subscriber(2)]


def test_an_audience_may_ask_for_every_channel() -> None:
    join_on_both()
    batch = make_batch(audience={"channels": BOTH, "every_channel": True})
    assert batch.size == 2
    assert batch.deliveries.values("person").distinct().count() == 1


def test_a_lane_says_from_whom_and_why_and_who_may_take_over() -> None:
    make_sender()
    second = Sender.objects.create(
        name="second", channel="sms", provider="memory", address="-", priority=-1
    )
    make_subscriber(1)
    lane = make_batch().lanes.get()
    assert (lane.sender, lane.fallbacks) == (second, [make_sender().pk])
    assert lane.reason == "1 of 2: priority -1."
    assert the_delivery().sender == second


def test_an_sms_may_take_the_place_of_whatsapp_only_where_a_sender_serves() -> None:
    make_subscriber(1, channel="whatsapp")
    make_sender()
    Sender.objects.filter(channel="sms").update(active=False)
    batch = make_batch(audience={"channels": BOTH})
    assert [lane.channel for lane in batch.lanes.all()] == ["whatsapp"]


def test_a_plan_that_broke_off_leaves_nothing_and_is_planned_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_sender()
    for serial in range(1, 4):
        make_subscriber(serial)

    def break_off(_batch: Batch, *, most: int) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(planning, "_insert_deliveries", break_off)
        with pytest.raises(KeyboardInterrupt):
            plan(make_plan(), now=timezone.now())
    assert not Batch.objects.exists()
    assert make_batch().size == 3
    assert make_batch().size == 3
    assert Delivery.objects.count() == 3
