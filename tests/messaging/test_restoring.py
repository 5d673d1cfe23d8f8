"""After a restore: what may have gone out is unknown, and nothing is sent before everything is checked."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from messaging.guarding import fencing, restoring
from messaging.models import Batch, Delivery, Event, Fence, Notice
from messaging.notifying import notices
from messaging.providers.memory import Memory
from messaging.receiving import receipts
from messaging.sealing.tokens import make_token
from messaging.sending import batches
from messaging.states import State
from messaging.wire import Receipt
from tests.messaging.factories import drain_all, make_batch, make_sender, number_of, set_state

pytestmark = [pytest.mark.django_db, pytest.mark.database]

HOUR = timedelta(hours=1)


@pytest.fixture
def since() -> datetime:
    make_sender()
    return timezone.now() - HOUR


def declare_and_give_up(since: datetime) -> restoring.GivenUp:
    now = timezone.now()
    restoring.declare(since=since, now=now)
    return restoring.give_up(since=since, now=now)


def pass_all() -> None:
    for name in restoring.CHECKS:
        restoring.pass_check(name, "by hand", now=timezone.now())


def test_whatever_may_have_gone_out_is_unknown_and_stays_unsent(
    memory: Memory, since: datetime
) -> None:
    make_batch(people=6)
    rows = list(Delivery.objects.order_by("pk"))
    for row, state in zip(rows, (State.CLAIMED, State.SUBMITTING, State.ACCEPTED), strict=False):
        set_state(row, state)
    given_up = declare_and_give_up(since)
    assert (given_up.batches, given_up.deliveries) == (1, 5)
    assert batches.count_states("broadcast:1") == {"unknown": 5, "accepted": 1}
    assert Batch.objects.get().state == Batch.State.PAUSED
    assert Batch.objects.get().paused_reason == restoring.RESTORED
    assert set(Event.objects.values_list("state", "reason")) == {("unknown", "restored")}
    pass_all()
    restoring.move_on(now=timezone.now())
    batches.resume("broadcast:1")
    assert drain_all(memory) == 0
    assert not memory.ledger


def test_what_was_planned_for_later_than_now_cannot_have_gone_out_and_waits(
    since: datetime,
) -> None:
    make_batch(people=3)
    first = Delivery.objects.order_by("pk").first()
    assert first is not None
    Delivery.objects.exclude(pk=first.pk).update(not_before=timezone.now() + HOUR)
    assert declare_and_give_up(since).deliveries == 1
    assert batches.count_states("broadcast:1") == {"planned": 2, "unknown": 1}


def test_what_ended_long_before_the_backup_is_left_as_it_is(since: datetime) -> None:
    make_batch(people=2)
    long_ago = since - 73 * HOUR
    Batch.objects.update(state=Batch.State.CANCELLED, finished_at=long_ago)
    assert declare_and_give_up(since).deliveries == 0
    Batch.objects.update(finished_at=long_ago + 2 * HOUR)
    assert declare_and_give_up(since).deliveries == 2


def test_a_page_follows_the_other(since: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restoring, "_PAGE", 2)
    make_batch(people=5)
    assert declare_and_give_up(since).deliveries == 5
    assert declare_and_give_up(since).deliveries == 0, "repeated, it finds nothing more"


def test_a_code_that_may_have_gone_out_is_not_sent_again(since: datetime) -> None:
    now = timezone.now()
    letter = notices.Letter(
        kind=Notice.Kind.CONFIRM,
        channel="sms",
        number=number_of(1),
        country="SN",
        language="fr",
        body="1234",
        parts=1,
        due_at=now,
        expires_at=now + HOUR,
    )
    notices.queue(letter)
    assert declare_and_give_up(since).notices == 1
    notice = Notice.objects.get()
    assert (notice.state, bytes(notice.body_sealed), bytes(notice.number_sealed)) == (
        Notice.State.UNKNOWN,
        b"",
        b"",
    )


def test_epoch_does_not_move_before_every_check_has_passed(since: datetime) -> None:
    now = timezone.now()
    with pytest.raises(restoring.ChecksMissing):
        restoring.move_on(now=now)
    restoring.declare(since=since, now=now)
    for number, name in enumerate(restoring.CHECKS):
        with pytest.raises(restoring.ChecksMissing) as missing:
            restoring.move_on(now=now)
        assert missing.value.missing == restoring.CHECKS[number:]
        restoring.pass_check(name, "by hand", now=now)
    assert restoring.move_on(now=now) == 2


def test_new_epoch_is_higher_than_both_and_waits_for_the_deployment(
    since: datetime, settings: Settings
) -> None:
    # A backup from before the last restore has fallen behind the deployment.
    settings.EPOCH = 7
    restoring.declare(since=since, now=timezone.now())
    pass_all()
    assert restoring.move_on(now=timezone.now()) == 8
    assert not fencing.may_send()
    settings.EPOCH = 8
    assert fencing.may_send()


def test_checks_of_one_restore_do_not_open_after_another(since: datetime) -> None:
    restoring.declare(since=since, now=timezone.now())
    pass_all()
    restoring.declare(since=since, now=timezone.now())
    assert set(restoring.read_checks()) == {"since", *restoring.CHECKS}, "said again, it keeps them"
    restoring.declare(since=since + HOUR / 2, now=timezone.now())
    assert set(restoring.read_checks()) == {"since"}
    pass_all()
    restoring.move_on(now=timezone.now())
    with pytest.raises(restoring.ChecksMissing):
        restoring.move_on(now=timezone.now())


def test_nobody_opens_the_fence_past_the_checks(since: datetime) -> None:
    restoring.declare(since=since, now=timezone.now())
    with pytest.raises(fencing.NotChecked):
        fencing.open_again(now=timezone.now())
    assert not fencing.read_standing().is_trusted
    Fence.objects.update(send_enabled=True)
    assert not fencing.may_send()
    pass_all()
    restoring.move_on(now=timezone.now())
    fencing.close(now=timezone.now())
    fencing.open_again(now=timezone.now())


def test_what_was_to_begin_in_the_lost_time_is_for_a_person_to_decide(since: datetime) -> None:
    now = timezone.now()
    assert not restoring.may_have_begun(now)
    restoring.declare(since=since, now=now)
    assert restoring.may_have_begun(now + HOUR)
    pass_all()
    restoring.move_on(now=now)
    assert restoring.may_have_begun(now - HOUR / 4)
    assert not restoring.may_have_begun(now + HOUR / 4)


def read_epoch(row: Delivery) -> int:
    """Return the epoch that gave a delivery its id: a sequence outlives the test that moved it on."""
    return row.pk // restoring._IDS_OF_EPOCH + 1


def test_ids_given_in_the_lost_time_are_never_given_again(
    since: datetime, settings: Settings
) -> None:
    make_batch(people=2)
    settings.EPOCH = read_epoch(Delivery.objects.latest("pk"))
    lost = Delivery.objects.latest("pk")
    late = [make_token(lost.pk + number, 1) for number in range(1, 5)]
    restoring.declare(since=since, now=timezone.now())
    make_batch("broadcast:2")
    pass_all()
    restoring.move_on(now=timezone.now())
    make_batch("broadcast:3")
    news = Delivery.objects.filter(batch__reference__in=["broadcast:2", "broadcast:3"])
    for row in news:
        assert row.pk > lost.pk + 1_000_000_000
        set_state(row, State.ACCEPTED)
    for token in late:
        receipts.keep(token, Receipt("SM1", "failed", State.FAILED), now=timezone.now())
    receipts.fold_waiting(now=timezone.now())
    assert set(news.values_list("state", flat=True)) == {State.ACCEPTED}


def test_two_restores_of_one_backup_give_different_ids(since: datetime, settings: Settings) -> None:
    make_batch(people=1)
    settings.EPOCH = read_epoch(Delivery.objects.latest("pk"))
    restoring.declare(since=since, now=timezone.now())
    pass_all()
    settings.EPOCH = restoring.move_on(now=timezone.now())
    first = make_batch("broadcast:2").deliveries.get().pk
    # The backup knows of no restore; the deployment does.
    Fence.objects.update(epoch=1)
    restoring.declare(since=since + HOUR / 2, now=timezone.now())
    assert make_batch("broadcast:3").deliveries.get().pk > first + 1_000_000_000


def test_unknown_check_is_refused(since: datetime) -> None:
    with pytest.raises(LookupError):
        restoring.pass_check("luck", "by hand", now=timezone.now())
    assert Fence.objects.get().checks == {}
