"""Two editors at once lose nothing: the second one hears of it, keeps her words, and chooses."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from hypothesis import given
from hypothesis import strategies as st
from wagtail.models import Page, Revision

from cms.editing.conflicts import LOADED, ON_TOP, find_newer
from cms.models import Fact
from cms.rights import Role
from cms.starter.reading import Pack
from tests.cms.finding import find_message
from tests.cms.forms import open_form, read_form, said, send
from tests.cms.people import browser_of, make_person

pytestmark = pytest.mark.database


@pytest.fixture
def first(starter: Pack) -> User:
    return make_person("first", Role.EDITORS)


@pytest.fixture
def second(starter: Pack) -> User:
    return make_person("second", Role.EDITORS)


def fact() -> Fact:
    return Fact.objects.get(key="WA-R2", locale__language_code="en")


def row_of(kind: str) -> tuple[Any, str]:
    return (fact(), "statement") if kind == "entry" else (find_message("MSG-GEN-1"), "web_summary")


KINDS = pytest.mark.parametrize("kind", ["entry", "page"])


def newest(row: Any) -> Any:
    return type(row).objects.get(pk=row.pk).get_latest_revision_as_object()


def drafts(row: Any, field: str) -> list[str]:
    found = Revision.objects.for_instance(row).order_by("created_at", "pk")
    return [draft.content[field] for draft in found]


@KINDS
def test_second_save_is_refused_says_by_whom_and_keeps_what_was_typed(
    first: User, second: User, kind: str
) -> None:
    row, field = row_of(kind)
    hers = open_form(browser_of(second), row)
    send(browser_of(first), row, open_form(browser_of(first), row), **{field: "The first words."})
    answer = send(browser_of(second), row, hers, **{field: "The second words."})
    assert answer.status_code == 200
    assert "first saved another draft of this" in said(answer)
    assert "revisions/compare/" in answer.content.decode()
    assert getattr(newest(row), field) == "The first words."
    assert read_form(answer.content.decode())[field] == ["The second words."]


@pytest.mark.once
@KINDS
def test_pressing_save_again_is_refused_again(first: User, second: User, kind: str) -> None:
    row, field = row_of(kind)
    hers = open_form(browser_of(second), row)
    send(browser_of(first), row, open_form(browser_of(first), row), **{field: "The first words."})
    answer = send(browser_of(second), row, hers, **{field: "The second words."})
    again = send(browser_of(second), row, read_form(answer.content.decode()))
    assert "first saved another draft of this" in said(again)
    assert getattr(newest(row), field) == "The first words."


@KINDS
def test_choosing_to_save_on_top_keeps_both_in_the_history(
    first: User, second: User, kind: str
) -> None:
    row, field = row_of(kind)
    hers = open_form(browser_of(second), row)
    send(browser_of(first), row, open_form(browser_of(first), row), **{field: "The first words."})
    seen = type(row).objects.get(pk=row.pk).latest_revision_id
    answer = send(browser_of(second), row, hers, **{field: "The second words.", ON_TOP: str(seen)})
    assert answer.status_code == 302
    assert getattr(newest(row), field) == "The second words."
    assert drafts(row, field)[-2:] == ["The first words.", "The second words."]


@pytest.mark.once
@KINDS
def test_choice_does_not_reach_a_third_draft_that_she_has_not_seen(
    first: User, second: User, kind: str
) -> None:
    row, field = row_of(kind)
    hers = open_form(browser_of(second), row)
    send(browser_of(first), row, open_form(browser_of(first), row), **{field: "The first words."})
    seen = type(row).objects.get(pk=row.pk).latest_revision_id
    send(browser_of(first), row, open_form(browser_of(first), row), **{field: "The third words."})
    answer = send(browser_of(second), row, hers, **{field: "The second.", ON_TOP: str(seen)})
    assert answer.status_code == 200
    assert getattr(newest(row), field) == "The third words."


@pytest.mark.once
@KINDS
def test_submitting_on_top_of_a_newer_draft_is_refused_too(
    first: User, second: User, kind: str
) -> None:
    row, field = row_of(kind)
    hers = open_form(browser_of(second), row)
    send(browser_of(first), row, open_form(browser_of(first), row), **{field: "The first words."})
    send(browser_of(second), row, hers, "action-submit", **{field: "The second words."})
    assert type(row).objects.get(pk=row.pk).current_workflow_state is None
    assert getattr(newest(row), field) == "The first words."


def test_form_opened_before_the_first_draft_is_refused_too(first: User, second: User) -> None:
    row = fact()
    assert row.latest_revision is None
    hers = open_form(browser_of(second), row)
    assert hers[LOADED] == [""]
    send(browser_of(first), row, open_form(browser_of(first), row), statement="The first words.")
    answer = send(browser_of(second), row, hers, statement="The second words.")
    assert "first saved another draft of this" in said(answer)
    again = send(browser_of(second), row, read_form(answer.content.decode()))
    assert again.status_code == 200
    assert newest(row).statement == "The first words."


@pytest.mark.once
def test_own_draft_of_another_window_is_named_as_such(first: User) -> None:
    row = fact()
    client = browser_of(first)
    older = open_form(client, row)
    send(client, row, open_form(client, row), statement="In one window.")
    answer = send(client, row, older, statement="In the other.")
    assert "You saved another draft of this in another window" in said(answer)


def test_one_editor_saves_again_and_again_without_a_word(first: User) -> None:
    row = fact()
    client = browser_of(first)
    for words in ("One.", "Two.", "Three."):
        assert send(client, row, open_form(client, row), statement=words).status_code == 302
    assert newest(row).statement == "Three."


def test_reverting_on_top_of_a_newer_draft_is_refused_too(first: User, second: User) -> None:
    page = find_message("MSG-GEN-1")
    hers = open_form(browser_of(second), page)
    send(browser_of(first), page, open_form(browser_of(first), page), web_summary="Newer.")
    old = page.latest_revision_id
    path = f"/cms/pages/{page.pk}/revisions/{old}/revert/"
    answer = browser_of(second).post(path, hers)
    assert answer.status_code == 200
    assert (
        Page.objects.get(pk=page.pk).specific.get_latest_revision_as_object().web_summary
        == "Newer."
    )


ids = st.integers(min_value=1, max_value=50)


@pytest.mark.once
@given(latest=ids, loaded=st.one_of(st.just(""), ids.map(str)), chosen=st.none() | ids.map(str))
def test_a_form_is_saved_only_over_the_draft_it_knows_or_names(
    latest: int, loaded: str, chosen: str | None
) -> None:
    posted = {LOADED: loaded} | ({ON_TOP: chosen} if chosen else {})
    newer = find_newer(posted, Revision(pk=latest))
    assert (newer is None) == (str(latest) in {loaded, chosen})
