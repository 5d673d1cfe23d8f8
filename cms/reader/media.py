"""Recordings and small pictures, served to readers while something live shows them; nothing else is."""

import hashlib
import re

from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.http import require_safe
from wagtail.images.models import Rendition

from cms.models import ConsentScope, MessagePage, Recording, Story

# As long as the pages themselves: what is taken down must be gone soon.
KEPT_FOR_SECONDS = 300
TYPES = {
    "opus": "audio/ogg",
    "ogg": "audio/ogg",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "webp": "image/webp",
    "jpg": "image/jpeg",
    "png": "image/png",
}
POLICY = "default-src 'none'; sandbox"


@require_safe
def serve_media(request: HttpRequest, name: str) -> HttpResponse:
    """Serve a recording or a rendition of a picture: to everybody if it is live, else to staff."""
    mime = TYPES.get(name.rpartition(".")[2])
    # PostgreSQL cannot even be asked about a NUL.
    if mime is None or "\0" in name or not _is_ours(name):
        raise Http404
    live = _is_live(name)
    # The session is asked last, so that no reader's answer depends on a cookie.
    if not live and not request.user.has_perm("wagtailadmin.access_admin"):
        raise Http404
    with default_storage.open(name) as file:
        content = file.read()
    response = _answer(content, wanted=request.headers.get("Range", ""))
    response["Content-Type"] = mime
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = POLICY
    if not live:
        patch_cache_control(response, private=True, no_store=True)
        return response
    patch_cache_control(response, public=True, max_age=KEPT_FOR_SECONDS)
    # What stands under a name never changes: a new file gets a new one.
    response["ETag"] = f'"{hashlib.sha256(name.encode()).hexdigest()[:20]}"'
    return get_conditional_response(request, response["ETag"], None, response) or response


def _is_ours(name: str) -> bool:
    """Tell whether this is a recording or a rendition; an original picture or a document is not."""
    return (
        Recording.objects.filter(file=name).exists() or Rendition.objects.filter(file=name).exists()
    )


def _is_live(name: str) -> bool:
    messages = MessagePage.objects.live()
    if name.startswith("recordings/"):
        agreed = Recording.objects.filter(file=name, voice_agreed=True)
        stories = Story.objects.filter(live=True, recording__in=agreed).select_related("consent")
        told = any(story.consent.covers(ConsentScope.AUDIO) for story in stories)
        return told or bool(messages.filter(recording__in=agreed).exists())
    shown = Rendition.objects.filter(file=name).values("image")
    return bool(messages.filter(picture__in=shown).exists())


def _answer(content: bytes, *, wanted: str) -> HttpResponse:
    """Answer with all, or with the one stretch asked for: some phones play nothing without it."""
    size = len(content)
    found = re.fullmatch(r"bytes=(\d{0,12})-(\d{0,12})", wanted)
    if found is None or not any(found.groups()):
        response = HttpResponse(content)
    else:
        first, last = _bounds(*found.groups(), size=size)
        if first > last:
            response = HttpResponse(status=416)
            response["Content-Range"] = f"bytes */{size}"
        else:
            response = HttpResponse(content[first : last + 1], status=206)
            response["Content-Range"] = f"bytes {first}-{last}/{size}"
    response["Accept-Ranges"] = "bytes"
    return response


def _bounds(first: str, last: str, *, size: int) -> tuple[int, int]:
    if not first:  # the last so many bytes
        return max(0, size - int(last)), size - 1
    return int(first), min(int(last), size - 1) if last else size - 1
