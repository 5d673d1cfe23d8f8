"""What is late, due, out of reach or behind: querysets that agree with the rules, worst harm first."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cms.freshness import Age, Reach, Use, age_of, judge_use, reach_of
from cms.models import ContactPoint, Fact, HarmClass, MessagePage, Story, StoryConsent, TestResult
from cms.overdue import dead_contacts, of_age, withdrawn_stories
from cms.starter.reading import Pack
from cms.upkeep.items import (
    Item,
    Need,
    Reason,
    Scope,
    complete,
    first_ends,
    list_behind,
    list_overdue,
)
from locales.languages import READER_LANGUAGES
from tests.cms.finding import find_message
from tests.cms.upkeep import LATER, change, in_days, make_contact, make_fact, translate
from tests.conftest import PACK_DAY as TODAY

pytestmark = pytest.mark.database

# Days near each other, so that examples fall on the borders.
days = st.integers(-40, 40).map(lambda days: TODAY + timedelta(days=days))
DATABASE = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def keys(items: list[Item], need: Need) -> list[str]:
    return [item.key for item in items if item.need == need]


def find(key: str, **scope: Any) -> list[Item]:
    found = list_overdue(today=TODAY, scope=Scope(**scope))
    return [item for item in found if item.key == key]


# ---- The querysets and the rules say the same --------------------------------------------------


@DATABASE
@given(review_by=days, expires=st.none() | days, has_expired=st.booleans())
@example(review_by=TODAY, expires=None, has_expired=False)
@example(review_by=LATER, expires=TODAY + timedelta(days=7), has_expired=False)
def test_fact_is_found_under_the_age_that_the_rule_gives_it_and_no_other(
    db: None, review_by: date, expires: date | None, has_expired: bool
) -> None:
    fact = Fact.objects.filter(key="T-AGE").first() or make_fact("T-AGE")
    Fact.objects.filter(pk=fact.pk).update(
        review_by=review_by, expires=expires, has_expired=has_expired
    )
    found = {age for age in Age if of_age(Fact, age, today=TODAY).filter(pk=fact.pk).exists()}
    assert found == {age_of(review_by, today=TODAY, expires=expires, has_expired=has_expired)}


@DATABASE
@given(expires=days, has_expired=st.booleans())
def test_message_is_found_under_the_age_of_its_one_date(
    starter: Pack, expires: date, has_expired: bool
) -> None:
    message = find_message("MSG-GEN-1")
    MessagePage.objects.filter(pk=message.pk).update(expires=expires, has_expired=has_expired)
    ages = {
        age for age in Age if of_age(MessagePage, age, today=TODAY).filter(pk=message.pk).exists()
    }
    assert ages == {age_of(expires, today=TODAY, expires=expires, has_expired=has_expired)}


@DATABASE
@given(result=st.sampled_from(TestResult.values), tested=st.none() | days)
def test_contact_is_dead_exactly_where_the_rule_holds_a_message_for_it(
    db: None, result: str, tested: date | None
) -> None:
    point = ContactPoint.objects.filter(key="T-K").first() or make_contact("T-K")
    ContactPoint.objects.filter(pk=point.pk).update(result=result, last_tested_on=tested)
    reach = reach_of(result, last_tested_on=tested, today=TODAY)
    assert dead_contacts(today=TODAY).filter(pk=point.pk).exists() is (reach != Reach.REACHED)
    use = Use(
        "contact_point",
        "T-K",
        live=True,
        sendable=True,
        review_by=LATER,
        reached_on=tested if result == "reached" else None,
    )
    held = {hold.code for hold in judge_use(use, today=TODAY)}
    assert ("contact_point_untested" in held) is (reach != Reach.REACHED)
    item = find("T-K")
    assert [found.reason.value for found in item] == ([] if reach == Reach.REACHED else [reach])


def test_story_without_its_consent_is_named_while_anything_rests_on_it(starter: Pack) -> None:
    consent = StoryConsent.objects.create(
        reference="P-7", given_on=TODAY, how="written", scope=["web", "messages"], of_age=True
    )
    fact = make_fact()
    story = Story.objects.create(
        key="T-S1",
        locale=fact.locale,
        title="A way back",
        told_as="Mariam",
        statement="She came back.",
        review_by=LATER,
        consent=consent,
    )
    assert not withdrawn_stories().exists()
    StoryConsent.objects.filter(pk=consent.pk).update(withdrawn_at=timezone.now())
    assert [item.reason for item in find("T-S1")] == [Reason.WITHDRAWN]
    Story.objects.filter(pk=story.pk).update(live=False)
    assert not find("T-S1")
    message = find_message("MSG-GEN-1")
    message.stories = [Story.objects.get(pk=story.pk)]
    message.save()
    assert [item.reason for item in find("T-S1")] == [Reason.WITHDRAWN]


# ---- The lists ---------------------------------------------------------------------------------


def test_worst_harm_comes_first_and_then_the_earliest_date(db: None) -> None:
    for key, harm, day in (
        ("T-1", HarmClass.LOW, -9),
        ("T-2", HarmClass.HIGH, -1),
        ("T-3", HarmClass.MEDIUM, -5),
        ("T-4", HarmClass.HIGH, -3),
        ("T-5", HarmClass.HIGH, 5),
    ):
        make_fact(key, harm_class=harm, review_by=in_days(day))
    ours = [item for item in list_overdue(today=TODAY) if item.key.startswith("T-")]
    assert keys(ours, Need.LATE) == ["T-4", "T-2", "T-3", "T-1"]
    assert keys(ours, Need.DUE) == ["T-5"]


@pytest.mark.parametrize(
    ("fields", "reason", "day"),
    [
        ({"review_by": in_days(0)}, Reason.STALE, in_days(0)),
        ({"review_by": in_days(7)}, Reason.DUE, in_days(7)),
        ({"expires": in_days(-2)}, Reason.EXPIRED, in_days(-2)),
        ({"expires": in_days(4)}, Reason.DUE, in_days(4)),
        ({"has_expired": True}, Reason.ENDED, None),
        ({"has_expired": True, "expires": in_days(-2)}, Reason.EXPIRED, in_days(-2)),
    ],
)
def test_reason_comes_with_the_day_that_it_is_about(
    db: None, fields: dict[str, Any], reason: Reason, day: date | None
) -> None:
    make_fact("T-1", **fields)
    [item] = find("T-1")
    assert (item.reason, item.day) == (reason, day)


def test_what_is_fresh_or_not_live_or_a_translation_asks_nobody(db: None) -> None:
    fact = make_fact("T-1")
    translate(fact, "fr", review_by=in_days(-5))
    make_fact("T-2", live=False, review_by=in_days(-5))
    assert not find("T-1")
    assert not find("T-2")


def test_expired_contact_is_late_and_not_called_dead_as_well(db: None) -> None:
    make_contact("T-K1", expires=in_days(-1), result="untested", last_tested_on=None)
    assert [item.need for item in find("T-K1")] == [Need.LATE]


def test_list_is_narrowed_to_a_kind_a_route_or_a_harm(starter: Pack) -> None:
    Fact.objects.update(review_by=in_days(-1))
    fact = Fact.objects.filter(key="WA-R2", translation_state="original").get()
    route = fact.routes.first()
    assert route is not None
    assert find("WA-R2", kind="fact", route=route.code, harm=fact.harm_class)
    assert not find("WA-R2", kind="claim")
    assert not find("WA-R2", route="none")
    other = next(harm for harm in HarmClass.values if harm != fact.harm_class)
    assert not find("WA-R2", harm=other)


# ---- Behind ------------------------------------------------------------------------------------


def test_changed_fact_names_its_translations_and_every_language_of_its_uses(starter: Pack) -> None:
    assert list_behind() == []
    change(Fact.objects.get(key="WA-R2", locale__language_code="en"))
    found = {item.key: item for item in complete(list_behind())}
    assert found["WA-R2"].reason == Reason.OUTDATED
    assert "en" not in {one.language for one in found["WA-R2"].wordings}
    message = found["MSG-WA-1"]
    assert message.reason == Reason.USE_CHANGED
    assert (message.pk, message.title) == (
        find_message("MSG-WA-1").pk,
        find_message("MSG-WA-1").title,
    )
    assert {one.language for one in message.wordings} == set(READER_LANGUAGES)
    assert {one.pk for one in message.wordings} == set(
        MessagePage.objects.filter(key="MSG-WA-1").values_list("pk", flat=True)
    )


def test_harm_of_what_is_behind_is_that_of_its_original(db: None) -> None:
    fact = make_fact("T-1", harm_class=HarmClass.HIGH)
    translate(fact, "fr")
    change(fact)
    assert [item.harm for item in list_behind() if item.key == "T-1"] == [HarmClass.HIGH]


def test_what_is_behind_is_narrowed_to_languages_routes_and_harm(starter: Pack) -> None:
    change(Fact.objects.get(key="WA-R2", locale__language_code="en"))
    french = list_behind(scope=Scope(languages=("fr",)))
    assert french
    assert {one.language for item in french for one in item.wordings} == {"fr"}
    assert list_behind(scope=Scope(route="none")) == []
    assert {item.kind for item in list_behind(scope=Scope(kind="messagepage"))} == {"messagepage"}
    assert list_behind(scope=Scope(harm="low", kind="fact")) == []


def test_message_ends_with_the_first_thing_that_it_uses(starter: Pack) -> None:
    message = find_message("MSG-WA-1")
    MessagePage.objects.filter(pk=message.pk).update(expires=in_days(3))
    Fact.objects.filter(messages=message).update(review_by=in_days(50))
    first = Fact.objects.filter(messages=message).first()
    assert first is not None
    Fact.objects.filter(pk=first.pk).update(expires=in_days(20))
    items = find("MSG-WA-1")
    assert first_ends(items)[message.pk] == in_days(20)


def test_lists_take_as_many_queries_for_many_as_for_few(
    db: None, django_assert_num_queries: Any
) -> None:
    for size in (2, 40):
        for number in range(size):
            fact = make_fact(f"T-{size}-{number}", review_by=in_days(-1))
            translate(fact, "fr")
            change(fact)
        with django_assert_num_queries(4):
            complete([*list_overdue(today=TODAY), *list_behind()])
