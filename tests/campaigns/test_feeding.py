"""A person's feed: a private address that can be renewed, times only, and nothing of other partners."""

import re
from collections.abc import Callable
from datetime import time, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from campaigns.calendar import agenda, feeding
from campaigns.models import AuditEntry, Broadcast, CalendarKey, Membership, Schedule
from tests.campaigns import factories
from tests.campaigns.factories import Team

SignIn = Callable[[User], Client]


def make_address(client: Client) -> str:
    page = client.post(reverse("desk_feed")).content.decode()
    found = re.search(r'value="http://testserver([^"]+\.ics)"', page)
    assert found is not None
    return found[1]


def plan(team: Team, **changes: Any) -> Broadcast:
    fields = {"at_once": False, "send_at": factories.now() + timedelta(days=2)}
    return factories.make_broadcast(team, **(fields | changes))


def test_whoever_has_the_address_reads_times_and_nothing_else(
    team: Team, sign_in: SignIn, client: Client
) -> None:
    other = factories.make_team("Secret society")
    mine = plan(team, message=factories.make_message(title="Hidden title"))
    plan(other)
    answer = client.get(make_address(sign_in(team.scheduler)))
    text = answer.content.decode()
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert "no-store" in answer["Cache-Control"]
    assert text.count("BEGIN:VEVENT") == 1
    assert f"DTSTART:{mine.send_at:%Y%m%dT%H%M%SZ}" in text
    for secret in ("Hidden", "CMED", "cmed", "Red Crescent", "Secret", "Tunis", "@example.org"):
        assert secret not in text


def test_a_moved_broadcast_keeps_its_name_in_the_calendar(team: Team) -> None:
    now = factories.now()
    key = feeding.renew_key(team.scheduler, language="en", now=now)
    broadcast = plan(team)
    feed = feeding.find_key(key)
    assert feed is not None
    names = []
    for days in (2, 3):
        Broadcast.objects.update(send_at=now + timedelta(days=days))
        names.append(re.findall(r"UID:\S+", feeding.write_feed(feed, now=now)))
    assert names[0] == names[1] == [f"UID:{broadcast.code}@waymark"]


def test_a_new_address_ends_the_old_one(team: Team, sign_in: SignIn, client: Client) -> None:
    browser = sign_in(team.scheduler)
    old, new = make_address(browser), make_address(browser)
    assert client.get(old).status_code == 404
    assert client.get(new).status_code == 200
    browser.post(reverse("desk_feed"), {"end": "1"})
    assert client.get(new).status_code == 404
    assert not CalendarKey.objects.exists()


def test_the_key_is_kept_nowhere(team: Team, sign_in: SignIn) -> None:
    browser = sign_in(team.scheduler)
    key = make_address(browser).rpartition("/")[2].removesuffix(".ics")
    assert len(key) >= 43
    assert key not in str(CalendarKey.objects.values())
    assert key not in browser.get(reverse("desk_feed")).content.decode()


def test_making_and_ending_an_address_are_in_the_audit_without_it(
    team: Team, sign_in: SignIn
) -> None:
    browser = sign_in(team.scheduler)
    for _time in range(2):
        make_address(browser)
    for _time in range(2):
        browser.post(reverse("desk_feed"), {"end": "1"})
    entries = AuditEntry.objects.order_by("number")
    assert [one.verb for one in entries] == ["made_feed", "made_feed", "ended_feed"]
    me = team.scheduler.pk
    assert {(one.kind, one.object_code, one.actor_id) for one in entries} == {
        ("person", str(me), me)
    }
    assert not any(one.details for one in entries)


def test_who_has_left_reads_nothing(team: Team, sign_in: SignIn, client: Client) -> None:
    plan(team)
    address = make_address(sign_in(team.scheduler))
    Membership.objects.filter(user=team.scheduler).delete()
    assert "VEVENT" not in client.get(address).content.decode()
    User.objects.filter(pk=team.scheduler.pk).update(is_active=False)
    assert client.get(address).status_code == 404


def test_times_of_a_rule_are_worked_out_once_an_hour(team: Team) -> None:
    hour = factories.now().replace(minute=5)
    days = {"starts_on": hour.date(), "ends_on": hour.date() + timedelta(days=90)}
    schedule = Schedule.objects.create(every="daily", at=time(9), zone="UTC", **days)
    factories.make_broadcast(team, schedule=schedule)
    feeding.renew_key(team.scheduler, language="en", now=hour)
    feed = CalendarKey.objects.get()
    counts = []
    for minutes in (0, 1, 50):
        feeding.write_feed(feed, now=hour + timedelta(minutes=minutes))
        counts.append(agenda._list_times.cache_info().misses)
    assert counts[0] == counts[1] == counts[2]


@given(st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]))))
def test_no_line_is_too_long_and_unfolding_gives_back_what_was_written(lines: list[str]) -> None:
    folded = feeding._fold(lines)
    written = folded.split("\r\n")[:-1]
    assert all(len(line.encode()) <= 75 for line in written)
    assert folded.replace("\r\n ", "") == "".join(f"{line}\r\n" for line in lines) or any(
        line.startswith(" ") for line in lines
    )
