"""Where the spreadsheet stands in Wagtail's admin: its addresses and its line in the menu."""

from typing import Any

from django.http import HttpRequest
from django.urls import path, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from cms.spreadsheet import views
from cms.spreadsheet.rights import may_use


class SpreadsheetItem(MenuItem):
    """Shown to whoever may change what a spreadsheet holds."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Tell whether this person has any use for it."""
        return may_use(request.user)


@hooks.register("register_admin_urls")
def add_addresses() -> list[Any]:
    """Return the addresses of the spreadsheet."""
    return [
        path("spreadsheet/", views.index, name="spreadsheet"),
        path("spreadsheet/download/", views.download, name="spreadsheet_download"),
        path("spreadsheet/upload/", views.upload, name="spreadsheet_upload"),
        path("spreadsheet/check/<str:token>/", views.check, name="spreadsheet_check"),
    ]


@hooks.register("register_admin_menu_item")
def add_menu_item() -> MenuItem:
    """Return its line in the menu, below the content."""
    return SpreadsheetItem(
        _("Spreadsheet"),
        reverse_lazy("spreadsheet"),
        name="spreadsheet",
        icon_name="table",
        order=160,
    )
