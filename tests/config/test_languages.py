"""Many languages have readers' pages, four have the interface; each answer is in a fitting one."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.template import Context, Template
from django.test import Client
from django.urls import resolve
from django.utils import translation
from wagtail.models import Locale
from wagtail.views import serve

from cms.models import HomePage
from locales.languages import CONTENT_LANGUAGES, INTERFACE_LANGUAGES, LANGUAGES, get_language

CODE = pytest.mark.parametrize("code", CONTENT_LANGUAGES)
BUTTON = re.compile(r'<button class="quiet" name="language" value="(\w+)"')


@CODE
def test_django_knows_every_content_language_and_its_direction(code: str) -> None:
    known = translation.get_language_info(code)
    assert known["bidi"] is (get_language(code).direction == "rtl")
    assert known["name_local"]
    with translation.override(code):
        assert translation.get_language_bidi() is known["bidi"]
    assert Locale(language_code=code).is_bidi is known["bidi"]
    shown = Template("{% load i18n %}{% get_language_info for code as l %}{{ l.code }}{{ l.bidi }}")
    assert shown.render(Context({"code": code})) == f"{code}{known['bidi']}"


@CODE
def test_address_of_every_content_language_leads_to_its_pages(code: str) -> None:
    assert translation.get_language_from_path(f"/{code}/") == code, "run `make translations`"
    with translation.override(code):
        assert resolve(f"/{code}/").func is serve
        assert resolve(f"/{code}/cmed/").func is serve


def test_no_language_is_hidden_by_an_address_of_ours() -> None:
    ours = {
        "accounts",
        "api",
        "cms",
        "desk",
        "healthz",
        "hooks",
        "i18n",
        "media",
        "metrics",
        "r",
        "reach",
    }
    assert not ours & LANGUAGES.keys()
    for word in ours:
        assert translation.get_language_from_path(f"/{word}/") is None


def test_wagtail_takes_content_in_all_and_speaks_the_four() -> None:
    assert [code for code, _name in settings.WAGTAIL_CONTENT_LANGUAGES] == list(CONTENT_LANGUAGES)
    permitted = dict(settings.WAGTAILADMIN_PERMITTED_LANGUAGES)
    assert tuple(permitted) == INTERFACE_LANGUAGES
    assert permitted["es"] == "Español"


def test_interface_pages_offer_the_four_languages(client: Client, db: None) -> None:
    page = client.get("/accounts/login/").content.decode()
    assert tuple(BUTTON.findall(page)) == INTERFACE_LANGUAGES


@pytest.mark.parametrize(
    ("accepted", "spoken"),
    [
        ("wo", "fr"),
        ("wo-SN,wo;q=0.9", "fr"),
        ("wo,en;q=0.5", "en"),
        ("so", "en"),
        ("so,ar;q=0.8", "ar"),
        ("arz", "ar"),
        ("es-MX", "es"),
        ("bm,xx", "fr"),
        ("xx,*", "en"),
        ("", "en"),
    ],
)
def test_sign_in_page_is_in_the_nearest_of_the_four(
    client: Client, db: None, accepted: str, spoken: str
) -> None:
    response = client.get("/accounts/login/", headers={"accept-language": accepted})
    direction = get_language(spoken).direction
    assert f'<html lang="{spoken}" dir="{direction}">' in response.content.decode()
    assert response["Content-Language"] == spoken


@pytest.mark.parametrize(("chosen", "spoken"), [("ar", "ar"), ("wo", "fr"), ("zz", "es")])
def test_what_somebody_chose_comes_before_what_the_browser_says(
    client: Client, db: None, chosen: str, spoken: str
) -> None:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = chosen
    accepted = "" if chosen == "wo" else "es"
    page = client.get("/accounts/login/", headers={"accept-language": accepted})
    assert f'<html lang="{spoken}"' in page.content.decode()


@pytest.fixture
def homes(starter: Any) -> set[str]:
    """Return the languages that the starter pack's pages are in, French and Arabic at least."""
    found = set(HomePage.objects.live().values_list("locale__language_code", flat=True))
    assert found >= {"en", "fr", "ar"}
    return found


@pytest.mark.parametrize("path", ["/cmed/", "/cmed", "/m/x7k2p", "/help/", "/en-GB/", "/zh/"])
def test_address_without_a_language_of_the_site_leads_nowhere(
    client: Client, homes: set[str], path: str
) -> None:
    response = client.get(path, headers={"accept-language": "fr"})
    assert response.status_code == 404
    assert "Location" not in response.headers


def test_bare_address_is_the_same_for_every_browser(client: Client, homes: set[str]) -> None:
    answers = [
        client.get("/", headers={"accept-language": accepted, "accept-encoding": "identity"})
        for accepted in ("ar", "fr", "")
    ]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert not any(
        word in answer.get("Vary", "") for answer in answers for word in ("Cookie", "Language")
    )


def test_staff_get_a_page_that_caches_keep_apart_by_language(client: Client, db: None) -> None:
    response = client.get("/accounts/login/", headers={"accept-language": "ar"})
    assert "Accept-Language" in response["Vary"]
    assert response["Content-Language"] == "ar"


@pytest.mark.parametrize("path", ["", "cmed/"])
def test_language_without_pages_is_answered_in_the_nearest_and_says_so(
    client: Client, homes: set[str], path: str
) -> None:
    assert "wo" not in homes
    page = client.get(f"/wo/{path}", headers={"accept-encoding": "identity"}).content.decode()
    assert '<html lang="fr" dir="ltr">' in page
    assert "Wolof" in page


def test_page_that_is_there_is_served_as_it_is(client: Client, homes: set[str]) -> None:
    for code in homes:
        page = client.get(f"/{code}/", headers={"accept-encoding": "identity"}).content.decode()
        assert f'<html lang="{code}" dir="{get_language(code).direction}">' in page


@pytest.mark.django_db
def test_library_offers_readers_no_form_and_no_cookie(client: Client) -> None:
    response = client.get("/en/_util/login/")
    assert response.status_code == 404
    assert not response.cookies
