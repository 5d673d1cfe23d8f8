"""Which content security policy goes to whom: the CMS, staff, or a reader."""

from typing import Any

import pytest
from csp.constants import NONCE, NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.http import HttpResponse
from django.test import Client, RequestFactory

from config.policies import (
    CMS_POLICY,
    READER_POLICY,
    SITE_POLICY,
    STAFF_PREFIXES,
    PolicyMiddleware,
    is_for_readers,
)

CSP = "Content-Security-Policy"
READERS = pytest.mark.parametrize(
    "path", ["/", "/en/", "/ar/m/x7k2p", "/desk", "/deskx/", "/cms", "/x/cms/", "/en/desk/"]
)


def answer_to(path: str) -> Any:
    """Return an answer for a path with what the middleware adds to it."""
    return PolicyMiddleware(lambda _request: HttpResponse("ok"))(RequestFactory().get(path))


def policy_of(path: str) -> dict[str, set[str]]:
    """Return the directives that are sent for a path."""
    parts = [part.split() for part in answer_to(path)[CSP].split(";") if part.strip()]
    return {name: set(words) for name, *words in parts}


@pytest.mark.parametrize("path", [*STAFF_PREFIXES, "/desk/broadcasts/new/", "/reach/abc/"])
def test_staff_get_no_inline_script_or_style(path: str) -> None:
    policy = policy_of(path)
    assert policy["script-src"] == {SELF}
    assert policy["style-src"] == {SELF}
    assert policy["default-src"] == {NONE}


@READERS
def test_readers_get_our_own_script_and_the_one_style(path: str) -> None:
    policy = policy_of(path)
    for name in ("script-src", "manifest-src", "form-action"):
        assert policy[name] == {SELF}, name
    (style,) = policy["style-src"]
    assert style.startswith("'sha256-")
    assert policy["default-src"] == policy["base-uri"] == {NONE}
    # What is not named takes the default; workers take the rule of scripts.
    assert not policy.keys() & {"object-src", "connect-src", "frame-src", "font-src", "worker-src"}


@READERS
def test_readers_leave_no_trace_behind_and_give_away_no_sensor(path: str) -> None:
    headers = answer_to(path).headers
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    for sense in ("geolocation", "camera", "microphone", "accelerometer", "gyroscope"):
        assert f"{sense}=()" in headers["Permissions-Policy"]


def test_page_of_a_reader_carries_the_common_protections_too(client: Client, db: None) -> None:
    headers = client.get("/robots.txt").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("path", ["/api/v1/pages", "/healthz", "/static/x.css", "/desk/", "/cms/"])
def test_what_is_not_for_readers_is_left_alone(path: str) -> None:
    assert not is_for_readers(path)
    assert "Permissions-Policy" not in answer_to(path).headers
    assert not [word for word in policy_of(path)["style-src"] if word.startswith("'sha256-")]


@pytest.mark.parametrize("path", ["/cms/", "/cms/pages/3/edit/"])
def test_only_the_cms_may_write_inline_scripts(path: str) -> None:
    assert UNSAFE_INLINE in policy_of(path)["script-src"]


@pytest.mark.parametrize("policy", [SITE_POLICY, READER_POLICY, CMS_POLICY])
def test_every_policy_is_closed_to_other_hosts_plugins_and_frames(
    policy: dict[str, list[str]],
) -> None:
    words = {word for values in policy.values() for word in values}
    known = {SELF, NONE, UNSAFE_INLINE, "data:", "blob:"}
    assert all(word in known or word.startswith("'sha256-") for word in words)
    assert not words & {UNSAFE_EVAL, NONCE}
    assert policy.get("object-src", policy["default-src"]) == policy["base-uri"] == [NONE]
    assert policy["frame-ancestors"] in ([NONE], [SELF])


def test_one_policy_does_not_leak_into_the_next_answer() -> None:
    first = policy_of("/desk/")
    policy_of("/cms/")
    policy_of("/en/")
    assert policy_of("/desk/") == first
