"""Campaigns: one begins when it is whole, what it leaves out is fixed, and its limits reach planning."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from campaigns.approval import approving
from campaigns.approval.approving import ApprovalError
from campaigns.approval.effort_changes import save_campaign
from campaigns.going_out import launching
from campaigns.models import AuditEntry, Broadcast, Campaign
from campaigns.partners import efforts
from campaigns.reckoning.windows import find_window, is_quiet
from cms.models import Pattern
from locales.countries import get_country
from messaging.models import Batch, BatchLane, Delivery
from tests.campaigns import factories
from tests.campaigns.factories import Team, now

pytestmark = pytest.mark.django_db


def make_campaign(team: Team, **changes: Any) -> Campaign:
    """Make a campaign that has begun."""
    today = now().date()
    fields: dict[str, Any] = {
        "name": "Autumn",
        "objective": "Fewer people pay before they have asked.",
        "audience": "Young men in the three harbour towns.",
        "routes": ["cmed"],
        "indicators": ["Calls to the line"],
        "starts_on": today - timedelta(days=1),
        "ends_on": today + timedelta(days=60),
        "activated_at": now(),
    }
    return Campaign.objects.create(partner=team.partner, **(fields | changes))


def send(team: Team, campaign: Campaign, **changes: Any) -> Broadcast:
    broadcast = factories.make_broadcast(team, campaign=campaign, **changes)
    factories.approve(team, broadcast, at=now())
    factories.tick(now())
    broadcast.refresh_from_db()
    return broadcast


# ---- Beginning ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "gaps"),
    [
        ({}, []),
        ({"objective": "  "}, ["objective"]),
        ({"audience": ""}, ["audience"]),
        ({"routes": []}, ["routes"]),
        ({"indicators": [" "]}, ["indicators"]),
        ({"ends_on": None}, ["ends_on"]),
        ({"ends_on": timezone.now().date() - timedelta(days=9)}, ["ends_on"]),
        ({"objective": "", "indicators": []}, ["objective", "indicators"]),
    ],
)
def test_campaign_begins_only_when_nothing_is_missing(
    team: Team, changes: dict[str, Any], gaps: list[str]
) -> None:
    campaign = make_campaign(team, activated_at=None, **changes)
    assert efforts.list_gaps(campaign, today=now().date()) == gaps
    if gaps:
        with pytest.raises(efforts.EffortError) as refused:
            efforts.activate(campaign, team.scheduler, now=now())
        assert all(str(efforts.GAPS[gap]) in str(refused.value) for gap in gaps)
    else:
        for _turn in range(2):
            efforts.activate(campaign, team.scheduler, now=now())
        assert AuditEntry.objects.filter(verb="activated", kind="campaign").count() == 1
    campaign.refresh_from_db()
    assert (campaign.activated_at is not None) == (not gaps)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"activated_at": None}, "campaign_inactive"),
        ({"starts_on": timezone.now().date() + timedelta(days=2)}, "campaign_days"),
        ({"ends_on": timezone.now().date() - timedelta(days=1)}, "campaign_days"),
    ],
)
def test_nothing_goes_out_of_a_campaign_that_does_not_run(
    team: Team, changes: dict[str, Any], code: str
) -> None:
    broadcast = factories.make_broadcast(team, campaign=make_campaign(team, **changes))
    with pytest.raises(ApprovalError, match="Autumn"):
        approving.ask_approval(broadcast, now=now())
    assert [hold.code for hold in efforts.hold_campaign(broadcast, now=now())] == [code]


def test_correction_goes_out_when_its_campaign_is_over(team: Team) -> None:
    campaign = make_campaign(team)
    told = send(team, campaign)
    campaign.ends_on = now().date() - timedelta(days=1)
    campaign.save()
    correction = send(team, campaign, corrects=told)
    assert correction.state == Broadcast.State.LAUNCHED


def test_campaign_that_was_switched_off_in_between_holds_at_launch(team: Team) -> None:
    campaign = make_campaign(team)
    broadcast = factories.make_broadcast(team, campaign=campaign)
    factories.approve(team, broadcast, at=now())
    Campaign.objects.update(activated_at=None)
    factories.tick(now())
    broadcast.refresh_from_db()
    assert broadcast.state == Broadcast.State.HELD
    assert not Delivery.objects.exists()


# ---- The hold-out ------------------------------------------------------------------------------


@pytest.mark.database
def test_same_people_are_left_out_of_each_broadcast_of_a_campaign(team: Team) -> None:
    factories.subscribe(60)
    campaign = make_campaign(team, holdout_percent=50)
    reached = []
    for _turn in range(2):
        broadcast = send(team, campaign)
        batch = Batch.objects.get(reference=broadcast.reference)
        assert batch.holdout == 5000
        assert batch.held_out + batch.size == 72
        assert 10 < batch.held_out < 62
        mine = Delivery.objects.filter(batch=batch)
        reached.append(set(mine.values_list("subscriber__number_hash", flat=True)))
    assert reached[0] == reached[1]
    assert not Batch.objects.exclude(holdout=5000).exists()


def test_without_a_campaign_nobody_is_left_out(team: Team) -> None:
    broadcast = factories.make_broadcast(team)
    assert launching.make_plan(broadcast, now=now()).holdout == 0


def test_contacts_and_corrections_are_kept_from_nobody(team: Team) -> None:
    campaign = make_campaign(team, holdout_percent=50)
    first = factories.make_broadcast(team, campaign=campaign)
    contacts = factories.make_message(pattern=Pattern.HELP_NEAR_YOU)
    for broadcast in (
        factories.make_broadcast(team, campaign=campaign, message=contacts),
        factories.make_broadcast(team, campaign=campaign, corrects=first),
    ):
        assert launching.make_plan(broadcast, now=now()).holdout == 0
    assert launching.make_plan(first, now=now()).holdout == 5000


def test_hold_out_cannot_change_once_something_was_sent(team: Team) -> None:
    campaign = make_campaign(team, holdout_percent=10)
    campaign.holdout_percent = 20
    save_campaign(campaign, by=team.scheduler, now=now())
    send(team, campaign)
    campaign.holdout_percent = 0
    with pytest.raises(efforts.EffortError, match="no longer change"):
        save_campaign(campaign, by=team.scheduler, now=now())
    campaign.refresh_from_db()
    assert campaign.holdout_percent == 20
    campaign.most_per_week = 1
    save_campaign(campaign, by=team.scheduler, now=now())


def test_campaign_that_began_while_it_was_being_changed_has_begun(team: Team) -> None:
    campaign = make_campaign(team, activated_at=None)
    stale = Campaign.objects.get(pk=campaign.pk)
    efforts.activate(campaign, team.scheduler, now=now())
    stale.name = "Winter"
    save_campaign(stale, by=team.scheduler, now=now())
    campaign.refresh_from_db()
    assert (campaign.name, campaign.activated_by) == ("Winter", team.scheduler)
    assert campaign.activated_at is not None


@pytest.mark.parametrize(
    "change", [{"holdout_percent": 5}, {"most_per_week": 1}, {"quiet_from": time(12)}]
)
def test_other_limits_void_what_was_approved(team: Team, change: dict[str, Any]) -> None:
    campaign = make_campaign(team)
    later = {"at_once": False, "send_at": now() + timedelta(days=1)}
    approved, asked, draft = (
        factories.make_broadcast(team, campaign=campaign, **later) for _turn in range(3)
    )
    factories.approve(team, approved, at=now())
    approving.ask_approval(asked, now=now())
    campaign.name = "Winter"
    assert save_campaign(campaign, by=team.scheduler, now=now()) == 0
    for name, value in change.items():
        setattr(campaign, name, value)
    assert save_campaign(campaign, by=team.scheduler, now=now()) == 2
    states = dict(Broadcast.objects.values_list("pk", "state"))
    assert states == {approved.pk: "void", asked.pk: "void", draft.pk: "draft"}


# ---- The cap and the quiet hours ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("house", "mine", "expected"), [(3, 1, 1), (3, None, 3), (0, 2, 2), (1, 2, 1), (0, None, 0)]
)
def test_smaller_of_both_caps_holds(
    team: Team, settings: Any, house: int, mine: int | None, expected: int
) -> None:
    settings.MOST_PER_WEEK = house
    campaign = make_campaign(team, most_per_week=mine)
    broadcast = factories.make_broadcast(team, campaign=campaign)
    assert launching.make_plan(broadcast, now=now()).audience.most == expected


@pytest.mark.database
def test_who_got_enough_from_whatever_partner_is_left_out(team: Team) -> None:
    other = factories.make_team("Another")
    send(other, make_campaign(other))
    Delivery.objects.update(submitting_at=now(), state="delivered")
    factories.subscribe(3)
    broadcast = send(team, make_campaign(team, most_per_week=1))
    assert Batch.objects.get(reference=broadcast.reference).size == 3


@pytest.mark.database
def test_quiet_hours_of_a_campaign_are_in_its_windows(team: Team) -> None:
    zone = get_country("TN")
    noon = datetime.combine(now().date() + timedelta(days=1), time(11), tzinfo=UTC)
    campaign = make_campaign(team, quiet_from=time(11), quiet_until=time(16))
    broadcast = factories.make_broadcast(
        team, campaign=campaign, at_once=False, in_quiet_hours=False, send_at=noon
    )
    factories.approve(team, broadcast, at=now())
    factories.tick(noon)
    lane = BatchLane.objects.get(batch__reference=broadcast.reference, channel="sms")
    assert lane.country == zone.code
    # Noon in Tunis; at four in the afternoon it may begin.
    assert lane.not_before == noon + timedelta(hours=4)


@given(
    start=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),
    begins=st.times(),
    hours=st.integers(1, 12),
    code=st.sampled_from(["TN", "IT", "PK"]),
)
def test_no_window_touches_quiet_hours_of_either(
    start: datetime, begins: time, hours: int, code: str
) -> None:
    country = get_country(code)
    ends = (datetime.combine(start.date(), begins) + timedelta(hours=hours)).time()
    opens, closes = find_window(country, start, in_quiet_hours=False, more_quiet=[(begins, ends)])
    assert start <= opens < closes
    quiet = type(country)(country.code, "", country.zone, begins, ends)
    # What is between changes at these moments only; the last instant still belongs to it.
    for moment in (opens, opens + (closes - opens) / 2, closes - timedelta(microseconds=1)):
        assert not is_quiet(country, moment)
        assert not is_quiet(quiet, moment)


@pytest.mark.database
def test_estimate_counts_those_whom_it_goes_to(team: Team) -> None:
    factories.subscribe(60)
    broadcast = send(team, make_campaign(team, holdout_percent=50))
    approval = broadcast.approvals.get()
    assert approval.people == Batch.objects.get(reference=broadcast.reference).size
