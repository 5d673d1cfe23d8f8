"""Publishing in every language at once: what is ready goes, what is not is named with its reason."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from wagtail.models import Revision

from cms.going_live import survey, take_due_live, take_ready_live
from cms.models import Act, Fact, NotPublishable, PlainPage, Review, TranslationState, record
from cms.readiness import Candidate, Outlook, Why, judge, judge_all
from cms.rights import Role
from cms.starter.reading import Pack
from tests.cms.forms import said
from tests.cms.people import browser_of, make_person

T0 = datetime(2026, 11, 1, tzinfo=UTC)
T1 = datetime(2026, 11, 10, tzinfo=UTC)

# ---- The rules ---------------------------------------------------------------------------------


def original(**changes: Any) -> Candidate:
    return replace(Candidate("en", is_original=True, live=True, is_newest_live=True), **changes)


def translation(**changes: Any) -> Candidate:
    return replace(Candidate("fr", state="reviewed", right_at=T1), **changes)


def reasons(candidate: Candidate, *, original_is_live: bool = True) -> set[Why]:
    verdict = judge(candidate, original_is_live=original_is_live)
    return {reason.why for reason in verdict.reasons}


def test_what_others_have_read_is_ready() -> None:
    assert judge(translation(), original_is_live=True).outlook == Outlook.READY


def test_what_is_live_and_up_to_date_stays() -> None:
    assert judge(original(), original_is_live=True).outlook == Outlook.LIVE


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"exists": False}, Why.MISSING),
        ({"is_untranslated": True}, Why.UNTRANSLATED),
        ({"unread": ("facts approved",)}, Why.NOT_SUBMITTED),
        ({"unread": ("facts approved",), "state": "machine"}, Why.MACHINE),
        ({"unread": ("facts approved",), "waits_for": "Facts"}, Why.BEING_READ),
        ({"unread": ("facts approved",), "is_returned": True}, Why.RETURNED),
        ({"right_at": T0, "source_changed_at": T1}, Why.OUTDATED),
        ({"right_at": T0, "use_changed_at": T1}, Why.USE_CHANGED),
        ({"refusals": ("It does not say its cost.",)}, Why.REFUSED),
        ({"live": True, "is_newest_live": True, "state": "machine"}, Why.MACHINE),
        ({"live": True, "is_newest_live": True, "state": "unreviewed"}, Why.UNREVIEWED),
    ],
)
def test_what_is_not_ready_is_named(changes: dict[str, Any], why: Why) -> None:
    assert reasons(translation(**changes)) == {why}


def test_translation_waits_for_its_original() -> None:
    assert reasons(translation(), original_is_live=False) == {Why.ORIGINAL_FIRST}
    ready = original(live=False, is_newest_live=False)
    held = original(live=False, is_newest_live=False, unread=("facts approved",))
    outlooks = {ready: Outlook.READY, held: Outlook.HELD}
    for first, outlook in outlooks.items():
        assert [one.outlook for one in judge_all([translation(), first])] == [outlook, outlook]


def test_original_is_never_outdated_by_its_own_change() -> None:
    changed = original(is_newest_live=False, source_changed_at=T1, right_at=T0)
    assert judge(changed, original_is_live=True).outlook == Outlook.READY


moments = st.none() | st.sampled_from([T0, T1])
candidates = st.builds(
    Candidate,
    language=st.just("fr"),
    exists=st.booleans(),
    live=st.booleans(),
    is_newest_live=st.booleans(),
    state=st.sampled_from(["machine", "unreviewed", "reviewed"]),
    is_untranslated=st.booleans(),
    unread=st.sampled_from([(), ("facts approved",)]),
    waits_for=st.sampled_from(["", "Facts"]),
    is_returned=st.booleans(),
    right_at=moments,
    source_changed_at=moments,
    use_changed_at=moments,
)


@given(candidate=candidates, is_live=st.booleans())
def test_nothing_goes_unread_untranslated_outdated_or_before_its_original(
    candidate: Candidate, is_live: bool
) -> None:
    verdict = judge(candidate, original_is_live=is_live)
    if verdict.outlook == Outlook.READY:
        assert candidate.exists
        assert not candidate.unread
        assert not candidate.is_untranslated
        assert is_live
        changed = candidate.source_changed_at
        assert changed is None or (candidate.right_at and changed <= candidate.right_at)
    assert (verdict.outlook == Outlook.HELD) == bool(verdict.reasons)


# ---- On the database ---------------------------------------------------------------------------

database = pytest.mark.database


@pytest.fixture
def publisher(starter: Pack) -> User:
    return make_person("publisher", Role.PUBLISHERS)


def fact(language: str = "en") -> Fact:
    return Fact.objects.get(key="WA-R2", locale__language_code=language)


def write(row: Any, by: User, read_by: User | None, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(row, name, value)
    revision = row.save_revision(user=by)
    if read_by is not None:
        for act in row.wanted_for(revision):
            record(row, act, by=read_by, now=timezone.now(), revision=revision)


def outlooks(row: Any) -> dict[str, Outlook]:
    found = survey(row, today=timezone.localdate())
    return {one.locale.language_code: one.verdict.outlook for one in found}


def whys(row: Any, language: str) -> set[Why]:
    found = survey(row, today=timezone.localdate())
    (one,) = [one for one in found if one.locale.language_code == language]
    return {reason.why for reason in one.verdict.reasons}


def take(row: Any, by: User) -> Any:
    return take_ready_live(row, by=by, now=timezone.now(), today=timezone.localdate())


def languages(lines: Any) -> set[str]:
    return {one.locale.language_code for one in lines}


@database
def test_one_action_takes_two_languages_live_and_names_the_rest(
    publisher: User, author: User, reviewer: User
) -> None:
    write(fact(), author, reviewer, statement="Corrected.")
    write(fact("fr"), author, reviewer, statement="Corrigé, en français.")
    write(fact("ar"), author, None, statement="نص عربي لم يقرأه أحد.")
    outcome = take(fact(), publisher)
    assert languages(outcome.went) == {"en", "fr"}
    assert (fact().statement, fact("fr").statement) == ("Corrected.", "Corrigé, en français.")
    assert fact("ar").statement != "نص عربي لم يقرأه أحد."
    assert "ar" in languages(outcome.held)
    assert Review.objects.filter(act=Act.HELD_BACK, language="ar").exists()


@database
def test_running_it_twice_changes_nothing(publisher: User, author: User, reviewer: User) -> None:
    write(fact(), author, reviewer, statement="Corrected.")
    take(fact(), publisher)
    noted, live = Review.objects.count(), fact().last_published_at
    assert take(fact(), publisher).went == ()
    assert (Review.objects.count(), fact().last_published_at) == (noted, live)


@database
def test_translation_read_before_its_original_changed_is_outdated(
    publisher: User, author: User, reviewer: User
) -> None:
    write(fact("fr"), author, reviewer, statement="Texte d'avant.")
    write(fact(), author, reviewer, statement="The meaning has changed.")
    take(fact(), reviewer)
    Review.objects.filter(language="fr").update(at=timezone.now() - timedelta(days=1))
    assert whys(fact(), "fr") == {Why.OUTDATED}
    assert "fr" not in languages(take(fact(), publisher).went)


@database
def test_what_goes_live_is_as_old_as_its_reading(
    publisher: User, author: User, reviewer: User
) -> None:
    write(fact("fr"), author, reviewer, statement="Texte lu hier.")
    yesterday = timezone.now() - timedelta(days=1)
    Review.objects.filter(language="fr").update(at=yesterday)
    take(fact(), publisher)
    assert fact("fr").current_as_of == yesterday


@database
def test_copy_of_the_original_is_never_live_as_a_translation(
    publisher: User, author: User, reviewer: User
) -> None:
    row = fact("fr")
    words = {name: getattr(fact(), name) for name in ("statement", "softer_statement")}
    write(row, author, reviewer, **words)
    assert Why.UNTRANSLATED in whys(fact(), "fr")
    with pytest.raises(NotPublishable, match="no words of its own"):
        Fact.objects.get(pk=row.pk).latest_revision.publish(user=reviewer)
    take(fact(), publisher)
    assert fact("fr").statement != fact().statement


@database
def test_short_name_may_be_the_same_in_both_languages(author: User, reviewer: User) -> None:
    page = PlainPage.objects.get(kind="verify", locale__language_code="fr")
    source = PlainPage.objects.get(kind="verify", locale__language_code="en")
    for row in (source, page):
        PlainPage.objects.filter(pk=row.pk).update(title="WhatsApp", body=[])
    page.refresh_from_db()
    page.check_publishable()


@database
def test_translation_approved_first_waits_and_goes_with_its_original(
    publisher: User, author: User, reviewer: User
) -> None:
    Fact.objects.filter(key="WA-R2").update(live=False)
    write(fact("fr"), author, reviewer, statement="Prêt avant l'original.")
    row = fact("fr")
    assert not row.take_live(row.latest_revision, by=reviewer)
    assert whys(fact(), "fr") == {Why.ORIGINAL_FIRST}
    write(fact(), author, reviewer, statement="Ready too.")
    assert languages(take(fact(), publisher).went) == {"en", "fr"}
    assert fact("fr").live


@database
def test_missing_language_is_named(publisher: User) -> None:
    fact("so").delete()
    assert whys(fact(), "so") == {Why.MISSING}
    assert "so" in languages(take(fact(), publisher).held)


@database
def test_pathway_rules_and_the_linter_have_their_say(author: User, reviewer: User) -> None:
    page = PlainPage.objects.get(kind="verify", locale__language_code="en")
    write(page, author, reviewer, title="Us")
    assert outlooks(page)["en"] == Outlook.READY


# ---- On a day ----------------------------------------------------------------------------------


def due(row: Any) -> None:
    """Put a newest draft on the schedule of a moment ago."""
    Revision.objects.filter(pk=row.latest_revision_id).update(
        approved_go_live_at=timezone.now() - timedelta(minutes=1)
    )


@database
def test_what_is_due_goes_live_and_is_cleared_if_it_was_read(author: User, reviewer: User) -> None:
    write(fact(), author, reviewer, statement="Due now.")
    due(fact())
    assert take_due_live(now=timezone.now()) == 1
    assert (fact().statement, fact().sendable) == ("Due now.", True)
    assert take_due_live(now=timezone.now()) == 0


@database
def test_what_waits_for_its_day_changes_nothing_yet(author: User, reviewer: User) -> None:
    page = PlainPage.objects.get(kind="verify", locale__language_code="en")
    before = page.current_as_of
    tomorrow = timezone.now() + timedelta(days=1)
    write(page, author, reviewer, title="Tomorrow", go_live_at=tomorrow)
    page.take_live(page.latest_revision, by=reviewer)
    page = PlainPage.objects.get(pk=page.pk)
    assert page.title != "Tomorrow"
    assert (page.current_as_of, page.changed_at, page.sendable) == (before, None, False)
    assert page.latest_revision.approved_go_live_at == tomorrow
    assert take_due_live(now=timezone.now()) == 0


@database
def test_one_that_may_not_go_any_more_stops_no_other(
    author: User, reviewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Fact.objects.filter(locale__language_code="en").exclude(key="WA-R2").first()
    for row in (other, fact()):
        write(row, author, reviewer, statement="Due now.")
        due(row)
    publish = Fact.publish

    def refuse_one(row: Fact, *args: Any, **kwargs: Any) -> Any:
        if row.key != "WA-R2":
            raise NotPublishable("Not any more.")
        return publish(row, *args, **kwargs)

    monkeypatch.setattr(Fact, "publish", refuse_one)
    assert take_due_live(now=timezone.now()) == 1
    assert Review.objects.get(act=Act.HELD_BACK).note == "Not any more."
    assert take_due_live(now=timezone.now()) == 0


# ---- The screen --------------------------------------------------------------------------------


def address(row: Any) -> str:
    return reverse("going_live", args=[row._meta.model_name, row.pk])


@database
def test_screen_shows_every_language_with_its_reason_and_one_button(
    publisher: User, author: User, reviewer: User
) -> None:
    write(fact(), author, reviewer, statement="Corrected.")
    write(fact("fr"), author, reviewer, statement="Corrigé, en français.")
    text = browser_of(publisher).get(address(fact())).content.decode()
    assert "Publish what is ready (en, fr)" in text
    for words in ("English", "العربية", "A machine made it, and nobody has read it."):
        assert words in text
    answer = browser_of(publisher).post(address(fact()))
    assert "Live now: English, Français." in said(answer)
    assert (fact().statement, fact("fr").statement) == ("Corrected.", "Corrigé, en français.")


@database
def test_only_who_may_publish_sees_the_screen(
    author: User, reviewer: User, publisher: User
) -> None:
    write(fact(), author, reviewer, statement="Corrected.")
    for person in (author, reviewer):
        assert browser_of(person).get(address(fact())).status_code == 302
        browser_of(person).post(address(fact()))
        assert fact().statement != "Corrected."


@database
@pytest.mark.parametrize("path", ["fact/999999/", "user/1/", "nothing/1/"])
def test_strange_address_leads_nowhere(publisher: User, path: str) -> None:
    assert browser_of(publisher).get(f"/cms/publish/{path}").status_code == 404


@database
def test_looking_publishes_nothing(publisher: User, author: User, reviewer: User) -> None:
    write(fact(), author, reviewer, statement="Corrected.")
    browser_of(publisher).get(address(fact()))
    assert fact().statement != "Corrected."
    assert fact("fr").translation_state == TranslationState.MACHINE
