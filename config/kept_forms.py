"""Forms that came too late: what was sent after a session had ended waits for whoever sent it.

It is sealed, for a form may hold a number or a text; it lies in the browser's new session, is shown to
the same person alone after she has signed in again, and once. Files are not kept, nor what signs people
in: a password would come back on a page. Nothing is sent by itself: she looks at the page and presses
the button.
"""

import base64
import binascii
import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config.second_factor import has_shown_factor, is_guarded
from messaging.sealing.crypto import SealError, open_sealed, seal

_KEY, _PLACE = "kept_form", "kept_form.fields"
_TOKEN = "csrfmiddlewaretoken"  # noqa: S105  # the name of a field
_LARGEST = 200_000


@dataclass(frozen=True, slots=True)
class KeptForm:
    """Hold what somebody sent, and where to."""

    user: int
    path: str
    fields: list[tuple[str, str]] = field(repr=False)


def read_form(request: HttpRequest) -> KeptForm | None:
    """Return what a browser sent as a form, or None: no form, a script's own matter, or a password."""
    mode = request.headers.get("Sec-Fetch-Mode", "navigate")
    if request.method != "POST" or mode != "navigate" or request.user.pk is None:
        return None
    if not is_guarded(request.path_info):
        return None
    fields = [
        (name, str(value))
        for name, values in request.POST.lists()
        for value in values
        if name != _TOKEN
    ]
    if not fields or sum(len(value) for _name, value in fields) > _LARGEST:
        return None
    return KeptForm(request.user.pk, request.get_full_path(), fields)


def keep_form(request: HttpRequest, form: KeptForm) -> None:
    """Put a form, sealed, into the session of a browser in which nobody is signed in any more."""
    row = uuid.uuid4()
    held = json.dumps([form.user, form.path, form.fields])
    sealed = base64.b64encode(seal(held, place=_PLACE, row=row)).decode()
    request.session[_KEY] = [str(row), sealed]


@require_safe
@never_cache
def show_kept_form(request: HttpRequest) -> HttpResponse:
    """Show who signed in again what she had sent, once."""
    if not has_shown_factor(request):
        return redirect("desk")
    form = _open(request.session.pop(_KEY, None))
    if form is None or form.user != request.user.pk:
        return redirect("desk")
    return render(request, "account/kept_form.html", {"form": form})


def _open(held: Any) -> KeptForm | None:
    if not isinstance(held, list):
        return None
    row, sealed = held
    try:
        opened = open_sealed(base64.b64decode(sealed), place=_PLACE, row=uuid.UUID(row))
    except (SealError, ValueError, binascii.Error):
        return None
    user, path, fields = json.loads(opened)
    return KeptForm(user, path, [(name, value) for name, value in fields])
