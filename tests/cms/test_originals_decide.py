"""What a translation cannot loosen: its original decides; and what is known to be dead is not shown."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.utils import timezone

from cms.models import (
    Act,
    ContactPoint,
    Fact,
    HarmClass,
    MessagePage,
    NotPublishable,
    Recording,
    Sensitivity,
    TestResult,
)
from cms.reader.showing import show_entries
from cms.rendering import editions_of
from cms.reviewing import record
from cms.rights import Role
from cms.starter.reading import Pack
from cms.sweeping import sweep
from cms.telling import tell_editors
from cms.upkeep.acts import may_test
from tests.cms.finding import find_message

PUBLIC = "https://waymark.example"
NOW = datetime(2026, 11, 21, 6, tzinfo=UTC)


def pushed(language: str) -> set[str]:
    editions = editions_of(
        find_message("MSG-WA-1"), channels=["sms"], public_url=PUBLIC, pushed=True
    )
    return {one.text for one in editions if one.language == language}


def test_translation_that_still_says_push_is_not_pushed_in_full(starter: Pack) -> None:
    MessagePage.objects.filter(key="MSG-WA-1").update(nudge_text="Ready. 0 stop")
    french = find_message("MSG-WA-1", "fr")
    MessagePage.objects.filter(pk=french.pk).update(sensitivity=Sensitivity.PUSH_OK)
    assert pushed("fr") == {"Ready. 0 stop"}


@pytest.mark.parametrize("fields", [{"has_expired": True}, {"expires": date(2020, 1, 1)}])
def test_translation_that_has_ended_has_no_edition(starter: Pack, fields: dict[str, Any]) -> None:
    MessagePage.objects.filter(key="MSG-WA-1").update(nudge_text="Ready. 0 stop")
    assert pushed("fr")
    MessagePage.objects.filter(pk=find_message("MSG-WA-1", "fr").pk).update(**fields)
    assert not pushed("fr")


def test_translation_of_a_dangerous_text_is_read_for_protection_too(starter: Pack) -> None:
    author = User.objects.create_superuser("author")
    reader = User.objects.create_superuser("reader")
    Fact.objects.filter(key="WA-R2", translation_state="original").update(harm_class=HarmClass.HIGH)
    french = Fact.objects.get(key="WA-R2", locale__language_code="fr")
    french.statement, french.harm_class = "Une autre phrase.", HarmClass.LOW
    revision = french.save_revision(user=author)
    record(french, Act.FACTS_READ, by=reader, now=timezone.now(), revision=revision)
    with pytest.raises(NotPublishable, match="protection"):
        revision.publish(user=reader, skip_permission_checks=True)


@pytest.mark.parametrize("result", [TestResult.WRONG, TestResult.CLOSED])
def test_contact_that_a_test_found_dead_is_not_shown(starter: Pack, result: TestResult) -> None:
    points = ContactPoint.objects.filter(key="WA-K5")
    today = date(2026, 11, 21)
    assert show_entries(points, language="en", today=today)
    points.update(result=result)
    assert not show_entries(points, language="en", today=today)


def test_wording_that_endangers_a_partner_is_not_shown_without_a_softer_one(starter: Pack) -> None:
    facts = Fact.objects.filter(key="WA-R2")
    facts.update(partner_safety=True, softer_statement="")
    assert not show_entries(facts, language="en", today=date(2026, 11, 21))
    facts.update(softer_statement="Softer.")
    (shown,) = show_entries(facts, language="en", today=date(2026, 11, 21))
    assert shown.texts["statement"].text == "Softer."


def test_recording_whose_speaker_does_not_agree_keeps_a_message_back(starter: Pack) -> None:
    page = find_message("MSG-GEN-1")
    page.recording = Recording.objects.create(title="A voice", language="en", transcript="Words.")
    with pytest.raises(NotPublishable, match="speaker"):
        page.check_publishable()


def test_what_reached_nobody_is_told_later(starter: Pack) -> None:
    Fact.objects.filter(key="CM-R1").update(expires=date(2026, 11, 21))
    sweep(today=date(2026, 11, 21))
    assert tell_editors(now=NOW) == 0
    editor = User.objects.create_user("amina", "amina@waymark.example")
    Group.objects.get(name=Role.EDITORS).user_set.add(editor)
    assert tell_editors(now=NOW) >= 8


def test_translating_is_not_enough_to_test_a_contact(starter: Pack) -> None:
    person = User.objects.create_user("translator", "translator@waymark.example")
    Group.objects.get(name=Role.TRANSLATORS).user_set.add(person)
    assert not may_test(person)
    Group.objects.get(name=Role.EDITORS).user_set.add(person)
    assert may_test(User.objects.get(pk=person.pk))
