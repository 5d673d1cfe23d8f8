"""What a page weighs on a phone, and the refusal to let one go live that would weigh too much.

A page that is too heavy already may still be corrected, as long as it does not grow.
"""

import re
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from wagtail.models import Page

from cms import budgets
from cms.models import Alert, Entry, NotPublishable, RoutePage, StoredAnswer, Story, texts_of
from cms.models.changes import went_live
from cms.publishing.compressing import BEST, BR, compress
from cms.publishing.making import Made, make
from cms.publishing.tokens import places_of
from cms.reader import addresses
from cms.reader.showing import part_of
from cms.reader.tracing import Kind

# What is read as a page; the others are files, lists for programs, or the same page once more.
WEIGHED = frozenset(
    kind.value
    for kind in (
        *(Kind.HOME, Kind.ROUTE, Kind.RISKS, Kind.WAYS, Kind.CLAIMS, Kind.STORIES, Kind.HELP),
        *(Kind.COUNTRIES, Kind.COUNTRY, Kind.STORY, Kind.ALERT, Kind.MESSAGE, Kind.PLAIN),
    )
)
# The heaviest of many pages tell enough, and a publisher does not wait for long.
MOST_PAGES = 12
MOST_PARTS = 3
# More than the markup, the sources and the dates of one more entry have ever weighed.
AROUND = 2_048
# What the headers of an answer weigh, about: stored weights are those of the bodies.
HEADERS = 1_024
# From here on a status says that the server failed, and not that nothing is there.
FAILED = 500
_SUBRESOURCE = re.compile(
    r"<script[^>]*\ssrc=\"(?P<script>[^\"]+)\""
    r"|<link[^>]*\srel=\"(?:stylesheet|manifest|icon|preload)\"[^>]*\shref=\"(?P<link>/[^\"]+)\""
    r"|<img(?P<image>(?![^>]*loading=\"lazy\")[^>]*)>",
    re.IGNORECASE,
)
_CARD = re.compile(r"<(?:div|article|section|li)[^>]*\sclass=\"[^\"]*\bcard\b", re.IGNORECASE)
_PASSAGE = re.compile(r"<(?:p|h2|h3|dd|li)[ >]", re.IGNORECASE)
_HEADING = re.compile(r"<h[1-4][^>]*>(.*?)</h[1-4]>", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Part:
    """One card or passage of a page, and about how much of its weight it is."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Weight:
    """What a page weighs on the way, compressed: `page` alone, `first` with headers, `total` complete."""

    path: str
    page: int
    first: int
    requests: int
    total: int
    script: int
    heaviest: tuple[Part, ...] = ()

    @property
    def is_within(self) -> bool:
        """Tell whether it keeps to every budget."""
        return (
            self.first <= budgets.FIRST_PAINT
            and self.total <= budgets.COMPLETE
            and self.requests <= budgets.REQUESTS
            and self.script <= budgets.SCRIPT
        )


def weigh(path: str) -> Weight | None:
    """Return what the page at an address weighs as it is now; None where none is there.

    Raise NotPublishable where it cannot be shown at all.
    """
    made = make(path, anew=True, keep=False)
    if made.status >= FAILED:
        words = _(
            "With this, %(page)s could not be shown any more. Look for an unusual code or address"
            " in what you changed; if there is none, tell those who run this site."
        )
        raise NotPublishable(words % {"page": path})
    return weigh_made(made) if made.status == 200 else None


def weigh_made(made: Made) -> Weight:
    """Return what an answer weighs with all that it loads by itself."""
    alone, first = _on_the_way(made)
    page = made.body.decode("utf-8", errors="replace")
    loaded = {"script": 0, "link": 0, "image": 0}
    requests = 1
    for found in _SUBRESOURCE.finditer(page):
        requests += 1
        kind = str(found.lastgroup)
        if kind == "image":
            loaded[kind] += budgets.PICTURE
        else:
            loaded[kind] += _weigh_loaded(found[kind])
    return Weight(
        path=made.path,
        page=alone,
        first=first,
        requests=requests,
        total=first + sum(loaded.values()),
        script=loaded["script"],
        heaviest=_heaviest(page, size=len(made.body), weight=first),
    )


def _on_the_way(made: Made) -> tuple[int, int]:
    """Return the bytes of an answer, compressed, and the same with its headers, which are not."""
    headers = sum(len(name) + len(value) + 4 for name, value in made.headers.items())
    body = len(compress(made.body, BR, quality=BEST))
    return body, body + headers


def _weigh_loaded(address: str) -> int:
    # A script and a list for programs change with the build and not with the content.
    made = make(address, keep=False)
    return _on_the_way(made)[1] if made.status == 200 else 0


def _heaviest(page: str, *, size: int, weight: int) -> tuple[Part, ...]:
    main = page[page.find("<main") : page.find("</main>")]
    starts = [found.start() for found in _CARD.finditer(main)]
    starts = starts or [found.start() for found in _PASSAGE.finditer(main)]
    pieces = [main[a:b] for a, b in zip(starts, [*starts[1:], len(main)], strict=True)]
    share = weight / max(1, size)
    parts = (Part(_name(piece), round(len(piece.encode()) * share)) for piece in pieces)
    return tuple(sorted(parts, key=lambda part: -part.size)[:MOST_PARTS])


def _name(piece: str) -> str:
    heading = _HEADING.search(piece)
    words = " ".join(strip_tags(heading[1] if heading else piece).split())
    return words if len(words) <= 60 else f"{words[:59]}…"


# ---- Before something goes live ----------------------------------------------------------------


def refuse_too_heavy(row: Any, **_signal: Any) -> None:
    """Raise NotPublishable where a page would grow beyond its budget, in whatever language it is read."""
    spare = budgets.FIRST_PAINT - _most_added(row)
    before = dict(_stored_weights(row))
    full = [path for path, known in before.items() if known > spare][:MOST_PAGES]
    unknown = [path for path in pages_showing(row) if path not in before]
    for path in (*full, *unknown):
        known = before.get(path)
        weight = weigh(path)
        if weight is None or weight.is_within:
            continue
        if known is None or weight.page > known:
            raise NotPublishable(say_what_to_cut(weight))


def _most_added(row: Any) -> int:
    """Return more than a row can add to a page: its texts as they are, not compressed."""
    return AROUND + HEADERS + sum(len(text.encode()) for text in texts_of(row).values())


def known_weights(row: Any) -> list[tuple[str, int]]:
    """Return the stored pages that show a row in its language, heaviest first, with their weights."""
    found = _stored_weights(row).filter(language=row.locale.language_code)
    return list(found[:MOST_PAGES])


def _stored_weights(row: Any) -> "QuerySet[StoredAnswer, tuple[str, int]]":
    """Return the same in every language: where a text is not translated, the original stands in."""
    place = places_of(type(row), [row])[row.pk]
    stored = StoredAnswer.objects.filter(kind__in=WEIGHED, uses__token__in=place.own)
    return stored.distinct().order_by("-size_br", "path").values_list("path", "size_br")


def pages_showing(row: Any) -> list[str]:
    """Return the addresses that show a row in its own language, whether anybody asked for them or not."""
    return list(dict.fromkeys([*_own_pages(row), *_route_pages(row)]))


def _own_pages(row: Any) -> list[str]:
    language = row.locale.language_code
    if isinstance(row, Page):
        return [addresses.page_path(language, row.slug)]
    if isinstance(row, Story):
        return [addresses.story_path(language, row.key)]
    if isinstance(row, Alert):
        return [addresses.alert_path(language, row.key)]
    return []


def _route_pages(row: Any) -> list[str]:
    if not isinstance(row, Entry):
        return []
    language = row.locale.language_code
    routes = {
        *(route.pk for route in row.routes.all()),
        *(leg.route_id for leg in row.legs.all()),
    }
    pages = RoutePage.objects.live().filter(
        migration_route__in=routes, locale__language_code=language
    )
    part = part_of(row)
    return [
        addresses.part_path(language, slug, part)
        if part is not None
        else addresses.page_path(language, slug)
        for slug in pages.order_by("path").values_list("slug", flat=True)[:MOST_PAGES]
    ]


def say_what_to_cut(weight: Weight) -> str:
    """Return in words how heavy a page would be, and which of its parts are the heaviest."""
    words = _(
        "This would make a page too heavy for a cheap phone: %(page)s would have %(weight)s of"
        " %(budget)s KB. The heaviest on it: %(parts)s. Shorten these first."
    )
    parts = ", ".join(f"“{part.name}” ({kilobytes(part.size)} KB)" for part in weight.heaviest)
    is_first = weight.first > budgets.FIRST_PAINT
    return words % {
        "page": weight.path,
        "weight": kilobytes(weight.first if is_first else weight.total),
        "budget": kilobytes(budgets.FIRST_PAINT if is_first else budgets.COMPLETE),
        "parts": parts,
    }


def kilobytes(size: int) -> str:
    """Return a size as editors read it."""
    return f"{size / 1024:.1f}"


def watch_weights() -> None:
    """Hear of everything that goes live; called once, when Django is ready."""
    went_live.connect(refuse_too_heavy, dispatch_uid="cms.refuse_too_heavy")
