"""What stands at an address: a page by its name in a language, and where it stands in the others.

Listing every address is `cms.reader.listing`, writing one `cms.reader.addresses`.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from wagtail.models import Page

from cms.models import Entry, HomePage, TranslationState
from cms.reader import tracing
from cms.reader.addresses import Place, page_path
from cms.standing import left_alone, outdated
from locales.languages import Language, choose_language, get_language

Build = Callable[[str, str], str]


def homes_by_language() -> dict[str, HomePage]:
    """Return the live first pages by language, in the order in which editors keep them."""
    tracing.use("kind:homepage")
    homes = HomePage.objects.live().select_related("locale").order_by("path")
    return {home.locale.language_code: home for home in homes}


def to_be_read(pages: Any) -> Any:
    """Return the live pages among these, of translations those that still hold."""
    live = pages.live().public().exclude(pk__in=outdated(pages.model))
    return live.exclude(pk__in=left_alone(pages.model))


def editions_to_read(pages: Any) -> dict[str, Page]:
    """Return the pages among these that can be read, by language."""
    return {page.locale.language_code: page for page in to_be_read(pages).select_related("locale")}


def editions_of(page: Page) -> dict[str, Page]:
    """Return what can be read of a page, by language."""
    tracing.use(f"text:{page.translation_key}")
    return editions_to_read(type(page).objects.filter(translation_key=page.translation_key))


def choose_edition(editions: Mapping[str, Any], language: str) -> Any | None:
    """Return the edition nearest to a language, the original where none is near; None of none."""
    nearest = choose_language(language, editions)
    if nearest is not None:
        return editions[nearest]
    return min(editions.values(), key=lambda page: _nearness(page, language), default=None)


def find_page(model: Any, language: str, slug: str) -> Any | None:
    """Return the page to read at an address: in its language, or in the nearest; None where none is.

    The name is that of the language's own page, else the original's, else another language's.
    """
    named = find_named(model, language, slug)
    if named is None:
        return None
    return choose_edition(editions_of(named), language)


def find_named(model: Any, language: str, slug: str) -> Any | None:
    """Return the row that an address names, live or not."""
    # PostgreSQL cannot even be asked about a NUL.
    rows = [] if "\0" in slug else model.objects.filter(slug=slug).select_related("locale")
    return min(rows, key=lambda row: _nearness(row, language), default=None)


def _nearness(row: Any, language: str) -> tuple[bool, bool, bool, int]:
    is_own = row.locale.language_code == language
    return not is_own, row.translation_state != TranslationState.ORIGINAL, not row.live, row.pk


def place_of_page(page: Page, build: Build = page_path) -> Place:
    """Return where a page of the tree, or something that belongs to it, stands in every language."""
    editions = editions_of(page)
    names = {language: edition.slug for language, edition in editions.items()}
    return Place(build, original_slug(page), names)


def original_slug(page: Any) -> str:
    """Return the name that a page has in the language it was written in."""
    originals = type(page).objects.filter(
        translation_key=page.translation_key, translation_state=TranslationState.ORIGINAL
    )
    slug: str | None = originals.values_list("slug", flat=True).first()
    return slug or page.slug


def original_slugs(pages: Iterable[Any]) -> dict[Any, str]:
    """Return the names that pages have in the languages they were written in, by translation key.

    It asks the database only for those of translations.
    """
    names = {page.translation_key: page.slug for page in pages}
    others = [page for page in pages if page.translation_state != TranslationState.ORIGINAL]
    for model in {type(page) for page in others}:
        rows = model.objects.filter(
            translation_key__in=[page.translation_key for page in others],
            translation_state=TranslationState.ORIGINAL,
        )
        names.update(rows.values_list("translation_key", "slug"))
    return names


def place_of_entry(entry: Entry, build: Build) -> Place:
    """Return where an entry stands in every language; its key is its name everywhere."""
    rows = type(entry).objects.filter(translation_key=entry.translation_key, live=True)
    codes = rows.exclude(pk__in=outdated(type(entry))).values_list(
        "locale__language_code", flat=True
    )
    return Place(build, entry.key, dict.fromkeys(codes, entry.key))


def choose_home(asked: str) -> Language | None:
    """Return the language nearest to the one asked for that the site is in."""
    nearest = choose_language(asked, homes_by_language())
    return None if nearest is None else get_language(nearest)
