"""Where things are edited, compared and listed in the admin."""

from typing import Any

from django.urls import reverse
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.models import Page


def edit_address(row: Any) -> str:
    """Return where a row is edited, or nothing where no form shows it."""
    return AdminURLFinder().get_edit_url(row) or ""


def list_address(row: Any) -> str:
    """Return the list that a row stands in."""
    if isinstance(row, Page):
        return reverse("wagtailadmin_explore", args=[row.get_parent().pk])
    return reverse(row.snippet_viewset.get_url_name("list"))


def compare_address(row: Any, older: str, newer: str) -> str:
    """Return where two wordings of a row are compared; each is `live`, `latest` or a revision's id."""
    if isinstance(row, Page):
        return reverse("wagtailadmin_pages:revisions_compare", args=[row.pk, older, newer])
    name = row.snippet_viewset.get_url_name("revisions_compare")
    return reverse(name, args=[row.pk, older, newer])
