"""Assisted sign-up: one page that works with no network, its worker, and what takes records in.

The page that is kept on the phone names nobody: no person, no session, no token. Whoever sends first asks
for a token, and hears when she is signed out, so that nothing is lost then.
"""

import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from pathlib import Path
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.files.storage import default_storage
from django.http import Http404, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from campaigns.field import assisting
from campaigns.permissions import may_assist
from campaigns.reading import choices
from campaigns.views.requests import SignedIn, refuse
from cms.reader.addresses import countries_path
from cms.reader.finding import choose_home
from cms.reader.media import TYPES
from locales.countries import get_country
from locales.languages import LAST_RESORT, Language
from locales.languages import get_language as get_spoken
from messaging.consenting import wordings
from messaging.models import Wording
from messaging.models.subscribers import Purpose
from messaging.sealing.boxes import current_lock

_WORKER = Path(__file__).resolve().parent.parent / "static" / "desk" / "assist-worker.js"
_LARGEST = 16 * 1024
Answer = Callable[..., HttpResponse]


def _for_helpers(view: Answer) -> Answer:
    """Answer a script, which cannot follow a redirect to a page, in words it understands."""

    @wraps(view)
    def guard(request: SignedIn, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return JsonResponse({"state": "signed_out"}, status=401)
        if not may_assist(request.user):
            return JsonResponse({"state": "forbidden"}, status=403)
        return view(request, *args, **kwargs)

    return guard


@login_required
@require_safe
def show_assist(request: SignedIn) -> HttpResponse:
    """Show the page; what it needs with no network is all in it."""
    if not may_assist(request.user):
        return refuse(
            request, _("Only people who plan or approve for a partner can sign people up.")
        )
    context = {
        "assist": _gather(),
        "channels": choices.list_channels(),
        "help": countries_path(get_language() or LAST_RESORT),
    }
    response = render(request, "desk/assist.html", context)
    # The worker keeps it; nobody else has to.
    response["Cache-Control"] = "private, no-cache"
    return response


@login_required
@require_safe
def worker_script(request: SignedIn) -> HttpResponse:  # noqa: ARG001
    """Answer with the service worker, whose reach is this folder and nothing else."""
    response = HttpResponse(_WORKER.read_bytes(), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "private, no-cache"
    return response


@_for_helpers
@require_safe
@never_cache
def give_token(request: SignedIn) -> HttpResponse:
    """Give what sending needs."""
    return JsonResponse({"token": get_token(request)})


@_for_helpers
@require_POST
@never_cache
def take_record(request: SignedIn) -> HttpResponse:
    """Take one record in, say that it has to wait, or in words why it can never be taken."""
    try:
        if len(request.body) > _LARGEST:
            raise ValueError
        held = json.loads(request.body)
        uid, box = uuid.UUID(held["uid"]), dict(held["box"])
        age = timedelta(milliseconds=min(max(int(held["age"]), 0), 10**12))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return JsonResponse({"state": "refused", "why": _("Nothing could be read.")}, status=422)
    try:
        assisting.take(uid, box, age=age, now=timezone.now())
    except assisting.RecordRefused as refusal:
        return JsonResponse({"state": "refused", "why": str(refusal)}, status=422)
    except assisting.RecordWaits:
        return JsonResponse({"state": "waits"}, status=429)
    return JsonResponse({"state": "taken"})


@login_required
@require_safe
def give_voice(request: SignedIn, reference: str) -> HttpResponse:
    """Give the recording in which a wording is read aloud."""
    wording = get_object_or_404(Wording, reference=reference)
    voice = assisting.find_voice(wording) if may_assist(request.user) else None
    if voice is None:
        raise Http404
    with default_storage.open(str(voice.file.name)) as file:
        response = HttpResponse(file.read())
    response["Content-Type"] = TYPES.get(str(voice.file.name).rpartition(".")[2], "audio/ogg")
    response["Cache-Control"] = "private, max-age=86400"
    return response


# ---- What the page needs with no network -------------------------------------------------------


def _gather() -> dict[str, Any]:
    shown = get_language() or LAST_RESORT
    home = choose_home(shown)
    if home is None:
        raise Http404
    lock = current_lock()
    routes = choices.list_routes(choices.find_home(home.code))
    return {
        "lock": {"key": lock.key_id, "point": lock.text},
        "languages": [_speak(language) for language in choices.list_languages()],
        "countries": [
            (code, name, get_country(code).calling_code) for code, name in choices.list_open(shown)
        ],
        "routes": [(route.code, route.title.text, route.title.language) for route in routes],
        "token": reverse("desk_assist_token"),
        "send": reverse("desk_assist_send"),
        "worker": reverse("desk_assist_worker"),
    }


def _speak(language: Language) -> dict[str, Any]:
    """Return a language with what is read out in it, or in the nearest that there are words in."""
    words = {purpose: wordings.current(purpose, language.code) for purpose in Purpose.values}
    main = words[Purpose.MESSAGES]
    spoken = get_spoken(main.language)
    voice = assisting.find_voice(main)
    return {
        "code": language.code,
        "name": language.endonym,
        "spoken": spoken.code,
        "spoken_name": spoken.endonym,
        "direction": spoken.direction,
        "draft": not main.reviewed,
        "voice": reverse("desk_assist_voice", args=[main.reference]) if voice else "",
        **{purpose: {"ref": row.reference, "text": row.text} for purpose, row in words.items()},
    }
