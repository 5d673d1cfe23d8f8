"""Alarms of the desk: raised by danger and by what did not go out, closed once that is settled."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from campaigns import alarming
from campaigns.approval import approving
from campaigns.drafting import making_up, moving
from campaigns.field import inbox
from campaigns.going_out import scheduling
from campaigns.models import Broadcast, Question
from campaigns.staff import LEADS
from campaigns.tasks import void
from messaging.guarding import watching
from messaging.models import Alarm, Sender
from tests.campaigns import factories
from tests.campaigns.factories import Team, now
from tests.campaigns.questions import ask, names_of, write

pytestmark = [pytest.mark.django_db, pytest.mark.database]
SignIn = Callable[[User], Client]
Capture = Callable[..., object]
LATER = timedelta(minutes=1)


def open_kinds() -> list[str]:
    return sorted(Alarm.objects.filter(closed_at__isnull=True).values_list("kind", flat=True))


def ask_in_danger(capture: Capture) -> Question:
    with capture(execute=True):  # type: ignore[attr-defined]
        return ask("our boat is sinking")


def approve_one(team: Team) -> Broadcast:
    broadcast = factories.make_broadcast(team, at_once=False, send_at=now() + timedelta(hours=1))
    factories.approve(team, broadcast, at=now())
    return Broadcast.objects.get(pk=broadcast.pk)


def launch(broadcast: Broadcast, *, late: timedelta = timedelta()) -> str:
    at = broadcast.send_at + late
    scheduling.fire_due(now=at)
    scheduling.launch_waiting(now=at)
    broadcast.refresh_from_db()
    return broadcast.state


# ---- Danger --------------------------------------------------------------------------------------


def test_danger_raises_an_alarm_until_somebody_has_answered(
    team: Team, django_capture_on_commit_callbacks: Capture
) -> None:
    question = ask_in_danger(django_capture_on_commit_callbacks)
    assert question.urgent
    assert open_kinds() == ["urgent"]
    assert alarming.keep_up(now=now()) == 0
    said = "The office is open until six."
    inbox.answer(question, team.approver, said, seen=names_of(question), now=now())
    assert alarming.keep_up(now=now()) == 1
    assert open_kinds() == []


def test_other_questions_raise_none(
    team: Team, django_capture_on_commit_callbacks: Capture
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        ask()
    alarming.keep_up(now=now())
    assert open_kinds() == []


def test_question_that_becomes_urgent_raises_one(
    team: Team, django_capture_on_commit_callbacks: Capture
) -> None:
    (person,) = factories.subscribe(1)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        write(person, "When is the office open?")
        assert open_kinds() == []
        write(person, "our boat is sinking")
    assert Question.objects.count() == 1
    assert open_kinds() == ["urgent"]


def test_an_alarm_that_a_crash_has_lost_is_raised_by_the_clock(team: Team) -> None:
    # What runs after the commit does not in this test, as if the process had died there.
    question = ask("our boat is sinking")
    assert question.urgent
    assert open_kinds() == []
    void()
    assert open_kinds() == ["urgent"]
    void()
    assert Alarm.objects.get().times == 1


def test_what_a_person_has_closed_by_hand_stays_closed_until_it_happens_again(
    team: Team, django_capture_on_commit_callbacks: Capture
) -> None:
    ask_in_danger(django_capture_on_commit_callbacks)
    Alarm.objects.update(closed_at=now())
    alarming.keep_up(now=now() + LATER)
    assert open_kinds() == []
    ask_in_danger(django_capture_on_commit_callbacks)
    assert open_kinds() == ["urgent"]


# ---- What did not go out -------------------------------------------------------------------------


def test_broadcast_that_missed_its_time_raises_one_until_it_is_left(team: Team) -> None:
    broadcast = approve_one(team)
    assert launch(broadcast, late=timedelta(hours=2)) == Broadcast.State.MISSED
    assert open_kinds() == ["missed"]
    assert alarming.keep_up(now=now()) == 0
    making_up.leave(broadcast, by=team.scheduler.pk, now=now())
    assert alarming.keep_up(now=now()) == 1
    assert open_kinds() == []


def test_broadcast_that_was_held_raises_one(team: Team) -> None:
    broadcast = approve_one(team)
    Sender.objects.filter(channel="sms").update(active=False)
    assert launch(broadcast) == Broadcast.State.HELD
    assert open_kinds() == ["held"]


def test_approval_that_is_void_by_itself_raises_one_until_it_is_asked_anew(team: Team) -> None:
    broadcast = approve_one(team)
    factories.publish_again(broadcast.message, sms_text="Another text, with STOP to stop.")
    assert approving.void_changed(now=now()) == 1
    assert open_kinds() == ["void"]
    assert alarming.keep_up(now=now()) == 0
    scheduling.cancel(Broadcast.objects.get(), by=team.scheduler.pk, now=now())
    assert alarming.keep_up(now=now()) == 1


def test_who_voids_it_herself_is_told_there(team: Team) -> None:
    broadcast = approve_one(team)
    later = broadcast.send_at + timedelta(hours=1)
    moving.move(broadcast, later, shown=None, by=team.scheduler.pk, now=now())
    broadcast.refresh_from_db()
    assert broadcast.state == Broadcast.State.VOID
    assert open_kinds() == []


def test_alarm_that_is_raised_while_it_is_closed_is_not_lost() -> None:
    watching.raise_alarm(Alarm.Kind.HELD, now=now())
    assert not watching.close_alarm(Alarm.Kind.HELD, unless=lambda: True, now=now())
    assert watching.close_alarm(Alarm.Kind.HELD, unless=lambda: False, now=now())
    assert not watching.close_alarm(Alarm.Kind.HELD, unless=lambda: False, now=now())


def test_page_says_what_to_do_and_about_what(team: Team, sign_in: SignIn) -> None:
    broadcast = approve_one(team)
    launch(broadcast, late=timedelta(hours=2))
    watching.raise_alarm(Alarm.Kind.URGENT, now=now())
    lead = factories.make_user("lead")
    lead.groups.add(Group.objects.get_or_create(name=LEADS)[0])
    page = sign_in(lead).get(reverse("desk_safety")).content.decode()
    assert "Ask its partner to send it after all, or to leave it." in page
    assert team.partner.name in page
    assert reverse("desk_audit_object", args=["broadcast", broadcast.code]) in page
    assert reverse("desk_inbox") in page
