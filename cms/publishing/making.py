"""Answers made in this process, through the whole handler, as a reader would get them."""

import io
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.utils import translation

from cms.publishing.asking import ORDER, Order


@dataclass(frozen=True, slots=True)
class Made:
    """One answer as it was made; `body` is not compressed, `headers` are all that went with it."""

    path: str
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    kind: str = ""
    language: str = ""
    title: str = ""


def make(path: str, *, anew: bool = False, keep: bool = True) -> Made:
    """Return the answer at an address, made where no fresh one is stored.

    `anew` makes it in any case; without `keep` it is stored nowhere, as a transaction needs that may
    still be rolled back.
    """
    request = WSGIRequest(_environment(path, Order(anew=anew, keep=keep)))
    # Whoever asks goes on in her own language.
    with translation.override(translation.get_language()):
        # Not the handler itself: it tells Django that a request has ended, which closes connections.
        response: Any = _handler().get_response(request)
        body = b"".join(response) if response.streaming else response.content
    kind, language, title = getattr(response, "made_as", ("", "", ""))
    return Made(
        path=path,
        status=response.status_code,
        body=body,
        headers=dict(response.items()),
        kind=kind,
        language=language,
        title=title,
    )


@cache
def _handler() -> WSGIHandler:
    return WSGIHandler()


def _environment(path: str, order: Order) -> dict[str, Any]:
    site = urlsplit(settings.PUBLIC_URL)
    is_secure = site.scheme == "https"
    return {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": "",
        "SERVER_NAME": site.hostname or "localhost",
        "SERVER_PORT": str(site.port or (443 if is_secure else 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": site.netloc,
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": site.scheme,
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        ORDER: order,
    }
