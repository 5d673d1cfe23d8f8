"""The language of an answer: the address says it, else the browser's wish among those we have.

Many languages have readers' pages, few have the interface. So outside of the readers' addresses only
the languages of the interface are chosen from, and a Wolof browser gets the desk in French.
"""

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.utils.cache import patch_vary_headers

from cms.reader.wishes import choose_wished, list_accepted
from config.policies import is_for_readers
from locales.languages import INTERFACE_LANGUAGES


class LanguageMiddleware(LocaleMiddleware):
    """Choose the language, and lead nobody anywhere.

    Django also redirects from an unknown address to one with a language. Below a language every
    address may be a page: somebody else's broadcast would answer 302.
    """

    def process_request(self, request: HttpRequest) -> None:
        """Take the language of the address, or else one of the interface's."""
        asked = translation.get_language_from_path(request.path_info)
        translation.activate(asked or choose_wished(_list_wishes(request), INTERFACE_LANGUAGES))
        request.LANGUAGE_CODE = translation.get_language()

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Say to caches that staff get a page in the language of their browser."""
        # What readers get is one answer for all, or it says itself what it depends on.
        if not is_for_readers(request.path_info):
            patch_vary_headers(response, ["Accept-Language"])
            response.headers.setdefault("Content-Language", str(translation.get_language()))
        return response


def _list_wishes(request: HttpRequest) -> list[str]:
    cookie = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "").partition("-")[0]
    return [cookie, *list_accepted(request.headers.get("Accept-Language", ""))]
