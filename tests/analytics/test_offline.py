"""Reach face to face: heads add up by sex and age, small numbers are hidden, nothing joins the phones."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from analytics.offline import HeadRow, offline_report
from campaigns.models import Heads, OutreachSession, Partner
from tests.analytics.building import NOW, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def hold(partner: Partner, serial: int, **heads: int) -> OutreachSession:
    """Write down a session; a name such as `female_under_18` says of whom there were so many."""
    session = OutreachSession.objects.create(
        partner=partner,
        author=make_user(partner),
        country="TN",
        held_on=NOW.date(),
        form_token=f"session-{serial}",
        made_at=NOW,
    )
    for name, people in heads.items():
        sex, _sign, age = name.partition("_")
        Heads.objects.create(session=session, sex=sex, age=age, people=people)
    return session


@pytest.fixture
def partner() -> Partner:
    return Partner.objects.create(name="Red Crescent")


def report(**more: Any) -> Any:
    return offline_report(OutreachSession.objects.filter(**more))


def test_heads_of_all_sessions_add_up_in_the_order_in_which_they_are_asked(
    partner: Partner,
) -> None:
    hold(partner, 1, male_25_plus=20, female_18_24=15)
    hold(partner, 2, female_18_24=16)
    assert report().sessions == 2
    assert report().total == 50
    assert report().rows == (
        HeadRow("women and girls", "18 to 24", 30),
        HeadRow("men and boys", "25 and older", 20),
    )


def test_small_numbers_are_hidden_with_the_next_one_up(partner: Partner) -> None:
    hold(partner, 1, male_25_plus=20, female_18_24=41, female_under_18=3)
    assert [row.people for row in report().rows] == [None, 40, None]
    assert report(country="LY").total is None


def test_page_shows_ones_own_sessions_apart_from_phones(partner: Partner, client: Client) -> None:
    other = Partner.objects.create(name="Another")
    hold(other, 1, male_25_plus=85)
    client.force_login(make_user(partner))
    assert "Met face to face" not in client.get(reverse("reach_index")).content.decode()
    hold(partner, 2, male_25_plus=35, female_18_24=40)
    page = client.get(reverse("reach_index")).content.decode()
    assert "Met face to face" in page
    assert "<strong>75</strong>" in page
    assert "85" not in page
    assert "never added" in page
