"""Where translating stands in Wagtail's admin: its addresses, its line in the menu, its buttons."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from django.urls import include, path, reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.widgets.button import Button

from cms.models import TranslationState
from cms.translating import shutting, views
from cms.translating.naming import KINDS, is_translated, name_of
from cms.translating.rights import is_open_to, languages_open_to, may_change_kind

# Menu lines of wagtail-localize that lead to what is shut.
_SHUT = frozenset({"localize-restart-translation", "localize-convert-to-alias"})


@hooks.register("register_admin_urls", order=-10)
def add_addresses() -> list[Any]:
    """Return our addresses, before wagtail-localize's: the first that fits counts."""
    thing = "<slug:kind>/<str:key>/"
    return [
        path("localize/", include(shutting.ADDRESSES)),
        path("translating/", views.po_index, name="po_index"),
        path(f"translating/begin/{thing}", views.begin, name="translate"),
        path(f"translating/po/{thing}<str:language>/", views.po_file, name="po_file"),
        path(f"translating/po/{thing}<str:language>/file/", views.po_download, name="po_download"),
    ]


class TranslatingItem(MenuItem):
    """Shown to whoever may write in some language."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Tell whether this person has any use for it."""
        may = any(may_change_kind(request.user, model) for model, _key in KINDS.values())
        return may and bool(languages_open_to(request.user))


@hooks.register("register_admin_menu_item")
def add_menu_item() -> MenuItem:
    """Return its line in the menu, below the content."""
    address = reverse_lazy("po_index")
    return TranslatingItem(
        _("PO files"), address, name="po-files", icon_name="wagtail-localize-language", order=165
    )


@hooks.register("construct_reports_menu")
def hide_their_report(request: HttpRequest, menu_items: list[Any]) -> None:  # noqa: ARG001
    """Leave out the report that asks nobody for a right; the table of languages says it all."""
    shut = reverse("wagtail_localize:translations_report")
    menu_items[:] = [item for item in menu_items if str(item.url) != shut]


@hooks.register("construct_page_action_menu")
def hide_page_actions(menu_items: list[Any], request: HttpRequest, context: Any) -> None:  # noqa: ARG001
    """Leave out what turns a page over to wagtail-localize."""
    menu_items[:] = [item for item in menu_items if item.name not in _SHUT]


@hooks.register("construct_snippet_action_menu")
def hide_entry_actions(menu_items: list[Any], request: HttpRequest, context: Any) -> None:  # noqa: ARG001
    """Leave out what turns an entry over to wagtail-localize."""
    menu_items[:] = [item for item in menu_items if item.name not in _SHUT]


@hooks.register("register_snippet_listing_buttons")
def offer_for_entry(snippet: Any, user: Any, next_url: str | None = None) -> Iterator[Button]:  # noqa: ARG001
    """Offer the PO file of an entry's translation in its list."""
    yield from _offer(snippet, user)


@hooks.register("register_page_header_buttons")
def offer_for_page(
    page: Any,
    user: Any,
    view_name: str | None = None,  # noqa: ARG001
    next_url: str | None = None,  # noqa: ARG001
) -> Iterator[Button]:
    """Offer the PO file of a page's translation at its head."""
    yield from _offer(page.specific, user)


def _offer(row: Any, user: Any) -> Iterator[Button]:
    if not is_translated(type(row)) or row.translation_state == TranslationState.ORIGINAL:
        return
    language = row.locale.language_code
    if is_open_to(user, language) and may_change_kind(user, type(row)):
        name = name_of(row)
        address = reverse("po_file", args=[name.kind, name.key, language])
        yield Button(_("PO file"), address, icon_name="download", priority=65)
