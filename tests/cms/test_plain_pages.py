"""Plain pages: light, in every language, and found from every page."""

import gzip
import html
import re

import pytest
from django.test import Client
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from cms.budgets import FIRST_PAINT
from cms.models import ListedWord, LoadedEntry, PlainPage, TranslationState
from cms.reader.wayfinding import PLAIN_LABELS
from cms.starter.bodies import split_body
from cms.starter.loading import load_pack
from cms.starter.reading import Pack
from locales.languages import READER_LANGUAGES, get_language
from tests.cms.reading import read

pytestmark = pytest.mark.usefixtures("starter")

KINDS = ("about", "verify", "privacy", "complaints")


def find_page(kind: str, language: str = "en") -> PlainPage:
    found: PlainPage = PlainPage.objects.get(kind=kind, locale__language_code=language)
    return found


# ---- Readers -----------------------------------------------------------------------------------


@pytest.mark.parametrize("language", READER_LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_plain_page_is_live_and_light_in_every_language(
    reader: Client, kind: str, language: str
) -> None:
    page = find_page(kind, language)
    answer = reader.get(f"/{language}/{kind}/")
    text = gzip.decompress(answer.content).decode()
    direction = get_language(language).direction
    assert f'<html lang="{language}" dir="{direction}">' in text
    assert f"<h1>{html.escape(page.title)}</h1>" in text
    assert len(answer.content) < FIRST_PAINT
    assert not answer.cookies
    assert ('data-note="draft"' in text) == (language != "en")
    assert 'data-note="demo"' in text


def test_blocks_become_headings_paragraphs_and_points(reader: Client) -> None:
    page = find_page("about")
    page.body = [
        ("heading", "What <we> promise"),
        ("paragraph", "All is free.\n<script>alert(1)</script>"),
        ("points", ["one", "<b>two</b>"]),
    ]
    page.save_revision().publish()
    text = read(reader, "/en/about/")
    assert "<h2>What &lt;we&gt; promise</h2>" in text
    assert ">All is free.\n&lt;script&gt;alert(1)&lt;/script&gt;</p>" in text
    assert "<ul><li>one</li><li>&lt;b&gt;two&lt;/b&gt;</li></ul>" in text


@pytest.mark.parametrize("language", ["en", "ar", "ti"])
def test_every_page_leads_to_the_plain_pages_by_neutral_names(
    reader: Client, language: str
) -> None:
    for path in (f"/{language}/", f"/{language}/cmed/", f"/{language}/privacy/"):
        footer = read(reader, path).partition("<footer>")[2]
        links = re.findall(r'<a href="([^"]+)">([^<]+)</a>', footer)[-len(KINDS) :]
        with translation.override(language):
            wanted = [(f"/{language}/{kind}/", str(PLAIN_LABELS[kind])) for kind in KINDS]
        assert [(to, html.unescape(label)) for to, label in links] == wanted


def test_first_page_lists_the_plain_pages_too(reader: Client) -> None:
    main = read(reader, "/en/").partition("<footer>")[0]
    assert "<h2>About this service</h2>" in main
    assert '<a href="/en/complaints/">Complaints</a>' in main


def test_page_that_is_missing_leads_to_the_nearest_language_and_says_so(reader: Client) -> None:
    find_page("privacy", "fr").unpublish()
    footer = read(reader, "/fr/cmed/").partition("<footer>")[2]
    assert '<a href="/en/privacy/" hreflang="en">' in footer
    assert '(<bdi lang="en">English</bdi>)' in footer
    find_page("privacy").unpublish()
    assert "/privacy/" not in read(reader, "/fr/cmed/").partition("<footer>")[2]


def test_page_of_the_editors_own_is_listed_last_by_its_title(reader: Client) -> None:
    own = PlainPage(
        title="Holidays", slug="holidays", kind="other", body=[("paragraph", "Closed.")]
    )
    find_page("about").get_parent().add_child(instance=own)
    footer = read(reader, "/en/cmed/").partition("<footer>")[2]
    assert footer.index("Complaints") < footer.index('<a href="/en/holidays/">Holidays</a>')


def test_translation_without_a_text_shows_the_originals_and_marks_it(reader: Client) -> None:
    page = find_page("about", "ar")
    page.body = []
    page.save_revision().publish()
    text = read(reader, "/ar/about/")
    assert '<div lang="en" dir="ltr">' in text
    assert "This service gives information on journeys" in text


# ---- The starter pack --------------------------------------------------------------------------


def test_plain_pages_of_the_pack_are_machine_made_but_for_the_originals(starter: Pack) -> None:
    assert {record.fields["kind"] for record in starter.records["pages"]} == set(KINDS)
    for page in PlainPage.objects.select_related("locale"):
        is_english = page.locale.language_code == "en"
        assert (page.translation_state == TranslationState.ORIGINAL) == is_english
        assert page.live
        assert page.live_revision == page.latest_revision
        assert not page.has_unpublished_changes
        assert not page.sendable
        assert page.body
    assert PlainPage.objects.count() == len(KINDS) * len(READER_LANGUAGES)


def test_plain_page_that_an_editor_deleted_stays_deleted(starter: Pack) -> None:
    find_page("complaints", "fr").delete()
    assert load_pack(starter, say=lambda _line: None) == 0
    assert not PlainPage.objects.filter(kind="complaints", locale__language_code="fr").exists()


def test_word_lists_are_loaded_for_every_language(starter: Pack) -> None:
    listed = {
        (words.language, words.kind, word) for words in starter.word_lists for word in words.words
    }
    rows = set(ListedWord.objects.values_list("language", "kind", "word"))
    assert rows == listed
    assert {language for language, _kind, _word in rows} == set(READER_LANGUAGES)


def test_word_that_an_editor_took_out_stays_out_and_hers_stays_in(starter: Pack) -> None:
    ListedWord.objects.filter(language="en", word="smuggler").delete()
    ListedWord.objects.create(language="en", kind="agency", word="Help Line")
    assert load_pack(starter, say=lambda _line: None) == 0
    assert not ListedWord.objects.filter(language="en", word="smuggler").exists()
    assert ListedWord.objects.filter(word="Help Line").exists()


def test_word_that_an_editor_listed_first_is_no_error(starter: Pack) -> None:
    LoadedEntry.objects.filter(file="words", language="so").delete()
    count = ListedWord.objects.count()
    assert load_pack(starter, say=lambda _line: None) > 0
    assert ListedWord.objects.count() == count


# ---- Text to blocks ----------------------------------------------------------------------------


def test_text_becomes_blocks() -> None:
    text = "One.\nStill one.\n\nTwo.\n## Head\n- a\n- b\n\nThree.\n- c"
    assert split_body(text) == [
        ("paragraph", "One. Still one."),
        ("paragraph", "Two."),
        ("heading", "Head"),
        ("points", ["a", "b"]),
        ("paragraph", "Three."),
        ("points", ["c"]),
    ]
    assert split_body("") == []


@given(st.lists(st.sampled_from(["", "word", "## head", "- point", "  ", "#", "-"]), max_size=30))
def test_no_word_of_a_text_is_lost(lines: list[str]) -> None:
    blocks = split_body("\n".join(lines))
    said = " ".join(" ".join(value) if kind == "points" else str(value) for kind, value in blocks)
    wanted = [line.removeprefix("## ").removeprefix("- ").strip() for line in lines]
    assert said.split() == [word for word in wanted if word]
