"""The parts of a route: light, each by itself, and noted as made from exactly what they show."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client, RequestFactory

from cms.models import Claim, Fact, PlainPage, Route, RoutePage
from cms.models.changes import update_content
from cms.models.slugs import RESERVED_SLUGS
from cms.reader.parts import show_part
from cms.reader.tracing import Kind, Trace, trace
from tests.cms.reading import read
from tests.cms.telling import tell_story

pytestmark = pytest.mark.usefixtures("starter")

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def on_the_day_of_the_pack(monkeypatch: pytest.MonkeyPatch, today: date) -> None:
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_moment, **_zone: today)


def trace_part(part: Kind, *, slug: str = "cmed", language: str = "ar") -> Trace:
    """Return what is noted while a part is made."""
    request = RequestFactory().get(f"/{language}/{slug}/{part}/")
    with trace() as noted:
        assert show_part(request, language, slug, part).status_code == 200
    return noted


def risks() -> list[Fact]:
    found = Fact.objects.filter(kind="risk", locale__language_code="en", routes__code="cmed")
    return list(found.prefetch_related("sources"))


# ---- What is shown -----------------------------------------------------------------------------


def test_overview_leads_to_each_part_with_a_drawing_words_and_a_count(reader: Client) -> None:
    text = read(reader, "/ar/cmed/")
    for part in ("risks", "ways", "claims", "help"):
        assert f'<a href="/ar/cmed/{part}/"><svg' in text
    assert text.count('<svg viewBox="0 0 24 24" aria-hidden="true">') == 4
    assert f"<small>{len(risks())}</small>" in text


def test_part_without_anything_is_not_offered_and_still_leads_on(reader: Client) -> None:
    assert "/en/cmed/stories/" not in read(reader, "/en/cmed/")
    text = read(reader, "/en/cmed/stories/")
    assert "Nothing has been written about this yet." in text
    assert '<a class="act" href="/en/cmed/">' in text


def test_part_that_gets_something_is_offered(reader: Client, today: date) -> None:
    assert "/en/cmed/stories/" not in read(reader, "/en/cmed/")
    tell_story(today=today)
    assert "/en/cmed/stories/" in read(reader, "/en/cmed/")
    assert "I waited." in read(reader, "/en/cmed/stories/")


def test_rules_stand_with_the_legal_ways(reader: Client) -> None:
    rule = Fact.objects.get(key="CM-F1", locale__language_code="en").statement
    assert rule in read(reader, "/en/cmed/ways/")
    assert rule not in read(reader, "/en/cmed/risks/")


def test_route_of_which_nothing_is_known_leads_to_help_near_her(reader: Client) -> None:
    text = read(reader, "/en/eland/")
    assert "Nothing has been written about this route yet." in text
    assert '<a href="/en/help/"><svg' in text


def test_page_without_a_recording_says_who_can_explain_it(reader: Client) -> None:
    for path in ("/en/cmed/", "/en/cmed/risks/"):
        text = read(reader, path)
        assert text.count("There is no recording of this page.") == 1
        assert '<a href="/en/cmed/help/">People at these numbers' in text


@pytest.mark.parametrize(
    "path", ["/en/cmed/nothing/", "/en/nothing/risks/", "/xx/cmed/risks/", "/en/a%00b/risks/"]
)
def test_unknown_part_or_route_is_not_found(reader: Client, path: str) -> None:
    assert reader.get("/en/cmed/risks/").status_code == 200
    assert reader.get(path).status_code == 404


def test_part_of_a_route_that_is_taken_down_everywhere_is_not_found(reader: Client) -> None:
    for page in RoutePage.objects.filter(slug="cmed"):
        page.unpublish()
    for path in ("/en/cmed/", "/en/cmed/risks/"):
        assert reader.get(path).status_code == 404


# ---- What is noted -----------------------------------------------------------------------------


def test_part_notes_exactly_what_it_shows() -> None:
    noted = trace_part(Kind.RISKS)
    route = Route.objects.get(code="cmed")
    page = RoutePage.objects.get(slug="cmed", locale__language_code="en")
    assert (noted.kind, noted.language) == (Kind.RISKS, "ar")
    assert noted.title.startswith(
        RoutePage.objects.get(slug="cmed", locale__language_code="ar").title
    )
    assert noted.used == {
        *(f"text:{fact.translation_key}" for fact in risks()),
        *(f"source:{source.pk}" for fact in risks() for source in fact.sources.all()),
        f"text:{page.translation_key}",
        f"route:{route.pk}:fact",
        f"routes:{route.pk}",
        "kind:homepage",
        "kind:plainpage",
    }
    claim = Claim.objects.filter(routes__code="cmed", locale__language_code="en").first()
    assert claim is not None
    assert f"text:{claim.translation_key}" not in noted.used


def test_part_holds_until_the_first_day_on_which_it_would_be_another(today: date) -> None:
    first = min(fact.review_by for fact in risks())
    assert trace_part(Kind.RISKS).until == first
    update_content(Fact.objects.filter(key="CM-R1"), expires=today + 3 * DAY)
    assert trace_part(Kind.RISKS).until == today + 3 * DAY
    update_content(Fact.objects.filter(key="CM-R1"), expires=today)
    assert trace_part(Kind.RISKS).until == first


def test_part_notes_what_it_hides_today() -> None:
    fact = Fact.objects.get(key="CM-R1", locale__language_code="en")
    update_content(Fact.objects.filter(key="CM-R1"), has_expired=True)
    assert f"text:{fact.translation_key}" in trace_part(Kind.RISKS).used


# ---- Names that are taken ----------------------------------------------------------------------


@pytest.mark.parametrize("slug", sorted(RESERVED_SLUGS))
def test_name_of_something_else_is_refused_for_a_page(slug: str) -> None:
    home = RoutePage.objects.get(slug="cmed", locale__language_code="en").get_parent()
    page = PlainPage(title="x", slug=slug, kind="other")
    with pytest.raises(ValidationError, match="is the address of something else on every site"):
        home.add_child(instance=page)
    route_page = RoutePage.objects.get(slug="cmed", locale__language_code="en")
    route_page.slug = slug
    with pytest.raises(ValidationError, match="Choose another"):
        route_page.full_clean()
