"""Small sites for the tests of publishing: who answers, what is there, and what leads where."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cms.publishing.artefacts import Artefact
from cms.publishing.references import read_references
from cms.publishing.site import Gathering, Site, gather
from cms.reader.addresses import Listed
from cms.reader.tracing import Kind

HOME = "http://127.0.0.1:8000"
HTML = "text/html; charset=utf-8"
LIVE = re.compile(r"/[a-z]+/(?:join|stop)/")
POLICY = "default-src 'none'; style-src 'sha256-abc='; frame-ancestors 'none'"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of the pretended server."""

    status: int
    body: bytes
    headers: dict[str, str]


@dataclass(slots=True)
class Server:
    """A pretended server: bodies by address; what it does not know answers 404."""

    bodies: dict[str, bytes] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    failing: str = ""

    def make(self, path: str) -> Answer:
        self.asked.append(path)
        body = self.bodies.get(path)
        headers = {
            "Content-Type": self.types.get(path, HTML),
            "Content-Language": "en",
            "Content-Security-Policy": POLICY,
            "Referrer-Policy": "no-referrer",
        }
        if path == self.failing:
            return Answer(500, b"", headers)
        if body is None:
            return Answer(404, page("Not here", "/"), headers)
        return Answer(200, body, headers | {"Cache-Control": "public, max-age=300"})


def page(text: str, *links: str) -> bytes:
    """Return a page that leads to these addresses."""
    anchors = "".join(f'<a href="{link}">to {link}</a>' for link in links)
    start = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Page</title></head>'
    return f'{start}<body><main id="main">{text}{anchors}</main></body></html>'.encode()


def server(pages: Mapping[str, bytes]) -> Server:
    """Return a server of these pages."""
    return Server(dict(pages))


SMALL = {
    "/": page("Languages", "/en/"),
    "/en/": page("Home", "/", "/en/road/", "/en/about/"),
    "/en/road/": page("Road", "/en/", "/en/road/risks/#first", "/r/abc"),
    "/en/road/risks/": page('<p id="first">Risks</p>', "/en/road/", "/en/"),
    "/en/about/": page("Who we are", "/en/"),
    "/r/abc": page("Road", "/en/road/"),
}
KINDS = {
    "/": Kind.CHOOSER,
    "/en/": Kind.HOME,
    "/r/abc": Kind.SHORT,
    "/reader.js": Kind.MACHINE,
    "/en/road/kept.json": Kind.KEPT_LIST,
}


def listed(paths: Iterable[str]) -> list[Listed]:
    """Return addresses as the site lists them."""
    return [
        Listed(path, KINDS.get(path, Kind.PLAIN), "en" if path.startswith("/en/") else "")
        for path in paths
    ]


def gathered(
    pages: Mapping[str, bytes] | Server, *, bare: bool = False, live: tuple[str, ...] = ()
) -> Site:
    """Return the site that such a server yields; media are found, all else is listed."""
    held = pages if isinstance(pages, Server) else server(pages)
    how = Gathering(make=held.make, home=HOME, bare=bare, live=live)
    paths = [path for path in held.bodies if not path.startswith("/media/")]
    return gather(listed(paths), how, tell=say_nothing)


def files(pages: Mapping[str, bytes] | Server, *, bare: bool = False) -> list[Artefact]:
    """Return the files of such a site."""
    return gathered(pages, bare=bare).artefacts


def say_nothing(*_: Any) -> None:
    """Take a progress and keep it."""


def dead_links(held: Mapping[str, bytes]) -> list[str]:
    """Return what is led to and not there, from every page that can be reached from the first one.

    `held` is what a host has, by name. A site that has no first page yet leads nowhere. What only our own
    server answers is on no host.
    """
    waiting, seen, dead = ["/"] if "index.html" in held else [], set(), []
    while waiting:
        path = waiting.pop()
        name = _find(path, held)
        if name is None:
            dead.append(path)
        elif path not in seen:
            seen.add(path)
            if name.endswith(".html") or "." not in name:
                found = read_references(held[name], HTML, path=path, home=HOME)
                waiting += [
                    target for target, _anchor in found.inside if not LIVE.fullmatch(target)
                ]
    return dead


def _find(path: str, held: Mapping[str, bytes]) -> str | None:
    name = path.removeprefix("/")
    choices = (
        [f"{name}index.html"] if not name or name.endswith("/") else [name, f"{name}/index.html"]
    )
    return next((choice for choice in choices if choice in held), None)
