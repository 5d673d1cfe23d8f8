"""What Wagtail asks of us: our lists in its menu, and the headers of readers' pages."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from wagtail import hooks
from wagtail.models import Page
from wagtail.snippets.models import register_snippet

from cms.snippets import ContentGroup
from cms.views import finish

register_snippet(ContentGroup)


@hooks.register("insert_global_admin_css")
def follow_the_text() -> str:
    """Let every box and cell run in the direction of what stands in it."""
    return "<style>textarea,input,td,h1,h2{unicode-bidi:plaintext;text-align:start}</style>"


@hooks.register("construct_main_menu")
def hide_files(request: HttpRequest, menu_items: list[Any]) -> None:  # noqa: ARG001
    """Leave images and documents out of the menu: no page shows one yet, and none is served."""
    menu_items[:] = [item for item in menu_items if item.name not in {"images", "documents"}]


@hooks.register("on_serve_page")
def finish_page(serve: Callable[..., Any]) -> Callable[..., Any]:
    """Finish every answer to a reader alike, whichever address it was asked for by."""

    def serve_finished(page: Page, request: HttpRequest, args: Any, kwargs: Any) -> Any:
        return finish(page, request, serve(page, request, args, kwargs))

    return serve_finished
