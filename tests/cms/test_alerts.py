"""An alert holds for a few days and takes itself down."""

from contextlib import nullcontext
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st
from wagtail.models import Locale

from cms.models import Alert, ContactPoint, Route
from cms.models.alerts import LONGEST
from cms.models.changes import update_content
from cms.rights import Role
from cms.roles import ensure_roles
from cms.snippets.alerts import measure
from tests.cms.reading import read
from tests.cms.telling import warn

pytestmark = pytest.mark.usefixtures("starter")

WORDS = "No boat leaves."
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def on_the_day_of_the_pack(monkeypatch: pytest.MonkeyPatch, today: date) -> None:
    set_clock(monkeypatch, today)


def set_clock(monkeypatch: pytest.MonkeyPatch, day: date) -> None:
    """Let today be a day; what day a moment falls on stays as it is."""
    real = timezone.localdate
    monkeypatch.setattr(
        "django.utils.timezone.localdate",
        lambda *moment, **zone: real(*moment, **zone) if moment else day,
    )


@pytest.fixture
def desk() -> Client:
    person = get_user_model().objects.create_user("editor", "editor@example.org", "-")
    person.groups.add(ensure_roles()[Role.EDITORS])
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


# ---- Readers -----------------------------------------------------------------------------------


def test_alert_stands_first_on_the_page_of_its_route(reader: Client, today: date) -> None:
    warn(today=today, route="cmed")
    text = read(reader, "/en/cmed/")
    assert text.index('id="alerts"') < text.index("/en/cmed/risks/")
    assert "Port closed" in text
    assert WORDS in text
    assert "Until 28 November 2026." in text
    assert WORDS not in read(reader, "/en/hoa-east/")


@pytest.mark.parametrize(("language", "name"), [("ar", "نوفمبر"), ("es", "noviembre")])
def test_day_of_an_alert_is_written_in_the_language_of_the_page(
    reader: Client, today: date, language: str, name: str
) -> None:
    warn(today=today, route="cmed")
    with translation.override(language):
        words = translation.gettext("Alerts")
    text = read(reader, f"/{language}/cmed/")
    assert f'<h2 id="alerts">{words}</h2>' in text
    assert name in text


def test_alert_of_a_country_stands_on_every_route_through_it(reader: Client, today: date) -> None:
    warn(today=today, countries=["LY"])
    through = set(Route.objects.filter(legs__country="LY").values_list("code", flat=True))
    assert "cmed" in through
    for code in Route.objects.values_list("code", flat=True):
        assert (WORDS in read(reader, f"/en/{code}/")) == (code in through), code


def test_alert_of_a_leg_stands_on_its_route(reader: Client, today: date) -> None:
    alert = warn(today=today)
    assert WORDS not in read(reader, "/en/wafr-atl/")
    alert.legs = [Route.objects.get(code="wafr-atl").legs.first()]
    alert.save()
    assert WORDS in read(reader, "/en/wafr-atl/")


def test_alert_brings_the_contact_it_names(reader: Client, today: date) -> None:
    contact = ContactPoint.objects.filter(
        routes__code="hoa-east", locale__language_code="en", has_expired=False
    ).exclude(routes__code="cmed").earliest("key")  # fmt: skip
    address = f"<h3>{contact.name}</h3>"
    assert address not in read(reader, "/en/cmed/help/")
    alert = warn(today=today, route="cmed")
    alert.contact_points = [contact]
    alert.save()
    assert address in read(reader, "/en/cmed/help/")
    assert address in read(reader, "/en/alert/al-1/")


def test_alert_is_not_shown_on_the_day_it_ends_even_before_the_sweep(
    reader: Client, today: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    alert = warn(today=today, route="cmed", days=3)
    for day, shown in ((-1, False), (0, True), (2, True), (3, False), (9, False)):
        set_clock(monkeypatch, today + day * DAY)
        assert (WORDS in read(reader, "/en/cmed/")) == shown, day
    assert Alert.objects.get(pk=alert.pk).live


@pytest.mark.parametrize("fields", [{"live": False}, {"has_expired": True}])
def test_alert_taken_down_by_hand_is_not_shown(
    reader: Client, today: date, fields: dict[str, Any]
) -> None:
    alert = warn(today=today, route="cmed")
    assert WORDS in read(reader, "/en/cmed/")
    update_content(Alert.objects.filter(pk=alert.pk), **fields)
    assert WORDS not in read(reader, "/en/cmed/")
    assert reader.get("/en/alert/al-1/").status_code == 404


def test_alert_has_a_page_of_its_own_until_it_is_over(
    reader: Client, today: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    warn(today=today, route="cmed", days=3)
    text = read(reader, "/ar/alert/al-1/")
    assert f'<span lang="en" dir="ltr">{WORDS}</span>' in text
    assert '<a href="/ar/cmed/">' in text
    set_clock(monkeypatch, today + 3 * DAY)
    text = read(reader, "/en/alert/al-1/", status=410)
    assert "This information is out of date" in text
    assert "Port closed" not in text
    assert reader.get("/en/alert/al-2/").status_code == 404


def test_queries_of_a_page_with_alerts_and_stories_do_not_grow(
    reader: Client, today: date, django_assert_max_num_queries: Any
) -> None:
    for number in range(6):
        warn(today=today, key=f"AL-{number}", route="cmed")
    with django_assert_max_num_queries(60):
        reader.get("/ar/cmed/")


# ---- Its life ----------------------------------------------------------------------------------


@given(days=st.integers(min_value=-5, max_value=40))
def test_alert_lasts_from_one_day_to_fourteen(days: int) -> None:
    begins = date(2026, 11, 21)
    alert = Alert(key="A", title="x", statement="x", begins=begins, expires=begins + days * DAY)
    is_right = 0 < days <= LONGEST.days
    with nullcontext() if is_right else pytest.raises(ValidationError, match="within 14 days"):
        alert.clean()


def test_alert_without_an_end_is_refused() -> None:
    with pytest.raises(ValidationError, match="Say on which day"):
        Alert(key="A", title="x", statement="x", begins=date(2026, 11, 21)).clean()


def test_end_of_an_alert_is_its_review_date_and_takes_it_down(today: date) -> None:
    alert = Alert.objects.get(pk=warn(today=today).pk)
    assert alert.review_by == alert.expires
    assert alert.take_down


@given(st.integers(1, 14), st.integers(-30, 30))
def test_days_left_are_counted_to_the_day_it_ends(days: int, passed: int) -> None:
    begins = date(2026, 11, 21)
    length = measure(begins, begins + days * DAY, today=begins + passed * DAY)
    assert length.days == days
    assert length.is_over == (passed >= days)
    assert length.left == days - passed


# ---- In the CMS --------------------------------------------------------------------------------


def test_form_says_how_long_an_alert_lasts(
    desk: Client, today: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = desk.get(reverse("wagtailsnippets_cms_alert:add")).content.decode()
    assert "it lasts 14 days at most" in add
    address = reverse("wagtailsnippets_cms_alert:edit", args=[warn(today=today).pk])
    set_clock(monkeypatch, today + 2 * DAY)
    text = desk.get(address).content.decode()
    assert "Lasts 7 days." in text
    assert "It takes itself down in 5 days." in text
    set_clock(monkeypatch, today + 7 * DAY)
    assert "It is over: readers no longer see it." in desk.get(address).content.decode()


def test_editor_writes_an_alert_without_a_review_date(desk: Client, today: date) -> None:
    fields = {
        "key": "AL-9", "title": "Port closed", "statement": WORDS, "begins": today,
        "expires": today + 20 * DAY, "harm_class": "medium", "change_kind": "major",
        "countries": "LY", "sensitive_in": "", "caution": "", "confidence": "",
    }  # fmt: skip
    address = reverse("wagtailsnippets_cms_alert:add")
    answer = desk.post(address, fields)
    assert "An alert ends after it begins, and within 14 days." in answer.content.decode()
    answer = desk.post(address, fields | {"expires": today + 5 * DAY})
    assert answer.status_code == 302, answer.context["form"].errors
    alert = Alert.objects.get()
    assert alert.review_by == today + 5 * DAY
    assert (alert.live, alert.locale) == (False, Locale.objects.get(language_code="en"))


def test_list_shows_when_each_ends(desk: Client, today: date) -> None:
    warn(today=today)
    text = desk.get(reverse("wagtailsnippets_cms_alert:list")).content.decode()
    for words in ("Ends", "Begins", "Port closed", "Freshness"):
        assert words in text
