"""Texts out to a translator and back: a dry run first, then drafts, all of them or none."""

from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wagtail.models import Locale
from wagtail_localize.models import StringTranslation, Translation

from cms.models import MessagePage, RoutePage, TranslationState
from cms.rights import Role
from cms.starter.reading import Pack
from cms.translating.adopting import adopt
from cms.translating.importing import Moved, save_import
from cms.translating.naming import Name
from cms.translating.planning import Left, Plan, plan_import
from cms.translating.po import Entry, Heading, Sheet, read_sheet
from cms.translating.scopes import Scope, find_scope
from cms.translating.texts import texts_of
from tests.cms.finding import find_message
from tests.cms.people import browser_of, make_person
from tests.cms.translations import (
    again,
    as_file,
    change_major,
    draft_of,
    fact,
    filled,
    in_language,
    live_words,
    new_language,
    plain_page,
    sheet_of,
)

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("starter")]

STATEMENT = "fact:CM-R1:statement"


@pytest.fixture
def translator(starter: Pack) -> User:
    return make_person("translator", Role.TRANSLATORS, languages=("fr", "om", "ar"))


@pytest.fixture
def browser(translator: User) -> Client:
    return browser_of(translator)


def french() -> Locale:
    return Locale.objects.get(language_code="fr")


def scope_of(name: str) -> Scope:
    kind, _colon, key = name.partition(":")
    return find_scope(Name(kind, key))


def plan(sheet: Sheet, user: User, *, language: str = "fr") -> Plan:
    return plan_import(sheet, scope_of(sheet.heading.content), language=language, user=user)


def bring(sheet: Sheet, user: User, *, language: str = "fr") -> Plan:
    """Import a sheet as a person does who looks at the dry run and says yes."""
    seen = plan(sheet, user, language=language).digest
    scope = scope_of(sheet.heading.content)
    return save_import(sheet, scope, language=language, user=user, seen=seen)


def saying(place: str, words: str, *, name: str = "fact:CM-R1", language: str = "fr") -> Sheet:
    """Return the export of a thing with one text filled in otherwise."""
    sheet = sheet_of(name, language)
    assert place in {entry.place for entry in sheet.entries}
    return filled(sheet, lambda entry: words if entry.place == place else None)


def post(browser: Client, content: bytes, *, kind: str = "fact", key: str = "CM-R1") -> Any:
    address = reverse("po_file", args=[kind, key, "fr"])
    return browser.post(address, {"file": SimpleUploadedFile("fr.po", content)})


# ---- Out ---------------------------------------------------------------------------------------


def test_export_holds_the_original_and_the_present_texts() -> None:
    row = in_language(fact(), "fr")
    entries = {entry.place: entry for entry in sheet_of("fact:CM-R1", "fr").entries}
    assert entries[STATEMENT].original == fact().statement
    assert entries[STATEMENT].words == row.statement
    assert "Machine-made" in entries[STATEMENT].note
    assert not any(entry.is_fuzzy for entry in entries.values())


def test_route_s_file_holds_every_text_of_the_route() -> None:
    entries = sheet_of("route:cmed", "fr").entries
    kinds = {entry.place.partition(":")[0] for entry in entries}
    assert kinds >= {"route_page", "message", "fact", "pathway", "claim", "contact_point"}
    assert len({entry.place for entry in entries}) == len(entries)
    assert "route_page:cmed:title" in {entry.place for entry in entries}
    assert not any(entry.place.endswith((":slug", ":key")) for entry in entries)


def test_export_writes_nothing(browser: Client) -> None:
    before = live_words()
    address = reverse("po_download", args=["route", "cmed", "fr"])
    response = browser.get(address)
    assert response.status_code == 200
    assert response["Content-Disposition"] == 'attachment; filename="route-cmed-fr.po"'
    assert read_sheet(response.content).heading == Heading("route:cmed", "fr")
    assert live_words() == before
    assert not Translation.objects.exists()


def test_queries_of_a_route_s_export_do_not_grow_with_its_texts(
    django_assert_max_num_queries: Any,
) -> None:
    scope = scope_of("route:cmed")
    assert len(scope.originals) > 30
    with django_assert_max_num_queries(60):
        sheet_of("route:cmed", "fr")


def test_text_made_from_older_words_goes_out_as_fuzzy_with_those_words() -> None:
    old = fact().statement
    change_major(fact(), "Something else is true now.")
    entries = {entry.place: entry for entry in sheet_of("fact:CM-R1", "fr").entries}
    late = entries[STATEMENT]
    assert late.is_fuzzy
    assert (late.original, late.former) == ("Something else is true now.", old)
    others = [entry for place, entry in entries.items() if place != STATEMENT and entry.words]
    assert not any(entry.is_fuzzy for entry in others)
    assert f'#| msgid "{old[:20]}' in as_file(sheet_of("fact:CM-R1", "fr")).decode()


def test_draft_that_follows_the_change_goes_out_as_done(translator: User) -> None:
    bring(saying(STATEMENT, "Avant."), translator)
    change_major(fact(), "Something else is true now.")
    sheet = saying(STATEMENT, "Autre chose est vrai.")
    bring(
        replace(sheet, entries=tuple(replace(e, is_fuzzy=False) for e in sheet.entries)), translator
    )
    for _again in range(2):
        entries = {entry.place: entry for entry in sheet_of("fact:CM-R1", "fr").entries}
        assert entries[STATEMENT].words == "Autre chose est vrai."
        assert not entries[STATEMENT].is_fuzzy
        adopt(fact(), french(), row=in_language(fact(), "fr"))
    change_major(fact(), "And now a third thing.")
    entries = {entry.place: entry for entry in sheet_of("fact:CM-R1", "fr").entries}
    assert entries[STATEMENT].is_fuzzy


# ---- Back --------------------------------------------------------------------------------------


def test_export_brought_back_unchanged_changes_nothing(translator: User) -> None:
    for name in ("fact:CM-R1", "message:MSG-GEN-1", "plain_page:privacy", "route:cmed"):
        back = read_sheet(as_file(sheet_of(name, "fr")))
        found = plan(back, translator)
        assert (found.changes, found.faults) == ((), ())
        assert set(found.left) <= {Left.SAME, Left.EMPTY}


def test_imported_texts_become_drafts_and_readers_see_none(translator: User) -> None:
    before = live_words()
    row = in_language(fact(), "fr")
    done = bring(saying(STATEMENT, "OIM : 1 190 morts (1 janvier 13 décembre 2025)."), translator)
    assert done.things == 1
    assert live_words() == before
    draft = draft_of(row)
    assert draft.statement == "OIM : 1 190 morts (1 janvier 13 décembre 2025)."
    assert draft.caution == row.caution
    assert again(row).latest_revision.user == translator
    assert again(row).translation_state == TranslationState.MACHINE
    kept = StringTranslation.objects.get(context__path="statement")
    assert (kept.translation_type, kept.last_translated_by) == ("manual", translator)


def test_text_imported_as_a_draft_settles_when_it_is_published(translator: User) -> None:
    change_major(fact(), "Something else is true now.")
    row = in_language(fact(), "fr")
    sheet = saying(STATEMENT, "Autre chose est vrai.")
    bring(
        replace(sheet, entries=tuple(replace(e, is_fuzzy=False) for e in sheet.entries)), translator
    )
    assert again(row).current_as_of == row.current_as_of
    draft_of(row).save_revision().publish()
    assert again(row).statement == "Autre chose est vrai."
    assert again(row).current_as_of > fact().changed_at


def test_whole_route_is_translated_into_a_new_language(translator: User) -> None:
    new_language("om")
    before = live_words()
    sheet = filled(sheet_of("route:cmed", "om"), lambda entry: f"om: {entry.original}"[:120])
    sheet = replace(
        sheet, entries=tuple(entry for entry in sheet.entries if "{" not in entry.original)
    )
    short = [entry for entry in sheet.entries if len(entry.words) < 120][:40]
    done = bring(replace(sheet, entries=tuple(short)), translator, language="om")
    assert len(done.changes) == len(short)
    assert {place: words for place, words in live_words().items() if place in before} == before
    page = RoutePage.objects.get(locale__language_code="om")
    assert not page.live
    assert draft_of(page).title == "om: Central Mediterranean"


def test_blocks_of_a_page_are_imported(translator: User) -> None:
    page = plain_page()
    sheet = filled(sheet_of("plain_page:privacy", "fr"), lambda entry: entry.words + " !")
    bring(sheet, translator)
    draft = draft_of(in_language(page, "fr"))
    assert all(words.endswith(" !") for words in texts_of(draft).values())


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.text(
        st.characters(
            exclude_categories=["Cs", "Cc"], exclude_characters="{}", include_characters="\n"
        ),
        min_size=1,
    ).filter(lambda words: bool(words.strip()))
)
def test_any_text_arrives_in_the_draft_as_the_translator_wrote_it(
    translator: User, words: str
) -> None:
    row = in_language(fact(), "fr")
    draft = draft_of(row)
    draft.statement = "avant"
    draft.save_revision()
    back = read_sheet(as_file(saying(STATEMENT, words)))
    bring(back, translator)
    assert draft_of(row).statement == words
    (entry,) = (e for e in sheet_of("fact:CM-R1", "fr").entries if e.place == STATEMENT)
    assert entry.words == words


def test_link_and_line_ends_arrive(translator: User) -> None:
    message = find_message("MSG-GEN-1")
    place = "message:MSG-GEN-1:sms_text"
    words = 'Lisez "ceci" & <cela> :\n\n{link}\u200f 1, 3, 0'
    original = {e.place: e.original for e in sheet_of("message:MSG-GEN-1", "fr").entries}[place]
    assert "{link}" in original
    bring(saying(place, words, name="message:MSG-GEN-1"), translator)
    assert draft_of(in_language(message, "fr")).sms_text == words


# ---- What is left out --------------------------------------------------------------------------


def test_fuzzy_and_empty_entries_are_left_out_and_counted(translator: User) -> None:
    sheet = sheet_of("fact:CM-R1", "fr")
    first, second, *_rest = sheet.entries
    fuzzy = replace(first, words="Faux.", is_fuzzy=True)
    found = plan(replace(sheet, entries=(fuzzy, replace(second, words=" \n"))), translator)
    assert {reason: len(entries) for reason, entries in found.left.items()} == {
        Left.FUZZY: 1,
        Left.EMPTY: 1,
    }
    assert not found.may_be_saved


def test_original_that_has_changed_since_is_listed_and_not_imported(translator: User) -> None:
    sheet = saying(STATEMENT, "Une phrase.")
    change_major(fact(), "Something else is true now.")
    found = plan(sheet, translator)
    assert [entry.place for entry in found.left[Left.OUTDATED]] == [STATEMENT]
    assert found.changes == ()


def test_unknown_entries_are_named(translator: User) -> None:
    sheet = sheet_of("fact:CM-R1", "fr")
    strange = (
        Entry("fact:CM-R1:nothing", "x", "y"),
        Entry("fact:CM-R2:statement", "x", "y"),
        Entry("fact:CM-R1:sendable", "x", "y"),
        Entry("fact:CM-R1:slug", "x", "y"),
        Entry("nonsense", "x", "y"),
    )
    found = plan(replace(sheet, entries=strange), translator)
    assert found.left[Left.UNKNOWN] == strange


def test_what_is_being_read_is_left_out(translator: User) -> None:
    row = in_language(fact(), "fr")
    draft = row.get_latest_revision_as_object()
    draft.save_revision(user=translator)
    row = again(row)
    row.get_workflow().start(row, translator)
    found = plan(saying(STATEMENT, "Neuf."), translator)
    assert [entry.place for entry in found.left[Left.LOCKED]] == [STATEMENT]


def test_blocks_of_a_translation_s_own_are_left_out(translator: User) -> None:
    draft = draft_of(in_language(plain_page(), "fr"))
    draft.body.append(("paragraph", "Une phrase de plus."))
    draft.save_revision()
    sheet = filled(sheet_of("plain_page:privacy", "fr"), lambda entry: f"{entry.original} fr")
    found = plan(sheet, translator)
    assert not any(":body." in change.entry.place for change in found.changes)
    assert found.changes
    assert all(":body." in entry.place for entry in found.left[Left.APART])


def test_kind_that_a_person_may_not_change_is_left_out() -> None:
    publisher = make_person("publisher", Role.PUBLISHERS)
    sheet = filled(sheet_of("route:cmed", "fr"), lambda entry: f"{entry.words} x")
    found = plan(sheet, publisher)
    assert {change.entry.place.partition(":")[0] for change in found.changes} <= {
        "route_page",
        "message",
    }
    assert any(entry.place.startswith("fact:") for entry in found.left[Left.NOT_YOURS])


# ---- All or nothing ----------------------------------------------------------------------------


def test_one_fault_keeps_the_whole_file_out(translator: User) -> None:
    sheet = filled(
        sheet_of("message:MSG-GEN-1", "fr"),
        lambda entry: (
            f"x {entry.original.replace('{link}', '')}"
            if entry.place.endswith(":sms_text")
            else f"x {entry.original}"
        ),
    )
    found = plan(sheet, translator)
    assert len(found.faults) == 1
    assert len(found.changes) == 3
    assert "{link}" in found.faults[0].words
    before = MessagePage.objects.values_list("pk", "latest_revision")
    with pytest.raises(Moved):
        bring(sheet, translator)
    assert list(MessagePage.objects.values_list("pk", "latest_revision")) == list(before)


def test_text_too_long_for_its_field_is_a_fault(translator: User) -> None:
    sheet = saying("message:MSG-GEN-1:title", "x" * 256, name="message:MSG-GEN-1")
    (fault,) = plan(sheet, translator).faults
    assert "255" in fault.words


def test_what_was_not_shown_is_not_saved(translator: User) -> None:
    row = in_language(fact(), "fr")
    sheet = saying(STATEMENT, "Une phrase.")
    seen = plan(sheet, translator).digest
    draft = draft_of(row)
    draft.statement = "Quelqu’un d’autre était là."
    draft.save_revision()
    with pytest.raises(Moved) as moved:
        save_import(sheet, scope_of("fact:CM-R1"), language="fr", user=translator, seen=seen)
    assert moved.value.plan.changes[0].old == "Quelqu’un d’autre était là."
    assert draft_of(row).statement == "Quelqu’un d’autre était là."


def test_failure_in_the_middle_leaves_nothing(translator: User, monkeypatch: Any) -> None:
    sheet = filled(
        sheet_of("route:cmed", "fr"), lambda entry: f"{entry.words} x" if entry.words else None
    )
    before = live_words(), StringTranslation.objects.count(), Translation.objects.count()
    calls = []

    def fail_on_the_third(self: Translation, **_wishes: Any) -> None:
        calls.append(self)
        if len(calls) == 3:
            raise RuntimeError("the power is gone")

    monkeypatch.setattr(Translation, "save_target", fail_on_the_third)
    with pytest.raises(RuntimeError):
        bring(sheet, translator)
    assert (live_words(), StringTranslation.objects.count(), Translation.objects.count()) == before


# ---- The page ----------------------------------------------------------------------------------


def test_person_sees_what_would_change_before_anything_does(browser: Client) -> None:
    row = in_language(fact(), "fr")
    old = row.statement
    shown = post(browser, as_file(saying(STATEMENT, "Trois morts sur dix."))).content.decode()
    assert "<ins>Trois morts sur dix.</ins>" in shown
    assert "The numbers differ" in shown
    assert draft_of(row).statement == old
    answer = _say_yes(browser, shown)
    assert answer.status_code == 302
    assert draft_of(row).statement == "Trois morts sur dix."
    assert again(row).statement == old


def test_dry_run_that_somebody_has_touched_is_not_saved(browser: Client) -> None:
    row = in_language(fact(), "fr")
    shown = post(browser, as_file(saying(STATEMENT, "Une phrase."))).content.decode()
    _say_yes(browser, shown.replace('name="kept" value="', 'name="kept" value="x'))
    _say_yes(browser, shown.replace('name="seen" value="', 'name="seen" value="0'))
    assert draft_of(row).statement == row.statement


@pytest.mark.parametrize(
    ("sheet", "words"),
    [
        (Sheet(Heading("fact:CM-R1", "ar"), ()), "language of this file is ar"),
        (Sheet(Heading("fact:CM-R2", "fr"), ()), "This file is for fact:CM-R2"),
        (Sheet(Heading("route:cmed", "fr"), ()), "This file is for route:cmed"),
        (Sheet(Heading("", "fr"), ()), "does not say what this file is for"),
        (Sheet(Heading("fact:CM-R1", ""), ()), "language of this file is –"),
    ],
)
def test_file_for_something_else_is_refused_and_named(
    browser: Client, sheet: Sheet, words: str
) -> None:
    response = post(browser, as_file(sheet))
    assert response.status_code == 422
    assert words in response.content.decode()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty."),
        (b"\0\1\2", "not a PO file"),
        (b"<html></html>", "Line 1"),
        (b"#" * (2 * 1024 * 1024 + 1), "2 MB"),
        ('msgid ""\nmsgstr "é"'.encode("latin-1"), "not UTF-8"),
    ],
)
def test_file_that_is_none_is_refused_on_the_page(
    browser: Client, content: bytes, words: str
) -> None:
    response = post(browser, content)
    assert response.status_code == 422
    assert words in response.content.decode()


def test_no_file_at_all_is_asked_for(browser: Client) -> None:
    response = browser.post(reverse("po_file", args=["fact", "CM-R1", "fr"]), {})
    assert response.status_code == 422
    assert "Choose a PO file first." in response.content.decode()


def test_unknown_thing_or_language_has_no_page(browser: Client) -> None:
    for address in (["fact", "NO-1", "fr"], ["nothing", "x", "fr"], ["fact", "CM-R1", "xx"]):
        assert browser.get(reverse("po_file", args=address)).status_code == 404


def _say_yes(browser: Client, shown: str) -> Any:
    fields = {
        name: shown.partition(f'name="{name}" value="')[2].partition('"')[0]
        for name in ("kept", "seen")
    }
    return browser.post(reverse("po_file", args=["fact", "CM-R1", "fr"]), fields)
