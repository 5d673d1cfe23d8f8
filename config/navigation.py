"""What every page of the desk and of reach shows: where one can go, and that it is a rehearsal."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _


def navigation(request: HttpRequest) -> dict[str, Any]:  # noqa: ARG001
    """Return the links of the desk as (label, address), the address of reach, and the mode."""
    reach = _find("reach_index")
    links = [(_("Broadcasts"), reverse("desk"))]
    if reach:
        links.append((_("Reach"), reach))
    return {"desk_links": links, "reach_base": reach, "rehearsal": settings.REHEARSAL}


def _find(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
