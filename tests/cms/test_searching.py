"""Search: what can be read is found in any way of writing it, and nobody keeps what was looked for."""

import html
import logging
import re
from datetime import date
from typing import Any

import pytest
from django.test import Client

from cms.models import Fact, MessagePage, RoutePage, StoredAnswer, StoredUse
from cms.reader.contents import list_contents
from cms.reader.excerpts import mark_words, read_text
from cms.reader.listing import list_addresses
from cms.reader.searching import READ
from cms.starter.reading import Pack
from tests.analytics.test_visits import read_database
from tests.cms.reading import read

LANGUAGES = [("en", "ltr"), ("ar", "rtl"), ("am", "ltr"), ("fr", "ltr")]
RISKS = "/{language}/cmed/risks/"


@pytest.fixture(scope="module")
def _rows() -> list[StoredAnswer | StoredUse]:
    """Hold what the first test's pages left, for those after it: they are the same pages."""
    return []


@pytest.fixture
def _stored(starter: Pack, reader: Client, _rows: list[StoredAnswer | StoredUse]) -> None:
    """Let a few pages stand ready, as all of them do on a site."""
    if not _rows:
        for language, _direction in LANGUAGES:
            for part in ("", "risks/", "ways/", "help/"):
                assert reader.get(f"/{language}/cmed/{part}").status_code == 200
        _rows += [*StoredAnswer.objects.all(), *StoredUse.objects.all()]
        return
    StoredAnswer.objects.bulk_create(row for row in _rows if isinstance(row, StoredAnswer))
    StoredUse.objects.bulk_create(row for row in _rows if isinstance(row, StoredUse))


def ask(reader: Client, question: str, *, language: str = "en") -> str:
    answer = reader.post(f"/{language}/search/", {"q": question}, headers={"accept-encoding": ""})
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def found(text: str) -> list[str]:
    """Return the addresses of the results, in order."""
    results = text.partition('<ul class="found">')[2].partition("</main>")[0]
    return re.findall(r'<h3><a href="([^"]*)"', results)


def first_result(text: str) -> str:
    """Return the first result: its link, its kind, and the words around what was found."""
    return text.partition('<ul class="found">')[2].partition("</li>")[0]


# ---- Without a question --------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "direction"), LANGUAGES)
def test_page_has_a_form_and_everything_there_is(
    starter: Pack, reader: Client, language: str, direction: str, today: date
) -> None:
    text = read(reader, f"/{language}/search/")
    assert f'<html lang="{language}" dir="{direction}">' in text
    assert f'<form method="post" action="/{language}/search/"' in text
    assert "<title>Search" not in text
    links = set(re.findall(r'href="(/[^"]*)"', text.partition("<main")[2]))
    wanted = {
        one.path
        for one in list_addresses(today=today)
        if one.language == language and one.kind in READ
    }
    assert wanted <= links


@pytest.mark.usefixtures("starter")
def test_page_is_stored_and_follows_what_changes(reader: Client) -> None:
    read(reader, "/fr/search/")
    row = StoredAnswer.objects.get(path="/fr/search/")
    assert row.kind == "search"
    used = set(row.uses.values_list("token", flat=True))
    assert {"kind:routepage", "kind:messagepage", "kind:plainpage", "kind:alert"} <= used


@pytest.mark.usefixtures("starter")
def test_contents_name_each_page_in_the_nearest_language(today: date) -> None:
    RoutePage.objects.filter(slug="cmed", locale__language_code="ar").update(live=False)
    sections = list_contents("ar", language="ar", today=today)
    lines = [line for section in sections for line in section.lines]
    (route,) = [line for line in lines if line.address == "/ar/cmed/"]
    assert route.title.language == "en"
    assert {part.title.language for part in route.below} == {"ar"}
    assert len({line.address for line in lines}) == len(lines)


@pytest.mark.usefixtures("starter")
@pytest.mark.parametrize("question", ["", "   ", ".,!", "\0", "、"])
def test_question_without_a_word_shows_everything(reader: Client, question: str) -> None:
    text = ask(reader, question)
    assert "Nothing was found" not in text
    assert 'href="/en/cmed/"' in text


# ---- Finding -------------------------------------------------------------------------------------


@pytest.mark.database
@pytest.mark.usefixtures("_stored")
@pytest.mark.parametrize("question", ["sea", "SEA", "  séa!", "cross sea"])
def test_word_of_a_text_is_found_however_it_is_typed(reader: Client, question: str) -> None:
    text = ask(reader, question)
    assert "/en/cmed/risks/" in found(text)
    assert re.search(r"<mark>[^<]*sea", text, re.IGNORECASE)


@pytest.mark.database
@pytest.mark.usefixtures("_stored")
def test_arabic_is_found_with_and_without_article_marks_and_other_letters(reader: Client) -> None:
    page = StoredAnswer.objects.get(path=RISKS.format(language="ar"))
    word = next(w for w in page.folded.split() if w.startswith("ال") and len(w) > 6)
    for question in (word, word.removeprefix("ال"), "وَ" + word, word[:3] + "ـــ" + word[3:]):
        assert page.path in found(ask(reader, question, language="ar")), question


@pytest.mark.database
@pytest.mark.usefixtures("_stored")
def test_amharic_is_found_by_letters_that_sound_the_same(reader: Client) -> None:
    page = StoredAnswer.objects.get(path=RISKS.format(language="am"))
    word = next(w for w in page.folded.split() if "ሰ" in w and len(w) > 3)
    for question in (word, word.replace("ሰ", "ሠ"), f"{word}።"):
        assert page.path in found(ask(reader, question, language="am")), question


@pytest.mark.usefixtures("_stored")
def test_every_word_must_occur_and_only_as_a_beginning(reader: Client) -> None:
    assert found(ask(reader, "sea"))
    assert not found(ask(reader, "sea zzzqq"))
    words = StoredAnswer.objects.get(path="/en/cmed/risks/").folded.split()
    middle = next(
        w[1:] for w in words if len(w) > 8 and not any(o.startswith(w[1:]) for o in words)
    )
    assert "/en/cmed/risks/" not in found(ask(reader, middle))


@pytest.mark.usefixtures("_stored")
def test_titles_come_first(reader: Client) -> None:
    title = RoutePage.objects.get(slug="cmed", locale__language_code="en").title
    addresses = found(ask(reader, title.split()[0]))
    assert addresses[0] == "/en/cmed/"


@pytest.mark.usefixtures("starter")
def test_what_is_not_stored_yet_is_found_by_its_title(reader: Client) -> None:
    assert not StoredAnswer.objects.exists()
    title = RoutePage.objects.get(slug="cmed", locale__language_code="fr").title
    assert found(ask(reader, title, language="fr"))[0] == "/fr/cmed/"


@pytest.mark.usefixtures("_stored")
def test_page_that_is_shown_in_another_language_is_found_too(reader: Client) -> None:
    RoutePage.objects.filter(slug="cmed", locale__language_code="ar").update(live=False)
    StoredAnswer.objects.all().delete()
    reader.get("/ar/cmed/risks/")
    assert found(ask(reader, "sea", language="ar")) == ["/ar/cmed/risks/"]


@pytest.mark.usefixtures("_stored")
def test_text_that_was_withdrawn_is_found_no_more(reader: Client) -> None:
    StoredAnswer.objects.filter(path="/en/cmed/risks/").update(is_stale=True)
    assert "/en/cmed/risks/" not in found(ask(reader, "sea"))


@pytest.mark.usefixtures("_stored")
@pytest.mark.parametrize("ended", [{"is_stale": True}, {"until": date(2020, 1, 1)}])
def test_page_found_by_its_title_is_quoted_only_while_what_is_stored_holds(
    reader: Client, ended: dict[str, Any]
) -> None:
    title = RoutePage.objects.get(slug="cmed", locale__language_code="en").title
    assert "<p>" in first_result(ask(reader, title))
    StoredAnswer.objects.filter(path="/en/cmed/").update(**ended)
    text = ask(reader, title)
    assert found(text)[0] == "/en/cmed/"
    assert "<p>" not in first_result(text)


@pytest.mark.usefixtures("_stored")
def test_files_and_short_links_are_no_results(reader: Client) -> None:
    page = MessagePage.objects.get(key="MSG-GEN-1", locale__language_code="en")
    reader.get(f"/r/{page.code}")
    StoredAnswer.objects.filter(path="/en/cmed/ways/").update(kind="file")
    addresses = found(ask(reader, "the"))
    assert addresses
    assert not {f"/r/{page.code}", "/en/cmed/ways/"} & set(addresses)


@pytest.mark.usefixtures("_stored")
def test_at_most_twenty_are_shown(reader: Client) -> None:
    row = StoredAnswer.objects.get(path="/en/cmed/risks/")
    for number in range(40):
        row.pk, row.path = None, f"/en/more/{number}/"
        row.save()
    assert len(found(ask(reader, "sea"))) == 20


@pytest.mark.usefixtures("starter")
def test_nothing_found_says_so_and_offers_ways_on(reader: Client) -> None:
    text = ask(reader, "zzzqq")
    assert "Nothing was found" in text
    assert 'href="/en/help/"' in text.partition("<main")[2]
    assert 'href="/en/cmed/"' in text


# ---- Safe ----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("_stored")
@pytest.mark.parametrize(
    "question", ["%", "_", "' OR 1=1 --", '"><script>alert(1)</script>', "a" * 5000]
)
def test_question_is_text_and_nothing_else(reader: Client, question: str) -> None:
    answer = reader.post("/en/search/", {"q": question}, headers={"accept-encoding": ""})
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "<script>alert" not in text
    assert "a" * 101 not in text


@pytest.mark.usefixtures("_stored")
def test_text_of_a_page_is_shown_as_text(reader: Client) -> None:
    fact = Fact.objects.filter(key="CM-R1", locale__language_code="en").get()
    Fact.objects.filter(pk=fact.pk).update(statement="zebra <script>alert(1)</script> & zebra")
    StoredAnswer.objects.all().delete()
    reader.get("/en/cmed/risks/")
    answer = reader.post("/en/search/", {"q": "zebra"}, headers={"accept-encoding": ""})
    assert "<mark>zebra</mark> &lt;script&gt;" in answer.content.decode()


@pytest.mark.usefixtures("_stored")
def test_what_she_looks_for_is_kept_nowhere(
    reader: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = reader.post("/en/search/", {"q": "canary7731"})
    lines = [r.getMessage() for r in caplog.records if r.name != "django.db.backends"]
    assert "canary7731" not in "\n".join(lines)
    assert "canary7731" not in read_database()
    assert not answer.cookies
    assert "no-store" in answer["Cache-Control"]
    assert not StoredAnswer.objects.filter(path="/en/search/").exists()


@pytest.mark.usefixtures("starter")
def test_question_in_an_address_is_not_answered(reader: Client) -> None:
    assert "zzzqq" not in read(reader, "/en/search/?q=zzzqq")


@pytest.mark.usefixtures("starter")
def test_form_works_without_a_cookie(reader: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/en/search/", {"q": "sea"}, headers={"origin": "null"})
    assert answer.status_code == 200
    assert not answer.cookies


@pytest.mark.usefixtures("starter")
def test_nothing_else_is_taken(reader: Client) -> None:
    assert reader.put("/en/search/").status_code == 405
    assert reader.delete("/en/search/").status_code == 405
    assert reader.get("/xx/search/").status_code == 404
    assert reader.post("/xx/search/", {"q": "sea"}).status_code == 404


# ---- Excerpts ------------------------------------------------------------------------------------


def test_excerpt_stands_around_the_first_word_found() -> None:
    text = "One two three. " * 30 + "There is a Boat, here. " + "Four five six. " * 30
    pieces = mark_words(text, ("boat",))
    assert [piece.text for piece in pieces if piece.is_found] == ["Boat"]
    shown = "".join(piece.text for piece in pieces)
    assert "a Boat, here." in shown
    assert shown.startswith("… ")
    assert len(shown) < 300


def test_telephone_number_is_never_cut_nor_turned() -> None:
    number = "+218 91 001 11 49"
    pieces = mark_words(f"هاتف {number} في ليبيا.", ("هاتف",))
    assert [piece.text for piece in pieces if piece.is_number] == [number]
    for length in range(100, 170):
        shown = "".join(
            p.text for p in mark_words("boat " + "x" * length + f" {number} end", ("boat",))
        )
        assert number in shown or "218" not in shown
    assert [piece.text for piece in mark_words(f"call {number}", ("218",)) if piece.is_found] == [
        number
    ]


def test_excerpt_without_the_word_is_the_beginning() -> None:
    pieces = mark_words("Short text.", ("boat",))
    assert "".join(piece.text for piece in pieces).strip() == "Short text."


def test_text_of_a_page_begins_below_its_heading() -> None:
    page = (
        "<style>a{}</style><main id=main><nav>back</nav><h1>Title</h1><p>One <b>bo</b>at</p>"
        "<p>a &lt;b&gt;</p><script>x</script></main><footer>end</footer>"
    )
    assert read_text(page) == "One boat a <b>"


# ---- Speed ---------------------------------------------------------------------------------------


@pytest.mark.database
@pytest.mark.usefixtures("_stored")
def test_search_asks_a_fixed_number_of_times(
    reader: Client, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(80):
        ask(reader, "sea")
