"""One part of a route, one story, one alert: pages that are none of the tree's."""

from dataclasses import replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from cms.models import Alert, Status, Story, TranslationState
from cms.reader import showing
from cms.reader.addresses import alert_path, part_builder, story_path
from cms.reader.finding import place_of_entry, place_of_page
from cms.reader.serving import Leaf, answer, read_frame, read_route_page
from cms.reader.tracing import Kind
from cms.reader.wayfinding import PART_WORDS
from locales.languages import get_language


@require_safe
def show_part(request: HttpRequest, language: str, slug: str, part: Kind) -> HttpResponse:
    """Show one part of a route."""
    asked, page = read_route_page(language, slug)
    here = get_language(page.locale.language_code)
    with translation.override(here.code):
        words = str(PART_WORDS[part])
    overview = place_of_page(page)
    leaf = Leaf(
        kind=part,
        asked=asked,
        language=here,
        place=replace(overview, build=part_builder(part)),
        title=f"{page.title}: {words}",
    )
    return answer(
        request,
        "cms/part_page.html",
        leaf,
        part=part,
        words=words,
        route_title=page.title,
        back=overview.path_in(asked.code),
        content=showing.show_part(page, part, today=timezone.localdate()),
    )


@require_safe
def show_story(request: HttpRequest, language: str, key: str) -> HttpResponse:
    """Show one story, while its person agrees."""
    asked, home = read_frame(language)
    item = _find(Story, key, language=home.code)
    if item is None:
        raise Http404
    place = place_of_entry(item.entry, story_path)
    leaf = Leaf(Kind.STORY, asked, home, place, item.texts["title"].text)
    return answer(request, "cms/story_page.html", leaf, **_tell(item))


@require_safe
def show_alert(request: HttpRequest, language: str, key: str) -> HttpResponse:
    """Show one alert with whom it names; say so where it is over."""
    asked, home = read_frame(language)
    item = _find(Alert, key, language=home.code)
    entry = item.entry if item else _find_over(key)
    if entry is None:
        raise Http404
    place = place_of_entry(entry, alert_path)
    leaf = Leaf(Kind.ALERT, asked, home, place, item.texts["title"].text if item else "")
    if item is None:
        response = answer(request, "cms/alert_page.html", leaf, entry=entry)
        response.status_code = 410
        return response
    named = showing.show_entries(
        item.entry.contact_points.all(), language=home.code, today=timezone.localdate()
    )
    return answer(request, "cms/alert_page.html", leaf, named=named, **_tell(item))


def _find(model: Any, key: str, *, language: str) -> showing.Shown | None:
    rows = model.objects.filter(key__iexact=key)
    shown = showing.show_entries(rows, language=language, today=timezone.localdate())
    return shown[0] if shown and key == key.lower() else None


def _find_over(key: str) -> Alert | None:
    """Return the alert of a key that has ended, not one that was taken down before."""
    today = timezone.localdate()
    rows = Alert.objects.filter(translation_state=TranslationState.ORIGINAL, key__iexact=key)
    found: Alert | None = rows.filter(expires__lte=today).first()
    return found


def _tell(item: showing.Shown) -> dict[str, Any]:
    return {
        "item": item,
        "entry": item.entry,
        # The frame is in the reader's language, the words may not be.
        "words_in": get_language(item.row.locale.language_code),
        "is_draft": item.is_draft,
        "is_demo": item.entry.status == Status.DEMO,
    }
