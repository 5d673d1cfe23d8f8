"""Every address of the readers' side is listed, and answers."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from cms.models import MessagePage, RoutePage
from cms.models.changes import update_content
from cms.reader.addresses import Listed
from cms.reader.finding import to_be_read
from cms.reader.listing import list_addresses
from cms.reader.tracing import Kind
from tests.cms.telling import tell_story, warn
from tests.cms.upkeep import change

pytestmark = pytest.mark.usefixtures("starter")

# Whoever makes these tests them.
OTHERS = {Kind.SEARCH, Kind.KEEP, Kind.KEPT_LIST, Kind.FILE, Kind.LEAFLET, Kind.SHORT, Kind.MACHINE}


@pytest.fixture(autouse=True)
def on_the_day_of_the_pack(monkeypatch: pytest.MonkeyPatch, today: date) -> None:
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_args, **_kwargs: today)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_page_that_is_listed_answers(reader: Client, today: date, language: str) -> None:
    listed = list_addresses(today=today)
    mine = [one for one in listed if one.language == language and one.kind not in OTHERS]
    assert len(mine) == 60
    for one in mine:
        answer = reader.get(one.path)
        assert answer.status_code == 200, one


def test_every_kind_of_page_is_listed_once_in_every_language(today: date) -> None:
    tell_story(today=today)
    warn(today=today, route="cmed")
    listed = list_addresses(today=today)
    paths = [one.path for one in listed]
    assert len(paths) == len(set(paths))
    assert {one.kind for one in listed} == set(Kind) - {Kind.LOST}
    for path in ("/ar/story/cm-s1/", "/ar/alert/al-1/", "/ar/cmed/stories/", "/ar/cmed/risks/"):
        assert path in paths
    # Nothing is written of it: there is help, as on every route, and no other part.
    assert [path for path in paths if path.startswith("/ar/eland/")] == [
        f"/ar/eland/{rest}"
        for rest in ("", "help/", "keep/", "kept.json", "information.html", "leaflet.pdf")
    ]


def test_what_is_over_or_hidden_today_is_not_listed(today: date) -> None:
    warn(today=today, route="cmed", days=3)
    after = today + timedelta(days=3)
    assert Listed("/en/alert/al-1/", Kind.ALERT, "en") in list_addresses(today=today)
    assert Listed("/en/alert/al-1/", Kind.ALERT, "en") not in list_addresses(today=after)
    assert "/en/msg-cm-x1/" not in {one.path for one in list_addresses(today=today)}


def test_page_that_a_language_lacks_is_listed_there_too(today: date) -> None:
    page = RoutePage.objects.get(slug="cmed", locale__language_code="fr")
    page.slug = "mediterranee"
    page.save()
    assert Listed("/fr/mediterranee/", Kind.ROUTE, "fr") in list_addresses(today=today)
    page.unpublish()
    listed = list_addresses(today=today)
    assert Listed("/fr/cmed/", Kind.ROUTE, "fr") in listed
    assert Listed("/fr/mediterranee/", Kind.ROUTE, "fr") not in listed
    # The link was sent: it leads to the nearest language now.
    assert Listed(f"/r/{page.code}", Kind.SHORT, "fr") in listed


@pytest.mark.parametrize("model", [RoutePage, MessagePage])
def test_link_that_was_sent_is_listed_as_long_as_its_page_can_be_read_at_all(
    today: date, reader: Client, model: Any
) -> None:
    page = model.objects.filter(locale__language_code="fr", live=True).order_by("pk")[0]
    short = Listed(f"/r/{page.code}", Kind.SHORT, "fr")
    rows = model.objects.filter(translation_key=page.translation_key)
    change(rows.get(locale__language_code="en"))
    assert page not in to_be_read(rows)
    assert short in list_addresses(today=today)
    assert reader.get(short.path).status_code == 200
    update_content(rows, live=False)
    assert short not in list_addresses(today=today)
    assert reader.get(short.path).status_code == 404


def test_queries_of_the_list_do_not_grow_with_the_pages(
    today: date, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(30):
        list_addresses(today=today)
