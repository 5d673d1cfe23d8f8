"""What an editing page says of a thing's languages, and of what its original has come to say."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import Locale

from cms.models import Fact, HomePage, MessagePage, RoutePage
from cms.rights import Role
from cms.starter.reading import Pack
from cms.translating.adopting import MANUAL, adopt, remember
from cms.translating.naming import Name, find_original, name_of
from cms.translating.showing import Line, list_languages, show_original
from tests.cms.finding import find_message
from tests.cms.people import browser_of, make_person
from tests.cms.translations import (
    again,
    change_major,
    draft_of,
    fact,
    in_language,
    new_language,
    plain_page,
)

pytestmark = pytest.mark.usefixtures("starter")


@pytest.fixture
def editor(starter: Pack) -> User:
    return make_person("editor", Role.EDITORS)


def lines(row: Any, user: User) -> dict[str, Line]:
    return {line.language.code: line for line in list_languages(row, user=user)}


def test_every_language_of_the_site_stands_there_the_original_first(editor: User) -> None:
    new_language("om")
    found = list_languages(fact(), user=editor)
    codes = [line.language.code for line in found]
    assert codes[0] == "en"
    assert set(codes) == set(Locale.objects.values_list("language_code", flat=True))
    assert found[0].is_original
    assert found[0].is_here


def test_line_says_how_the_language_stands_and_leads_on(editor: User) -> None:
    new_language("om")
    found = lines(in_language(fact(), "fr"), editor)
    french, oromo, english = found["fr"], found["om"], found["en"]
    assert str(french.sign.word) == "machine-made"
    assert french.is_here
    assert french.po == reverse("po_file", args=["fact", "CM-R1", "fr"])
    assert not french.begin
    assert str(oromo.sign.word) == "missing"
    assert oromo.begin == reverse("translate", args=["fact", "CM-R1"]) + "?into=om"
    assert not oromo.edit
    assert english.edit
    assert not english.po


def test_begun_translation_is_in_translation_and_not_live(editor: User) -> None:
    oromo = new_language("om")
    adopt(fact(), oromo, row=None).save_target()
    line = lines(fact(), editor)["om"]
    assert str(line.sign.word) == "in translation"
    assert not line.is_live
    assert line.edit


def test_texts_that_wait_without_a_row_are_in_translation(editor: User) -> None:
    translation = adopt(fact(), new_language("om"), row=None)
    assert str(lines(fact(), editor)["om"].sign.word) == "missing"
    remember(translation, {"statement": "Jecha"}, kind=MANUAL)
    assert str(lines(fact(), editor)["om"].sign.word) == "in translation"


def test_major_change_leaves_every_translation_outdated(editor: User) -> None:
    change_major(fact(), "Something else is true now.")
    found = lines(fact(), editor)
    assert {str(line.sign.word) for code, line in found.items() if code != "en"} == {"outdated"}


def test_ways_on_are_those_of_one_s_own_languages() -> None:
    new_language("om")
    somali = make_person("somali", Role.TRANSLATORS, languages=("so",))
    found = lines(fact(), somali)
    assert [code for code, line in found.items() if line.po] == ["so"]
    assert not any(line.begin for line in found.values())
    reader = make_person("reader", Role.REVIEWERS)
    assert not any(line.po or line.begin for line in lines(fact(), reader).values())


def test_queries_do_not_grow_with_the_languages(editor: User) -> None:
    list_languages(fact(), user=editor)
    with CaptureQueriesContext(connection) as few:
        list_languages(fact(), user=editor)
    for code in ("om", "sw", "wo", "ps"):
        adopt(fact(), new_language(code), row=None).save_target()
    with CaptureQueriesContext(connection) as many:
        list_languages(fact(), user=editor)
    assert len(many) <= len(few)


# ---- The original beside a translation ---------------------------------------------------------


def test_original_has_none_beside_it() -> None:
    assert show_original(fact()) is None


@pytest.mark.parametrize("find", [fact, lambda: find_message("MSG-GEN-1"), plain_page])
def test_translation_has_its_original_s_live_words_beside_each_field(find: Any) -> None:
    original = find()
    draft = original.get_latest_revision_as_object()
    draft.caution = "Not live yet."
    draft.save_revision()
    shown = show_original(in_language(original, "fr"))
    assert shown is not None
    assert not shown.is_outdated
    words = {field.field: field.words for field in shown.fields}
    assert "Not live yet." not in words.values()
    if hasattr(original, "statement"):
        assert words["statement"] == original.statement
    else:
        assert words["title"] == original.title


def test_outdated_translation_shows_what_changed_from_old_to_new() -> None:
    old = fact().statement
    change_major(fact(), "Something else is true now.")
    change_major(fact(), "And now a third thing.")
    shown = show_original(in_language(fact(), "fr"))
    assert shown is not None
    assert shown.is_outdated
    assert shown.is_kept
    changes = [change for field in shown.fields for change in field.changed]
    assert [(c.place, c.old, c.new) for c in changes] == [
        ("statement", old, "And now a third thing.")
    ]


def test_only_what_changed_since_it_was_published_counts() -> None:
    change_major(fact(), "Something else is true now.")
    row = in_language(fact(), "fr")
    draft_of(row).save_revision().publish()
    assert show_original(again(row)).is_outdated is False  # type: ignore[union-attr]
    change_major(fact(), "And now a third thing.")
    shown = show_original(again(row))
    assert shown is not None
    (change,) = [change for field in shown.fields for change in field.changed]
    assert (change.old, change.new) == ("Something else is true now.", "And now a third thing.")


def test_older_words_that_nobody_kept_are_not_made_up() -> None:
    original = fact()
    later = original.current_as_of.replace(year=2099)
    Fact.objects.filter(pk=original.pk).update(changed_at=later, statement="Written over.")
    shown = show_original(in_language(fact(), "fr"))
    assert shown is not None
    assert shown.is_outdated
    assert not shown.is_kept


# ---- On the page -------------------------------------------------------------------------------


def pages() -> list[Any]:
    return [
        find_message("MSG-GEN-1", "fr"),
        plain_page(language="fr"),
        HomePage.objects.get(locale__language_code="fr"),
        RoutePage.objects.filter(locale__language_code="fr")[0],
    ]


def test_panel_is_on_the_form_of_every_page_and_entry(editor: User) -> None:
    new_language("om")
    browser = browser_of(editor)
    addresses = [reverse("wagtailadmin_pages:edit", args=[page.pk]) for page in pages()]
    for kind, key in (("fact", "CM-R1"), ("claim", "CM-C1")):
        row = in_language(_original(kind, key), "fr")
        addresses.append(reverse(f"wagtailsnippets_cms_{kind}:edit", args=[row.pk]))
    for address in addresses:
        response = browser.get(address)
        assert response.status_code == 200, address
        shown = response.content.decode()
        assert 'class="wm-languages"' in shown
        assert "data-original-of=" in shown
        assert "?into=om" in shown
        assert "cms/translating.js" in shown


def test_panel_is_not_on_a_form_for_something_new(editor: User) -> None:
    shown = browser_of(editor).get(reverse("wagtailsnippets_cms_fact:add"))
    assert shown.status_code == 200
    assert "wm-languages" not in shown.content.decode()


def test_lists_offer_the_po_file_of_translations_only(editor: User) -> None:
    shown = browser_of(editor).get(reverse("wagtailsnippets_cms_fact:list")).content.decode()
    assert "/translating/po/fact/" in shown
    assert "/en/" not in "".join(
        part.partition('"')[0] for part in shown.split("/translating/po/fact/")[1:]
    )
    english = reverse("wagtailadmin_pages:edit", args=[find_message("MSG-GEN-1").pk])
    french = reverse("wagtailadmin_pages:edit", args=[find_message("MSG-GEN-1", "fr").pk])
    address = reverse("po_file", args=["message", "MSG-GEN-1", "fr"])
    assert browser_of(editor).get(french).content.decode().count(address) == 2
    assert browser_of(editor).get(english).content.decode().count(address) == 1


def test_words_of_a_text_are_shown_and_not_obeyed(editor: User) -> None:
    change_major(fact(), "<script>alert(1)</script>")
    row = in_language(fact(), "fr")
    browser = browser_of(editor)
    shown = browser.get(reverse("wagtailsnippets_cms_fact:edit", args=[row.pk])).content.decode()
    assert "<script>alert(1)</script>" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown


def _original(kind: str, key: str) -> Any:
    return find_original(Name(kind, key))


def test_message_s_name_is_the_same_in_every_language() -> None:
    names = {str(name_of(row)) for row in MessagePage.objects.filter(key="MSG-GEN-1")}
    assert names == {"message:MSG-GEN-1"}
