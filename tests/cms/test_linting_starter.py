"""What the linter says of the starter pack, and how a page is read for it."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from cms.linting import Severity, lint
from cms.linting.reading import read_draft
from cms.models import (
    Fact,
    ListedWord,
    MessagePage,
    Pathway,
    Recording,
    Route,
    RouteLanguage,
)
from locales.languages import READER_LANGUAGES
from tests.cms.finding import find_message

pytestmark = pytest.mark.usefixtures("starter")

NEGATIVE = "MSG-CM-X1"
# True of a pack that nobody has checked: no contact has been tested, no pathway is complete, and
# nobody has read the translations aloud.
TRUE_OF_A_DEMO = {"contact_untested", "pathway_incomplete", "plain_language_not_ticked"}


def errors_of(page: MessagePage, today: date) -> set[str]:
    findings = lint(read_draft(page), today=today)
    return {finding.rule for finding in findings if finding.severity == Severity.ERROR}


@pytest.mark.parametrize("language", READER_LANGUAGES)
def test_starter_messages_have_only_the_errors_of_a_demo(language: str, today: date) -> None:
    pages = MessagePage.objects.filter(locale__language_code=language).exclude(key=NEGATIVE)
    assert pages
    assert set().union(*(errors_of(page, today) for page in pages)) <= TRUE_OF_A_DEMO


@pytest.mark.parametrize("language", READER_LANGUAGES)
def test_negative_example_is_blocked(language: str, today: date) -> None:
    wrong = errors_of(find_message(NEGATIVE, language), today)
    assert {"contact_expired", "message_expired"} <= wrong


def test_nudge_of_the_pack_betrays_nobody(today: date) -> None:
    for language in READER_LANGUAGES:
        page = find_message("MSG-GEN-1", language)
        assert "betraying_word" not in errors_of(page, today)


# ---- Reading -----------------------------------------------------------------------------------


def test_translation_rests_on_what_its_original_uses() -> None:
    english = read_draft(find_message("MSG-CM-1"))
    french = read_draft(find_message("MSG-CM-1", "fr"))
    assert {use.key for use in french.uses} == {use.key for use in english.uses}
    assert french.original == english.texts
    assert english.original is None


def test_what_comes_with_a_pathway_is_read_but_not_direct() -> None:
    uses = {use.key: use for use in read_draft(find_message("MSG-ER-2")).uses}
    assert uses["ER-K3a"].direct
    assert not uses["ER-K5"].direct


def test_what_stands_in_the_form_counts_and_not_what_is_saved() -> None:
    page = find_message("MSG-CM-1")
    page.sms_text = "Typed"
    page.pathways = Pathway.objects.filter(key="CM-P1", translation_state="original")
    page.contact_points = page.claims = page.facts = []
    draft = read_draft(page, variables=[("link", "x")])
    assert draft.texts["sms_text"] == "Typed"
    assert [use.key for use in draft.uses if use.kind == "pathway"] == ["CM-P1"]
    assert draft.template.variables == (("link", "x"),)


def test_countries_of_the_routes_are_where_people_leave_and_pass() -> None:
    countries = read_draft(find_message("MSG-CM-3")).route_countries
    assert {"LY", "TN", "BD"} <= set(countries)
    assert not {"IT", "MT"} & set(countries)


def test_language_that_is_heard_first_on_one_of_its_routes_is_known() -> None:
    page = find_message("MSG-WA-1", "fr")
    assert not read_draft(page).audio_first
    route = Route.objects.get(code="wafr-atl")
    RouteLanguage.objects.filter(route=route, code="fr").update(audio_first=True)
    assert read_draft(page).audio_first


def test_softer_wording_is_read_in_the_language_of_the_message() -> None:
    page = find_message("MSG-CM-1")
    page.facts = Fact.objects.filter(key="CM-R2", translation_state="original")
    (flagged,) = [use for use in read_draft(page).uses if use.partner_safety and use.direct]
    assert flagged.softer.startswith("Many boats")
    assert flagged.sensitive_in == ("LY",)


def test_hosts_of_what_is_used_are_known() -> None:
    hosts = read_draft(find_message("MSG-ER-1")).hosts
    assert "lmis.gov.et" in hosts


def test_recording_is_read_with_its_transcript_and_agreement() -> None:
    page = find_message("MSG-GEN-1")
    page.recording = Recording(title="x", language="en", transcript=" ", voice_agreed=True)
    media = read_draft(page).media
    assert (media.has_recording, media.has_transcript, media.voice_agreed) == (True, False, True)


def test_words_are_those_of_the_language() -> None:
    ListedWord.objects.get_or_create(language="fr", kind="alarming", word="catastrophe")
    kinds = {word.word for word in read_draft(find_message("MSG-GEN-1", "fr")).words}
    assert "catastrophe" in kinds
    assert "catastrophe" not in {word.word for word in read_draft(find_message("MSG-GEN-1")).words}


def test_changed_fact_holds_the_message_until_its_text_answers(today: date) -> None:
    page = find_message("MSG-CM-1")
    later = datetime(2030, 1, 1, tzinfo=UTC)
    Fact.objects.filter(key="CM-R1", translation_state="original").update(changed_at=later)
    assert "needs_review" in errors_of(page, today)
    page.sms_text = "On this sea way 1,300 people were recorded dead or missing. 0 stop"
    assert "needs_review" not in errors_of(page, today)


def test_queries_do_not_grow_with_what_is_used(django_assert_max_num_queries: Any) -> None:
    page = find_message("MSG-GEN-1")
    with django_assert_max_num_queries(25) as few:
        read_draft(page)
    full = MessagePage.objects.get(pk=page.pk)
    for name in ("facts", "pathways", "claims", "contact_points"):
        model: Any = MessagePage._meta.get_field(name).related_model
        setattr(full, name, model.objects.filter(translation_state="original"))
    with django_assert_max_num_queries(len(few) + 4):  # the four look-ups of this test itself
        read_draft(full)
