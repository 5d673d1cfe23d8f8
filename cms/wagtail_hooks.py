"""What Wagtail asks of us: our lists in its menu, and the headers of readers' pages."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language as get_active
from wagtail import hooks
from wagtail.models import Page
from wagtail.snippets.models import register_snippet

from cms import message_help  # noqa: F401  (its address in the admin)
from cms.editing import hooks as _editing  # noqa: F401 – registers its hooks
from cms.models import Editorial, TranslationState
from cms.reader.finding import editions_of
from cms.reader.serving import finish, serve_nearest
from cms.snippets import ContentGroup
from cms.spreadsheet import hooks as _spreadsheet  # noqa: F401 – registers its hooks
from cms.translating import hooks as _translating  # noqa: F401 – registers its hooks
from cms.upkeep import hooks as _upkeep  # noqa: F401 – registers its hooks
from locales.languages import LAST_RESORT, get_language

register_snippet(ContentGroup)


@hooks.register("insert_global_admin_css")
def follow_the_text() -> str:
    """Let every box and cell run in the direction of what stands in it."""
    return "<style>textarea,input,td,h1,h2{unicode-bidi:plaintext;text-align:start}</style>"


@hooks.register("construct_main_menu")
def hide_documents(request: HttpRequest, menu_items: list[Any]) -> None:  # noqa: ARG001
    """Leave documents out of the menu: no page shows one, and none is served."""
    menu_items[:] = [item for item in menu_items if item.name != "documents"]


@hooks.register("on_serve_page")
def finish_page(serve: Callable[..., Any]) -> Callable[..., Any]:
    """Finish every answer to a reader alike, whichever address it was asked for by."""

    def serve_finished(page: Page, request: HttpRequest, args: Any, kwargs: Any) -> Any:
        return finish(page, serve(page, request, args, kwargs))

    return serve_finished


@hooks.register("before_serve_page")
def serve_the_nearest(
    page: Page, request: HttpRequest, _args: Any, _kwargs: Any
) -> HttpResponse | None:
    """Serve the nearest language where none of the address's is live, or none that still holds.

    Wagtail takes English for a language that the site has no page in.
    """
    asked = get_active() or LAST_RESORT
    is_kept = isinstance(page, Editorial) and page.translation_state != TranslationState.ORIGINAL
    is_own = page.live and page.locale.language_code == asked
    editions = editions_of(page)
    if is_own and (not is_kept or asked in editions):
        return None
    served = serve_nearest(request, editions, asked=get_language(asked))
    if served is None:
        raise Http404
    return served
