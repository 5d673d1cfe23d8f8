"""The first page of the admin: what needs an editor stands first, at the price of a few queries."""

from datetime import date, timedelta

import pytest
from bs4 import BeautifulSoup, Tag
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from wagtail.models import Page

from benchmarks.content_seed import Size, seed
from cms.models import ContactPoint, Fact, HarmClass, Review
from cms.rights import Role
from cms.starter.reading import Pack
from cms.upkeep.home import SHOWN
from cms.upkeep.standings import Wanted, count_ready
from tests.cms.people import browser_of, make_person
from tests.cms.upkeep import change, make_contact, make_fact, translate

HOME = "/cms/"
MOST_QUERIES = 40


@pytest.fixture
def editor(page_root: None) -> User:
    return make_person("amina", Role.EDITORS)


@pytest.fixture
def browser(editor: User) -> Client:
    return browser_of(editor)


def days_off(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def see(browser: Client, path: str = HOME) -> BeautifulSoup:
    response = browser.get(path)
    assert response.status_code == 200
    return BeautifulSoup(response.content.decode(), "html.parser")


def block(page: BeautifulSoup, need: str) -> Tag:
    found = page.find("section", attrs={"aria-labelledby": f"wm-{need}"})
    assert isinstance(found, Tag)
    return found


def keys(page: BeautifulSoup, need: str) -> list[str]:
    return [key.text for key in block(page, need).select(".wm-row .wm-key")]


def count_queries(browser: Client, path: str = HOME) -> int:
    browser.get(path)
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(path).status_code == 200
    return len(queries)


def test_what_needs_her_stands_before_all_else_and_counts_of_pages_are_gone(
    browser: Client,
) -> None:
    make_fact("T-1", review_by=days_off(-1))
    page = see(browser)
    panels = page.select(".w-dashboard > section, .w-dashboard > .w-panel, .wm-needs")
    assert "wm-needs" in panels[0]["class"]
    assert page.select(".w-summary") == []


def test_four_lists_have_the_worst_harm_first(browser: Client) -> None:
    make_fact("T-1", review_by=days_off(-3), harm_class=HarmClass.LOW)
    make_fact("T-2", review_by=days_off(-1), harm_class=HarmClass.HIGH)
    make_fact("T-3", review_by=days_off(2))
    make_contact("T-K1", result="wrong")
    fact = make_fact("T-4")
    translate(fact, "fr")
    change(fact)
    page = see(browser)
    assert keys(page, "late")[:2] == ["T-2", "T-1"]
    assert "T-3" in keys(page, "due")
    assert "T-K1" in keys(page, "dead")
    assert keys(page, "behind") == ["T-4"]
    assert "wrong number or place" in block(page, "dead").text


def test_line_says_harm_reason_date_and_languages_in_words(browser: Client) -> None:
    fact = make_fact("T-1", review_by=days_off(-1), harm_class=HarmClass.HIGH)
    translate(fact, "fr")
    line = block(see(browser), "late").select(".wm-row")[0]
    assert "high harm" in line.text
    assert "was due" in line.text
    assert line.time is not None
    assert line.time["datetime"] == str(days_off(-1))
    assert [abbr.text for abbr in line.select("abbr")] == ["en", "fr"]
    assert line.a is not None
    assert line.a["href"] == reverse("wagtailsnippets_cms_fact:edit", args=[fact.pk])


def test_text_that_is_behind_leads_to_each_language(browser: Client) -> None:
    fact = make_fact("T-1")
    french = translate(fact, "fr")
    change(fact)
    [link] = block(see(browser), "behind").select(".wm-tongues a")
    assert link.text == "Français"
    assert link["href"] == reverse("wagtailsnippets_cms_fact:edit", args=[french.pk])


def test_only_the_first_are_shown_and_the_rest_is_a_link_away(browser: Client) -> None:
    for number in range(SHOWN + 3):
        make_fact(f"T-{number}", review_by=days_off(-1))
    shown = block(see(browser), "late")
    assert len(shown.select(".wm-row")) == SHOWN
    [link] = shown.select(".wm-all")
    assert str(SHOWN + 3) in link.text
    assert len(see(browser, str(link["href"])).select(".wm-row")) == SHOWN + 3


def test_empty_lists_teach_when_something_will_appear(browser: Client) -> None:
    for model in (Fact, ContactPoint):
        model.objects.update(live=False)
    text = block(see(browser), "dead").text
    assert "Every contact was reached within thirty days" in text


def test_one_tap_on_the_first_page_confirms_and_comes_back(editor: User, browser: Client) -> None:
    fact = make_fact("T-1", review_by=days_off(-1))
    [form] = [one for one in see(browser).select(".wm-act") if f"/{fact.pk}/" in str(one["action"])]
    seen_at = str(form.select("button")[0]["value"])
    response = browser.post(str(form["action"]), {"next": HOME, "seen_at": seen_at})
    assert response["location"] == HOME
    assert keys(see(browser), "late") == []
    assert Review.objects.get(key="T-1").by == editor


def test_one_tap_on_the_first_page_tests_a_contact(browser: Client) -> None:
    make_contact("T-K1", result="untested", last_tested_on=None)
    [form] = block(see(browser), "dead").select(".wm-tests")
    results = [button["value"] for button in form.select("button")]
    assert results == ["reached", "wrong", "closed"]
    browser.post(str(form["action"]), {"next": HOME, "result": "reached"})
    assert "T-K1" not in keys(see(browser), "dead")


def test_translator_is_shown_only_her_own_languages_behind(page_root: None) -> None:
    fact = make_fact("T-1")
    translate(fact, "fr")
    translate(fact, "ar")
    change(fact)
    who = make_person("fatou", Role.TRANSLATORS, languages=("ar",))
    links = block(see(browser_of(who)), "behind").select(".wm-tongues a")
    assert [link["lang"] for link in links] == ["ar"]
    nobody = make_person("omar", Role.TRANSLATORS)
    assert keys(see(browser_of(nobody)), "behind") == []


def test_first_page_asks_few_queries_however_much_there_is(browser: Client) -> None:
    seed(Size(120, 60, 30, 10, 20), now=timezone.now(), languages=("en", "fr"))
    few = count_queries(browser)
    seed(Size(600, 300, 90, 30, 60), now=timezone.now(), languages=("en", "fr", "ar"))
    assert count_queries(browser) == few
    assert few < MOST_QUERIES


def test_seed_of_the_benchmark_leaves_a_sound_tree(page_root: None) -> None:
    seed(Size(5, 3, 2, 1, 1), now=timezone.now(), languages=("en", "fr"))
    assert Page.find_problems() == ([], [], [], [], [])
    total, ready = count_ready(Wanted())
    assert 0 < ready["fr"] <= total


def test_first_page_of_the_starter_is_shown_in_arabic(starter: Pack, browser: Client) -> None:
    with translation.override("en"):  # the request changes the language for whatever comes after it
        response = browser.get(HOME, headers={"accept-language": "ar"})
    assert 'dir="rtl"' in response.content.decode()
    assert count_queries(browser) < MOST_QUERIES
