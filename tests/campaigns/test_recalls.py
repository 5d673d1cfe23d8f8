"""Recalls: what was sent and is not true any more is named; one step puts exactly those people right."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.drafting import recalls
from campaigns.models import AuditEntry, Broadcast, Occurrence, Segment
from campaigns.permissions import visible_to
from cms.models import ChangeKind, ContactPoint, MessagePage
from messaging.models import Clearance, Delivery, Subscriber, Topic
from messaging.sending.eligibility import find_eligible
from messaging.states import RANK
from messaging.states import State as Delivered
from tests.campaigns import factories
from tests.campaigns.factories import Team, now

pytestmark = [pytest.mark.django_db, pytest.mark.database]
SignIn = Callable[[User], Client]
NEW_TEXT = "What we told you was wrong: {link} STOP ends it."


@pytest.fixture
def sent(team: Team, settings: Any) -> Broadcast:
    """Return a broadcast that nine of twelve people got."""
    settings.MOST_PER_WEEK = 1
    message = factories.make_message()
    factories.publish_again(message, contact_points=[factories.make_contact()])
    return send(team, message)


def send(team: Team, message: MessagePage) -> Broadcast:
    broadcast = factories.make_broadcast(team, message=message)
    factories.approve(team, broadcast, at=now())
    factories.tick(now())
    mine = Delivery.objects.filter(batch__reference=broadcast.reference).order_by("pk")
    mine.update(state=Delivered.DELIVERED, rank=RANK[Delivered.DELIVERED], submitting_at=now())
    failed = list(mine.values_list("pk", flat=True)[:3])
    mine.filter(pk__in=failed).update(state=Delivered.FAILED, rank=RANK[Delivered.FAILED])
    broadcast.refresh_from_db()
    assert broadcast.state == Broadcast.State.LAUNCHED
    return broadcast


def correct_text(broadcast: Broadcast) -> None:
    factories.publish_again(broadcast.message, sms_text=NEW_TEXT, change_kind=ChangeKind.MAJOR)


def find(team: Team) -> list[recalls.Recall]:
    return recalls.find_recalls(visible_to(team.scheduler), now=now())


def test_nothing_stands_here_while_all_is_as_it_was(sent: Broadcast, team: Team) -> None:
    assert find(team) == []
    factories.publish_again(sent.message, sms_text=NEW_TEXT, change_kind=ChangeKind.MINOR)
    assert find(team) == []


def test_corrected_message_is_named_with_whom_it_reached_and_what_changed(
    sent: Broadcast, team: Team
) -> None:
    correct_text(sent)
    (recall,) = find(team)
    assert (recall.broadcast, recall.people, recall.correction) == (sent, 9, None)
    (change,) = recall.changes
    assert [one.now for one in change.differences] == [NEW_TEXT]


def test_corrected_contact_in_it_is_named(sent: Broadcast, team: Team) -> None:
    ContactPoint.objects.update(changed_at=now() - timedelta(days=2))
    assert find(team) == []
    ContactPoint.objects.update(changed_at=now())
    assert [change.row.key for change in find(team)[0].changes] == ["K-1"]


def test_many_are_found_by_as_many_queries_as_one(sent: Broadcast, team: Team) -> None:
    others = [factories.make_broadcast(team, message=sent.message) for _one in range(3)]
    counts = []
    correct_text(sent)
    for wrong in ([], others):
        for one in wrong:
            Broadcast.objects.filter(pk=one.pk).update(state=Broadcast.State.LAUNCHED)
            at = now() - timedelta(days=1)
            Occurrence.objects.create(broadcast=one, occurs_at=at, launched_at=at)
        with CaptureQueriesContext(connection) as queries:
            assert len(find(team)) == 1 + len(wrong)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_what_nobody_is_known_to_have_got_any_more_is_left_out(sent: Broadcast, team: Team) -> None:
    correct_text(sent)
    Occurrence.objects.update(launched_at=now() - timedelta(days=91))
    assert find(team) == []


def test_correction_goes_to_those_who_got_it_and_still_agree(
    sent: Broadcast, team: Team, sign_in: SignIn
) -> None:
    correct_text(sent)
    factories.subscribe(3)
    client = sign_in(team.scheduler)
    client.post(reverse("desk_correct", args=[sent.code]))
    correction = Broadcast.objects.get(corrects=sent)
    got = set(
        Delivery.objects.filter(state=Delivered.DELIVERED).values_list("subscriber_id", flat=True)
    )
    assert set(find_eligible(correction.segment.audience).values_list("pk", flat=True)) == got
    left = Subscriber.objects.filter(pk__in=got).order_by("pk")[0]
    Subscriber.objects.filter(pk=left.pk).update(state=Subscriber.State.STOPPED)
    factories.approve(team, correction, at=now())
    factories.tick(now())
    planned = Delivery.objects.filter(batch__reference=correction.reference)
    assert set(planned.values_list("subscriber_id", flat=True)) == got - {left.pk}
    assert {edition.text for edition in correction.editions.filter(channel="sms")} != {""}
    assert "What we told you was wrong" in correction.editions.get(channel="sms").text


def test_correction_goes_to_whoever_has_moved_and_reads_or_asks_for_something_else_since(
    team: Team,
) -> None:
    segment = factories.make_segment(team.partner, countries=["TN"], languages=["en"])
    broadcast = factories.make_broadcast(team, message=factories.make_message(), segment=segment)
    factories.approve(team, broadcast, at=now())
    factories.tick(now())
    mine = Delivery.objects.filter(batch__reference=broadcast.reference)
    mine.update(state=Delivered.DELIVERED, rank=RANK[Delivered.DELIVERED], submitting_at=now())
    broadcast.refresh_from_db()
    correct_text(broadcast)
    people = list(Subscriber.objects.order_by("pk"))
    assert mine.count() == len(people)
    moved, learned, turned, shut = people[:4]
    Subscriber.objects.filter(pk=moved.pk).update(country="SN")
    Subscriber.objects.filter(pk=learned.pk).update(language="fr")
    Topic.objects.filter(subscriber=turned).delete()
    # Nobody can send there now: she is left out, and keeps nobody from being told.
    Subscriber.objects.filter(pk=shut.pk).update(country="LY")
    Clearance.objects.update_or_create(country="LY", defaults={"closed_at": now()})
    correction = recalls.prepare_correction(broadcast, team.scheduler, now=now())
    assert correction.segment.countries == ["TN"]
    estimate = factories.approve(team, correction, at=now()).people
    factories.tick(now())
    planned = Delivery.objects.filter(batch__reference=correction.reference)
    got = set(planned.values_list("subscriber_id", flat=True))
    assert got == {one.pk for one in people} - {shut.pk}
    assert estimate == len(got)


def test_one_correction_is_made_however_often_and_by_whomever_it_is_pressed(
    sent: Broadcast, team: Team
) -> None:
    correct_text(sent)
    first = recalls.prepare_correction(sent, team.scheduler, now=now())
    second = factories.make_user("planner")
    factories.join(second, team.partner, factories.Role.SCHEDULER)
    assert recalls.prepare_correction(sent, second, now=now()) == first
    assert Segment.objects.filter(received=sent.reference).count() == 1
    recalled = AuditEntry.objects.get(verb="recalled")
    assert (recalled.object_code, recalled.details) == (sent.code, {"by": first.code})
    (recall,) = find(team)
    assert recall.correction == first


def test_who_presses_at_the_same_moment_gets_the_same_one(
    sent: Broadcast, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    correct_text(sent)
    second = factories.make_user("planner")
    factories.join(second, team.partner, factories.Role.SCHEDULER)
    first = recalls.prepare_correction(sent, team.scheduler, now=now())
    monkeypatch.setattr(recalls, "_find_corrections", lambda _broadcasts, _changed: {})
    assert recalls.prepare_correction(sent, second, now=now()) == first
    assert recalls.prepare_correction(sent, team.scheduler, now=now()) == first


def test_next_correction_of_it_is_another_one(sent: Broadcast, team: Team) -> None:
    correct_text(sent)
    first = recalls.prepare_correction(sent, team.scheduler, now=now())
    factories.publish_again(
        sent.message, sms_text=f"Once more. {NEW_TEXT}", change_kind=ChangeKind.MAJOR
    )
    assert find(team)[0].correction is None
    second = recalls.prepare_correction(sent, team.scheduler, now=now())
    assert second.pk != first.pk
    Broadcast.objects.filter(pk=second.pk).update(state=Broadcast.State.CANCELLED)
    assert recalls.prepare_correction(sent, team.scheduler, now=now()).pk not in {
        first.pk,
        second.pk,
    }


def test_message_that_is_still_wrong_is_not_sent_again(
    sent: Broadcast, team: Team, sign_in: SignIn
) -> None:
    ContactPoint.objects.update(changed_at=now(), has_expired=True)
    client = sign_in(team.scheduler)
    page = client.post(reverse("desk_correct", args=[sent.code]), follow=True).content.decode()
    assert "The message is not right yet." in page
    assert not Broadcast.objects.filter(corrects=sent).exists()


def test_what_was_not_sent_is_not_corrected(team: Team) -> None:
    draft = factories.make_broadcast(team)
    with pytest.raises(recalls.RecallError):
        recalls.prepare_correction(draft, team.scheduler, now=now())


def test_page_shows_it_to_its_partner_and_the_button_to_planners(
    sent: Broadcast, team: Team, sign_in: SignIn
) -> None:
    correct_text(sent)
    other = factories.make_team("Another")
    address, button = reverse("desk_recalls"), reverse("desk_correct", args=[sent.code])
    shown = sign_in(team.scheduler).get(address).content.decode()
    assert "fewer than 10 people" in shown
    assert "9 people" not in shown
    assert NEW_TEXT in shown
    assert button in shown
    assert button not in sign_in(team.analyst).get(address).content.decode()
    assert sent.message.title not in sign_in(other.scheduler).get(address).content.decode()
    assert sign_in(team.analyst).post(button).status_code == 403
    assert sign_in(other.scheduler).post(button).status_code == 404


def test_who_sees_whom_it_reached_is_written_down_once(
    sent: Broadcast, team: Team, sign_in: SignIn
) -> None:
    client, looks = sign_in(team.analyst), AuditEntry.objects.filter(verb="saw_count")
    client.get(reverse("desk_recalls"))
    assert not looks.exists()
    correct_text(sent)
    for _look in range(2):
        client.get(reverse("desk_recalls"))
    sign_in(factories.make_team("Another").scheduler).get(reverse("desk_recalls"))
    (look,) = looks
    assert (look.kind, look.object_code) == ("broadcast", sent.code)
    assert (look.actor_id, look.partner_id) == (team.analyst.pk, team.partner.pk)
