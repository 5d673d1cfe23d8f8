"""What goes live: only what others have read, and what that does to translations and uses."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from wagtail.models import Revision

from cms.models import (
    Act,
    ChangeKind,
    ContactPoint,
    Fact,
    HarmClass,
    MessagePage,
    NotPublishable,
    Pathway,
    Review,
    TestResult,
    TranslationState,
)
from cms.reviewing import note_test, record
from cms.starter.reading import Pack
from tests.cms.finding import find_message
from tests.conftest import PACK_DAY

pytestmark = pytest.mark.database
# The last day of CM-X1, the pack's negative example.
OVER = date(2024, 6, 30)


@pytest.fixture
def author(starter: Pack) -> User:
    return User.objects.create_superuser("author", "author@waymark.example")


@pytest.fixture
def reader(starter: Pack) -> User:
    return User.objects.create_superuser("reader", "reader@waymark.example")


def draft(row: Any, by: User, **fields: Any) -> Revision:
    for name, value in fields.items():
        setattr(row, name, value)
    revision: Revision = row.save_revision(user=by)
    return revision


def fact(language: str = "en") -> Fact:
    return Fact.objects.get(key="WA-R2", locale__language_code=language)


def read(row: Any, revision: Revision, by: User, act: Act = Act.FACTS_READ) -> None:
    record(row, act, by=by, now=timezone.now(), revision=revision)


def test_nobody_publishes_what_nobody_else_has_read(author: User) -> None:
    revision = draft(fact(), author, statement="Another figure.")
    with pytest.raises(NotPublishable):
        revision.publish(user=author, skip_permission_checks=True)
    assert fact().statement != "Another figure."


def test_author_cannot_be_her_own_reader(author: User) -> None:
    row = fact()
    revision = draft(row, author, statement="Another figure.")
    read(row, revision, author)
    with pytest.raises(NotPublishable):
        revision.publish(user=author, skip_permission_checks=True)


def test_earlier_author_of_the_same_draft_is_no_reader_either(author: User, reader: User) -> None:
    row = fact()
    draft(row, reader, statement="A first draft.")
    revision = draft(row, author, statement="Another figure.")
    read(row, revision, reader)
    with pytest.raises(NotPublishable):
        revision.publish(user=author, skip_permission_checks=True)


def test_what_another_has_read_goes_live_and_is_cleared(author: User, reader: User) -> None:
    row = fact()
    revision = draft(row, author, statement="Another figure.")
    read(row, revision, reader)
    revision.publish(user=reader, skip_permission_checks=True)
    row = fact()
    assert (row.statement, row.sendable, row.status) == ("Another figure.", True, "checked")


def test_reading_counts_for_the_very_words_that_were_read(author: User, reader: User) -> None:
    row = fact()
    revision = draft(row, author, statement="Another figure.")
    read(row, revision, reader)
    revision.content = {**revision.content, "statement": "Rewritten in place."}
    revision.save()
    with pytest.raises(NotPublishable):
        Revision.objects.get(pk=revision.pk).publish(user=reader, skip_permission_checks=True)


def test_dangerous_thing_needs_a_second_reading_for_protection(author: User, reader: User) -> None:
    row = fact()
    revision = draft(row, author, statement="Another figure.", harm_class=HarmClass.HIGH)
    read(row, revision, reader)
    with pytest.raises(NotPublishable, match="protection"):
        revision.publish(user=reader, skip_permission_checks=True)
    second = User.objects.create_superuser("second", "second@waymark.example")
    read(row, revision, second, Act.PROTECTION_READ)
    revision.publish(user=reader, skip_permission_checks=True)
    assert fact().sendable


def test_lowering_the_harm_in_the_same_edit_does_not_spare_the_second_reading(
    author: User, reader: User
) -> None:
    Fact.objects.filter(pk=fact().pk).update(harm_class=HarmClass.HIGH)
    row = fact()
    revision = draft(row, author, harm_class=HarmClass.LOW)
    read(row, revision, reader)
    with pytest.raises(NotPublishable, match="protection"):
        revision.publish(user=reader, skip_permission_checks=True)


def test_pathway_that_does_not_say_its_cost_is_refused(author: User, reader: User) -> None:
    row = Pathway.objects.filter(translation_state="original", cost="").first()
    assert row is not None
    revision = draft(row, author, name="Another name")
    read(row, revision, reader)
    read(row, revision, reader, Act.PROTECTION_READ)
    with pytest.raises(NotPublishable, match="cost"):
        revision.publish(user=reader, skip_permission_checks=True)


def test_major_change_leaves_others_behind_and_a_minor_one_does_not(
    author: User, reader: User
) -> None:
    for kind, changed in ((ChangeKind.MINOR, False), (ChangeKind.MAJOR, True)):
        row = fact()
        revision = draft(row, author, statement=f"A {kind} figure.", change_kind=kind)
        read(row, revision, reader)
        revision.publish(user=reader, skip_permission_checks=True)
        assert (fact().changed_at is not None) == changed


def test_minor_last_word_does_not_hide_a_major_draft_before_it(author: User, reader: User) -> None:
    draft(fact(), author, statement="Other meaning.", change_kind=ChangeKind.MAJOR)
    row = fact().get_latest_revision_as_object()
    revision = draft(row, author, statement="Other meaning!", change_kind=ChangeKind.MINOR)
    read(row, revision, reader)
    revision.publish(user=reader, skip_permission_checks=True)
    assert fact().changed_at is not None


def test_read_translation_is_reviewed_and_up_to_date(author: User, reader: User) -> None:
    Fact.objects.filter(pk=fact().pk).update(changed_at=timezone.now())
    row = fact("fr")
    assert row.translation_state == TranslationState.MACHINE
    revision = draft(row, author, statement="Une autre phrase.")
    read(row, revision, reader)
    revision.publish(user=reader, skip_permission_checks=True)
    row = fact("fr")
    assert row.translation_state == TranslationState.REVIEWED
    assert row.current_as_of > fact().changed_at  # type: ignore[operator]


def test_loader_and_clock_publish_without_clearing_anything(author: User) -> None:
    page = find_message("MSG-WA-1")
    page.save_revision(user=author).publish()
    assert not find_message("MSG-WA-1").sendable


def test_older_draft_does_not_bring_back_what_is_true_now(author: User, reader: User) -> None:
    row = fact()
    old = draft(row, author, statement="An older draft.")
    Fact.objects.filter(pk=row.pk).update(sendable=True, has_expired=True)
    again = Revision.objects.get(pk=old.pk).as_object()
    assert (again.sendable, again.has_expired) == (True, True)


@pytest.mark.parametrize(
    ("last_day", "may_go"),
    [(PACK_DAY, True), (OVER, False), (OVER - timedelta(days=1), False), (None, True)],
)
def test_expired_entry_goes_live_with_a_later_last_day_only(
    author: User, last_day: date | None, may_go: bool
) -> None:
    point = ContactPoint.objects.get(key="CM-X1", locale__language_code="en")
    assert (point.has_expired, point.expires) == (True, OVER)
    wording = draft(point, author, number="1", expires=last_day).as_object()
    if may_go:
        wording.check_publishable()
        return
    with pytest.raises(NotPublishable, match="This has expired"):
        wording.check_publishable()


def test_renewed_entry_serves_again(author: User, reader: User) -> None:
    point = ContactPoint.objects.get(key="CM-X1", locale__language_code="en")
    day = timezone.localdate() + timedelta(days=30)
    revision = draft(point, author, number="1", expires=day)
    read(point, revision, reader)
    read(point, revision, reader, Act.PROTECTION_READ)
    revision.publish(user=reader, skip_permission_checks=True)
    point = ContactPoint.objects.get(pk=point.pk)
    assert (point.has_expired, point.expires, point.sendable) == (False, day, True)


# ---- Testing a contact -------------------------------------------------------------------------


def test_one_tap_tests_a_contact_in_every_language(author: User) -> None:
    now = timezone.now()
    point = ContactPoint.objects.get(key="WA-K5", locale__language_code="en")
    note_test(point, TestResult.REACHED, by=author, now=now)
    rows = ContactPoint.objects.filter(key="WA-K5")
    assert set(rows.values_list("result", "last_tested_on")) == {("reached", now.date())}
    assert Review.objects.get(act=Act.TESTED).note == "reached"


def test_draft_written_before_a_test_does_not_undo_it(author: User) -> None:
    point = ContactPoint.objects.get(key="WA-K5", locale__language_code="en")
    revision = draft(point, author, hours="Always")
    note_test(point, TestResult.WRONG, by=author, now=timezone.now() + timedelta(minutes=1))
    Revision.objects.get(pk=revision.pk).publish()
    point = ContactPoint.objects.get(pk=point.pk)
    assert (point.hours, point.result) == ("Always", TestResult.WRONG)


def test_new_number_is_untested_in_every_language(author: User) -> None:
    point = ContactPoint.objects.get(key="WA-K5", locale__language_code="en")
    note_test(point, TestResult.REACHED, by=author, now=timezone.now())
    draft(point, author, hours="Always").publish()
    assert ContactPoint.objects.get(pk=point.pk).result == TestResult.REACHED
    point = ContactPoint.objects.get(pk=point.pk)
    draft(point, author, number="1234").publish()
    rows = ContactPoint.objects.filter(key="WA-K5")
    assert set(rows.values_list("result", "last_tested_on")) == {("untested", None)}


def test_message_is_cleared_like_an_entry(author: User, reader: User) -> None:
    page = find_message("MSG-GEN-1")
    revision = draft(page, author, title="Ready for you")
    read(page, revision, reader)
    revision.publish(user=reader, skip_permission_checks=True)
    page = MessagePage.objects.get(pk=page.pk)
    assert (page.title, page.sendable) == ("Ready for you", True)
