"""What every page of the desk and of reach shows: where to go, in which languages, a rehearsal."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from locales.languages import INTERFACE_LANGUAGES, get_language


def navigation(request: HttpRequest) -> dict[str, Any]:  # noqa: ARG001
    """Return the desk's links as (label, address), reach's address, the languages and the mode."""
    reach = _find("reach_index")
    links = [(_("Broadcasts"), reverse("desk"))]
    if reach:
        links.append((_("Reach"), reach))
    return {
        "desk_links": links,
        "reach_base": reach,
        "interface_languages": [get_language(code) for code in INTERFACE_LANGUAGES],
        "rehearsal": settings.REHEARSAL,
    }


def _find(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
