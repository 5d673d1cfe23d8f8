"""What Wagtail's hooks ask of the editors' screens; `cms.wagtail_hooks` loads it."""

from typing import Any

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.admin import messages
from wagtail.models import Page

from cms.editing.deleting import refuse_if_held
from cms.editing.going_live import GoingLiveView
from cms.editing.menus import arrange_entry_menu, arrange_page_menu
from cms.editing.queue import QueuePanel
from cms.editing.reading import ReadView, read_address
from cms.editing.translators import TranslatorViewSet
from cms.editing.viewsets import PAGE_VIEWSETS
from cms.models import Editorial

WAGTAILS_QUEUE = "workflow_objects_to_moderate"

hooks.register("construct_page_action_menu", arrange_page_menu)
hooks.register("construct_snippet_action_menu", arrange_entry_menu)


@hooks.register("register_admin_viewset")
def register_pages() -> list[Any]:
    """Give our pages our views, and the translators their list."""
    return [TranslatorViewSet(), *(viewset() for viewset in PAGE_VIEWSETS)]


@hooks.register("register_admin_urls")
def register_urls() -> list[URLPattern]:
    """Give the reader's page and the publisher's page their addresses."""
    return [
        path("read/<int:step>/", ReadView.as_view(), name="read"),
        path("publish/<slug:model>/<int:pk>/", GoingLiveView.as_view(), name="going_live"),
    ]


@hooks.register("construct_homepage_panels")
def show_the_queue(request: HttpRequest, panels: list[Any]) -> None:  # noqa: ARG001
    """Put what waits for her in the place of Wagtail's own list of it."""
    panels[:] = [one for one in panels if getattr(one, "name", "") != WAGTAILS_QUEUE]
    panels.append(QueuePanel())


# ---- Deciding on a text means having read it ---------------------------------------------------


@hooks.register("before_edit_page")
def read_page_first(request: HttpRequest, page: Page) -> HttpResponse | None:
    """Lead an answer that was given in the form to the page where the text is read."""
    return _lead_to_reading(request, page)


@hooks.register("before_edit_snippet")
def read_entry_first(request: HttpRequest, instance: Model) -> HttpResponse | None:
    """Lead an answer that was given in the form to the page where the text is read."""
    return _lead_to_reading(request, instance)


def _lead_to_reading(request: HttpRequest, row: Any) -> HttpResponse | None:
    step = getattr(row, "current_workflow_task_state", None)
    if request.method != "POST" or "action-workflow-action" not in request.POST or step is None:
        return None
    messages.warning(request, _("Nothing was saved. Read the text here, then decide."))
    return redirect(read_address(step))


# ---- An alias would be live in words that nobody has read there --------------------------------


@hooks.register("before_copy_page")
def refuse_alias(request: HttpRequest, page: Page) -> HttpResponse | None:
    """Refuse an alias of a text: it would mirror it live, also below another language's home."""
    kind = page.specific_class
    asked = request.method == "POST" and (
        request.POST.get("alias") or request.POST.get("publish_copies")
    )
    if not asked or kind is None or not issubclass(kind, Editorial):
        return None
    messages.error(request, _("A copy is a draft of its own. Copy it without these choices."))
    return redirect("wagtailadmin_pages:copy", page.pk)


# ---- Deleting ----------------------------------------------------------------------------------


@hooks.register("before_delete_page")
def keep_used_page(request: HttpRequest, page: Page) -> HttpResponse | None:
    """Say where a page is used, and keep it."""
    return refuse_if_held(request, [page])


@hooks.register("before_delete_snippet")
def keep_used_entries(request: HttpRequest, instances: list[Model]) -> HttpResponse | None:
    """Say where entries are used, and keep them."""
    return refuse_if_held(request, instances)


@hooks.register("before_bulk_action")
def keep_used_things(
    request: HttpRequest, action_type: str, objects: list[Any], _action: Any
) -> HttpResponse | None:
    """Say where things are used, and keep them all."""
    if action_type != "delete":
        return None
    return refuse_if_held(request, [thing for thing in objects if isinstance(thing, Model)])
