"""Every rule of the linter: a message that breaks it, and one beside it that does not."""

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from cms.linting import RULES, TEXT_FIELDS, DraftMessage, Severity, Word, lint
from cms.models import Review
from tests.cms.drafts import (
    CLEAN,
    TODAY,
    draft,
    listing,
    media,
    template,
    texts,
    used,
    using,
)

DOCS = Path(__file__).resolve().parents[2] / "docs" / "editing.md"
HARD = (
    "Migration regulations necessitate comprehensive documentation prior to departure; insufficient "
    "preparation considerably increases vulnerability to exploitation by intermediaries who "
    "frequently misrepresent employment opportunities internationally. 0 stop"
)
EASY = (
    "Ask the office near you first. It can tell you what is true. It is free. Take your papers with "
    "you. You can come back at any time. Nobody will ask for money. 0 stop"
)
RISK = used(is_risk=True)
WAY = used("pathway", "CM-P1", countries=("LY",))
HELP = used("contact_point", "CM-K1", countries=("LY",))
HARD_FACT = used(
    "fact",
    "CM-R2",
    partner_safety=True,
    sensitive_in=("LY",),
    wording="In 2025, 26,328 people were taken back to Libya.",
    softer="Many boats are stopped and brought back.",
)
ARABIC = {**CLEAN.texts, "sms_text": "اسأل المكتب القريب منك {link} 0 للتوقف"}
ORIGINAL = {**CLEAN.texts, "web_summary": "The office has 5 rooms, open since 1,190 days."}

# rule -> (a message that breaks it, the same one without the fault).
CASES: dict[str, tuple[DraftMessage, DraftMessage]] = {
    "nothing_to_say": (draft(texts={}), draft(texts={"web_summary": "All is said here."})),
    "risk_without_option": (using(RISK), using(RISK, WAY)),
    "fact_expired": (using(used(has_expired=True)), using(used())),
    "fact_stale": (using(used(review_by=TODAY)), using(used(review_by=TODAY + timedelta(days=1)))),
    "contact_expired": (using(used("contact_point", "K", review_by=TODAY)), using(HELP)),
    "contact_untested": (
        using(used("contact_point", "K", reached_on=TODAY - timedelta(days=30))),
        using(used("contact_point", "K", reached_on=TODAY - timedelta(days=29))),
    ),
    "pathway_incomplete": (using(used("pathway", "P", missing=("places",))), using(WAY)),
    "story_without_consent": (using(used("story", "S", consent_holds=False)), using(used("story"))),
    "partner_safety": (
        using(HARD_FACT, texts={**CLEAN.texts, "web_summary": "26,328 people were brought back."}),
        using(HARD_FACT, texts={**CLEAN.texts, "web_summary": "Many boats are brought back."}),
    ),
    "needs_review": (draft(is_behind=True), draft()),
    "message_expired": (draft(expires=TODAY), draft(expires=TODAY + timedelta(days=1))),
    "lifetime_too_long": (
        using(used(review_by=date(2026, 12, 1))),
        using(used(review_by=date(2027, 1, 1))),
    ),
    "sensitive_pushed": (
        using(used(topics=("sexual_exploitation_gbv",)), is_push=True),
        using(used(topics=("sexual_exploitation_gbv",))),
    ),
    "betraying_word": (
        listing("News for migrants. 0 stop", "route", "migrant"),
        listing("News for you. 0 stop", "route", "migrant"),
    ),
    "alarming_word": (
        listing("A deadly way. 0 stop", "alarming", "deadly"),
        listing("A long way. 0 stop", "alarming", "deadly"),
    ),
    "no_word_list": (draft(words=(Word("deadly", "alarming"),)), draft()),
    "reading_level": (texts(whatsapp_text=HARD), texts(whatsapp_text=EASY)),
    "plain_language_not_ticked": (
        draft(language="ar", texts=ARABIC),
        draft(language="ar", texts=ARABIC, plain_language=True),
    ),
    "many_parts": (texts(sms_text="a" * 310 + " 0"), texts(sms_text="a" * 300 + " 0")),
    "too_many_parts": (texts(sms_text="a" * 460 + " 0"), texts(sms_text="a" * 450 + " 0")),
    "long_nudge": (texts(nudge_text="a" * 160 + " 0"), texts(nudge_text="a" * 158 + " 0")),
    "no_way_to_stop": (texts(sms_text="Ask first."), texts(sms_text="Ask first. 0 stop")),
    "foreign_link": (
        texts(sms_text="See help.example.org 0 stop"),
        draft(
            texts={**CLEAN.texts, "sms_text": "See help.example.org 0 stop"},
            hosts=frozenset({"help.example.org"}),
        ),
    ),
    "unknown_placeholder": (texts(sms_text="See {Link} 0"), texts(sms_text="See {link} 0")),
    "template_unapproved": (
        template(text="Ask first. 0 stop", approved=False),
        template(text="Ask first. 0 stop"),
    ),
    "template_variables": (
        template(("place", "Agadez"), ("day", "Monday"), text="{day} in {place}, 0 stop"),
        template(("day", "Monday"), ("place", "Agadez"), text="{day} in {place}, 0 stop"),
    ),
    "audio_missing": (draft(audio_first=True), draft(audio_first=False)),
    "recording_without_transcript": (
        media(has_recording=True, voice_agreed=True),
        media(has_recording=True, voice_agreed=True, has_transcript=True),
    ),
    "recording_without_agreement": (
        media(has_recording=True, has_transcript=True),
        media(has_recording=True, has_transcript=True, voice_agreed=True),
    ),
    "picture_without_alt": (
        media(has_picture=True, picture_alt=" "),
        media(has_picture=True, picture_alt="A woman at a desk"),
    ),
    "numbers_differ": (
        draft(original=ORIGINAL, texts={**CLEAN.texts, "web_summary": "Cinq salles, 119 jours."}),
        draft(original=ORIGINAL, texts={**CLEAN.texts, "web_summary": "5 salles, 1 190 jours."}),
    ),
    "missing_text": (
        draft(original=CLEAN.texts, texts={**CLEAN.texts, "web_title": ""}),
        draft(original=CLEAN.texts),
    ),
}


def rules_of(message: DraftMessage) -> set[str]:
    return {finding.rule for finding in lint(message, today=TODAY)}


def test_clean_message_has_no_findings() -> None:
    assert lint(CLEAN, today=TODAY) == ()


def test_every_rule_has_its_two_cases() -> None:
    assert list(CASES) == [rule.id for rule in RULES]


@pytest.mark.parametrize("rule", CASES)
def test_rule_is_broken_by_one_message_and_not_by_the_other(rule: str) -> None:
    broken, whole = CASES[rule]
    assert rule in rules_of(broken)
    assert rule not in rules_of(whole)


@pytest.mark.parametrize("rule", CASES)
def test_finding_speaks_in_a_sentence_and_has_a_name_that_can_be_recorded(rule: str) -> None:
    longest = Review._meta.get_field("rule").max_length or 0
    for finding in lint(CASES[rule][0], today=TODAY):
        assert "%(" not in finding.say()
        assert finding.say().strip()
        assert len(finding.record_as) <= longest


def test_errors_come_before_warnings() -> None:
    message = draft(expires=TODAY, audio_first=True)
    severities = [finding.severity for finding in lint(message, today=TODAY)]
    assert severities == [Severity.ERROR, Severity.WARNING]


def test_finding_speaks_the_language_of_its_reader() -> None:
    (finding,) = lint(draft(is_behind=True), today=TODAY)
    with translation.override("en"):
        assert finding.say().startswith("Its original")


def test_fingerprint_is_of_what_is_found_and_not_of_where_in_the_text() -> None:
    listed = (Word("deadly", "alarming"),)
    told = {
        finding.record_as
        for text in ("A deadly way, 0", "On a long and deadly way, 0")
        for finding in lint(replace(texts(sms_text=text), words=listed), today=TODAY)
        if finding.rule == "alarming_word"
    }
    assert len(told) == 1


def test_documents_list_the_rules_as_they_are() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (error|warning) \|", DOCS.read_text("utf-8"), re.MULTILINE)
    assert rows == [(rule.id, rule.severity.value) for rule in RULES]


# ---- What holds for any text ------------------------------------------------------------------

anything = st.text(max_size=120)
written = st.fixed_dictionaries(dict.fromkeys(TEXT_FIELDS, anything))
LISTED = tuple(Word(word, "alarming") for word in ("IOM", "danger", "خطر", "አደጋ", "da’a", "..."))


@settings(max_examples=150, deadline=None)
@given(
    written=written,
    original=st.none() | written,
    language=st.sampled_from(["en", "fr", "es", "ar", "am", "ti", "ha", "wo", "bn"]),
    hard=anything,
)
def test_linter_takes_any_text(
    written: dict[str, str], original: Any, language: str, hard: str
) -> None:
    flagged = replace(HARD_FACT, wording=hard)
    message = draft(
        texts=written, original=original, language=language, uses=(flagged,), words=LISTED
    )
    for finding in lint(message, today=TODAY):
        assert finding.say()
