"""Callbacks first: what providers call goes straight to its view, past all that is for people.

A callback has no session, language, cookie or stored answer; a flood of forged ones should cost little,
for a STOP waits behind it.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import Resolver404, get_resolver
from django.utils import timezone

from messaging.receiving.refusals import refusals

PREFIX = "/hooks/"
# No page is shown here; what stands already is not put together anew by those who follow.
_POLICY, _NOTHING = "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"
_GetResponse = Callable[[HttpRequest], HttpResponseBase]


class CallbacksFirst:
    """Answer a provider's callback at once; leave everything else to those who follow."""

    def __init__(self, get_response: _GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Call the view that a callback is for."""
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        try:
            # Straight into the table of callbacks: the addresses of pages are not looked through.
            match = get_resolver("messaging.urls").resolve(request.path_info[len(PREFIX) - 1 :])
        except Resolver404:
            return self.get_response(request)
        request.resolver_match = match
        response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
        refusals.note(response.status_code, now=timezone.now())
        response.headers.setdefault(_POLICY, _NOTHING)
        if isinstance(response, HttpResponse):
            # Without it the answer goes out in chunks, as if nobody knew how long it is.
            response.headers.setdefault("Content-Length", str(len(response.content)))
        return response
