"""Content security policies: for the CMS, for staff and for readers, chosen by path.

Wagtail's admin still writes inline scripts (wagtail/wagtail#1288), so it alone gets 'unsafe-inline'.
"""

from typing import Any

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.middleware import CSPMiddleware
from django.http import HttpRequest, HttpResponseBase

from cms.styles import STYLE_HASH

CMS_PREFIX = "/cms/"
STAFF_PREFIXES = ("/desk/", "/reach/", "/accounts/", "/i18n/", "/hooks/")

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

# Readers' pages carry their style inline, known by its hash, so that one request paints them.
READER_POLICY: dict[str, Any] = {
    **SITE_POLICY,
    "script-src": [NONE],
    "style-src": [STYLE_HASH],
    "connect-src": [NONE],
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


class PolicyMiddleware(CSPMiddleware):
    """Send the CMS policy below /cms/, the strict one to staff, and the readers' one elsewhere."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> Any:
        """Return the parts of the policy for this request."""
        parts = super().get_policy_parts(request, response, report_only)
        if report_only:
            return parts
        if request.path.startswith(CMS_PREFIX):
            parts.config = dict(CMS_POLICY)
        elif not request.path.startswith(STAFF_PREFIXES):
            parts.config = dict(READER_POLICY)
        return parts
