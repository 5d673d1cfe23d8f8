"""Which network a request comes from: coarse, and never by what a visitor makes up."""

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from campaigns.reading.networks import read_network


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("198.51.100.77", "198.51.100.0/24"),
        ("2001:db8:1:2::7", "2001:db8:1::/48"),
        ("::ffff:198.51.100.77", "198.51.100.0/24"),
        ("", ""),
        ("unix:", ""),
    ],
)
def test_network_is_the_first_part_of_an_address(
    settings: Settings, address: str, network: str
) -> None:
    settings.PROXIES = 0
    assert read_network(RequestFactory().get("/", REMOTE_ADDR=address)) == network


@pytest.mark.parametrize(
    ("proxies", "passed", "network"),
    [
        (1, "203.0.113.9, 198.51.100.77", "198.51.100.0/24"),
        (2, "203.0.113.9, 198.51.100.77", "203.0.113.0/24"),
        (1, "made up, 198.51.100.77", "198.51.100.0/24"),
        (2, "198.51.100.77", ""),
        (1, "", ""),
    ],
)
def test_behind_proxies_only_what_they_wrote_is_believed(
    settings: Settings, proxies: int, passed: str, network: str
) -> None:
    settings.PROXIES = proxies
    asked = RequestFactory().get("/", REMOTE_ADDR="127.0.0.1", headers={"x-forwarded-for": passed})
    assert read_network(asked) == network


def test_without_proxies_nobody_chooses_a_network(settings: Settings) -> None:
    settings.PROXIES = 0
    asked = RequestFactory().get(
        "/", REMOTE_ADDR="198.51.100.77", headers={"x-forwarded-for": "203.0.113.9"}
    )
    assert read_network(asked) == "198.51.100.0/24"
