"""The language switch: it stays on the same thing, and says where that is not in a language yet."""

import re
from datetime import date

import pytest
from django.test import Client

from cms.models import MessagePage, RoutePage
from tests.cms.finding import find_message
from tests.cms.reading import read
from tests.cms.telling import tell_story, translate_story, warn

pytestmark = pytest.mark.usefixtures("starter")

HOMES = ("en", "am", "ar", "es", "fr", "ha", "so", "ti")


@pytest.fixture(autouse=True)
def on_the_day_of_the_pack(monkeypatch: pytest.MonkeyPatch, today: date) -> None:
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_moment, **_zone: today)


def switch(text: str) -> dict[str, tuple[str, bool]]:
    """Return by language where the switch leads, and whether it is there already."""
    menu = text.partition('<ul class="tongues">')[2].partition("</ul>")[0]
    found: dict[str, tuple[str, bool]] = {}
    for item in menu.split("<li>")[1:]:
        code = re.search(r'lang="([a-z]+)"', item)
        to = re.search(r'href="([^"]+)"', item)
        assert code is not None
        found[code[1]] = (to[1] if to else "", "(" not in item)
    return found


@pytest.mark.parametrize(
    "rest", ["", "cmed/", "cmed/risks/", "cmed/help/", "help/", "help/ly/", "privacy/"]
)
def test_switch_stays_on_the_same_thing_in_every_language(reader: Client, rest: str) -> None:
    wanted = {code: (f"/{code}/{rest}", True) for code in HOMES} | {"fr": ("", True)}
    assert switch(read(reader, f"/fr/{rest}")) == wanted


def test_switch_follows_the_names_that_pages_have_in_each_language(reader: Client) -> None:
    page = RoutePage.objects.get(slug="cmed", locale__language_code="fr")
    page.slug = "mediterranee"
    page.save()
    to = switch(read(reader, "/en/cmed/risks/"))
    assert to["fr"] == ("/fr/mediterranee/risks/", True)
    assert switch(read(reader, "/fr/mediterranee/risks/"))["ar"] == ("/ar/cmed/risks/", True)
    # The original's name stands for it in every language.
    assert '<html lang="fr"' in read(reader, "/fr/cmed/risks/")


def test_language_that_a_page_lacks_leads_to_the_marked_nearest(reader: Client) -> None:
    RoutePage.objects.get(slug="cmed", locale__language_code="fr").unpublish()
    for rest in ("cmed/", "cmed/risks/"):
        assert switch(read(reader, f"/en/{rest}"))["fr"] == (f"/fr/{rest}", False)
        text = read(reader, f"/fr/{rest}")
        assert '<html lang="en"' in text
        assert "This page is not in Français yet. It is shown in English." in text
        assert switch(text)["fr"] == ("", False)
        assert switch(text)["ar"] == (f"/ar/{rest}", True)


def test_first_page_offers_a_route_that_is_not_in_its_language_yet(reader: Client) -> None:
    page = RoutePage.objects.get(slug="cmed", locale__language_code="fr")
    title = RoutePage.objects.get(slug="cmed", locale__language_code="en").title
    page.unpublish()
    text = read(reader, "/fr/")
    assert f'<a href="/fr/cmed/"><span lang="en" dir="ltr">{title}</span></a>' in text


def test_message_and_plain_page_that_a_language_lacks_are_shown_in_the_nearest(
    reader: Client,
) -> None:
    page = find_message("MSG-GEN-1", "fr")
    page.unpublish()
    text = read(reader, f"/fr/{page.slug}/")
    assert '<html lang="en"' in text
    assert switch(text)["fr"] == ("", False)


def test_draft_that_was_never_live_is_not_served(reader: Client) -> None:
    home = RoutePage.objects.get(slug="cmed", locale__language_code="en").get_parent()
    draft = MessagePage(
        title="Not yet", slug="not-yet", pattern="nudge", expires="2027-01-01", live=False
    )
    home.add_child(instance=draft)
    for path in ("/en/not-yet/", "/ar/not-yet/"):
        assert reader.get(path).status_code == 404


def test_story_and_alert_say_in_which_languages_they_are(reader: Client, today: date) -> None:
    translate_story(tell_story(today=today), "ar", statement="انتظرت.")
    warn(today=today, route="cmed")
    to = switch(read(reader, "/en/story/cm-s1/"))
    assert to["ar"] == ("/ar/story/cm-s1/", True)
    assert to["fr"] == ("/fr/story/cm-s1/", False)
    assert switch(read(reader, "/en/alert/al-1/"))["ar"] == ("/ar/alert/al-1/", False)


def test_page_that_is_in_none_of_her_languages_is_shown_in_its_own(reader: Client) -> None:
    pages = RoutePage.objects.filter(slug="cmed")
    pages.filter(locale__language_code="en").update(translation_state="reviewed")
    pages.filter(locale__language_code="so").update(translation_state="original")
    for page in pages.exclude(locale__language_code="so"):
        page.unpublish()
    text = read(reader, "/ar/cmed/")
    assert '<html lang="so"' in text
    assert 'class="note"' in text
