"""The panel of languages of an editing page, as data for its template."""

from typing import Any

from django import template

from cms.translating.showing import Line, OriginalShown, list_languages, show_original

register = template.Library()


@register.simple_tag
def languages_of_thing(row: Any, user: Any) -> list[Line]:
    """Return every language of the site with how a thing stands in it."""
    return list_languages(row, user=user)


@register.simple_tag
def original_of_thing(row: Any) -> OriginalShown | None:
    """Return what a translation's original says."""
    return show_original(row)
