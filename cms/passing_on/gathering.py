"""Everything that belongs to a kept route, with its size: found by following its own pages' links.

Each page is made by its own view, inside this process, so that the list says what a browser would
get, and whatever a page is made from is noted for the list as well.
"""

import gzip
import hashlib
import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest
from django.urls import Resolver404, resolve
from django.utils import translation

from cms.reader import tracing
from cms.reader.addresses import PARTS, page_path, part_path

SCRIPT = "/reader.js"
_LINK = re.compile(r'\bhref="(/[^"#?]*)"')


@dataclass(frozen=True, slots=True)
class KeptFile:
    """One thing to keep: `size` in bytes on the wire, `digest` changes whenever it does."""

    path: str
    size: int
    digest: str

    @property
    def is_page(self) -> bool:
        """Tell whether somebody reads it."""
        return self.path != SCRIPT


@dataclass(frozen=True, slots=True)
class Kept:
    """What belongs to a route, and the first day on which any of it would be another."""

    files: tuple[KeptFile, ...]
    until: date | None

    @property
    def size(self) -> int:
        """Return the bytes that keeping it takes."""
        return sum(file.size for file in self.files)

    @property
    def pages(self) -> int:
        """Return how many pages there are to read."""
        return sum(file.is_page for file in self.files)

    def plus(self, file: KeptFile) -> "Kept":
        """Return it with one thing more."""
        return Kept((*self.files, file), self.until)


def gather(language: str, slug: str, *, like: HttpRequest) -> Kept:
    """Gather a route in a language: its page, its parts, and what these lead to.

    The page on which it is kept is not among them, for its own size hangs on this.
    """
    own = {page_path(language, slug), *(part_path(language, slug, part) for part in PARTS)}
    follow = re.compile(rf"/{re.escape(language)}/(help|story|alert)/[^/]+/")
    with tracing.trace() as trace:
        bodies: dict[str, bytes | None] = {}
        waiting = [page_path(language, slug)]
        while waiting:
            path = waiting.pop(0)
            bodies[path] = body = make(path, language=language, like=like)
            if path in own and body is not None:
                found = _links_in(body)
                wanted = [link for link in found if link in own or follow.fullmatch(link)]
                waiting += [link for link in wanted if link not in {*bodies, *waiting}]
        script = make(SCRIPT, language=language, like=like)
    files = [weigh(path, body) for path, body in bodies.items() if body is not None]
    return Kept((*files, *([weigh(SCRIPT, script)] if script else ())), trace.until)


def weigh(path: str, body: bytes) -> KeptFile:
    """Return what an answer takes on the wire, and a short name for exactly this content."""
    # A newer browser is served Brotli, which is smaller: no reader pays more than she was told.
    return KeptFile(path, len(gzip.compress(body, 6)), hashlib.sha256(body).hexdigest()[:12])


def make(path: str, *, language: str, like: HttpRequest) -> bytes | None:
    """Return what a view answers at a path, on the site of another request; None if it is no 200."""
    request = _imitate(like, path)
    # The answer within says what it is itself: what it used is added to the one around it.
    with translation.override(language), tracing.trace():
        try:
            found = resolve(path)
            response: Any = found.func(request, *found.args, **found.kwargs)
            if hasattr(response, "render") and not response.is_rendered:
                response = response.render()
        except (Http404, Resolver404):
            return None
    return bytes(response.content) if response.status_code == 200 else None


def _imitate(like: HttpRequest, path: str) -> HttpRequest:
    request = HttpRequest()
    request.method = "GET"
    request.path = request.path_info = path
    # Only where the site is: nothing of the person who asked.
    kept = ("HTTP_HOST", "SERVER_NAME", "SERVER_PORT", "HTTP_X_FORWARDED_PROTO")
    request.META = {name: like.META[name] for name in kept if name in like.META}
    request.user = AnonymousUser()
    return request


def _links_in(body: bytes) -> Iterable[str]:
    return dict.fromkeys(html.unescape(link) for link in _LINK.findall(body.decode()))
