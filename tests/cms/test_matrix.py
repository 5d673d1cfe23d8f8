"""The reports: how each language of each thing stands, at a glance; what is due; who did what."""

import csv
from io import BytesIO, StringIO
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook
from wagtail.models import Locale

from benchmarks.content_seed import Size, seed
from cms.freshness import Standing, standing_of
from cms.holding import read_text
from cms.models import (
    Act,
    Claim,
    Fact,
    MessagePage,
    PlainPage,
    Route,
    TranslationState,
    record,
)
from cms.rights import Role
from cms.starter.reading import Pack
from cms.upkeep.items import Scope
from cms.upkeep.reports import disarm
from cms.upkeep.standings import (
    SHOWN,
    Wanted,
    count_ready,
    list_lines,
    of_standing,
    read_lines,
    standings_of,
)
from tests.cms.people import browser_of, make_person
from tests.cms.upkeep import change, make_contact, make_fact, translate

pytestmark = pytest.mark.database
CODES = ("en", "fr", "ar")


@pytest.fixture
def editor(page_root: None) -> User:
    return make_person("amina", Role.EDITORS)


@pytest.fixture
def browser(editor: User) -> Client:
    return browser_of(editor)


def matrix(browser: Client, **asked: str) -> BeautifulSoup:
    response = browser.get(reverse("upkeep_matrix"), asked)
    assert response.status_code == 200
    return BeautifulSoup(response.content.decode(), "html.parser")


def keys_of(page: BeautifulSoup) -> list[str]:
    return [key.text for key in page.select(".wm-matrix .wm-key")]


def stand_as(fact: Fact) -> dict[str, Standing]:
    cells = standings_of([(Fact, fact.translation_key)])["fact", fact.translation_key]
    return {language: cell.standing for language, cell in cells.items()}


# ---- Standings ---------------------------------------------------------------------------------


def disturb() -> None:
    """Bring about every standing in the starter's content."""
    change(Fact.objects.get(key="WA-R2", locale__language_code="en"))
    facts = Fact.objects.exclude(translation_state="original")
    facts.filter(key="CM-R1").update(translation_state=TranslationState.REVIEWED)
    facts.filter(key="CM-R2").update(translation_state=TranslationState.UNREVIEWED)
    facts.filter(key="CM-R3").update(translation_state=TranslationState.UNREVIEWED, live=False)
    Claim.objects.filter(locale__language_code="so").delete()


@pytest.mark.parametrize("model", [Fact, Claim, MessagePage, PlainPage])
def test_signs_are_those_of_the_rule_for_every_text(starter: Pack, model: Any) -> None:
    disturb()
    rows = list(model.objects.select_related("locale"))
    found = standings_of((model, row.translation_key) for row in rows)
    for row in rows:
        cell = found[model._meta.model_name, row.translation_key][row.locale.language_code]
        assert (cell.pk, cell.standing) == (row.pk, standing_of(read_text(row)))


@pytest.mark.parametrize("model", [Fact, Claim, MessagePage])
def test_every_text_is_found_under_its_standing_and_under_no_other(
    starter: Pack, model: Any
) -> None:
    disturb()
    found = standings_of(
        (model, key) for key in model.objects.values_list("translation_key", flat=True)
    )
    by_standing: dict[Standing, set[int]] = {standing: set() for standing in Standing}
    for cells in found.values():
        for cell in cells.values():
            assert cell.pk is not None
            by_standing[cell.standing].add(cell.pk)
    for standing, pks in by_standing.items():
        assert set(of_standing(model, standing).values_list("pk", flat=True)) == pks


def test_one_fact_can_stand_in_six_ways(db: None) -> None:
    fact = make_fact("T-1")
    translate(fact, "fr")
    translate(fact, "ar", translation_state=TranslationState.MACHINE)
    translate(fact, "es", translation_state=TranslationState.UNREVIEWED)
    translate(fact, "so", translation_state=TranslationState.UNREVIEWED, live=False)
    assert stand_as(fact) == {
        "en": Standing.UP_TO_DATE,
        "fr": Standing.UP_TO_DATE,
        "ar": Standing.MACHINE,
        "es": Standing.NEEDS_REVIEW,
        "so": Standing.IN_TRANSLATION,
    }
    change(fact)
    assert set(stand_as(fact).values()) == {Standing.UP_TO_DATE, Standing.OUTDATED}
    [line] = [one for one in lines(kind="fact") if one.key == "T-1"]
    assert [cell.standing for cell in line.cells][-1] == Standing.MISSING


def lines(*, standing: str = "", **scope: Any) -> list[Any]:
    languages = ["en", "fr", "am"]
    wanted = Wanted(Scope(**scope), standing)
    return read_lines(list_lines(wanted, languages=languages), languages=languages)


def test_lines_are_narrowed_to_a_standing_in_a_language_or_in_any(db: None) -> None:
    fact = make_fact("T-1")
    translate(fact, "fr", translation_state=TranslationState.MACHINE)
    assert [line.key for line in lines(standing="machine", kind="fact") if line.key == "T-1"]
    assert [
        line.key for line in lines(standing="machine", languages=("am",)) if line.key == "T-1"
    ] == []
    missing = lines(standing="missing", languages=("am",), kind="fact")
    assert "T-1" in {line.key for line in missing}
    there = lines(standing="missing", languages=("fr",), kind="fact")
    assert "T-1" not in {line.key for line in there}


def test_share_of_each_language_counts_what_is_up_to_date(db: None) -> None:
    before, ready = count_ready(Wanted(Scope(kind="fact")))
    fact = make_fact("T-1")
    translate(fact, "fr")
    translate(fact, "ar", translation_state=TranslationState.MACHINE)
    total, now = count_ready(Wanted(Scope(kind="fact")))
    assert total == before + 1
    assert now["en"] == ready.get("en", 0) + 1
    assert now["fr"] == ready.get("fr", 0) + 1
    assert now.get("ar", 0) == ready.get("ar", 0)


# ---- The report --------------------------------------------------------------------------------


def test_matrix_has_a_sign_with_a_word_for_every_language(starter: Pack, browser: Client) -> None:
    page = matrix(browser, kind="fact")
    languages = Locale.objects.count()
    row = page.select(".wm-matrix tbody tr")[0]
    signs = row.select(".wm-sign")
    assert len(signs) == languages
    assert all(": " in str(sign["title"]) for sign in signs)
    assert {sign.text.strip() for sign in signs} <= {"✓", "M", "O", "R", "T", "–"}
    assert len(page.select(".wm-legend li")) == len(Standing)
    assert len(page.select(".wm-share")) == languages


def test_sign_leads_to_the_text_or_to_where_it_is_begun(browser: Client) -> None:
    fact = make_fact("T-1")
    Locale.objects.get_or_create(language_code="om")
    page = matrix(browser, kind="fact")
    [row] = [line for line in page.select("tbody tr") if "T-1" in line.text]
    links = {str(link["title"]): str(link["href"]) for link in row.select("a.wm-sign")}
    assert reverse("wagtailsnippets_cms_fact:edit", args=[fact.pk]) in links.values()
    [begin] = [href for title, href in links.items() if title.startswith("Afaan Oromoo")]
    assert begin == reverse("translate", args=["fact", "T-1"]) + "?into=om"
    assert browser.get(begin).status_code == 200


@pytest.mark.parametrize("kind", [*SHOWN])
def test_every_kind_has_its_rows_and_ways_on(starter: Pack, browser: Client, kind: str) -> None:
    page = matrix(browser, kind=kind)
    count = SHOWN[kind].objects.filter(translation_state="original").count()
    rows = page.select(".wm-matrix tbody tr")
    assert len(rows) == min(count, 50)
    if rows:
        assert browser.get(str(rows[0].select("a.wm-sign")[0]["href"])).status_code == 200


def test_filters_narrow_the_rows_and_an_empty_answer_says_what_to_do(
    starter: Pack, browser: Client
) -> None:
    route = Route.objects.filter(messagepage__key="MSG-WA-1").first()
    assert route is not None
    everything = keys_of(matrix(browser, kind="messagepage"))
    narrowed = keys_of(matrix(browser, kind="messagepage", route=route.code))
    assert "MSG-WA-1" in narrowed
    assert set(narrowed) < set(everything)
    page = matrix(browser, kind="fact", harm="low", standing="outdated")
    assert "Take a filter away" in page.text


def test_matrix_asks_as_many_queries_for_many_rows_as_for_few(browser: Client) -> None:
    counts = []
    for size in (Size(3, 2, 1, 1, 1), Size(60, 40, 5, 5, 5)):
        seed(size, now=timezone.now(), languages=CODES)
        matrix(browser)
        with CaptureQueriesContext(connection) as queries:
            matrix(browser)
        counts.append(len(queries))
    assert counts[1] <= counts[0]


def test_translator_may_begin_only_her_languages(page_root: None) -> None:
    make_fact("T-1")
    for code in ("om", "fr"):
        Locale.objects.get_or_create(language_code=code)
    page = matrix(browser_of(make_person("f", Role.TRANSLATORS, languages=("om",))), kind="fact")
    [row] = [line for line in page.select("tbody tr") if "T-1" in line.text]
    begun = [str(link["href"]) for link in row.select("a.wm-sign.wm-none")]
    assert [href.rpartition("=")[2] for href in begun] == ["om"]


# ---- Files -------------------------------------------------------------------------------------


def download(browser: Client, address: str, **asked: str) -> bytes:
    response: Any = browser.get(address, asked)
    return b"".join(response.streaming_content)


def test_files_say_in_words_how_each_language_stands(browser: Client) -> None:
    fact = make_fact("T-1", statement="=HYPERLINK(evil)")
    translate(fact, "fr", translation_state=TranslationState.MACHINE)
    address = reverse("upkeep_matrix")
    text = download(browser, address, kind="fact", export="csv").decode()
    [row] = [row for row in csv.DictReader(StringIO(text)) if row["Key"] == "T-1"]
    assert (row["en"], row["fr"]) == ("up to date", "machine-made")
    assert row["Title"] == "'=HYPERLINK(evil)"
    file = download(browser, address, kind="fact", export="xlsx")
    sheet = load_workbook(BytesIO(file)).active
    assert sheet is not None
    [cells] = [row for row in sheet.iter_rows() if row[1].value == "T-1"]
    assert cells[2].data_type != "f"


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", "\rx"])
def test_nothing_in_a_file_runs_as_a_formula(text: str) -> None:
    assert disarm(text) == f"'{text}"
    assert disarm("CM-R1") == "CM-R1"
    assert disarm(-1) == -1


def test_file_of_what_is_due_names_languages(browser: Client) -> None:
    fact = make_fact("T-1", review_by=timezone.localdate())
    translate(fact, "fr")
    text = download(browser, reverse("upkeep_due"), need="late", export="csv").decode()
    [row] = [row for row in csv.DictReader(StringIO(text)) if row["Key"] == "T-1"]
    assert row["Languages"] == "en fr"


# ---- What is due, and acts ---------------------------------------------------------------------


def test_list_of_what_is_due_is_filtered_by_need_and_kind(browser: Client) -> None:
    make_fact("T-1", review_by=timezone.localdate())
    make_contact("T-K1", result="closed")
    response = browser.get(reverse("upkeep_due"), {"need": "dead", "kind": "contactpoint"})
    found = BeautifulSoup(response.content.decode(), "html.parser").select(".wm-row .wm-key")
    assert {key.text for key in found} == {"T-K1"}


def acts(browser: Client, **asked: str) -> list[list[str]]:
    response = browser.get(reverse("upkeep_acts"), asked)
    rows = BeautifulSoup(response.content.decode(), "html.parser").select("table.listing tbody tr")
    texts = ([" ".join(cell.text.split()) for cell in row.select("td")] for row in rows)
    return [[text for text in found[1:] if text] for found in texts]


def test_acts_are_listed_newest_first_and_filtered(editor: User, browser: Client) -> None:
    fact, point = make_fact("T-1"), make_contact("T-K1")
    now = timezone.now()
    record(fact, Act.CONFIRMED, by=editor, now=now)
    record(point, Act.TESTED, by=editor, now=now, note="wrong")
    assert acts(browser)[:2] == [
        ["contact tested", "T-K1", "en", "amina", "wrong number or place"],
        ["reviewed, still correct", "T-1", "en", "amina"],
    ]
    assert {row[1] for row in acts(browser, act="tested")} == {"T-K1"}
    assert {row[1] for row in acts(browser, key="t-1")} == {"T-1"}


@pytest.mark.parametrize("name", ["upkeep_due", "upkeep_matrix", "upkeep_acts"])
def test_reports_are_for_who_may_enter_the_admin(
    page_root: None, browser: Client, name: str
) -> None:
    address = reverse(name)
    assert browser.get(address).status_code == 200
    assert Client().get(address).status_code == 302
    assert address in browser.get("/cms/").content.decode()
