"""Three questions about a process: does it live, can it answer, do messages move."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from config import health
from messaging.guarding import fencing, heartbeats
from messaging.models import Beat, Fence
from messaging.sealing import keyring
from messaging.sealing.keys.ring import KeysAway
from tests.messaging.factories import make_batch

MINUTE = timedelta(minutes=1)
EVERY_TICK = ("campaigns.tick", "messaging.drain", "messaging.repair")


@pytest.fixture(autouse=True)
def forgetful() -> Iterator[None]:
    heartbeats.forget()
    health.forget()
    yield
    heartbeats.forget()


@pytest.fixture
def now(db: None) -> datetime:
    """Return the present, at which the clock beats and the fence is open."""
    Fence.objects.create(send_enabled=True)
    present = timezone.now()
    for name in EVERY_TICK:
        heartbeats.note(name, took=MINUTE, now=present)
    return present


def ask(client: Client, path: str) -> tuple[int, str]:
    answer = client.get(path)
    assert "no-cache" in answer["Cache-Control"]
    return answer.status_code, answer.content.decode()


def test_a_process_that_answers_lives_whatever_became_of_the_database(client: Client) -> None:
    # This test may not touch the database, and does not.
    assert ask(client, "/healthz") == (200, "ok")


def test_ready_when_everything_is_there(client: Client, db: None) -> None:
    assert ask(client, "/healthz/ready") == (200, "ok")


def test_not_ready_without_a_database(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise DatabaseError("host=secret")

    with monkeypatch.context() as patch:
        patch.setattr(connection, "cursor", fail)
        assert ask(client, "/healthz/ready") == (503, "database")


def test_not_ready_while_the_database_is_older_than_the_code(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda *_: ["one"])
    assert ask(client, "/healthz/ready") == (503, "migrations")
    monkeypatch.undo()
    assert ask(client, "/healthz/ready") == (200, "ok")


def test_not_ready_while_the_keys_are_away(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise KeysAway("no answer")

    monkeypatch.setattr(keyring, "warm", fail)
    assert ask(client, "/healthz/ready") == (503, "keys")


def test_a_probe_over_plain_http_is_answered_and_not_led_elsewhere(
    client: Client, settings: Settings
) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert ask(client, "/healthz") == (200, "ok")


def test_progress_is_well_while_the_clock_beats_and_nothing_is_due(
    client: Client, now: datetime
) -> None:
    assert ask(client, "/healthz/progress") == (200, "ok")


def test_a_dead_clock_is_seen(now: datetime) -> None:
    assert health.find_standstill(now=now + 2 * MINUTE) == ["clock"]
    Beat.objects.filter(name="messaging.drain").update(at=now + 2 * MINUTE)
    assert health.find_standstill(now=now + 2 * MINUTE) == ["clock"], "of one tick as well"


def test_a_clock_that_never_beat_is_dead(client: Client, db: None) -> None:
    status, words = ask(client, "/healthz/progress")
    assert (status, words) == (503, "clock")


def test_due_messages_that_do_not_move_for_two_minutes_are_seen(now: datetime) -> None:
    make_batch(people=1)
    later = now + 3 * MINUTE
    Beat.objects.update(at=later)
    assert health.find_standstill(now=later) == ["stuck"]


def test_a_fence_that_somebody_closed_is_no_fault_and_a_restored_database_is(
    now: datetime, settings: Settings
) -> None:
    fencing.close(now=now)
    assert health.find_standstill(now=now) == []
    settings.EPOCH = 2
    assert health.find_standstill(now=now) == ["fence"]


class TestHeartbeats:
    pytestmark = pytest.mark.django_db

    def test_a_beat_is_written_now_and_then_and_a_failure_always(self) -> None:
        now = timezone.now()
        heartbeats.note("a.tick", took=timedelta(milliseconds=1500), now=now)
        heartbeats.note("a.tick", took=MINUTE, now=now + MINUTE)
        beat = Beat.objects.get()
        assert (beat.at, beat.took_ms, beat.failed_at) == (now, 1500, None)
        heartbeats.note("a.tick", took=MINUTE, now=now + MINUTE, error="ValueError")
        beat.refresh_from_db()
        assert (beat.at, beat.failed_with) == (now + MINUTE, "ValueError")
        assert heartbeats.ages(now=now + 2 * MINUTE) == {"a.tick": MINUTE}
