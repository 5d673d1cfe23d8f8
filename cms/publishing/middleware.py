"""Stored answers before everything else: a page that stands ready costs one query.

Knows readers' answers only; what staff ask for, previews, recordings and pictures pass by untouched.
"""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers

from cms.publishing import storing
from cms.publishing.asking import ORDER, Order
from cms.publishing.compressing import SMALLEST, choose_encoding, compress, is_compressed
from cms.publishing.reading_texts import read_main
from cms.reader.dressing import POLICY, dress
from cms.reader.lost import answer_not_found
from cms.reader.shortening import note_opening
from cms.reader.tracing import Trace, is_tracing, trace
from locales.folding import fold_for_search

# What stands beside the readers' addresses.
ASIDE = (
    "/cms/",
    "/desk/",
    "/reach/",
    "/accounts/",
    "/i18n/",
    "/hooks/",
    "/api/",
    "/static/",
    "/media/",
    "/healthz",
    "/metrics",
)
# As long as recordings: what is taken down must be gone soon.
CACHED = "public, max-age=300"
# Said anew for each answer, or true of one request only.
UNKEPT = frozenset(
    {
        "cache-control",
        "content-encoding",
        "content-length",
        "content-type",
        "date",
        "etag",
        "expires",
        "last-modified",
        "vary",
    }
)
# What a browser would else take from an answer without a page, where laxer or other words are said.
TAKEN_OVER = ("Referrer-Policy", POLICY)


class StoredAnswers:
    """Answer readers with what is stored; store what is made for them."""

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        """Answer with what is stored, or have it made."""
        path = request.path
        # Wagtail sends a preview of a draft by the address under which the page itself stands.
        if path.startswith(ASIDE) or getattr(request, "is_dummy", False):
            return self.get_response(request)
        encoding = choose_encoding(request.META.get("HTTP_ACCEPT_ENCODING", ""))
        if "\0" in path:  # no page has such a name, and PostgreSQL refuses to look for it
            return send_compressed(answer_not_found(request), encoding)
        # What is made is compressed here, and kept uncompressed until then.
        request.META["HTTP_ACCEPT_ENCODING"] = ""
        if request.method not in {"GET", "HEAD"}:
            return send_compressed(dress(self.get_response(request)), encoding)
        order: Order = request.META.get(ORDER, Order())
        found = storing.find(
            path, encoding=encoding, now=timezone.now(), today=timezone.localdate()
        )
        if found.answer is not None and not order.anew:
            if is_tracing():  # it is asked for by another answer, which is made from the same
                storing.retrace(path)
            response = send(request, found.answer, encoding)
        else:
            response = self._make(request, encoding, order=order, exists=found.exists)
        if ORDER not in request.META:  # what the house asks itself nobody has opened
            note_opening(request, path, response)
        return response

    def _make(
        self, request: HttpRequest, encoding: str, *, order: Order, exists: bool
    ) -> HttpResponse:
        begun = storing.content_version()
        with trace() as noted:
            response = dress(self.get_response(request))
        if not _is_keepable(response, noted):
            if exists and order.keep:
                storing.forget(request.path)
            sent: HttpResponse = send_compressed(response, encoding)
            return sent
        answer = _read(response, noted)
        # What a query string asks for is not what the address alone asks for.
        if order.keep and request.method == "GET" and not request.META.get("QUERY_STRING"):
            packed = storing.pack(response.content)
            told = storing.Noted(begun, noted.used, noted.until, _fold(response))
            storing.keep(request.path, answer, told, packed=packed, now=timezone.now())
            return send(request, replace(answer, body=packed[encoding]), encoding)
        return send(request, replace(answer, body=compress(answer.body, encoding)), encoding)


def _is_keepable(response: Any, noted: Trace) -> bool:
    """Tell whether an answer is the same for everybody."""
    return (
        response.status_code == 200
        and noted.kind is not None
        and not response.streaming
        and not response.cookies
        and not response.has_header("Content-Encoding")
        and "cookie" not in response.get("Vary", "").lower()
    )


def _read(response: HttpResponse, noted: Trace) -> storing.Answer:
    body = response.content
    return storing.Answer(
        kind=str(noted.kind),
        language=noted.language,
        title=str(noted.title),
        etag=hashlib.sha256(body).hexdigest()[:20],
        content_type=response["Content-Type"],
        headers={name: value for name, value in response.items() if name.lower() not in UNKEPT},
        body=body,
    )


def _fold(response: HttpResponse) -> str:
    is_page = response["Content-Type"].startswith("text/html")
    return fold_for_search(read_main(response.content)) if is_page else ""


def send(request: HttpRequest, answer: storing.Answer, encoding: str) -> HttpResponse:
    """Answer with what is stored, or that the reader has it already."""
    response = HttpResponse(answer.body, content_type=answer.content_type)
    headers = response.headers
    for name, value in answer.headers.items():
        headers[name] = value
    if encoding != "identity":
        headers["Content-Encoding"] = encoding
    headers["Cache-Control"] = CACHED
    headers["Vary"] = "Accept-Encoding"
    headers["Content-Length"] = str(len(answer.body))
    headers["ETag"] = f'"{answer.etag}-{encoding}"'
    response.made_as = (answer.kind, answer.language, answer.title)  # type: ignore[attr-defined]
    if "HTTP_IF_NONE_MATCH" in request.META:
        response = _unchanged_or(request, response)
    if request.method == "HEAD":
        response.content = b""
    return response


def _unchanged_or(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    short = get_conditional_response(request, etag=response["ETag"], response=response)
    if short is not None and short is not response:
        # A browser takes the headers of this one over into what it has.
        for name in TAKEN_OVER:
            if name in response:
                short[name] = response[name]
    return short or response


def send_compressed(response: Any, encoding: str) -> Any:
    """Compress what is not kept: an answer to a search, a page that is not there."""
    if response.streaming or response.has_header("Content-Encoding"):
        return response
    if len(response.content) < SMALLEST or not is_compressed(response.get("Content-Type", "")):
        return response
    patch_vary_headers(response, ("Accept-Encoding",))
    if encoding != "identity":
        response.content = compress(response.content, encoding)
        response["Content-Encoding"] = encoding
    response["Content-Length"] = str(len(response.content))
    return response
