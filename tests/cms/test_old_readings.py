"""Which readings a wording needs, and how long one counts."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from wagtail.models import Locale, Revision

from cms.finishing import finish_review
from cms.going_live import take_ready_live
from cms.models import (
    Act,
    HarmClass,
    HomePage,
    NotPublishable,
    Route,
    RoutePage,
    TranslationState,
    missing_acts,
    read_at,
)
from cms.models.tasks import check_readable
from cms.rights import Role
from cms.upkeep.confirming import NotConfirmable, confirm_text
from tests.cms.making import (
    again,
    make_claim,
    make_home,
    make_message,
    make_source,
    publish,
    read,
    save_draft,
)
from tests.cms.people import make_person
from tests.cms.upkeep import change, make_fact, translate

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("page_root")]


@pytest.fixture
def writer() -> User:
    return make_person("writer", Role.EDITORS)


@pytest.fixture
def other() -> User:
    return make_person("other", Role.REVIEWERS)


def read_and_publish(row: Any, writer: User, other: User, **fields: Any) -> Revision:
    revision = save_draft(row, writer, **fields)
    read(revision, other)
    again(row).publish(revision, user=other)
    return revision


# ---- How long a reading counts -----------------------------------------------------------------


def test_words_that_were_live_before_are_read_anew(writer: User, other: User) -> None:
    claim = make_claim()
    read_and_publish(claim, writer, other, statement="It is open.")
    read_and_publish(claim, writer, other, statement="It is suspended.")
    revision = save_draft(claim, writer, statement="It is open.")
    assert missing_acts(again(claim), revision, [Act.FACTS_READ]) == [Act.FACTS_READ]
    assert read_at(again(claim), revision) is None
    now = timezone.now()
    take_ready_live(claim, by=other, now=now, today=timezone.localdate())
    assert again(claim).statement == "It is suspended."
    read(revision, other)
    again(claim).publish(revision, user=other)
    assert again(claim).statement == "It is open."


def test_reading_of_what_was_never_live_keeps(writer: User, other: User) -> None:
    claim = make_claim(live=False)
    revision = save_draft(claim, writer, statement="It is open.")
    read(revision, other)
    assert missing_acts(again(claim), revision, [Act.FACTS_READ]) == []


# ---- The harm of what is used ------------------------------------------------------------------


@pytest.mark.parametrize("harm", [HarmClass.HIGH, HarmClass.MEDIUM])
def test_harm_of_a_used_thing_raises_the_reading(writer: User, harm: HarmClass) -> None:
    claim = make_claim(harm_class=HarmClass.LOW, facts=[make_fact(harm_class=harm)])
    message = make_message(harm_class=HarmClass.LOW, claims=[claim])
    for row in (claim, message):
        revision = save_draft(row, writer)
        wanted = row.wanted_for(revision)
        assert (Act.PROTECTION_READ in wanted) == (harm == HarmClass.HIGH)


def test_harm_of_what_only_the_draft_uses_counts(writer: User) -> None:
    claim = make_claim(harm_class=HarmClass.LOW)
    revision = save_draft(claim, writer, facts=[make_fact(harm_class=HarmClass.HIGH)])
    assert Act.PROTECTION_READ in again(claim).wanted_for(revision)


def test_harm_of_what_the_original_uses_counts_for_its_translations(writer: User) -> None:
    claim = make_claim(harm_class=HarmClass.LOW, facts=[make_fact(harm_class=HarmClass.HIGH)])
    french = claim.copy_for_translation(Locale.objects.get_or_create(language_code="fr")[0])
    french.statement, french.harm_class = "On le dit.", HarmClass.LOW
    french.save()
    french.facts.clear()
    french.save()
    assert Act.PROTECTION_READ in again(french).wanted_for(save_draft(french, writer))


# ---- Pages that have nothing but a title -------------------------------------------------------


def make_route_page() -> RoutePage:
    route = Route.objects.create(code="r-1", name="A way with four words", confidence="A")
    page = RoutePage(title=route.name, slug="r-1", migration_route=route)
    make_home().add_child(instance=page)
    return page


def begin(page: Any) -> Any:
    """Begin a page in Oromo, without words of its own."""
    if isinstance(page, HomePage):
        begun = make_home("om")
    else:
        make_home("om")
        begun = page.copy_for_translation(Locale.objects.get(language_code="om"))
    begun.title = f"[not translated: om] {page.title}"
    begun.translation_state = TranslationState.UNREVIEWED
    begun.live = False
    begun.save()
    return begun


@pytest.mark.parametrize("make", [make_home, make_route_page])
def test_page_without_a_title_of_its_own_goes_live_by_nobody(make: Any, other: User) -> None:
    page = begin(make())
    revision = save_draft(page)
    with pytest.raises(NotPublishable, match="no words of its own"):
        check_readable(revision)
    with pytest.raises(NotPublishable, match="no words of its own"):
        finish_review(SimpleNamespace(current_task_state=SimpleNamespace(revision=revision)), other)
    with pytest.raises(NotPublishable, match="no words of its own"):
        revision.publish(user=other, skip_permission_checks=True)
    assert not again(page).live


@pytest.mark.parametrize("make", [make_home, make_route_page])
def test_page_with_a_title_of_its_own_goes_live(make: Any, other: User) -> None:
    page = begin(make())
    revision = save_draft(page, title="Karaa", draft_title="Karaa")
    check_readable(revision)
    revision.publish(user=other, skip_permission_checks=True)
    assert again(page).live


# ---- Reviewed, still correct -------------------------------------------------------------------


def test_confirming_covers_only_what_was_seen(writer: User, other: User) -> None:
    fact = publish(make_fact(), writer, statement="Words.")
    french = translate(fact, "fr")
    now = timezone.now() + timedelta(hours=1)
    change(fact)
    seen = again(fact).changed_at - timedelta(seconds=1)
    with pytest.raises(NotConfirmable, match="changed since"):
        confirm_text(french, by=other, now=now, seen_at=seen)
    confirm_text(french, by=other, now=now, seen_at=again(fact).changed_at)
    assert again(french).current_as_of == now


def test_confirming_covers_only_a_use_that_was_seen(other: User) -> None:
    fact = make_fact()
    claim = make_claim(facts=[fact])
    now = timezone.now() + timedelta(hours=1)
    change(fact)
    with pytest.raises(NotConfirmable, match="changed since"):
        confirm_text(claim, by=other, now=now, seen_at=timezone.now())


def test_newer_words_are_not_confirmed_by_who_saw_older_ones(writer: User, other: User) -> None:
    soon = timezone.localdate() + timedelta(days=2)
    fact = make_fact(review_by=soon)
    seen = timezone.now()
    publish(fact, writer, statement="Newer words.")
    with pytest.raises(NotConfirmable, match="changed since"):
        confirm_text(again(fact), by=other, now=timezone.now(), seen_at=seen)
    confirm_text(again(fact), by=other, now=timezone.now(), seen_at=timezone.now())


def test_fact_needs_a_source_a_confidence_and_a_unit(writer: User) -> None:
    whole: dict[str, Any] = {
        "confidence": "A",
        "value": 5,
        "unit": "boats",
        "sources": [make_source()],
    }
    save_draft(make_fact("T-0"), writer, **whole).as_object().check_publishable()
    faults: tuple[tuple[dict[str, Any], str], ...] = (
        ({"sources": []}, "a source"),
        ({"confidence": ""}, "confidence"),
        ({"unit": ""}, "unit"),
    )
    for number, (fault, words) in enumerate(faults, start=1):
        revision = save_draft(make_fact(f"T-{number}"), writer, **{**whole, **fault})
        with pytest.raises(NotPublishable, match=words):
            revision.as_object().check_publishable()
