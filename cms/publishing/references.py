"""What a file of the site leads to, and what in it can be led to; nothing is fetched here."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

_LEADING = {"href", "src", "action", "formaction", "poster", "data"}
_LISTS = {"srcset", "imagesrcset"}
_IN_XML = re.compile(r"<loc>([^<]*)</loc>|\bhref=\"([^\"]*)\"")


@dataclass(frozen=True, slots=True)
class References:
    """What a file leads to: addresses of this site as `(path, anchor)`, and those elsewhere."""

    inside: frozenset[tuple[str, str]] = frozenset()
    outside: frozenset[str] = frozenset()
    anchors: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Found:
    raw: set[str] = field(default_factory=set)
    anchors: set[str] = field(default_factory=set)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.found = _Found()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        for name, value in named.items():
            if name == "id" or (name == "name" and tag == "a"):
                self.found.anchors.add(value)
            elif name in _LISTS:
                self.found.raw.update(part.split()[0] for part in value.split(",") if part.strip())
            # A script finds its addresses in data-attributes.
            elif name in _LEADING or (name.startswith("data-") and _is_rooted(value)):
                self.found.raw.add(value)
        if tag == "meta" and named.get("http-equiv", "").lower() == "refresh":
            self.found.raw.add(named.get("content", "").partition("=")[2])


def read_references(body: bytes, media_type: str, *, path: str, home: str) -> References:
    """Return what a file at `path` leads to; `home` is the address of the whole site."""
    kind = media_type.partition(";")[0].strip()
    if kind == "text/html":
        reader = _Reader()
        reader.feed(body.decode())
        reader.close()
        found = reader.found
    elif kind in {"application/json", "application/manifest+json"}:
        found = _Found({text for text in _texts(json.loads(body)) if _is_rooted(text)})
    elif kind in {"application/xml", "text/xml"}:
        pairs = _IN_XML.findall(body.decode())
        found = _Found({unescape(one or other) for one, other in pairs})
    else:
        return References()
    return _sort(found, path=path, home=home)


def _sort(found: _Found, *, path: str, home: str) -> References:
    inside, outside = set(), set()
    host = urlsplit(home)
    for raw in found.raw:
        try:
            whole = urlsplit(urljoin(f"{home}{path}", raw.strip()))
        except ValueError:
            inside.add((raw, ""))  # no address at all: it leads nowhere, and the check will say so
            continue
        if whole.scheme not in {"http", "https"}:
            continue  # a telephone number, a letter, a picture within the page
        if (whole.scheme, whole.netloc) == (host.scheme, host.netloc):
            inside.add((unquote(whole.path) or "/", unquote(whole.fragment)))
        else:
            outside.add(raw.strip())
    return References(frozenset(inside), frozenset(outside), frozenset(found.anchors))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)


def _is_rooted(text: str) -> bool:
    return text.startswith("/") and not text.startswith("//")
