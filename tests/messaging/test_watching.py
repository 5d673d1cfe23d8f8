"""Alarms: one for one thing, counted on; a flood of STOPs is honoured and noticed."""

import logging
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from messaging.guarding import watching
from messaging.guarding.watching import note_stop, raise_alarm, usual_stops_an_hour
from messaging.models import Alarm, Allowance

pytestmark = [pytest.mark.django_db, pytest.mark.database]
NOW = timezone.now().replace(hour=12, minute=30)


def note_many(count: int, *, now: datetime = NOW) -> None:
    for _ in range(count):
        note_stop(now=now)


def be_used_to(stops_a_day: int) -> None:
    for ago in range(1, 8):
        day = NOW.date() - timedelta(days=ago)
        Allowance.objects.create(scope="stops", key=bytes(16), day=day, used=stops_a_day)


def test_one_alarm_is_open_for_one_kind_and_country(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "waymark.watching"):
        for minutes in range(3):
            raise_alarm("sign_ups", country="SN", now=NOW + timedelta(minutes=minutes))
    alarm = Alarm.objects.get()
    assert (alarm.times, alarm.opened_at, alarm.last_at) == (3, NOW, NOW + timedelta(minutes=2))
    assert len(caplog.records) == 1


def test_another_country_and_another_kind_are_other_alarms() -> None:
    for kind, country in (("sign_ups", "SN"), ("sign_ups", "ML"), ("seals", "")):
        raise_alarm(kind, country=country, now=NOW)
    assert Alarm.objects.count() == 3


def test_what_was_closed_opens_anew() -> None:
    raise_alarm("seals", now=NOW)
    Alarm.objects.update(closed_at=NOW)
    raise_alarm("seals", now=NOW)
    assert Alarm.objects.filter(closed_at__isnull=True).get().times == 1


def test_fewer_than_fifty_stops_in_an_hour_are_no_alarm() -> None:
    note_many(49)
    assert not Alarm.objects.exists()


def test_fifty_stops_in_an_hour_are_one_alarm_where_none_are_usual() -> None:
    note_many(55)
    assert Alarm.objects.get().kind == "many_stops"


def test_an_hour_does_not_begin_anew_with_the_clock() -> None:
    note_many(30, now=NOW - timedelta(minutes=40))
    assert not Alarm.objects.exists()
    note_many(20)
    assert Alarm.objects.count() == 1


def test_an_hour_over_midnight_is_one_hour() -> None:
    midnight = NOW.replace(hour=0, minute=5)
    note_many(30, now=midnight - timedelta(minutes=30))
    note_many(20, now=midnight)
    assert Alarm.objects.count() == 1


def test_what_is_more_than_an_hour_ago_does_not_count() -> None:
    note_many(30, now=NOW - timedelta(minutes=70))
    note_many(30)
    assert not Alarm.objects.exists()


def test_what_is_usual_is_no_alarm() -> None:
    be_used_to(24 * 12)
    assert usual_stops_an_hour(now=NOW) == pytest.approx(12)
    note_many(60)
    assert not Alarm.objects.exists(), "five times the usual number is not yet more than that"
    note_many(1)
    assert Alarm.objects.count() == 1


def test_nothing_is_usual_on_the_first_day() -> None:
    note_many(3)
    assert usual_stops_an_hour(now=NOW) == 0
    assert watching.FEWEST_STOPS == 50
