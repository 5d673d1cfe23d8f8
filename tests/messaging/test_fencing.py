"""The fence: open, of this deployment's epoch, and in its own database; else nothing is sent."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import Settings

from messaging.guarding import fencing
from messaging.models import Fence
from messaging.notifying import notices
from messaging.providers.memory import Memory
from messaging.sending.claiming import claim_due
from messaging.sending.gate import Gate
from tests.messaging.factories import drain_all, make_batch, make_sender, number_of, states

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def fence() -> Fence:
    return Fence.objects.create(send_enabled=True)


def test_fence_that_is_open_and_of_this_epoch_lets_messages_go(fence: Fence) -> None:
    assert fencing.may_send()


def test_missing_fence_is_closed() -> None:
    assert not fencing.may_send()


def test_closing_and_opening(fence: Fence) -> None:
    fencing.close(now=timezone.now())
    assert not fencing.may_send()
    fencing.open_again(now=timezone.now())
    assert fencing.may_send()
    assert Fence.objects.count() == 1


def test_closing_leaves_no_second_fence_open(fence: Fence) -> None:
    Fence.objects.create(send_enabled=True)
    fencing.close(now=timezone.now())
    assert list(Fence.objects.values_list("send_enabled", flat=True)) == [False]


def test_no_code_passes_a_fence_of_another_epoch(memory: Memory, settings: Settings) -> None:
    make_sender()
    now = timezone.now()
    letter = notices.Letter(
        kind="confirm",
        channel="sms",
        number=number_of(1),
        country="SN",
        language="fr",
        body="1234",
        parts=1,
        due_at=now,
        expires_at=now + timedelta(hours=1),
    )
    assert notices.queue(letter)
    settings.EPOCH = 2
    assert notices.claim(limit=5, now=now) == []
    settings.EPOCH = 1
    assert len(notices.claim(limit=5, now=now)) == 1


@pytest.mark.parametrize(("held", "carried"), [(1, 2), (3, 2)])
def test_another_epoch_sends_nothing_whichever_is_older(
    fence: Fence, settings: Settings, held: int, carried: int
) -> None:
    Fence.objects.update(epoch=held)
    settings.EPOCH = carried
    assert not fencing.may_send()
    standing = fencing.read_standing()
    assert (standing.is_open, standing.is_right_epoch, standing.is_right_place) == (
        True,
        False,
        True,
    )


def test_no_message_passes_a_fence_of_another_epoch(memory: Memory, settings: Settings) -> None:
    make_batch(people=3)
    settings.EPOCH = 2
    assert drain_all(memory) == 0
    assert not memory.ledger
    assert set(states()) == {"planned"}
    settings.EPOCH = 1
    assert drain_all(memory) == 3


def test_fence_is_bound_once_and_only_by_its_own_epoch(
    fence: Fence, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fencing, "_ask_place", lambda: "here")
    settings.EPOCH = 2
    assert not fencing.bind()
    settings.EPOCH = 1
    assert fencing.bind()
    assert not fencing.bind()
    assert Fence.objects.get().place == "here"
    assert fencing.may_send()


def test_another_database_sends_nothing(fence: Fence, monkeypatch: pytest.MonkeyPatch) -> None:
    Fence.objects.update(place="there")
    monkeypatch.setattr(fencing, "_ask_place", lambda: "here")
    assert not fencing.may_send()
    assert not fencing.read_standing().is_trusted


def test_what_was_claimed_before_a_failover_stays_unsent(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_batch(people=3)
    place = ["here"]
    monkeypatch.setattr(fencing, "_ask_place", lambda: place[0])
    assert fencing.bind()
    sender = make_sender()
    gate = Gate(sender.pk, "worker")
    first = gate.submit(claim_due(sender, "worker", limit=1), now=timezone.now())
    assert len(first.calls) == 1
    claimed = claim_due(sender, "worker", limit=1)
    # The pooler leads the same connection to another server from now on.
    place[0] = "there"
    after = gate.submit(claimed, now=timezone.now())
    assert (after.calls, after.given_back) == ((), 1)
    afresh = Gate(sender.pk, "worker").submit(
        claim_due(sender, "worker", limit=1), now=timezone.now()
    )
    assert (afresh.calls, afresh.given_back) == ((), 1)
    assert sorted(states()) == ["planned", "planned", "submitting"]


def test_the_gate_asks_nothing_of_a_server_that_keeps_its_place_to_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_batch(people=1)

    def refuse() -> str:
        raise AssertionError

    monkeypatch.setattr(fencing, "_ask_place", refuse)
    sender = make_sender()
    claimed = claim_due(sender, "worker", limit=1)
    assert Gate(sender.pk, "worker").submit(claimed, now=timezone.now()).calls


@pytest.mark.postgres
class TestOnPostgres:
    @pytest.fixture(autouse=True)
    def bound(self, fence: Fence) -> None:
        assert fencing.bind()

    def test_server_names_the_cluster_the_database_and_its_line_of_time(self) -> None:
        cluster, database, line = Fence.objects.get().place.split("/")
        assert int(cluster) > 0
        assert int(database) > 0
        assert len(line) == 8
        assert fencing.may_send()

    @pytest.mark.parametrize("part", [0, 1, 2])
    def test_any_other_part_is_another_database(self, part: int) -> None:
        parts = Fence.objects.get().place.split("/")
        parts[part] = parts[part][::-1] + "1"
        Fence.objects.update(place="/".join(parts))
        assert not fencing.may_send()

    def test_server_that_does_not_tell_leaves_the_fence_unbound(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        Fence.objects.update(place="")
        monkeypatch.setattr(fencing, "_PLACE", "SELECT no_such_function()")
        with transaction.atomic():
            assert not fencing.bind()
            assert fencing.may_send(), "and whoever asked can go on"


def test_sqlite_is_no_place_of_its_own() -> None:
    if connection.vendor == "sqlite":
        assert fencing.read_place() == ""
