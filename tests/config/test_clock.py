"""The clock by hand: every tick once, in order, and draining until nothing is due."""

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from config import clock
from config.celery import TICKS, app
from messaging.guarding import backlog, fencing, heartbeats
from messaging.models import Batch, Beat, Delivery
from messaging.providers.memory import Memory
from messaging.sending import batches
from tests.messaging.factories import make_batch

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_memory_of_beats() -> Iterator[None]:
    heartbeats.forget()
    yield
    heartbeats.forget()


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collect the names of the ticks instead of doing them."""
    names: list[str] = []
    app.loader.import_default_modules()
    for name in TICKS:
        monkeypatch.setitem(app.tasks, name, lambda name=name: names.append(name))
    return names


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Memory:
    """Let the ticks send through a provider of this process."""
    memory = Memory()
    monkeypatch.setattr(
        "messaging.work.send_due.__kwdefaults__", {"provider_of": lambda _name: memory}
    )
    return memory


def run(*words: str, verbosity: int = 1) -> str:
    out = StringIO()
    call_command(*words, stdout=out, verbosity=verbosity)
    return out.getvalue()


def test_a_tick_by_hand_does_what_the_clock_does_everything_once(called: list[str]) -> None:
    assert f"{len(TICKS)} ticks done" in run("tick")
    assert sorted(called) == sorted(TICKS)
    assert called[0] == "cms.sweep", "what has outlived its date goes before anything is launched"
    assert called.index("campaigns.tick") < called.index("messaging.drain")
    assert called.index("messaging.drain") < called.index("messaging.recount")


def test_one_that_fails_does_not_stop_the_others_and_is_told(
    called: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise ValueError("of no interest")

    monkeypatch.setitem(app.tasks, "messaging.drain", fail)
    with pytest.raises(CommandError, match=r"messaging\.drain \(ValueError\)") as error:
        run("tick")
    assert error.value.returncode == 1
    assert "of no interest" not in str(error.value)
    assert len(called) == len(TICKS) - 1
    assert Beat.objects.get(name="messaging.drain").failed_with == "ValueError"
    assert Beat.objects.get(name="messaging.repair").failed_at is None


def test_some_ticks_can_be_named(called: list[str]) -> None:
    said = run("tick", "messaging.repair", "messaging.drain", verbosity=2)
    assert called == ["messaging.repair", "messaging.drain"]
    assert "messaging.repair: done" in said


def test_a_tick_that_there_is_not_is_refused(called: list[str]) -> None:
    with pytest.raises(CommandError, match=r"No tick is called messaging\.dance"):
        run("tick", "messaging.repair", "messaging.dance")
    assert called == []


def test_what_moves_messages_is_part_of_the_clock() -> None:
    assert set(clock.MOVING) <= set(TICKS)


def test_every_tick_is_a_task_that_exists() -> None:
    app.loader.import_default_modules()
    assert [name for name in TICKS if name not in app.tasks] == []


def test_draining_goes_on_until_nothing_is_due(memory: Memory) -> None:
    make_batch(people=25)
    assert "Nothing is due" in run("drain")
    assert len(memory.ledger) == 25
    assert batches.count_states("broadcast:1") == {"accepted": 25}
    assert Batch.objects.get().state == Batch.State.FINISHED
    assert not backlog.find_due(now=timezone.now()).exists()


def test_draining_what_does_not_move_ends_and_says_so(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "_PAUSE", 0)
    make_batch(people=3)
    fencing.close(now=timezone.now())
    with pytest.raises(CommandError, match="3 are still due"):
        run("drain")
    assert not memory.ledger


def test_draining_leaves_what_is_due_later(memory: Memory) -> None:
    make_batch(people=3)
    later = timezone.now() + timedelta(hours=1)
    Delivery.objects.filter(pk=Delivery.objects.latest("pk").pk).update(not_before=later)
    run("drain")
    assert batches.count_states("broadcast:1") == {"accepted": 2, "planned": 1}


def test_draining_ends_when_its_time_is_over(memory: Memory) -> None:
    make_batch(people=3)
    fencing.close(now=timezone.now())
    with pytest.raises(CommandError, match="still due"):
        run("drain", "--seconds=0")
