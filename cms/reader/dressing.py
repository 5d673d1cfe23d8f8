"""What a reader's page wears: only the rules of the style that it needs, and a policy that knows them.

The whole style weighs more than most pages say. So whatever a page has no element, no class and no
attribute for is left out when it is made, and the policy names the hash of what is left. Nothing here
looks at what a page is about.
"""

import base64
import hashlib
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from cms.reader.styles import STYLE

POLICY = "Content-Security-Policy"
# As short as it can be said: it stands before every page on the wire, and is not compressed. What is
# not named takes the default, so plug-ins, frames, fonts and connections are shut, and a worker takes
# the rule of scripts. The worker that keeps pages asks for them under a policy of its own.
RULES = {
    "default-src": "'none'",
    "script-src": "'self'",
    # Set for each page: "style-src".
    # "data:" lets a page say that it has no icon, which saves a request.
    "img-src": "'self' data:",
    "media-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
# What is put into a page on the phone: that it is a kept one, and how old it is.
_ALWAYS = frozenset({"div", "p", ".note", ".late"})
_TAG = re.compile(r"<([a-z][a-z0-9]*)((?:\s[^<>]*)?)>")
_ATTRIBUTE = re.compile(r"([a-z][a-z-]*)(?:=\"([^\"]*)\")?")
_FIRST_LETTERS = re.compile(r"^\s+|\n\s*")
_COMMA = re.compile(r",(?![^()]*\))")
_PSEUDO = re.compile(r"::?[a-z-]+(?:\([^()]*\))?")
_NEEDS = re.compile(
    r"\[(?P<name>[\w-]+)(?:(?P<sign>[~|^$*]?=)\"?(?P<value>[^\"\]]*)\"?)?\]"
    r"|#(?P<id>[\w-]+)|(?P<other>\.[\w-]+|[a-z][a-z0-9]*)"
)


def dress(response: Any) -> Any:
    """Leave the rules that a page does not need out of it, and name the hash of the others."""
    if POLICY in response or response.streaming or not _is_page(response):
        return response
    whole = f"<style>{STYLE}</style>".encode()
    body: bytes = response.content
    if whole not in body:
        return response
    style = fit_style(needs_of(body.replace(whole, b"").decode()))
    response.content = body.replace(whole, f"<style>{style}</style>".encode())
    response[POLICY] = write_policy(style)
    return response


def _is_page(response: Any) -> bool:
    return str(response.get("Content-Type", "")).startswith("text/html")


def write_policy(style: str) -> str:
    """Return the policy of a page with a style of its own."""
    rules = {**RULES, "style-src": hash_of(style)}
    return ";".join(f"{name} {words}" for name, words in rules.items())


def hash_of(style: str) -> str:
    """Return how a policy names a style, quotes and all."""
    digest = hashlib.sha256(style.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def needs_of(page: str) -> frozenset[str]:
    """Return what a page has that a rule may be about: `p`, `.card`, `[dir]`, `[lang=ar]`."""
    found = set(_ALWAYS)
    for tag, rest in _TAG.findall(page):
        found.add(tag)
        for name, value in _ATTRIBUTE.findall(rest):
            found.update({f"[{name}]", f"[{name}={value}]"})
            if name == "class":
                found.update(f".{word}" for word in value.split())
    return frozenset(found)


@lru_cache(maxsize=256)
def fit_style(has: frozenset[str]) -> str:
    """Return the rules of the style that are about something a page has."""
    return "".join(_fit(STYLE, has))


def _fit(rules: str, has: frozenset[str]) -> Iterator[str]:
    for head, inner in _split(rules):
        if head.startswith("@"):
            kept = "".join(_fit(inner, has)) if "{" in inner else inner
            if kept:
                yield f"{head}{{{kept}}}"
        elif chosen := [one for one in _COMMA.split(head) if _is_met(one, has)]:
            yield f"{','.join(chosen)}{{{inner}}}"


def _split(rules: str) -> Iterator[tuple[str, str]]:
    """Give each rule as what it is about and what it says; rules may stand in a rule."""
    start = 0
    while (opened := rules.find("{", start)) >= 0:
        depth, at = 1, opened + 1
        while depth:
            depth += {"{": 1, "}": -1}.get(rules[at], 0)
            at += 1
        yield _on_one_line(rules[start:opened]), _on_one_line(rules[opened + 1 : at - 1])
        start = at


def _on_one_line(text: str) -> str:
    return _FIRST_LETTERS.sub("", text).strip()


def _is_met(selector: str, has: frozenset[str]) -> bool:
    needed = map(_name_need, _NEEDS.finditer(_PSEUDO.sub("", selector)))
    return all(name in has or name in {"html", "body"} for name in needed)


def _name_need(found: re.Match[str]) -> str:
    if found["id"]:
        return f"[id={found['id']}]"
    if not found["name"]:
        return found["other"]
    # Where a part of a value is enough, having the attribute is.
    return f"[{found['name']}={found['value']}]" if found["sign"] == "=" else f"[{found['name']}]"
