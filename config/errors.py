"""Who answers where nothing is found or something fails: the readers' own pages, or Django for staff."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views import defaults

from cms.reader import lost
from config.policies import is_for_readers


def not_here(_request: HttpRequest, **_: str) -> HttpResponse:
    """Let nothing be at an address that a library would answer."""
    raise Http404


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404."""
    if is_for_readers(request.path_info):
        return lost.answer_not_found(request)
    return defaults.page_not_found(request, exception)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400."""
    if is_for_readers(request.path_info):
        return lost.answer_bad_request(request)
    return defaults.bad_request(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500."""
    if is_for_readers(request.path_info):
        return lost.answer_broken(request)
    return defaults.server_error(request)
