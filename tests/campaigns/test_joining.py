"""A word stands for routes in a country, however it is written, while its effort lasts."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from campaigns.field.joining import find_word, fold_word, name_topics
from campaigns.models import Campaign, JoinWord
from cms.models import Route
from tests.campaigns.factories import make_team

pytestmark = pytest.mark.django_db
TODAY = timezone.now().date()


def make_word(word: str = "Téranga", **more: Any) -> JoinWord:
    given: dict[str, Any] = {
        "word": word,
        "folded": fold_word(word),
        "country": "SN",
        "routes": ["wafr-atl"],
        "languages": ["fr", "wo"],
    }
    return JoinWord.objects.create(**(given | more))


def make_campaign(**more: Any) -> Campaign:
    given: dict[str, Any] = {"partner": make_team().partner, "name": "Spring", "starts_on": TODAY}
    return Campaign.objects.create(**(given | more))


@pytest.mark.parametrize("text", ["teranga", " TERANGA! ", "Téranga", "ｔｅｒａｎｇａ"])
def test_a_word_is_found_however_it_is_written(text: str) -> None:
    make_word()
    found = find_word(text, "SN")
    assert found is not None
    assert (found.topics, found.country, found.languages) == (
        ("route:wafr-atl",),
        "SN",
        ("fr", "wo"),
    )
    assert found.until is None


@pytest.mark.parametrize(
    ("text", "country"), [("teranga x", "ML"), ("", "ML"), ("other", "SN"), ("teranga x", "SN")]
)
def test_another_word_stands_for_nothing(text: str, country: str) -> None:
    make_word(is_default=True)
    assert find_word(text, country) is None


def test_a_word_that_one_country_has_is_found_from_abroad_and_is_that_countrys() -> None:
    make_word()
    make_word(country="ML", is_active=False)
    found = find_word("teranga", "NG")
    assert found is not None
    assert found.country == "SN"


def test_a_word_that_two_countries_have_is_each_ones_own_and_nothing_abroad() -> None:
    make_word()
    make_word(country="ML")
    found = find_word("teranga", "ML")
    assert found is not None
    assert found.country == "ML"
    assert find_word("teranga", "NG") is None


def test_a_word_of_her_own_country_that_is_over_is_not_sought_abroad() -> None:
    make_word(campaign=make_campaign(ends_on=TODAY - timedelta(days=1)))
    make_word(country="ML")
    assert find_word("teranga", "SN") is None


@pytest.mark.parametrize("text", ["", " ", "...", "x" * 5000, "🙏"])
def test_what_is_no_word_stands_for_nothing(text: str) -> None:
    make_word()
    assert find_word(text, "SN") is None


def test_an_empty_text_asks_for_the_default_word() -> None:
    make_word("first", routes=["a"])
    make_word("second", routes=["b"], is_default=True)
    found = find_word("", "SN")
    assert found is not None
    assert found.topics == ("route:b",)


def test_a_word_that_was_put_away_or_has_no_route_stands_for_nothing() -> None:
    make_word("one", is_active=False)
    make_word("two", routes=[])
    assert find_word("one", "SN") is None
    assert find_word("two", "SN") is None


def test_a_yes_to_an_effort_holds_ninety_days_after_its_end() -> None:
    make_word(campaign=make_campaign(ends_on=TODAY))
    found = find_word("teranga", "SN")
    assert found is not None
    assert found.until is not None
    assert found.until.date() == TODAY + timedelta(days=90)


def test_nobody_joins_an_effort_that_is_over() -> None:
    make_word(campaign=make_campaign(ends_on=TODAY - timedelta(days=1)))
    assert find_word("teranga", "SN") is None


def test_nobody_joins_an_effort_whose_people_are_forgotten() -> None:
    make_word(campaign=make_campaign(purged_at=timezone.now()))
    assert find_word("teranga", "SN") is None


def test_topics_are_called_by_their_routes_and_others_as_they_are() -> None:
    Route.objects.create(code="wafr-atl", name="Western Africa", confidence="A")
    assert name_topics(["route:wafr-atl", "route:gone"], "fr") == ["Western Africa", "route:gone"]
