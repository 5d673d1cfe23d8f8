"""Series at the desk: one form for once and for again and again; its page, its pause and its end."""

from collections.abc import Callable
from datetime import time, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from campaigns.drafting.preparing import make_token
from campaigns.models import AuditEntry, Broadcast, Schedule
from messaging.models import Batch
from tests.campaigns import factories
from tests.campaigns.factories import Team
from tests.campaigns.series import make_series, next_time

SignIn = Callable[[User], Client]


def fill(team: Team, **changes: Any) -> dict[str, Any]:
    """Return the form as somebody fills it who wants a message every week."""
    tomorrow = factories.now().date() + timedelta(days=1)
    return {
        "form_token": make_token(),
        "partner": team.partner.pk,
        "message": factories.make_message().pk,
        "routes": ["cmed"],
        "channels": ["sms"],
        "when": "again",
        "every": "weekly",
        "weekdays": ["1", "4"],
        "month_day": "1",
        "at": "09:30",
        "zone": "Africa/Tunis",
        "starts_on": tomorrow.isoformat(),
        "ends_on": (tomorrow + timedelta(days=30)).isoformat(),
        "in_quiet_hours": "",
    } | changes


def send(client: Client, form: dict[str, Any]) -> Any:
    return client.post(reverse("desk_prepare"), form, follow=True)


def test_again_and_again_makes_one_draft_with_its_rule(team: Team, sign_in: SignIn) -> None:
    client, form = sign_in(team.scheduler), fill(team)
    pages = [send(client, form) for _twice in range(2)]
    schedule = Schedule.objects.get()
    assert (schedule.every, schedule.weekdays, schedule.zone) == ("weekly", [1, 4], "Africa/Tunis")
    assert schedule.at == time(9, 30)
    assert schedule.next_on is None  # not before it is approved
    draft = Broadcast.objects.get()
    assert (draft.schedule, draft.at_once) == (schedule, False)
    words = "Every Monday and Thursday at 09:30 by the clocks of Tunisia, until"
    assert all(words in page.content.decode() for page in pages)
    assert words in client.get(reverse("desk")).content.decode()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"weekdays": []}, "Choose at least one day."),
        ({"every": "monthly", "month_day": ""}, "Choose a day of the month."),
        ({"every": "monthly", "month_day": "32"}, "less than or equal to 31"),
        ({"at": ""}, "Choose a time."),
        ({"ends_on": ""}, "Choose a last day."),
        ({"ends_on": "2020-01-01"}, "The last day is before the first."),
        ({"ends_on": "2199-01-01"}, "A year at most."),
        ({"starts_on": "2020-01-01", "ends_on": "2020-02-01"}, "None of its times"),
        ({"zone": "Atlantis/Capital"}, "Select a valid choice"),
        ({"every": "yearly"}, "Select a valid choice"),
    ],
)
def test_rule_that_cannot_be_is_refused_and_what_was_chosen_is_kept(
    team: Team, sign_in: SignIn, changes: dict[str, Any], said: str
) -> None:
    answer = send(sign_in(team.scheduler), fill(team, **changes))
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Broadcast.objects.exists()
    assert not Schedule.objects.exists()


def test_what_stands_in_the_rule_does_not_matter_for_once(team: Team, sign_in: SignIn) -> None:
    answer = send(sign_in(team.scheduler), fill(team, when="at_once", ends_on="", zone="nowhere"))
    assert answer.status_code == 200
    assert Broadcast.objects.get().schedule is None


def test_page_of_a_series_names_its_next_times_and_what_it_has_sent(
    team: Team, sign_in: SignIn
) -> None:
    pattern = make_series(team)
    client = sign_in(team.scheduler)
    address = reverse("desk_broadcast", args=[pattern.code])
    page = client.get(address).content.decode()
    assert "goes out again and again" in page
    assert page.count(" UTC</bdi> · <a") == 3
    assert "So far" not in page
    factories.tick(next_time(pattern))
    sending = pattern.sendings.get()
    page = client.get(address).content.decode()
    assert "So far" in page
    assert reverse("desk_broadcast", args=[sending.code]) in page
    page = client.get(reverse("desk_broadcast", args=[sending.code])).content.decode()
    assert "One of a series:" in page
    assert address in page


def test_series_is_paused_resumed_and_cancelled_from_its_page(team: Team, sign_in: SignIn) -> None:
    pattern = make_series(team)
    client = sign_in(team.approver)

    def press(name: str) -> str:
        path = reverse(name, args=[pattern.code])
        return client.post(path, follow=True).content.decode()

    assert "Times that pass meanwhile are not made up for." in press("desk_pause")
    assert "goes out again and again" in press("desk_resume")
    page = press("desk_cancel")
    assert "Cancel this broadcast for good" not in page
    pattern.refresh_from_db()
    assert pattern.state == Broadcast.State.CANCELLED


def test_series_that_is_over_is_not_cancelled_and_says_so(team: Team, sign_in: SignIn) -> None:
    pattern = make_series(team)
    factories.tick(next_time(pattern))
    Broadcast.objects.filter(pk=pattern.pk).update(state=Broadcast.State.OVER)
    before = list(Broadcast.objects.order_by("pk").values()), AuditEntry.objects.count()
    batches = list(Batch.objects.order_by("pk").values())
    path = reverse("desk_cancel", args=[pattern.code])
    page = sign_in(team.approver).post(path, follow=True).content.decode()
    assert "This series is over." in page
    assert (list(Broadcast.objects.order_by("pk").values()), AuditEntry.objects.count()) == before
    assert list(Batch.objects.order_by("pk").values()) == batches
    assert [one["state"] for one in batches] == [Batch.State.RUNNING]


def test_new_one_like_a_series_begins_with_its_rule(team: Team, sign_in: SignIn) -> None:
    pattern = make_series(team, every="monthly", month_day=17, zone="Africa/Dakar")
    page = sign_in(team.scheduler).get(reverse("desk_prepare"), {"from": pattern.code})
    form, rhythm = page.context["form"], page.context["rhythm"]
    assert form.recurs
    assert [rhythm[name].value() for name in ("every", "month_day", "zone")] == [
        "monthly",
        17,
        "Africa/Dakar",
    ]
