"""The language of an answer: chosen as Django does, without sending a missing page elsewhere."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware


class LanguageMiddleware(LocaleMiddleware):
    """Choose the language; redirect to an address with a language only from an unknown address.

    Django also redirects where a known page says 404, and below a language every address may be a
    Wagtail page: somebody else's broadcast would answer 302.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Leave a view's own 404 as it is."""
        if response.status_code == 404 and request.resolver_match is not None:
            return response
        return super().process_response(request, response)
