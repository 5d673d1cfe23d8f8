"""`manage.py fence`: the emergency stop, and the way back after a restore."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from config.rehearsal import ensure_fence
from messaging.guarding import fencing, restoring
from messaging.models import Fence, Sender
from messaging.receiving import mirroring
from messaging.sending import batches
from tests.messaging.factories import make_batch

pytestmark = pytest.mark.django_db

SINCE = f"--since={(timezone.now() - timedelta(hours=2)).isoformat()}"


def run(*words: str) -> str:
    out = StringIO()
    call_command("fence", *words, stdout=out)
    return out.getvalue()


def test_fence_closes_opens_and_says_how_it_is() -> None:
    ensure_fence()
    assert "open" in run()
    assert "closed" in run("close")
    assert not fencing.may_send()
    assert "closed" in run()
    assert "is open" in run("open")
    assert Fence.objects.count() == 1


def test_missing_fence_counts_as_closed() -> None:
    assert "closed" in run()


def test_open_fence_of_another_epoch_is_not_called_open(settings: Settings) -> None:
    ensure_fence()
    settings.EPOCH = 2
    said = run("open")
    assert "epoch 1" in said
    assert "WAYMARK_EPOCH=2" in said
    assert "is open" not in said


def test_another_database_says_what_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    ensure_fence()
    Fence.objects.update(place="there")
    monkeypatch.setattr(fencing, "_ask_place", lambda: "here")
    assert "fence restored" in run()


def test_whole_way_back_after_a_restore(settings: Settings) -> None:
    make_batch(people=4)
    said = run("restored", SINCE)
    assert "1 broadcasts are paused; 4 messages" in said
    assert "memory lists nothing that came to sender" in said
    assert "Still to be confirmed: opt_outs" in said
    with pytest.raises(CommandError, match="opt_outs"):
        run("raise")
    with pytest.raises(CommandError, match="A restore was declared"):
        run("open")
    run("confirm", "opt_outs", "--how", "read the provider's pages, two of us")
    assert "Everything is checked" in run("restored", SINCE), "the steps may be repeated"
    assert "WAYMARK_EPOCH=2" in run("raise")
    assert not fencing.may_send()
    settings.EPOCH = 2
    assert fencing.may_send()
    assert batches.count_states("broadcast:1") == {"unknown": 4}


def test_nothing_is_raised_where_no_restore_was_declared() -> None:
    ensure_fence()
    with pytest.raises(CommandError, match="Not yet"):
        run("raise")
    with pytest.raises(CommandError, match="No restore was declared"):
        run("confirm", "opt_outs", "--how", "all was read by us")


@pytest.mark.parametrize("words", [(), ("opt_outs",), ("opt_outs", "--how", "yes")])
def test_a_confirmation_says_which_check_and_how(words: tuple[str, ...]) -> None:
    run("restored", SINCE)
    with pytest.raises(CommandError, match="Name the check"):
        run("confirm", *words)
    assert restoring.OPT_OUTS not in restoring.read_checks()


@pytest.mark.parametrize(
    "since", ["", "yesterday", "2026-11-21T03:00", "2999-01-01T00:00Z", "2026-13-01"]
)
def test_a_time_that_is_none_stops_before_anything_is_touched(since: str) -> None:
    make_batch(people=1)
    with pytest.raises(CommandError, match="when the backup was taken"):
        run("restored", f"--since={since}")
    assert fencing.may_send()
    assert batches.count_states("broadcast:1") == {"planned": 1}


def test_list_of_stops_is_read_from_its_begin_whatever_was_read_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_batch(people=1)
    Sender.objects.update(provider=mirroring.PROVIDER)
    asked: list[float] = []

    def read(*, seconds: float, **_: object) -> int:
        asked.append(seconds)
        return 3

    monkeypatch.setattr(mirroring, "read_list", read)
    assert "could not be read to its end: 3 new stops" in run("restored", SINCE)
    assert asked == [3600.0]
