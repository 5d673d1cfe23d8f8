"""The language of an answer: the address says it, else the browser's wish among those we have.

Many languages have readers' pages, few have the interface. So outside of the readers' addresses only
the languages of the interface are chosen from, and a Wolof browser gets the desk in French.
"""

from collections.abc import Collection

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header

from cms.models import HomePage
from locales.languages import INTERFACE_LANGUAGES, LANGUAGES, LAST_RESORT


class LanguageMiddleware(LocaleMiddleware):
    """Choose the language; redirect to an address with a language only from an unknown address.

    Django also redirects where a known page says 404, and below a language every address may be a
    Wagtail page: somebody else's broadcast would answer 302.
    """

    def process_request(self, request: HttpRequest) -> None:
        """Take the language of the address, or else one of the interface's."""
        asked = translation.get_language_from_path(request.path_info)
        translation.activate(asked or choose_wished(request, INTERFACE_LANGUAGES))
        request.LANGUAGE_CODE = translation.get_language()

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Leave a view's own 404 as it is; lead others to the readers' pages in their language."""
        if response.status_code != 404:
            return super().process_response(request, response)
        if request.resolver_match is not None:
            return response
        homes = HomePage.objects.live().values_list("locale__language_code", flat=True)
        with translation.override(choose_wished(request, set(homes))):
            return super().process_response(request, response)


def choose_wished(request: HttpRequest, available: Collection[str]) -> str:
    """Return the first language the browser names that is available, or the nearest to one.

    What people say they read comes before what we believe they read.
    """
    named = _list_named(request)
    known = [LANGUAGES[name] for name in named if name in LANGUAGES]
    guessed = [code for language in known for code in language.fallbacks]
    return next((code for code in (*named, *guessed) if code in available), LAST_RESORT)


def _list_named(request: HttpRequest) -> list[str]:
    cookie = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    accepted = parse_accept_lang_header(request.headers.get("Accept-Language", ""))
    # A region says nothing that we could serve: fr-SN is French.
    return [name.partition("-")[0] for name in (cookie, *(name for name, _weight in accepted))]
