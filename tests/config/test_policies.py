"""Which content security policy goes to whom: the CMS, staff, or a reader."""

from typing import Any

import pytest
from csp.constants import NONCE, NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.http import HttpResponse
from django.test import RequestFactory

from config.policies import (
    CMS_POLICY,
    READER_POLICY,
    SITE_POLICY,
    STAFF_PREFIXES,
    PolicyMiddleware,
)

CSP = "Content-Security-Policy"


def policy_of(path: str) -> dict[str, set[str]]:
    """Return the directives that are sent for a path."""
    middleware = PolicyMiddleware(lambda _request: HttpResponse("ok"))
    response: Any = middleware(RequestFactory().get(path))
    parts = [part.split() for part in response[CSP].split(";") if part.strip()]
    return {name: set(words) for name, *words in parts}


@pytest.mark.parametrize("path", [*STAFF_PREFIXES, "/desk/broadcasts/new/", "/reach/abc/"])
def test_staff_get_no_inline_script_or_style(path: str) -> None:
    policy = policy_of(path)
    assert policy["script-src"] == {SELF}
    assert policy["style-src"] == {SELF}
    assert policy["default-src"] == {NONE}


@pytest.mark.parametrize(
    "path", ["/", "/en/", "/ar/m/x7k2p", "/desk", "/deskx/", "/cms", "/x/cms/"]
)
def test_readers_get_no_script_at_all(path: str) -> None:
    policy = policy_of(path)
    assert policy["script-src"] == {NONE}
    assert policy["connect-src"] == {NONE}
    (style,) = policy["style-src"]
    assert style.startswith("'sha256-")


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
    assert policy["object-src"] == policy["base-uri"] == [NONE]
    assert policy["frame-ancestors"] in ([NONE], [SELF])


def test_one_policy_does_not_leak_into_the_next_answer() -> None:
    first = policy_of("/desk/")
    policy_of("/cms/")
    policy_of("/en/")
    assert policy_of("/desk/") == first
