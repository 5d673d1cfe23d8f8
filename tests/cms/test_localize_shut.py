"""wagtail-localize's own pages ask nobody for a language and write what is live: each is shut or ours."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import get_resolver, reverse
from wagtail.models import Locale
from wagtail_localize.models import (
    OverridableSegment,
    SegmentOverride,
    StringSegment,
    StringTranslation,
    Translation,
    TranslationSource,
)

from cms.models import ContactPoint, MessagePage
from cms.rights import Role
from cms.starter.reading import Pack
from cms.translating.adopting import adopt
from tests.cms.finding import find_message
from tests.cms.people import browser_of, make_person
from tests.cms.translations import as_file, fact, in_language, live_words, new_language, sheet_of

pytestmark = pytest.mark.usefixtures("starter")

# What each name of wagtail-localize takes in its address; a new one of theirs fails the test below.
NAMES = {
    "javascript_catalog": [],
    "submit_page_translation": ["page"],
    "submit_snippet_translation": ["app", "model", "pk"],
    "update_translations": ["source"],
    "edit_string_translation": ["translation", "string"],
    "edit_override": ["translation", "override"],
    "download_pofile": ["translation"],
    "upload_pofile": ["translation"],
    "machine_translate": ["translation"],
    "preview_translation": ["translation"],
    "stop_translation": ["translation"],
    "convert_to_alias": ["page"],
    "translations_report": [],
    "translations_report_results": [],
    "snippets_api_listing": ["app", "model"],
    "snippets_api_detail": ["app", "model", "pk"],
}
METHODS = ("get", "post", "put", "delete")


def line() -> ContactPoint:
    """Return a contact point: it has a number, which wagtail-localize would let one override."""
    found = ContactPoint.objects.filter(locale__language_code="en", live=True)
    return found.exclude(number="").order_by("key")[0]


@pytest.fixture
def parts(starter: Pack) -> dict[str, Any]:
    """Return what fills the addresses: a fact and a message with their French translations."""
    french = Locale.objects.get(language_code="fr")
    contact = line()
    translation = adopt(contact, french, row=in_language(contact, "fr"))
    message = find_message("MSG-GEN-1")
    adopt(message, french, row=in_language(message, "fr"))
    return {
        "page": in_language(message, "fr").pk,
        "app": "cms",
        "model": "contactpoint",
        "pk": contact.pk,
        "source": translation.source_id,
        "translation": translation.pk,
        "string": StringSegment.objects.filter(source=translation.source_id)[0].pk,
        "override": OverridableSegment.objects.filter(source=translation.source_id)[0].pk,
    }


def state() -> tuple[Any, ...]:
    """Return all that such a page could change."""
    return (
        live_words(),
        sorted(StringTranslation.objects.values_list("pk", "data")),
        sorted(Translation.objects.values_list("pk", "enabled")),
        sorted(TranslationSource.objects.values_list("pk", "last_updated_at")),
        SegmentOverride.objects.count(),
        sorted(MessagePage.objects.values_list("pk", "latest_revision")),
    )


def walk(browser: Client, parts: dict[str, Any]) -> dict[tuple[str, str], Any]:
    """Ask for every address of wagtail-localize in every way; return the answers."""
    answers = {}
    for name, wanted in NAMES.items():
        address = reverse(f"wagtail_localize:{name}", args=[parts[part] for part in wanted])
        for method in METHODS:
            data = {"value": "x", "locales": "1", "publish_translations": "on", "action": "publish"}
            content = {} if method in {"get", "post"} else {"content_type": "application/json"}
            answers[name, method] = getattr(browser, method)(address, data, **content)
    return answers


def test_the_walk_knows_every_name_of_wagtail_localize() -> None:
    found = {
        pattern.name
        for pattern in _patterns(get_resolver().url_patterns)
        if getattr(pattern.callback, "__module__", "").startswith("wagtail_localize.views")
        or pattern.name == "javascript_catalog"
    }
    assert found == set(NAMES)


def _patterns(patterns: Any) -> Any:
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            yield from _patterns(pattern.url_patterns)
        else:
            yield pattern


@pytest.mark.parametrize("role", [Role.TRANSLATORS, Role.REVIEWERS, Role.PROTECTION_REVIEWERS])
def test_who_may_not_write_this_language_gets_nowhere(role: Role, parts: dict[str, Any]) -> None:
    languages = ("so",) if role == Role.TRANSLATORS else ()
    person = make_person("person", role, languages=languages)
    # Even with wagtail-localize's own right, should somebody give it.
    person.user_permissions.add(Permission.objects.get(codename="submit_translation"))
    before = state()
    for (name, method), answer in walk(browser_of(person), parts).items():
        leads_on = name.startswith("submit_") and role == Role.TRANSLATORS
        assert answer.status_code in {302, 403}, (name, method)
        if answer.status_code == 302 and not leads_on:
            assert answer["Location"] == reverse("wagtailadmin_home"), (name, method)
    assert state() == before


def test_nobody_gets_in_unsigned(parts: dict[str, Any]) -> None:
    before = state()
    for (name, method), answer in walk(Client(), parts).items():
        assert answer.status_code in {302, 403}, (name, method)
        if answer.status_code == 302:
            assert "/accounts/login/" in answer["Location"], (name, method)
    assert state() == before


def test_even_an_administrator_changes_nothing_there(parts: dict[str, Any]) -> None:
    boss = User.objects.create_superuser("boss", "boss@waymark.example", "-")
    before = state()
    answers = walk(browser_of(boss), parts)
    assert {answer.status_code for answer in answers.values()} <= {302, 403}
    assert state() == before
    po = reverse("po_file", args=["contact_point", line().key, "fr"])
    begin = reverse("translate", args=["contact_point", line().key])
    assert answers["download_pofile", "get"]["Location"] == po
    assert answers["upload_pofile", "post"]["Location"] == po
    assert answers["submit_snippet_translation", "get"]["Location"] == begin
    assert "/begin/message/MSG-GEN-1/" in answers["submit_page_translation", "get"]["Location"]


@pytest.mark.parametrize(
    "row", [lambda: in_language(fact(), "fr"), lambda: find_message("MSG-GEN-1", "fr")]
)
def test_form_of_a_translation_cannot_be_handed_over(row: Any, parts: dict[str, Any]) -> None:
    boss = browser_of(User.objects.create_superuser("boss", "boss@waymark.example", "-"))
    here = row()
    if isinstance(here, MessagePage):
        address = reverse("wagtailadmin_pages:edit", args=[here.pk])
    else:
        address = reverse("wagtailsnippets_cms_fact:edit", args=[here.pk])
    before = state()
    boss.post(address, {"localize-restart-translation": "1"})
    boss.post(address, {"localize-convert-to-alias": "1"}, follow=True)
    assert state() == before
    shown = boss.get(address).content.decode()
    assert "js-translation-editor" not in shown
    assert "localize-restart-translation" not in shown
    assert "localize-convert-to-alias" not in shown


def test_report_that_asks_for_no_right_is_not_in_the_menu() -> None:
    boss = browser_of(User.objects.create_superuser("boss", "boss@waymark.example", "-"))
    shown = boss.get(reverse("wagtailadmin_home")).content.decode()
    assert reverse("wagtail_localize:translations_report") not in shown
    assert reverse("po_index") in shown


# ---- Our own pages -----------------------------------------------------------------------------


PEOPLE = {
    "translator of another language": (Role.TRANSLATORS, ("so",)),
    "reviewer": (Role.REVIEWERS, ()),
    "protection reviewer": (Role.PROTECTION_REVIEWERS, ()),
}


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize(
    ("kind", "key"), [("fact", "CM-R1"), ("route", "cmed"), ("message", "MSG-GEN-1")]
)
def test_po_files_of_a_language_are_closed_to_others(who: str, kind: str, key: str) -> None:
    role, languages = PEOPLE[who]
    browser = browser_of(make_person("person", role, languages=languages))
    before = live_words()
    page = reverse("po_file", args=[kind, key, "fr"])
    for answer in (
        browser.get(page),
        browser.get(reverse("po_download", args=[kind, key, "fr"])),
        browser.post(page, {"file": _upload(f"{kind}:{key}")}),
        browser.post(page, {"kept": "x", "seen": "x"}),
    ):
        assert answer.status_code == 302
        assert answer["Location"] == reverse("wagtailadmin_home")
    assert live_words() == before


def test_reviewer_begins_no_translation() -> None:
    new_language("om")
    browser = browser_of(make_person("reader", Role.REVIEWERS))
    address = reverse("translate", args=["fact", "CM-R1"])
    assert browser.get(address).status_code == 302
    assert browser.post(address, {"into": ["om"]}).status_code == 302
    assert in_language(fact(), "om") is None
    assert reverse("po_index") not in browser.get(reverse("wagtailadmin_home")).content.decode()
    assert browser.get(reverse("po_index")).status_code == 302


def test_list_of_po_files_has_a_translator_s_own_languages_only() -> None:
    browser = browser_of(make_person("translator", Role.TRANSLATORS, languages=("so", "fr")))
    shown = browser.get(reverse("po_index")).content.decode()
    assert reverse("po_file", args=["route", "cmed", "so"]) in shown
    assert reverse("po_file", args=["route", "cmed", "fr"]) in shown
    assert reverse("po_file", args=["route", "cmed", "ar"]) not in shown


def _upload(name: str) -> Any:
    return SimpleUploadedFile("x.po", as_file(sheet_of(name, "fr")))
