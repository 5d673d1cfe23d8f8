"""The end of a campaign: 90 days after it everything of it goes, and its counts stay."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from analytics.counting import PurgedBatch, recount, recount_changed
from analytics.models import DeliveryCount
from campaigns.approval import approving
from campaigns.models import Approval, Broadcast, Campaign, Edition, JoinWord
from messaging.models import Batch, BatchText, Delivery, Subscriber
from messaging.sending import batches
from messaging.states import State
from messaging.upkeep import retention
from tests.campaigns import factories
from tests.campaigns.factories import Team

pytestmark = [pytest.mark.django_db, pytest.mark.database]
DAY = timedelta(days=1)


@pytest.fixture
def approved(team: Team) -> Broadcast:
    """Return an approved broadcast, due in an hour."""
    broadcast = factories.make_broadcast(
        team, at_once=False, send_at=factories.now() + timedelta(hours=1)
    )
    factories.approve(team, broadcast, at=factories.now())
    broadcast.refresh_from_db()
    return broadcast


@pytest.fixture
def over(approved: Broadcast) -> Campaign:
    """Return a campaign that ended yesterday, with one broadcast that is planned and approved."""
    campaign = Campaign.objects.create(
        partner=approved.partner,
        name="Autumn",
        starts_on=(timezone.now() - 30 * DAY).date(),
        ends_on=(timezone.now() - DAY).date(),
    )
    JoinWord.objects.create(word="Autumn", folded="autumn", country="TN", campaign=campaign)
    # Sent in time, and ended since.
    factories.tick(approved.send_at)
    Broadcast.objects.filter(pk=approved.pk).update(campaign=campaign)
    return campaign


def finish(broadcast: Broadcast) -> None:
    Delivery.objects.filter(batch__reference=broadcast.reference).update(
        state=State.DELIVERED, rank=70
    )
    batches.finish_done(now=timezone.now())
    recount(broadcast.reference, now=timezone.now())


def run(days: float) -> None:
    retention.run(now=timezone.now() + days * DAY)


def test_everything_of_a_campaign_goes_ninety_days_after_its_end(over: Campaign) -> None:
    broadcast = Broadcast.objects.get(campaign=over)
    finish(broadcast)
    counted = batches.count_states(broadcast.reference)
    run(88)
    assert Delivery.objects.exists()
    run(91)
    over.refresh_from_db()
    assert over.purged_at is not None
    assert not Delivery.objects.exists()
    assert not BatchText.objects.exists()
    assert not Edition.objects.exclude(text="").exists()
    assert not any(e["text"] for e in Approval.objects.get().snapshot["editions"])
    assert not JoinWord.objects.filter(is_active=True).exists()
    assert batches.count_states(broadcast.reference) == counted


def test_what_still_runs_is_ended_first_and_counted_before_it_goes(over: Campaign) -> None:
    run(91)
    over.refresh_from_db()
    assert over.purged_at is None
    assert set(Delivery.objects.values_list("state", flat=True)) == {"cancelled"}
    recount_changed(now=timezone.now() + 91 * DAY)
    run(91.1)
    over.refresh_from_db()
    assert over.purged_at is not None
    assert set(DeliveryCount.objects.values_list("state", flat=True)) == {"cancelled"}


def test_what_was_never_launched_is_cancelled_with_a_reason(over: Campaign) -> None:
    broadcast = Broadcast.objects.get(campaign=over)
    finish(broadcast)
    Broadcast.objects.filter(pk=broadcast.pk).update(state=Broadcast.State.ASKED)
    run(91)
    broadcast.refresh_from_db()
    assert broadcast.state == Broadcast.State.CANCELLED
    assert broadcast.note


def test_a_broadcast_of_no_campaign_is_not_touched(approved: Broadcast) -> None:
    factories.tick(approved.send_at)
    finish(approved)
    run(80)
    assert Delivery.objects.exists()


def test_counts_of_a_purged_batch_are_never_taken_again(over: Campaign) -> None:
    broadcast = Broadcast.objects.get(campaign=over)
    finish(broadcast)
    cells = list(DeliveryCount.objects.values("state", "country", "count"))
    run(91)
    with pytest.raises(PurgedBatch):
        recount(broadcast.reference, now=timezone.now())
    assert recount_changed(now=timezone.now()) == 0
    assert list(DeliveryCount.objects.values("state", "country", "count")) == cells
    assert Batch.objects.get().counts == {"delivered": sum(cell["count"] for cell in cells)}


def test_the_cap_of_a_week_is_part_of_what_is_approved(
    approved: Broadcast, settings: Settings
) -> None:
    digest = approving.take_snapshot(approved, now=timezone.now()).digest
    settings.MOST_PER_WEEK = 3
    snapshot = approving.take_snapshot(approved, now=timezone.now())
    assert snapshot.data["audience"]["most"] == 3
    assert snapshot.digest != digest


def test_people_stay_who_did_not_join_through_it_alone(over: Campaign) -> None:
    people = Subscriber.objects.count()
    finish(Broadcast.objects.get(campaign=over))
    run(91)
    assert Subscriber.objects.count() == people
