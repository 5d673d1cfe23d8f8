"""What else the form of a broadcast asks: the first channel, the evening, a last moment, whose clocks."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from campaigns.approval import approving
from campaigns.approval.approving import ApprovalError
from campaigns.going_out.launching import make_plan
from campaigns.models import Broadcast, Budget, Campaign, Segment
from messaging.models import Delivery
from messaging.sending.planning import plan
from tests.campaigns import factories
from tests.campaigns.factories import Team
from tests.campaigns.test_desk_preparing import PATH, fill

SignIn = Callable[[User], Client]
DAY = timedelta(days=1)
ROME = "Europe/Rome"


def post(team: Team, client: Client, **changes: Any) -> Any:
    return client.post(PATH, fill(team, **changes))


def typed(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M")


def test_the_chosen_channel_is_tried_first(team: Team, sign_in: SignIn) -> None:
    (person,) = factories.subscribe(1)
    factories.subscribe_again(person, channel="whatsapp")
    post(team, sign_in(team.scheduler), first="whatsapp", in_quiet_hours="on")
    broadcast = Broadcast.objects.get()
    assert broadcast.channels == ["whatsapp", "sms"]
    plan(make_plan(broadcast, now=factories.now()), now=factories.now())
    assert Delivery.objects.filter(channel="whatsapp").count() == 1
    assert Delivery.objects.count() == 13


def test_the_usual_order_is_not_written_down(team: Team, sign_in: SignIn) -> None:
    post(team, sign_in(team.scheduler), first="sms")
    assert Broadcast.objects.get().channels == []


def test_a_time_by_the_clocks_of_a_place_is_kept_in_utc(team: Team, sign_in: SignIn) -> None:
    later = (factories.now() + 2 * DAY).replace(hour=10, minute=0, second=0, microsecond=0)
    post(team, sign_in(team.scheduler), when="at", send_at=typed(later), send_zone=ROME)
    local = Broadcast.objects.get().send_at.astimezone(ZoneInfo(ROME))
    assert local.time() == time(10)


def test_a_time_that_the_clocks_leave_out_is_named_with_the_next_one(
    team: Team, sign_in: SignIn
) -> None:
    # The last Sunday of March, at two, in a year that is still to come.
    year = factories.now().year + 1
    gap = max(date(year, 3, day) for day in range(25, 32) if date(year, 3, day).weekday() == 6)
    answer = post(
        team,
        sign_in(team.scheduler),
        when="at",
        send_at=f"{gap}T02:30",
        send_zone=ROME,
    )
    assert answer.status_code == 422
    (said,) = answer.context["form"].errors["send_at"]
    assert "02:30 does not exist" in said
    assert "Choose 03:00 or later" in said
    assert not Broadcast.objects.exists()


def test_a_series_says_on_which_day_its_time_does_not_exist(team: Team, sign_in: SignIn) -> None:
    year = factories.now().year + 1
    rhythm = {
        "when": "again",
        "every": "daily",
        "at": "02:30",
        "zone": ROME,
        "starts_on": f"{year}-03-20",
        "ends_on": f"{year}-04-02",
    }
    form = fill(team, message=factories.make_message(expires=date(year, 6, 1)).pk, **rhythm)
    page = sign_in(team.scheduler).post(PATH, form, follow=True).content.decode()
    assert "leave out 02:30: it goes out at 03:00 then" in page


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"send_before": "2020-01-01T10:00"}, "send_before"),
        ({"when": "again", "send_before": "2099-01-01T10:00"}, "send_before"),
        ({"in_evening": "on", "in_quiet_hours": "on"}, "in_evening"),
        ({"joined_from": "2020-02-30"}, "joined_from"),
        ({"not_reached_days": "3"}, "not_reached_days"),
    ],
)
def test_what_cannot_be_is_refused(
    team: Team, sign_in: SignIn, changes: dict[str, str], field: str
) -> None:
    answer = post(team, sign_in(team.scheduler), **changes)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors


def test_a_last_moment_before_the_first_is_refused(team: Team, sign_in: SignIn) -> None:
    first = factories.now() + 2 * DAY
    times = {"send_at": typed(first), "send_before": typed(first - DAY)}
    answer = post(team, sign_in(team.scheduler), when="at", **times)
    assert "before the first" in answer.context["form"].errors["send_before"][0]


def test_it_arrives_in_the_evening_of_the_place_and_not_after_its_last_moment(
    team: Team, sign_in: SignIn
) -> None:
    last = factories.now() + 30 * DAY
    post(team, sign_in(team.scheduler), in_evening="on", send_before=typed(last))
    broadcast = Broadcast.objects.get()
    start = datetime(2026, 6, 1, 9, tzinfo=UTC)
    broadcast.send_at, broadcast.send_before = start, start.replace(hour=18)
    opens, closes = make_plan(broadcast, now=start).window_of("TN")
    # Tunis is one hour ahead of UTC.
    assert (opens, closes) == (start.replace(hour=16), start.replace(hour=18))
    broadcast.send_before = None
    opens, closes = make_plan(broadcast, now=start).window_of("TN")
    assert (closes - opens) <= timedelta(hours=4)


def test_a_last_moment_before_the_evening_is_refused_before_anything_is_sent(team: Team) -> None:
    start = datetime(2026, 12, 1, 9, tzinfo=UTC)
    broadcast = factories.make_broadcast(
        team,
        message=factories.make_message(expires=date(2027, 3, 1)),
        in_quiet_hours=False,
        in_evening=True,
        send_before=start + timedelta(hours=2),
    )
    with pytest.raises(ApprovalError, match="last moment"):
        approving.ask_approval(broadcast, now=start)
    broadcast.send_before = start + timedelta(hours=10)
    approving.ask_approval(broadcast, now=start)


def test_without_a_choice_it_stays_within_what_is_the_partners(team: Team, sign_in: SignIn) -> None:
    team.partner.countries, team.partner.languages = ["SN", "TN"], ["fr"]
    team.partner.save()
    client = sign_in(team.scheduler)
    post(team, client)
    segment = Broadcast.objects.get().segment
    assert (segment.countries, segment.languages) == (["SN", "TN"], ["fr"])
    # What is chosen outside of it is not changed silently: it is refused, with the reason.
    other = {"form_token": "0f0e0d0c-0b0a-4909-8807-060504030299", "countries": ["IT"]}
    page = post(team, client, **other)
    assert Segment.objects.filter(countries=["IT"]).exists()
    assert "countries that are not this partner" in client.get(page["Location"]).content.decode()


def make_saved(team: Team, **changes: Any) -> Segment:
    given = {"name": "Near the sea", "is_saved": True, "countries": ["TN"]} | changes
    return factories.make_segment(team.partner, **{k: v for k, v in given.items() if k != "name"})


def test_a_saved_audience_takes_the_place_of_what_is_chosen_below(
    team: Team, sign_in: SignIn
) -> None:
    saved = make_saved(team, channels=["sms"], not_reached_days=14)
    post(team, sign_in(team.scheduler), saved=saved.pk, routes=[], channels=[])
    segment = Broadcast.objects.get().segment
    assert segment != saved
    assert (segment.countries, segment.channels) == (["TN"], ["sms"])
    assert (segment.not_reached_days, segment.is_saved) == (14, False)


def test_nothing_of_another_partner_can_be_chosen(team: Team, sign_in: SignIn) -> None:
    other = factories.make_team("Another")
    saved = make_saved(other)
    effort = Campaign.objects.create(
        partner=other.partner, name="Hers", starts_on=date(2026, 1, 1), activated_at=factories.now()
    )
    answer = post(team, sign_in(team.scheduler), saved=saved.pk, campaign=effort.pk)
    assert {"saved", "campaign"} <= set(answer.context["form"].errors)
    # Whoever plans for both still cannot mix them.
    factories.join(team.scheduler, other.partner, factories.Role.SCHEDULER)
    answer = post(team, sign_in(team.scheduler), saved=saved.pk, campaign=effort.pk)
    assert {"saved", "campaign"} <= set(answer.context["form"].errors)
    assert not Broadcast.objects.exists()


def test_the_draft_says_who_reads_what_what_is_left_and_when_it_ends(
    team: Team, sign_in: SignIn, settings: Any
) -> None:
    settings.MOST_PER_WEEK = 1
    factories.subscribe(15, language="fr")
    month = factories.now().date().replace(day=1)
    Budget.objects.create(partner=team.partner, country="TN", month=month, amount="2.00")
    client = sign_in(team.scheduler)
    page = client.post(PATH, fill(team, in_quiet_hours="on"), follow=True)
    ahead = page.context["ahead"]
    assert [(one.language, one.people, one.gets) for one in page.context["estimate"].readers] == [
        ("en", 12, "en"),
        ("fr", 15, "en"),
    ]
    assert [share.fault for share in ahead.shares] == ["over"]
    assert ahead.ends_at > factories.now()
    assert ahead.capped == 0
    text = page.content.decode()
    assert "Over budget in Tunisia" in text
    assert "Ask for approval</button>" not in text
    broadcast = Broadcast.objects.get()
    client.post(reverse("desk_ask", args=[broadcast.code]))
    broadcast.refresh_from_db()
    assert broadcast.state == Broadcast.State.DRAFT
    plan(make_plan(broadcast, now=factories.now()), now=factories.now())
    Delivery.objects.filter(language="fr").update(submitting_at=factories.now())
    page = client.get(reverse("desk_broadcast", args=[broadcast.code]))
    assert page.context["ahead"].capped == 15
