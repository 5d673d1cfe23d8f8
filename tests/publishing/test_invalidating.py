"""What changes is made anew, and nothing else is: every way in which content changes."""

import ast
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from wagtail.actions.unpublish_page import UnpublishPageAction

from cms.consents import withdraw
from cms.models import (
    ContactPoint,
    Fact,
    Leg,
    MessagePage,
    PlainPage,
    Route,
    RouteName,
    RoutePage,
    Source,
    StoredAnswer,
    StoredUse,
    TestResult,
)
from cms.models.changes import telling_at_once, update_content
from cms.publishing import invalidating, storing
from cms.publishing.fingerprints import fingerprint
from cms.publishing.making import make
from cms.publishing.rendering import HEAVY, render_missing
from cms.reader.addresses import page_path, part_path, story_path
from cms.reader.listing import list_addresses
from cms.reader.tracing import Kind
from cms.reviewing import confirm, note_test
from cms.sweeping import sweep
from locales.folding import fold_for_search
from tests.architecture.sources import sources
from tests.cms.telling import tell_story

pytestmark = [pytest.mark.usefixtures("starter"), pytest.mark.database]


def stale() -> set[str]:
    return set(StoredAnswer.objects.filter(is_stale=True).values_list("path", flat=True))


def using(*tokens: str) -> set[str]:
    found = StoredAnswer.objects.filter(uses__token__in=tokens)
    return set(found.values_list("path", flat=True))


def stand_for(**tokens: str) -> None:
    """Store one answer for each token, named after it."""
    for name, token in tokens.items():
        row = StoredAnswer.objects.create(
            path=f"/{name}/",
            kind="plain",
            content_type="text/html",
            body_br=b"",
            body_gzip=b"",
            size=0,
            size_br=0,
            etag=name,
            build=fingerprint(),
            made_at=timezone.now(),
        )
        StoredUse.objects.create(answer=row, token=token)


def find_fact(key: str = "CM-R1", language: str = "en") -> Fact:
    return Fact.objects.get(key=key, locale__language_code=language)


def correct(row: Any, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(row, name, value)
    row.save_revision().publish()


@pytest.fixture
def person(db: None) -> User:
    return User.objects.create_user("person")


# ---- Exactly what changed ----------------------------------------------------------------------


def test_corrected_fact_makes_anew_exactly_what_shows_or_lists_it() -> None:
    fact = find_fact()
    token = f"text:{fact.translation_key}"
    for listed in list_addresses(today=timezone.localdate()):
        if listed.language == "en" and listed.kind not in HEAVY | {Kind.SEARCH}:
            make(listed.path)
    before = {row.path: row for row in StoredAnswer.objects.all()}
    words = fold_for_search(fact.statement)
    showing = {path for path, row in before.items() if words in row.folded}
    assert showing

    correct(fact, statement="Corrected words that nobody had read before.")

    assert showing <= stale() == using(token)
    pages = {path for path in stale() if before[path].kind in {"risks", "ways", "claims", "story"}}
    assert pages == {path for path in showing if before[path].kind == "risks"}
    render_missing(now=timezone.now(), limit=len(stale()))
    after = {row.path: row for row in StoredAnswer.objects.all()}
    for path, row in before.items():
        same = (after[path].etag, after[path].made_at) == (row.etag, row.made_at)
        assert same is (path not in using(token)), path
    for path in showing:
        assert "corrected words" in after[path].folded
        assert after[path].etag != row.etag


def test_correcting_a_word_tells_no_list(person: User) -> None:
    fact = find_fact()
    route = fact.routes.first() or fact.legs.first().route
    stand_for(text=f"text:{fact.translation_key}", routes=f"route:{route.pk}:fact")

    correct(fact, statement="Other words.")

    assert stale() == {"/text/"}


def test_entry_that_comes_or_goes_tells_its_lists() -> None:
    fact = find_fact()
    route = fact.routes.first() or fact.legs.first().route
    stand_for(
        text=f"text:{fact.translation_key}", routes=f"route:{route.pk}:fact", kind="kind:fact"
    )

    fact.unpublish()

    assert stale() == {"/text/", "/routes/", "/kind/"}


def test_entry_that_moves_tells_where_it_was_and_where_it_goes() -> None:
    fact = find_fact()
    old, new = Route.objects.all()[:2]
    fact.legs, fact.routes = [], [old]
    fact.save()
    stand_for(old=f"route:{old.pk}:fact", new=f"route:{new.pk}:fact")

    correct(fact, routes=[new])

    assert stale() == {"/old/", "/new/"}


def test_draft_changes_nothing() -> None:
    fact = find_fact()
    stand_for(text=f"text:{fact.translation_key}", kind="kind:fact")
    page = PlainPage.objects.filter(live=True).first()
    assert page is not None
    stand_for(page=f"text:{page.translation_key}")

    fact.statement = page.title = "Not to be seen yet."
    fact.save_revision()
    page.save_revision()

    assert stale() == set()


def contact_token(point: ContactPoint) -> str:
    return f"country:{point.reach_from[0]}" if point.reach_from else "country:"


def test_dead_contact_tells_the_countries_it_is_reached_from(person: User) -> None:
    point = ContactPoint.objects.filter(locale__language_code="en", live=True).first()
    assert point is not None
    stand_for(text=f"text:{point.translation_key}", country=contact_token(point))

    note_test(point, TestResult.CLOSED, by=person, now=timezone.now())

    assert stale() == {"/text/", "/country/"}


CHANGES: dict[str, tuple[Callable[[], str], Callable[[], object]]] = {
    "a source": (
        lambda: f"source:{Source.objects.earliest('pk').pk}",
        lambda: Source.objects.earliest("pk").save(),
    ),
    "a route": (
        lambda: f"routes:{Route.objects.first().pk}",
        lambda: Route.objects.first().save(),
    ),
    "a leg": (
        lambda: f"routes:{Leg.objects.first().route_id}",
        lambda: Leg.objects.first().save(),
    ),
    "an official name": (
        lambda: f"routes:{RouteName.objects.first().route_id}",
        lambda: RouteName.objects.first().delete(),
    ),
    "a confirmation": (
        lambda: f"text:{find_fact().translation_key}",
        lambda: confirm(find_fact(), by=User.objects.create_user("a"), now=timezone.now()),
    ),
    "a retitled page of a route": (
        lambda: "kind:routepage",
        lambda: correct(RoutePage.objects.first(), title="Another name"),
    ),
    "a deleted message": (
        lambda: "kind:messagepage",
        lambda: MessagePage.objects.filter(live=True).last().delete(),
    ),
    "what expires": (
        lambda: "kind:fact",
        lambda: (
            Fact.objects.filter(pk=find_fact().pk).update(expires=date(2026, 1, 1)),
            sweep(today=date(2026, 1, 2)),
        ),
    ),
    "an update": (
        lambda: "kind:fact",
        lambda: update_content(Fact.objects.filter(pk=find_fact().pk), live=False),
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_change_reaches_what_uses_it(what: str) -> None:
    token, change = CHANGES[what]
    stand_for(touched=token(), other="text:another")

    change()

    assert "/touched/" in stale()
    assert "/other/" not in stale()


def test_change_of_very_many_rows_marks_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invalidating, "MOST_ROWS", 3)
    stand_for(other="text:another")

    update_content(Fact.objects.all(), told_at=None)

    assert stale() == {"/other/"}


def test_loading_tells_everything_at_once_and_only_where_something_was_loaded() -> None:
    stand_for(other="text:another")
    with telling_at_once():
        pass
    assert stale() == set()

    with telling_at_once():
        find_fact().save()
    assert stale() == {"/other/"}


# ---- At once -----------------------------------------------------------------------------------


def test_withdrawn_story_is_gone_at_once(person: User, today: date) -> None:
    story = tell_story(today=timezone.localdate(), statement="I waited three nights.")
    own = story_path("en", story.key)
    page = RoutePage.objects.filter(
        migration_route__in=story.routes.all(), locale__language_code="en"
    ).first()
    assert page is not None
    listed = part_path("en", page.slug, Kind.STORIES)
    assert b"three nights" in make(own).body
    assert b"three nights" in make(listed).body
    assert (
        StoredAnswer.objects.readable(today=today).filter(folded__contains="three nights").exists()
    )

    withdraw(story.consent, by=person, now=timezone.now())

    kept = StoredAnswer.objects.readable(today=today)
    assert not kept.filter(folded__contains="three nights").exists()
    assert Client().get(own).status_code == 404
    assert b"three nights" not in make(listed).body
    assert not StoredAnswer.objects.filter(path=own).exists()


def test_page_that_falls_behind_or_is_right_again_is_led_to_by_the_name_that_it_has_then(
    person: User,
) -> None:
    pages = PlainPage.objects.filter(kind="privacy")
    english, french = (pages.get(locale__language_code=code) for code in ("en", "fr"))
    correct(french, slug="vie-privee")
    own, other = b'"/fr/vie-privee/"', b'"/en/privacy/"'
    listing = ("/fr/", "/fr/search/", "/sitemap.xml")
    assert all(b"/fr/vie-privee/" in make(path).body for path in listing)

    correct(english, caution="Ask again in May.", change_kind="major")

    assert {*listing} <= stale()
    assert own not in make("/fr/").body
    assert other in make("/fr/").body
    assert b"/fr/vie-privee/" not in make("/fr/search/").body
    assert b"/fr/vie-privee/" not in make("/sitemap.xml").body

    confirm(french, by=person, now=timezone.now() + timedelta(minutes=1))

    assert {*listing} <= stale()
    assert all(b"/fr/vie-privee/" in make(path).body for path in listing)


def test_unpublished_page_is_gone_at_once() -> None:
    page = PlainPage.objects.get(slug="about", locale__language_code="en")
    path = page_path("en", page.slug)
    assert Client().get(path).status_code == 200
    assert StoredAnswer.objects.filter(path=path).exists()
    for one in PlainPage.objects.filter(translation_key=page.translation_key):
        UnpublishPageAction(one).execute(skip_permission_checks=True)

    assert Client().get(path).status_code == 404
    assert not StoredAnswer.objects.filter(path=path).exists()


def test_page_is_made_anew_on_the_day_on_which_something_on_it_ends() -> None:
    fact = find_fact()
    last = timezone.localdate() + timedelta(days=1)
    correct(fact, expires=last, review_by=last)
    path = next(iter(_shown_on(fact)))

    assert fact.statement in make(path).body.decode()

    assert StoredAnswer.objects.get(path=path).until == last
    now = timezone.now()
    assert storing.find(path, encoding="br", now=now, today=last).answer is None
    assert storing.find(path, encoding="br", now=now, today=last - timedelta(days=1)).answer


def _shown_on(fact: Fact) -> list[str]:
    routes = [*fact.routes.all(), *(leg.route for leg in fact.legs.all())]
    pages = RoutePage.objects.filter(migration_route__in=routes, locale__language_code="en")
    return [part_path("en", page.slug, Kind.RISKS) for page in pages]


# ---- No way round ------------------------------------------------------------------------------

# Statements that write rows of content without telling, and why no reader sees a difference.
UNTOLD = {
    "cms/consents.py _take_down": "drafts that wait for their day",
    "cms/going_live.py take_due_live": "drafts that wait for their day",
    "cms/models/changes.py update_content": "tells it itself",
    "cms/models/drafts.py _keep_what_is_live": "which draft is the live one",
    "cms/models/drafts.py _read_anew": "which draft is being read",
    "cms/starter/loading.py _load_sources": "new ones, which nothing shows yet",
    "cms/starter/loading.py _load_words": "words of the linter",
    "cms/starter/loading.py _note": "what has been loaded",
    "cms/starter/pages.py _publish": "which draft is the live one, told with the loading",
    "cms/sweeping.py take_down": "tells it first, then writes the pages' own table",
    "cms/telling.py tell_editors": "who was told",
    "cms/translating/adopting.py remember": "translations that wait for their reader",
}
WRITING = {"update", "bulk_create", "bulk_update"}
# `set.update` and `dict.update`: what stands before the dot is no queryset.
NO_ROWS = {"told", "fields", "names", "used", "trace", "after", "values", "found"}


@pytest.mark.once
def test_every_statement_that_writes_content_tells_it() -> None:
    found = {
        f"{source.name} {function.name}"
        for source in sources()
        if source.name.startswith("cms/") and "cms/publishing/" not in source.name
        for function in ast.walk(source.tree)
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if _writes(node)
    }

    assert found == set(UNTOLD)


def _writes(node: ast.AST) -> bool:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return False
    before = node.func.value
    name = before.attr if isinstance(before, ast.Attribute) else getattr(before, "id", "")
    return node.func.attr in WRITING and name not in NO_ROWS
