"""Openings of short links: counted without waiting and without a trace of who opened them."""

import logging
import re
import threading
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, connection, models
from django.test import Client
from django.urls import reverse

from analytics import visits
from analytics.models import Opening
from analytics.opened import opened_report, routes_report
from campaigns.models import Partner
from cms.models import MessagePage, RoutePage
from cms.starter.reading import Pack
from tests.analytics.building import make_user
from tests.analytics.test_machines import ANDROID
from tests.cms.finding import find_message

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 21)
CANARY = "CanaryPhone/77"
PLACE = "203.0.113.77"


@pytest.fixture(autouse=True)
def _still(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let no clock write behind a test's back."""
    monkeypatch.setattr(visits, "_wind_up", lambda: None)
    visits._held.clear()
    yield
    visits._held.clear()


@pytest.fixture
def phone() -> Client:
    return Client(headers={"user-agent": f"{ANDROID} {CANARY}"}, REMOTE_ADDR=PLACE)


def count(code: str = "bcdfg", *, times: int = 1, language: str = "ar", day: date = DAY) -> None:
    for _ in range(times):
        visits.count_opening(code, language=language, day=day, headers={"user-agent": ANDROID})


@pytest.mark.database
def test_openings_of_a_link_on_a_day_are_one_number() -> None:
    count(times=3)
    assert visits.write_held() == 3
    count(times=2)
    count(day=date(2026, 11, 22))
    visits.write_held()
    found = Opening.objects.order_by("day").values_list("code", "language", "day", "count")
    assert list(found) == [("bcdfg", "ar", DAY, 5), ("bcdfg", "ar", date(2026, 11, 22), 1)]
    assert visits.openings_by_language(["bcdfg"]) == {"ar": 6}


def test_machine_is_not_counted() -> None:
    visits.count_opening("bcdfg", language="ar", day=DAY, headers={"user-agent": "WhatsApp/2.2"})
    assert visits.write_held() == 0
    assert not Opening.objects.exists()


def test_nothing_is_asked_of_the_database_while_counting(
    django_assert_num_queries: Any,
) -> None:
    with django_assert_num_queries(0):
        count(times=50)


def test_what_cannot_be_written_is_kept_and_written_later(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_held: object) -> None:
        raise DatabaseError("bcdfg is locked")

    count(times=2)
    with monkeypatch.context() as patched, caplog.at_level(logging.WARNING):
        patched.setattr(visits, "_add", refuse)
        assert visits.write_held() == 0
    assert "bcdfg" not in caplog.text
    count()
    assert visits.write_held() == 3
    assert visits.openings_by_language(["bcdfg"]) == {"ar": 3}


def test_made_up_links_fill_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visits, "MOST_HELD", 3)
    for number in range(10):
        count(f"code{number}")
    count("code0")
    assert visits.write_held() == 4
    assert Opening.objects.count() == 3


def test_many_threads_lose_nothing() -> None:
    threads = [threading.Thread(target=lambda: count(times=200)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert visits.write_held() == 1600


# ---- From a phone to the table -------------------------------------------------------------------


def test_opened_link_is_counted_for_its_language(starter: Pack, phone: Client) -> None:
    arabic, english = find_message("MSG-GEN-1", "ar"), find_message("MSG-GEN-1")
    phone.get(f"/r/{arabic.code}")
    phone.get(f"/r/{arabic.code.upper()}")
    phone.get(f"/r/{english.code}")
    # An older link says its language itself.
    phone.get(f"/ar/m/{english.code}")
    visits.write_held()
    found = visits.openings_by_language([arabic.code, english.code])
    assert found == {"ar": 3, "en": 1}


@pytest.mark.database
def test_stored_answer_is_counted_as_well(starter: Pack, phone: Client) -> None:
    code = find_message("MSG-GEN-1", "ar").code
    for _ in range(3):
        assert phone.get(f"/r/{code}").status_code == 200
    visits.write_held()
    assert visits.openings_by_language([code]) == {"ar": 3}


def test_only_a_page_that_came_is_an_opening(starter: Pack, phone: Client) -> None:
    code = find_message("MSG-GEN-1").code
    phone.head(f"/r/{code}")
    phone.post(f"/r/{code}")
    phone.get("/r/zzzzz")
    phone.get(f"/r/{code}/")
    phone.get("/en/")
    etag = phone.get(f"/r/{code}")["ETag"]
    phone.get(f"/r/{code}", headers={"if-none-match": etag})
    phone.get(f"/r/{code}", headers={"purpose": "prefetch"})
    Client(headers={"user-agent": "WhatsApp/2.23"}).get(f"/r/{code}")
    assert visits.write_held() == 1


def test_fault_in_counting_costs_the_reader_nothing(
    starter: Pack,
    phone: Client,
    settings: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    code = find_message("MSG-GEN-1").code
    for broken in ("analytics.visits.nothing", "analytics.visits.MOST_HELD"):
        settings.CMS_OPENING_COUNTER = broken
        assert phone.get(f"/r/{code}").status_code == 200
    assert "An opening was not counted" in caplog.text
    assert code not in caplog.text


def test_nothing_of_who_opened_it_is_kept_or_logged(
    starter: Pack, phone: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        phone.get(f"/r/{find_message('MSG-GEN-1', 'ar').code}", {"from": CANARY})
        visits.write_held()
    names = {field.name for field in Opening._meta.get_fields()}
    assert names == {"id", "code", "language", "day", "count"}
    assert not any(isinstance(f, models.DateTimeField) for f in Opening._meta.get_fields())
    logged = "\n".join(
        record.getMessage() for record in caplog.records if record.name != "django.db.backends"
    )
    for trace in (CANARY, PLACE):
        assert trace not in logged
        assert trace not in read_database()


def read_database() -> str:
    """Return everything that stands in any column of text, of every table."""
    with connection.cursor() as cursor:
        texts = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            texts.append(str(cursor.fetchall()))
    return "\n".join(texts)


# ---- On the page ---------------------------------------------------------------------------------


def test_small_numbers_are_hidden_and_large_ones_rounded(starter: Pack) -> None:
    pages = MessagePage.objects.filter(key="MSG-GEN-1").select_related("locale")
    wanted = {"en": 103, "fr": 61, "ar": 9, "ha": 1}
    for page in pages:
        language = page.locale.language_code
        if language in wanted:
            count(page.code, times=wanted[language], language=language)
    visits.write_held()
    report = opened_report(find_message("MSG-GEN-1", "fr"))
    shown = {row.code: row.opened for row in report.rows}
    assert report.total == 175
    assert shown["en"] == 105
    # The smallest that could be shown stands in for those that may not.
    assert {shown[code] for code in shown if code != "en"} == {None}
    assert set(shown) == {page.locale.language_code for page in pages}
    assert next(row for row in report.rows if row.code == "ar").direction == "rtl"


def test_older_links_count_for_the_language_that_stands_in_them(starter: Pack) -> None:
    original = find_message("MSG-GEN-1")
    count(original.code, times=20, language="so")
    visits.write_held()
    rows = {row.code: row.opened for row in opened_report(original).rows}
    assert set(rows.values()) == {None}
    assert opened_report(original).total == 20


def test_message_that_nobody_opened_shows_nothing(starter: Pack) -> None:
    report = opened_report(find_message("MSG-GEN-1"))
    assert report.total is None
    assert {row.opened for row in report.rows} == {None}


# ---- Routes --------------------------------------------------------------------------------------


def route_page(slug: str, language: str = "en") -> RoutePage:
    found: RoutePage = RoutePage.objects.get(slug=slug, locale__language_code=language)
    return found


def test_openings_of_routes_are_summed_over_languages_and_small_ones_hidden(starter: Pack) -> None:
    for slug, language, times in (
        ("cmed", "en", 61),
        ("cmed", "ar", 42),
        ("eland", "fr", 33),
        ("hoa-east", "en", 9),
    ):
        count(route_page(slug, language).code, times=times, language=language)
    visits.write_held()
    report = routes_report(language="fr")
    shown = {row.title: row.opened for row in report.rows}
    assert report.total == 145
    assert shown[route_page("cmed", "fr").title] == 105
    # The smallest that could be shown stands in for those that may not.
    assert [opened for opened in shown.values() if opened is not None] == [105]
    assert len(shown) == RoutePage.objects.filter(locale__language_code="en").count()
    assert report.rows[0].language == "fr"


def test_openings_of_routes_stand_on_the_page_of_reach(starter: Pack, client: Client) -> None:
    client.force_login(make_user(Partner.objects.create(name="Red Crescent")))
    before = client.get(reverse("reach_index")).content.decode()
    assert "opened <strong>under 10</strong> times so far" in before
    count(route_page("cmed").code, times=103, language="en")
    count(route_page("eland").code, times=3, language="en")
    visits.write_held()
    html = client.get(reverse("reach_index")).content.decode()
    assert "opened about <strong>105</strong> times" in html
    assert route_page("eland").title in html
    assert not re.search(r'class="num">(?:3|103|106)<', html)
