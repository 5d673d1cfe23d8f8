"""Where in the admin a thing is edited, and where a language of it is begun."""

from typing import Any

from django.urls import reverse
from wagtail.models import Page

from cms.models import ContactPoint, HomePage, MessagePage, PlainPage, RoutePage

# As `cms.translating` calls them where it is not the model's own name.
NAMES = {
    ContactPoint: "contact_point",
    HomePage: "home_page",
    MessagePage: "message",
    PlainPage: "plain_page",
    RoutePage: "route_page",
}


def edit_address(model: Any, pk: int) -> str:
    """Return the address of the form of one row."""
    if issubclass(model, Page):
        return reverse("wagtailadmin_pages:edit", args=[pk])
    return reverse(f"wagtailsnippets_cms_{model._meta.model_name}:edit", args=[pk])


def begin_address(model: Any, key: str, *, language: str) -> str:
    """Return the address where a translation of a thing is begun."""
    name = NAMES.get(model, model._meta.model_name)
    return f"{reverse('translate', args=[name, key])}?into={language}"
