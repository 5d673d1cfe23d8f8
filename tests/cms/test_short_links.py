"""Short links: one for each page in each language; they lead nowhere else and work for ever."""

import importlib
import re
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from wagtail.models import Page, Revision

from cms.links import make_link
from cms.models import MessagePage, RoutePage, StoredAnswer
from cms.models.short_codes import CODE_LETTERS, draw_code
from tests.cms.finding import find_message
from tests.cms.reading import read

pytestmark = pytest.mark.usefixtures("starter")


def route_page(language: str = "en") -> RoutePage:
    found: RoutePage = RoutePage.objects.get(slug="cmed", locale__language_code=language)
    return found


# ---- Codes ---------------------------------------------------------------------------------------


def test_every_page_in_every_language_has_a_code_of_its_own() -> None:
    codes = [*MessagePage.objects.values_list("code", flat=True)]
    codes += RoutePage.objects.values_list("code", flat=True)
    assert len(codes) == len(set(codes)) > 8
    assert all(set(code) <= set(CODE_LETTERS) and len(code) == 5 for code in codes)


def test_new_page_never_gets_the_code_of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter([find_message("MSG-GEN-1", "ar").code, route_page().code, "zzzz2"])
    monkeypatch.setattr("cms.models.short_codes.draw_code", lambda: next(drawn))
    copy = find_message("MSG-GEN-1").copy(update_attrs={"slug": "another"}, keep_live=False)
    assert copy.code == "zzzz2"


def test_copies_of_a_route_page_have_codes_of_their_own() -> None:
    original = route_page()
    translation = route_page("fr")
    locale = translation.locale
    translation.delete()
    assert original.copy_for_translation(locale).code not in {"", original.code}
    assert original.copy(update_attrs={"slug": "cmed-2"}, keep_live=False).code != original.code


def test_older_draft_brings_back_no_older_link() -> None:
    page = find_message("MSG-GEN-1", "ar")
    revision = Revision.objects.get(pk=page.save_revision().pk)
    MessagePage.objects.filter(pk=page.pk).update(code="zzzz3")
    assert revision.content["code"] == page.code
    find_message("MSG-GEN-1", "ar").publish(revision)
    assert find_message("MSG-GEN-1", "ar").code == "zzzz3"


def test_link_of_an_edition_names_no_language_and_ends_without_a_slash() -> None:
    assert make_link("https://waymark.example/", code="bcdfg") == "https://waymark.example/r/bcdfg"
    assert re.fullmatch(r"[2-9b-z]{5}", draw_code())


@pytest.mark.database
def test_translations_are_given_codes_and_originals_keep_theirs(monkeypatch: Any) -> None:
    shared = find_message("MSG-GEN-1").code
    pages = MessagePage.objects.filter(key="MSG-GEN-1")
    others = set(MessagePage.objects.exclude(key="MSG-GEN-1").values_list("pk", "code"))

    class Before:
        """Stand in for the tables of then, in which codes could be shared."""

        def __init__(self, model: Any) -> None:
            self.rows = {row.pk: row for row in model.objects.all()}
            self.objects = self

        def order_by(self, _field: str) -> "Before":
            return self

        def values_list(self, *names: str, flat: bool = False) -> list[Any]:
            rows = [tuple(getattr(row, name) for name in names) for row in self.rows.values()]
            return [row[0] for row in rows] if flat else rows

        def filter(self, *, pk: int) -> Any:
            return type("Row", (), {"update": lambda _self, code: self.set(pk, code)})()

        def set(self, pk: int, code: str) -> None:
            self.rows[pk].code = code

    before = {name: Before(apps.get_model("cms", name)) for name in ("MessagePage", "RoutePage")}
    for page in pages:
        before["MessagePage"].set(page.pk, shared)
    migration = importlib.import_module("cms.migrations.0007_short_links")
    registry = type("Apps", (), {"get_model": lambda _self, _app, name: before[name]})()
    migration.give_each_its_own(registry, None)
    after = before["MessagePage"].rows
    assert after[find_message("MSG-GEN-1").pk].code == shared
    assert len({row.code for row in after.values()}) == len(after)
    assert {(pk, row.code) for pk, row in after.items() if (pk, row.code) in others} == others


# ---- Opening -------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "fr", "ar"])
def test_code_leads_to_the_page_in_its_language(reader: Client, language: str) -> None:
    for page in (find_message("MSG-GEN-1", language), route_page(language)):
        text = read(reader, f"/r/{page.code}")
        assert f'<html lang="{language}"' in text
        assert page.title in text or page.web_title in text


def test_code_typed_in_capital_letters_works(reader: Client) -> None:
    code = find_message("MSG-GEN-1", "ar").code
    assert '<html lang="ar"' in read(reader, f"/r/{code.upper()}")


def test_many_ways_to_write_a_code_are_not_stored_many_times(reader: Client) -> None:
    code = find_message("MSG-GEN-1", "ar").code
    reader.get(f"/r/{code}")
    reader.get(f"/r/{code.upper()}")
    stored = StoredAnswer.objects.get(path__istartswith="/r/")
    assert (stored.path, stored.kind, stored.language) == (f"/r/{code}", "short", "ar")


def test_edition_that_is_not_live_is_served_in_the_nearest_language(reader: Client) -> None:
    page = find_message("MSG-GEN-1", "fr")
    page.unpublish()
    text = read(reader, f"/r/{page.code}")
    assert '<html lang="en"' in text
    assert "This page is not in Français yet" in text


def test_outdated_edition_is_not_served(reader: Client) -> None:
    page = find_message("MSG-GEN-1", "fr")
    original = find_message("MSG-GEN-1")
    MessagePage.objects.filter(pk=original.pk).update(
        changed_at=page.current_as_of.replace(year=2999)
    )
    assert '<html lang="en"' in read(reader, f"/r/{page.code}")


def test_message_that_is_nowhere_any_more_is_not_found(reader: Client) -> None:
    codes = [page.code for page in MessagePage.objects.filter(key="MSG-GEN-1")]
    Page.objects.filter(pk__in=MessagePage.objects.filter(key="MSG-GEN-1").values("pk")).update(
        live=False
    )
    assert {reader.get(f"/r/{code}").status_code for code in codes} == {404}


def test_message_that_is_over_is_gone(reader: Client) -> None:
    page = find_message("MSG-GEN-1", "ar")
    MessagePage.objects.filter(key="MSG-GEN-1").update(expires="2026-01-01")
    assert reader.get(f"/r/{page.code}").status_code == 410


@pytest.mark.parametrize("language", ["en", "ar", "fr"])
def test_older_link_leads_where_it_always_led(reader: Client, language: str) -> None:
    shared = find_message("MSG-GEN-1").code
    assert f'<html lang="{language}"' in read(reader, f"/{language}/m/{shared}")
    stored = StoredAnswer.objects.get(path=f"/{language}/m/{shared}")
    assert (stored.kind, stored.language) == ("short", language)


def test_older_link_in_a_language_without_the_page_says_so(reader: Client) -> None:
    text = read(reader, f"/wo/m/{find_message('MSG-GEN-1').code}")
    assert '<html lang="fr"' in text


# ---- What somebody may try -----------------------------------------------------------------------

TRIES = [
    "/r/",
    "/r/zzzzz",
    "/r/bcdfg2222",
    "/r/https://evil.example",
    "/r/https:%2f%2fevil.example",
    "/r//evil.example",
    "/r/%2f%2fevil.example",
    "/r/\\evil.example",
    "/r/..%2f..%2fcms",
    "/r/%00",
    "/r/é",
    "/r/{code}%00",
    "/r/{code}\u0660",
    "/r/{code}/evil.example",
    "/r/{code}.evil.example",
    "/en/m/https://evil.example",
    "/en/m//evil.example",
    "/xx/m/{code}",
    "/EN/m/{code}",
]


@pytest.mark.parametrize("address", TRIES)
def test_whatever_is_no_code_is_not_found_and_leads_nowhere(reader: Client, address: str) -> None:
    answer = reader.get(address.format(code=find_message("MSG-GEN-1").code))
    assert answer.status_code == 404
    assert "Location" not in answer


def test_question_beside_a_code_changes_nothing(reader: Client) -> None:
    code = find_message("MSG-GEN-1").code
    for question in ("?next=https://evil.example", "?url=//evil.example", "?" + "a" * 2000):
        answer = reader.get(f"/r/{code}{question}", headers={"accept-encoding": ""})
        assert answer.status_code == 200
        assert "evil.example" not in answer.content.decode()
        assert "Location" not in answer


def test_code_is_only_read(reader: Client) -> None:
    code = find_message("MSG-GEN-1").code
    assert reader.head(f"/r/{code}").status_code == 200
    assert reader.post(f"/r/{code}").status_code == 405


def test_host_that_is_not_ours_gets_no_link(reader: Client) -> None:
    code = find_message("MSG-GEN-1").code
    answer = reader.get(
        f"/r/{code}", headers={"x-forwarded-host": "evil.example", "accept-encoding": ""}
    )
    assert "evil.example" not in answer.content.decode()
