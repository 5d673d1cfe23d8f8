"""The page of figures: behind a token, readable by Prometheus, and about nobody."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from config.celery import TICKS
from config.metrics import Figure, read_figures, write_text
from messaging.guarding import fencing, heartbeats, watching
from messaging.models import Alarm, Delivery, Sender, SenderHour
from messaging.providers.memory import Memory
from messaging.receiving.refusals import Refusals, count_refused
from messaging.sending import recounting
from tests.messaging.factories import drain_all, make_batch, number_of

pytestmark = [pytest.mark.django_db]

TOKEN = "a-token-of-twenty-letters"
LINE = re.compile(
    r"# (HELP|TYPE) waymark_[a-z_]+ .+"
    r'|waymark_[a-z_]+(\{[a-z]+="[^"\n]*"(,[a-z]+="[^"\n]*")*\})? -?[0-9.e+]+'
)


@pytest.fixture(autouse=True)
def token(settings: Settings) -> Iterator[None]:
    settings.METRICS_TOKEN = TOKEN
    heartbeats.forget()
    yield
    heartbeats.forget()


@pytest.fixture
def memory() -> Memory:
    return Memory()


def read(client: Client) -> str:
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=0.0.4")
    return answer.content.decode()


def values(client: Client) -> dict[str, float]:
    lines = [line for line in read(client).splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


@pytest.mark.parametrize(
    "header",
    ["", TOKEN, f"Basic {TOKEN}", "Bearer ", f"Bearer {TOKEN}x", f"bearer {TOKEN}", "Bearer ü"],
)
def test_without_the_token_nothing_is_told(client: Client, header: str) -> None:
    answer = client.get("/metrics", headers={"Authorization": header} if header else {})
    assert (answer.status_code, answer.content) == (401, b"Unauthorized")
    assert client.get(f"/metrics?token={TOKEN}").status_code == 401


def test_without_a_setting_there_is_no_page(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_every_line_is_what_prometheus_reads(client: Client, memory: Memory) -> None:
    make_batch(people=3)
    drain_all(memory)
    lines = read(client).splitlines()
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    names = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(names) == len(set(names)) > 12


def test_quotes_and_line_breaks_in_a_label_cannot_make_another_line() -> None:
    figure = Figure("x", "Says.", {(("a", 'b"\n\\c'),): 1.0})
    assert write_text(iter([figure])).splitlines()[-1] == 'waymark_x{a="b\\"\\n\\\\c"} 1'


def test_deliveries_are_those_that_were_counted_last(client: Client, memory: Memory) -> None:
    make_batch(people=5)
    make_batch("broadcast:2")
    assert values(client)['waymark_deliveries{state="planned"}'] == 0
    recounting.recount_watched(clock=timezone.now)
    assert values(client)['waymark_deliveries{state="planned"}'] == 10
    assert values(client)['waymark_batches{state="running"}'] == 2


def test_what_waits_is_told_with_its_age(client: Client) -> None:
    make_batch(people=5)
    Delivery.objects.update(not_before=timezone.now() - timedelta(minutes=10))
    found = values(client)
    assert found["waymark_due"] == 5
    assert 600 <= found["waymark_due_oldest_seconds"] < 660
    for name in ("receipts_waiting", "unknown", "notices_waiting"):
        assert found[f"waymark_{name}"] == 0


def test_senders_are_told_by_their_id_with_what_they_used(client: Client) -> None:
    make_batch(people=1)
    sender = Sender.objects.get(channel="sms")
    now = timezone.now()
    Sender.objects.filter(pk=sender.pk).update(name=number_of(1), halted_at=now)
    for hours, parts in ((1, 70), (30, 1000)):
        SenderHour.objects.create(
            sender=sender, hour=now - timedelta(hours=hours), messages=parts, parts=parts
        )
    found = values(client)
    label = f'{{sender="{sender.pk}",channel="sms",provider="memory"}}'
    assert found[f"waymark_sender_halted{label}"] == 1
    assert found[f"waymark_sender_parts_used{label}"] == 70
    assert found[f"waymark_sender_parts_per_second{label}"] == 1000
    assert found[f"waymark_sender_moved_seconds{label}"] == -1


def test_alarms_ticks_and_the_fence_are_told(client: Client) -> None:
    make_batch(people=1)
    now = timezone.now()
    watching.raise_alarm(Alarm.Kind.STUCK, country="SN", now=now)
    heartbeats.note("messaging.drain", took=timedelta(0), now=now - timedelta(seconds=40))
    found = values(client)
    assert found['waymark_alarms_open{kind="stuck"}'] == 1
    assert found['waymark_alarms_open{kind="forged"}'] == 0
    assert 40 <= found['waymark_tick_age_seconds{tick="messaging.drain"}'] < 100
    assert {name for name in found if "tick_age" in name} == {
        f'waymark_tick_age_seconds{{tick="{name}"}}' for name in TICKS
    }
    assert found["waymark_may_send"] == 1
    fencing.close(now=now)
    assert values(client)["waymark_may_send"] == 0


def test_no_number_no_country_and_no_text_is_among_the_figures(
    client: Client, memory: Memory
) -> None:
    make_batch(people=9)
    Sender.objects.filter(channel="sms").update(name=number_of(2))
    drain_all(memory)
    recounting.recount_watched(clock=timezone.now)
    page = read(client)
    assert not re.search(r"\d{7,}(?!\.)", page)
    for word in ("SN", "Bonjour", "fr", "broadcast:1"):
        assert f'"{word}"' not in page
    assert not any(
        label in {"country", "language", "batch", "partner"}
        for figure in read_figures(now=timezone.now())
        for key in figure.values
        for label, _value in key
    )


def test_figures_cost_as_many_queries_for_many_broadcasts_as_for_few(
    client: Client, django_assert_max_num_queries: object
) -> None:
    for number in range(1, 12):
        make_batch(f"broadcast:{number}", people=1 if number == 1 else 0)
    with django_assert_max_num_queries(35):  # type: ignore[operator]
        read(client)


class TestRefusals:
    def test_refused_callbacks_are_counted_by_status(self, client: Client) -> None:
        before = values(client).get('waymark_callbacks_refused{status="403"}', 0)
        for _ in range(3):
            form = "application/x-www-form-urlencoded"
            answer = client.post("/hooks/twilio/inbound/", "Body=STOP", content_type=form)
            assert answer.status_code == 403
        assert values(client)['waymark_callbacks_refused{status="403"}'] == before + 3

    def test_a_flood_is_written_down_in_lumps(self, monkeypatch: pytest.MonkeyPatch) -> None:
        refusals, written, now = Refusals(), list[int](), timezone.now()
        monkeypatch.setattr(
            "messaging.receiving.refusals.limits.count",
            lambda *_args, times, **_: written.append(times),
        )
        for _ in range(10_000):
            refusals.note(403, now=now)
        assert written == []
        refusals.write(now=now)
        assert written == [10_000]

    def test_what_was_answered_well_is_no_refusal(self) -> None:
        refusals, now = Refusals(), timezone.now()
        refusals.note(204, now=now)
        refusals.write(now=now)
        assert 204 not in count_refused(now=now)
