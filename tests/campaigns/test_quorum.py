"""Approvals: as many people as the rule wants, none of them the author, and no change goes unseen."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction
from django.test import Client

from campaigns.approval import approving, quorum
from campaigns.approval.approving import ApprovalError
from campaigns.approval.snapshots import Change, digest_of
from campaigns.going_out import launching, scheduling
from campaigns.models import Approval, AuditEntry, Broadcast, Campaign, Occurrence, Segment
from messaging.models import Delivery, Sender
from tests.campaigns import factories
from tests.campaigns.factories import Team

State = Broadcast.State
pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def rule(settings: Any) -> Any:
    settings.TWO_APPROVERS = quorum.REASONS
    return settings


def make_asked(team: Team, **changes: Any) -> Broadcast:
    changes.setdefault("segment", factories.make_segment(team.partner, countries=["TN"]))
    changes = {"at_once": False, "send_at": factories.now() + timedelta(hours=1)} | changes
    broadcast = factories.make_broadcast(team, **changes)
    approving.ask_approval(broadcast, now=factories.now())
    return broadcast


def make_known(team: Team) -> None:
    """Let the partner have sent before."""
    factories.make_broadcast(team, state=State.LAUNCHED)


def give(broadcast: Broadcast, person: User) -> Approval:
    fresh = Broadcast.objects.get(pk=broadcast.pk)
    shown = approving.take_snapshot(fresh, now=factories.now()).shown
    return approving.approve(fresh, person, shown=shown, now=factories.now())


def state_of(broadcast: Broadcast) -> str:
    return Broadcast.objects.values_list("state", flat=True).get(pk=broadcast.pk)


def verbs(broadcast: Broadcast) -> list[str]:
    entries = AuditEntry.objects.filter(object_code=broadcast.code).order_by("number")
    return list(entries.values_list("verb", flat=True))


# ---- How many ------------------------------------------------------------------------------------


def test_ordinary_broadcast_needs_one(team: Team, rule: Any) -> None:
    make_known(team)
    asked = make_asked(team)
    give(asked, team.approver)
    assert state_of(asked) == State.APPROVED


@pytest.mark.parametrize("reason", quorum.REASONS)
def test_each_rule_alone_asks_for_two(team: Team, rule: Any, reason: str) -> None:
    countries = [] if reason == quorum.COUNTRIES else ["TN"]
    rule.LARGE_BROADCAST = 12 if reason == quorum.LARGE else 13
    if reason != quorum.FIRST:
        make_known(team)
    asked = make_asked(team, segment=factories.make_segment(team.partner, countries=countries))
    found = approving.read_quorum(asked, people=12)
    assert (found.needed, found.reasons) == (2, (reason,))
    give(asked, team.approver)
    assert state_of(asked) == State.ASKED
    with pytest.raises(ApprovalError, match="One more person"):
        give(asked, team.approver)
    give(asked, team.second)
    assert state_of(asked) == State.APPROVED
    assert verbs(asked) == ["asked", "approved", "approved"]


def test_series_of_which_nothing_went_out_makes_no_partner_known(team: Team, rule: Any) -> None:
    over = factories.make_broadcast(team, state=State.OVER)
    factories.make_broadcast(team, state=State.HELD, pattern=over)
    assert approving.read_quorum(make_asked(team), people=12).reasons == (quorum.FIRST,)


def test_one_of_two_is_not_launched(team: Team, rule: Any) -> None:
    asked = make_asked(team)
    give(asked, team.approver)
    Broadcast.objects.update(state=State.APPROVED)
    occurrence = Occurrence.objects.create(broadcast=asked, occurs_at=asked.send_at)
    launching.launch(occurrence, now=asked.send_at)
    assert state_of(asked) == State.VOID
    assert not Delivery.objects.exists()


def test_asking_again_begins_at_nought(team: Team, rule: Any) -> None:
    asked = make_asked(team)
    give(asked, team.approver)
    approving.return_to_author(asked, team.second, reason="Shorter.", now=factories.now())
    asked.refresh_from_db()
    approving.ask_approval(asked, now=factories.now())
    assert approving.list_standing(asked) == []
    give(asked, team.approver)
    assert state_of(asked) == State.ASKED


def test_change_between_two_voids_the_first(team: Team, rule: Any) -> None:
    asked = make_asked(team)
    give(asked, team.approver)
    Broadcast.objects.update(send_at=asked.send_at + timedelta(hours=1))
    give(asked, team.second)
    assert [one.approver for one in approving.list_standing(asked)] == [team.second]
    assert state_of(asked) == State.ASKED
    assert "voided" in verbs(asked)


# ---- What voids, and what it says ----------------------------------------------------------------


def put_on_other_sender(_broadcast: Broadcast) -> None:
    Sender.objects.create(name="new", channel="sms", provider="memory", address="+9990000009")


def switch_sender_off(_broadcast: Broadcast) -> None:
    Sender.objects.filter(channel="whatsapp").update(active=False)


def narrow(broadcast: Broadcast) -> None:
    Segment.objects.filter(pk=broadcast.segment_id).update(languages=["en"])


def send_in_evening(broadcast: Broadcast) -> None:
    Broadcast.objects.filter(pk=broadcast.pk).update(in_evening=True)


def leave_some_out(broadcast: Broadcast) -> None:
    today = factories.now().date()
    effort = Campaign.objects.create(
        partner=broadcast.partner, name="Effort", starts_on=today, holdout_percent=10
    )
    Broadcast.objects.filter(pk=broadcast.pk).update(campaign=effort)


def publish_other_text(broadcast: Broadcast) -> None:
    factories.publish_again(broadcast.message, sms_text="Other news: {link}")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (put_on_other_sender, [Change("senders", "sms")]),
        (switch_sender_off, []),
        (narrow, [Change("audience")]),
        (send_in_evening, [Change("time")]),
        (leave_some_out, [Change("campaign")]),
        (publish_other_text, [Change("text", "sms.en")]),
    ],
)
def test_change_after_approval_is_named(
    team: Team, change: Callable[[Broadcast], None], told: list[Change]
) -> None:
    asked = make_asked(team)
    give(asked, team.approver)
    change(asked)
    fresh = Broadcast.objects.get(pk=asked.pk)
    snapshot = approving.take_snapshot(fresh, now=factories.now())
    assert launching.find_changes(fresh, snapshot) == told


def test_text_that_is_published_anew_voids_before_its_time(
    team: Team, sign_in: Callable[[User], Client]
) -> None:
    asked = make_asked(team)
    give(asked, team.approver)
    assert approving.void_changed(now=factories.now()) == 0
    publish_other_text(asked)
    assert approving.void_changed(now=factories.now()) == 1
    assert approving.void_changed(now=factories.now()) == 0
    assert state_of(asked) == State.VOID
    assert approving.list_standing(asked) == []
    assert "voided" in verbs(asked)
    page = sign_in(team.scheduler).get(f"/desk/broadcasts/{asked.code}/").content.decode()
    assert "The text is another one: SMS, English." in page
    asked.refresh_from_db()
    approving.ask_approval(asked, now=factories.now())
    give(asked, team.approver)
    assert state_of(asked) == State.APPROVED


def test_publishing_the_same_text_voids_nothing(team: Team) -> None:
    asked = make_asked(team)
    give(asked, team.approver)
    factories.publish_again(asked.message, title="Another title")
    assert approving.void_changed(now=factories.now()) == 0


def test_approval_from_before_the_senders_were_kept_still_holds(team: Team) -> None:
    asked = make_asked(team)
    approval = give(asked, team.approver)
    older = {name: value for name, value in approval.snapshot.items() if name != "senders"}
    Approval.objects.update(snapshot=older, digest=digest_of(older))
    fresh = Broadcast.objects.get(pk=asked.pk)
    snapshot = approving.take_snapshot(fresh, now=factories.now())
    assert launching.find_changes(fresh, snapshot) == []


def test_snapshot_that_was_edited_in_the_database_counts_no_more(team: Team) -> None:
    asked = make_asked(team)
    approval = give(asked, team.approver)
    Approval.objects.update(snapshot=approval.snapshot | {"message": "other"})
    fresh = Broadcast.objects.get(pk=asked.pk)
    snapshot = approving.take_snapshot(fresh, now=factories.now())
    assert Change("approvals") in launching.find_changes(fresh, snapshot)


# ---- What the database refuses -------------------------------------------------------------------


def test_the_database_refuses_author_as_approver_whatever_the_row_says(team: Team) -> None:
    broadcast = factories.make_broadcast(team)
    row = {
        "broadcast": broadcast,
        "snapshot": {},
        "digest": "",
        "people": 1,
        "at": factories.now(),
    }
    with pytest.raises(DatabaseError, match="her own"), transaction.atomic():
        Approval.objects.create(approver=team.scheduler, author=team.approver, **row)
    with pytest.raises(DatabaseError, match="her own"), transaction.atomic():
        Approval.objects.create(approver=team.approver, author=team.analyst, **row)
    approval = Approval.objects.create(approver=team.approver, author=team.scheduler, **row)
    with pytest.raises(DatabaseError, match="her own"), transaction.atomic():
        Approval.objects.update(approver=team.scheduler, author=team.approver)
    with pytest.raises(DatabaseError, match="her own"), transaction.atomic():
        Broadcast.objects.update(author=team.approver)
    statement = "UPDATE campaigns_broadcast SET author_id = %s"
    with (
        pytest.raises(DatabaseError, match="her own"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement, [approval.approver_id])


# ---- The pages -----------------------------------------------------------------------------------


def test_the_desk_asks_a_second_person(
    team: Team, rule: Any, sign_in: Callable[[User], Client]
) -> None:
    asked = make_asked(team)
    address = f"/desk/broadcasts/{asked.code}/"
    for person, after in ((team.approver, State.ASKED), (team.second, State.APPROVED)):
        client = sign_in(person)
        page = client.get(address)
        assert "2 people have to approve it" in page.content.decode()
        client.post(f"{address}approve/", {"shown": page.context["shown"]})
        assert state_of(asked) == after
    first = sign_in(team.approver).get(address).content.decode()
    assert team.approver.email in first
    assert team.second.email in first


def test_who_has_approved_waits_for_nothing(
    team: Team, rule: Any, sign_in: Callable[[User], Client]
) -> None:
    asked = make_asked(team)
    give(asked, team.approver)
    page = sign_in(team.approver).get("/desk/")
    assert not page.context["waiting"]
    shown = sign_in(team.approver).get(f"/desk/broadcasts/{asked.code}/")
    assert "You have approved it. One more person has to" in shown.content.decode()


def test_deeds_write_themselves_down(team: Team, sign_in: Callable[[User], Client]) -> None:
    asked = make_asked(team, at_once=True)
    give(asked, team.approver)
    factories.tick(factories.now())
    scheduling.pause(asked, by=team.scheduler.pk, now=factories.now())
    scheduling.resume(asked, by=team.scheduler.pk, now=factories.now())
    scheduling.cancel(asked, by=team.approver.pk, now=factories.now())
    assert verbs(asked) == ["asked", "approved", "launched", "paused", "resumed", "cancelled"]
    entries = AuditEntry.objects.filter(object_code=asked.code)
    assert set(entries.values_list("partner_id", flat=True)) == {team.partner.pk}
    page = sign_in(team.analyst).get(f"/desk/audit/broadcast/{asked.code}/").content.decode()
    assert "ended for good" in page
    assert team.approver.email in page


def test_trying_to_approve_her_own_is_written_down(
    team: Team, sign_in: Callable[[User], Client]
) -> None:
    asked = make_asked(team)
    shown = approving.take_snapshot(asked, now=factories.now()).shown
    factories.join(team.scheduler, team.partner, factories.Role.APPROVER)
    author = sign_in(team.scheduler)
    author.post(f"/desk/broadcasts/{asked.code}/approve/", {"shown": shown})
    assert state_of(asked) == State.ASKED
    entry = AuditEntry.objects.get(verb="tried_to_approve")
    assert entry.actor_id == team.scheduler.pk


def test_the_audit_of_another_partner_is_not_there(
    team: Team, sign_in: Callable[[User], Client]
) -> None:
    asked = make_asked(team)
    stranger = sign_in(factories.make_team("Others").scheduler)
    assert stranger.get(f"/desk/audit/broadcast/{asked.code}/").status_code == 404
    assert asked.code not in stranger.get("/desk/audit/").content.decode()


def test_looking_at_a_count_is_written_down_once_a_day(
    team: Team, sign_in: Callable[[User], Client]
) -> None:
    asked = make_asked(team)
    client = sign_in(team.analyst)
    for _look in range(3):
        client.get(f"/desk/broadcasts/{asked.code}/")
    sign_in(team.approver).get(f"/desk/broadcasts/{asked.code}/")
    looks = AuditEntry.objects.filter(verb="saw_count")
    assert [one.actor_id for one in looks.order_by("number")] == [team.analyst.pk, team.approver.pk]
