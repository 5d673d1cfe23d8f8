"""Everything that belongs to a kept route, with its size: found by following its own pages' links.

Each page is what a browser would get: the stored answer where a fresh one is, else one that is made
and stored now. Whatever a page is made from is noted for the list as well.
"""

import gzip
import hashlib
import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from cms.publishing.making import make
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


def gather(language: str, slug: str, *, keep: bool = True) -> Kept:
    """Gather a route in a language: its page, its parts, and what these lead to.

    The page on which it is kept is not among them, for its own size hangs on this. Without `keep`
    nothing that is made for it is stored.
    """
    own = {page_path(language, slug), *(part_path(language, slug, part) for part in PARTS)}
    follow = re.compile(rf"/{re.escape(language)}/(help|story|alert)/[^/]+/")
    with tracing.trace() as trace:
        bodies: dict[str, bytes | None] = {}
        waiting = [page_path(language, slug)]
        while waiting:
            path = waiting.pop(0)
            bodies[path] = body = read(path, keep=keep)
            if path in own and body is not None:
                found = _links_in(body)
                wanted = [link for link in found if link in own or follow.fullmatch(link)]
                waiting += [link for link in wanted if link not in {*bodies, *waiting}]
        script = read(SCRIPT, keep=keep)
    files = [weigh(path, body) for path, body in bodies.items() if body is not None]
    return Kept((*files, *([weigh(SCRIPT, script)] if script else ())), trace.until)


def weigh(path: str, body: bytes) -> KeptFile:
    """Return what an answer takes on the wire, and a short name for exactly this content."""
    # A newer browser is served Brotli, which is smaller: no reader pays more than she was told.
    return KeptFile(path, len(gzip.compress(body, 6)), hashlib.sha256(body).hexdigest()[:12])


def read(path: str, *, keep: bool = True) -> bytes | None:
    """Return what is answered at a path, not compressed; None where nothing is there."""
    made = make(path, keep=keep)
    return made.body if made.status == 200 else None


def _links_in(body: bytes) -> Iterable[str]:
    return dict.fromkeys(html.unescape(link) for link in _LINK.findall(body.decode()))
