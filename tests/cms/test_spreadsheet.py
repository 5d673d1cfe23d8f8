"""Facts, contact points and messages out to a spreadsheet and back in as drafts."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from wagtail.models import Revision

from cms.models import ContactPoint, Fact, MessagePage, TranslationState, Translator
from cms.spreadsheet import trial as trials
from cms.spreadsheet.applying import Moved, Unwritable, apply_upload
from cms.spreadsheet.cells import Codes, Links
from cms.spreadsheet.columns import KINDS, Kind
from cms.spreadsheet.trial import read_upload, try_out
from cms.spreadsheet.values import Outcome
from cms.starter.reading import Pack
from tests.cms.finding import find_message
from tests.cms.sheets import (
    add_rows,
    apply_file,
    download,
    edit,
    make_writer,
    problems_of,
    read_all,
    try_file,
    write_sheets,
)

pytestmark = [pytest.mark.usefixtures("starter"), pytest.mark.database]
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
RISK = ("facts", "CM-R1", "en")
NEW_FACT = {
    "key": "CM-R99",
    "language": "en",
    "statement": "One boat in ten does not arrive.",
    "kind": "risk",
    "review_by": date(2027, 5, 20),
    "routes": "cmed",
}


@pytest.fixture
def writer(starter: Pack) -> Any:
    return make_writer("amina")


def find_fact(key: str, language: str = "en") -> Any:
    return Fact.objects.get(key=key, locale__language_code=language)


def count_everything() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Revision, Fact, ContactPoint, MessagePage))


# ---- Round trip --------------------------------------------------------------------------------


def test_file_that_nobody_edited_changes_nothing(writer: Any) -> None:
    trial = try_file(download(), writer)
    assert problems_of(trial) == []
    assert {finding.outcome for finding in trial.findings} == {Outcome.UNCHANGED}
    stands = Fact.objects.count() + ContactPoint.objects.count() + MessagePage.objects.count()
    assert len(trial.findings) == stands
    assert not trial.may_apply


def test_every_language_of_the_starter_is_in_the_file(starter: Pack) -> None:
    languages = {row.language for row in read_all("facts")}
    assert languages == {"en", *(words.language for words in starter.wordings["facts"])}


def test_edited_cells_are_shown_with_what_stood_and_what_comes(writer: Any) -> None:
    before = find_fact("CM-R1")
    data = edit(download("facts"), {RISK: {"statement": "Mended.", "review_by": date(2027, 2, 1)}})
    (finding,) = try_file(data, writer).to_write
    assert finding.outcome == Outcome.CHANGED
    assert {d.column: (d.old, d.new) for d in finding.differences} == {
        "statement": (before.statement, "Mended."),
        "review_by": (before.review_by, date(2027, 2, 1)),
    }


def test_dry_run_writes_nothing(writer: Any) -> None:
    before = count_everything()
    data = edit(download("facts"), {RISK: {"statement": "Mended."}})
    try_file(add_rows(data, "facts", NEW_FACT), writer)
    assert count_everything() == before


def test_draft_that_waits_is_what_is_downloaded(writer: Any) -> None:
    fact = find_fact("CM-R1")
    fact.statement = "Not yet published."
    fact.routes = []
    fact.save_revision()
    row = next(row for row in read_all("facts") if (row.key, row.language) == ("CM-R1", "en"))
    assert (row.values["statement"], row.values["routes"]) == ("Not yet published.", ())
    assert {f.outcome for f in try_file(download("facts"), writer).findings} == {Outcome.UNCHANGED}


@pytest.mark.parametrize("kind", list(KINDS.values()), ids=list(KINDS))
def test_what_is_read_in_one_query_is_what_the_draft_itself_says(kind: Kind) -> None:
    for row in kind.model.objects.filter(locale__language_code="ar"):
        draft = row.get_latest_revision_as_object()
        draft.save_revision(clean=False)
    lasting = kind.model.lasting_field
    # A reviewer has chosen another last day than these drafts name.
    for row in kind.model.objects.filter(locale__language_code="ar"):
        day = getattr(row, lasting)
        changed = {"worded_until": day, lasting: date(2026, 12, 1)}
        kind.model.objects.filter(pk=row.pk).update(**changed)
    read = {row.pk: row for row in read_all(kind.name) if row.language == "ar"}
    assert read
    for row in kind.model.objects.filter(pk__in=read):
        draft = row.get_latest_revision_as_object()
        assert read[row.pk].values[lasting] == date(2026, 12, 1)
        for column in kind.columns:
            held = getattr(draft, column.name)
            if isinstance(column.form, Links):
                held = tuple(sorted(getattr(used, "key", None) or used.code for used in held.all()))
            elif isinstance(column.form, Codes):
                held = tuple(held)
            assert read[row.pk].values[column.name] == held, (row.key, column.name)


def test_column_that_is_not_in_the_file_is_left_alone(writer: Any) -> None:
    revision = find_fact("CM-R1").latest_revision_id or 0
    header = ["key", "language", "statement", "revision"]
    row = ["CM-R1", "en", "Mended.", str(revision)]
    data = write_sheets({"facts": [header, row]})
    (finding,) = try_file(data, writer).to_write
    assert [difference.column for difference in finding.differences] == ["statement"]


# ---- Applying ----------------------------------------------------------------------------------


def test_change_becomes_a_draft_and_leaves_the_live_text(writer: Any) -> None:
    live = find_fact("CM-R1")
    data = edit(
        download("facts"),
        {RISK: {"statement": "Mended.", "change_kind": "minor", "countries": "LY, TN"}},
    )
    assert apply_file(data, writer, now=NOW) == 1
    row = find_fact("CM-R1")
    draft = row.get_latest_revision_as_object()
    assert (row.statement, row.live, row.has_unpublished_changes) == (live.statement, True, True)
    assert (draft.statement, draft.change_kind, draft.countries) == (
        "Mended.",
        "minor",
        ["LY", "TN"],
    )
    assert row.latest_revision.user == writer
    for name in ("sendable", "status", "translation_state", "changed_at", "current_as_of"):
        assert getattr(row, name) == getattr(live, name)


def test_change_is_major_unless_the_file_says_otherwise(writer: Any) -> None:
    Fact.objects.filter(key="CM-R1").update(change_kind="minor")
    apply_file(edit(download("facts"), {RISK: {"statement": "Mended."}}), writer, now=NOW)
    assert find_fact("CM-R1").get_latest_revision_as_object().change_kind == "major"


def test_links_are_set_by_their_keys(writer: Any) -> None:
    place = ("messages", "MSG-CM-1", "en")
    data = edit(download("messages"), {place: {"facts": "CM-R2, CM-R1", "routes": ""}})
    apply_file(data, writer, now=NOW)
    draft = find_message("MSG-CM-1").get_latest_revision_as_object()
    assert {fact.key for fact in draft.facts.all()} == {"CM-R1", "CM-R2"}
    assert not draft.routes.exists()
    assert find_message("MSG-CM-1").routes.exists()


def test_new_words_of_a_message_are_not_read_aloud_yet(writer: Any) -> None:
    MessagePage.objects.filter(key="MSG-CM-1").update(plain_language=True, latest_revision=None)
    english, arabic = (("messages", "MSG-CM-1", code) for code in ("en", "ar"))
    data = edit(
        download(), {english: {"sms_text": "New: {link}"}, arabic: {"change_kind": "minor"}}
    )
    apply_file(edit(data, {english: {"routes": ""}}), writer, now=NOW)
    assert not find_message("MSG-CM-1").get_latest_revision_as_object().plain_language
    assert find_message("MSG-CM-1", "ar").get_latest_revision_as_object().plain_language


def test_second_download_carries_the_first_upload(writer: Any) -> None:
    apply_file(edit(download("facts"), {RISK: {"statement": "Mended."}}), writer, now=NOW)
    row = next(row for row in read_all("facts") if (row.key, row.language) == ("CM-R1", "en"))
    assert (row.values["statement"], row.changed_by) == ("Mended.", "amina")
    assert not try_file(download("facts"), writer).to_write


def test_new_fact_and_its_translation_begin_as_drafts(writer: Any) -> None:
    french = {"key": "CM-R99", "language": "fr", "statement": "Un bateau sur dix n'arrive pas."}
    data = add_rows(download("facts"), "facts", french, NEW_FACT)
    assert apply_file(data, writer, now=NOW) == 2
    original, translation = find_fact("CM-R99"), find_fact("CM-R99", "fr")
    assert (original.live, original.translation_state) == (False, TranslationState.ORIGINAL)
    assert (translation.live, translation.translation_state) == (False, TranslationState.UNREVIEWED)
    assert translation.translation_key == original.translation_key
    assert translation.review_by == date(2027, 5, 20)
    assert [route.code for route in original.routes.all()] == ["cmed"]
    assert (original.sendable, original.status, original.harm_class) == (False, "demo", "medium")
    assert original.latest_revision.user == translation.latest_revision.user == writer


def test_new_translation_takes_no_words_and_no_clearance_from_its_original(writer: Any) -> None:
    Fact.objects.filter(key="CM-R1", locale__language_code="es").delete()
    Fact.objects.filter(key="CM-R1", locale__language_code="en").update(
        sendable=True, status="checked", caution="Ask first."
    )
    row = {"key": "CM-R1", "language": "es", "statement": "El mar es peligroso."}
    apply_file(add_rows(download("facts", languages=["en"]), "facts", row), writer, now=NOW)
    made = find_fact("CM-R1", "es")
    assert (made.statement, made.caution) == ("El mar es peligroso.", "")
    assert (made.sendable, made.status, made.live) == (False, "demo", False)
    assert made.live_revision is None


def test_new_message_and_its_translation_come_below_their_homes(writer: Any) -> None:
    common = {"key": "MSG-CM-99", "pattern": "nudge", "expires": "2027-01-31"}
    data = add_rows(
        download("messages"),
        "messages",
        {**common, "language": "en", "title": "New", "sms_text": "+ {link}", "facts": "CM-R1"},
        {"key": "MSG-CM-99", "language": "ar", "title": "جديد", "sms_text": "= {link}"},
    )
    assert apply_file(data, writer, now=NOW) == 2
    english, arabic = find_message("MSG-CM-99"), find_message("MSG-CM-99", "ar")
    assert (english.live, arabic.live) == (False, False)
    assert english.get_parent().specific.locale.language_code == "en"
    assert arabic.get_parent().specific.locale.language_code == "ar"
    assert arabic.sms_text == "= {link}"
    assert arabic.code != english.code
    assert arabic.translation_state == TranslationState.UNREVIEWED
    assert [fact.key for fact in english.facts.all()] == ["CM-R1"]
    assert english.slug == "msg-cm-99"


# ---- All or nothing ----------------------------------------------------------------------------


def test_one_bad_row_leaves_nothing(writer: Any) -> None:
    before = count_everything()
    data = edit(
        download("facts", "contact_points"),
        {RISK: {"statement": "Mended."}, ("facts", "CM-R2", "en"): {"review_by": "31.12.2027"}},
    )
    upload = read_upload(data)
    trial = try_out(upload, writer)
    assert not trial.may_apply
    with pytest.raises(Moved):
        apply_upload(upload, person=writer, seen=trial.digest, now=NOW)
    assert count_everything() == before


def test_row_that_the_database_refuses_leaves_nothing(
    writer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = count_everything()
    data = edit(download("facts"), {RISK: {"statement": "Mended."}})
    data = add_rows(data, "facts", NEW_FACT)
    upload = read_upload(data)
    seen = try_out(upload, writer).digest
    save = Fact.save

    def save_as_another_hand_did(fact: Any, *args: Any, **kwargs: Any) -> None:
        fact.key = "CM-R1" if fact.key == "CM-R99" else fact.key
        save(fact, *args, **kwargs)

    monkeypatch.setattr(Fact, "save", save_as_another_hand_did)
    with pytest.raises(Unwritable) as refused:
        apply_upload(upload, person=writer, seen=seen, now=NOW)
    assert refused.value.problem.place.startswith("Sheet “facts”, row ")
    assert count_everything() == before


def test_upload_is_refused_when_something_changed_since_the_dry_run(writer: Any) -> None:
    data = edit(download("facts"), {RISK: {"statement": "Mended."}})
    upload = read_upload(data)
    seen = try_out(upload, writer).digest
    find_fact("CM-R1").save_revision(user=get_user_model().objects.create_user("bilal"))
    with pytest.raises(Moved) as moved:
        apply_upload(upload, person=writer, seen=seen, now=NOW)
    ((_place, text),) = problems_of(moved.value.trial)
    assert text.startswith("bilal changed it on ")


def test_live_row_that_moved_without_a_draft_is_noticed(writer: Any) -> None:
    data = edit(download("facts"), {RISK: {"unit": "people"}})
    upload = read_upload(data)
    seen = try_out(upload, writer).digest
    Fact.objects.filter(key="CM-R1", locale__language_code="en").update(unit="boats")
    with pytest.raises(Moved):
        apply_upload(upload, person=writer, seen=seen, now=NOW)


def test_too_many_changes_at_once_are_refused(writer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials, "MOST_CHANGES", 1)
    changes = {RISK: {"unit": "x"}, ("facts", "CM-R2", "en"): {"unit": "x"}}
    trial = try_file(edit(download("facts"), changes), writer)
    assert not trial.may_apply
    assert problems_of(trial) == [
        ("The file", "It changes 2 rows. Split it: one upload writes 1 at most.")
    ]


# ---- Conflicts and rights ----------------------------------------------------------------------


def test_stale_row_names_who_changed_it_and_when(writer: Any) -> None:
    data = edit(download("facts"), {RISK: {"statement": "Mended."}})
    find_fact("CM-R1").save_revision(user=get_user_model().objects.create_user("bilal"))
    (finding,) = [f for f in try_file(data, writer).findings if f.problems]
    (problem,) = finding.problems
    assert (finding.row.key, finding.row.language) == ("CM-R1", "en")
    assert problem.text.startswith("bilal changed it on ")
    assert "after this row was downloaded" in problem.text


def test_row_of_a_draft_that_was_never_made_is_refused(writer: Any) -> None:
    data = edit(download("facts"), {RISK: {"revision": "999999999"}})
    ((_place, text),) = problems_of(try_file(data, writer))
    assert text == "No such draft was made here. Download the row again."


def test_translator_changes_her_own_languages_and_no_others(writer: Any) -> None:
    Translator.objects.create(user=writer, languages=["fr"])
    french = ("facts", "CM-R1", "fr")
    data = edit(download("facts"), {french: {"statement": "Corrigé."}})
    assert try_file(data, writer).may_apply
    ((place, text),) = problems_of(try_file(edit(data, {RISK: {"statement": "No."}}), writer))
    assert place.endswith("column B (language)")
    assert text == "You work in fr. Leave the rows of other languages as they are."


def test_who_may_only_change_adds_nothing_new() -> None:
    person = make_writer("dina", acts=["change"])
    data = add_rows(download("facts"), "facts", NEW_FACT)
    ((_place, text),) = problems_of(try_file(data, person))
    assert text == "You may not add this. Ask an administrator."


def test_who_may_change_nothing_gets_a_reason_for_each_row() -> None:
    person = make_writer("emil", acts=[])
    data = edit(download(), {RISK: {"unit": "x"}, ("messages", "MSG-CM-1", "en"): {"title": "x"}})
    texts = [text for _place, text in problems_of(try_file(data, person))]
    assert texts == ["You may not change this. Ask an administrator."] * 2


def test_locked_message_is_left_alone(writer: Any) -> None:
    colleague = get_user_model().objects.create_user("bilal")
    MessagePage.objects.filter(key="MSG-CM-1").update(locked=True, locked_by=colleague)
    place = ("messages", "MSG-CM-1", "en")
    ((_place, text),) = problems_of(try_file(edit(download(), {place: {"title": "x"}}), writer))
    assert text.startswith("It is locked, or with a reviewer.")
