"""The two scripts: small, at the root, and nobody needs them."""

import re

import pytest
from django.test import Client

from cms.budgets import SCRIPT

FORBIDDEN = (
    r"\beval\b|new Function|document\.cookie|localStorage|sessionStorage|innerHTML|https?://"
)


@pytest.fixture
def scripts(client: Client, db: None) -> dict[str, str]:
    return {name: client.get(f"/{name}").content.decode() for name in ("reader.js", "keeper.js")}


def test_reader_script_stays_within_its_budget(scripts: dict[str, str]) -> None:
    assert len(scripts["reader.js"].encode()) <= SCRIPT


def test_scripts_keep_no_cookie_evaluate_nothing_and_know_no_other_host(
    scripts: dict[str, str],
) -> None:
    for text in scripts.values():
        assert not re.findall(FORBIDDEN, text)


def test_scripts_are_understood_by_browsers_of_2016(scripts: dict[str, str]) -> None:
    later = r"\basync\b|\bawait\b|\?\.|\?\?|\{\s*\.\.\.|\*\*|\.includes\(|\.flat\(|padStart|finally"
    for name, text in scripts.items():
        code = re.sub(r"//.*|/\*.*?\*/", "", text)
        assert not re.findall(later, code), name


def test_worker_may_keep_pages_of_the_whole_site_and_fetch_from_nowhere_else(
    client: Client, db: None
) -> None:
    response = client.get("/keeper.js")
    assert response["Content-Type"].startswith("text/javascript")
    assert response["Service-Worker-Allowed"] == "/"
    assert response["Content-Security-Policy"] == "default-src 'none'; connect-src 'self'"
    assert not response.cookies
