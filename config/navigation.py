"""What every page of the desk and of reach shows: where to go, in which languages, a rehearsal."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from campaigns.staff import Duties
from locales.languages import INTERFACE_LANGUAGES, get_language


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Return the desk's links as (label, address), reach's address, the languages and the mode."""
    return {
        # Called by the desk's own frame only: on a reader's page nobody asks who she is.
        "desk_links": lambda: _list_links(request),
        "reach_base": _find("reach_index"),
        "interface_languages": [get_language(code) for code in INTERFACE_LANGUAGES],
        "rehearsal": settings.REHEARSAL,
        # Where a rehearsal shows the sign-in codes of its people; a live deployment has no such page.
        "codes_address": f"{settings.SANDBOX_URL}/codes" if settings.REHEARSAL else "",
    }


def _list_links(request: HttpRequest) -> list[tuple[str, str]]:
    links = [
        (_("Broadcasts"), reverse("desk")),
        (_("Calendar"), reverse("desk_calendar")),
        (_("Sign people up"), reverse("desk_assist")),
        (_("Lists"), reverse("desk_imports")),
        (_("Field work"), reverse("desk_inbox")),
        (_("Campaigns"), reverse("desk_campaigns")),
        (_("Partners"), reverse("desk_partners")),
    ]
    if Duties(request.user).any:
        links.append((_("Safety"), reverse("desk_safety")))
    reach = _find("reach_index")
    return [*links, (_("Reach"), reach)] if reach else links


def _find(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
