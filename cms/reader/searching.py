"""Search over what readers can read, without a script: one form, and everything there is below it.

What she looks for is posted, so that it stands in no address, no history and no log; it is kept nowhere.
"""

import gzip
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.db.models import F, Value
from django.db.models.functions import Concat, StrIndex
from django.db.models.lookups import GreaterThan
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control
from django.utils.functional import Promise
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from cms.models import StoredAnswer
from cms.reader.addresses import countries_path, fixed_place, search_path
from cms.reader.contents import KIND_WORDS, list_contents, list_titles
from cms.reader.excerpts import Piece, mark_words, read_text
from cms.reader.serving import Leaf, answer, read_frame
from cms.reader.tracing import Kind
from locales.folding import fold_for_search, words_to_find

LONGEST_QUESTION = 100
MOST_WORDS = 8
MOST_RESULTS = 20
READ = tuple(KIND_WORDS)


@dataclass(frozen=True, slots=True)
class Hit:
    """A page that may be shown as a result: what it is, what it is called and where it stands."""

    kind: Kind
    title: str
    address: str


@dataclass(frozen=True, slots=True)
class Result:
    """One result as it is shown."""

    title: str
    kind: Promise
    address: str
    excerpt: tuple[Piece, ...]


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def search(request: HttpRequest, language: str) -> HttpResponse:
    """Show the form with everything there is, or what was found."""
    asked, home = read_frame(language)
    today = timezone.localdate()
    question = request.POST.get("q", "")[:LONGEST_QUESTION].strip()
    words = words_to_find(question)[:MOST_WORDS]
    results = find(words, asked.code, language=home.code, today=today) if words else []
    with translation.override(home.code):
        title = translation.gettext("Search")
        sections = list_contents(asked.code, language=home.code, today=today) if not results else []
    response = answer(
        request,
        "cms/search_page.html",
        Leaf(Kind.SEARCH, asked, home, fixed_place(search_path), title),
        question=question,
        is_answered=bool(words),
        results=results,
        sections=sections,
        here=search_path(asked.code),
        help_near=countries_path(asked.code),
    )
    if request.method == "POST":
        patch_cache_control(response, no_store=True)
    return response


def find(words: tuple[str, ...], asked: str, *, language: str, today: date) -> list[Result]:
    """Return the pages in which every word occurs, in their titles first.

    What is not stored yet is found by its title alone.
    """
    found = _find_stored(words, asked, today=today)
    if len(found) < MOST_RESULTS:
        known = {hit.address for hit in found}
        titles = list_titles(asked, language=language, today=today)
        hits = (Hit(line.kind, line.title.text, line.address) for line in titles)
        found += [
            hit
            for hit in hits
            if hit.address not in known and _count_in_title(words, hit.title) == len(words)
        ]
    best = sorted(found, key=lambda hit: _rank(hit, words))[:MOST_RESULTS]
    excerpts = _read_excerpts([hit.address for hit in best], words, today=today)
    return [
        Result(hit.title, KIND_WORDS[hit.kind], hit.address, excerpts.get(hit.address, ()))
        for hit in best
    ]


def _find_stored(words: tuple[str, ...], language: str, *, today: date) -> list[Hit]:
    # An index of positions, and not LIKE, in which a letter or two would have a meaning of its own.
    text = Concat(Value(" "), F("folded"))
    begins = [GreaterThan(StrIndex(text, Value(f" {word}")), Value(0)) for word in words]
    rows = StoredAnswer.objects.readable(today=today).filter(
        *begins, language=language, kind__in=READ
    )
    return [
        Hit(Kind(kind), title, path)
        for kind, title, path in rows.values_list("kind", "title", "path")
    ]


def _rank(hit: Hit, words: tuple[str, ...]) -> tuple[int, int, str, str]:
    return -_count_in_title(words, hit.title), READ.index(hit.kind), hit.title, hit.address


@lru_cache(maxsize=10_000)
def _fold_title(title: str) -> tuple[str, ...]:
    return tuple(fold_for_search(title).split())


def _count_in_title(words: tuple[str, ...], title: str) -> int:
    folded = _fold_title(title)
    return sum(any(part.startswith(word) for part in folded) for word in words)


def _read_excerpts(
    paths: list[str], words: tuple[str, ...], *, today: date
) -> dict[str, tuple[Piece, ...]]:
    # A page found by its title may say something else by now than what is stored of it.
    stored = StoredAnswer.objects.readable(today=today).filter(path__in=paths)
    rows = stored.values_list("path", "body_gzip")
    return {
        path: tuple(mark_words(read_text(gzip.decompress(bytes(body)).decode()), words))
        for path, body in rows
    }
