"""Acts of one tap: confirming, testing, and what a major change asks for; each recorded, none undone."""

import html
import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from cms.freshness import Age, age_of
from cms.holding import hold_reasons, is_behind, may_be_given
from cms.models import Act, ContactPoint, Fact, MessagePage, Review, TestResult, TranslationState
from cms.rights import Role
from cms.starter.reading import Pack
from cms.upkeep.acts import RESULTS
from cms.upkeep.confirming import (
    LONGEST,
    SHORTEST,
    USUAL,
    USUAL_FOR_CONTACTS,
    Dates,
    NotConfirmable,
    confirm_text,
    next_day_of_message,
    offer_for,
    why_not,
)
from cms.upkeep.history import authors_of_live
from tests.cms.finding import find_message
from tests.cms.forms import edit_url, open_form, said, send_form
from tests.cms.people import browser_of, make_person
from tests.cms.upkeep import change, in_days, make_contact, make_fact, translate
from tests.conftest import PACK_DAY as TODAY

pytestmark = pytest.mark.database

days = st.integers(-400, 400).map(lambda days: TODAY + timedelta(days=days))


@pytest.fixture
def amina(page_root: None) -> User:
    return make_person("amina", Role.EDITORS)


@pytest.fixture
def bakary(page_root: None) -> User:
    return make_person("bakary", Role.EDITORS)


def again(row: Any) -> Any:
    return type(row).objects.get(pk=row.pk)


def days_off(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def confirm(who: User, row: Any) -> Any:
    kind = row._meta.model_name
    seen = {"seen_at": timezone.now().isoformat()}
    return browser_of(who).post(reverse("upkeep_confirm", args=[kind, row.pk]), seen)


def test_it(who: User, point: ContactPoint, result: str) -> Any:
    return browser_of(who).post(reverse("upkeep_test", args=[point.pk]), {"result": result})


test_it.__test__ = False  # type: ignore[attr-defined]


def publish(row: Any, by: User, **fields: Any) -> Any:
    """Put new words live as their author's, without the reviews that others test."""
    draft = again(row)
    for name, value in fields.items():
        setattr(draft, name, value)
    revision = draft.save_revision(user=by)
    again(row).publish(revision)
    return again(row)


# ---- The next date -----------------------------------------------------------------------------


@given(review_by=days, written=days, expires=st.none() | days, has_expired=st.booleans())
def test_next_date_is_later_than_any_before_it_and_never_beyond_the_end(
    review_by: date, written: date, expires: date | None, has_expired: bool
) -> None:
    dates = Dates(review_by, written, expires=expires, has_expired=has_expired)
    day = dates.next_day(today=TODAY)
    age = age_of(review_by, today=TODAY, expires=expires, has_expired=has_expired)
    if day is None:
        return
    assert age in {Age.DUE, Age.STALE}
    assert day > max(TODAY, review_by)
    assert expires is None or day <= expires
    assert day - TODAY <= LONGEST


@pytest.mark.parametrize(
    ("written", "usual", "expected"),
    [
        (-90, USUAL, in_days(90)),
        (-300, USUAL, in_days(300)),
        (-3, USUAL, TODAY + USUAL),
        (-900, USUAL, TODAY + USUAL),
        (-3, USUAL_FOR_CONTACTS, in_days(30)),
        (-SHORTEST.days, USUAL, TODAY + SHORTEST),
    ],
)
def test_next_date_is_as_far_away_as_the_last_one_was_or_as_usual(
    written: int, usual: timedelta, expected: date
) -> None:
    assert Dates(TODAY, in_days(written), usual=usual).next_day(today=TODAY) == expected


def test_message_runs_on_as_long_as_what_it_uses() -> None:
    ends = [in_days(40), in_days(90)]
    assert next_day_of_message(in_days(3), ends, today=TODAY) == in_days(40)
    assert next_day_of_message(in_days(3), [in_days(2)], today=TODAY) is None
    assert next_day_of_message(in_days(30), ends, today=TODAY) is None
    assert next_day_of_message(in_days(3), [], today=TODAY) == TODAY + USUAL


# ---- Reviewed, still correct -------------------------------------------------------------------


def test_confirming_sets_the_next_date_in_every_language_without_a_draft(amina: User) -> None:
    fact = make_fact(review_by=days_off(2))
    french = translate(fact, "fr", review_by=days_off(2))
    words = said(confirm(amina, fact))
    expected = timezone.localdate() + USUAL
    assert again(fact).review_by == again(french).review_by == expected
    assert fact.key in words
    assert str(expected.year) in words
    assert again(fact).latest_revision is None
    [review] = Review.objects.filter(key=fact.key)
    assert (review.act, review.by, review.language) == (Act.CONFIRMED, amina, "en")


def test_confirmed_date_outlives_the_date_in_older_drafts(amina: User, bakary: User) -> None:
    fact = publish(make_fact(review_by=days_off(2)), amina, statement="New words.")
    confirm(bakary, fact)
    expected = again(fact).review_by
    assert expected > days_off(2)
    assert again(fact).get_latest_revision_as_object().review_by == expected
    later = publish(again(fact).get_latest_revision_as_object(), amina, statement="Newer words.")
    assert later.review_by == expected


def test_editors_own_shorter_date_counts_after_a_confirmation(amina: User, bakary: User) -> None:
    fact = publish(make_fact(review_by=days_off(2)), amina, statement="New words.")
    confirm(bakary, fact)
    shorter = publish(again(fact), amina, review_by=days_off(20))
    assert shorter.review_by == days_off(20)


@pytest.mark.parametrize("fields", [{}, {"expires": date(2020, 1, 1)}, {"live": False}])
def test_nothing_is_offered_for_what_is_fresh_expired_or_not_live(
    amina: User, fields: dict[str, Any]
) -> None:
    fact = make_fact(**fields)
    assert offer_for(fact, today=TODAY) is None
    assert "nothing to confirm" in said(confirm(amina, fact))
    assert not Review.objects.filter(key=fact.key).exists()


def test_confirming_lets_a_message_out_that_a_changed_fact_held(starter: Pack, amina: User) -> None:
    message = find_message("MSG-WA-1")
    change(Fact.objects.get(key="WA-R2", locale__language_code="en"))
    now = timezone.now() + timedelta(hours=1)
    held = {hold.code for hold in hold_reasons(message, today=TODAY, rehearsal=True)}
    assert held == {"use_changed"}
    offer = confirm_text(message, by=amina, now=now, seen_at=now)
    assert offer.new_day is None
    assert hold_reasons(again(message), today=TODAY, rehearsal=True) == []
    assert is_behind(find_message("MSG-WA-1", "fr"))


def test_message_near_its_end_runs_on_with_what_it_uses(starter: Pack, amina: User) -> None:
    message = find_message("MSG-WA-1")
    MessagePage.objects.filter(key=message.key).update(expires=days_off(3))
    ends = min(fact.review_by for fact in message.facts.all())
    confirm(amina, again(message))
    assert days_off(3) < again(message).expires <= ends
    assert find_message("MSG-WA-1", "fr").expires == again(message).expires


@pytest.mark.parametrize("seen", ["", "yesterday", "2026-11-21T12:00:00"])
def test_confirming_without_saying_when_it_was_seen_is_refused(amina: User, seen: str) -> None:
    fact = make_fact(review_by=days_off(2))
    address = reverse("upkeep_confirm", args=["fact", fact.pk])
    answer = browser_of(amina).post(address, {"seen_at": seen})
    assert "Look at it again" in said(answer)
    assert again(fact).review_by == days_off(2)


@pytest.mark.parametrize("place", ["form", "list", "start"])
def test_every_button_says_when_its_page_was_shown(amina: User, place: str) -> None:
    fact = make_fact(review_by=days_off(2))
    start = reverse("wagtailadmin_home")
    listed = reverse("wagtailsnippets_cms_fact:list")
    page = {"form": edit_url(fact), "list": listed, "start": start}[place]
    browser = browser_of(amina)
    found = re.search(r'name="seen_at" value="([^"]+)"', browser.get(page).content.decode())
    assert found is not None
    address = reverse("upkeep_confirm", args=["fact", fact.pk])
    browser.post(address, {"seen_at": html.unescape(found.group(1))})
    assert again(fact).review_by > days_off(2)


def test_author_of_what_is_live_is_refused_and_hears_who_may(amina: User, bakary: User) -> None:
    fact = publish(make_fact(review_by=days_off(1)), amina, statement="Her own words.")
    assert authors_of_live(fact) == {amina.pk}
    words = said(confirm(amina, fact))
    assert "somebody else must confirm it: bakary" in words
    assert again(fact).review_by == days_off(1)
    confirm(bakary, fact)
    assert again(fact).review_by > days_off(1)


def test_author_of_what_was_live_before_may_confirm_what_another_wrote(
    amina: User, bakary: User
) -> None:
    fact = publish(make_fact(review_by=days_off(1)), amina, statement="Her words.")
    fact = publish(fact, bakary, statement="His words.")
    assert authors_of_live(fact) == {bakary.pk}
    assert why_not(fact, amina) == ""
    assert why_not(fact, bakary) != ""


def test_every_author_of_the_drafts_below_the_live_text_is_one(amina: User, bakary: User) -> None:
    fact = make_fact(review_by=days_off(1))
    draft = again(fact)
    draft.statement = "Half of it."
    draft.save_revision(user=bakary)
    fact = publish(again(fact), amina, statement="All of it.")
    assert authors_of_live(fact) == {amina.pk, bakary.pk}


def test_translator_confirms_in_her_own_languages_only(amina: User) -> None:
    fact = make_fact()
    arabic, french = translate(fact, "ar"), translate(fact, "fr")
    change(fact)
    fatou = make_person("fatou", Role.TRANSLATORS, languages=("ar",))
    now = timezone.now() + timedelta(hours=1)
    confirm_text(arabic, by=fatou, now=now, seen_at=now)
    assert not is_behind(again(arabic))
    with pytest.raises(NotConfirmable, match="none of your languages"):
        confirm_text(french, by=fatou, now=now, seen_at=now)


def test_reviewer_may_confirm_and_a_stranger_may_not(amina: User) -> None:
    fact = make_fact(review_by=days_off(1))
    assert why_not(fact, make_person("r", Role.REVIEWERS)) == ""
    assert "Editors and reviewers may" in why_not(fact, make_person("nobody"))


def test_button_stands_on_the_form_with_the_date_that_it_sets(amina: User, bakary: User) -> None:
    fact = make_fact(review_by=days_off(1))
    address = reverse("upkeep_confirm", args=["fact", fact.pk])
    text = browser_of(bakary).get(edit_url(fact)).content.decode()
    assert f'formaction="{address}"' in text
    assert str((timezone.localdate() + USUAL).year) in text
    fresh = make_fact("T-2")
    assert "upkeep/confirm" not in browser_of(bakary).get(edit_url(fresh)).content.decode()


def test_author_sees_who_may_confirm_in_place_of_the_button(amina: User, bakary: User) -> None:
    fact = publish(make_fact(review_by=days_off(1)), amina, statement="Her own words.")
    text = browser_of(amina).get(edit_url(fact)).content.decode()
    assert "upkeep/confirm" not in text
    assert "somebody else must confirm it" in text


def test_acts_are_never_done_by_looking(amina: User) -> None:
    fact, point = make_fact(review_by=days_off(1)), make_contact()
    browser = browser_of(amina)
    for name, args in (("upkeep_confirm", ["fact", fact.pk]), ("upkeep_test", [point.pk])):
        assert browser.get(reverse(name, args=args)).status_code == 405
        assert Client().post(reverse(name, args=args)).status_code == 302
    assert browser.post("/cms/upkeep/confirm/user/1/").status_code == 404
    assert not Review.objects.filter(key__in=[fact.key, point.key]).exists()


def test_way_back_leads_to_no_other_site(amina: User) -> None:
    point = make_contact()
    address = reverse("upkeep_test", args=[point.pk])
    sent = {"result": "reached", "next": "https://elsewhere.example/"}
    assert browser_of(amina).post(address, sent)["location"] == edit_url(point)


# ---- Testing a contact -------------------------------------------------------------------------


@pytest.mark.parametrize("result", [TestResult.WRONG, TestResult.CLOSED])
def test_contact_that_fails_is_held_at_once_in_every_language(
    starter: Pack, amina: User, result: TestResult
) -> None:
    point = ContactPoint.objects.filter(messages__key="MSG-CM-1").first()
    assert point is not None
    rows = ContactPoint.objects.filter(translation_key=point.translation_key)
    rows.update(result="reached", last_tested_on=timezone.localdate(), sendable=True)
    today = timezone.localdate()
    assert may_be_given(again(point), today=today, rehearsal=False)
    words = said(test_it(amina, point, result))
    assert "held until it is" in words
    assert set(rows.values_list("result", flat=True)) == {result}
    assert not may_be_given(again(point), today=today, rehearsal=False)
    [review] = Review.objects.filter(key=point.key, act=Act.TESTED)
    assert (review.by, review.note) == (amina, result)


def test_wrong_tap_is_mended_by_the_right_one_and_both_are_kept(amina: User) -> None:
    point = make_contact()
    test_it(amina, point, "closed")
    test_it(amina, point, "reached")
    assert again(point).result == "reached"
    notes = Review.objects.filter(key=point.key).values_list("note", flat=True)
    assert list(notes) == ["reached", "closed"]
    text = browser_of(amina).get(edit_url(point)).content.decode()
    assert text.index("upkeep/test") < text.index("wm-history")
    assert "closed" in text[text.index("wm-history") :]


@pytest.mark.parametrize("result", ["", "untested", "maybe"])
def test_strange_result_is_no_test(amina: User, result: str) -> None:
    point = make_contact()
    assert test_it(amina, point, result).status_code == 404
    assert not Review.objects.filter(key=point.key).exists()


def test_who_may_not_change_contacts_tests_none(page_root: None) -> None:
    point = make_contact()
    who = make_person("bystander", Role.REVIEWERS)
    words = said(test_it(who, point, "closed"))
    assert "Editors may" in words
    assert again(point).result == "reached"


def test_three_large_buttons_stand_in_the_form_and_in_the_list(amina: User) -> None:
    point = make_contact()
    browser = browser_of(amina)
    address = reverse("upkeep_test", args=[point.pk])
    for place in (edit_url(point), reverse("wagtailsnippets_cms_contactpoint:list")):
        text = browser.get(place).content.decode()
        assert address in text
        assert all(f'name="result" value="{result}"' in text for result in RESULTS)


# ---- Before a change, and after it -------------------------------------------------------------


def test_form_says_where_a_fact_is_used_and_what_a_major_change_asks(
    starter: Pack, amina: User
) -> None:
    fact = Fact.objects.get(key="WA-R2", locale__language_code="en")
    text = browser_of(amina).get(edit_url(fact)).content.decode()
    assert "Used in 2 places" in text
    assert "MSG-WA-1" in text
    assert "messages: 1, in 8 languages" in text
    assert "translations of this text: 7" in text
    unused = make_fact()
    text = browser_of(amina).get(edit_url(unused)).content.decode()
    assert "Used nowhere yet" in text


def test_each_new_change_begins_as_a_major_one(amina: User, bakary: User) -> None:
    fact = publish(make_fact(), amina, statement="A comma.", change_kind="minor")
    browser = browser_of(amina)
    assert open_form(browser, fact)["change_kind"] == ["major"]
    send_form(browser, fact, statement="Another comma.", change_kind="minor")
    assert open_form(browser, fact)["change_kind"] == ["minor"]


def test_translation_and_new_entry_are_not_asked_what_their_change_is(
    starter: Pack, amina: User
) -> None:
    browser = browser_of(amina)
    french = Fact.objects.get(key="WA-R2", locale__language_code="fr")
    assert "change_kind" not in open_form(browser, french)
    add = browser.get(reverse("wagtailsnippets_cms_fact:add")).content.decode()
    assert 'name="change_kind"' not in add
    send_form(browser, french, statement="D’autres mots.")
    assert again(french).get_latest_revision_as_object().statement == "D’autres mots."


@pytest.mark.once
def test_every_language_of_a_use_shows_old_and_new_words(starter: Pack, amina: User) -> None:
    fact = Fact.objects.get(key="WA-R2", locale__language_code="en")
    before = fact.statement
    publish(fact, amina, statement="Fourteen days at the least.")
    for language in ("en", "fr", "ar"):
        message = find_message("MSG-WA-1", language)
        text = browser_of(amina).get(edit_url(message)).content.decode()
        assert "WA-R2 changed on" in text
        assert "Fourteen days at the least." in text
        assert before.split(".")[0] in text
    confirm(make_person("other", Role.EDITORS), find_message("MSG-WA-1"))
    text = browser_of(amina).get(edit_url(find_message("MSG-WA-1"))).content.decode()
    assert "WA-R2 changed on" not in text


@pytest.mark.parametrize("kind", ["fact", "contactpoint"])
def test_lists_ask_as_many_queries_for_many_rows_as_for_few(amina: User, kind: str) -> None:
    browser, counts, text = browser_of(amina), [], ""
    make = {"fact": make_fact, "contactpoint": make_contact}[kind]
    for size in (2, 15):
        for number in range(size):
            make(f"T-{size}-{number}", review_by=days_off(1))
        address = reverse(f"wagtailsnippets_cms_{kind}:list")
        browser.get(address)
        with CaptureQueriesContext(connection) as queries:
            text = browser.get(address).content.decode()
        counts.append(len(queries))
    assert counts[0] == counts[1]
    for words in ("due this week", "medium", "up to date", "Reviewed, still correct"):
        assert words in text


def test_list_says_in_words_how_each_row_stands(starter: Pack, amina: User) -> None:
    fact = Fact.objects.get(key="CM-R1", locale__language_code="en")
    Fact.objects.filter(key="CM-R1", locale__language_code="fr").update(
        translation_state=TranslationState.REVIEWED
    )
    change(fact)
    address = reverse("wagtailsnippets_cms_fact:list")
    text = browser_of(amina).get(address, {"q": "CM-R1"}).content.decode()
    assert "outdated" in text
