"""What every public answer carries: who may read it, how long it keeps, and one shape of error.

Nothing here depends on who asks, so no cookie is read or set and no session is opened.
"""

import hashlib
import json
from collections.abc import Callable
from copy import copy
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.text import compress_string
from django.views.decorators.csrf import csrf_exempt

# As long as the readers' pages, and for the same reason: a corrected fact must reach people soon.
KEPT_FOR_SECONDS = 300
METHODS = ("GET", "HEAD")
NOT_THERE = "There is nothing here to give. /api/v1/openapi.json lists what there is."
WORTH_COMPRESSING = 200


def answer(view: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a view so that every answer of it can be kept, compared and read from any site."""

    @csrf_exempt
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = _open_to_all(_finish(request, _ask(view, request, args, kwargs)))
        if request.method == "HEAD":
            response["Content-Length"] = str(len(response.content))
            response.content = b""
        return response

    return wrapped


def report(status: int, *mistakes: tuple[str | None, str]) -> HttpResponse:
    """Return an error: each mistake is the parameter it is about, if any, and what is wrong."""
    errors = [{"parameter": name, "message": message} for name, message in mistakes]
    body = json.dumps({"errors": errors}, ensure_ascii=False)
    return HttpResponse(body, status=status, content_type="application/json; charset=utf-8")


def _ask(
    view: Callable[..., Any], request: HttpRequest, args: Any, kwargs: dict[str, Any]
) -> HttpResponse:
    if request.method not in METHODS:
        response = report(405, (None, "This interface is for reading only: use GET."))
        response["Allow"] = ", ".join(METHODS)
        return response
    asked = copy(request)
    asked.method = "GET"
    try:
        given: HttpResponse = view(asked, *args, **kwargs)
    except Http404:
        return report(404, (None, NOT_THERE))
    return given


def _finish(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if response.status_code != 200:
        response["Cache-Control"] = "no-store"
        return response
    # The day and the language are in the body, so nothing else can make the answer another one.
    tag = hashlib.sha256(response.content).hexdigest()[:32]
    if _takes_gzip(request) and len(response.content) > WORTH_COMPRESSING:
        response.content = compress_string(response.content)
        response["Content-Encoding"] = "gzip"
        # A strong tag stands for these very bytes.
        tag += "-gzip"
    response["ETag"] = f'"{tag}"'
    response["Cache-Control"] = f"public, max-age={KEPT_FOR_SECONDS}"
    patch_vary_headers(response, ["Accept-Encoding"])
    known = get_conditional_response(request, etag=response["ETag"], response=response)
    return response if known is None else known


def _open_to_all(response: HttpResponse) -> HttpResponse:
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Expose-Headers"] = "ETag"
    return response


def _takes_gzip(request: HttpRequest) -> bool:
    wishes = request.headers.get("Accept-Encoding", "").replace(" ", "").lower().split(",")
    return any(
        wish == "gzip" or (wish.startswith("gzip;q=") and wish != "gzip;q=0") for wish in wishes
    )
