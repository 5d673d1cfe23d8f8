"""Where the upkeep of content stands in Wagtail's admin: first page, reports, acts, style."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import path, reverse_lazy
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.site_summary import SummaryItem

from cms.upkeep import acts, reports
from cms.upkeep.home import NeedsPanel


@hooks.register("construct_homepage_panels")
def show_needs_first(request: HttpRequest, panels: list[Any]) -> None:  # noqa: ARG001
    """Put what needs an editor before all other panels."""
    panels.append(NeedsPanel())


@hooks.register("construct_homepage_summary_items", order=100)
def drop_counts(request: HttpRequest, items: list[SummaryItem]) -> None:  # noqa: ARG001
    """Leave out how many pages, pictures and documents there are: it asks nothing of anybody."""
    items.clear()


@hooks.register("register_admin_urls")
def add_addresses() -> list[Any]:
    """Return the addresses of the acts and the reports."""
    views = {"due": reports.DueReport, "matrix": reports.MatrixReport, "acts": reports.ActsReport}
    return [
        path("upkeep/confirm/<str:kind>/<int:pk>/", acts.confirm, name="upkeep_confirm"),
        path("upkeep/test/<int:pk>/", acts.record_test, name="upkeep_test"),
        *(
            path(f"reports/{name}/", view.as_view(), name=f"upkeep_{name}")
            for name, view in views.items()
        ),
        *(
            path(
                f"reports/{name}/results/",
                view.as_view(results_only=True),
                name=f"upkeep_{name}_results",
            )
            for name, view in views.items()
        ),
    ]


@hooks.register("register_reports_menu_item")
def add_due() -> MenuItem:
    """Return the line of the first report."""
    address = reverse_lazy("upkeep_due")
    return MenuItem(_("What is due"), address, name="upkeep-due", icon_name="time", order=10)


@hooks.register("register_reports_menu_item")
def add_matrix() -> MenuItem:
    """Return the line of the second report."""
    return MenuItem(
        _("Languages"),
        reverse_lazy("upkeep_matrix"),
        name="upkeep-matrix",
        icon_name="table",
        order=20,
    )


@hooks.register("register_reports_menu_item")
def add_acts() -> MenuItem:
    """Return the line of the third report."""
    address = reverse_lazy("upkeep_acts")
    return MenuItem(_("Acts"), address, name="upkeep-acts", icon_name="history", order=30)


@hooks.register("insert_global_admin_css")
def add_style() -> str:
    """Give the admin our few signs and tables."""
    return format_html('<link rel="stylesheet" href="{}">', static("cms/upkeep.css"))


@hooks.register("insert_editor_js")
def add_guard() -> str:
    """Keep acts of one tap from throwing away what is being typed."""
    return format_html('<script src="{}"></script>', static("cms/upkeep.js"))
