"""What each kind of address may do in a browser: the CMS, staff and readers, chosen by path.

Wagtail's admin still writes inline scripts (wagtail/wagtail#1288), so it alone gets 'unsafe-inline'.
"""

from typing import Any

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.middleware import CSPMiddleware
from django.http import HttpRequest, HttpResponseBase

from cms.reader.dressing import POLICY, RULES
from cms.reader.styles import STYLE_HASH

CMS_PREFIX = "/cms/"
STAFF_PREFIXES = ("/desk/", "/reach/", "/accounts/", "/i18n/", "/hooks/")
# Neither pages nor for readers.
PROGRAM_PREFIXES = ("/api/", "/healthz", "/metrics", "/static/")

SITE_POLICY: dict[str, Any] = {
    "default-src": [NONE],
    "script-src": [SELF],
    "style-src": [SELF],
    # "data:" lets a page say that it has no icon, which saves a request.
    "img-src": [SELF, "data:"],
    "media-src": [SELF],
    "connect-src": [SELF],
    "form-action": [SELF],
    "base-uri": [NONE],
    "object-src": [NONE],
    "frame-ancestors": [NONE],
}

# Readers' pages carry their style inline, known by its hash, so that one request paints them. Their
# one script is a file of ours, and so is the worker that keeps a route on the phone. Most pages bring
# this policy with the hash of their own, shorter style; it is sent where one does not.
READER_POLICY: dict[str, Any] = {
    **{name: words.split() for name, words in RULES.items()},
    "style-src": [STYLE_HASH],
}

READER_HEADERS = {
    # No site that she goes on to learns where she came from.
    "Referrer-Policy": "no-referrer",
    # Nothing of ours asks where she is, and nothing that gets into a page can.
    "Permissions-Policy": (
        "accelerometer=(),camera=(),geolocation=(),gyroscope=(),magnetometer=(),microphone=()"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
}

CMS_POLICY: dict[str, Any] = {
    "default-src": [SELF],
    "script-src": [SELF, UNSAFE_INLINE],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:", "blob:"],
    "connect-src": [SELF],
    "object-src": [NONE],
    "base-uri": [NONE],
    "form-action": [SELF],
    "frame-ancestors": [SELF],
}


def is_for_readers(path: str) -> bool:
    """Tell whether an address is on the readers' side, known or not."""
    return not path.startswith((CMS_PREFIX, *STAFF_PREFIXES, *PROGRAM_PREFIXES))


class PolicyMiddleware(CSPMiddleware):
    """Send the CMS policy below /cms/, the readers' one to readers, and else the strict one."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Add the policy, and what readers get beside it."""
        if is_for_readers(request.path_info):
            for name, value in READER_HEADERS.items():
                response[name] = value
        # A policy of its own stands, and no other is put together in vain.
        return response if POLICY in response else super().process_response(request, response)

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> Any:
        """Return the parts of the policy for this request."""
        parts = super().get_policy_parts(request, response, report_only)
        if report_only:
            return parts
        if request.path_info.startswith(CMS_PREFIX):
            parts.config = dict(CMS_POLICY)
        elif is_for_readers(request.path_info):
            parts.config = dict(READER_POLICY)
        # A preview of a draft stands in a frame beside its form.
        if getattr(request, "is_dummy", False):
            parts.config = {**(parts.config or {}), "frame-ancestors": [SELF]}
        return parts
